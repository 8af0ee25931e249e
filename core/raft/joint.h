// JointConfig: one or two quorums that must agree.
//   used by: cluster_config.h, election, commit, reads    uses: majority.h
//   ideas:   outside a transition only `incoming` has voters. During one, whatever needs a majority needs it
//            in both halves separately (paper section 6: joint consensus).
//   from: raft paper section 6; etcd raft quorum/joint.go
#pragma once

#include <array>
#include <functional>
#include <vector>

#include "raft/id_map.h"
#include "raft/majority.h"

namespace orrery::raft {

struct JointConfig {
  IdSet incoming;  // the voters of the configuration that will stay
  IdSet outgoing;  // the voters of the one that is being left; empty = no transition

  bool is_joint() const { return !outgoing.empty(); }

  bool contains(NodeId id) const { return incoming.contains(id) || outgoing.contains(id); }

  // The voters of both halves.
  IdSet ids() const;

  template <class F>
  void fields(F&& f) const {
    f("incoming", incoming), f("outgoing", outgoing);
  }
  friend bool operator==(const JointConfig&, const JointConfig&) = default;
};

using Votes = IdMap<bool>;  // true = granted; who is missing has not answered

VoteResult vote_result(const IdSet& voters, const Votes& votes);
VoteResult vote_result(const JointConfig& config, const Votes& votes);

// `acked(id)` gives the index that the voter is known to have.
template <class Acked>
Index committed_index(const IdSet& voters, const Acked& acked) {
  std::array<Index, 9> few;
  std::vector<Index> many;
  if (voters.size() > few.size()) many.resize(voters.size());
  const std::span<Index> indexes =
      many.empty() ? std::span(few).first(voters.size()) : std::span(many);
  std::ranges::transform(voters, indexes.begin(), acked);
  return committed_index(indexes);
}

template <class Acked>
Index committed_index(const JointConfig& config, const Acked& acked) {
  return std::min(committed_index(config.incoming, acked), committed_index(config.outgoing, acked));
}

}  // namespace orrery::raft
