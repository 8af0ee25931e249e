#include "door/endpoints.h"

#include <algorithm>
#include <unistd.h>
#include <utility>

#include "base/text.h"

namespace orrery::door {

namespace {

std::string name_of(const Address& address) {
  return text("{}:{}", address.host, address.port);
}

}  // namespace

Endpoints::~Endpoints() {
  close();
}

Result<void> Endpoints::listen_at(std::vector<Address>& addresses,
                                  std::vector<std::unique_ptr<Acceptor>>& out) {
  for (Address& address : addresses) {
    auto acceptor = Acceptor::listen(address.host, address.port);
    if (!acceptor) return fail(acceptor.error());
    address.port = (*acceptor)->port();
    out.push_back(std::move(*acceptor));
  }
  return {};
}

Result<void> Endpoints::make(std::size_t at) {
  auto made = std::make_unique<Endpoint>();
  auto listening = listen_at(posts_[at].clients, made->clients);
  if (listening) listening = listen_at(posts_[at].metrics, made->metrics);
  if (!listening) return listening;
  GrpcOptions options = grpc_;
  options.member = static_cast<std::uint32_t>(at + 1);
  auto grpc = GrpcServer::start(options, mailbox_);
  if (!grpc) return fail(grpc.error());
  made->grpc = std::move(*grpc);
  made->http = std::make_unique<HttpDesk>(options.member, mailbox_);
  if (!tls_.empty()) {
    auto desk = TlsDesk::open(tls_);
    if (!desk) return fail(desk.error());
    made->tls = std::move(*desk);
  }
  endpoints_[at] = std::move(made);
  return {};
}

Result<void> Endpoints::listen(const sim::Config& config, const std::vector<Post>& posts,
                               const TlsOptions& tls) {
  posts_ = posts;
  tls_ = tls;
  grpc_.max_request_bytes = config.timing.max_request_bytes;
  grpc_.knows_newer_methods = config.version != server::Version::V3_4;
  endpoints_.resize(posts.size());
  for (std::size_t at = 0; at < posts.size(); ++at) {
    const auto made = make(at);
    if (!made) return made;
  }
  return {};
}

void Endpoints::open(Endpoint& endpoint) {
  GrpcServer* grpc = endpoint.grpc.get();
  HttpDesk* http = endpoint.http.get();
  TlsDesk* tls = endpoint.tls.get();
  if (tls != nullptr) {
    tls->start({.http2 = [grpc](int inner, const std::string& user) { grpc->adopt(inner, user); },
                .http1 = [http](int inner) { http->adopt(inner); }});
  }
  for (const auto& acceptor : endpoint.clients) {
    Acceptor::Handlers handlers{.http2 = [grpc](int descriptor) { grpc->adopt(descriptor); },
                                .http1 = [http](int descriptor) { http->adopt(descriptor); },
                                .any = {}};
    if (tls != nullptr) handlers.any = [tls](int descriptor) { tls->adopt(descriptor); };
    acceptor->start(std::move(handlers));
  }
  for (const auto& acceptor : endpoint.metrics) {
    acceptor->start({.http2 = [](int descriptor) { ::close(descriptor); },
                     .http1 = [http](int descriptor) { http->adopt(descriptor); },
                     .any = {}});
  }
}

void Endpoints::open() {
  for (const auto& endpoint : endpoints_) open(*endpoint);
}

void Endpoints::follow(const sim::World& world) {
  const std::size_t count = std::min<std::size_t>(endpoints_.size(), world.member_count());
  for (std::size_t at = 0; at < count; ++at) {
    const bool is_up = world.member(static_cast<std::uint32_t>(at + 1)).up();
    std::unique_ptr<Endpoint>& endpoint = endpoints_[at];
    if (is_up == (endpoint != nullptr)) continue;
    if (is_up) {
      // The port may be somebody else's by now: the next look tries again.
      if (make(at)) open(*endpoint);
    } else {
      close(*endpoint);
      endpoint.reset();
    }
  }
}

void Endpoints::close(Endpoint& endpoint) {
  endpoint.clients.clear();
  endpoint.metrics.clear();
  if (endpoint.tls != nullptr) endpoint.tls->stop();
  endpoint.http->stop();
  endpoint.grpc->shutdown();
}

void Endpoints::close() {
  for (const auto& endpoint : endpoints_) {
    if (endpoint != nullptr) close(*endpoint);
  }
  endpoints_.clear();
}

GrpcServer* Endpoints::grpc_of(std::uint32_t member) const {
  const bool there = member <= endpoints_.size() && endpoints_[member - 1] != nullptr;
  return there ? endpoints_[member - 1]->grpc.get() : nullptr;
}

void Endpoints::deliver(const Departure& departure) {
  for (const auto& endpoint : endpoints_) {
    if (endpoint != nullptr && endpoint->grpc->deliver(departure)) return;
  }
}

void Endpoints::give(const Look& look, const Page& page) {
  const auto& endpoint = endpoints_[look.member - 1];
  if (endpoint != nullptr) endpoint->http->deliver(look.ticket, page);
}

void Endpoints::end_leaderless(std::uint32_t member) {
  if (GrpcServer* grpc = grpc_of(member)) grpc->end_leaderless();
}

Tally Endpoints::tally(std::uint32_t member) const {
  GrpcServer* grpc = grpc_of(member);
  return grpc == nullptr ? Tally() : grpc->tally();
}

void Endpoints::turn_out(const Error& error) {
  for (const auto& endpoint : endpoints_) {
    if (endpoint != nullptr) endpoint->grpc->turn_out(error);
  }
}

std::vector<std::string> Endpoints::clients() const {
  std::vector<std::string> out;
  out.reserve(posts_.size());
  for (const Post& post : posts_) out.push_back(name_of(post.clients.front()));
  return out;
}

std::vector<std::string> Endpoints::metrics() const {
  std::vector<std::string> out;
  for (const Post& post : posts_) {
    for (const Address& address : post.metrics) out.push_back(name_of(address));
  }
  return out;
}

}  // namespace orrery::door
