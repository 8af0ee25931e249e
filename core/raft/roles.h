// Role: what a member is in its term, each with only the data that this role has.
//   used by: State                  uses: progress.h, read_only.h
//   ideas:   becoming something else throws the old role's data away: that is how votes, progress, transfers and
//            waiting reads end.
//   from: raft paper 5.1, 5.2, Figure 4; thesis 9.6 (pre-candidate); etcd raft raft.go (StateType)
#pragma once

#include <cstdint>
#include <string_view>
#include <variant>

#include "raft/progress.h"
#include "raft/read_only.h"

namespace orrery::raft {

struct Follower {
  NodeId leader;  // 0 = none heard of in this term

  template <class F>
  void fields(F&& f) const {
    f("leader", leader);
  }
  friend bool operator==(const Follower&, const Follower&) = default;
};

// Asks whether it would win, before it raises its term.
struct PreCandidate {
  Votes votes;

  template <class F>
  void fields(F&& f) const {
    f("votes", votes);
  }
  friend bool operator==(const PreCandidate&, const PreCandidate&) = default;
};

struct Candidate {
  Votes votes;

  template <class F>
  void fields(F&& f) const {
    f("votes", votes);
  }
  friend bool operator==(const Candidate&, const Candidate&) = default;
};

struct Leader {
  ProgressMap progress;                 // of every member; itself too, unless it was removed
  ReadOnly reads;                       // waiting for a round of heartbeats
  NodeId transferee;                    // who shall lead instead; 0 = no transfer
  Index pending_conf_index;             // no other configuration change before this one is applied
  std::uint64_t uncommitted_bytes = 0;  // payload of entries appended and not applied yet
  int heartbeat_elapsed = 0;            // ticks since the last heartbeat

  template <class F>
  void fields(F&& f) const {
    f("progress", progress), f("reads", reads), f("transferee", transferee);
    f("pending_conf_index", pending_conf_index), f("uncommitted_bytes", uncommitted_bytes);
    f("heartbeat_elapsed", heartbeat_elapsed);
  }
  friend bool operator==(const Leader&, const Leader&) = default;
};

// In the order of RoleName.
using Role = std::variant<Follower, PreCandidate, Candidate, Leader>;

enum class RoleName : std::uint8_t { Follower, PreCandidate, Candidate, Leader };

inline RoleName name_of(const Role& role) {
  return static_cast<RoleName>(role.index());
}

// etcd's words: "StateFollower"
std::string_view to_text(RoleName role);

}  // namespace orrery::raft
