// Reads: the leader's answer to MsgReadIndex, the index at which a linearizable read may be served.
//   used by: leader                 uses: read_only.h, replication.h
//   from: raft paper section 8, thesis 6.4; etcd raft raft.go (sendMsgReadIndexResponse)
#pragma once

#include "raft/state.h"

namespace orrery::raft {

void on_read_index(State& raft, const Io& io, const Message& m);

// A heartbeat with a read's context was answered.
void on_read_acknowledged(State& raft, const Io& io, const Message& m);

// The leader has committed in its term: reads that came earlier may start.
void release_postponed_reads(State& raft, const Io& io);

}  // namespace orrery::raft
