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

void reject_old_pre_vote(State& raft, const Io& io, const Message& m) {
  const EntryId last = raft.log.last_entry();
  say(io, LogLevel::Info,
      "{} [logterm: {}, index: {}, vote: {}] rejected {} from {} [logterm: {}, index: {}] at term "
      "{}",
      raft.id(), last.term, last.index, raft.vote, m.type, m.from, m.log_term, m.index, raft.term);
  send(raft, MessageType::PreVoteResp, m.from).reject = true;
}

void on_lower_term(State& raft, const Io& io, const Message& m) {
  io.guards(false, "the message is of this member's term or a later one",
            {{"message term", m.term}, {"term", raft.term}, {"from", m.from}});
  const bool holds_back = raft.config.check_quorum || raft.config.pre_vote;
  if (holds_back && (m.type == MessageType::Heartbeat || m.type == MessageType::App)) {
    // A leader of an older term does not hear this member's votes while pre-vote or the lease hold them back; an
    // answer of the newer term makes it step down.
    send(raft, MessageType::AppResp, m.from);
  } else if (m.type == MessageType::PreVote) {
    reject_old_pre_vote(raft, io, m);
  } else {
    say(io, LogLevel::Info, "{} [term: {}] ignored a {} message with lower term from {} [term: {}]",
        raft.id(), raft.term, m.type, m.from, m.term);
  }
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

Applied applied_of(std::span<const raftpb::Entry> entries) {
  return {entries.back().index, encoded_bytes(entries), payload_bytes(entries)};
}

void on_written(State& raft, const Io& io, const Written& written) {
  if (written.last.index != Index(0)) {
    if (io.guards(written.term == raft.term, "the write was begun in this term",
                  {{"term of the write", written.term}, {"term", raft.term}})) {
      raft.log.stable_to(io, written.last);
    } else {
      // The entries may have been replaced since; those of this term will be reported themselves.
      say(io, LogLevel::Info,
          "{} [term: {}] ignored entry appends from a {} message with lower term [term: {}]",
          raft.id(), raft.term, MessageType::StorageAppendResp, written.term);
    }
  }
  // A snapshot holds committed state: it is installed whatever the term.
  if (written.snapshot != Index(0)) on_snapshot_applied(raft, io, written.snapshot);
}

void on_applied(State& raft, const Io& io, const Applied& applied) {
  on_applied(raft, io, applied.index, applied.encoded_bytes);
  reduce_uncommitted(raft, applied.payload_bytes);
}

Result<void> step(State& raft, const Io& io, const Message& m) {
  if (m.type == MessageType::StorageAppendResp) {
    on_written(raft, io, {m.term, {m.log_term, m.index}, m.snapshot.index});
    return {};
  }
  if (m.type == MessageType::StorageApplyResp) {
    if (!m.entries.empty()) on_applied(raft, io, applied_of(m.entries));
    return {};
  }
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
