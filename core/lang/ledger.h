// Ledger: what the built-in claims have found wrong, up to a place on a timeline.
//   used by: interpreter (the term `violations`)    uses: core/check, sim::Timeline
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

class Ledger {
 public:
  // Broken claims at the cursor: of every step so far, and, in a settled world, of the run as a whole.
  Violations violations(const sim::Timeline& timeline);

 private:
  struct State {
    sim::World world;
    checks::WorldChecks checks;
    Sequence<Violation> found;
  };

  // Drops what was seen of actions that are not this branch's.
  void keep_common_past(const sim::Timeline& timeline);
  void walk(const sim::Timeline& timeline);

  sim::BranchNo branch_ = 0;
  std::map<std::size_t, State> states_;  // by position on branch_
};

}  // namespace orrery::lang
