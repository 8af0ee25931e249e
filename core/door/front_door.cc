#include "door/front_door.h"

#include <algorithm>
#include <unistd.h>
#include <utility>

#include "base/check.h"
#include "base/text.h"
#include "datadir/archive.h"
#include "host/data_dir.h"
#include "proto/methods.h"
#include "proto/rpc_codec.h"

namespace orrery::door {

namespace {

constexpr Nanos kLongest = seconds(1);    // between two looks at the clock
constexpr Nanos kProbeTime = seconds(2);  // until a read that is not answered counts as failed

// By the host's clock. From a later year than Unix's: the longest leases must still fit behind it.
Nanos since_2026() {
  constexpr std::int64_t kBegin = 1'767'225'600;  // units: seconds of Unix time
  const auto now = std::chrono::system_clock::now().time_since_epoch();
  return Nanos(std::chrono::duration_cast<std::chrono::nanoseconds>(now).count()) -
         seconds(kBegin).value();
}

std::string name_of(const Acceptor& acceptor) {
  return text("{}:{}", acceptor.host(), acceptor.port());
}

Departure departure_of(const client::Told& told) {
  Departure out{.ticket = told.ticket, .message = {}, .error = told.error, .is_last = told.is_last};
  if (told.error) return out;
  if (const auto* response = std::get_if<rpc::WatchResponse>(&told.what)) {
    out.message = rpc::encode(*response);
  } else {
    out.message = rpc::encode_response(std::get<rpc::Response>(told.what));
  }
  return out;
}

// That the read is not allowed to nobody shows that the member lives.
std::string trouble_of(const client::Told& told) {
  if (!told.error) return {};
  const bool is_refusal =
      told.error->code == Errc::UserEmpty || told.error->code == Errc::PermissionDenied;
  return is_refusal ? "" : "RANGE ERROR:" + told.error->detail;
}

}  // namespace

Result<std::unique_ptr<FrontDoor>> FrontDoor::open(const DoorOptions& options) {
  std::unique_ptr<FrontDoor> door(new FrontDoor());
  const auto started = door->start(options);
  if (!started) return fail(started.error());
  return door;
}

Result<void> FrontDoor::listen(const std::vector<Address>& addresses,
                               std::vector<std::unique_ptr<Acceptor>>& out) {
  for (const Address& address : addresses) {
    auto acceptor = Acceptor::listen(address.host, address.port);
    if (!acceptor) return fail(acceptor.error());
    out.push_back(std::move(*acceptor));
  }
  return {};
}

Result<void> FrontDoor::add_endpoint(const DoorOptions& options, std::uint32_t no) {
  const DoorOptions::Place& place = options.places[no - 1];
  Endpoint endpoint;
  auto listening = listen(place.clients, endpoint.clients);
  if (listening) listening = listen(place.metrics, endpoint.metrics);
  if (!listening) return listening;
  if (!place.data_dir.empty()) {
    auto mirror = host::DiskMirror::open(place.data_dir);
    if (!mirror) return fail(mirror.error());
    endpoint.mirror = std::move(*mirror);
  }
  GrpcOptions grpc_options;
  grpc_options.member = no;
  grpc_options.max_request_bytes = options.config.timing.max_request_bytes;
  grpc_options.knows_newer_methods = options.config.version != server::Version::V3_4;
  auto grpc = GrpcServer::start(grpc_options, mailbox_);
  if (!grpc) return fail(grpc.error());
  endpoint.grpc = std::move(*grpc);
  endpoint.http = std::make_unique<HttpDesk>(no, mailbox_);
  endpoints_.push_back(std::move(endpoint));
  return {};
}

Result<void> FrontDoor::start(const DoorOptions& options) {
  sim::Config config = options.config;
  check(options.places.size() == config.members, "there is a place for each member");
  config.places.resize(config.members);
  for (std::uint32_t no = 1; no <= config.members; ++no) {
    const auto added = add_endpoint(options, no);
    if (!added) return added;
    std::string& url = config.places[no - 1].client_url;
    if (url.empty()) url = "http://" + endpoints().back();
  }
  live_ = std::make_unique<LiveWorld>(config, options.recording);
  if (const auto loaded = load_disks(); !loaded) return loaded;
  live_->watch_steps([this](const sim::World& world) { mirror_disks(world); });
  const auto settled = live_->settle();
  if (!settled) return settled;
  if (broken_) return fail(*broken_);
  began_ = std::chrono::steady_clock::now();
  began_at_ = live_->world().now();
  for (Endpoint& endpoint : endpoints_) open_endpoint(endpoint);
  return {};
}

// A folder with a member's files in it is that member's disk; an empty one becomes what the newborn has.
Result<void> FrontDoor::load_disks() {
  std::vector<std::uint32_t> loaded;
  for (std::size_t i = 0; i < endpoints_.size(); ++i) {
    host::DiskMirror* mirror = endpoints_[i].mirror.get();
    const auto no = static_cast<std::uint32_t>(i + 1);
    if (mirror == nullptr || !mirror->has_member()) continue;
    const auto disk = host::read_data_dir(mirror->folder());
    if (!disk) return fail(disk.error());
    const auto installed =
        live_->act(sim::Install{.member = no, .archive = Blob(datadir::pack(*disk))});
    if (!installed) return installed;
    mirror->adopt(live_->world().member(no).disk());
    loaded.push_back(no);
  }
  // Ids of requests and leases are made of the time of a start: it must not come again.
  if (loaded.size() == endpoints_.size()) {
    const auto waited = live_->act(sim::Wait{.until = since_2026()});
    if (!waited) return waited;
  }
  for (const std::uint32_t no : loaded) {
    const auto started = live_->act(sim::Restart{.member = no});
    if (!started) return started;
    const server::Member& member = live_->world().member(no);
    if (!member.up()) return fail(Errc::WrongUse, "panic: " + member.panic_text());
  }
  mirror_disks(live_->world());
  return {};
}

void FrontDoor::mirror_disks(const sim::World& world) {
  for (std::size_t i = 0; i < endpoints_.size() && !broken_; ++i) {
    if (endpoints_[i].mirror == nullptr) continue;
    const auto no = static_cast<std::uint32_t>(i + 1);
    const auto done = endpoints_[i].mirror->follow(world.member(no).disk());
    if (!done) broken_ = done.error();
  }
}

void FrontDoor::open_endpoint(Endpoint& endpoint) {
  GrpcServer* grpc = endpoint.grpc.get();
  HttpDesk* http = endpoint.http.get();
  for (const auto& acceptor : endpoint.clients) {
    acceptor->start({.http2 = [grpc](int descriptor) { grpc->adopt(descriptor); },
                     .http1 = [http](int descriptor) { http->adopt(descriptor); }});
  }
  for (const auto& acceptor : endpoint.metrics) {
    acceptor->start({.http2 = [](int descriptor) { ::close(descriptor); },
                     .http1 = [http](int descriptor) { http->adopt(descriptor); }});
  }
}

FrontDoor::~FrontDoor() {
  for (Endpoint& endpoint : endpoints_) {
    for (const auto& acceptor : endpoint.clients) acceptor->stop();
    for (const auto& acceptor : endpoint.metrics) acceptor->stop();
    endpoint.http->stop();
  }
  for (Endpoint& endpoint : endpoints_) endpoint.grpc->shutdown();
}

std::vector<std::string> FrontDoor::endpoints() const {
  std::vector<std::string> out;
  out.reserve(endpoints_.size());
  for (const Endpoint& endpoint : endpoints_) out.push_back(name_of(*endpoint.clients.front()));
  return out;
}

std::vector<std::string> FrontDoor::metrics_endpoints() const {
  std::vector<std::string> out;
  for (const Endpoint& endpoint : endpoints_) {
    for (const auto& acceptor : endpoint.metrics) out.push_back(name_of(*acceptor));
  }
  return out;
}

Nanos FrontDoor::now() const {
  const auto passed = std::chrono::steady_clock::now() - began_;
  return began_at_ + std::chrono::duration_cast<std::chrono::nanoseconds>(passed).count();
}

// Until something happens by itself.
Nanos FrontDoor::patience() const {
  if (!asides_.empty()) return Nanos(0);
  const auto due = live_->next_due();
  if (!due) return kLongest;
  return std::clamp(Nanos(*due - now()), Nanos(0), kLongest);
}

Result<void> FrontDoor::run() {
  while (!stopping_ && !broken_) {
    turn(mailbox_.take(patience()));
  }
  if (broken_) return fail(*broken_);
  return {};
}

void FrontDoor::turn(std::vector<Letter> letters) {
  std::vector<Arrival> arrivals = std::exchange(asides_, {});
  for (Letter& letter : letters) {
    if (const auto* look = std::get_if<Look>(&letter)) {
      show(*look, arrivals);
    } else if (const auto* asked = std::get_if<HouseAsked>(&letter)) {
      recipes_.begin({.arrivals = arrivals, .departures = departures_}, *asked);
    } else {
      admit(std::move(std::get<Arrival>(letter)), arrivals);
    }
  }
  end_late_probes(arrivals);
  if (arrivals.empty()) {
    (void)live_->run_until(now());
  } else {
    live_->let_in(arrivals, now());
  }
  deliver();
}

// A farewell may be a recipe's: then it is for the recipe to take leave of whom it has asked.
void FrontDoor::admit(Arrival arrival, std::vector<Arrival>& arrivals) {
  const auto* gone = std::get_if<Gone>(&arrival);
  const Recipes::Desk desk{.arrivals = arrivals, .departures = departures_};
  if (gone != nullptr && recipes_.leave(desk, gone->ticket)) return;
  arrivals.push_back(std::move(arrival));
}

void FrontDoor::show(const Look& look, std::vector<Arrival>& arrivals) {
  const sim::World& world = live_->world();
  if (const auto probe = probe_of(look.path, world.config().version)) {
    begin_probe(look, *probe, arrivals);
  } else if (look.path == "/version") {
    give(look, version_page(world, look.member));
  } else if (look.path == "/metrics") {
    give(look, metrics_page(world, look.member));
  } else {
    give(look, not_found_page());
  }
}

void FrontDoor::give(const Look& look, const Page& page) {
  endpoints_[look.member - 1].http->deliver(look.ticket, page);
}

void FrontDoor::begin_probe(const Look& look, Probe probe, std::vector<Arrival>& arrivals) {
  const sim::World& world = live_->world();
  constexpr std::string_view kExclude = "exclude=";
  const std::string_view query = look.query;
  const std::string_view exclude =
      query.starts_with(kExclude) ? query.substr(kExclude.size()) : std::string_view();
  const std::string reason = ailment(world, look.member, probe, exclude);
  if (!reason.empty()) return give(look, probe_page(probe, world.config().version, reason));
  rpc::RangeRequest range;
  range.key = Blob("health");
  range.serializable = reads_serializable(probe);
  const Ticket read = new_ticket();
  probes_[read] = {.member = look.member,
                   .look = look.ticket,
                   .probe = probe,
                   .deadline = now() + kProbeTime.value()};
  arrivals.emplace_back(Asked{
      .ticket = read, .caller = {.member = look.member, .peer = "a probe"}, .request = range});
}

void FrontDoor::end_probe(Ticket read, const std::string& reason) {
  const auto found = probes_.find(read);
  if (found == probes_.end()) return;
  const Probing probing = found->second;
  probes_.erase(found);
  const Page page = probe_page(probing.probe, live_->world().config().version, reason);
  endpoints_[probing.member - 1].http->deliver(probing.look, page);
}

void FrontDoor::end_late_probes(std::vector<Arrival>& arrivals) {
  std::vector<Ticket> late;
  for (const auto& [read, probing] : probes_) {
    if (probing.deadline <= now()) late.push_back(read);
  }
  for (const Ticket read : late) {
    arrivals.emplace_back(Gone{.ticket = read});
    end_probe(read, "QGET ERROR:context deadline exceeded");
  }
}

// Recipes ask on: what they want is let in with the next turn.
void FrontDoor::deliver() {
  if (broken_) return;
  for (const client::Told& told : live_->take_told()) {
    if (probes_.contains(told.ticket)) {
      end_probe(told.ticket, trouble_of(told));
    } else if (!recipes_.hear({.arrivals = asides_, .departures = departures_}, told)) {
      departures_.push_back(departure_of(told));
    }
  }
  for (const Departure& departure : std::exchange(departures_, {})) {
    for (const Endpoint& endpoint : endpoints_) {
      if (endpoint.grpc->deliver(departure)) break;
    }
  }
}

void FrontDoor::stop() {
  stopping_ = true;
  mailbox_.ring();
}

}  // namespace orrery::door
