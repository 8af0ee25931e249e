#include "raft/cluster_config.h"

#include "base/text.h"

namespace orrery::raft {

namespace {

std::string ids_text(const IdSet& ids) {
  std::string out = "(";
  for (const NodeId id : ids) {
    if (out.size() > 1) out += ' ';
    out += text("{:x}", id.value());
  }
  return out + ")";
}

}  // namespace

IdSet ClusterConfig::members() const {
  IdSet out = voters.ids();
  for (const NodeId id : learners) out.add(id);
  return out;
}

raftpb::ConfState ClusterConfig::conf_state() const {
  raftpb::ConfState state;
  state.voters = voters.incoming.ids();
  state.voters_outgoing = voters.outgoing.ids();
  state.learners = learners.ids();
  state.learners_next = learners_next.ids();
  state.auto_leave = auto_leave;
  return state;
}

std::string to_text(const ClusterConfig& config) {
  std::string out = "voters=" + ids_text(config.voters.incoming);
  if (config.voters.is_joint()) out += "&&" + ids_text(config.voters.outgoing);
  if (!config.learners.empty()) out += " learners=" + ids_text(config.learners);
  if (!config.learners_next.empty()) out += " learners_next=" + ids_text(config.learners_next);
  if (config.auto_leave) out += " autoleave";
  return out;
}

Violations violations(const ClusterConfig& config) {
  Violations out;
  for (const NodeId id : config.learners) {
    if (!config.is_voter(id)) continue;
    out.push_back({"learners are no voters", text("{:x} is both", id.value())});
  }
  for (const NodeId id : config.learners_next) {
    if (config.voters.outgoing.contains(id)) continue;
    out.push_back({"next learners are outgoing voters", text("{:x} is not", id.value())});
  }
  if (!config.voters.is_joint() && config.auto_leave) {
    out.push_back({"only a joint configuration is left automatically", to_text(config)});
  }
  return out;
}

}  // namespace orrery::raft
