// Lanes and frames around Raft's snapshots: made, sent, received, installed.
//   used by: lanes.h, member.h (hold them), the .cc named at each    uses: backend, proto, packet.h
//   ideas:   Raft's own snapshot says how far, and who belongs to the cluster; the keys come as the backend's file
//            beside
//            it. A receiver keeps that file as INDEX.snap.db until the log says that the snapshot counts, so a crash at
//            any place finds either the old state or the whole new one.
//   from: etcd server/etcdserver/server.go (snapshot, applySnapshot, sendMergedSnap), snapshot_merge.go,
//         api/rafthttp/snapshot_sender.go, http.go (snapshotHandler), api/snap/db.go; facts D.12
//   differs: snapshots are received one after the other; the sender's read transaction pins no pages of its file.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "backend/backend.h"
#include "base/ordered_map.h"
#include "base/sequence.h"
#include "base/shared.h"
#include "base/strong.h"
#include "proto/raftpb.h"
#include "server/frames.h"
#include "server/packet.h"

namespace orrery::server {

// EtcdServer.snapshot. snapshot_lane.cc
//   Create      raft's storage keeps it in memory; a newer one there ends the job
//   WriteFile   TERM-INDEX.snap (only for a snapshot on disk, as the next four)
//   SyncFile    fdatasync
//   Record      the log says that the file is complete
//   SyncRecord  fdatasync
//   Release     segments and received files that are older need not be kept
//   Compact     raft's log in memory forgets what lies further back than the catch-up entries
struct SnapshotJob {
  raftpb::Snapshot snapshot;
  bool to_disk = true;

  template <class F>
  void fields(F&& f) const {
    f("snapshot", snapshot), f("to_disk", to_disk);
  }
  friend bool operator==(const SnapshotJob&, const SnapshotJob&) = default;
};

struct SnapshotLane {
  enum class Phase : std::uint8_t {
    Create,
    WriteFile,
    SyncFile,
    Record,
    SyncRecord,
    Release,
    Compact
  };
  Phase phase = Phase::Create;
  Sequence<Shared<SnapshotJob>> jobs;  // the front is being made
  std::string path;                    // of its file
  Nanos due;                           // when the running fsync ends

  template <class F>
  void fields(F&& f) const {
    f("phase", phase), f("jobs", jobs), f("path", path), f("due", due);
  }
  friend bool operator==(const SnapshotLane&, const SnapshotLane&) = default;
};
std::string_view to_text(SnapshotLane::Phase phase);

// A merged snapshot on its way to a follower.
struct SnapshotTransfer {
  NodeId to;
  std::uint32_t to_no = 0;
  Index index;
  bool arrived = false;  // it only counts as on its way a while longer
  Nanos due;             // given up then; once arrived: no longer counted

  template <class F>
  void fields(F&& f) const {
    f("to", to), f("to_no", to_no), f("index", index), f("arrived", arrived), f("due", due);
  }
  friend bool operator==(const SnapshotTransfer&, const SnapshotTransfer&) = default;
};

// snapshotSender, and EtcdServer.sendMergedSnap: while anything is counted, raft's log is not compacted.
// snapshot_send.cc
//   settle     the transfer that is due: given up, or no longer counted
struct SnapSendLane {
  Sequence<raftpb::Message>
      asked;  // MsgSnap of raft's, each to be merged with the backend by apply
  OrderedMap<std::uint64_t, SnapshotTransfer> transfers;
  std::uint64_t next = 1;

  template <class F>
  void fields(F&& f) const {
    f("asked", asked), f("transfers", transfers), f("next", next);
  }
  friend bool operator==(const SnapSendLane&, const SnapSendLane&) = default;
};

// snapshotHandler, one posted snapshot after the other. snapshot_receive.cc
//   Write    the backend's file under a passing name
//   Sync     fdatasync
//   Rename   to INDEX.snap.db
//   Process  raft takes the message
//   Reply    the sender hears how it went
struct ReceivedSnapshot {
  Address from;
  Shared<SnapshotPost> post;

  template <class F>
  void fields(F&& f) const {
    f("from", from), f("post", post);
  }
  friend bool operator==(const ReceivedSnapshot&, const ReceivedSnapshot&) = default;
};

struct SnapReceiveLane {
  enum class Phase : std::uint8_t { Write, Sync, Rename, Process, Reply };
  Phase phase = Phase::Write;
  Sequence<Shared<ReceivedSnapshot>> queue;  // the front is being received
  bool ok = true;
  Nanos due;  // when the running fsync ends

  template <class F>
  void fields(F&& f) const {
    f("phase", phase), f("queue", queue), f("ok", ok), f("due", due);
  }
  friend bool operator==(const SnapReceiveLane&, const SnapReceiveLane&) = default;
};
std::string_view to_text(SnapReceiveLane::Phase phase);

// EtcdServer.applySnapshot, inside the apply lane; the batch tx lock is held from Rename to Store. snapshot_install.cc
//   Rename   (waits until the raft lane has persisted the snapshot) INDEX.snap.db takes the db's place
//   Open     the new file becomes a backend
//   Index    the consistent index is the new file's
//   Lessor   leases, without their keys
//   Store    the key index anew, leases get their keys; every watcher has to look again (takes the watch mutex)
//   Alarms   ·  Auth  ·  Members   from the rows of each
//   Finish   applied index and term are the snapshot's
struct InstallFrame {
  enum class Phase : std::uint8_t {
    Rename,
    Open,
    Index,
    Lessor,
    Store,
    Alarms,
    Auth,
    Members,
    Finish
  };
  Phase phase = Phase::Rename;
  backend::Backend backend;  // from Open to Store

  template <class F>
  void fields(F&& f) const {
    f("phase", phase), f("backend", backend);
  }
  friend bool operator==(const InstallFrame&, const InstallFrame&) = default;
};
std::string_view to_text(InstallFrame::Phase phase);

// Maintenance.Snapshot, inside a handler: the backend's file as it stands after a commit, 32 KiB a message, and at
// last the SHA-256 of it all. handler_snapshot.cc
struct SnapshotStream {
  std::optional<CommitFrame> commit;
  Sequence<Blob> blocks;
  std::uint64_t sent = 0;  // of the blocks

  template <class F>
  void fields(F&& f) const {
    f("commit", commit), f("blocks", blocks), f("sent", sent);
  }
  friend bool operator==(const SnapshotStream&, const SnapshotStream&) = default;
};

// EtcdServer.purgeFile: each 30 s, the oldest released files while there are more than five. purge_lane.cc
struct PurgeLane {
  bool armed = false;  // something was released since the last round
  Nanos next;

  template <class F>
  void fields(F&& f) const {
    f("armed", armed), f("next", next);
  }
  friend bool operator==(const PurgeLane&, const PurgeLane&) = default;
};

}  // namespace orrery::server
