// What must hold for one member: in every state, and from one state to the next.
//   used by: core/check, tests, the debugger's lights    uses: raft.h
//   ideas:   each claim is a sentence and stands alone; nothing here is called by the protocol itself.
//   note: violations() reads the whole log; step_violations() only what may have changed.
//   from: LogCabin RaftConsensusInvariants.cc (the two kinds of check); raft paper Figure 2
#pragma once

#include "base/violation.h"
#include "raft/raft.h"

namespace orrery::raft {

Violations violations(const Raft& raft);

// `before` and `after` are the same member, without a restart between them.
Violations step_violations(const Raft& before, const Raft& after);

}  // namespace orrery::raft
