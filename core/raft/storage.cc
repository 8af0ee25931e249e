#include "raft/storage.h"

#include <utility>

#include "base/check.h"
#include "proto/raftpb_codec.h"
#include "raft/io.h"

namespace orrery::raft {

namespace {

constexpr const char* kCompacted = "requested index is unavailable due to compaction";
constexpr const char* kOutOfDate = "requested index is older than the existing snapshot";
constexpr const char* kUnavailable = "requested entry at index is unavailable";

}  // namespace

Result<Term> Storage::term(Index index) const {
  if (index < compacted_index_) return fail(Errc::OutOfRange, kCompacted);
  if (const auto known = known_term(index)) return *known;
  return fail(Errc::OutOfRange, kUnavailable);
}

Result<std::vector<raftpb::Entry>> Storage::entries(Index low, Index high,
                                                    std::uint64_t max_bytes) const {
  if (low <= compacted_index_) return fail(Errc::OutOfRange, kCompacted);
  if (high > last_index() + 1) return fail(Errc::OutOfRange, kUnavailable);
  std::vector<raftpb::Entry> out;
  std::uint64_t bytes = 0;
  for (Index index = low; index < high; ++index) {
    bytes += raftpb::encoded_size(at(index));
    if (bytes > max_bytes && !out.empty()) break;
    out.push_back(at(index));
  }
  return out;
}

void Storage::append(const std::vector<raftpb::Entry>& entries) {
  for (const raftpb::Entry& entry : entries) {
    if (entry.index < first_index()) continue;
    if (entry.index > last_index() + 1) {
      panic(text("missing log entry [last: {}, append at: {}]", last_index().value(),
                 entry.index.value()));
    }
    if (entry.index <= last_index()) entries_.truncate(entry.index - first_index());
    entries_.push_back(entry);
  }
}

Result<void> Storage::apply_snapshot(raftpb::Snapshot snapshot) {
  if (snapshot_.index >= snapshot.index) return fail(Errc::WrongUse, kOutOfDate);
  compacted_index_ = snapshot.index;
  compacted_term_ = snapshot.term;
  entries_.clear();
  snapshot_ = std::move(snapshot);
  return {};
}

Result<void> Storage::create_snapshot(Index index, raftpb::ConfState conf_state, Blob data) {
  if (index <= snapshot_.index) return fail(Errc::WrongUse, kOutOfDate);
  const auto at_index = term(index);
  if (!at_index) return fail(at_index.error());
  snapshot_ = {std::move(data), std::move(conf_state), index, *at_index};
  return {};
}

Result<void> Storage::compact(Index index) {
  if (index <= compacted_index_) return fail(Errc::OutOfRange, kCompacted);
  if (index > last_index()) {
    panic(text("compact {} is out of bound lastindex({})", index.value(), last_index().value()));
  }
  compacted_term_ = at(index).term;
  entries_.drop_front(index - compacted_index_);
  compacted_index_ = index;
  return {};
}

}  // namespace orrery::raft
