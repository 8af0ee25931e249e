// Inside the apply lane: a snapshot that the leader sent takes the place of everything the member knows.
// from: etcd server/etcdserver/server.go (applySnapshot), storage/backend.go (OpenSnapshotBackend),
//       storage/mvcc/watchable_store.go (Restore); facts D.12
#include <utility>

#include "base/check.h"
#include "base/text.h"
#include "server/context.h"

namespace orrery::server {
namespace {

using InstallPhase = InstallFrame::Phase;

const raftpb::Snapshot& snapshot_at_hand(const Running& run) {
  return run.apply.jobs.front()->snapshot;
}

// From here until the new store is there nobody commits: a page of the old file must not reach the new one.
void rename(Context& context, InstallFrame& frame) {
  Running& run = context.run;
  const raftpb::Snapshot& snapshot = snapshot_at_hand(run);
  if (snapshot.index <= run.applied) {
    context.step.panic("unexpected leader snapshot from outdated index");
  }
  disk::Disk& disk = context.member.edit_disk();
  const std::string path = received_db_path(snapshot.index);
  if (!disk.exists(path)) {
    context.step.panic("failed to open snapshot backend: snap: snapshot file doesn't exist");
  }
  const auto done = disk.rename(path, kDbPath);
  if (!done) context.step.panic("failed to open snapshot backend: " + done.error().detail);
  acquire(run.batch_tx, LaneKind::Apply);
  frame.phase = InstallPhase::Open;
}

// What the store of before had under way ends with it; whoever waits for it waits until its time is over.
void replace_store(Context& context, InstallFrame& frame) {
  Running& run = context.run;
  run.backend = std::move(frame.backend);
  frame.backend = {};
  run.compact = {};
  recover_store(context);
  acquire_watch_mutex(context, LaneKind::Apply);
  run.watches.restore();
  release_watch_mutex(context);
  arm_watch_loops(context);
  release_batch_tx(context);
  frame.phase = InstallPhase::Alarms;
}

void finish(Context& context) {
  Running& run = context.run;
  const raftpb::Snapshot& snapshot = snapshot_at_hand(run);
  run.applied = snapshot.index;
  run.applied_term = snapshot.term;
  run.conf_state = snapshot.conf_state;
  run.snapshot_index = snapshot.index;
  run.memory_snapshot = snapshot.index;
  for (const std::uint64_t no : run.waiting_tokens) {
    context.member.touch({.kind = LaneKind::Handler, .no = no, .choice = 0});
  }
  if (context.step.noting()) {
    context.step.note(text("n{} has the snapshot at {}, revision {}", context.member.no(),
                           snapshot.index.value(), run.store.current_revision()));
  }
}

}  // namespace

std::string_view to_text(InstallFrame::Phase phase) {
  switch (phase) {
    case InstallPhase::Rename: return "rename";
    case InstallPhase::Open: return "open";
    case InstallPhase::Index: return "index";
    case InstallPhase::Lessor: return "lessor";
    case InstallPhase::Store: return "store";
    case InstallPhase::Alarms: return "alarms";
    case InstallPhase::Auth: return "auth";
    case InstallPhase::Members: return "members";
    case InstallPhase::Finish: return "finish";
  }
  return "";
}

Readiness readiness(const Look& look, const InstallFrame& frame) {
  if (frame.phase == InstallPhase::Rename) {
    const std::uint64_t job = look.run.apply.jobs.front()->no;
    const bool persisted =
        look.guards(look.run.raft_lane.persisted_job >= job, "the raft lane has it on disk",
                    {{"job", job}, {"persisted", look.run.raft_lane.persisted_job}});
    if (!persisted) return kBlocked;
    return is_free(look, look.run.batch_tx, "the batch tx lock is free") ? kReady : kBlocked;
  }
  if (frame.phase == InstallPhase::Store) {
    return is_free(look, look.run.watch_mutex, "the watch store's mutex is free") ? kReady
                                                                                  : kBlocked;
  }
  return kReady;
}

bool run(Context& context, InstallFrame& frame) {
  Running& run = context.run;
  switch (frame.phase) {
    case InstallPhase::Rename: rename(context, frame); return false;
    case InstallPhase::Open:
      frame.backend = open_backend(context.step, context.member.disk(), kDbPath);
      frame.phase = InstallPhase::Index;
      return false;
    case InstallPhase::Index:
      recover_index(run, frame.backend);
      frame.phase = InstallPhase::Lessor;
      return false;
    case InstallPhase::Lessor:
      recover_lessor(context, frame.backend);
      frame.phase = InstallPhase::Store;
      return false;
    case InstallPhase::Store: replace_store(context, frame); return false;
    case InstallPhase::Alarms:
      recover_alarms(context);
      frame.phase = InstallPhase::Auth;
      return false;
    case InstallPhase::Auth:
      recover_auth(context);
      frame.phase = InstallPhase::Members;
      return false;
    case InstallPhase::Members:
      recover_membership(context);
      run.logged = run.membership;
      frame.phase = InstallPhase::Finish;
      return false;
    case InstallPhase::Finish: finish(context); return true;
  }
  return true;
}

}  // namespace orrery::server
