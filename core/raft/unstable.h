// Unstable: the end of the log that is not known to be on disk, and a snapshot that is not yet installed.
//   used by: Log                    uses: base/sequence.h, io.h
//   ideas:   entries_[i] has index offset + i. Up to in_progress the entries have been handed out for writing;
//            they stay here until the write is reported, because a new leader may replace them meanwhile.
//   invariant: offset <= in_progress <= offset + size.
//   from: etcd raft log_unstable.go
#pragma once

#include <optional>
#include <span>
#include <vector>

#include "base/sequence.h"
#include "proto/raftpb.h"
#include "raft/io.h"

namespace orrery::raft {

class Unstable {
 public:
  Unstable() = default;
  explicit Unstable(Index offset) : offset_(offset), in_progress_(offset) {}

  Index offset() const { return offset_; }

  Index in_progress() const { return in_progress_; }

  std::size_t size() const { return entries_.size(); }

  bool has_snapshot() const { return snapshot_.has_value(); }

  // requires: offset() <= index < offset() + size()
  const raftpb::Entry& at(Index index) const { return entries_[index - offset_]; }

  // One past the last entry of the log; the stable part ends where this one begins.
  Index end() const { return offset_ + entries_.size(); }

  // The term of an entry here, or of the snapshot; nothing = ask the stable part.
  std::optional<Term> term(Index index) const {
    if (index >= offset_) {
      return index < end() ? std::optional(at(index).term) : std::nullopt;
    }
    if (snapshot_ && snapshot_->index == index) return snapshot_->term;
    return std::nullopt;
  }

  // What has not been handed out for writing yet.
  bool has_next_entries() const { return in_progress_ < end(); }

  std::vector<raftpb::Entry> next_entries() const;

  bool has_next_snapshot() const { return snapshot_.has_value() && !snapshot_in_progress_; }

  const raftpb::Snapshot* next_snapshot() const {
    return has_next_snapshot() ? &*snapshot_ : nullptr;
  }

  const std::optional<raftpb::Snapshot>& snapshot() const { return snapshot_; }

  // Everything is being written now.
  void accept_in_progress();

  // The log up to this entry is on disk, if that is still the entry here.
  void stable_to(const Io& io, Index index, Term term);
  void stable_snapshot_to(Index index);

  // The log is replaced by a snapshot.
  void restore(raftpb::Snapshot snapshot);

  // Overwrites from the first given entry on. requires: entries not empty, without a gap
  void truncate_and_append(const Io& io, std::span<const raftpb::Entry> entries);

  template <class F>
  void fields(F&& f) const {
    f("snapshot", snapshot_), f("snapshot_in_progress", snapshot_in_progress_);
    f("entries", entries_), f("offset", offset_), f("in_progress", in_progress_);
  }
  friend bool operator==(const Unstable&, const Unstable&) = default;

 private:
  std::optional<raftpb::Snapshot> snapshot_;  // from a leader, to be installed before any entry
  bool snapshot_in_progress_ = false;         // it has been handed out
  Sequence<raftpb::Entry> entries_;
  Index offset_{1};       // the index of entries_[0], whether or not there is one
  Index in_progress_{1};  // entries before it are being written
};

}  // namespace orrery::raft
