#include "door/front_door.h"

#include <algorithm>
#include <unistd.h>
#include <utility>

#include "base/text.h"

namespace orrery::door {

namespace {

constexpr Nanos kLongest = seconds(1);  // between two looks at the clock

}  // namespace

Result<std::unique_ptr<FrontDoor>> FrontDoor::open(const DoorOptions& options) {
  std::unique_ptr<FrontDoor> door(new FrontDoor());
  const auto started = door->start(options);
  if (!started) return fail(started.error());
  return door;
}

Result<void> FrontDoor::start(const DoorOptions& options) {
  sim::Config config = options.config;
  config.places.resize(std::max<std::size_t>(config.places.size(), config.members));
  for (std::uint32_t no = 1; no <= config.members; ++no) {
    const std::uint16_t port = no <= options.ports.size() ? options.ports[no - 1] : 0;
    auto acceptor = Acceptor::listen(options.host, port);
    if (!acceptor) return fail(acceptor.error());
    std::string& url = config.places[no - 1].client_url;
    if (url.empty()) url = text("http://{}:{}", options.host, (*acceptor)->port());
    GrpcOptions grpc_options;
    grpc_options.member = no;
    grpc_options.knows_newer_methods = config.version != server::Version::V3_4;
    auto grpc = GrpcServer::start(grpc_options, mailbox_);
    if (!grpc) return fail(grpc.error());
    endpoints_.push_back({.acceptor = std::move(*acceptor), .grpc = std::move(*grpc)});
  }
  live_ = std::make_unique<LiveWorld>(config, options.recording);
  const auto settled = live_->settle();
  if (!settled) return settled;
  began_ = std::chrono::steady_clock::now();
  began_at_ = live_->world().now();
  for (Endpoint& endpoint : endpoints_) {
    GrpcServer* grpc = endpoint.grpc.get();
    endpoint.acceptor->start({.http2 = [grpc](int descriptor) { grpc->adopt(descriptor); },
                              .http1 = [](int descriptor) { ::close(descriptor); }});
  }
  return {};
}

FrontDoor::~FrontDoor() {
  for (Endpoint& endpoint : endpoints_) endpoint.acceptor->stop();
  for (Endpoint& endpoint : endpoints_) endpoint.grpc->shutdown();
}

std::vector<std::string> FrontDoor::endpoints() const {
  std::vector<std::string> out;
  for (const Endpoint& endpoint : endpoints_) {
    out.push_back(text("{}:{}", endpoint.acceptor->host(), endpoint.acceptor->port()));
  }
  return out;
}

Nanos FrontDoor::now() const {
  const auto passed = std::chrono::steady_clock::now() - began_;
  return began_at_ + std::chrono::duration_cast<std::chrono::nanoseconds>(passed).count();
}

// Until something happens by itself.
Nanos FrontDoor::patience() const {
  const auto due = live_->next_due();
  if (!due) return kLongest;
  return std::clamp(Nanos(*due - now()), Nanos(0), kLongest);
}

void FrontDoor::run() {
  while (!stopping_) {
    turn(mailbox_.take(patience()));
  }
}

void FrontDoor::turn(const std::vector<Arrival>& arrivals) {
  if (arrivals.empty()) {
    (void)live_->run_until(now());
  } else {
    live_->let_in(arrivals, now());
  }
  deliver();
}

void FrontDoor::deliver() {
  for (const client::Told& told : live_->take_told()) {
    for (const Endpoint& endpoint : endpoints_) {
      if (endpoint.grpc->deliver(told)) break;
    }
  }
}

void FrontDoor::stop() {
  stopping_ = true;
  mailbox_.ring();
}

}  // namespace orrery::door
