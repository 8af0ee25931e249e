#include "sim/timeline.h"

#include <algorithm>
#include <utility>

#include "base/check.h"
#include "base/text.h"

namespace orrery::sim {
namespace {

// Near the cursor a checkpoint every kNear actions, elsewhere every kFar: a step back replays at most kNear, a jump
// at most kFar actions.
constexpr std::size_t kNear = 32;
constexpr std::size_t kFar = 1024;
constexpr std::size_t kNearSpan = 2048;

}  // namespace

Timeline::Timeline(const Config& config) : config_(config), world_(config) {
  branches_.push_back(
      Branch{.name = "main", .parent = 0, .fork = 0, .actions = {}, .commands = {}});
  checkpoints_.emplace_back();
  checkpoints_[0].put(0, world_);
}

const Action& Timeline::action_at(BranchNo branch, std::size_t index) const {
  while (index < branches_[branch].fork) branch = branches_[branch].parent;
  return branches_[branch].actions[index - branches_[branch].fork];
}

const Action& Timeline::action_before(std::size_t position) const {
  check(position >= 1 && position <= branches_[branch_].length(), "the position has an action");
  return action_at(branch_, position - 1);
}

Result<void> Timeline::perform(const Action& action, std::vector<std::string>* notes) {
  if (!at_tip()) {
    // Nobody may spoil the past: the attempt is made on a copy first.
    World attempt = world_;
    const auto possible = attempt.perform(action);
    if (!possible) return possible;
    const auto forked = start_branch("");
    if (!forked) return forked;
  }
  try {
    const auto done = world_.perform(action, notes);
    if (!done) return done;
  } catch (const ContractViolation& violation) {
    world_ = world_at(position_);
    return fail(Errc::WrongUse,
                text("a defect of Orrery's own, the step was taken back: {}", violation.what()));
  }
  branches_[branch_].actions.push_back(action);
  ++position_;
  place_checkpoint();
  return {};
}

void Timeline::begin_command(std::string line) {
  auto& commands = branches_[branch_].commands;
  if (!at_tip())
    return;  // the branch that the command may start gets its mark from perform's caller
  commands.push_back({.at = position_, .line = std::move(line)});
}

bool Timeline::has_branch(std::string_view name) const {
  return std::ranges::any_of(branches_, [&](const Branch& branch) { return branch.name == name; });
}

Result<void> Timeline::start_branch(std::string name) {
  if (name.empty()) {
    name = text("at-{}", position_);
    for (int n = 2; has_branch(name); ++n) name = text("at-{}.{}", position_, n);
  }
  if (has_branch(name)) {
    return fail(Errc::WrongUse, text("there is a branch named {} already", name));
  }
  // A fork before the current branch's own part hangs on the ancestor that holds the position.
  BranchNo parent = branch_;
  while (position_ < branches_[parent].fork) parent = branches_[parent].parent;
  branches_.push_back(Branch{
      .name = std::move(name), .parent = parent, .fork = position_, .actions = {}, .commands = {}});
  checkpoints_.emplace_back();
  checkpoints_.back().put(position_, world_);
  branch_ = branches_.size() - 1;
  return {};
}

Result<void> Timeline::switch_to(std::string_view name) {
  for (BranchNo no = 0; no < branches_.size(); ++no) {
    if (branches_[no].name != name) continue;
    const std::size_t tip = branches_[no].length();
    branch_ = no;
    world_ = world_at(tip);
    position_ = tip;
    return {};
  }
  return fail(Errc::WrongUse, text("there is no branch named {}", name));
}

Result<void> Timeline::jump(std::size_t position) {
  const std::size_t length = branches_[branch_].length();
  if (position > length) {
    return fail(Errc::OutOfRange,
                text("position {} lies beyond the branch's end at {}", position, length));
  }
  if (position == position_ + 1) {
    const auto done = world_.perform(action_at(branch_, position_));
    check(done.has_value(), "a recorded action can be performed again");
  } else if (position != position_) {
    world_ = world_at(position);
  }
  position_ = position;
  return {};
}

World Timeline::world_at(std::size_t position) {
  BranchNo holder = branch_;
  while (position < branches_[holder].fork) holder = branches_[holder].parent;
  auto& checkpoints = checkpoints_[holder];
  auto nearest = checkpoints.upper_bound(position);
  check(nearest != checkpoints.begin(), "every branch has a checkpoint at its beginning");
  --nearest;
  std::size_t at = nearest->first;
  World world = nearest->second;
  for (; at < position; ++at) {
    const auto done = world.perform(action_at(holder, at));
    check(done.has_value(), "a recorded action can be performed again");
    if ((at + 1) % kNear == 0) checkpoints.put(at + 1, world);
  }
  thin(checkpoints);
  return world;
}

void Timeline::place_checkpoint() {
  if (position_ % kNear != 0) return;
  checkpoints_[branch_].put(position_, world_);
  if (position_ % kFar == 0) thin(checkpoints_[branch_]);
}

// Keeps the beginning, the far grid, and what is near the cursor.
void Timeline::thin(Checkpoints& checkpoints) const {
  if (checkpoints.size() < kNearSpan / kNear + 2 + position_ / kFar) return;
  std::vector<std::size_t> superfluous;
  for (const auto& [at, world] : checkpoints) {
    const bool near = at + kNearSpan >= position_ && at <= position_ + kNearSpan;
    const bool first = at == checkpoints.begin()->first;
    if (!near && !first && at % kFar != 0) superfluous.push_back(at);
  }
  for (const std::size_t at : superfluous) checkpoints.erase(at);
}

std::size_t Timeline::checkpoint_count() const {
  std::size_t count = 0;
  for (const auto& checkpoints : checkpoints_) count += checkpoints.size();
  return count;
}

}  // namespace orrery::sim
