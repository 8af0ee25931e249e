#include "hunt/trial.h"

#include <algorithm>
#include <ranges>
#include <utility>

#include "base/text.h"
#include "lang/settled.h"

namespace orrery::hunt {
namespace {

constexpr std::uint64_t kRestBudget = 60'000;  // units: steps, for coming to rest

// The member that has just ended itself; 0 = none.
std::uint32_t newly_panicked(const sim::World& before, const sim::World& after) {
  for (std::uint32_t no = 1; no <= after.member_count(); ++no) {
    const bool now = after.member(no).status() == server::Status::Panicked;
    if (now && before.member(no).status() != server::Status::Panicked) return no;
  }
  return 0;
}

bool somebody_leads(const sim::World& world) {
  return std::ranges::any_of(std::views::iota(1U, world.member_count() + 1), [&](std::uint32_t no) {
    const server::Member& member = world.member(no);
    return member.up() && member.running().raft.is_leader();
  });
}

}  // namespace

bool is_act(const sim::Action& action) {
  return !std::holds_alternative<sim::Deliver>(action) &&
         !std::holds_alternative<sim::RunLane>(action) &&
         !std::holds_alternative<sim::ClientTimeout>(action) &&
         !std::holds_alternative<sim::ClientWake>(action);
}

bool Trial::perform(const sim::Action& action) {
  const sim::World before = world_;
  if (!world_.perform(action)) return false;
  actions_.push_back(action);
  judge(checks_.observe(before, world_));
  const std::uint32_t panicked = newly_panicked(before, world_);
  if (panicked != 0) {
    judge({{"NobodyPanics", text("n{}: {}", panicked, world_.member(panicked).panic_text())}});
  }
  return true;
}

void Trial::come_to_rest() {
  for (std::uint64_t i = 0; i < kRestBudget && !found_; ++i) {
    if (somebody_leads(world_) && !lang::why_unsettled(world_)) {
      judge(checks::state_violations(world_));
      judge(checks_.run_violations(world_));
      found_at_rest_ = found_.has_value();
      return;
    }
    const auto next = world_.next();
    if (!next) break;
    perform(*next);
  }
  if (found_) return;
  judge({{"Progress", text("not at rest after {} more steps: {}", kRestBudget,
                           lang::why_unsettled(world_).value_or("nobody leads"))}});
}

void Trial::judge(Violations violations) {
  if (!found_ && !violations.empty()) found_ = std::move(violations.front());
}

}  // namespace orrery::hunt
