// snapshot lane: Raft's snapshot of what is applied, in its storage and on disk; then the log may become shorter.
// from: etcd server/etcdserver/server.go (triggerSnapshot, snapshot, compactRaftLog), storage/storage.go (SaveSnap,
//       Release); facts C.1, C.4, D.12
#include <utility>

#include "base/check.h"
#include "base/text.h"
#include "datadir/v2_store.h"
#include "server/context.h"
#include "wal/snap.h"

namespace orrery::server {
namespace {

using SnapshotPhase = SnapshotLane::Phase;

constexpr std::uint64_t kMemorySnapshotEvery = 100;  // etcd 3.6: memorySnapshotCount

template <class T>
void must(const Context& context, const Result<T>& done, std::string_view what) {
  if (!done) context.step.panic(text("{}: {}", what, done.error().detail));
}

const SnapshotJob& job_at_hand(const SnapshotLane& lane) {
  return *lane.jobs.front();
}

void end_job(SnapshotLane& lane) {
  lane.jobs.drop_front(1);
  lane.path.clear();
  lane.phase = SnapshotPhase::Create;
}

// A snapshot that came from a leader meanwhile is newer: then this one is not needed.
void create(Context& context) {
  Running& run = context.run;
  const SnapshotJob& job = job_at_hand(run.snapshot);
  const auto made = run.raft.storage().create_snapshot(job.snapshot.index, job.snapshot.conf_state,
                                                       job.snapshot.data);
  if (!context.step.guards()(made.has_value(), "raft's storage holds no newer snapshot",
                             {{"index", job.snapshot.index}})) {
    return end_job(run.snapshot);
  }
  run.memory_snapshot = job.snapshot.index;
  run.snapshot.phase = job.to_disk ? SnapshotPhase::WriteFile : SnapshotPhase::Compact;
}

void write_file(Context& context) {
  SnapshotLane& lane = context.run.snapshot;
  const auto path =
      wal::write_snap(context.member.edit_disk(), kSnapDir, job_at_hand(lane).snapshot);
  must(context, path, "failed to save snapshot");
  lane.path = *path;
  lane.due = context.step.now() + context.step.timing().fsync_latency.value();
  lane.phase = SnapshotPhase::SyncFile;
}

void sync_file(Context& context) {
  SnapshotLane& lane = context.run.snapshot;
  must(context, wal::sync_snap(context.member.edit_disk(), lane.path), "failed to save snapshot");
  lane.phase = SnapshotPhase::Record;
}

void record(Context& context) {
  SnapshotLane& lane = context.run.snapshot;
  const raftpb::Snapshot& made = job_at_hand(lane).snapshot;
  must(context,
       context.run.wal.write_snapshot(context.member.edit_disk(),
                                      {made.index, made.term, made.conf_state}),
       "failed to save snapshot");
  lane.due = context.step.now() + context.step.timing().fsync_latency.value();
  lane.phase = SnapshotPhase::SyncRecord;
}

void sync_record(Context& context) {
  must(context, context.run.wal.sync(context.member.edit_disk()), "failed to sync the WAL");
  if (context.step.noting()) {
    context.step.note(text("n{} has a snapshot at {} on disk", context.member.no(),
                           job_at_hand(context.run.snapshot).snapshot.index.value()));
  }
  context.run.snapshot.phase = SnapshotPhase::Release;
}

// How far the log in memory may be forgotten; 0 = not at all.
Index compact_to(const Context& context, Index snapshot) {
  const std::uint64_t kept = context.step.timing().catch_up_entries;
  if (snapshot > Index(kept)) return Index(snapshot.value() - kept);
  return context.member.plan().version == Version::V3_6 ? Index(0) : Index(1);
}

void compact(Context& context) {
  Running& run = context.run;
  const Index index = job_at_hand(run.snapshot).snapshot.index;
  const bool none_under_way =
      context.step.guards()(run.snap_send.transfers.empty(), "no snapshot is on its way",
                            {{"on their way", run.snap_send.transfers.size()}});
  const Index to = compact_to(context, index);
  end_job(run.snapshot);
  // What follows a snapshot that is under way must still be there when it arrives.
  if (!none_under_way || to < run.raft.storage().first_index()) return;
  must(context, run.raft.storage().compact(to), "failed to compact");
  if (context.step.noting()) {
    context.step.note(text("n{} forgets its log up to {}", context.member.no(), to.value()));
  }
}

std::uint64_t snapshot_count_of(const Timing& timing, Version version) {
  if (timing.snapshot_count != 0) return timing.snapshot_count;
  return version == Version::V3_6 ? 10'000 : 100'000;
}

}  // namespace

std::string_view to_text(SnapshotLane::Phase phase) {
  switch (phase) {
    case SnapshotPhase::Create: return "create";
    case SnapshotPhase::WriteFile: return "write-file";
    case SnapshotPhase::SyncFile: return "sync-file";
    case SnapshotPhase::Record: return "record";
    case SnapshotPhase::SyncRecord: return "sync-record";
    case SnapshotPhase::Release: return "release";
    case SnapshotPhase::Compact: return "compact";
  }
  return "";
}

bool wants_snapshot_on_disk(const Running& run, const Timing& timing, Version version) {
  return run.applied.value() - run.snapshot_index.value() > snapshot_count_of(timing, version);
}

bool wants_snapshot(const Running& run, const Timing& timing, Version version) {
  if (wants_snapshot_on_disk(run, timing, version)) return true;
  return version == Version::V3_6 &&
         run.applied.value() > run.memory_snapshot.value() + kMemorySnapshotEvery;
}

Blob snapshot_data(const Context& context) {
  std::vector<datadir::MemberInfo> members;
  for (const auto& [id, member] : context.run.membership.members()) {
    members.push_back({.id = id,
                       .name = member.name,
                       .peer_urls = member.peer_urls,
                       .client_urls = member.client_urls,
                       .is_learner = member.is_learner});
  }
  return Blob(datadir::encode_v2_store(members, context.run.membership.version()));
}

void begin_snapshot(Context& context) {
  Running& run = context.run;
  SnapshotJob job;
  job.to_disk = wants_snapshot_on_disk(run, context.step.timing(), context.member.plan().version);
  job.snapshot = {.data = snapshot_data(context),
                  .conf_state = run.conf_state,
                  .index = run.applied,
                  .term = run.applied_term};
  if (job.to_disk) run.snapshot_index = run.applied;
  run.memory_snapshot = run.applied;
  run.snapshot.jobs.push_back(Shared<SnapshotJob>(std::move(job)));
}

void release_snapshot(Context& context, Index index) {
  Running& run = context.run;
  run.wal.release_to(index);
  disk::Disk& disk = context.member.edit_disk();
  for (const std::string& name : disk.list(kSnapDir)) {
    const std::string path = text("{}/{}", kSnapDir, name);
    const bool older = name.ends_with(".snap.db") && path < received_db_path(index);
    if (older) (void)disk.remove(path);  // tried again at the next release
  }
  if (run.purge.armed) return;
  run.purge.armed = true;
  run.purge.next = next_tick_after(context.step.now(), seconds(30));
}

std::string received_db_path(Index index) {
  return text("{}/{:016x}.snap.db", kSnapDir, index.value());
}

Readiness snapshot_readiness(const Look& look) {
  const SnapshotLane& lane = look.run.snapshot;
  if (!look.guards(!lane.jobs.empty(), "a snapshot is to be made")) return kBlocked;
  switch (lane.phase) {
    case SnapshotPhase::Record: {
      const RaftLane::Phase raft = look.run.raft_lane.phase;
      const bool busy = raft == RaftLane::Phase::WalSync || raft == RaftLane::Phase::WalCut ||
                        raft == RaftLane::Phase::SyncRecord;
      return look.guards(!busy, "nobody else writes to the log") ? kReady : kBlocked;
    }
    case SnapshotPhase::SyncFile:
    case SnapshotPhase::SyncRecord: return ready_at(lane.due);
    case SnapshotPhase::Create:
    case SnapshotPhase::WriteFile:
    case SnapshotPhase::Release:
    case SnapshotPhase::Compact: return kReady;
  }
  return kBlocked;
}

void run_snapshot(Context& context) {
  SnapshotLane& lane = context.run.snapshot;
  switch (lane.phase) {
    case SnapshotPhase::Create: return create(context);
    case SnapshotPhase::WriteFile: return write_file(context);
    case SnapshotPhase::SyncFile: return sync_file(context);
    case SnapshotPhase::Record: return record(context);
    case SnapshotPhase::SyncRecord: return sync_record(context);
    case SnapshotPhase::Release:
      release_snapshot(context, job_at_hand(lane).snapshot.index);
      lane.phase = SnapshotPhase::Compact;
      return;
    case SnapshotPhase::Compact: return compact(context);
  }
}

Readiness purge_readiness(const Look& look) {
  if (!look.guards(look.run.purge.armed, "files were released")) return kBlocked;
  return ready_at(look.run.purge.next);
}

void run_purge(Context& context) {
  disk::Disk& disk = context.member.edit_disk();
  std::vector<std::string> gone = context.run.wal.purge(disk);
  for (const std::string_view suffix : {".snap", ".snap.db"}) {
    for (std::string& name : wal::purge_snaps(disk, kSnapDir, suffix)) gone.push_back(name);
  }
  context.run.purge.armed = false;
  for (const std::string& name : gone) {
    if (!context.step.noting()) break;
    context.step.note(text("n{} removes {}", context.member.no(), name));
  }
}

}  // namespace orrery::server
