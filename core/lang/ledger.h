// Ledger: what the built-in claims have found wrong, up to a place on a timeline.
//   used by: interpreter (the term `violations`), gui (Checks, Evidence)    uses: core/check, sim::Timeline
//   ideas:   nobody pays who does not ask. Asked, it walks a world of its own from where it stands to the cursor
//            and lets the checks look at every step; states on the way are kept, so that going back is not a walk
//            from the beginning. Once all is settled, the claims about whole runs are asked as well.
//   requires: one Ledger for one timeline
//   invariant: the count depends on the actions up to the cursor alone, not on when it was asked.
#pragma once

#include <cstddef>
#include <map>

#include "base/sequence.h"
#include "check/world_checks.h"
#include "sim/timeline.h"

namespace orrery::lang {

// A claim was found broken by the step that led to this position.
struct Finding {
  std::size_t position = 0;
  Violation what;
};

// What the claims say at the cursor.
struct Report {
  Sequence<Finding> steps;  // of every step so far
  Violations standing;      // of those of steps, what is still so and could be mended
  bool settled = false;     // the claims about a world at rest were looked at too:
  Violations at_rest;
};

class Ledger {
 public:
  // With the claims about a world at rest, which read whole stores, or without.
  Report report(const sim::Timeline& timeline, bool at_rest);
  // How many steps report() would have to look at now.
  std::size_t steps_to_look_at(const sim::Timeline& timeline) const;

  // Broken claims at the cursor: of every step so far, and, in a settled world, of the run as a whole.
  Violations violations(const sim::Timeline& timeline);

 private:
  struct State {
    sim::World world;
    checks::WorldChecks checks;
    Sequence<Finding> found;
  };

  // The state to walk on from: the nearest at or before the cursor that this branch shares.
  std::map<std::size_t, State>::const_iterator nearest(const sim::Timeline& timeline) const;
  // The state at the cursor.
  const State& walk(const sim::Timeline& timeline);

  sim::BranchNo branch_ = 0;
  std::map<std::size_t, State> states_;  // by position on branch_
  std::size_t asked_ = 0;                // the place last walked to
};

}  // namespace orrery::lang
