// RunFile: a timeline as a saved run, and back by performing it.
//   used by: cli (play --save, replay), lab, gui    uses: saved_run.h, sim, submission.h
//   ideas:   the digests are computed anew by performing, so a file is a claim about this build, not about a memory of
//            it. What is saved is the branch the cursor stands on, with what it shares with its parents.
//   invariant: replay(record(t)) has t's configuration, actions and command lines.
#pragma once

#include <string_view>

#include "base/result.h"
#include "lang/saved_run.h"
#include "sim/timeline.h"

namespace orrery::lang {

// Of the default schedule's order; a run of another one still replays, since every action is named or checked.
inline constexpr std::uint32_t kScheduleVersion = 1;
inline constexpr std::string_view kRelease = "0.1.0";

// A run of this configuration, without its commands.
SavedRun run_head(const sim::Config& config);
SavedRun record(const sim::Timeline& timeline);
// Performs all of it. The first line that cannot be performed, or after which the world is another, is the error,
// with its place and (Expectation) both digests.
Result<sim::Timeline> replay(std::string_view file, const SavedRun& run);

}  // namespace orrery::lang
