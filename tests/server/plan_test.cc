// Names and ids of a new cluster are those a stock etcd derives.
#include <gtest/gtest.h>

#include "server/member.h"

namespace orrery::server {
namespace {

// facts: computed by a stock etcd for these URLs and the token etcd-cluster
TEST(ClusterPlan, IdsAreThoseAStockEtcdComputes) {
  const ClusterPlan plan = plan_cluster(3, Version::V3_6);

  ASSERT_EQ(plan.peers.size(), 3U);
  EXPECT_EQ(plan.peers[0].peer_url, "http://127.0.0.1:2380");
  EXPECT_EQ(plan.peers[1].peer_url, "http://127.0.0.1:22380");
  EXPECT_EQ(plan.peers[2].peer_url, "http://127.0.0.1:32380");
  EXPECT_EQ(plan.peers[0].id, NodeId(0xb71f75320dc06a6c));
  EXPECT_EQ(plan.peers[1].id, NodeId(0x9e737febb6b99eee));
  EXPECT_EQ(plan.peers[2].id, NodeId(0x0628170c800dbcee));
  EXPECT_EQ(plan.cluster_id, 0x066d3a070bf89b39U);
}

TEST(ClusterPlan, AMembersNumberFollowsFromItsId) {
  const ClusterPlan plan = plan_cluster(5, Version::V3_6);

  for (std::uint32_t no = 1; no <= 5; ++no) {
    EXPECT_EQ(plan.number_of(plan.peers[no - 1].id), no);
  }
  EXPECT_EQ(plan.number_of(NodeId(1)), 0U);
}

TEST(ClusterPlan, TheVersionDoesNotChangeTheIds) {
  EXPECT_EQ(plan_cluster(3, Version::V3_4).peers, plan_cluster(3, Version::V3_6).peers);
}

}  // namespace
}  // namespace orrery::server
