// Leases in a cluster: the leader counts, every member deletes, and a change of leader never ends one early.
#include <gtest/gtest.h>

#include "tests/server/services.h"

namespace orrery::server {
namespace {

using namespace testing;

World three() {
  return elected();
}

TEST(LeaseCluster, AnExpiredLeaseTakesItsKeysFromEveryMember) {
  World world = three();
  const LeaseId id = grant(world, 3);
  ASSERT_EQ(ask(world, put_under("b", id)), "ok");
  ASSERT_EQ(ask(world, put_under("a", id)), "ok");
  const std::int64_t before = memory(world, 1).store.current_revision();
  run_for(world, seconds(2));
  EXPECT_TRUE(has_key(world, 1, "a"));
  run_for(world, seconds(3));
  for (std::uint32_t no = 1; no <= 3; ++no) {
    EXPECT_FALSE(has_key(world, no, "a")) << no;
    EXPECT_FALSE(has_key(world, no, "b")) << no;
    EXPECT_EQ(memory(world, no).store.current_revision(), before + 1) << "one revision for both";
    EXPECT_EQ(memory(world, no).lessor.find(id), nullptr) << no;
  }
}

TEST(LeaseCluster, OnlyTheLeaderIsThePrimary) {
  World world = three();
  (void)grant(world, 600);
  for (std::uint32_t no = 1; no <= 3; ++no) {
    EXPECT_EQ(memory(world, no).lessor.is_primary(), no == leader_of(world)) << no;
    EXPECT_TRUE(violations(memory(world, no).lessor).empty());
  }
}

TEST(LeaseCluster, AFollowerForwardsARenewalToTheLeader) {
  World world = three();
  const std::uint32_t follower = leader_of(world) % 3 + 1;
  const LeaseId id = grant(world, 5);
  for (int i = 0; i < 4; ++i) {
    run_for(world, seconds(3));
    ASSERT_EQ(keep_alive(world, id, follower), 5);
  }
  EXPECT_NE(memory(world, follower).lessor.find(id), nullptr);
  EXPECT_EQ(keep_alive(world, LeaseId(12345), follower), 0) << "unknown: no error, no time";
}

TEST(LeaseCluster, ANewLeaderGivesTheWholeTimeAnew) {
  World world = three();
  const std::uint32_t old = leader_of(world);
  const LeaseId id = grant(world, 10, old);
  run_for(world, seconds(8));
  ASSERT_TRUE(world.perform(sim::Crash{.member = old, .survivors = {}}));
  ASSERT_TRUE(run_until(world, [&](const World& w) {
    const std::uint32_t now = leader_of(w);
    return now != 0 && now != old && memory(w, now).lessor.is_primary();
  }));
  const std::uint32_t now = leader_of(world);
  const Nanos promoted = world.now();
  EXPECT_GE(*memory(world, now).lessor.find(id)->expiry, promoted + seconds(10).value());
  run_for(world, seconds(9));
  EXPECT_NE(memory(world, now).lessor.find(id), nullptr);
  run_for(world, seconds(4));
  EXPECT_EQ(memory(world, now).lessor.find(id), nullptr);
}

TEST(LeaseCluster, ARestartFindsLeaseAndKeys) {
  World world = three();
  const LeaseId id = grant(world, 600);
  ASSERT_EQ(ask(world, put_under("k", id)), "ok");
  run_for(world, seconds(1));
  ASSERT_TRUE(world.perform(sim::Crash{.member = 2, .survivors = {}}));
  ASSERT_TRUE(world.perform(sim::Restart{2}));
  ASSERT_TRUE(run_until(world, caught_up));
  ASSERT_NE(memory(world, 2).lessor.find(id), nullptr);
  EXPECT_EQ(memory(world, 2).lessor.keys_of(id), std::vector{Blob("k")});
}

TEST(LeaseCluster, ErrorsAreEtcds) {
  World world = three();
  EXPECT_EQ(ask(world, put_under("k", LeaseId(77))), "etcdserver: requested lease not found");
  EXPECT_EQ(ask(world, rpc::LeaseRequest(rpc::LeaseRevokeRequest{LeaseId(77)})),
            "etcdserver: requested lease not found");
  EXPECT_EQ(ask(world, rpc::LeaseRequest(rpc::LeaseGrantRequest{9'000'000'001, LeaseId(5)})),
            "etcdserver: too large lease TTL");
  ASSERT_EQ(ask(world, rpc::LeaseRequest(rpc::LeaseGrantRequest{5, LeaseId(5)})), "ok");
  EXPECT_EQ(ask(world, rpc::LeaseRequest(rpc::LeaseGrantRequest{5, LeaseId(5)})),
            "etcdserver: lease already exists");
}

TEST(LeaseCluster, ARenewalOfAnExpiredLeaseWaitsForItsEnd) {
  World world = alone();
  const LeaseId id = grant(world, 2);
  hold(world, lane(1, LaneKind::Lease));
  run_for(world, seconds(3));
  client::BeginCall call;
  call.line = "keep alive";
  call.request = rpc::LeaseRequest(rpc::LeaseKeepAliveRequest{id});
  ASSERT_TRUE(world.perform(sim::Submit{2, call}));
  ASSERT_TRUE(run_until(world, [](const World& w) {
    const auto* first = memory(w, 1).handlers.first();
    return first != nullptr && first->second.phase == HandlerLane::Phase::WaitRevoked;
  }));
  unhold(world, lane(1, LaneKind::Lease));
  ASSERT_TRUE(run_until(world, [](const World& w) { return answered(w, 2); }));
  const auto& response = told<rpc::LeaseResponse, rpc::LeaseKeepAliveResponse>(world, 2);
  EXPECT_EQ(response.ttl, 0);
}

TEST(LeaseCluster, AtMostSixteenRevocationsAreUnderWay) {
  World world = alone();
  for (int i = 0; i < 40; ++i) ASSERT_NE(grant(world, 5), LeaseId(0));
  std::uint64_t most = 0;
  ASSERT_TRUE(run_until(world, [&](const World& w) {
    most = std::max(most, memory(w, 1).lease_lane.workers);
    return memory(w, 1).lessor.leases().empty();
  }));
  EXPECT_EQ(most, 16U);
  run_for(world, seconds(1));
  EXPECT_EQ(memory(world, 1).lease_lane.workers, 0U);
  EXPECT_TRUE(sim::agenda_violations(world).empty());
}

}  // namespace
}  // namespace orrery::server
