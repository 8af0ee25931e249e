#include "wal/wal.h"

#include <algorithm>
#include <charconv>

#include "base/text.h"
#include "proto/raftpb_codec.h"
#include "proto/walpb_codec.h"
#include "wal/record.h"

namespace orrery::wal {
namespace {

// What waits in memory at most: etcd's page writer flushes whole pages when its buffer is full.
constexpr std::size_t kBufferBytes = 128U << 10U;
constexpr std::size_t kNameBytes = 37;  // 16 digits, '-', 16 digits, ".wal"

std::optional<std::uint64_t> sixteen_digits(std::string_view digits) {
  std::uint64_t out = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), out, 16);
  if (error != std::errc() || end != digits.data() + digits.size()) return {};
  return out;
}

}  // namespace

std::string segment_name(std::uint64_t sequence, Index first) {
  return text("{:016x}-{:016x}.wal", sequence, first.value());
}

std::optional<SegmentName> parse_segment_name(std::string_view name) {
  if (name.size() != kNameBytes || name[16] != '-' || !name.ends_with(".wal")) return {};
  const auto sequence = sixteen_digits(name.substr(0, 16));
  const auto first = sixteen_digits(name.substr(17, 16));
  if (!sequence || !first) return {};
  return SegmentName{.sequence = *sequence, .first = Index(*first)};
}

bool must_sync(const raftpb::HardState& before, const raftpb::HardState& now,
               std::size_t entry_count) {
  return entry_count != 0 || now.vote != before.vote || now.term != before.term;
}

Result<Wal> Wal::create(disk::Disk& disk, std::string_view dir, BytesView metadata,
                        Options options) {
  if (exists(disk, dir)) return fail(Errc::Io, text("create {}: file already exists", dir));
  const std::string temporary = text("{}.tmp", dir);
  disk.remove_all(temporary);
  Wal wal;
  Place& place = wal.place_.edit();
  place = Place{.dir = std::string(dir),
                .metadata = Bytes(metadata),
                .options = options,
                .tail_path = text("{}/{}", temporary, segment_name(0, Index(0))),
                .sequence = 0,
                .prepared = 0,
                .locked = {segment_name(0, Index(0))}};
  auto done = disk.create(place.tail_path);
  if (done) done = disk.preallocate(place.tail_path, options.segment_bytes);
  if (!done) return fail(done.error());
  append_record(wal.buffer_, wal.chain_, walpb::RecordType::Crc, {});
  append_record(wal.buffer_, wal.chain_, walpb::RecordType::Metadata, metadata);
  done = wal.write_snapshot(disk, walpb::Snapshot{});
  if (done) done = wal.sync(disk);
  if (done) done = disk.rename(temporary, dir);
  if (!done) return fail(done.error());
  place.tail_path = text("{}/{}", dir, segment_name(0, Index(0)));
  done = wal.prepare_next(disk);
  if (!done) return fail(done.error());
  const std::size_t slash = dir.rfind('/');
  disk.sync_dir(slash == dir.npos ? "" : dir.substr(0, slash));
  return wal;
}

void Wal::add_entry(const raftpb::Entry& entry) {
  const std::size_t at = buffer_.size();
  raftpb::append_encoded(buffer_, entry);
  frame_record(buffer_, at, chain_, walpb::RecordType::Entry);
  last_index_ = entry.index;
}

void Wal::add_state(const raftpb::HardState& state) {
  if (state.empty()) return;
  const std::size_t at = buffer_.size();
  raftpb::append_encoded(buffer_, state);
  frame_record(buffer_, at, chain_, walpb::RecordType::State);
  state_ = state;
}

Result<Next> Wal::finish_write(disk::Disk& disk, std::size_t entry_count,
                               const raftpb::HardState& state) {
  if (entry_count == 0 && state.empty()) return Next::Done;
  const bool sync_due = must_sync(state_, state, entry_count);
  add_state(state);
  if (offset_ >= place_->options.segment_bytes) return Next::Cut;
  const auto flushed = sync_due ? flush(disk) : flush_pages(disk);
  if (!flushed) return fail(flushed.error());
  return sync_due ? Next::Sync : Next::Done;
}

Result<void> Wal::write_snapshot(disk::Disk& disk, const walpb::Snapshot& snapshot) {
  append_record(buffer_, chain_, walpb::RecordType::Snapshot, walpb::encode(snapshot));
  last_index_ = std::max(last_index_, snapshot.index);
  return flush(disk);
}

Result<void> Wal::flush(disk::Disk& disk) {
  if (buffer_.empty()) return {};
  const auto written = disk.write(place_->tail_path, offset_, buffer_);
  if (!written) return written;
  offset_ += buffer_.size();
  buffer_.clear();
  return {};
}

Result<void> Wal::flush_pages(disk::Disk& disk) {
  if (buffer_.size() <= kBufferBytes) return {};
  const std::size_t count = buffer_.size() - (offset_ + buffer_.size()) % disk::kBlockBytes;
  const auto written = disk.write(place_->tail_path, offset_, BytesView(buffer_).substr(0, count));
  if (!written) return written;
  offset_ += count;
  buffer_.erase(0, count);
  return {};
}

Result<void> Wal::sync(disk::Disk& disk) {
  const auto flushed = flush(disk);
  return flushed ? disk.fsync(place_->tail_path) : flushed;
}

void Wal::release_to(Index index) {
  const std::vector<std::string>& locked = place_->locked;
  const auto later = std::ranges::find_if(locked, [&](const std::string& name) {
    const auto parsed = parse_segment_name(name);
    return parsed && parsed->first >= index;
  });
  // The segment before the first that begins at or behind `index` may still hold entries that matter.
  const auto released = later - locked.begin() - 1;
  if (released <= 0) return;
  auto& kept = place_.edit().locked;
  kept.erase(kept.begin(), kept.begin() + released);
}

std::vector<std::string> Wal::purge(disk::Disk& disk, std::size_t keep) {
  std::vector<std::string> removed;
  std::vector<std::string> names = disk.list(place_->dir);
  std::erase_if(names, [](const std::string& name) { return !name.ends_with(".wal"); });
  const auto& locked = place_->locked;
  for (std::size_t i = 0; i + keep < names.size(); ++i) {
    if (std::ranges::find(locked, names[i]) != locked.end()) break;
    if (!disk.remove(text("{}/{}", place_->dir, names[i]))) break;
    removed.push_back(names[i]);
  }
  return removed;
}

}  // namespace orrery::wal
