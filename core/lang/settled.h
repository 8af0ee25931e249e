// Settled: is there nothing left to do but heartbeats?
//   used by: the command settle, the term `settled`    uses: sim
//   ideas:   every call answered; every member that the leader reaches has applied what the leader has committed;
//            no message on its way but heartbeats; no watcher behind; no compaction running. What is cut off or held
//            is left out: it waits for somebody's hand, not for time.
#pragma once

#include <optional>
#include <string>

#include "sim/world.h"

namespace orrery::lang {

// What the world still has to do, as a sentence; none = it is settled.
std::optional<std::string> why_unsettled(const sim::World& world);

}  // namespace orrery::lang
