// The agenda: which actions may happen, when, and why others may not.
#include <algorithm>

#include "base/check.h"
#include "base/text.h"
#include "sim/world.h"

namespace orrery::sim {
namespace {

using server::LaneId;
using server::Member;
using server::Readiness;
using server::Slot;

Subject lane_subject(std::uint32_t member, const LaneId& lane) {
  return {.kind = Subject::Kind::Lane, .channel = {}, .owner = member, .lane = lane, .number = 0};
}

Subject message_subject(const ChannelId& id) {
  return {.kind = Subject::Kind::Message, .channel = id, .owner = 0, .lane = {}, .number = 0};
}

Subject deadline_subject(std::uint32_t client, std::uint64_t call) {
  Subject out{.kind = Subject::Kind::ClientTimer, .channel = {}, .owner = client};
  out.number = call;
  return out;
}

Subject wake_subject(std::uint32_t client, const client::TimerId& timer) {
  Subject out{.kind = Subject::Kind::ClientWake, .channel = {}, .owner = client};
  out.timer = timer;
  return out;
}

}  // namespace

Action action_of(const World& world, const Subject& subject) {
  switch (subject.kind) {
    case Subject::Kind::Message: {
      const InFlight* head = world.network().front(subject.channel);
      check(head != nullptr, "a channel in the agenda has a message");
      return Deliver{
          {subject.channel.from, subject.channel.to, subject.channel.channel, head->number}};
    }
    case Subject::Kind::Lane: return RunLane{.member = subject.owner, .lane = subject.lane};
    case Subject::Kind::ClientTimer:
      return ClientTimeout{.client = subject.owner, .call = subject.number};
    case Subject::Kind::ClientWake:
      return ClientWake{.client = subject.owner, .timer = subject.timer};
  }
  return {};
}

namespace {

Subject subject_of(const std::variant<ChannelId, RunLane>& what) {
  if (const auto* channel = std::get_if<ChannelId>(&what)) return message_subject(*channel);
  const auto& lane = std::get<RunLane>(what);
  return lane_subject(lane.member, lane.lane);
}

}  // namespace

Result<void> World::act(Effects& /*effects*/, const Hold& action) {
  if (!held_.put(subject_of(action.what), true)) {
    return fail(Errc::WrongUse, text("{}: it is held already", to_text(Action(action))));
  }
  return {};
}

Result<void> World::act(Effects& /*effects*/, const Release& action) {
  if (!held_.erase(subject_of(action.what))) {
    return fail(Errc::WrongUse, text("{}: it is not held", to_text(Action(action))));
  }
  return {};
}

Result<void> World::act(Effects& /*effects*/, const Delay& action) {
  if (network_.find(action.message) == nullptr) {
    return fail(Errc::WrongUse, text("{}: no such message in flight", to_text(Action(action))));
  }
  const ChannelId channel{action.message.from, action.message.to, action.message.channel};
  unschedule_head(channel);
  network_.delay(action.message, action.by);
  schedule_head(channel);
  return {};
}

Result<void> World::act(Effects& /*effects*/, const Wait& action) {
  const AgendaKey* row = first_row();
  if (row != nullptr && row->due < action.until) {
    return fail(Errc::WrongUse, text("{}: {} is due before", to_text(Action(action)),
                                     to_text(action_of(*this, row->subject))));
  }
  now_ = std::max(now_, action.until);
  return {};
}

Result<void> World::act(Effects& /*effects*/, const Cut& action) {
  if (network_.is_cut(action.from, action.to)) {
    return fail(Errc::WrongUse, text("{}->{} is cut already", server::to_text(action.from),
                                     server::to_text(action.to)));
  }
  for (const auto& [id, channel] : network_.channels()) {
    if (id.from == action.from && id.to == action.to) unschedule_head(id);
  }
  network_.cut(action.from, action.to);
  return {};
}

Result<void> World::act(Effects& /*effects*/, const Mend& action) {
  if (!network_.is_cut(action.from, action.to)) {
    return fail(Errc::WrongUse, text("{}->{} is not cut", server::to_text(action.from),
                                     server::to_text(action.to)));
  }
  network_.mend(action.from, action.to);
  for (const auto& [id, channel] : network_.channels()) {
    if (id.from == action.from && id.to == action.to) schedule_head(id);
  }
  return {};
}

std::vector<EnabledAction> World::enabled() const {
  std::vector<EnabledAction> out;
  for (const auto& [key, present] : agenda_) {
    out.push_back({.action = action_of(*this, key.subject),
                   .due = key.due,
                   .held = !held_.empty() && held_.contains(key.subject)});
  }
  return out;
}

const AgendaKey* World::first_row() const {
  for (const auto& [key, present] : agenda_) {
    if (held_.empty() || !held_.contains(key.subject)) return &key;
  }
  return nullptr;
}

std::optional<Action> World::next() const {
  const AgendaKey* row = first_row();
  if (row == nullptr) return std::nullopt;
  return action_of(*this, row->subject);
}

std::optional<Nanos> World::next_due() const {
  const AgendaKey* row = first_row();
  if (row == nullptr) return std::nullopt;
  return std::max(now_, row->due);
}

std::vector<BlockedAction> World::blocked() const {
  std::vector<BlockedAction> out;
  for (const auto& member : members_) {
    if (!member->up()) {
      BlockedAction down{.subject = text("n{}", member->no()), .reasons = {}};
      Guards guards(&down.reasons);
      guards(false, "the member is up", {{"member", member->no()}});
      out.push_back(std::move(down));
      continue;
    }
    for (const LaneId& lane : server::lanes(*member)) {
      BlockedAction blocked{.subject = text("n{} {}", member->no(), server::to_text(lane)),
                            .reasons = {}};
      if (!readiness(*member, lane, Guards(&blocked.reasons)).enabled) {
        out.push_back(std::move(blocked));
      }
    }
  }
  for (const auto& [id, channel] : network_.channels()) {
    if (channel.queue.empty() || !network_.is_cut(id.from, id.to)) continue;
    const Deliver deliver{{id.from, id.to, id.channel, channel.queue.front().number}};
    BlockedAction blocked{.subject = to_text(Action(deliver)), .reasons = {}};
    (void)possible(deliver, Guards(&blocked.reasons));
    out.push_back(std::move(blocked));
  }
  return out;
}

void World::schedule_head(const ChannelId& id) {
  const InFlight* head = network_.front(id);
  if (head == nullptr || network_.is_cut(id.from, id.to)) return;
  agenda_.put(AgendaKey{head->due, message_subject(id)}, true);
}

void World::unschedule_head(const ChannelId& id) {
  const InFlight* head = network_.front(id);
  if (head == nullptr || network_.is_cut(id.from, id.to)) return;
  agenda_.erase(AgendaKey{head->due, message_subject(id)});
}

void World::run_errands(Effects& effects, server::Step& step, std::uint32_t client) {
  flush(step);
  client::Errands errands = edit_client(client).take_errands();
  for (client::Told& told : errands.told) told_.push_back(std::move(told));
  const auto& calls = (*clients_.find(client))->calls();
  for (const std::uint64_t call : errands.opened) {
    agenda_.put(AgendaKey{calls.find(call)->deadline, deadline_subject(client, call)}, true);
  }
  for (const std::uint64_t call : errands.closed) {
    agenda_.erase(AgendaKey{calls.find(call)->deadline, deadline_subject(client, call)});
  }
  for (const client::TimerMove& move : errands.timers) {
    const Subject subject = wake_subject(client, move.id);
    if (move.was) agenda_.erase(AgendaKey{*move.was, subject});
    if (move.is) agenda_.put(AgendaKey{*move.is, subject}, true);
  }
  // One that is down already stays down; the restart is then somebody else's.
  for (const std::uint32_t no : errands.restarts) {
    if (no < 1 || no > members_.size() || !member(no).up()) continue;
    (void)act(effects, Crash{.member = no, .survivors = {}});
    (void)act(effects, Restart{.member = no});
  }
}

// The fixed lanes of a member are looked at after each of its steps; handlers and streams when a phase touched them.
void World::refresh_member(std::uint32_t no) {
  Member& member = edit_member(no);
  for (std::size_t kind = 0; kind < server::kFixedLanes; ++kind) {
    refresh_lane(no, member, LaneId{.kind = static_cast<server::LaneKind>(kind)});
  }
  for (const LaneId& lane : member.take_touched()) refresh_lane(no, member, lane);
}

// A dead member's lanes are gone, handlers and streams included.
void World::unschedule_member(std::uint32_t no) {
  Member& member = edit_member(no);
  for (const auto& [lane, slot] : member.slots()) {
    agenda_.erase(AgendaKey{slot.due, lane_subject(no, lane)});
  }
  member.clear_slots();
}

void World::refresh_lane(std::uint32_t no, Member& member, const LaneId& lane) {
  const Readiness ready = member.up() ? readiness(member, lane, Guards()) : server::kBlocked;
  const Slot* found = member.find_slot(lane);
  const Slot slot = found == nullptr ? Slot{} : *found;
  if (!ready.enabled) {
    if (slot.scheduled) agenda_.erase(AgendaKey{slot.due, lane_subject(no, lane)});
    if (found != nullptr && slot.scheduled) member.drop_slot(lane);
    return;
  }
  // A lane that waited for a deadline may have become ready before it.
  const Nanos since = slot.scheduled ? std::min(slot.due, now_) : now_;
  const Nanos due = ready.due == Nanos(0) ? since : ready.due;
  if (slot.scheduled && slot.due == due) return;
  if (slot.scheduled) agenda_.erase(AgendaKey{slot.due, lane_subject(no, lane)});
  agenda_.put(AgendaKey{due, lane_subject(no, lane)}, true);
  member.edit_slot(lane) = Slot{.scheduled = true, .due = due};
}

namespace {

// Each takes what it has found out of `listed`.
template <class Ready>
void check_lanes(const server::Member& member, const Ready& is_ready,
                 OrderedMap<Subject, Nanos>& listed, std::vector<std::string>& out) {
  if (!member.up()) return;
  for (const LaneId& lane : server::lanes(member)) {
    const bool ready = is_ready(member, lane);
    const bool stands = listed.erase(lane_subject(member.no(), lane));
    if (ready == stands) continue;
    out.push_back(text("n{} {}: {}", member.no(), server::to_text(lane),
                       ready ? "ready but not in the agenda" : "in the agenda but not ready"));
  }
}

void check_messages(const Network& network, OrderedMap<Subject, Nanos>& listed,
                    std::vector<std::string>& out) {
  for (const auto& [id, channel] : network.channels()) {
    const bool deliverable = !channel.queue.empty() && !network.is_cut(id.from, id.to);
    if (deliverable == listed.erase(message_subject(id))) continue;
    out.push_back(text("{}->{} {}: message and agenda disagree", server::to_text(id.from),
                       server::to_text(id.to), server::to_text(id.channel)));
  }
}

}  // namespace

std::vector<std::string> agenda_violations(const World& world) {
  OrderedMap<Subject, Nanos> listed;
  std::vector<std::string> out;
  for (const auto& [key, present] : world.agenda_) {
    if (!listed.put(key.subject, key.due)) out.emplace_back("a subject stands twice in the agenda");
  }
  const auto is_ready = [&](const Member& member, const LaneId& lane) {
    return world.readiness(member, lane, Guards()).enabled;
  };
  for (const auto& member : world.members_) check_lanes(*member, is_ready, listed, out);
  check_messages(world.network_, listed, out);
  for (const auto& [no, client] : world.clients_) {
    for (const auto& [call, open] : client->open_calls()) {
      if (listed.erase(deadline_subject(no, call))) continue;
      out.push_back(text("c{} call {}: no deadline", no, call));
    }
    for (const auto& [timer, due] : client->timers()) {
      if (listed.erase(wake_subject(no, timer))) continue;
      out.push_back(text("c{} {}#{}: no time to wake", no, client::to_text(timer.kind), timer.no));
    }
  }
  for (const auto& [subject, due] : listed) {
    out.push_back(
        text("an agenda row of kind {} stands for nothing", static_cast<int>(subject.kind)));
  }
  return out;
}

}  // namespace orrery::sim
