// World: carrying out actions. The agenda's upkeep is in agenda.cc.
#include "sim/world.h"

#include <algorithm>
#include <utility>

#include "base/check.h"
#include "base/text.h"

namespace orrery::sim {

using server::Address;
using server::Member;
using server::Packet;
using server::Step;

World::World() : World(Config{}) {}

World::World(Config config) : config_(std::move(config)) {
  const Guards guards;
  Step step(now_, config_.seed, config_.timing, guards, nullptr);
  server::ClusterPlan plan =
      server::plan_cluster(config_.members, config_.version, config_.places, config_.token);
  for (std::uint32_t no = 1; no <= config_.members; ++no) {
    plan.quirks = no <= config_.quirks.size() ? config_.quirks[no - 1] : server::QuirkSet{};
    members_.emplace_back(Member(no, plan));
    server::boot(step, edit_member(no));
    refresh_member(no);
  }
  check(step.outbox().empty(), "nobody speaks before the first action");
}

const Member& World::member(std::uint32_t no) const {
  check(no >= 1 && no <= members_.size(), "the member exists");
  return *members_[no - 1];
}

bool World::shares_member(const World& other, std::uint32_t no) const {
  return no <= other.members_.size() && members_[no - 1].same_box(other.members_[no - 1]);
}

Member& World::edit_member(std::uint32_t no) {
  check(no >= 1 && no <= members_.size(), "the member exists");
  return members_[no - 1].edit();
}

client::Client& World::edit_client(std::uint32_t no) {
  if (!clients_.contains(no)) {
    clients_.put(no, Shared<client::Client>(client::Client(no, member_count())));
  }
  return clients_.edit(no)->edit();
}

Digest World::digest() const {
  Digest out = 0;
  fields([&](const char*, const auto& field) { out = combine(out, digest_of(field)); });
  return out;
}

std::uint32_t World::number_of(NodeId id) const {
  for (const auto& member : members_) {
    if (member->id() == id) return member->no();
  }
  return 0;
}

Result<void> World::perform(const Action& action, std::vector<std::string>* notes) {
  return perform_guarded(action, Guards(), notes);
}

Explanation World::explain(const Action& action) const {
  Explanation out;
  World copy = *this;
  out.outcome = copy.perform_guarded(action, Guards(&out.guards), &out.notes);
  for (GuardRecord& record : out.guards) name_members(record);
  return out;
}

// Raft's ids mean nothing to people: where a guard compared one, its member's number stands instead.
void World::name_members(GuardRecord& record) const {
  for (auto& [name, value] : record.facts) {
    const std::uint32_t no = number_of(NodeId(static_cast<std::uint64_t>(value)));
    if (no != 0) value = no;
  }
}

// One action in the making: the step its phases see, and when it happens.
struct World::Effects {
  const Guards& guards;
  std::vector<std::string>* notes;

  Step step(const World& world) const { return step_at(world, world.now_); }

  // A member's step sees the time that its own clock shows.
  Step step(const World& world, std::uint32_t member) const {
    return step_at(world, world.clock_of(member));
  }

