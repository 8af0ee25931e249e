// ClusterConfig: who belongs to the group, and as what.
//   used by: State, conf_change.h    uses: joint.h
//   invariant 1: learners and voters (of both halves) are disjoint.
//   invariant 2: learners_next is a part of voters.outgoing: demoted voters that still count there.
//   invariant 3: without a joint configuration, learners_next is empty and auto_leave false.
//   from: etcd raft tracker/tracker.go (Config)
#pragma once

#include <string>

#include "base/violation.h"
#include "proto/raftpb.h"
#include "raft/joint.h"

namespace orrery::raft {

struct ClusterConfig {
  JointConfig voters;
  IdSet learners;           // receive entries, count nowhere
  IdSet learners_next;      // become learners when the joint configuration is left
  bool auto_leave = false;  // the leader leaves the joint configuration by itself

  bool is_voter(NodeId id) const { return voters.contains(id); }

  bool is_learner(NodeId id) const { return learners.contains(id); }

  bool is_member(NodeId id) const { return is_voter(id) || is_learner(id); }

  // One voter, no transition: it agrees with itself at once.
  bool is_singleton() const { return voters.incoming.size() == 1 && !voters.is_joint(); }

  // Voters of both halves and learners.
  IdSet members() const;

  raftpb::ConfState conf_state() const;

  template <class F>
  void fields(F&& f) const {
    f("voters", voters), f("learners", learners), f("learners_next", learners_next);
    f("auto_leave", auto_leave);
  }
  friend bool operator==(const ClusterConfig&, const ClusterConfig&) = default;
};

// etcd's words: "voters=(1 2)&&(1) learners=(3) learners_next=(4) autoleave"
std::string to_text(const ClusterConfig& config);

// Invariants above that do not hold.
Violations violations(const ClusterConfig& config);

}  // namespace orrery::raft
