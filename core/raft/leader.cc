#include "raft/leader.h"

#include <algorithm>
#include <utility>

#include "base/check.h"
#include "raft/conf_change.h"
#include "raft/follower.h"
#include "raft/reads.h"
#include "raft/replication.h"

namespace orrery::raft {

namespace {

// -- timers

// Did a majority answer since the last check? If not, somebody else may lead by now (thesis 6.2).
void on_check_quorum(State& raft, const Io& io) {
  Votes active;
  for (const auto& [id, progress] : raft.leader().progress) {
    if (!progress.is_learner) active.add(id, progress.recent_active);
  }
  const VoteResult result = vote_result(raft.cluster.voters, active);
  if (!io.guards(result == VoteResult::Won, "a majority was heard from since the last check",
                 {{"members", active.size()}, {"voters", raft.cluster.voters.incoming.size()}})) {
    say(io, LogLevel::Warn, "{} stepped down to follower since quorum is not active", raft.id());
    become_follower(raft, io, raft.term, kNobody);
    return;
  }
  for (auto& [id, progress] : raft.leader().progress) {
    if (id != raft.id()) progress.recent_active = false;
  }
}

// -- proposals

// Why this change must not enter the log now; empty = it may.
std::string objection(const State& raft, const Io& io, const raftpb::ConfChangeV2& change) {
  const Index pending = raft.leader().pending_conf_index;
  const Index applied = raft.log.applied();
  if (!io.guards(pending <= applied, "every earlier conf change is applied",
                 {{"pending", pending}, {"applied", applied}})) {
    return text("possible unapplied conf change at index {} (applied to {})", pending.value(),
                applied.value());
  }
  const bool joint = raft.cluster.voters.is_joint();
  const bool leaves = change.changes.empty();
  if (!io.guards(!joint || leaves, "a joint configuration is only left",
                 {{"joint", joint}, {"changes", change.changes.size()}})) {
    return "must transition out of joint config first";
  }
  if (!io.guards(joint || !leaves, "only a joint configuration can be left",
                 {{"joint", joint}, {"changes", change.changes.size()}})) {
    return "not in joint state; refusing empty conf change";
  }
  return "";
}

// A change that may not enter now is replaced by an empty entry. False = its bytes cannot be read.
bool admit_conf_change(State& raft, const Io& io, raftpb::Entry& entry, Index index) {
  const auto change = change_of(entry);
  if (!change) return false;
  const std::string why_not = objection(raft, io, *change);
  if (why_not.empty() || raft.config.disable_conf_change_validation) {
    raft.leader().pending_conf_index = index;
    return true;
  }
  if (io.log != nullptr) {
    say(io, LogLevel::Info, "{} ignoring conf change {} at config {}: {}", raft.id(),
        describe_change(entry), raft.cluster, why_not);
  }
  entry = {};
  return true;
}

bool takes_proposals(const State& raft, const Io& io) {
  const Leader& leader = raft.leader();
  if (!io.guards(leader.progress.contains(raft.id()), "the leader is a member itself",
                 {{"leader", raft.id()}})) {
    return false;
  }
  if (!io.guards(leader.transferee == kNobody, "no leadership transfer is in progress",
                 {{"transferee", leader.transferee}})) {
    say(io, LogLevel::Debug,
        "{} [term {}] transfer leadership to {} is in progress; dropping proposal", raft.id(),
        raft.term, leader.transferee);
    return false;
  }
  return true;
}

}  // namespace

Result<void> propose(State& raft, const Io& io, std::vector<raftpb::Entry> entries) {
  check(!entries.empty(), "a proposal has an entry");
  if (!takes_proposals(raft, io)) return proposal_dropped();
  Index index = raft.log.last_index();
  for (raftpb::Entry& entry : entries) {
    ++index;
    if (!is_conf_change(entry.type)) continue;
    if (!admit_conf_change(raft, io, entry, index)) {
      return fail(Errc::Corrupt, "raft: the proposed conf change cannot be read");
    }
  }
  if (!append_entries(raft, io, std::move(entries))) return proposal_dropped();
  broadcast_append(raft, io);
  return {};
}

namespace {

// -- answers of followers

void on_append_rejected(State& raft, const Io& io, Progress& progress, const Message& m) {
  say(io, LogLevel::Debug,
      "{} received MsgAppResp(rejected, hint: (index {}, term {})) from {} for index {}", raft.id(),
      m.reject_hint, m.log_term, m.from, m.index);
  // The follower has nothing of a term between the hint's and ours: skip to where both may have it (paper 5.3).
  const Index hint = m.log_term > Term(0)
                         ? raft.log.find_conflict_by_term(m.reject_hint, m.log_term).index
                         : m.reject_hint;
  if (!io.guards(progress.maybe_decrease(m.index, hint), "the rejection is about the last probe",
                 {{"rejected", m.index}, {"hint", hint}, {"match", progress.match}})) {
    return;
  }
  say(io, LogLevel::Debug, "{} decreased progress of {} to [{}]", raft.id(), m.from, progress);
  if (progress.state == ProgressState::Replicate) progress.become_probe();
  send_append(raft, io, m.from);
}

// The follower holds what was sent: from guessing or a snapshot back to streaming.
void resume_replication(State& raft, const Io& io, Progress& progress, const Message& m) {
  switch (progress.state) {
    case ProgressState::Probe: progress.become_replicate(); return;
    case ProgressState::Replicate: progress.inflights.free_to(m.index); return;
    case ProgressState::Snapshot:
      // Whatever snapshot it got: what it has now meets the leader's log.
      if (!io.guards(progress.match + 1 >= raft.log.first_index(),
                     "the member's log reaches into the leader's",
                     {{"match", progress.match}, {"first index", raft.log.first_index()}})) {
        return;
      }
      say(io, LogLevel::Debug,
          "{} recovered from needing snapshot, resumed sending replication messages to {} [{}]",
          raft.id(), m.from, progress);
      progress.become_probe();
      progress.become_replicate();
  }
}

void send_after_ack(State& raft, const Io& io, const Progress& progress, NodeId from) {
  if (maybe_commit(raft, io)) {
    release_postponed_reads(raft, io);
    broadcast_append(raft, io);
  } else if (from != raft.id() && progress.can_bump_commit(raft.log.committed())) {
    send_append(raft, io, from);
  }
  if (from == raft.id()) return;
  // Room in the window may be worth several messages.
  while (send_append(raft, io, from, IfEmpty::Skip)) {
  }
}

void on_append_accepted(State& raft, const Io& io, Progress& progress, const Message& m) {
  const bool confirms_probe = progress.match == m.index && progress.state == ProgressState::Probe;
  if (!progress.maybe_update(m.index) && !confirms_probe) return;
  resume_replication(raft, io, progress, m);
  send_after_ack(raft, io, progress, m.from);
  if (m.from == raft.leader().transferee && progress.match == raft.log.last_index()) {
    say(io, LogLevel::Info, "{} sent MsgTimeoutNow to {} after received MsgAppResp", raft.id(),
        m.from);
    send(raft, MessageType::TimeoutNow, m.from);
  }
}

void on_append_answer(State& raft, const Io& io, Progress& progress, const Message& m) {
  progress.recent_active = true;
  if (m.reject) {
    on_append_rejected(raft, io, progress, m);
  } else {
    on_append_accepted(raft, io, progress, m);
  }
}

void on_heartbeat_answer(State& raft, const Io& io, Progress& progress, const Message& m) {
  progress.recent_active = true;
  progress.flow_paused = false;
  // What is in flight may have been lost: an append, empty if the window is full, finds out.
  const bool behind = progress.match < raft.log.last_index();
  if (behind || progress.state == ProgressState::Probe) send_append(raft, io, m.from);
  on_read_acknowledged(raft, io, m);
}

// -- reports of the transport

void on_snapshot_status(State& raft, const Io& io, Progress& progress, const Message& m) {
  if (progress.state != ProgressState::Snapshot) return;
  if (m.reject) {
    // Not installed: go on from what the member is known to have.
    progress.pending_snapshot = Index(0);
    progress.become_probe();
    say(io, LogLevel::Debug, "{} snapshot failed, resumed sending replication messages to {} [{}]",
        raft.id(), m.from, progress);
  } else {
    progress.become_probe();
    say(io, LogLevel::Debug,
        "{} snapshot succeeded, resumed sending replication messages to {} [{}]", raft.id(), m.from,
        progress);
  }
  // Sent again once the member answers an append or a heartbeat.
  progress.flow_paused = true;
}

void on_unreachable(State& raft, const Io& io, Progress& progress, const Message& m) {
  // What was streamed is probably lost.
  if (progress.state == ProgressState::Replicate) progress.become_probe();
  say(io, LogLevel::Debug, "{} failed to send message to {} because it is unreachable [{}]",
      raft.id(), m.from, progress);
}

// -- leadership transfer (thesis 3.10)

// False = there is nothing to start: the same transfer runs, or it is to itself.
bool replaces_transfer(State& raft, const Io& io, NodeId to) {
  NodeId& transferee = raft.leader().transferee;
  if (transferee == to) {
    say(io, LogLevel::Info,
        "{} [term {}] transfer leadership to {} is in progress, ignores request to same node {}",
        raft.id(), raft.term, to, to);
    return false;
  }
  if (transferee != kNobody) {
    const NodeId earlier = std::exchange(transferee, kNobody);
    say(io, LogLevel::Info, "{} [term {}] abort previous transferring leadership to {}", raft.id(),
        raft.term, earlier);
  }
  if (to == raft.id()) {
    say(io, LogLevel::Debug, "{} is already leader. Ignored transferring leadership to self",
        raft.id());
    return false;
  }
  return true;
}

void on_transfer(State& raft, const Io& io, Progress& progress, const Message& m) {
  const NodeId to = m.from;
  if (!io.guards(!progress.is_learner, "the new leader is a voter", {{"member", to}})) {
    say(io, LogLevel::Debug, "{} is learner. Ignored transferring leadership", raft.id());
    return;
  }
  if (!replaces_transfer(raft, io, to)) return;
  say(io, LogLevel::Info, "{} [term {}] starts to transfer leadership to {}", raft.id(), raft.term,
      to);
  // It has one election timeout; then this leader goes on.
  raft.election_elapsed = 0;
  raft.leader().transferee = to;
  if (io.guards(progress.match == raft.log.last_index(), "the new leader has the whole log",
                {{"match", progress.match}, {"last index", raft.log.last_index()}})) {
    send(raft, MessageType::TimeoutNow, to);
    say(io, LogLevel::Info,
        "{} sends MsgTimeoutNow to {} immediately as {} already has up-to-date log", raft.id(), to,
        to);
  } else {
    send_append(raft, io, to);
  }
}

// Messages that are about a member.
void step_about_member(State& raft, const Io& io, const Message& m) {
  Progress* progress = raft.leader().progress.find(m.from);
  if (progress == nullptr) {
    say(io, LogLevel::Debug, "{} no progress available for {}", raft.id(), m.from);
    return;
  }
  if (m.type == MessageType::AppResp) return on_append_answer(raft, io, *progress, m);
  if (m.type == MessageType::HeartbeatResp) return on_heartbeat_answer(raft, io, *progress, m);
  if (m.type == MessageType::SnapStatus) return on_snapshot_status(raft, io, *progress, m);
  if (m.type == MessageType::Unreachable) return on_unreachable(raft, io, *progress, m);
  if (m.type == MessageType::TransferLeader) return on_transfer(raft, io, *progress, m);
}

}  // namespace

Result<void> step_leader(State& raft, const Io& io, const Message& m) {
  switch (m.type) {
    case MessageType::Beat:
      broadcast_heartbeat(raft, raft.leader().reads.newest_context());
      return {};
    case MessageType::CheckQuorum: on_check_quorum(raft, io); return {};
    case MessageType::Prop: return propose(raft, io, m.entries);
    case MessageType::ReadIndex: on_read_index(raft, io, m); return {};
    case MessageType::ForgetLeader: return {};
    case MessageType::AppResp:
    case MessageType::HeartbeatResp:
    case MessageType::SnapStatus:
    case MessageType::Unreachable:
    case MessageType::TransferLeader:
    // Nothing that concerns a leader of this term, or handled before the roles.
    case MessageType::Hup:
    case MessageType::App:
    case MessageType::Vote:
    case MessageType::VoteResp:
    case MessageType::Snap:
    case MessageType::Heartbeat:
    case MessageType::TimeoutNow:
    case MessageType::ReadIndexResp:
    case MessageType::PreVote:
    case MessageType::PreVoteResp:
    case MessageType::StorageAppend:
    case MessageType::StorageAppendResp:
    case MessageType::StorageApply:
    case MessageType::StorageApplyResp: step_about_member(raft, io, m); return {};
  }
  return {};
}

}  // namespace orrery::raft
