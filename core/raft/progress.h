// Progress: what the leader believes about one member, and how it sends to it.
//   used by: Leader (roles.h), replication, leader    uses: inflights.h
//   ideas:   match = known equal, next = try from here. Three ways of sending:
//              Probe      next is a guess: one append at a time, then wait for an answer or a heartbeat's
//              Replicate  next is known: entries are streamed, next runs ahead of match by what is in flight
//              Snapshot   the entry before next is compacted: nothing is sent until the snapshot is through
//   invariant 1: match < next.
//   invariant 2: in Snapshot nothing is in flight; elsewhere no snapshot is pending.
//   from: raft paper Figure 2 (nextIndex, matchIndex), 5.3; etcd raft tracker/progress.go
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "raft/id_map.h"
#include "raft/inflights.h"

namespace orrery::raft {

enum class ProgressState : std::uint8_t { Probe, Replicate, Snapshot };

// "StateProbe"
std::string_view to_text(ProgressState state);

struct Progress {
  Index match;             // the follower is known to hold the log up to here; grows within a term
  Index next;              // the first entry to send
  Index sent_commit;       // the largest commit index that may have reached it
  Index pending_snapshot;  // Snapshot: the index of the one that was sent; else 0
  ProgressState state = ProgressState::Probe;
  bool recent_active = false;  // heard from since the last quorum check
  bool flow_paused =
      false;  // Probe: an append is out; Replicate: the window is full and was poked once
  bool is_learner = false;
  Inflights inflights;

  // Nothing may be sent until an answer comes.
  bool is_paused() const;

  void become_probe();
  void become_replicate();
  void become_snapshot(Index snapshot);

  // An append with `count` entries of `bytes` payload has been sent.
  void sent_entries(std::uint64_t count, std::uint64_t bytes);

  // Would telling it `committed` be news, and could it act on it (sent_commit < next-1)?
  bool can_bump_commit(Index committed) const {
    return committed > sent_commit && sent_commit < next - 1;
  }

  // The follower has the log up to `acked`. False = that is no news.
  bool maybe_update(Index acked);

  // The follower refused an append after `rejected`; `hint` is the last index that may agree.
  // False = an outdated answer: nothing has changed.
  bool maybe_decrease(Index rejected, Index hint);

  template <class F>
  void fields(F&& f) const {
    f("match", match), f("next", next), f("sent_commit", sent_commit);
    f("pending_snapshot", pending_snapshot), f("state", state), f("recent_active", recent_active);
    f("flow_paused", flow_paused), f("is_learner", is_learner), f("inflights", inflights);
  }
  friend bool operator==(const Progress&, const Progress&) = default;

 private:
  void reset(ProgressState to);
};

using ProgressMap = IdMap<Progress>;

// etcd's words: "StateProbe match=0 next=1 paused inactive"
std::string to_text(const Progress& progress);
// One line an id, ascending.
std::string to_text(const ProgressMap& progress);

}  // namespace orrery::raft
