// The .snap files: Raft's snapshots on disk, newest valid one first.
//   used by: server (raft lane, bootstrap)    uses: disk, proto
//   ideas:   member/snap/<term>-<index>.snap holds snappb.Snapshot {crc, raftpb.Snapshot bytes}. A file that cannot be
//            read is renamed to NAME.broken and the next older one tried.
//   from: etcd server/etcdserver/api/snap/snapshotter.go (SaveSnap, LoadNewestAvailable, Read)
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/blob.h"
#include "base/result.h"
#include "disk/disk.h"
#include "proto/raftpb.h"
#include "proto/walpb.h"

namespace orrery::wal {

// "%016x-%016x.snap" of term and index.
std::string snap_name(Term term, Index index);

// A whole .snap file.
Bytes encode_snap(const raftpb::Snapshot& snapshot);
Result<raftpb::Snapshot> decode_snap(BytesView file);

// Phase one of saving: the file, not yet durable; its path. An empty snapshot is not saved (empty path).
Result<std::string> write_snap(disk::Disk& disk, std::string_view dir,
                               const raftpb::Snapshot& snapshot);
// Phase two. A file that could not be made durable is removed.
Result<void> sync_snap(disk::Disk& disk, std::string_view path);

struct LoadedSnap {
  std::optional<raftpb::Snapshot> snapshot;  // none = no file can be used
  std::string name;                          // of its file
  std::vector<std::string> broken;           // files that were renamed, "name: reason"
};

// The newest snapshot that can be read and that the log knows (`known` = wal::valid_snapshots).
LoadedSnap load_newest_snap(disk::Disk& disk, std::string_view dir,
                            const std::vector<walpb::Snapshot>& known);
// The newest that can be read, whatever the log says.
LoadedSnap load_newest_snap(disk::Disk& disk, std::string_view dir);

// Removes the oldest files that end in `suffix` (".snap", ".snap.db") while there are more than `keep`; their names.
std::vector<std::string> purge_snaps(disk::Disk& disk, std::string_view dir,
                                     std::string_view suffix, std::size_t keep = 5);

}  // namespace orrery::wal
