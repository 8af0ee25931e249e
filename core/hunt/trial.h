// Trial: a world to which actions are performed, with all claims looked at after each of them.
//   used by: hunt.h, shrink.h    uses: sim, check
//   invariant: equal configurations and actions break the same claim at the same step.
#pragma once

#include <optional>
#include <vector>

#include "base/violation.h"
#include "check/world_checks.h"
#include "sim/action.h"
#include "sim/world.h"

namespace orrery::hunt {

// Somebody's, a client's or fate's; everything else the schedule does by itself sooner or later.
bool is_act(const sim::Action& action);

class Trial {
 public:
  explicit Trial(const sim::Config& config) : config_(config), world_(config) {}

  // False = that may not happen now, and nothing did.
  bool perform(const sim::Action& action);
  // By the default schedule until somebody leads and all is settled; then the claims about whole runs are looked at.
  // That it never comes to rest is a broken claim too: Progress.
  void come_to_rest();

  const sim::Config& config() const { return config_; }
  const sim::World& world() const { return world_; }
  // What happened, in its order; after its last action the claim broke, if one is broken.
  const std::vector<sim::Action>& actions() const { return actions_; }
  const std::optional<Violation>& found() const { return found_; }
  // The claim broke when all was at rest, not at a step.
  bool found_at_rest() const { return found_at_rest_; }

 private:
  void judge(Violations violations);

  sim::Config config_;
  sim::World world_;
  checks::WorldChecks checks_;
  std::vector<sim::Action> actions_;
  std::optional<Violation> found_;
  bool found_at_rest_ = false;
};

}  // namespace orrery::hunt
