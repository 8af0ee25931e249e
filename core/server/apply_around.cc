// Around the entries that the apply lane applies: a snapshot installed before them, one made or sent after them.
// from: etcd server/etcdserver/server.go (applyAll, snapshotIfNeededAndCompactRaftLog); facts D.10, D.12
#include "base/check.h"
#include "server/context.h"

namespace orrery::server {
namespace {

using ApplyPhase = ApplyLane::Phase;

bool must_install(const ApplyLane& lane) {
  const ApplyJob& job = *lane.jobs.front();
  return !job.snapshot.empty() && lane.installed_job != job.no;
}

// A follower may have asked for a snapshot while nothing was applied: etcd hands apply an empty job then.
bool begin_job(Context& context) {
  ApplyLane& lane = context.run.apply;
  if (lane.jobs.empty()) {
    lane.phase = ApplyPhase::CommitMerge;
    return true;
  }
  if (!must_install(lane)) return false;
  lane.install = InstallFrame{};
  lane.phase = ApplyPhase::Install;
  return true;
}

void install(Context& context) {
  ApplyLane& lane = context.run.apply;
  check(lane.install.has_value(), "the install phase has its frame");
  if (!run(context, *lane.install)) return;
  lane.install.reset();
  lane.installed_job = lane.jobs.front()->no;
  lane.phase = ApplyPhase::Begin;
  if (lane.jobs.front()->entries.empty()) end_job(context);
}

// The backend goes first, so that its consistent index is not behind the snapshot.
bool commit_ahead(Context& context) {
  ApplyLane& lane = context.run.apply;
  if (!lane.commit) {
    acquire(context.run.batch_tx, LaneKind::Apply);
    if (context.member.plan().version == Version::V3_4) save_consistent_index(context);
    lane.commit = CommitFrame{};
  }
  if (!run(context, *lane.commit)) return false;
  lane.commit.reset();
  release_batch_tx(context);
  return true;
}

void after_snapshot(Context& context) {
  const bool asked = !context.run.snap_send.asked.empty();
  context.run.apply.phase = asked ? ApplyPhase::CommitMerge : ApplyPhase::Begin;
}

void make_snapshot(Context& context) {
  begin_snapshot(context);
  // Until 3.5 a goroutine of its own makes it, later apply itself.
  if (context.member.plan().version == Version::V3_6) {
    context.run.apply.phase = ApplyPhase::AwaitSnapshot;
    return;
  }
  after_snapshot(context);
}

void decide(Context& context) {
  const bool to_disk =
      wants_snapshot_on_disk(context.run, context.step.timing(), context.member.plan().version);
  if (!to_disk) return make_snapshot(context);
  context.run.apply.phase = ApplyPhase::CommitFirst;
}

void merge(Context& context) {
  send_merged_snapshot(context);
  context.run.apply.phase = ApplyPhase::Begin;
}

Readiness commit_ahead_readiness(const Look& look) {
  if (look.run.apply.commit) return readiness(look, *look.run.apply.commit);
  return is_free(look, look.run.batch_tx, "the batch tx lock is free") ? kReady : kBlocked;
}

}  // namespace

void end_job(Context& context) {
  Running& run = context.run;
  ApplyLane& lane = run.apply;
  lane.jobs_done = lane.jobs.front()->no;
  lane.jobs.drop_front(1);
  lane.next_entry = 0;
  lane.phase = ApplyPhase::Begin;
  if (wants_snapshot(run, context.step.timing(), context.member.plan().version)) {
    lane.phase = ApplyPhase::Decide;
  } else if (!run.snap_send.asked.empty()) {
    lane.phase = ApplyPhase::CommitMerge;
  }
}

// Between two jobs, or around the entries of one; nothing = inside an entry.
std::optional<Readiness> readiness_around(const Look& look) {
  const ApplyLane& lane = look.run.apply;
  const raft::Storage& storage = look.run.raft.storage();
  switch (lane.phase) {
    case ApplyPhase::Install: return readiness(look, *lane.install);
    case ApplyPhase::Decide:
      return look.guards(storage.last_index() >= look.run.applied,
                         "raft's storage has all that is applied",
                         {{"stored", storage.last_index()}, {"applied", look.run.applied}})
                 ? kReady
                 : kBlocked;
    case ApplyPhase::CommitFirst:
    case ApplyPhase::CommitMerge: return commit_ahead_readiness(look);
    case ApplyPhase::AwaitSnapshot:
      return look.guards(look.run.snapshot.jobs.empty(), "the snapshot is made") ? kReady
                                                                                 : kBlocked;
    case ApplyPhase::Merge: return kReady;
    case ApplyPhase::Begin:
      if (lane.jobs.empty() && !look.run.snap_send.asked.empty()) return kReady;
      if (!look.guards(!lane.jobs.empty(), "a committed entry waits to be applied",
                       {{"applied index", look.run.applied}})) {
        return kBlocked;
      }
      if (must_install(lane)) return kReady;
      return std::nullopt;
    case ApplyPhase::TakeTx:
    case ApplyPhase::Change:
    case ApplyPhase::Notify:
    case ApplyPhase::SendWatch:
    case ApplyPhase::End:
    case ApplyPhase::Commit:
    case ApplyPhase::Applied:
    case ApplyPhase::Wake: return std::nullopt;
  }
  return std::nullopt;
}

bool run_around(Context& context) {
  switch (context.run.apply.phase) {
    case ApplyPhase::Begin: return begin_job(context);
    case ApplyPhase::Install: install(context); return true;
    case ApplyPhase::Decide: decide(context); return true;
    case ApplyPhase::CommitFirst:
      if (commit_ahead(context)) make_snapshot(context);
      return true;
    case ApplyPhase::AwaitSnapshot: after_snapshot(context); return true;
    case ApplyPhase::CommitMerge:
      if (commit_ahead(context)) context.run.apply.phase = ApplyPhase::Merge;
      return true;
    case ApplyPhase::Merge: merge(context); return true;
    case ApplyPhase::TakeTx:
    case ApplyPhase::Change:
    case ApplyPhase::Notify:
    case ApplyPhase::SendWatch:
    case ApplyPhase::End:
    case ApplyPhase::Commit:
    case ApplyPhase::Applied:
    case ApplyPhase::Wake: return false;
  }
  return false;
}

}  // namespace orrery::server
