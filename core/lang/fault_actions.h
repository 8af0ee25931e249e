// Fault actions: a command of the group `Fault` as actions of a world.
//   used by: interpret_fault.cc, cli (a running world's console)    uses: command.h, sim
//   ideas:   nothing is performed here: whoever owns the world does so, on a timeline or live. All actions of a command
//            are found before the first of them happens.
#pragma once

#include <vector>

#include "base/result.h"
#include "lang/command.h"
#include "sim/world.h"

namespace orrery::lang {

// In the order in which they are to happen; none when it is so already. Errors: WrongUse, when the words name what is
// not there, or the command is no fault; `crash ... at POINT` is one only where somebody turns the crank.
Result<std::vector<sim::Action>> fault_actions(const sim::World& world, const CommandBody& body);

}  // namespace orrery::lang
