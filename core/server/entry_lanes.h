// Lanes through which an entry of the log goes: raft's, which writes and sends it, and apply's, which carries it out.
//   used by: lanes.h    uses: frames.h, snapshot_lanes.h, wal, raft, mvcc, watch
//   ideas:   as in lanes.h: one phase enum that names what is done next.
//   from: etcd server/etcdserver/raft.go (raftNode.start), server.go (applyAll)
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/sequence.h"
#include "base/shared.h"
#include "mvcc/store.h"
#include "proto/rpc.h"
#include "raft/raft.h"
#include "server/frames.h"
#include "server/snapshot_lanes.h"
#include "wal/wal.h"
#include "watch/rounds.h"

namespace orrery::server {

// raftNode.start: one Ready at a time. raft_lane.cc
//   TakeReady   take it; committed entries and read states are handed on; the server's view of who leads
//   Demote      (only when a primary lessor's member leads no more) the lessor counts no time any longer
//   LeaderSend  a leader sends in parallel with its own write (only a leader with messages)
//   SaveSnap    (only with a snapshot, as the next three) its .snap file
//   SyncSnap    fdatasync
//   RecordSnap  the log says that the file is complete
//   SyncRecord  fdatasync
//   WalWrite    entries and HardState to the WAL (only if there are any)
//   WalSync     fdatasync (only if entries, term or vote changed)
//   WalCut      (only when the segment is full) the phases of going to a new one
//   SyncState   (only with a snapshot, as the next two) the hard state too, before older segments may go; apply may
//               install
//   StoreSnap   raft's storage begins with the snapshot
//   Release     segments and received files that are older need not be kept
//   Append      entries to raft's storage; a follower sends now
//   Advance     raft learns that the Ready is dealt with
struct RaftLane {
  enum class Phase : std::uint8_t {
    TakeReady,
    Demote,
    LeaderSend,
    SaveSnap,
    SyncSnap,
    RecordSnap,
    SyncRecord,
    WalWrite,
    WalSync,
    WalCut,
    SyncState,
    StoreSnap,
    Release,
    Append,
    Advance
  };
  Phase phase = Phase::TakeReady;
  wal::CutPhase cut = wal::CutPhase::Done;
  Shared<raft::Ready> ready;
  bool leader = false;    // when the Ready was taken
  Nanos taken_at;         // and when that was
  Nanos due;              // when the running fsync ends
  std::string snap_path;  // of the .snap file being saved
  // Append waits until apply has finished this job (a conf change); 0 = none
  std::uint64_t wait_conf_job = 0;
  std::uint64_t persisted_job = 0;  // the newest job whose snapshot is on disk

  template <class F>
  void fields(F&& f) const {
    f("phase", phase), f("cut", cut), f("ready", ready), f("leader", leader), f("due", due);
    f("taken_at", taken_at);
    f("snap_path", snap_path), f("wait_conf_job", wait_conf_job);
    f("persisted_job", persisted_job);
  }
  friend bool operator==(const RaftLane&, const RaftLane&) = default;
};
std::string_view to_text(RaftLane::Phase phase);

// What the raft lane hands to the apply lane.
struct ApplyJob {
  std::uint64_t no = 0;
  raftpb::Snapshot snapshot;  // to be installed before the entries; empty = none
  std::vector<raftpb::Entry> entries;

  template <class F>
  void fields(F&& f) const {
    f("no", no), f("snapshot", snapshot), f("entries", entries);
  }
  friend bool operator==(const ApplyJob&, const ApplyJob&) = default;
};

// What an entry left behind that took long to apply (etcd: "apply request took too long", and its trace).
struct ApplyTrace {
  Index index;
  std::string request;  // "put", "txn", ...
  Nanos began;
  Nanos took;
  std::string error;  // why it was refused; empty = it was not
  Index committed;    // the three gauges when it was done
  Index applied;
  Index consistent;

