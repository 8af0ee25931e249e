#include "raft/roles.h"

namespace orrery::raft {

std::string_view to_text(RoleName role) {
  switch (role) {
    case RoleName::Follower: return "StateFollower";
    case RoleName::PreCandidate: return "StatePreCandidate";
    case RoleName::Candidate: return "StateCandidate";
    case RoleName::Leader: return "StateLeader";
  }
  return "";
}

}  // namespace orrery::raft
