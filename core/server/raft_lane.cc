// raft lane: what a Ready asks for, in the order in which it must be done.
// from: etcd server/etcdserver/raft.go (raftNode.start); facts D.10
#include <algorithm>
#include <utility>

#include "base/check.h"
#include "base/text.h"
#include "server/context.h"

namespace orrery::server {
namespace {

using Phase = RaftLane::Phase;

bool has_conf_change(const std::vector<raftpb::Entry>& entries) {
  return std::ranges::any_of(
      entries, [](const raftpb::Entry& entry) { return entry.type != raftpb::EntryType::Normal; });
}

Channel channel_of(const raftpb::Message& message) {
  if (message.type == raftpb::MessageType::App) return Channel::Append;
  if (message.type == raftpb::MessageType::Snap) return Channel::Snapshot;
  return Channel::General;
}

void send_messages(Context& context, const std::vector<raftpb::Message>& messages) {
  for (const raftpb::Message& message : messages) {
    const std::uint32_t to = number_of(context.member, message.to);
    if (to == 0) continue;
    context.step.send(Packet{member_address(context.member.no()), member_address(to),
                             channel_of(message), message});
  }
}

bool writes_wal(const raft::Ready& ready) {
  return !ready.entries.empty() || ready.hard_state.has_value();
}

Phase after_send(const raft::Ready& ready) {
  return writes_wal(ready) ? Phase::WalWrite : Phase::Append;
}

void take_ready(Context& context) {
  Running& run = context.run;
  RaftLane& lane = run.raft_lane;
  raft::Ready ready = run.raft.take_ready();
  lane.leader = run.raft.role() == raft::RoleName::Leader;
  lane.wait_conf_job = 0;
  for (raft::ReadState& state : ready.read_states) run.read_states.push_back(std::move(state));
  ready.read_states.clear();
  if (!ready.committed_entries.empty()) {
    if (context.step.noting()) {
      context.step.note(text("n{}: entries {}..{} are committed", context.member.no(),
                             ready.committed_entries.front().index.value(),
                             ready.committed_entries.back().index.value()));
    }
    const std::uint64_t job = ++run.apply.jobs_taken;
    if (!lane.leader && has_conf_change(ready.committed_entries)) lane.wait_conf_job = job;
    run.apply.jobs.push_back(
        Shared<ApplyJob>(ApplyJob{.no = job, .entries = std::move(ready.committed_entries)}));
    ready.committed_entries.clear();
  }
  if (ready.soft_state && !lane.leader && run.lessor.is_primary()) {
    run.lessor.demote();
    run.lease_lane.expired.clear();
    touch_renewals(context);
  }
  const bool sends_now = lane.leader && !ready.messages.empty();
  lane.phase = sends_now ? Phase::LeaderSend : after_send(ready);
  lane.ready = Shared<raft::Ready>(std::move(ready));
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
    case wal::Next::Done: lane.phase = Phase::Append; break;
    case wal::Next::Sync: lane.phase = Phase::WalSync; break;
    case wal::Next::Cut: lane.phase = Phase::WalCut; break;
  }
  lane.cut = wal::CutPhase::CloseTail;
  lane.due = context.step.now() + context.step.timing().fsync_latency.value();
}

void wal_sync(Context& context) {
  RaftLane& lane = context.run.raft_lane;
  const auto synced = context.run.wal.sync(context.member.edit_disk());
  if (!synced) context.step.panic("failed to sync the WAL: " + synced.error().detail);
  lane.phase = Phase::Append;
}

// Going to a new segment, itself a row of phases; it syncs what was written.
void wal_cut(Context& context) {
  RaftLane& lane = context.run.raft_lane;
  const auto next = context.run.wal.cut(context.member.edit_disk(), lane.cut);
  if (!next) context.step.panic("failed to cut the WAL: " + next.error().detail);
  lane.cut = *next;
  if (lane.cut == wal::CutPhase::Done) lane.phase = Phase::Append;
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
  lane.phase = Phase::Advance;
}

void advance(Context& context) {
  RaftLane& lane = context.run.raft_lane;
  context.run.raft.advance(raft_io(context));
  after_raft(context);
  lane.ready = Shared<raft::Ready>();
  lane.phase = Phase::TakeReady;
}

}  // namespace

std::string_view to_text(RaftLane::Phase phase) {
  switch (phase) {
    case Phase::TakeReady: return "take-ready";
    case Phase::LeaderSend: return "leader-send";
    case Phase::WalWrite: return "wal-write";
    case Phase::WalSync: return "wal-sync";
    case Phase::WalCut: return "wal-cut";
    case Phase::Append: return "append";
    case Phase::Advance: return "advance";
  }
  return "";
}

Readiness raft_readiness(const Look& look) {
  const RaftLane& lane = look.run.raft_lane;
  switch (lane.phase) {
    case Phase::TakeReady:
      return look.guards(look.run.raft.has_ready(), "raft has something to be done") ? kReady
                                                                                     : kBlocked;
    case Phase::WalSync:
    case Phase::WalCut: return ready_at(lane.due);
    case Phase::Append:
      return look.guards(look.run.apply.jobs_done >= lane.wait_conf_job,
                         "the configuration change is applied",
                         {{"apply job", lane.wait_conf_job}, {"done", look.run.apply.jobs_done}})
                 ? kReady
                 : kBlocked;
    case Phase::LeaderSend:
    case Phase::WalWrite:
    case Phase::Advance: return kReady;
  }
  return kBlocked;
}

void run_raft(Context& context) {
  switch (context.run.raft_lane.phase) {
    case Phase::TakeReady: take_ready(context); break;
    case Phase::LeaderSend: leader_send(context); break;
    case Phase::WalWrite: wal_write(context); break;
    case Phase::WalSync: wal_sync(context); break;
    case Phase::WalCut: wal_cut(context); break;
    case Phase::Append: append(context); break;
    case Phase::Advance: advance(context); break;
  }
}

}  // namespace orrery::server
