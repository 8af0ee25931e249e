// Show: what the command `show` prints of a world.
//   used by: interpret_look.cc, cli (a running world's console)    uses: describe.h
#pragma once

#include <string>

#include "base/result.h"
#include "lang/command.h"
#include "sim/world.h"

namespace orrery::lang {

// Errors: WrongUse, when there is no such member, client or aspect. requires: not the cluster's `violations`, which are
// a timeline's
Result<std::string> shown(const sim::World& world, const Show& show);

}  // namespace orrery::lang
