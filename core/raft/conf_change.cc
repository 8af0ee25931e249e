#include "raft/conf_change.h"

#include <algorithm>
#include <iterator>

#include "proto/raftpb_codec.h"

namespace orrery::raft {

using raftpb::ConfChangeSingle;
using raftpb::ConfChangeTransition;
using raftpb::ConfChangeType;

namespace {

void make_voter(Reconfiguration& next, NodeId id) {
  ClusterConfig& config = next.config;
  config.learners.remove(id);
  config.learners_next.remove(id);
  config.voters.incoming.add(id);
}

void remove_member(Reconfiguration& next, NodeId id) {
  ClusterConfig& config = next.config;
  if (!config.is_member(id)) return;
  config.voters.incoming.remove(id);
  config.learners.remove(id);
  config.learners_next.remove(id);
  // Who still votes in the outgoing half is still sent entries.
  if (!config.voters.outgoing.contains(id)) next.forgotten.add(id);
}

void make_learner(Reconfiguration& next, NodeId id) {
  ClusterConfig& config = next.config;
  if (config.is_learner(id)) return;
  config.voters.incoming.remove(id);
  config.learners_next.remove(id);
  // An outgoing voter keeps its vote until the joint configuration is left (invariant 1 and 2).
  if (config.voters.outgoing.contains(id)) {
    config.learners_next.add(id);
  } else {
    config.learners.add(id);
  }
}

Result<void> apply(Reconfiguration& next, const Changes& changes) {
  for (const ConfChangeSingle& change : changes) {
    if (change.node_id == NodeId(0)) continue;  // a change that was refused at apply time
    switch (change.type) {
      case ConfChangeType::AddNode: make_voter(next, change.node_id); break;
      case ConfChangeType::AddLearnerNode: make_learner(next, change.node_id); break;
      case ConfChangeType::RemoveNode: remove_member(next, change.node_id); break;
      case ConfChangeType::UpdateNode: break;
    }
  }
  if (next.config.voters.incoming.empty()) return fail(Errc::WrongUse, "removed all voters");
  return {};
}

std::size_t voters_moved(const IdSet& before, const IdSet& after) {
  std::vector<NodeId> moved;
  std::ranges::set_symmetric_difference(before, after, std::back_inserter(moved));
  return moved.size();
}

}  // namespace

Result<Reconfiguration> simple_change(const ClusterConfig& config, const Changes& changes) {
  if (config.voters.is_joint()) {
    return fail(Errc::WrongUse, "can't apply simple config change in joint config");
  }
  Reconfiguration next{config, {}};
  if (const auto applied = apply(next, changes); !applied) return fail(applied.error());
  if (voters_moved(config.voters.incoming, next.config.voters.incoming) > 1) {
    return fail(Errc::WrongUse, "more than one voter changed without entering joint config");
  }
  return next;
}

Result<Reconfiguration> enter_joint(const ClusterConfig& config, bool auto_leave,
                                    const Changes& changes) {
  if (config.voters.is_joint()) return fail(Errc::WrongUse, "config is already joint");
  if (config.voters.incoming.empty()) {
    return fail(Errc::WrongUse, "can't make a zero-voter config joint");
  }
  Reconfiguration next{config, {}};
  next.config.voters.outgoing = config.voters.incoming;
  if (const auto applied = apply(next, changes); !applied) return fail(applied.error());
  next.config.auto_leave = auto_leave;
  return next;
}

Result<Reconfiguration> leave_joint(const ClusterConfig& config) {
  if (!config.voters.is_joint()) return fail(Errc::WrongUse, "can't leave a non-joint config");
  Reconfiguration next{config, {}};
  for (const NodeId id : config.learners_next) next.config.learners.add(id);
  next.config.learners_next.clear();
  next.config.voters.outgoing.clear();
  next.config.auto_leave = false;
  for (const NodeId id : config.voters.outgoing) {
    if (!next.config.is_member(id)) next.forgotten.add(id);
  }
  return next;
}

Result<Reconfiguration> reconfigure(const ClusterConfig& config,
                                    const raftpb::ConfChangeV2& change) {
  if (asks_to_leave(change)) return leave_joint(config);
  if (const auto auto_leave = asks_to_enter(change)) {
    return enter_joint(config, *auto_leave, change.changes);
  }
  return simple_change(config, change.changes);
}

ClusterConfig config_of(const raftpb::ConfState& state) {
  ClusterConfig config;
  config.voters.incoming = IdSet(state.voters);
  config.voters.outgoing = IdSet(state.voters_outgoing);
  config.learners = IdSet(state.learners);
  config.learners_next = IdSet(state.learners_next);
  config.auto_leave = state.auto_leave;
  return config;
}

raftpb::ConfChangeV2 as_v2(const raftpb::ConfChange& change) {
  raftpb::ConfChangeV2 out;
  out.changes.push_back({change.type, change.node_id});
  out.context = change.context;
  return out;
}

bool asks_to_leave(const raftpb::ConfChangeV2& change) {
  return change.transition == ConfChangeTransition::Auto && change.changes.empty();
}

std::optional<bool> asks_to_enter(const raftpb::ConfChangeV2& change) {
  // More could be done without a joint configuration; deciding by count alone keeps the rule simple.
  if (change.transition == ConfChangeTransition::Auto && change.changes.size() <= 1) return {};
  return change.transition != ConfChangeTransition::JointExplicit;
}

Result<raftpb::ConfChangeV2> change_of(const raftpb::Entry& entry) {
  if (entry.type == raftpb::EntryType::ConfChangeV2) {
    return raftpb::decode_conf_change_v2(entry.data);
  }
  const auto change = raftpb::decode_conf_change(entry.data);
  if (!change) return fail(change.error());
  return as_v2(*change);
}

}  // namespace orrery::raft
