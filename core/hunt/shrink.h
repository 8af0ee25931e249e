// Shrinking: a shorter run that breaks the same claim, as a script to be read.
//   used by: cli (hunt --shrink), tests/hunt    uses: trial.h
//   ideas:   a story is what a run was, seen from the default schedule: acts (of clients, of fate), picks (something
//            went before its turn) and stretches of the default schedule between them. Taking any of them away leaves
//            a story: what may not happen any more is passed over. So ever smaller pieces are taken away as long as
//            the same claim breaks. Before that, of a long run, other chances in the same world are tried for a
//            shorter one.
//   from:    Zeller, Hildebrandt: Simplifying and Isolating Failure-Inducing Input (ddmin)
#pragma once

#include <cstdint>
#include <string>
#include <variant>
#include <vector>

#include "base/violation.h"
#include "hunt/trial.h"

namespace orrery::hunt {

// So many actions of the default schedule.
struct Stretch {
  std::uint64_t steps = 0;
  friend bool operator==(const Stretch&, const Stretch&) = default;
};

using Item = std::variant<Stretch, sim::Action>;

struct Story {
  sim::Config config;
  std::vector<Item> items;
  Violation found;
  bool at_rest = false;  // the claim breaks when all has come to rest behind the last item
};

// requires: trial.found()
Story story_of(const Trial& trial);

// Until nothing more can be left out, or so many steps were tried. The result breaks the same claim, perhaps with
// another sentence.
Story shrink(Story story, std::uint64_t budget);

// How many actions it has.
std::uint64_t length_of(const Story& story);

// In the command language: `cluster_line`, what is done, and the claim that is broken at its end.
std::string script_of(const Story& story, const std::string& cluster_line);

}  // namespace orrery::hunt
