// orrery hunt: seed after seed, random schedules with all claims looked at, until one breaks.
//   used by: main.cc    uses: core/hunt
#pragma once

#include <cstdint>
#include <string>

#include "hunt/hunt.h"

namespace orrery::cli {

struct HuntCommand {
  hunt::HuntOptions options;
  std::string seeds = "1..20";  // A..B, or one
  std::string save;             // a folder for runs that break a claim; empty = none
  bool shrink = false;          // a shorter run, as a script: beside the saved run, or printed
  bool all = false;             // go on with the next seed after a violation
  bool json = false;
};

// 0 no claim broke; 1 one did; 2 wrong use.
int hunt_seeds(const HuntCommand& command);

}  // namespace orrery::cli
