#include "raft/log.h"

#include <algorithm>
#include <utility>

#include "base/check.h"
#include "proto/raftpb_codec.h"

namespace orrery::raft {

Log::Log(Storage storage, std::uint64_t max_applying_bytes)
    : storage_(std::move(storage)),
      unstable_(storage_.last_index() + 1),
      committed_(storage_.first_index() - 1),
      applying_(committed_),
      applied_(committed_),
      max_applying_bytes_(max_applying_bytes) {}

std::optional<Term> Log::term(Index index) const {
  // What the stable part has there is outdated.
  if (index >= unstable_.offset() || unstable_.has_snapshot()) return unstable_.term(index);
  return storage_.known_term(index);
}

const raftpb::Entry& Log::at(Index index) const {
  return index >= unstable_.offset() ? unstable_.at(index) : storage_.at(index);
}

std::optional<std::vector<raftpb::Entry>> Log::slice(Index low, Index high,
                                                     std::uint64_t max_bytes) const {
  if (low < first_index()) return std::nullopt;
  check(high <= last_index() + 1, "a slice ends within the log");
  std::uint64_t bytes = 0;
  Index end = low;
  for (; end < high; ++end) {
    bytes += raftpb::encoded_size(at(end));
    if (bytes > max_bytes && end > low) break;
  }
  std::vector<raftpb::Entry> out;
  out.reserve(end - low);
  for (Index index = low; index < end; ++index) out.push_back(at(index));
  return out;
}

bool Log::is_up_to_date(EntryId theirs) const {
  const EntryId ours = last_entry();
  if (theirs.term != ours.term) return theirs.term > ours.term;
  return theirs.index >= ours.index;
}

EntryId Log::find_conflict_by_term(Index from, Term at_most) const {
  for (Index index = from; index > Index(0); --index) {
    const auto here = term(index);
    if (!here) return {Term(0), index};
    if (*here <= at_most) return {*here, index};
  }
  return {};
}

std::optional<Index> Log::maybe_append(const Io& io, EntryId previous,
                                       std::span<const raftpb::Entry> entries,
                                       Index leader_commit) {
  const auto here = term(previous.index);
  if (!io.guards(here == previous.term,
                 "the log holds the entry before the new ones, with the same term",
                 {{"index", previous.index},
                  {"term sent", previous.term},
                  {"term here", here.value_or(Term(0))},
                  {"last index", last_index()}})) {
    return std::nullopt;
  }
  const Index last_new = previous.index + entries.size();
  const Index conflict = find_conflict(io, entries);
  if (conflict != Index(0)) {
    if (conflict <= committed_) {
      panic(text("entry {} conflict with committed entry [committed({})]", conflict.value(),
                 committed_.value()));
    }
    append(io, entries.subspan(conflict - previous.index - 1));
  }
  commit_to(std::min(leader_commit, last_new));
  return last_new;
}

// The first entry that this log lacks or has with another term; 0 = it has them all.
Index Log::find_conflict(const Io& io, std::span<const raftpb::Entry> entries) const {
  for (const raftpb::Entry& entry : entries) {
    if (has({entry.term, entry.index})) continue;
    if (entry.index <= last_index()) {
      say(io, LogLevel::Info,
          "found conflict at index {} [existing term: {}, conflicting term: {}]", entry.index,
          term_or_zero(entry.index), entry.term);
    }
    return entry.index;
  }
  return Index(0);
}

void Log::append(const Io& io, std::span<const raftpb::Entry> entries) {
  check(entries.front().index > committed_, "a committed entry is never replaced");
  unstable_.truncate_and_append(io, entries);
}

void Log::commit_to(Index index) {
  if (index <= committed_) return;
  if (index > last_index()) {
    panic(
        text("tocommit({}) is out of range [lastIndex({})]. Was the raft log corrupted, "
             "truncated, or lost?",
             index.value(), last_index().value()));
  }
  committed_ = index;
}

void Log::restore(const Io& io, raftpb::Snapshot snapshot) {
  say(io, LogLevel::Info, "log [{}] starts to restore snapshot [index: {}, term: {}]", *this,
      snapshot.index, snapshot.term);
  committed_ = snapshot.index;
  unstable_.restore(std::move(snapshot));
}

Index Log::max_appliable(bool allow_unstable) const {
  return allow_unstable ? committed_ : std::min(committed_, unstable_.offset() - 1);
}

bool Log::has_next_committed_entries(bool allow_unstable) const {
  // Entries behind a snapshot wait until it is installed.
  if (applying_paused_ || unstable_.has_snapshot()) return false;
  return applying_ < max_appliable(allow_unstable);
}

std::vector<raftpb::Entry> Log::next_committed_entries(bool allow_unstable) const {
  if (!has_next_committed_entries(allow_unstable)) return {};
  const std::uint64_t room = max_applying_bytes_ - applying_bytes_;
  check(room > 0, "a full page pauses");
  auto entries = slice(applying_ + 1, max_appliable(allow_unstable) + 1, room);
  check(entries.has_value(), "what is not applied is not compacted");
  return *std::move(entries);
}

void Log::accept_applying(Index index, std::uint64_t bytes, bool allow_unstable) {
  check(index <= committed_, "only committed entries are applied");
  applying_ = index;
  applying_bytes_ += bytes;
  // Full, or the page was cut because the next entry would have made it so.
  applying_paused_ =
      applying_bytes_ >= max_applying_bytes_ || index < max_appliable(allow_unstable);
}

void Log::applied_to(Index index, std::uint64_t bytes) {
  if (index > committed_ || index < applied_) {
    panic(text("applied({}) is out of range [prevApplied({}), committed({})]", index.value(),
               applied_.value(), committed_.value()));
  }
  applied_ = index;
  applying_ = std::max(applying_, index);
  applying_bytes_ -= std::min(applying_bytes_, bytes);
  applying_paused_ = applying_bytes_ >= max_applying_bytes_;
}

const raftpb::Snapshot* Log::snapshot() const {
  if (unstable_.has_snapshot()) return &*unstable_.snapshot();
  return storage_.snapshot_available() ? &storage_.snapshot() : nullptr;
}

std::string to_text(const Log& log) {
  return text(
      "committed={}, applied={}, applying={}, unstable.offset={}, unstable.offsetInProgress={}, "
      "len(unstable.Entries)={}",
      log.committed().value(), log.applied().value(), log.applying().value(),
      log.unstable().offset().value(), log.unstable().in_progress().value(), log.unstable().size());
}

std::uint64_t encoded_bytes(std::span<const raftpb::Entry> entries) {
  std::uint64_t out = 0;
  for (const raftpb::Entry& entry : entries) out += raftpb::encoded_size(entry);
  return out;
}

std::uint64_t payload_bytes(std::span<const raftpb::Entry> entries) {
  std::uint64_t out = 0;
  for (const raftpb::Entry& entry : entries) out += entry.data.size();
  return out;
}

}  // namespace orrery::raft
