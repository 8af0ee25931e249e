// What a world promises: elections, replication, recovery from the disk, and equal runs from equal actions.
#include "sim/world.h"

#include <gtest/gtest.h>

#include "base/text.h"
#include "tests/sim/cluster.h"

namespace orrery::sim {
namespace {

using namespace testing;

std::int64_t revision(const World& world, std::uint32_t no) {
  return world.member(no).running().store.current_revision();
}

const client::Call& call(const World& world, std::uint64_t number, std::uint32_t client = 1) {
  return *(*world.clients().find(client))->calls().find(number);
}

TEST(World, ElectsOneLeader) {
  World world;

  ASSERT_TRUE(run_until(world, [](const World& w) { return leader_of(w) != 0; }));

  EXPECT_EQ(world.member(leader_of(world)).running().raft.term(), Term(2));
}

TEST(World, APutReachesEveryMember) {
  World world = elected();

  ASSERT_TRUE(world.perform(put("hello", "world1")));
  ASSERT_TRUE(run_until(world, [](const World& w) { return answered(w) && caught_up(w); }));

  const auto& answer = *call(world, 1).answer;
  EXPECT_FALSE(answer.error) << answer.error->detail;
  EXPECT_EQ(std::get<rpc::PutResponse>(answer.response).header.revision, 2);
  for (std::uint32_t no = 1; no <= 3; ++no) EXPECT_EQ(revision(world, no), 2) << "n" << no;
}

TEST(World, AFollowerForwardsAProposal) {
  World world = elected();
  const std::uint32_t follower = leader_of(world) % 3 + 1;

  ASSERT_TRUE(world.perform(put("a", "1", 1, follower)));
  ASSERT_TRUE(run_until(world, [](const World& w) { return answered(w); }));

  EXPECT_FALSE(call(world, 1).answer->error);
  EXPECT_EQ(std::get<rpc::PutResponse>(call(world, 1).answer->response).header.member_id,
            world.member(follower).id().value());
}

TEST(World, ALinearizableReadSeesTheLastPut) {
  World world = elected();
  const std::uint32_t follower = leader_of(world) % 3 + 1;
  ASSERT_TRUE(world.perform(put("a", "1")));
  ASSERT_TRUE(run_until(world, [](const World& w) { return answered(w); }));

  ASSERT_TRUE(world.perform(get("a", 1, follower)));
  ASSERT_TRUE(run_until(world, [](const World& w) { return answered(w); }));

  const auto& response = std::get<rpc::RangeResponse>(call(world, 2).answer->response);
  ASSERT_EQ(response.kvs.size(), 1U);
  EXPECT_EQ(response.kvs[0].value.view(), "1");
}

TEST(World, AWatchFromThePastCatchesUpThenStreams) {
  World world = elected();
  ASSERT_TRUE(world.perform(put("hello", "world1")));
  ASSERT_TRUE(world.perform(put("hello", "world2")));
  ASSERT_TRUE(run_until(world, [](const World& w) { return answered(w); }));

  ASSERT_TRUE(world.perform(watch("hello", 1, "w1")));
  const auto events = [](const World& w) {
    return (*w.clients().find(1))->find_watch("w1")->events;
  };
  ASSERT_TRUE(run_until(world, [&](const World& w) { return events(w) == 2; }));
  ASSERT_TRUE(world.perform(put("hello", "world3")));
  ASSERT_TRUE(run_until(world, [&](const World& w) { return events(w) == 3; }));

  const auto& responses = (*world.clients().find(1))->find_watch("w1")->responses;
  ASSERT_EQ(responses.size(), 3U);
  EXPECT_TRUE(responses[0].created);
  EXPECT_EQ(responses[1].events.size(), 2U);
  EXPECT_EQ(responses[2].events.front().kv.mod_revision, 4);
}

TEST(World, ACrashedMemberRecoversFromItsDisk) {
  World world = elected();
  for (int i = 0; i < 20; ++i) ASSERT_TRUE(world.perform(put(text("k{}", i), "v")));
  ASSERT_TRUE(run_until(world, [](const World& w) { return answered(w) && caught_up(w); }));
  const std::uint32_t victim = leader_of(world);

  ASSERT_TRUE(world.perform(Crash{.member = victim, .survivors = {}}));
  ASSERT_TRUE(run_until(
      world, [&](const World& w) { return leader_of(w) != 0 && leader_of(w) != victim; }));
  ASSERT_TRUE(world.perform(Restart{.member = victim}));
  ASSERT_TRUE(run_until(world, [](const World& w) { return caught_up(w); }));

  EXPECT_EQ(revision(world, victim), 21);
  EXPECT_EQ(
      world.member(victim).running().store.hash_kv(world.member(victim).running().backend, 0)->hash,
      world.member(victim % 3 + 1)
          .running()
          .store.hash_kv(world.member(victim % 3 + 1).running().backend, 0)
          ->hash);
}

TEST(World, ACutOffLeaderCommitsNothing) {
  World world = elected();
  const std::uint32_t leader = leader_of(world);
  for (std::uint32_t other = 1; other <= 3; ++other) {
    if (other == leader) continue;
    ASSERT_TRUE(world.perform(Cut{server::member_address(leader), server::member_address(other)}));
    ASSERT_TRUE(world.perform(Cut{server::member_address(other), server::member_address(leader)}));
  }

  ASSERT_TRUE(world.perform(put("a", "1", 1, leader)));
  ASSERT_TRUE(run_until(world, [](const World& w) { return answered(w); }));

  ASSERT_TRUE(call(world, 1).answer->error);
  EXPECT_EQ(call(world, 1).answer->error->detail, "context deadline exceeded");
  EXPECT_EQ(revision(world, leader), 1);
}

TEST(World, EqualActionsGiveEqualWorlds) {
  World one = elected();
  World two = elected();

  for (int i = 0; i < 3'000; ++i) {
    if (i % 100 == 0) {
      ASSERT_TRUE(one.perform(put(text("k{}", i), "v")));
      ASSERT_TRUE(two.perform(put(text("k{}", i), "v")));
    }
    const auto action = one.next();
    ASSERT_TRUE(action);
    ASSERT_TRUE(one.perform(*action));
    ASSERT_TRUE(two.perform(*action));
    if (i % 50 == 0) {
      ASSERT_EQ(one.digest(), two.digest()) << "after step " << i;
    }
  }

  EXPECT_EQ(one, two);
}

TEST(World, ACopyGoesItsOwnWay) {
  World world = elected();
  const Digest before = world.digest();

  World copy = world;
  ASSERT_TRUE(copy.perform(put("a", "1")));
  ASSERT_TRUE(run_until(copy, [](const World& w) { return answered(w); }));

  EXPECT_EQ(world.digest(), before);
  EXPECT_NE(copy.digest(), before);
}

TEST(World, TheAgendaSaysWhatMayHappen) {
  World world = elected();

  for (int i = 0; i < 2'000; ++i) {
    if (i % 50 == 0) {
      ASSERT_TRUE(world.perform(put("k", "v")));
    }
    if (i == 100) {
      ASSERT_TRUE(world.perform(watch("k", 1, "w1")));
    }
    ASSERT_TRUE(world.perform(*world.next()));
    const auto violations = agenda_violations(world);
    ASSERT_TRUE(violations.empty()) << "step " << i << ": " << violations.front();
  }
}

TEST(World, AnActionsTextReadsBackAsTheAction) {
  World world = elected();
  ASSERT_TRUE(world.perform(put("a", "1")));

  for (int i = 0; i < 300; ++i) {
    for (const EnabledAction& enabled : world.enabled()) {
      const auto read = parse_action(to_text(enabled.action));
      ASSERT_TRUE(read) << read.error().detail;
      EXPECT_EQ(*read, enabled.action) << to_text(enabled.action);
    }
    ASSERT_TRUE(world.perform(*world.next()));
  }
}

TEST(World, AnImpossibleActionIsRefusedAndChangesNothing) {
  World world = elected();
  const Digest before = world.digest();

  EXPECT_FALSE(world.perform(Restart{.member = 1}));
  EXPECT_FALSE(world.perform(Crash{.member = 9, .survivors = {}}));
  EXPECT_FALSE(world.perform(Mend{server::member_address(1), server::member_address(2)}));

  EXPECT_EQ(world.digest(), before);
}

}  // namespace
}  // namespace orrery::sim
