#include "raft/state.h"

#include <utility>

#include "base/check.h"
#include "raft/replication.h"

namespace orrery::raft {

namespace {

bool waits_for_disk(MessageType type) {
  return type == MessageType::AppResp || type == MessageType::VoteResp ||
         type == MessageType::PreVoteResp;
}

// A new term forgets the vote; a reset restarts the election timer with a new length.
void reset(State& raft, const Io& io, Term term) {
  if (raft.term != term) {
    raft.term = term;
    raft.vote = kNobody;
  }
  raft.election_elapsed = 0;
  const auto ticks = static_cast<std::uint64_t>(raft.config.election_ticks);
  raft.randomized_election_timeout = static_cast<int>(ticks + io.entropy % ticks);
}

ProgressMap fresh_progress(const State& raft) {
  ProgressMap out;
  const Index last = raft.log.last_index();
  for (const NodeId id : raft.cluster.members()) {
    Progress progress;
    progress.next = last + 1;
    progress.inflights = {raft.config.max_inflight_msgs, raft.config.max_inflight_bytes};
    progress.is_learner = raft.cluster.is_learner(id);
    if (id == raft.id()) {
      progress.match = last;
      progress.recent_active = true;
      progress.become_replicate();
    }
    out.add(id, std::move(progress));
  }
  return out;
}

}  // namespace

Message& send(State& raft, MessageType type, NodeId to) {
  const bool waits = waits_for_disk(type);
  check(waits || to != raft.id(), "only answers that wait for the disk go to oneself");
  Message& message = (waits ? raft.after_append : raft.messages).emplace_back();
  message.type = type;
  message.to = to;
  message.from = raft.id();
  message.term = raft.term;
  return message;
}

void become_follower(State& raft, const Io& io, Term term, NodeId leader) {
  reset(raft, io, term);
  raft.role = Follower{leader};
  say(io, LogLevel::Info, "{} became follower at term {}", raft.id(), raft.term);
}

void become_pre_candidate(State& raft, const Io& io) {
  check(!raft.is_leader(), "a leader does not campaign");
  raft.role = PreCandidate{};
  say(io, LogLevel::Info, "{} became pre-candidate at term {}", raft.id(), raft.term);
}

void become_candidate(State& raft, const Io& io) {
  check(!raft.is_leader(), "a leader does not campaign");
  reset(raft, io, raft.term + 1);
  raft.vote = raft.id();
  raft.role = Candidate{};
  say(io, LogLevel::Info, "{} became candidate at term {}", raft.id(), raft.term);
}

void become_leader(State& raft, const Io& io) {
  check(std::holds_alternative<Candidate>(raft.role), "only a candidate is elected");
  reset(raft, io, raft.term);
  Leader leader;
  leader.progress = fresh_progress(raft);
  // Whatever is in the log may be a configuration change that is not applied yet: wait for all of it.
  leader.pending_conf_index = raft.log.last_index();
  raft.role = std::move(leader);
  // Entries of earlier terms are committed by committing one of this term on top (paper 5.4.2, section 8).
  const bool appended = append_entries(raft, io, {raftpb::Entry{}});
  check(appended, "an empty entry is never too large");
  say(io, LogLevel::Info, "{} became leader at term {}", raft.id(), raft.term);
}

}  // namespace orrery::raft
