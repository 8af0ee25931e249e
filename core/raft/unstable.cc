#include "raft/unstable.h"

#include <algorithm>
#include <utility>

#include "base/check.h"

namespace orrery::raft {

std::vector<raftpb::Entry> Unstable::next_entries() const {
  std::vector<raftpb::Entry> out;
  out.reserve(end() - in_progress_);
  for (Index index = in_progress_; index < end(); ++index) out.push_back(at(index));
  return out;
}

void Unstable::accept_in_progress() {
  in_progress_ = end();
  if (snapshot_) snapshot_in_progress_ = true;
}

void Unstable::stable_to(const Io& io, Index index, Term written) {
  const auto here = term(index);
  if (!here) {
    say(io, LogLevel::Info, "entry at index {} missing from unstable log; ignoring", index);
    return;
  }
  if (index < offset_) {
    say(io, LogLevel::Info, "entry at index {} matched unstable snapshot; ignoring", index);
    return;
  }
  // Another leader has replaced the entry while the old one was being written: only the new write counts.
  if (!io.guards(*here == written, "the entry that was written is still the one in the log",
                 {{"index", index}, {"written term", written}, {"term here", *here}})) {
    say(io, LogLevel::Info,
        "entry at (index,term)=({},{}) mismatched with entry at ({},{}) in unstable log; ignoring",
        index, written, index, *here);
    return;
  }
  entries_.drop_front(index - offset_ + 1);
  offset_ = index + 1;
  in_progress_ = std::max(in_progress_, offset_);
}

void Unstable::stable_snapshot_to(Index index) {
  if (!snapshot_ || snapshot_->index != index) return;
  snapshot_.reset();
  snapshot_in_progress_ = false;
}

void Unstable::restore(raftpb::Snapshot snapshot) {
  offset_ = snapshot.index + 1;
  in_progress_ = offset_;
  entries_.clear();
  snapshot_ = std::move(snapshot);
  snapshot_in_progress_ = false;
}

void Unstable::truncate_and_append(const Io& io, std::span<const raftpb::Entry> entries) {
  const Index from = entries.front().index;
  check(from <= end(), "a log has no gap");
  if (from == end()) {
    // Goes on where the log ends.
  } else if (from <= offset_) {
    say(io, LogLevel::Info, "replace the unstable entries from index {}", from);
    entries_.clear();
    offset_ = from;
    in_progress_ = from;
  } else {
    say(io, LogLevel::Info, "truncate the unstable entries before index {}", from);
    entries_.truncate(from - offset_);
    in_progress_ = std::min(in_progress_, from);
  }
  for (const raftpb::Entry& entry : entries) entries_.push_back(entry);
}

}  // namespace orrery::raft
