#include "lang/ledger.h"

#include <algorithm>
#include <iterator>
#include <utility>

#include "base/check.h"
#include "lang/settled.h"

namespace orrery::lang {

namespace {

// A state is kept every so many steps, and at the place last asked about.
constexpr std::size_t kEvery = 512;

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

bool all_up(const sim::World& world) {
  for (std::uint32_t no = 1; no <= world.member_count(); ++no) {
    if (!world.member(no).up()) return false;
  }
  return true;
}

}  // namespace

void Ledger::keep_common_past(const sim::Timeline& timeline) {
  const std::size_t common = common_past(timeline, branch_, timeline.branch());
  branch_ = timeline.branch();
  states_.erase(states_.upper_bound(std::min(common, timeline.position())), states_.end());
  if (states_.empty()) {
    states_.emplace(0, State{.world = sim::World(timeline.config()), .checks = {}, .found = {}});
  }
}

void Ledger::walk(const sim::Timeline& timeline) {
  const auto newest = std::prev(states_.end());
  std::size_t at = newest->first;
  if (at == timeline.position()) return;
  State state = newest->second;
  if (at % kEvery != 0) states_.erase(at);
  while (at < timeline.position()) {
    const sim::World before = state.world;
    const auto done = state.world.perform(timeline.action_before(at + 1));
    check(done.has_value(), "a recorded action can be performed again");
    for (Violation& one : state.checks.observe(before, state.world)) {
      state.found.push_back(std::move(one));
    }
    if (++at % kEvery == 0) states_.insert_or_assign(at, state);
  }
  states_.insert_or_assign(at, std::move(state));
}

Violations Ledger::violations(const sim::Timeline& timeline) {
  keep_common_past(timeline);
  walk(timeline);
  const State& state = std::prev(states_.end())->second;
  Violations out(state.found.begin(), state.found.end());
  if (!all_up(state.world) || why_unsettled(state.world)) return out;
  for (Violation& one : checks::state_violations(state.world)) out.push_back(std::move(one));
  for (Violation& one : state.checks.run_violations(state.world)) out.push_back(std::move(one));
  return out;
}

}  // namespace orrery::lang
