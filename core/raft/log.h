// Log: a member's whole log: the stable part it owns, the unstable end above it, and the cursors over both.
//   used by: every rule of Raft     uses: storage.h, unstable.h
//   ideas:   committed = safe on a majority, as far as known here; applying = handed to the state machine;
//            applied = reported back by it. What is handed out is paged by bytes that are still outstanding.
//   invariant 1: applied <= applying <= committed <= last_index.
//   invariant 2: committed never falls.
//   invariant 3: the stable part ends where the unstable one begins, unless a snapshot waits to replace it.
//   from: raft paper Figure 2 (log[], commitIndex, lastApplied), 5.3, 5.4.1; etcd raft log.go
#pragma once

#include <optional>
#include <span>
#include <string>
#include <vector>

#include "raft/config.h"
#include "raft/io.h"
#include "raft/storage.h"
#include "raft/unstable.h"

namespace orrery::raft {

// Names one entry for all members alike (paper 5.3: Log Matching).
struct EntryId {
  Term term;
  Index index;

  template <class F>
  void fields(F&& f) const {
    f("term", term), f("index", index);
  }
  friend bool operator==(const EntryId&, const EntryId&) = default;
};

class Log {
 public:
  Log() = default;
  Log(Storage storage, std::uint64_t max_applying_bytes);

  const Storage& storage() const { return storage_; }

  Storage& storage() { return storage_; }

  const Unstable& unstable() const { return unstable_; }

  Index committed() const { return committed_; }

  Index applying() const { return applying_; }

  Index applied() const { return applied_; }

  std::uint64_t applying_bytes() const { return applying_bytes_; }

  bool applying_paused() const { return applying_paused_; }

  Index first_index() const {
    const auto& snapshot = unstable_.snapshot();
    return snapshot ? snapshot->index + 1 : storage_.first_index();
  }

  Index last_index() const { return unstable_.end() - 1; }

  // Nothing: compacted, or beyond the end.
  std::optional<Term> term(Index index) const;
  // 0 where term() knows nothing.
  Term term_or_zero(Index index) const { return term(index).value_or(Term(0)); }

  EntryId last_entry() const { return {term_or_zero(last_index()), last_index()}; }

  bool has(EntryId id) const { return term(id.index) == id.term; }

  // requires: first_index() <= index <= last_index()
  const raftpb::Entry& at(Index index) const;

  // Entries from `low` on, before `high`, cut before the one that would pass `max_bytes`; at least one.
  // Nothing: `low` is compacted.
  std::optional<std::vector<raftpb::Entry>> slice(Index low, Index high,
                                                  std::uint64_t max_bytes) const;

  // Is a log that ends with `theirs` at least as up to date as this one? (paper 5.4.1)
  bool is_up_to_date(EntryId theirs) const;

  // The last entry at or before `from` whose term is at most `term`: two logs cannot agree between it and `from`.
  EntryId find_conflict_by_term(Index from, Term term) const;

  // The follower's side of an append: consistency check, conflict removal, commit (paper Figure 2). The index of
  // the last new entry, or nothing when the entry before is missing here.
  std::optional<Index> maybe_append(const Io& io, EntryId previous,
                                    std::span<const raftpb::Entry> entries, Index leader_commit);

  // requires: entries not empty, the first above committed()
  void append(const Io& io, std::span<const raftpb::Entry> entries);

  // Panics beyond the end of the log: committed entries have been lost.
  void commit_to(Index index);

  // The log is replaced by a snapshot of the leader's.
  void restore(const Io& io, raftpb::Snapshot snapshot);

  // -- what Ready hands out, and what comes back

  std::vector<raftpb::Entry> next_committed_entries(bool allow_unstable) const;
  bool has_next_committed_entries(bool allow_unstable) const;

  void accept_unstable() { unstable_.accept_in_progress(); }

  void accept_applying(Index index, std::uint64_t bytes, bool allow_unstable);
  void applied_to(Index index, std::uint64_t bytes);

  void stable_to(const Io& io, EntryId id) { unstable_.stable_to(io, id.index, id.term); }

  void stable_snapshot_to(Index index) { unstable_.stable_snapshot_to(index); }

  // The snapshot to send: one that waits to be installed here is newer than the stored one.
  // Nothing: it is being made.
  const raftpb::Snapshot* snapshot() const;

  template <class F>
  void fields(F&& f) const {
    f("storage", storage_), f("unstable", unstable_), f("committed", committed_);
    f("applying", applying_), f("applied", applied_);
    f("max_applying_bytes", max_applying_bytes_), f("applying_bytes", applying_bytes_);
    f("applying_paused", applying_paused_);
  }
  friend bool operator==(const Log&, const Log&) = default;

 private:
  Index find_conflict(const Io& io, std::span<const raftpb::Entry> entries) const;
  Index max_appliable(bool allow_unstable) const;

  Storage storage_;
  Unstable unstable_;
  Index committed_;
  Index applying_;
  Index applied_;
  std::uint64_t max_applying_bytes_ = kNoLimit;
  std::uint64_t applying_bytes_ = 0;  // encoded bytes of entries in (applied, applying]
  bool applying_paused_ = false;      // nothing more is handed out before something is reported
};

// etcd's words: "committed=3, applied=2, applying=3, unstable.offset=4, ..."
std::string to_text(const Log& log);

// Encoded bytes, as limits on messages and pages count them.
std::uint64_t encoded_bytes(std::span<const raftpb::Entry> entries);
// Bytes of data alone, as limits on proposals and windows count them.
std::uint64_t payload_bytes(std::span<const raftpb::Entry> entries);

}  // namespace orrery::raft
