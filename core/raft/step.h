// step, tick: the two ways in. What holds for every role is decided here, then the role's own rules.
//   used by: raft.h, membership     uses: election.h, leader.h, follower.h
//   ideas:   a message of a higher term makes a follower, one of a lower term is refused; what is left is of
//            this term (paper 5.1). Messages with term 0 are local.
//   from: raft paper 5.1, 5.2, Figure 2 (All Servers); etcd raft raft.go (Step, tickElection, tickHeartbeat)
#pragma once

#include <span>

#include "raft/state.h"

namespace orrery::raft {

Result<void> step(State& raft, const Io& io, const Message& m);

// A report of the append worker: what was handed out for writing is on disk.
struct Written {
  Term term;       // in which it was handed out
  EntryId last;    // the log's last entry then; index 0 = nothing of it was unstable
  Index snapshot;  // 0 = no snapshot was among it

  template <class F>
  void fields(F&& f) const {
    f("term", term), f("last", last), f("snapshot", snapshot);
  }
  friend bool operator==(const Written&, const Written&) = default;
};

void on_written(State& raft, const Io& io, const Written& written);

// A report of the apply worker: entries up to `index` are applied.
struct Applied {
  Index index;
  std::uint64_t encoded_bytes = 0;  // of the entries of this report; the page's limit counts them
  std::uint64_t payload_bytes = 0;  // likewise; the limit on uncommitted proposals

  template <class F>
  void fields(F&& f) const {
    f("index", index), f("encoded_bytes", encoded_bytes), f("payload_bytes", payload_bytes);
  }
  friend bool operator==(const Applied&, const Applied&) = default;
};

// requires: at least one entry
Applied applied_of(std::span<const raftpb::Entry> entries);

void on_applied(State& raft, const Io& io, const Applied& applied);

// One tick of the clock.
void tick(State& raft, const Io& io);

}  // namespace orrery::raft
