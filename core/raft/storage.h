// Storage: the stable part of a member's log as Raft reads it back.
//   used by: Log (owned), the server or runner that obeys Ready (writes)    uses: base/sequence.h
//   ideas:   entries behind a snapshot, and a place before the first one whose term is still known. What is in
//            here counts as being on disk: whoever writes it has synced it first.
//   invariant: entries_[i].index = compacted_index_ + 1 + i, terms never fall.
//   from: etcd raft storage.go (MemoryStorage)
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "base/result.h"
#include "base/sequence.h"
#include "proto/raftpb.h"

namespace orrery::raft {

class Storage {
 public:
  const raftpb::HardState& hard_state() const { return hard_state_; }

  void set_hard_state(const raftpb::HardState& state) { hard_state_ = state; }

  Index first_index() const { return compacted_index_ + 1; }

  Index last_index() const { return compacted_index_ + entries_.size(); }

  // The term of an entry in [first_index - 1, last_index]: the entry before the first one is gone, but its term is
  // known, since appends start behind it.
  Result<Term> term(Index index) const;
  std::optional<Term> known_term(Index index) const {
    if (index <= compacted_index_ || index > last_index()) {
      return index == compacted_index_ ? std::optional(compacted_term_) : std::nullopt;
    }
    return at(index).term;
  }

  // requires: first_index() <= index <= last_index()
  const raftpb::Entry& at(Index index) const { return entries_[index - compacted_index_ - 1]; }

  // The entries in [low, high), cut before the one that would pass `max_bytes`; at least one.
  Result<std::vector<raftpb::Entry>> entries(Index low, Index high, std::uint64_t max_bytes) const;

  // The newest snapshot of the state machine: what a follower that is too far behind is sent, and where a
  // restart begins.
  const raftpb::Snapshot& snapshot() const { return snapshot_; }

  // Replaces it without touching the log.
  void set_snapshot(raftpb::Snapshot snapshot) { snapshot_ = std::move(snapshot); }

  // False = a snapshot is being made; Raft asks again later.
  bool snapshot_available() const { return snapshot_available_; }

  void set_snapshot_available(bool available) { snapshot_available_ = available; }

  // Overwrites from the first given entry on. Entries that are compacted already are skipped.
  // requires: no gap between last_index() and the first entry
  void append(const std::vector<raftpb::Entry>& entries);

  // The whole log is replaced by a snapshot that came from the leader.
  Result<void> apply_snapshot(raftpb::Snapshot snapshot);

  // Remembers the state machine's state at `index`. The log stays; see compact().
  Result<void> create_snapshot(Index index, raftpb::ConfState conf_state, Blob data);

  // Forgets the entries up to and with `index`.
  Result<void> compact(Index index);

  template <class F>
  void fields(F&& f) const {
    f("hard_state", hard_state_), f("snapshot", snapshot_);
    f("snapshot_available", snapshot_available_), f("compacted_index", compacted_index_);
    f("compacted_term", compacted_term_), f("entries", entries_);
  }
  friend bool operator==(const Storage&, const Storage&) = default;

 private:
  raftpb::HardState hard_state_;
  raftpb::Snapshot snapshot_;
  bool snapshot_available_ = true;
  Index compacted_index_;  // the entry before the first one
  Term compacted_term_;    // and its term
  Sequence<raftpb::Entry> entries_;
};

}  // namespace orrery::raft
