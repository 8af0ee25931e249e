// Storm: a group of members whose every move is drawn: ticks, deliveries in any order, losses, duplicates, crashes at
// any point between a Ready and its end, snapshots, proposals, configuration changes, reads, transfers.
//   used by: storm_test.cc, tests/mutants    uses: core/raft
//   ideas:   each move touches one member; the claims are checked right after it. A seed names the whole run.
#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "raft/cluster_claims.h"
#include "raft/raft.h"

namespace orrery::raft {

struct StormMember {
  Raft raft;
  Storage durable;               // what a crash leaves
  raftpb::ConfState conf_state;  // of the state machine
  bool up = true;
  std::optional<Ready> ready;   // taken and not done (synchronous variant)
  bool written = false;         // it is in Storage and on disk
  bool sent = false;            // its messages are on their way
  std::deque<Message> appends;  // work of the storage threads (asynchronous variant)
  std::deque<Message> applies;
};

class Storm {
 public:
  Storm(std::uint64_t seed, std::size_t voters);

  // One drawn move.
  void step();

  // The network heals, everybody is up: does the group go on? What is missing, or nothing.
  std::string heal();

  // Why a group that does not go on is none of Raft's faults, or nothing:
  // 1. No member can win an election by the rules: who could campaign lacks entries of a voter it needs, and that
  //    voter has left by a change that the candidate has not applied. Raft as etcd has it, where a configuration
  //    counts from when it is applied, cannot exclude this once few voters stay.
  // 2. Without pre-vote and check-quorum a removed member that does not know it campaigned and raised a learner's
  //    term above the leader's: nobody may answer, and a learner does not campaign.
  std::string excuse() const;

  const Violations& violations() const { return violations_; }

  // What happened last, one line a move.
  std::string story() const;

  // Where each member stands.
  std::string members_text() const;

  std::size_t elections() const { return elections_; }

  std::size_t snapshots() const { return snapshots_; }

  std::size_t changes() const { return changes_; }

  std::size_t reads() const { return reads_; }

  // Reads that an only voter answered before the first commit of its term.
  std::size_t excused() const { return excused_; }

  Index committed() const { return record_.committed(); }

 private:
  using Move = void (Storm::*)(std::size_t);

  std::uint64_t draw();
  bool one_in(std::uint64_t n) { return draw() % n == 0; }
  Io io() { return {no_guards(), draw(), nullptr}; }

  void start(std::size_t i, const Storage& storage);
  template <class Action>
  void watched(std::size_t i, const std::string& what, Action action);

  void tick(std::size_t i);
  void deliver(std::size_t i);
  void lose(std::size_t i);
  void process(std::size_t i);
  void propose(std::size_t i);
  void change(std::size_t i);
  void read(std::size_t i);
  void excuse_a_lone_leader(std::size_t i, const Blob& read);
  void disturb(std::size_t i);
  void crash(std::size_t i);
  void restart(std::size_t i);
  void compact(std::size_t i);

  bool has_work(std::size_t i) const;
  void report(const Message& m, bool arrived);
  void refresh(std::size_t i, raftpb::Snapshot& snapshot);
  void hand_over(std::size_t i, const Message& m);
  void send(std::size_t i, std::vector<Message> messages);
  void take(std::size_t i);
  void go_on(std::size_t i);
  void finish(std::size_t i);
  void work_appends(std::size_t i);
  void work_applies(std::size_t i);
  void write(std::size_t i, const raftpb::HardState& state, const Ready& ready, bool sync);
  void apply(std::size_t i, const std::vector<raftpb::Entry>& entries);
  void note_reads(std::size_t i, const std::vector<ReadState>& states);

  void settle();
  void stop_removed();
  bool can_win(const Raft& candidate) const;
  bool nobody_can_win() const;
  bool a_learner_is_ahead() const;
  const StormMember* leader() const;

  std::uint64_t seed_ = 0;
  std::uint64_t draws_ = 0;
  Config config_;
  std::vector<StormMember> members_;
  std::vector<Message> network_;
  ClusterRecord record_;
  Violations violations_;
  std::deque<std::string> story_;
  std::map<std::uint64_t, Index> asked_;  // read -> what was committed when it was asked
  std::uint64_t names_ = 0;               // of proposals and reads
  std::size_t elections_ = 0;
  std::size_t snapshots_ = 0;
  std::size_t changes_ = 0;
  std::size_t reads_ = 0;
  std::size_t excused_ = 0;
};

}  // namespace orrery::raft
