#include "gui/detail.h"

#include <algorithm>

#include "base/check.h"

namespace orrery::gui {
namespace {

constexpr std::size_t kMostAhead = 2'000;
constexpr std::size_t kStretch = 128;  // looked through at once

bool is_beat(const sim::World& before, const sim::Deliver& deliver) {
  const sim::InFlight* flying = before.network().find(deliver.message);
  if (flying == nullptr) return false;
  const auto* message = std::get_if<raftpb::Message>(&flying->payload);
  return message != nullptr && (message->type == raftpb::MessageType::Heartbeat ||
                                message->type == raftpb::MessageType::HeartbeatResp);
}

// Something is said about more than heartbeats.
bool tells(const std::vector<std::string>& notes) {
  return std::ranges::any_of(notes, [](const std::string& note) {
    return note.find("MsgHeartbeat") == std::string::npos;
  });
}

// The disk or the store's open batch of the lane's member is another one.
bool moves_bytes(const sim::World& before, const sim::RunLane& run, const sim::World& after) {
  const server::Member& was = before.member(run.member);
  const server::Member& is = after.member(run.member);
  if (digest_of(was.disk()) != digest_of(is.disk())) return true;
  return was.up() && is.up() && was.running().backend.pending() != is.running().backend.pending();
}

}  // namespace

bool is_seen(Detail detail, const sim::World& before, const sim::Action& action,
             const sim::World& after, const std::vector<std::string>& notes) {
  if (detail == Detail::Engineer || tells(notes)) return true;
  if (const auto* deliver = std::get_if<sim::Deliver>(&action)) return !is_beat(before, *deliver);
  const auto* run = std::get_if<sim::RunLane>(&action);
  if (run == nullptr) return true;
  return detail == Detail::Storage && moves_bytes(before, *run, after);
}

std::size_t steps_ahead(Detail detail, sim::World world) {
  std::size_t steps = 0;
  bool seen = false;
  while (!seen && steps < kMostAhead) {
    const auto next = world.next();
    if (!next) break;
    const sim::World before = world;
    std::vector<std::string> notes;
    ++steps;
    try {
      seen = !world.perform(*next, &notes) || is_seen(detail, before, *next, world, notes);
    } catch (const ContractViolation&) {
      seen = true;  // whoever performs it on the timeline reports it
    }
  }
  return steps;
}

std::vector<std::size_t> seen_positions(sim::Timeline& timeline, Detail detail, std::size_t from,
                                        std::size_t to) {
  std::vector<std::size_t> out;
  sim::World world = timeline.world_at(from);
  for (std::size_t at = from; at < to; ++at) {
    const sim::Action& action = timeline.action_before(at + 1);
    const sim::World before = world;
    std::vector<std::string> notes;
    if (!world.perform(action, &notes)) break;
    if (is_seen(detail, before, action, world, notes)) out.push_back(at + 1);
  }
  return out;
}

std::size_t seen_after(sim::Timeline& timeline, Detail detail, std::size_t position) {
  const std::size_t end = timeline.branches()[timeline.branch()].length();
  for (std::size_t from = position; from < end; from += kStretch) {
    const auto seen = seen_positions(timeline, detail, from, std::min(end, from + kStretch));
    if (!seen.empty()) return seen.front();
  }
  return end;
}

std::size_t seen_before(sim::Timeline& timeline, Detail detail, std::size_t position) {
  std::size_t to = position == 0 ? 0 : position - 1;
  while (to > 0) {
    const std::size_t from = to - std::min(to, kStretch);
    const auto seen = seen_positions(timeline, detail, from, to);
    if (!seen.empty()) return seen.back();
    to = from;
  }
  return 0;
}

}  // namespace orrery::gui
