// Replication: the leader's sending: appends, snapshots, heartbeats; and the commit rule.
//   used by: leader, membership, state    uses: state.h
//   from: raft paper 5.3, 5.4.2, section 7; etcd raft raft.go (maybeSendAppend, bcastAppend, maybeCommit)
#pragma once

#include "raft/state.h"

namespace orrery::raft {

// Appends to the leader's own log; its acknowledgement to itself waits for the disk like any other.
// False = too many uncommitted bytes.
bool append_entries(State& raft, const Io& io, std::vector<raftpb::Entry> entries);

enum class IfEmpty : std::uint8_t { Send, Skip };

// Sends what the member should get next: entries from its `next` on, or a snapshot if those are compacted.
// False = nothing was sent.
bool send_append(State& raft, const Io& io, NodeId to, IfEmpty if_empty = IfEmpty::Send);
void broadcast_append(State& raft, const Io& io);

void send_heartbeat(State& raft, NodeId to, const Blob& context);
void broadcast_heartbeat(State& raft, const Blob& context);

// Commits what a majority has, if it is of this term. True = the commit index moved.
bool maybe_commit(State& raft, const Io& io);

// Has this leader committed an entry of its own term?
bool committed_in_term(const State& raft);

// Entries left the log's uncommitted part.
void reduce_uncommitted(State& raft, std::uint64_t bytes);

}  // namespace orrery::raft
