#include "raft/joint.h"

namespace orrery::raft {

IdSet JointConfig::ids() const {
  IdSet out = incoming;
  for (const NodeId id : outgoing) out.add(id);
  return out;
}

VoteResult vote_result(const IdSet& voters, const Votes& votes) {
  std::size_t granted = 0;
  std::size_t rejected = 0;
  for (const auto& [id, grant] : votes) {
    if (!voters.contains(id)) continue;
    grant ? ++granted : ++rejected;
  }
  return vote_result(voters.size(), granted, rejected);
}

VoteResult vote_result(const JointConfig& config, const Votes& votes) {
  const VoteResult incoming = vote_result(config.incoming, votes);
  const VoteResult outgoing = vote_result(config.outgoing, votes);
  if (incoming == outgoing) return incoming;
  // Lost in one half is lost; otherwise one half is still open.
  if (incoming == VoteResult::Lost || outgoing == VoteResult::Lost) return VoteResult::Lost;
  return VoteResult::Pending;
}

}  // namespace orrery::raft
