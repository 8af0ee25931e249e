// Sweep: a run played again and again, and its members' machines stopped dead after each step in turn, all at once
// or each alone.
//   used by: cli (sweep), tests    uses: sim, check
//   ideas:   after each action the world is copied, every member that is up (or one of them) loses its memory and,
//            as the policy says, none, all or a first part of what it had not synced; then cuts are mended, members
//            started, and the
//            default schedule runs until all is quiet. Every claim of core/check is looked at on the way, and at
//            the end those about whole runs: no acknowledged write is missing.
//   invariant: the run itself is not changed; a finding names the step and what survived, so it can be played by hand.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "disk/survivors.h"
#include "sim/timeline.h"

namespace orrery::lab {

struct SweepOptions {
  std::size_t from = 0;                  // the first position to crash at
  std::size_t every = 1;                 // and then each so many steps
  bool each_alone = false;               // one member after the other instead of all together
  std::uint64_t budget_steps = 300'000;  // for one recovery
};

struct SweepFinding {
  std::size_t step = 0;      // after so many actions
  std::string action;        // the last of them
  std::uint32_t member = 0;  // the one that crashed; 0 = all
  std::string survivors;     // what the crash left: "none", "all", "torn:3"
  std::string what;          // the claim that broke, or what did not come back
};

struct SweepReport {
  std::size_t steps = 0;    // positions crashed at
  std::size_t crashes = 0;  // worlds recovered
  std::vector<SweepFinding> findings;
};

// Says how far it is, after each position: passed down, never a member.
using SweepProgress = std::function<void(std::size_t step, std::size_t steps)>;

// The actions of the timeline's current branch. Errors: one of them cannot be performed again.
Result<SweepReport> sweep(const sim::Timeline& timeline, const SweepOptions& options,
                          const SweepProgress& progress = {});

// None, all, and torn after the first piece, in the middle, and before the last of the fullest file.
std::vector<disk::Survivors> sweep_policies(const sim::World& world);

}  // namespace orrery::lab