  Step step_at(const World& world, Nanos now) const {
    return {now, world.config_.seed, world.config_.timing, guards, notes};
  }
};

Result<void> World::perform_guarded(const Action& action, const Guards& guards,
                                    std::vector<std::string>* notes) {
  Effects effects{.guards = guards, .notes = notes};
  told_.clear();
  const Result<void> done =
      std::visit([&](const auto& held) { return act(effects, held); }, action);
  if (done) ++steps_;
  return done;
}

Result<void> World::possible(const Deliver& action, const Guards& guards) const {
  const MessageId& id = action.message;
  const InFlight* head = network_.front({id.from, id.to, id.channel});
  if (!guards(head != nullptr && head->number == id.number,
              "the message is the first on its channel")) {
    return fail(Errc::WrongUse,
                text("{}: not the first message on its channel", to_text(Action(action))));
  }
  if (!guards(!network_.is_cut(id.from, id.to), "the link carries")) {
    return fail(Errc::WrongUse, text("{}: the link is cut", to_text(Action(action))));
  }
  return {};
}

Result<void> World::act(Effects& effects, const Deliver& action) {
  const auto allowed = possible(action, effects.guards);
  if (!allowed) return allowed;
  const MessageId& id = action.message;
  const ChannelId channel{id.from, id.to, id.channel};
  unschedule_head(channel);
  now_ = std::max(now_, network_.front(channel)->due);
  const Packet packet = network_.take(id);
  schedule_head(channel);

  if (id.to.kind == Address::Kind::Client) {
    Step step = effects.step(*this);
    edit_client(id.to.no).receive(step, packet);
    run_errands(effects, step, id.to.no);
    return {};
  }
  Step step = effects.step(*this, id.to.no);
  Member& member = edit_member(id.to.no);
  if (!effects.guards(member.up(), "the addressee is up", {{"member", id.to.no}})) {
    if (id.from.kind == Address::Kind::Client) {
      step.send({id.to, id.from, server::Channel::Calls, server::ConnectionReset{.refused = true}});
    }
    flush(step);
    return {};
  }
  try {
    server::deliver(step, member, packet);
  } catch (const server::MemberPanic& panic) {
    panicked(id.to.no, panic.text);
  }
  flush(step);
  refresh_member(id.to.no);
  return {};
}

Result<void> World::act(Effects& /*effects*/, const Drop& action) {
  if (network_.find(action.message) == nullptr) {
    return fail(Errc::WrongUse, text("{}: no such message in flight", to_text(Action(action))));
  }
  const ChannelId channel{action.message.from, action.message.to, action.message.channel};
  unschedule_head(channel);
  network_.take(action.message);
  schedule_head(channel);
  return {};
}

Result<void> World::act(Effects& /*effects*/, const Duplicate& action) {
  const InFlight* message = network_.find(action.message);
  if (message == nullptr) {
    return fail(Errc::WrongUse, text("{}: no such message in flight", to_text(Action(action))));
  }
  const MessageId& id = action.message;
  const Packet copy{id.from, id.to, id.channel, message->payload};
  unschedule_head({id.from, id.to, id.channel});
  network_.send(copy, message->due);
  schedule_head({id.from, id.to, id.channel});
  return {};
}

Result<void> World::act(Effects& effects, const RunLane& action) {
  if (action.member < 1 || action.member > members_.size()) {
    return fail(Errc::WrongUse, text("there is no member n{}", action.member));
  }
  const Member& before = member(action.member);
  if (!effects.guards(before.up(), "the member is up", {{"member", action.member}})) {
    return fail(Errc::WrongUse, text("n{} is down", action.member));
  }
  const server::Readiness ready = readiness(before, action.lane, effects.guards);
  if (!ready.enabled) {
    return fail(Errc::WrongUse,
                text("n{} {}: nothing to do now", action.member, server::to_text(action.lane)));
  }
  Member& member = edit_member(action.member);
  const server::Slot* slot = member.find_slot(action.lane);
  if (slot != nullptr && slot->scheduled) {
    now_ = std::max(now_, slot->due);
    agenda_.erase(AgendaKey{slot->due,
                            {.kind = Subject::Kind::Lane,
                             .channel = {},
                             .owner = action.member,
                             .lane = action.lane,
                             .number = 0}});
    member.edit_slot(action.lane).scheduled = false;
  }
  Step step = effects.step(*this, action.member);
  try {
    server::run(step, member, action.lane);
  } catch (const server::MemberPanic& panic) {
    panicked(action.member, panic.text);
  }
  flush(step);
  refresh_member(action.member);
  return {};
}

Result<void> World::act(Effects& effects, const Submit& action) {
  if (action.client == 0) return fail(Errc::WrongUse, "clients are named c1, c2, ...");
  const std::string* new_name = client::new_watch_name(action.command);
  for (const auto& [no, other] : clients_) {
    if (new_name == nullptr) break;
    if (other->has(*new_name)) {
      return fail(Errc::WrongUse, text("there is a watch named {} already", *new_name));
    }
  }
  Step step = effects.step(*this);
  edit_client(action.client).submit(step, action.command);
  run_errands(effects, step, action.client);
  return {};
}

Result<void> World::act(Effects& effects, const ClientTimeout& action) {
  const auto* client = clients_.find(action.client);
  if (client == nullptr || !(*client)->open_calls().contains(action.call)) {
    return fail(Errc::WrongUse, text("c{} has no call {} that waits", action.client, action.call));
  }
  now_ = std::max(now_, (*client)->calls().find(action.call)->deadline);
  Step step = effects.step(*this);
  edit_client(action.client).time_out(step, action.call);
  run_errands(effects, step, action.client);
  return {};
}

Result<void> World::act(Effects& effects, const ClientWake& action) {
  const auto* client = clients_.find(action.client);
  const Nanos* due = client == nullptr ? nullptr : (*client)->timers().find(action.timer);
  if (due == nullptr) return fail(Errc::WrongUse, "the client waits for no such time");
  now_ = std::max(now_, *due);
  Step step = effects.step(*this);
  edit_client(action.client).wake(step, action.timer);
  run_errands(effects, step, action.client);
  return {};
}

Result<void> World::act(Effects& effects, const Crash& action) {
  if (action.member < 1 || action.member > members_.size()) {
    return fail(Errc::WrongUse, text("there is no member n{}", action.member));
  }
  if (!member(action.member).up()) {
    return fail(Errc::WrongUse, text("n{} is down already", action.member));
  }
  Step step = effects.step(*this, action.member);
  unschedule_member(action.member);
  server::crash(edit_member(action.member), action.survivors);
  break_connections(step, action.member);
  flush(step);
  refresh_member(action.member);
  return {};
}

Result<void> World::act(Effects& effects, const Restart& action) {
  if (action.member < 1 || action.member > members_.size()) {
    return fail(Errc::WrongUse, text("there is no member n{}", action.member));
  }
  if (member(action.member).up()) {
    return fail(Errc::WrongUse, text("n{} is up already", action.member));
  }
  Step step = effects.step(*this, action.member);
  if (action.as || action.quirks) {
    server::ClusterPlan plan = member(action.member).plan();
    plan.version = action.as.value_or(plan.version);
    plan.quirks = action.quirks.value_or(plan.quirks);
    const auto fits = server::check_fits(plan.quirks, plan.version);
    if (!fits) return fits;
    edit_member(action.member).set_plan(std::move(plan));
  }
  try {
    server::restart(step, edit_member(action.member));
  } catch (const server::MemberPanic& panic) {
    panicked(action.member, panic.text);
  }
  flush(step);
  refresh_member(action.member);
  return {};
}

void World::take_down(const Effects& effects, std::uint32_t no) {
  Step step = effects.step(*this, no);
  unschedule_member(no);
  break_connections(step, no);
  flush(step);
}

void World::start_joined(const Effects& effects, std::uint32_t no) {
  Step step = effects.step(*this, no);
  server::join(step, edit_member(no));
  flush(step);
  refresh_member(no);
}

void World::panicked(std::uint32_t no, const std::string& text) {
  unschedule_member(no);
  server::panic(edit_member(no), text);
  const Guards guards;
  Step step(now_, config_.seed, config_.timing, guards, nullptr);
  break_connections(step, no);
  flush(step);
}

// A dead process's connections break: what was on the way to it is lost, and its clients are told.
void World::break_connections(Step& step, std::uint32_t no) {
  const Address dead = server::member_address(no);
  for (std::uint32_t other = 1; other <= member_count(); ++other) {
    const Address peer = server::member_address(other);
    if (other == no) continue;
    for (const server::Channel channel : {server::Channel::Append, server::Channel::General,
                                          server::Channel::Snapshot, server::Channel::Calls}) {
      unschedule_head({peer, dead, channel});
    }
    network_.clear(peer, dead);
  }
  for (std::uint32_t other = 1; other <= member_count(); ++other) {
    if (other == no || !member(other).up()) continue;
    if (member(other).running().snap_send.transfers.empty()) continue;
    server::peer_ended(step, edit_member(other), no);
    refresh_member(other);
  }
  for (const auto& [client, state] : clients_) {
    const Address address = server::client_address(client);
    unschedule_head({address, dead, server::Channel::Calls});
    network_.clear(address, dead);
    step.send({dead, address, server::Channel::Calls, server::ConnectionReset{}});
  }
}

void World::flush(Step& step) {
  // A transmission can fail and make the sender's Raft learn of it, which sends nothing.
  const std::vector<Packet> packets = std::move(step.outbox());
  step.outbox().clear();
  for (const Packet& packet : packets) transmit(step, packet);
}

bool World::is_up(const Address& address) const {
  return address.no >= 1 && address.no <= members_.size() && member(address.no).up();
}

void World::transmit(Step& step, const Packet& packet) {
  const bool between_members =
      packet.from.kind == Address::Kind::Member && packet.to.kind == Address::Kind::Member;
  const bool lost =
      network_.is_cut(packet.from, packet.to) || (between_members && !is_up(packet.to));
  if (lost) {
    if (step.noting()) {
      step.note(text("{} x {} {}", server::to_text(packet.from), server::to_text(packet.to),
                     server::describe(packet.payload)));
    }
    if (between_members && member(packet.from.no).up()) {
      server::peer_unreachable(step, edit_member(packet.from.no), packet);
    }
    return;
  }
  if (step.noting()) {
    step.note(text("{} -> {} {}", server::to_text(packet.from), server::to_text(packet.to),
                   server::describe(packet.payload)));
  }
  const ChannelId id{packet.from, packet.to, packet.channel};
  const bool was_empty = network_.front(id) == nullptr;
  const Nanos pause = latency(step, packet);
  network_.send(packet, now_ + pause.value());
  if (was_empty) schedule_head(id);
}

Nanos World::latency(const Step& step, const Packet& packet) const {
  if (packet.channel == server::Channel::Calls) return config_.timing.call_latency;
  const auto* channel = network_.channels().find(ChannelId{packet.from, packet.to, packet.channel});
  const std::uint64_t number = channel == nullptr ? 0 : channel->sent;
  const std::uint64_t link = (std::uint64_t{packet.from.no} << 32U) | packet.to.no;
  const std::uint64_t random = step.draw(
      Purpose::LinkLatency, combine(link, static_cast<std::uint64_t>(packet.channel)), number);
  const auto jitter = static_cast<std::uint64_t>(config_.timing.link_jitter.value());
  return config_.timing.link_latency + static_cast<std::int64_t>(below(random, jitter + 1));
}

}  // namespace orrery::sim
