#include "wal/snap.h"

#include <algorithm>
#include <ranges>

#include "base/crc32c_fast.h"
#include "base/text.h"
#include "proto/raftpb_codec.h"
#include "proto/walpb_codec.h"

namespace orrery::wal {
namespace {

constexpr std::string_view kSuffix = ".snap";

template <class Fits>
LoadedSnap load_newest(disk::Disk& disk, std::string_view dir, Fits fits) {
  LoadedSnap out;
  std::vector<std::string> names = disk.list(dir);
  std::erase_if(names, [](const std::string& name) { return !name.ends_with(kSuffix); });
  for (const std::string& name : std::views::reverse(names)) {
    const std::string path = text("{}/{}", dir, name);
    const auto bytes = disk.read_all(path);
    auto snapshot = bytes ? decode_snap(*bytes) : Result<raftpb::Snapshot>(fail(bytes.error()));
    if (!snapshot) {
      out.broken.push_back(text("{}: {}", name, snapshot.error().detail));
      // A name that cannot be changed is tried again at the next start.
      (void)disk.rename(path, text("{}.broken", path));
      continue;
    }
    if (!fits(*snapshot)) continue;
    out.snapshot = std::move(*snapshot);
    out.name = name;
    return out;
  }
  return out;
}

}  // namespace

std::string snap_name(Term term, Index index) {
  return text("{:016x}-{:016x}{}", term.value(), index.value(), kSuffix);
}

Bytes encode_snap(const raftpb::Snapshot& snapshot) {
  const Bytes data = raftpb::encode(snapshot);
  return snappb::encode(snappb::Snapshot{.crc = crc32c_fast(0, data), .data = Blob(data)});
}

Result<raftpb::Snapshot> decode_snap(BytesView file) {
  if (file.empty()) return fail(Errc::Corrupt, "snap: empty snapshot: the file has no bytes");
  const auto envelope = snappb::decode_snapshot(file);
  if (!envelope) return fail(envelope.error());
  if (envelope->data.empty() || envelope->crc == 0) {
    return fail(Errc::Corrupt, "snap: empty snapshot: no data or no checksum");
  }
  const std::uint32_t crc = crc32c_fast(0, envelope->data.view());
  if (crc != envelope->crc) {
    return fail(
        Errc::Corrupt,
        text("snap: crc mismatch: the file says {:08x}, its data have {:08x}", envelope->crc, crc));
  }
  return raftpb::decode_snapshot(envelope->data.view());
}

Result<std::string> write_snap(disk::Disk& disk, std::string_view dir,
                               const raftpb::Snapshot& snapshot) {
  if (snapshot.empty()) return std::string();
  std::string path = text("{}/{}", dir, snap_name(snapshot.term, snapshot.index));
  auto done = disk.create(path);
  if (done) done = disk.write(path, 0, encode_snap(snapshot));
  if (done) return path;
  (void)disk.remove(path);  // half a snapshot is none
  return fail(done.error());
}

Result<void> sync_snap(disk::Disk& disk, std::string_view path) {
  auto synced = disk.fsync(path);
  if (!synced) (void)disk.remove(path);
  return synced;
}

LoadedSnap load_newest_snap(disk::Disk& disk, std::string_view dir,
                            const std::vector<walpb::Snapshot>& known) {
  return load_newest(disk, dir, [&](const raftpb::Snapshot& snapshot) {
    return std::ranges::any_of(known, [&](const walpb::Snapshot& mark) {
      return mark.index == snapshot.index && mark.term == snapshot.term;
    });
  });
}

LoadedSnap load_newest_snap(disk::Disk& disk, std::string_view dir) {
  return load_newest(disk, dir, [](const raftpb::Snapshot&) { return true; });
}

std::vector<std::string> purge_snaps(disk::Disk& disk, std::string_view dir,
                                     std::string_view suffix, std::size_t keep) {
  std::vector<std::string> removed;
  std::vector<std::string> names = disk.list(dir);
  std::erase_if(names, [&](const std::string& name) { return !name.ends_with(suffix); });
  for (std::size_t i = 0; i + keep < names.size(); ++i) {
    if (!disk.remove(text("{}/{}", dir, names[i]))) break;
    removed.push_back(names[i]);
  }
  return removed;
}

}  // namespace orrery::wal
