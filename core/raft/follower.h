// The follower's rules: one function for each message it reacts to.
//   used by: step, election (a candidate that yields)    uses: state.h
//   from: raft paper 5.2, 5.3, Figure 2 (Followers, AppendEntries RPC), Figure 13;
//         etcd raft raft.go (stepFollower, handleAppendEntries, handleHeartbeat, handleSnapshot)
#pragma once

#include "raft/state.h"

namespace orrery::raft {

Result<void> step_follower(State& raft, const Io& io, const Message& m);

inline tl::unexpected<Error> proposal_dropped() {
  return fail(Errc::ProposalDropped, "raft proposal dropped");
}

}  // namespace orrery::raft
