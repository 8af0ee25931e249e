#include "gui/disk_rows.h"

#include <algorithm>
#include <set>

#include "base/text.h"
#include "server/context.h"
#include "wal/wal.h"

namespace orrery::gui {
namespace {

void add_segment(DiskRows& out, const std::string& path) {
  const auto at = std::ranges::find(out.segments, path, &WalFile::path);
  if (at == out.segments.end()) return;
  const auto segment = static_cast<std::size_t>(at - out.segments.begin());
  for (std::size_t i = 0; i < at->segment.records.size(); ++i) {
    out.rows.push_back(
        {.kind = DiskRow::Kind::Record, .path = path, .segment = segment, .record = i});
  }
  out.rows.push_back({.kind = DiskRow::Kind::Ending, .path = path, .segment = segment});
}

void add_file(DiskRows& out, const disk::Disk& disk, const std::string& path) {
  out.rows.push_back({.kind = DiskRow::Kind::File, .path = path});
  const disk::File* file = disk.find_file(path);
  if (file != nullptr && !file->synced()) {
    out.rows.push_back({.kind = DiskRow::Kind::Pending, .path = path});
  }
  if (path == server::kDbPath) out.rows.push_back({.kind = DiskRow::Kind::Database, .path = path});
  if (path.ends_with(".snap")) out.rows.push_back({.kind = DiskRow::Kind::Snapshot, .path = path});
  add_segment(out, path);
}

}  // namespace

std::vector<WalFile> read_segments(const disk::Disk& disk) {
  std::vector<WalFile> out;
  for (const std::string& name : disk.list(server::kWalDir)) {
    if (!wal::parse_segment_name(name)) continue;
    WalFile file;
    file.path = text("{}/{}", server::kWalDir, name);
    out.push_back(std::move(file));
  }
  std::uint32_t chain = 0;
  for (WalFile& file : out) {
    const disk::File* held = disk.find_file(file.path);
    if (held == nullptr) continue;
    file.size = held->size();
    file.stored = held->read(0, held->stored_size());
    file.segment = wal::decode_segment({.stored = file.stored,
                                        .file_size = file.size,
                                        .chain = chain,
                                        .last = &file == &out.back()});
    chain = file.segment.chain;
  }
  return out;
}

DiskRows read_disk(const disk::Disk& now, const disk::Disk& before) {
  DiskRows out;
  out.segments = read_segments(now);
  std::set<std::string> paths;
  for (const auto& [path, inode] : now.names().cached()) paths.insert(path);
  for (const auto& [path, inode] : now.names().durable()) paths.insert(path);
  for (const auto& [path, inode] : before.names().cached()) paths.insert(path);
  for (const std::string& path : paths) {
    if (now.names().cached().contains(path)) {
      add_file(out, now, path);
    } else if (now.names().durable().contains(path)) {
      out.rows.push_back({.kind = DiskRow::Kind::Returns, .path = path});
    } else {
      out.rows.push_back({.kind = DiskRow::Kind::Gone, .path = path});
    }
  }
  return out;
}

bool is_durable(const disk::File& file, std::uint64_t offset, BytesView bytes) {
  return file.fresh() || file.durable().read(offset, bytes.size()) == bytes;
}

bool name_is_durable(const disk::Disk& disk, const std::string& path) {
  const disk::Inode* cached = disk.names().cached().find(path);
  const disk::Inode* durable = disk.names().durable().find(path);
  return cached != nullptr && durable != nullptr && *cached == *durable;
}

Change change_of_bytes(const disk::File* before, const disk::File& now, std::uint64_t offset,
                       BytesView bytes) {
  if (before == nullptr) return Change::Added;
  if (before == &now) return Change::Same;
  const Bytes old = before->read(offset, bytes.size());
  if (old == bytes) {
    const bool same = is_durable(*before, offset, bytes) == is_durable(now, offset, bytes);
    return same ? Change::Same : Change::Changed;
  }
  const bool nothing = old.find_first_not_of('\0') == old.npos;
  return nothing ? Change::Added : Change::Changed;
}

Sequence<Blob> cached_blocks(const disk::File& file) {
  Sequence<Blob> out;
  const std::uint64_t count = (file.size() + disk::kBlockBytes - 1) / disk::kBlockBytes;
  for (std::uint64_t number = 0; number < count; ++number) out.push_back(file.block(number));
  return out;
}

}  // namespace orrery::gui
