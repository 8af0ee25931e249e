#include "raft/election.h"

#include <utility>

#include "raft/follower.h"
#include "raft/replication.h"

namespace orrery::raft {

namespace {

MessageType answer_to(MessageType request) {
  return request == MessageType::Vote ? MessageType::VoteResp : MessageType::PreVoteResp;
}

// A member that has not applied a committed configuration change could count with the wrong voters.
bool has_unapplied_conf_change(const State& raft) {
  for (Index index = raft.log.applied() + 1; index <= raft.log.committed(); ++index) {
    if (index < raft.log.first_index()) continue;
    if (raft.log.at(index).type != raftpb::EntryType::Normal) return true;
  }
  return false;
}

void answer_vote(State& raft, const Message& request, Term term, bool reject) {
  Message& answer = send(raft, answer_to(request.type), request.from);
  answer.term = term;
  answer.reject = reject;
}

void say_vote(const State& raft, const Io& io, const char* verb, const char* preposition,
              const Message& m) {
  if (io.log == nullptr) return;
  const EntryId last = raft.log.last_entry();
  say(io, LogLevel::Info,
      "{} [logterm: {}, index: {}, vote: {}] {} {} {} {} [logterm: {}, index: {}] at term {}",
      raft.id(), last.term, last.index, raft.vote, std::string_view(verb), m.type,
      std::string_view(preposition), m.from, m.log_term, m.index, raft.term);
}

void request_vote(State& raft, const Io& io, NodeId voter, MessageType type, Term term,
                  Campaign kind) {
  if (voter == raft.id()) {
    // The own vote counts like any other: after it is on disk.
    send(raft, answer_to(type), voter).term = term;
    return;
  }
  const EntryId last = raft.log.last_entry();
  say(io, LogLevel::Info, "{} [logterm: {}, index: {}] sent {} request to {} at term {}", raft.id(),
      last.term, last.index, type, voter, raft.term);
  Message& request = send(raft, type, voter);
  request.term = term;
  request.index = last.index;
  request.log_term = last.term;
  if (kind == Campaign::Transfer) request.context = Blob(kTransferContext);
}

}  // namespace

void hup(State& raft, const Io& io, Campaign kind) {
  if (!io.guards(!raft.is_leader(), "it does not lead already", {{"term", raft.term}})) {
    say(io, LogLevel::Debug, "{} ignoring MsgHup because already leader", raft.id());
    return;
  }
  if (!io.guards(raft.is_promotable(), "it is a voter without a snapshot to install",
                 {{"voter", raft.cluster.is_voter(raft.id())},
                  {"snapshot waits", raft.log.unstable().has_snapshot()}})) {
    say(io, LogLevel::Warn, "{} is unpromotable and can not campaign", raft.id());
    return;
  }
  if (!io.guards(!has_unapplied_conf_change(raft), "every committed conf change is applied",
                 {{"applied", raft.log.applied()}, {"committed", raft.log.committed()}})) {
    say(io, LogLevel::Warn,
        "{} cannot campaign at term {} since there are still pending configuration changes to "
        "apply",
        raft.id(), raft.term);
    return;
  }
  say(io, LogLevel::Info, "{} is starting a new election at term {}", raft.id(), raft.term);
  campaign(raft, io, kind);
}

void campaign(State& raft, const Io& io, Campaign kind) {
  if (!raft.is_promotable()) {
    say(io, LogLevel::Warn, "{} is unpromotable; campaign() should have been called", raft.id());
  }
  const bool pre = kind == Campaign::PreElection;
  if (pre) {
    become_pre_candidate(raft, io);
  } else {
    become_candidate(raft, io);
  }
  // A pre-candidate asks for the term it would have.
  const Term term = pre ? raft.term + 1 : raft.term;
  const MessageType type = pre ? MessageType::PreVote : MessageType::Vote;
  for (const NodeId voter : raft.cluster.voters.ids()) {
    request_vote(raft, io, voter, type, term, kind);
  }
}

bool is_within_lease(const State& raft, const Io& io, const Message& m) {
  const bool forced = m.context.view() == kTransferContext;
  const bool lease = raft.config.check_quorum && raft.known_leader() != kNobody &&
                     raft.election_elapsed < raft.config.election_ticks;
  if (!io.guards(!forced && lease, "a leader was heard from within the election timeout",
                 {{"leader", raft.known_leader()},
                  {"elapsed ticks", raft.election_elapsed},
                  {"election ticks", raft.config.election_ticks},
                  {"check quorum", raft.config.check_quorum},
                  {"leadership transfer", forced}})) {
    return false;
  }
  if (io.log != nullptr) {
    const EntryId last = raft.log.last_entry();
    say(io, LogLevel::Info,
        "{} [logterm: {}, index: {}, vote: {}] ignored {} from {} [logterm: {}, index: {}] at term "
        "{}: lease is not expired (remaining ticks: {})",
        raft.id(), last.term, last.index, raft.vote, m.type, m.from, m.log_term, m.index, raft.term,
        raft.config.election_ticks - raft.election_elapsed);
  }
  return true;
}

void on_vote_request(State& raft, const Io& io, const Message& m) {
  const bool repeated = raft.vote == m.from;
  const bool free = raft.vote == kNobody && raft.known_leader() == kNobody;
  const bool future = m.type == MessageType::PreVote && m.term > raft.term;
  // Learners vote too: the candidate may know of their promotion before they do.
  const bool can_vote = io.guards(repeated || free || future, "the vote of this term is free",
                                  {{"vote", raft.vote},
                                   {"leader", raft.known_leader()},
                                   {"candidate", m.from},
                                   {"candidate's term", m.term},
                                   {"term", raft.term}});
  const EntryId last = raft.log.last_entry();
  const bool up_to_date = io.guards(raft.log.is_up_to_date({m.log_term, m.index}),
                                    "the candidate's log is at least as up to date",
                                    {{"candidate's last term", m.log_term},
                                     {"candidate's last index", m.index},
                                     {"last term", last.term},
                                     {"last index", last.index}});
  if (!can_vote || !up_to_date) {
    say_vote(raft, io, "rejected", "from", m);
    answer_vote(raft, m, raft.term, true);
    return;
  }
  say_vote(raft, io, "cast", "for", m);
  // A granted pre-vote answers with the term it was asked for: it is about that election.
  answer_vote(raft, m, m.term, false);
  if (m.type == MessageType::Vote) {
    raft.election_elapsed = 0;
    raft.vote = m.from;
  }
}

// -- the candidate

namespace {

// An append, heartbeat or snapshot of the own term: somebody else has won (paper 5.2).
Result<void> yield_to_leader(State& raft, const Io& io, const Message& m) {
  become_follower(raft, io, m.term, m.from);
  return step_follower(raft, io, m);
}

Votes& votes_of(Role& role) {
  if (auto* pre = std::get_if<PreCandidate>(&role)) return pre->votes;
  return std::get<Candidate>(role).votes;
}

VoteResult count_vote(State& raft, const Io& io, const Message& m) {
  if (m.reject) {
    say(io, LogLevel::Info, "{} received {} rejection from {} at term {}", raft.id(), m.type,
        m.from, raft.term);
  } else {
    say(io, LogLevel::Info, "{} received {} from {} at term {}", raft.id(), m.type, m.from,
        raft.term);
  }
  Votes& votes = votes_of(raft.role);
  votes.add(m.from, !m.reject);
  std::size_t granted = 0;
  std::size_t rejected = 0;
  for (const auto& [id, grant] : votes) {
    if (!raft.cluster.is_voter(id)) continue;
    grant ? ++granted : ++rejected;
  }
  say(io, LogLevel::Info, "{} has received {} {} votes and {} vote rejections", raft.id(), granted,
      m.type, rejected);
  const VoteResult result = vote_result(raft.cluster.voters, votes);
  io.guards(result == VoteResult::Won, "a majority has granted its vote",
            {{"granted", granted},
             {"rejected", rejected},
             {"voters", raft.cluster.voters.incoming.size()},
             {"outgoing voters", raft.cluster.voters.outgoing.size()}});
  return result;
}

void on_vote_answer(State& raft, const Io& io, const Message& m) {
  // An answer about the other kind of election is outdated.
  const bool pre = std::holds_alternative<PreCandidate>(raft.role);
  if (pre != (m.type == MessageType::PreVoteResp)) return;
  switch (count_vote(raft, io, m)) {
    case VoteResult::Pending: return;
    case VoteResult::Lost:
      // The answer to a pre-vote carries a term of the future: keep the own one.
      become_follower(raft, io, raft.term, kNobody);
      return;
    case VoteResult::Won:
      if (pre) {
        campaign(raft, io, Campaign::Election);
      } else {
        become_leader(raft, io);
        broadcast_append(raft, io);
      }
      return;
  }
}

}  // namespace

Result<void> step_candidate(State& raft, const Io& io, const Message& m) {
  switch (m.type) {
    case MessageType::Prop:
      io.guards(false, "a leader is known that takes the proposal", {{"term", raft.term}});
      say(io, LogLevel::Info, "{} no leader at term {}; dropping proposal", raft.id(), raft.term);
      return proposal_dropped();
    case MessageType::App:
    case MessageType::Heartbeat:
    case MessageType::Snap: return yield_to_leader(raft, io, m);
    case MessageType::VoteResp:
    case MessageType::PreVoteResp: on_vote_answer(raft, io, m); return {};
    case MessageType::TimeoutNow:
      say(io, LogLevel::Debug, "{} [term {} state {}] ignored MsgTimeoutNow from {}", raft.id(),
          raft.term, to_text(name_of(raft.role)), m.from);
      return {};
    // Nothing that concerns a candidate: meant for leaders and followers, or handled before the roles.
    case MessageType::Hup:
    case MessageType::Beat:
    case MessageType::AppResp:
    case MessageType::Vote:
    case MessageType::HeartbeatResp:
    case MessageType::Unreachable:
    case MessageType::SnapStatus:
    case MessageType::CheckQuorum:
    case MessageType::TransferLeader:
    case MessageType::ReadIndex:
    case MessageType::ReadIndexResp:
    case MessageType::PreVote:
    case MessageType::StorageAppend:
    case MessageType::StorageAppendResp:
    case MessageType::StorageApply:
    case MessageType::StorageApplyResp:
    case MessageType::ForgetLeader: return {};
  }
  return {};
}

}  // namespace orrery::raft
