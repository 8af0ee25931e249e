// The read lane: one round at a time, an index for all readers of a round, and what ends a round early.
#include <gtest/gtest.h>

#include "base/text.h"
#include "tests/server/kit.h"

namespace orrery::server {
namespace {

using namespace testing;
using ReadPhase = ReadLane::Phase;

bool read_at(const World& world, std::uint32_t no, ReadPhase phase) {
  return memory(world, no).read.phase == phase;
}

std::uint32_t follower_of(const World& world) {
  return leader_of(world) % 3 + 1;
}

TEST(Read, ReadersOfARoundShareOneQuestion) {
  World world = elected();
  const std::uint32_t follower = follower_of(world);
  hold(world, lane(follower, LaneKind::Read));
  for (std::uint32_t client = 1; client <= 3; ++client) {
    ASSERT_TRUE(world.perform(get("a", client, follower)));
  }
  ASSERT_TRUE(run_until(
      world, [&](const World& w) { return memory(w, follower).read.waiting.size() == 3; }));

  ASSERT_TRUE(world.perform(lane(follower, LaneKind::Read)));

  EXPECT_EQ(memory(world, follower).read.round.size(), 3U);
  EXPECT_EQ(memory(world, follower).read.ids.size(), 1U);
  unhold(world, lane(follower, LaneKind::Read));
  ASSERT_TRUE(run_until(
      world, [](const World& w) { return answered(w, 1) && answered(w, 2) && answered(w, 3); }));
  EXPECT_EQ(last_word(world, 3), "ok");
}

TEST(Read, AReaderThatComesDuringARoundWaitsForTheNext) {
  World world = elected();
  const std::uint32_t follower = follower_of(world);
  ASSERT_TRUE(world.perform(get("a", 1, follower)));
  ASSERT_TRUE(
      run_until(world, [&](const World& w) { return read_at(w, follower, ReadPhase::WaitIndex); }));
  const std::uint64_t first_id = memory(world, follower).read.ids.front();

  hold(world, lane(follower, LaneKind::Read));
  ASSERT_TRUE(world.perform(get("a", 2, follower)));
  ASSERT_TRUE(
      run_until(world, [&](const World& w) { return !memory(w, follower).read.waiting.empty(); }));
  EXPECT_EQ(memory(world, follower).read.round.size(), 1U);
  unhold(world, lane(follower, LaneKind::Read));
  ASSERT_TRUE(run_until(world, [](const World& w) { return answered(w, 1); }));
  EXPECT_FALSE(answered(world, 2));
  ASSERT_TRUE(run_until(world, [](const World& w) { return answered(w, 2); }));

  EXPECT_GT(memory(world, follower).next_request_id, first_id);
  EXPECT_EQ(last_word(world, 2), "ok");
}

TEST(Read, WaitsUntilTheIndexIsAppliedHere) {
  World world = elected();
  const std::uint32_t follower = follower_of(world);
  hold(world, lane(follower, LaneKind::Apply));
  ASSERT_TRUE(world.perform(put("a", "1", 1, leader_of(world))));
  ASSERT_TRUE(run_until(world, [](const World& w) { return answered(w); }));

  ASSERT_TRUE(world.perform(get("a", 2, follower)));
  ASSERT_TRUE(run_until(
      world, [&](const World& w) { return read_at(w, follower, ReadPhase::WaitApplied); }));
  EXPECT_GT(memory(world, follower).read.index, memory(world, follower).applied);
  EXPECT_FALSE(world.perform(lane(follower, LaneKind::Read))) << "released before it was applied";
  unhold(world, lane(follower, LaneKind::Apply));
  ASSERT_TRUE(run_until(world, [](const World& w) { return answered(w, 2); }));

  const auto& call = *(*world.clients().find(2))->calls().find(1);
  EXPECT_EQ(std::get<rpc::RangeResponse>(call.answer->response).kvs.size(), 1U);
}

// The error that the member answers c1 with, seen on its way.
std::string first_answer(World& world, std::uint32_t member) {
  const sim::ChannelId down{member_address(member), client_address(1), Channel::Calls};
  const auto flying = [&](const World& w) -> const sim::InFlight* {
    const auto* channel = w.network().channels().find(down);
    return channel == nullptr || channel->queue.empty() ? nullptr : &channel->queue.front();
  };
  EXPECT_TRUE(world.perform(sim::Hold{down}));
  EXPECT_TRUE(run_until(world, [&](const World& w) { return flying(w) != nullptr; }));
  const auto answer = std::get<CallAnswer>(flying(world)->payload);
  EXPECT_TRUE(world.perform(sim::Release{down}));
  return answer.error ? answer.error->detail : "ok";
}

TEST(Read, ANewLeaderEndsTheRound) {
  sim::Config config;
  config.timing.call_timeout = seconds(20);
  World world = elected(config);
  const std::uint32_t leader = leader_of(world);
  const std::uint32_t follower = follower_of(world);
  // The follower's question never reaches the old leader.
  ASSERT_TRUE(world.perform(sim::Cut{member_address(follower), member_address(leader)}));
  ASSERT_TRUE(world.perform(get("a", 1, follower)));
  ASSERT_TRUE(
      run_until(world, [&](const World& w) { return read_at(w, follower, ReadPhase::WaitIndex); }));

  ASSERT_TRUE(world.perform(sim::Crash{.member = leader, .survivors = {}}));
  EXPECT_EQ(first_answer(world, follower), "etcdserver: leader changed");
  ASSERT_TRUE(run_until(world, [](const World& w) { return answered(w); }));

  // Who reads asks again.
  EXPECT_EQ(last_word(world), "ok");
  EXPECT_GT((*world.clients().find(1))->calls().last()->second.attempts, 1U);
}

TEST(Read, AsksAgainEachHalfSecondAndTimesOut) {
  sim::Config config;
  config.timing.call_timeout = seconds(20);
  World world = elected(config);
  const std::uint32_t leader = leader_of(world);
  const std::uint32_t follower = follower_of(world);
  ASSERT_TRUE(world.perform(sim::Cut{member_address(follower), member_address(leader)}));
  ASSERT_TRUE(world.perform(get("a", 1, follower)));
  ASSERT_TRUE(
      run_until(world, [&](const World& w) { return read_at(w, follower, ReadPhase::WaitIndex); }));
  // Without ticks nobody notices that the leader is out of reach, so nothing ends the round early.
  for (std::uint32_t no = 1; no <= 3; ++no) hold(world, lane(no, LaneKind::Node));
  const Nanos begun = world.now();

  ASSERT_TRUE(
      run_until(world, [&](const World& w) { return memory(w, follower).read.ids.size() == 3; }));
  EXPECT_GE(world.now(), begun + millis(1000).value() - 1);
  EXPECT_LE(world.now(), begun + millis(1001).value());
  EXPECT_EQ(first_answer(world, follower), "etcdserver: request timed out");
  EXPECT_GE(world.now(), begun + seconds(7).value());
  ASSERT_TRUE(run_until(world, [](const World& w) { return answered(w); }));

  // The client asks again until its own patience is over.
  EXPECT_EQ(last_word(world), "context deadline exceeded");
  EXPECT_GT((*world.clients().find(1))->calls().last()->second.attempts, 1U);
}

// Found by the hunter (v3.6, seed 930): of an acknowledged put the entry is on the disk, the commit index is not yet.
TEST(Read, ALoneMemberThatComesBackReadsWhatWasAcknowledgedBeforeItHasCommittedAnything) {
  World world = alone();
  ASSERT_TRUE(world.perform(put("a", "1")));
  ASSERT_TRUE(run_until(world, [](const World& w) { return answered(w); }));
  ASSERT_EQ(last_word(world), "ok");
  ASSERT_TRUE(world.perform(sim::Crash{.member = 1, .survivors = {}}));
  ASSERT_TRUE(world.perform(sim::Restart{.member = 1}));
  ASSERT_TRUE(run_until(world, [](const World& w) { return memory(w, 1).raft.is_leader(); }));
  const raft::Log& log = memory(world, 1).raft.log();
  ASSERT_LT(log.committed() + 1, log.last_index()) << "the put is there and not committed";

  hold(world, lane(1, LaneKind::Apply));
  ASSERT_TRUE(world.perform(get("a", 2)));
  const Nanos asked = world.now();
  ASSERT_TRUE(
      run_until(world, [&](const World& w) { return w.now() > asked + seconds(1).value(); }));
  EXPECT_FALSE(answered(world, 2));
  unhold(world, lane(1, LaneKind::Apply));
  ASSERT_TRUE(run_until(world, [](const World& w) { return answered(w, 2); }));

  const auto& call = *(*world.clients().find(2))->calls().find(1);
  ASSERT_FALSE(call.answer->error) << call.answer->error->detail;
  EXPECT_EQ(std::get<rpc::RangeResponse>(call.answer->response).kvs.size(), 1U);
}

TEST(Read, ASerializableReadNeedsNoLeader) {
  World world = elected();
  const std::uint32_t follower = follower_of(world);
  ASSERT_TRUE(world.perform(put("a", "1")));
  ASSERT_TRUE(run_until(world, [](const World& w) { return answered(w) && caught_up(w); }));
  for (std::uint32_t no = 1; no <= 3; ++no) {
    if (no == follower) continue;
    ASSERT_TRUE(world.perform(sim::Crash{.member = no, .survivors = {}}));
  }

  ASSERT_TRUE(world.perform(get("a", 2, follower, true)));
  ASSERT_TRUE(run_until(world, [](const World& w) { return answered(w, 2); }));

  const auto& call = *(*world.clients().find(2))->calls().find(1);
  ASSERT_FALSE(call.answer->error);
  EXPECT_EQ(std::get<rpc::RangeResponse>(call.answer->response).kvs.size(), 1U);
}

}  // namespace
}  // namespace orrery::server
