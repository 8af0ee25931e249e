// State: everything one member's Raft knows.
//   used by: every rule (free functions over it), Raft (owns one)    uses: roles.h, log.h, cluster_config.h
//   ideas:   the paper's Figure 2 as one struct: persistent are term, vote and the log; commit and applied stand
//            in the log; nextIndex and matchIndex in the Leader role. A rule is a free function that takes the
//            State, edits it, and leaves messages in it; nothing here waits, prints or draws.
//   invariant 1: term never falls; vote changes only from nobody, within a term.
//   invariant 2: a message in `after_append` must not leave before the state it speaks of is on disk.
//   from: raft paper Figure 2; etcd raft raft.go (raft)
#pragma once

#include <vector>

#include "raft/cluster_config.h"
#include "raft/config.h"
#include "raft/io.h"
#include "raft/log.h"
#include "raft/roles.h"

namespace orrery::raft {

using raftpb::Message;
using raftpb::MessageType;

struct State {
  Config config;
  Term term;    // latest seen; 0 on first boot
  NodeId vote;  // granted to in this term; 0 = nobody
  Log log;
  ClusterConfig cluster;
  Role role;

  int election_elapsed =
      0;  // ticks since hearing from a leader, voting, or (leader) a quorum check
  int randomized_election_timeout =
      0;  // in [election_ticks, 2 * election_ticks), set at each reset

  std::vector<Message> messages;      // may be sent at once
  std::vector<Message> after_append;  // answers and votes: only after the state is on disk
  std::vector<ReadState> read_states;
  std::vector<Message> postponed_reads;  // came before this leader committed in its term

  NodeId id() const { return config.id; }

  bool is_leader() const { return std::holds_alternative<Leader>(role); }

  // requires: is_leader()
  Leader& leader() { return std::get<Leader>(role); }

  const Leader& leader() const { return std::get<Leader>(role); }

  // Who leads this term, as far as known; 0 = nobody.
  NodeId known_leader() const {
    if (const auto* follower = std::get_if<Follower>(&role)) return follower->leader;
    return is_leader() ? id() : kNobody;
  }

  raftpb::HardState hard_state() const { return {term, vote, log.committed()}; }

  // May become leader: a voter, with no snapshot that waits to be installed.
  bool is_promotable() const { return cluster.is_voter(id()) && !log.unstable().has_snapshot(); }

  bool past_election_timeout() const { return election_elapsed >= randomized_election_timeout; }

  template <class F>
  void fields(F&& f) const {
    f("config", config), f("term", term), f("vote", vote), f("log", log), f("cluster", cluster);
    f("role", role), f("election_elapsed", election_elapsed);
    f("randomized_election_timeout", randomized_election_timeout);
    f("messages", messages), f("after_append", after_append), f("read_states", read_states);
    f("postponed_reads", postponed_reads);
  }
  friend bool operator==(const State&, const State&) = default;
};

// A message on its way out, for the caller to fill in; sender and term are there. Valid until the next one.
// Answers to appends and votes wait for the disk, everything else may leave at once (thesis 10.2.1: a leader
// writes in parallel). A vote is about the term that the caller names in it.
Message& send(State& raft, MessageType type, NodeId to);

// -- transitions (paper Figure 4). Each restarts the election timer but become_pre_candidate.

void become_follower(State& raft, const Io& io, Term term, NodeId leader);
// Changes neither term nor vote.
void become_pre_candidate(State& raft, const Io& io);
void become_candidate(State& raft, const Io& io);
// Appends the empty entry of the new term.
void become_leader(State& raft, const Io& io);

}  // namespace orrery::raft