  template <class F>
  void fields(F&& f) const {
    f("index", index), f("request", request), f("began", began), f("took", took);
    f("error", error), f("committed", committed), f("applied", applied);
    f("consistent", consistent);
  }
  friend bool operator==(const ApplyTrace&, const ApplyTrace&) = default;
};

// EtcdServer.applyAll: one entry after the other. apply_lane.cc
//   Begin      next entry: compare with the consistent index; remember it as the applying index; decode, plan
//   TakeTx     take the batch tx lock: its hook makes the applying index the consistent index
//   Change     one change of the transaction (one row)
//   Notify     take the watch store's lock; find the synced watchers; with none, End follows in the same phase
//   SendWatch  one send to one watcher's channel
//   End        write buffer to read buffer, revision; both locks released
//   Commit     (frame) when the batch is full or must be forced
//   Applied    set the applied index, whatever the outcome
//   Wake       hand the answer to the waiting handler
// and around the entries of a job:
//   Install       (frame) a snapshot that the leader sent, before them
//   Decide        (only when it is time for a snapshot) once raft's storage has all that is applied
//   CommitFirst   (frame) the backend before a snapshot on disk, so that its consistent index is not behind
//   AwaitSnapshot (from 3.6 on) until the snapshot is made
//   CommitMerge   (frame) the backend before a follower gets it
//   Merge         raft's MsgSnap and the backend as they are now go on their way
inline constexpr std::size_t kTraces = 1000;

struct ApplyLane {
  enum class Phase : std::uint8_t {
    Begin,
    TakeTx,
    Change,
    Notify,
    SendWatch,
    End,
    Commit,
    Applied,
    Wake,
    Install,
    Decide,
    CommitFirst,
    AwaitSnapshot,
    CommitMerge,
    Merge
  };
  Phase phase = Phase::Begin;
  Sequence<Shared<ApplyJob>> jobs;  // the front is being applied
  std::uint64_t next_entry = 0;     // within the front job
  std::uint64_t jobs_taken = 0;     // number of the newest job handed over
  std::uint64_t jobs_done = 0;      // number of the newest job finished
  std::uint64_t installed_job = 0;  // the newest one whose snapshot was installed
  // -- the entry at hand
  std::uint64_t request_id = 0;  // 0 = no request (a leader's first entry)
  // What Change does: the operations of `txn`; a revocation's deletions, one key each; or all of `request` at once.
  enum class Work : std::uint8_t { Operations, Revocation, Whole };
  Work work = Work::Operations;
  rpc::InternalRequest request;  // Revocation, Whole
  Sequence<Blob> keys;           // Revocation: those still to be deleted
  bool schedules_compaction = false;
  bool over_quota = false;    // done all the same, and answered with NoSpace
  bool force_commit = false;  // before the lock is released
  mvcc::TxnCursor txn;
  watch::NotifyPlan notify;
  std::optional<Error> error;
  rpc::Response response;
  std::optional<CommitFrame> commit;
  std::optional<InstallFrame> install;
  Nanos began;                  // the entry at hand
  std::string what;             // it asks for; only while traces are wanted of all
  Sequence<ApplyTrace> traces;  // the newest last, at most kTraces

  template <class F>
  void fields(F&& f) const {
    f("phase", phase), f("jobs", jobs), f("next_entry", next_entry), f("jobs_taken", jobs_taken);
    f("jobs_done", jobs_done), f("installed_job", installed_job), f("request_id", request_id),
        f("work", work);
    f("request", request), f("keys", keys), f("schedules_compaction", schedules_compaction);
    f("over_quota", over_quota), f("force_commit", force_commit);
    f("txn", txn), f("notify", notify);
    f("error", error), f("response", response), f("commit", commit), f("install", install);
    f("began", began), f("what", what), f("traces", traces);
  }
  friend bool operator==(const ApplyLane&, const ApplyLane&) = default;
};
std::string_view to_text(ApplyLane::Phase phase);

}  // namespace orrery::server
