// step, tick: the two ways in. What holds for every role is decided here, then the role's own rules.
//   used by: raft.h, membership     uses: election.h, leader.h, follower.h
//   ideas:   a message of a higher term makes a follower, one of a lower term is refused; what is left is of
//            this term (paper 5.1). Messages with term 0 are local.
//   from: raft paper 5.1, 5.2, Figure 2 (All Servers); etcd raft raft.go (Step, tickElection, tickHeartbeat)
#pragma once

#include "raft/state.h"

namespace orrery::raft {

Result<void> step(State& raft, const Io& io, const Message& m);

// One tick of the clock.
void tick(State& raft, const Io& io);

}  // namespace orrery::raft
