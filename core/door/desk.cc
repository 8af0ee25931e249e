#include "door/desk.h"

#include <string_view>
#include <utility>

#include "proto/methods.h"
#include "proto/rpc_codec.h"

namespace orrery::door {

namespace {

constexpr Nanos kProbeTime = seconds(2);  // until a read that is not answered counts as failed

Departure departure_of(const client::Told& told) {
  Departure out{.ticket = told.ticket, .message = {}, .error = told.error, .is_last = told.is_last};
  if (told.error) return out;
  if (const auto* response = std::get_if<rpc::WatchResponse>(&told.what)) {
    out.message = rpc::encode(*response);
    out.may_wait = !response->events.empty();
  } else {
    out.message = rpc::encode_response(std::get<rpc::Response>(told.what));
  }
  return out;
}

// Whose token the letter brings; null = nobody's.
Caller* caller_in(Arrival& arrival) {
  if (auto* asked = std::get_if<Asked>(&arrival)) return &asked->caller;
  auto* watch = std::get_if<WatchAsked>(&arrival);
  return watch == nullptr ? nullptr : &watch->caller;
}

Caller* caller_in(Letter& letter) {
  if (auto* asked = std::get_if<HouseAsked>(&letter)) return &asked->caller;
  auto* arrival = std::get_if<Arrival>(&letter);
  return arrival == nullptr ? nullptr : caller_in(*arrival);
}

// That the read is not allowed to nobody shows that the member lives.
std::string trouble_of(const client::Told& told) {
  if (!told.error) return {};
  const bool is_refusal =
      told.error->code == Errc::UserEmpty || told.error->code == Errc::PermissionDenied;
  return is_refusal ? "" : "RANGE ERROR:" + told.error->detail;
}

}  // namespace

std::vector<Arrival> Desk::sort(std::vector<Letter> letters, const sim::World& world, Nanos now) {
  std::vector<Arrival> arrivals = std::exchange(asides_, {});
  for (Letter& letter : letters) {
    if (Caller* caller = caller_in(letter)) tokens_.inward(caller->token, world);
    if (const auto* look = std::get_if<Look>(&letter)) {
      show(*look, world, now, arrivals);
    } else if (const auto* asked = std::get_if<HouseAsked>(&letter)) {
      recipes_.begin({.arrivals = arrivals, .departures = departures_}, *asked);
    } else {
      admit(std::move(std::get<Arrival>(letter)), arrivals);
    }
  }
  end_late_probes(world, now, arrivals);
  return arrivals;
}

// A farewell may be a recipe's: then it is for the recipe to take leave of whom it has asked.
void Desk::admit(Arrival arrival, std::vector<Arrival>& arrivals) {
  const auto* gone = std::get_if<Gone>(&arrival);
  const Recipes::Desk desk{.arrivals = arrivals, .departures = departures_};
  if (gone != nullptr && recipes_.leave(desk, gone->ticket)) return;
  arrivals.push_back(std::move(arrival));
}

void Desk::show(const Look& look, const sim::World& world, Nanos now,
                std::vector<Arrival>& arrivals) {
  if (const auto probe = probe_of(look.path, world.config().version)) {
    begin_probe(look, *probe, world, now, arrivals);
  } else if (look.path == "/version") {
    endpoints_->give(look, version_page(world, look.member));
  } else if (look.path == "/metrics") {
    Tally tally = endpoints_->tally(look.member);
    tally.leader_changes = leaders_[look.member].changes;
    endpoints_->give(look, metrics_page(world, look.member, tally));
  } else {
    endpoints_->give(look, not_found_page());
  }
}

void Desk::begin_probe(const Look& look, Probe probe, const sim::World& world, Nanos now,
                       std::vector<Arrival>& arrivals) {
  constexpr std::string_view kExclude = "exclude=";
  const std::string_view query = look.query;
  const std::string_view exclude =
      query.starts_with(kExclude) ? query.substr(kExclude.size()) : std::string_view();
  const std::string reason = ailment(world, look.member, probe, exclude);
  if (!reason.empty()) {
    return endpoints_->give(look, probe_page(probe, world.config().version, reason));
  }
  rpc::RangeRequest range;
  range.key = Blob("health");
  range.serializable = reads_serializable(probe);
  const Ticket read = new_ticket();
  probes_[read] = {.look = look, .probe = probe, .deadline = now + kProbeTime.value()};
  arrivals.emplace_back(Asked{
      .ticket = read, .caller = {.member = look.member, .peer = "a probe"}, .request = range});
}

void Desk::end_probe(Ticket read, const std::string& reason, const sim::World& world) {
  const auto found = probes_.find(read);
  if (found == probes_.end()) return;
  const Probing probing = found->second;
  probes_.erase(found);
  endpoints_->give(probing.look, probe_page(probing.probe, world.config().version, reason));
}

void Desk::end_late_probes(const sim::World& world, Nanos now, std::vector<Arrival>& arrivals) {
  std::vector<Ticket> late;
  for (const auto& [read, probing] : probes_) {
    if (probing.deadline <= now) late.push_back(read);
  }
  for (const Ticket read : late) {
    arrivals.emplace_back(Gone{.ticket = read});
    end_probe(read, "QGET ERROR:context deadline exceeded", world);
  }
}

// Recipes ask on: what they want is let in with the next turn.
void Desk::hear(const client::Told& told, const sim::World& world) {
  if (probes_.contains(told.ticket)) {
    end_probe(told.ticket, trouble_of(told), world);
  } else if (!recipes_.hear({.arrivals = asides_, .departures = departures_}, told)) {
    const auto outside = tokens_.outward(told);
    departures_.push_back(departure_of(outside ? *outside : told));
  }
}

void Desk::look_for_leaders(const sim::World& world) {
  constexpr std::int64_t kLooks = 3;
  const server::Timing& timing = world.config().timing;
  const std::int64_t every = timing.tick.value() * timing.election_ticks;
  for (std::uint32_t no = 1; no <= world.member_count(); ++no) {
    const server::Member& member = world.member(no);
    if (member.up()) leaders_[no].see(member.running().seen_leader);
    if (!member.up() || member.running().seen_leader != NodeId(0)) {
      ends_.erase(no);
      continue;
    }
    const std::int64_t first = (world.now().value() / every + 1) * every;
    const Nanos end = ends_.try_emplace(no, Nanos(first + (kLooks - 1) * every)).first->second;
    if (world.now() >= end) endpoints_->end_leaderless(no);
  }
}

void Desk::send() {
  send_answers();
  endpoints_->flush();
}

void Desk::send_answers() {
  for (const Departure& departure : std::exchange(departures_, {})) endpoints_->deliver(departure);
  endpoints_->flush_answers();
}

}  // namespace orrery::door
