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

std::vector<std::string> violations(const ClusterConfig& config) {
  std::vector<std::string> out;
  for (const NodeId id : config.learners) {
    if (config.is_voter(id)) out.push_back(text("learner {:x} is no voter", id.value()));
  }
  for (const NodeId id : config.learners_next) {
    if (!config.voters.outgoing.contains(id)) {
      out.push_back(text("next learner {:x} is an outgoing voter", id.value()));
    }
  }
  if (!config.voters.is_joint() && config.auto_leave) {
    out.emplace_back("only a joint configuration is left automatically");
  }
  return out;
}

}  // namespace orrery::raft
