// ReadOnly: linearizable reads that wait for proof that this leader still leads.
//   used by: Leader (roles.h), reads.h    uses: id_map.h
//   ideas:   a read takes the commit index of its arrival; once a majority answered a heartbeat that was sent
//            later, no newer leader can have committed before the read came. A proof for one read is a proof
//            for all that came before it.
//   from: raft paper section 8, thesis 6.4; etcd raft read_only.go
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "proto/raftpb.h"
#include "raft/joint.h"

namespace orrery::raft {

// A read that may go ahead once `index` is applied.
struct ReadState {
  Index index;
  Blob context;  // the caller's name for it

  template <class F>
  void fields(F&& f) const {
    f("index", index), f("context", context);
  }
  friend bool operator==(const ReadState&, const ReadState&) = default;
};

struct PendingRead {
  raftpb::Message request;  // MsgReadIndex; from = 0 or the leader itself: asked here
  Index index;              // committed when it came
  Votes acks;               // who answered a heartbeat with its context

  const Blob& context() const { return request.entries.front().data; }

  template <class F>
  void fields(F&& f) const {
    f("request", request), f("index", index), f("acks", acks);
  }
  friend bool operator==(const PendingRead&, const PendingRead&) = default;
};

class ReadOnly {
 public:
  // A context that is waiting already is not added again.
  void add(const raftpb::Message& request, Index committed);

  // Counts an answer. The answers so far, or nothing when no such read is waiting.
  const Votes* acknowledge(NodeId from, const Blob& context);

  // Takes out the read with this context and all before it.
  std::vector<PendingRead> release(const Blob& context);

  // The context that heartbeats carry; empty = no read is waiting.
  Blob newest_context() const { return queue_.empty() ? Blob() : queue_.back().context(); }

  const std::vector<PendingRead>& queue() const { return queue_; }

  template <class F>
  void fields(F&& f) const {
    f("queue", queue_);
  }
  friend bool operator==(const ReadOnly&, const ReadOnly&) = default;

 private:
  std::vector<PendingRead> queue_;  // in order of arrival
};

}  // namespace orrery::raft
