#include "lang/ledger.h"

#include <algorithm>
#include <iterator>
#include <utility>

#include "base/check.h"
#include "lang/settled.h"

namespace orrery::lang {

namespace {

// A state is kept every so many steps, and at the place last asked about.
constexpr std::size_t kEvery = 128;

// The last position that both branches share.
std::size_t common_past(const sim::Timeline& timeline, sim::BranchNo a, sim::BranchNo b) {
  const auto& branches = timeline.branches();
  std::size_t common = std::max(branches[a].length(), branches[b].length());
  while (a != b) {
    sim::BranchNo& later = a > b ? a : b;  // a parent has the smaller number
    common = std::min(common, branches[later].fork);
    later = branches[later].parent;
  }
  return common;
}

// But for those that are members no more.
bool all_up(const sim::World& world) {
  for (std::uint32_t no = 1; no <= world.member_count(); ++no) {
    if (!world.member(no).up() && !checks::was_removed(world.member(no))) return false;
  }
  return true;
}

}  // namespace

// What was seen of actions that are not this branch's is no state of it; what lies behind the cursor stays one.
std::map<std::size_t, Ledger::State>::const_iterator Ledger::nearest(
    const sim::Timeline& timeline) const {
  const std::size_t common =
      std::min(common_past(timeline, branch_, timeline.branch()), timeline.position());
  const auto after = states_.upper_bound(common);
  return after == states_.begin() ? states_.end() : std::prev(after);
}

std::size_t Ledger::steps_to_look_at(const sim::Timeline& timeline) const {
  const auto from = nearest(timeline);
  return timeline.position() - (from == states_.end() ? 0 : from->first);
}

const Ledger::State& Ledger::walk(const sim::Timeline& timeline) {
  if (states_.empty()) {
    states_.emplace(0, State{.world = sim::World(timeline.config()), .checks = {}, .found = {}});
  }
  if (branch_ != timeline.branch()) {
    states_.erase(states_.upper_bound(common_past(timeline, branch_, timeline.branch())),
                  states_.end());
    branch_ = timeline.branch();
  }
  const auto from = nearest(timeline);
  std::size_t at = from->first;
  if (at == timeline.position()) return from->second;
  State state = from->second;
  if (asked_ % kEvery != 0) states_.erase(asked_);
  while (at < timeline.position()) {
    const sim::World before = state.world;
    const auto done = state.world.perform(timeline.action_before(at + 1));
    check(done.has_value(), "a recorded action can be performed again");
    ++at;
    for (Violation& one : state.checks.observe(before, state.world)) {
      state.found.push_back({at, std::move(one)});
    }
    if (at % kEvery == 0) states_.insert_or_assign(at, state);
  }
  asked_ = at;
  return states_.insert_or_assign(at, std::move(state)).first->second;
}

Report Ledger::report(const sim::Timeline& timeline, bool at_rest) {
  const State& state = walk(timeline);
  Report out{.steps = state.found, .standing = state.checks.standing(state.world), .at_rest = {}};
  out.settled = at_rest && all_up(state.world) && !why_unsettled(state.world);
  if (!out.settled) return out;
  out.at_rest = checks::state_violations(state.world);
  for (Violation& one : state.checks.run_violations(state.world)) {
    out.at_rest.push_back(std::move(one));
  }
  return out;
}

Violations Ledger::violations(const sim::Timeline& timeline) {
  const Report found = report(timeline, true);
  Violations out;
  for (const Finding& one : found.steps) out.push_back(one.what);
  out.insert(out.end(), found.at_rest.begin(), found.at_rest.end());
  return out;
}

}  // namespace orrery::lang
