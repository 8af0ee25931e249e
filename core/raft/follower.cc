#include "raft/follower.h"

#include <algorithm>
#include <utility>

#include "raft/election.h"
#include "raft/membership.h"

namespace orrery::raft {

namespace {

// Any message that only a leader sends: it lives, and this is it.
void heard_from_leader(State& raft, const Message& m) {
  raft.election_elapsed = 0;
  std::get<Follower>(raft.role).leader = m.from;
}

void acknowledge(State& raft, NodeId leader, Index index) {
  send(raft, MessageType::AppResp, leader).index = index;
}

// Names the last entry that may agree, so that the leader skips whole terms (paper 5.3, end).
void reject_append(State& raft, const Io& io, const Message& m) {
  say(io, LogLevel::Debug,
      "{} [logterm: {}, index: {}] rejected MsgApp [logterm: {}, index: {}] from {}", raft.id(),
      raft.log.term_or_zero(m.index), m.index, m.log_term, m.index, m.from);
  const EntryId hint =
      raft.log.find_conflict_by_term(std::min(m.index, raft.log.last_index()), m.log_term);
  Message& answer = send(raft, MessageType::AppResp, m.from);
  answer.index = m.index;
  answer.reject = true;
  answer.reject_hint = hint.index;
  answer.log_term = hint.term;
}

void on_append(State& raft, const Io& io, const Message& m) {
  heard_from_leader(raft, m);
  if (!io.guards(m.index >= raft.log.committed(), "the append starts at or above the commit",
                 {{"index before", m.index}, {"committed", raft.log.committed()}})) {
    acknowledge(raft, m.from, raft.log.committed());
    return;
  }
  const auto last = raft.log.maybe_append(io, {m.log_term, m.index}, m.entries, m.commit);
  if (last) {
    acknowledge(raft, m.from, *last);
  } else {
    reject_append(raft, io, m);
  }
}

void on_heartbeat(State& raft, const Message& m) {
  heard_from_leader(raft, m);
  raft.log.commit_to(m.commit);
  send(raft, MessageType::HeartbeatResp, m.from).context = m.context;
}

void on_snapshot(State& raft, const Io& io, const Message& m) {
  heard_from_leader(raft, m);
  const Index index = m.snapshot.index;
  const Term term = m.snapshot.term;
  if (restore(raft, io, m.snapshot)) {
    say(io, LogLevel::Info, "{} [commit: {}] restored snapshot [index: {}, term: {}]", raft.id(),
        raft.log.committed(), index, term);
    acknowledge(raft, m.from, raft.log.last_index());
  } else {
    say(io, LogLevel::Info, "{} [commit: {}] ignored snapshot [index: {}, term: {}]", raft.id(),
        raft.log.committed(), index, term);
    acknowledge(raft, m.from, raft.log.committed());
  }
}

// False = nobody leads, as far as known.
bool forward(State& raft, const Message& m) {
  const NodeId leader = raft.known_leader();
  if (leader == kNobody) return false;
  Message& forwarded = raft.messages.emplace_back(m);
  forwarded.to = leader;
  if (forwarded.from == kNobody) forwarded.from = raft.id();
  // Proposals and reads are for whoever leads, in whatever term.
  if (m.type == MessageType::TransferLeader) forwarded.term = raft.term;
  return true;
}

Result<void> on_propose(State& raft, const Io& io, const Message& m) {
  const NodeId leader = raft.known_leader();
  if (!io.guards(leader != kNobody, "a leader is known that takes the proposal",
                 {{"term", raft.term}})) {
    say(io, LogLevel::Info, "{} no leader at term {}; dropping proposal", raft.id(), raft.term);
    return proposal_dropped();
  }
  if (!io.guards(!raft.config.disable_proposal_forwarding, "proposals may be forwarded",
                 {{"leader", leader}})) {
    say(io, LogLevel::Info, "{} not forwarding to leader {} at term {}; dropping proposal",
        raft.id(), leader, raft.term);
    return proposal_dropped();
  }
  forward(raft, m);
  return {};
}

void on_transfer(State& raft, const Io& io, const Message& m) {
  if (forward(raft, m)) return;
  say(io, LogLevel::Info, "{} no leader at term {}; dropping leader transfer msg", raft.id(),
      raft.term);
}

void on_read_index(State& raft, const Io& io, const Message& m) {
  if (io.guards(forward(raft, m), "a leader is known that can answer the read",
                {{"term", raft.term}})) {
    return;
  }
  say(io, LogLevel::Info, "{} no leader at term {}; dropping index reading msg", raft.id(),
      raft.term);
}

void on_read_index_answer(State& raft, const Io& io, const Message& m) {
  if (m.entries.size() != 1) {
    say(io, LogLevel::Error, "{} invalid format of MsgReadIndexResp from {}, entries count: {}",
        raft.id(), m.from, m.entries.size());
    return;
  }
  raft.read_states.push_back({m.index, m.entries.front().data});
}

// From now on others may be voted for, though the leader's lease has not run out.
void on_forget_leader(State& raft, const Io& io) {
  if (raft.config.read_only == ReadOnlyOption::LeaseBased) {
    say(io, LogLevel::Error, "ignoring MsgForgetLeader due to ReadOnlyLeaseBased");
    return;
  }
  NodeId& leader = std::get<Follower>(raft.role).leader;
  if (leader == kNobody) return;
  say(io, LogLevel::Info, "{} forgetting leader {} at term {}", raft.id(), leader, raft.term);
  leader = kNobody;
}

// The leader wants this member to take over: no pre-vote, no waiting (thesis 3.10).
void on_timeout_now(State& raft, const Io& io, const Message& m) {
  say(io, LogLevel::Info,
      "{} [term {}] received MsgTimeoutNow from {} and starts an election to get leadership.",
      raft.id(), raft.term, m.from);
  hup(raft, io, Campaign::Transfer);
}

}  // namespace

Result<void> step_follower(State& raft, const Io& io, const Message& m) {
  switch (m.type) {
    case MessageType::App: on_append(raft, io, m); return {};
    case MessageType::Heartbeat: on_heartbeat(raft, m); return {};
    case MessageType::Snap: on_snapshot(raft, io, m); return {};
    case MessageType::Prop: return on_propose(raft, io, m);
    case MessageType::ReadIndex: on_read_index(raft, io, m); return {};
    case MessageType::ReadIndexResp: on_read_index_answer(raft, io, m); return {};
    case MessageType::TransferLeader: on_transfer(raft, io, m); return {};
    case MessageType::TimeoutNow: on_timeout_now(raft, io, m); return {};
    case MessageType::ForgetLeader: on_forget_leader(raft, io); return {};
    // Answers to a role that has ended, a leader's own timers, or handled before the roles.
    case MessageType::Hup:
    case MessageType::Beat:
    case MessageType::AppResp:
    case MessageType::Vote:
    case MessageType::VoteResp:
    case MessageType::HeartbeatResp:
    case MessageType::Unreachable:
    case MessageType::SnapStatus:
    case MessageType::CheckQuorum:
    case MessageType::PreVote:
    case MessageType::PreVoteResp:
    case MessageType::StorageAppend:
    case MessageType::StorageAppendResp:
    case MessageType::StorageApply:
    case MessageType::StorageApplyResp: return {};
  }
  return {};
}

}  // namespace orrery::raft
