// raft lane: what a Ready asks for, in the order in which it must be done.
// from: etcd server/etcdserver/raft.go (raftNode.start); facts D.10
#include <algorithm>
#include <utility>

#include "base/check.h"
#include "base/text.h"
#include "server/context.h"
#include "wal/snap.h"

namespace orrery::server {
namespace {

using RaftPhase = RaftLane::Phase;

constexpr std::size_t kMaxInFlightSnapshots = 16;

bool has_conf_change(const std::vector<raftpb::Entry>& entries) {
  return std::ranges::any_of(
      entries, [](const raftpb::Entry& entry) { return entry.type != raftpb::EntryType::Normal; });
}

Channel channel_of(const raftpb::Message& message) {
  if (message.type == raftpb::MessageType::App) return Channel::Append;
  if (message.type == raftpb::MessageType::Snap) return Channel::Snapshot;
  return Channel::General;
}

// A MsgSnap waits until apply has merged it with the backend.
void ask_for_merge(Context& context, const raftpb::Message& message) {
  Sequence<raftpb::Message>& asked = context.run.snap_send.asked;
  const bool room =
      context.step.guards()(asked.size() < kMaxInFlightSnapshots,
                            "not too many snapshots are asked for", {{"asked", asked.size()}});
  if (room) asked.push_back(message);
}

void send_messages(Context& context, const std::vector<raftpb::Message>& messages) {
  for (const raftpb::Message& message : messages) {
    const std::uint32_t to = number_of(context.member, message.to);
    if (to == 0) continue;
    if (message.type == raftpb::MessageType::Snap) {
      ask_for_merge(context, message);
      continue;
    }
    context.step.send(Packet{member_address(context.member.no()), member_address(to),
                             channel_of(message), message});
  }
}

bool writes_wal(const raft::Ready& ready) {
  return !ready.entries.empty() || ready.hard_state.has_value();
}

RaftPhase after_record(const raft::Ready& ready) {
  if (writes_wal(ready)) return RaftPhase::WalWrite;
  return ready.snapshot.empty() ? RaftPhase::Append : RaftPhase::SyncState;
}

RaftPhase after_send(const raft::Ready& ready) {
  return ready.snapshot.empty() ? after_record(ready) : RaftPhase::SaveSnap;
}

RaftPhase after_taking(const RaftLane& lane) {
  const bool sends_now = lane.leader && !lane.ready->messages.empty();
  return sends_now ? RaftPhase::LeaderSend : after_send(*lane.ready);
}

void hand_to_apply(Context& context, raft::Ready& ready) {
  Running& run = context.run;
  if (ready.committed_entries.empty() && ready.snapshot.empty()) return;
  if (context.step.noting() && !ready.committed_entries.empty()) {
    context.step.note(text("n{}: entries {}..{} are committed", context.member.no(),
                           ready.committed_entries.front().index.value(),
                           ready.committed_entries.back().index.value()));
  }
  const std::uint64_t job = ++run.apply.jobs_taken;
  if (!run.raft_lane.leader && has_conf_change(ready.committed_entries)) {
    run.raft_lane.wait_conf_job = job;
  }
  run.apply.jobs.push_back(Shared<ApplyJob>(ApplyJob{
      .no = job, .snapshot = ready.snapshot, .entries = std::move(ready.committed_entries)}));
  ready.committed_entries.clear();
}

void take_ready(Context& context) {
  Running& run = context.run;
  RaftLane& lane = run.raft_lane;
  raft::Ready ready = run.raft.take_ready();
  if (ready.soft_state) see_leadership(context, *ready.soft_state);
  lane.leader = run.raft.role() == raft::RoleName::Leader;
  lane.taken_at = context.step.now();
  lane.wait_conf_job = 0;
  for (raft::ReadState& state : ready.read_states) run.read_states.push_back(std::move(state));
  ready.read_states.clear();
  hand_to_apply(context, ready);
  lane.ready = Shared<raft::Ready>(std::move(ready));
  const bool demotes =
      lane.ready->soft_state && run.lessor.is_primary() && run.seen_role != raft::RoleName::Leader;
  lane.phase = demotes ? RaftPhase::Demote : after_taking(lane);
}

void demote(Context& context) {
  Running& run = context.run;
  run.lessor.demote();
  run.lease_lane.expired.clear();
  touch_renewals(context);
  run.raft_lane.phase = after_taking(run.raft_lane);
}

Nanos when_synced(const Context& context) {
  return context.step.now() + context.step.timing().fsync_latency.value();
}

template <class T>
void must(const Context& context, const Result<T>& done, std::string_view what) {
  if (!done) context.step.panic(text("{}: {}", what, done.error().detail));
}

// Entries and hard state are written. With a snapshot they must be on disk before older segments may go.
void after_save(const Context& context) {
  RaftLane& lane = context.run.raft_lane;
  lane.phase = lane.ready->snapshot.empty() ? RaftPhase::Append : RaftPhase::SyncState;
  lane.due = when_synced(context);
}

// The file before the log's record of it, and both before anything that builds on it.
void save_snap(Context& context) {
  RaftLane& lane = context.run.raft_lane;
  const auto path = wal::write_snap(context.member.edit_disk(), kSnapDir, lane.ready->snapshot);
  must(context, path, "failed to save Raft snapshot");
  lane.snap_path = *path;
  lane.due = when_synced(context);
  lane.phase = RaftPhase::SyncSnap;
}

void sync_snap(Context& context) {
  RaftLane& lane = context.run.raft_lane;
  must(context, wal::sync_snap(context.member.edit_disk(), lane.snap_path),
       "failed to save Raft snapshot");
  lane.phase = RaftPhase::RecordSnap;
}

void record_snap(Context& context) {
  RaftLane& lane = context.run.raft_lane;
  const raftpb::Snapshot& snapshot = lane.ready->snapshot;
  must(context,
       context.run.wal.write_snapshot(context.member.edit_disk(),
                                      {snapshot.index, snapshot.term, snapshot.conf_state}),
       "failed to save Raft snapshot");
  lane.due = when_synced(context);
  lane.phase = RaftPhase::SyncRecord;
}

void sync_record(Context& context) {
  RaftLane& lane = context.run.raft_lane;
  must(context, context.run.wal.sync(context.member.edit_disk()), "failed to sync the WAL");
  lane.phase = after_record(*lane.ready);
  lane.due = when_synced(context);  // for the hard state, if there is nothing to write
}

void sync_state(Context& context) {
  RaftLane& lane = context.run.raft_lane;
  must(context, context.run.wal.sync(context.member.edit_disk()), "failed to sync Raft snapshot");
  lane.persisted_job = context.run.apply.jobs_taken;
  lane.phase = RaftPhase::StoreSnap;
}

void store_snap(Context& context) {
  RaftLane& lane = context.run.raft_lane;
  must(context, context.run.raft.storage().apply_snapshot(lane.ready->snapshot),
       "failed to apply Raft snapshot");
  lane.phase = RaftPhase::Release;
}

void release_older(Context& context) {
  RaftLane& lane = context.run.raft_lane;
  release_snapshot(context, lane.ready->snapshot.index);
  lane.phase = RaftPhase::Append;
}

void leader_send(Context& context) {
  RaftLane& lane = context.run.raft_lane;
  send_messages(context, lane.ready->messages);
  lane.phase = after_send(*lane.ready);
}

void wal_write(Context& context) {
  Running& run = context.run;
  RaftLane& lane = run.raft_lane;
  const raft::Ready& ready = *lane.ready;
  if (ready.hard_state) run.saved_hard_state = *ready.hard_state;
  const raftpb::HardState state = ready.hard_state.value_or(raftpb::HardState{});
  const auto next = run.wal.write(context.member.edit_disk(), ready.entries, state);
  if (!next) {
    context.step.panic("failed to save Raft hard state and entries: " + next.error().detail);
  }
  switch (*next) {
    case wal::Next::Done: return after_save(context);
    case wal::Next::Sync: lane.phase = RaftPhase::WalSync; break;
    case wal::Next::Cut: lane.phase = RaftPhase::WalCut; break;
  }
  lane.cut = wal::CutPhase::CloseTail;
  lane.due = when_synced(context);
}

void wal_sync(Context& context) {
  const auto synced = context.run.wal.sync(context.member.edit_disk());
  if (!synced) context.step.panic("failed to sync the WAL: " + synced.error().detail);
  after_save(context);
}

// Going to a new segment, itself a row of phases; it syncs what was written.
void wal_cut(Context& context) {
  RaftLane& lane = context.run.raft_lane;
  const auto next = context.run.wal.cut(context.member.edit_disk(), lane.cut);
  if (!next) context.step.panic("failed to cut the WAL: " + next.error().detail);
  lane.cut = *next;
  if (lane.cut == wal::CutPhase::Done) return after_save(context);
  const bool syncing = lane.cut == wal::CutPhase::SyncTail || lane.cut == wal::CutPhase::SyncHead ||
                       lane.cut == wal::CutPhase::SyncDir;
  lane.due = context.step.now() +
             (syncing ? context.step.timing().fsync_latency.value() : std::int64_t{0});
}

void append(Context& context) {
  Running& run = context.run;
  RaftLane& lane = run.raft_lane;
  if (!lane.ready->entries.empty()) run.raft.storage().append(lane.ready->entries);
  if (lane.ready->hard_state) run.raft.storage().set_hard_state(*lane.ready->hard_state);
  // A follower answers only for what its disk holds, and only under a configuration it has applied.
  if (!lane.leader) send_messages(context, lane.ready->messages);
  lane.phase = RaftPhase::Advance;
}

void advance(Context& context) {
  RaftLane& lane = context.run.raft_lane;
  context.run.raft.advance(raft_io(context));
  after_raft(context);
  lane.ready = Shared<raft::Ready>();
  lane.phase = RaftPhase::TakeReady;
}

}  // namespace

std::string_view to_text(RaftLane::Phase phase) {
  switch (phase) {
    case RaftPhase::TakeReady: return "take-ready";
    case RaftPhase::Demote: return "demote";
    case RaftPhase::LeaderSend: return "leader-send";
    case RaftPhase::SaveSnap: return "save-snap";
    case RaftPhase::SyncSnap: return "sync-snap";
    case RaftPhase::RecordSnap: return "record-snap";
    case RaftPhase::SyncRecord: return "sync-record";
    case RaftPhase::WalWrite: return "wal-write";
    case RaftPhase::WalSync: return "wal-sync";
    case RaftPhase::WalCut: return "wal-cut";
    case RaftPhase::SyncState: return "sync-state";
    case RaftPhase::StoreSnap: return "store-snap";
    case RaftPhase::Release: return "release";
    case RaftPhase::Append: return "append";
    case RaftPhase::Advance: return "advance";
  }
  return "";
}

Readiness raft_readiness(const Look& look) {
  const RaftLane& lane = look.run.raft_lane;
  switch (lane.phase) {
    case RaftPhase::TakeReady:
      return look.guards(look.run.raft.has_ready(), "raft has something to be done") ? kReady
                                                                                     : kBlocked;
    case RaftPhase::SyncSnap:
    case RaftPhase::SyncRecord:
    case RaftPhase::WalSync:
    case RaftPhase::WalCut:
    case RaftPhase::SyncState: return ready_at(lane.due);
    case RaftPhase::RecordSnap:
    case RaftPhase::WalWrite:
      return look.guards(look.run.snapshot.phase != SnapshotLane::Phase::SyncRecord,
                         "nobody else writes to the log")
                 ? kReady
                 : kBlocked;
    case RaftPhase::Append:
      return look.guards(look.run.apply.jobs_done >= lane.wait_conf_job,
                         "the configuration change is applied",
                         {{"apply job", lane.wait_conf_job}, {"done", look.run.apply.jobs_done}})
                 ? kReady
                 : kBlocked;
    case RaftPhase::Demote:
    case RaftPhase::LeaderSend:
    case RaftPhase::SaveSnap:
    case RaftPhase::StoreSnap:
    case RaftPhase::Release:
    case RaftPhase::Advance: return kReady;
  }
  return kBlocked;
}

void run_raft(Context& context) {
  switch (context.run.raft_lane.phase) {
    case RaftPhase::TakeReady: take_ready(context); break;
    case RaftPhase::Demote: demote(context); break;
    case RaftPhase::LeaderSend: leader_send(context); break;
    case RaftPhase::SaveSnap: save_snap(context); break;
    case RaftPhase::SyncSnap: sync_snap(context); break;
    case RaftPhase::RecordSnap: record_snap(context); break;
    case RaftPhase::SyncRecord: sync_record(context); break;
    case RaftPhase::WalWrite: wal_write(context); break;
    case RaftPhase::WalSync: wal_sync(context); break;
    case RaftPhase::WalCut: wal_cut(context); break;
    case RaftPhase::SyncState: sync_state(context); break;
    case RaftPhase::StoreSnap: store_snap(context); break;
    case RaftPhase::Release: release_older(context); break;
    case RaftPhase::Append: append(context); break;
    case RaftPhase::Advance: advance(context); break;
  }
}

}  // namespace orrery::server
