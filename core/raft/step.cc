#include "raft/step.h"

#include <utility>

#include "raft/election.h"
#include "raft/follower.h"
#include "raft/leader.h"
#include "raft/membership.h"
#include "raft/replication.h"

namespace orrery::raft {

namespace {

bool is_vote_request(const Message& m) {
  return m.type == MessageType::Vote || m.type == MessageType::PreVote;
}

bool is_sent_by_leaders(const Message& m) {
  return m.type == MessageType::App || m.type == MessageType::Heartbeat ||
         m.type == MessageType::Snap;
}

// A pre-vote and its grant speak of a term that nobody has reached yet.
bool is_of_possible_term(const Message& m) {
  return m.type == MessageType::PreVote || (m.type == MessageType::PreVoteResp && !m.reject);
}

// False = the message is to be ignored.
bool on_higher_term(State& raft, const Io& io, const Message& m) {
  if (is_vote_request(m) && is_within_lease(raft, io, m)) return false;
  if (is_of_possible_term(m)) return true;
  say(io, LogLevel::Info, "{} [term: {}] received a {} message with higher term from {} [term: {}]",
      raft.id(), raft.term, m.type, m.from, m.term);
  become_follower(raft, io, m.term, is_sent_by_leaders(m) ? m.from : kNobody);
  return true;
}

// A leader of an older term does not hear this member's votes while pre-vote or the lease hold them back; an
// answer of the newer term makes it step down.
void release_old_leader(State& raft, const Message& m) {
  Message answer;
  answer.type = MessageType::AppResp;
  answer.to = m.from;
  send(raft, std::move(answer));
}

void reject_old_pre_vote(State& raft, const Io& io, const Message& m) {
  const EntryId last = raft.log.last_entry();
  say(io, LogLevel::Info,
      "{} [logterm: {}, index: {}, vote: {}] rejected {} from {} [logterm: {}, index: {}] at term "
      "{}",
      raft.id(), last.term, last.index, raft.vote, m.type, m.from, m.log_term, m.index, raft.term);
  Message answer;
  answer.type = MessageType::PreVoteResp;
  answer.to = m.from;
  answer.term = raft.term;
  answer.reject = true;
  send(raft, std::move(answer));
}

void on_old_append_done(State& raft, const Io& io, const Message& m) {
  if (m.index != Index(0)) {
    // The entries may have been replaced since; those of this term will be reported themselves.
    say(io, LogLevel::Info,
        "{} [term: {}] ignored entry appends from a {} message with lower term [term: {}]",
        raft.id(), raft.term, m.type, m.term);
  }
  // A snapshot holds committed state: it is installed whatever the term.
  if (!m.snapshot.empty()) on_snapshot_applied(raft, io, m.snapshot.index);
}

void on_lower_term(State& raft, const Io& io, const Message& m) {
  io.guards(false, "the message is of this member's term or a later one",
            {{"message term", m.term}, {"term", raft.term}, {"from", m.from}});
  const bool holds_back = raft.config.check_quorum || raft.config.pre_vote;
  if (holds_back && (m.type == MessageType::Heartbeat || m.type == MessageType::App)) {
    release_old_leader(raft, m);
  } else if (m.type == MessageType::PreVote) {
    reject_old_pre_vote(raft, io, m);
  } else if (m.type == MessageType::StorageAppendResp) {
    on_old_append_done(raft, io, m);
  } else {
    say(io, LogLevel::Info, "{} [term: {}] ignored a {} message with lower term from {} [term: {}]",
        raft.id(), raft.term, m.type, m.from, m.term);
  }
}

void on_append_done(State& raft, const Io& io, const Message& m) {
  if (m.index != Index(0)) raft.log.stable_to(io, {m.log_term, m.index});
  if (!m.snapshot.empty()) on_snapshot_applied(raft, io, m.snapshot.index);
}

void on_apply_done(State& raft, const Io& io, const Message& m) {
  if (m.entries.empty()) return;
  on_applied(raft, io, m.entries.back().index, encoded_bytes(m.entries));
  reduce_uncommitted(raft, payload_bytes(m.entries));
}

Result<void> step_role(State& raft, const Io& io, const Message& m) {
  switch (name_of(raft.role)) {
    case RoleName::Follower: return step_follower(raft, io, m);
    case RoleName::PreCandidate:
    case RoleName::Candidate: return step_candidate(raft, io, m);
    case RoleName::Leader: return step_leader(raft, io, m);
  }
  return {};
}

void tick_election(State& raft, const Io& io) {
  ++raft.election_elapsed;
  if (!io.guards(raft.past_election_timeout(), "the election timeout has run out",
                 {{"elapsed ticks", raft.election_elapsed},
                  {"timeout ticks", raft.randomized_election_timeout}})) {
    return;
  }
  if (!raft.is_promotable()) return;
  raft.election_elapsed = 0;
  hup(raft, io, raft.config.pre_vote ? Campaign::PreElection : Campaign::Election);
}

void tick_leader(State& raft, const Io& io) {
  ++raft.leader().heartbeat_elapsed;
  ++raft.election_elapsed;
  if (raft.election_elapsed >= raft.config.election_ticks) {
    raft.election_elapsed = 0;
    Message check;
    check.type = MessageType::CheckQuorum;
    check.from = raft.id();
    if (raft.config.check_quorum) static_cast<void>(step_leader(raft, io, check));
    if (!raft.is_leader()) return;
    // A transfer that took an election timeout has failed (thesis 3.10).
    raft.leader().transferee = kNobody;
  }
  Leader& leader = raft.leader();
  if (leader.heartbeat_elapsed < raft.config.heartbeat_ticks) return;
  leader.heartbeat_elapsed = 0;
  broadcast_heartbeat(raft, leader.reads.newest_context());
}

}  // namespace

Result<void> step(State& raft, const Io& io, const Message& m) {
  const bool local = m.term == Term(0);
  if (!local && m.term < raft.term) {
    on_lower_term(raft, io, m);
    return {};
  }
  if (m.term > raft.term && !on_higher_term(raft, io, m)) return {};
  if (m.type == MessageType::Hup) {
    hup(raft, io, raft.config.pre_vote ? Campaign::PreElection : Campaign::Election);
    return {};
  }
  if (is_vote_request(m)) {
    on_vote_request(raft, io, m);
    return {};
  }
  if (m.type == MessageType::StorageAppendResp) {
    on_append_done(raft, io, m);
    return {};
  }
  if (m.type == MessageType::StorageApplyResp) {
    on_apply_done(raft, io, m);
    return {};
  }
  return step_role(raft, io, m);
}

void tick(State& raft, const Io& io) {
  if (raft.is_leader()) {
    tick_leader(raft, io);
  } else {
    tick_election(raft, io);
  }
}

}  // namespace orrery::raft
