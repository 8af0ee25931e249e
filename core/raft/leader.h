// The leader's rules: one function for each message it reacts to.
//   used by: step                   uses: state.h
//   from: raft paper 5.3, 5.4.2, Figure 2 (Leaders), thesis 3.10, 6.2; etcd raft raft.go (stepLeader)
#pragma once

#include "raft/state.h"

namespace orrery::raft {

// Puts entries into the log and sends them on. requires: is_leader(), entries not empty
Result<void> propose(State& raft, const Io& io, std::vector<raftpb::Entry> entries);

Result<void> step_leader(State& raft, const Io& io, const Message& m);

}  // namespace orrery::raft
