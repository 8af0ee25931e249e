// Clocks of members: their arithmetic, and what goes by them.
#include "sim/clock.h"

#include <gtest/gtest.h>

#include "base/draws.h"
#include "check/service_claims.h"
#include "check/world_checks.h"
#include "tests/sim/cluster.h"

namespace orrery::sim {
namespace {

using namespace testing;

World with_clock(World world, std::uint32_t no, std::uint32_t pace) {
  EXPECT_TRUE(world.perform(SetClock{.member = no, .pace = pace}));
  return world;
}

// Default steps until the world's clock has come this far; every claim is looked at on the way.
Violations run_for(World& world, Nanos time) {
  checks::WorldChecks seen;
  const Nanos end = world.now() + time.value();
  while (world.next_due() && *world.next_due() < end) {
    const World before = world;
    EXPECT_TRUE(world.perform(*world.next()));
    const Violations broken = seen.observe(before, world);
    if (!broken.empty()) return broken;
  }
  return {};
}

bool has_lease(const World& world, std::uint32_t no) {
  return world.member(no).running().lessor.find(LeaseId(7)) != nullptr;
}

World with_lease(std::int64_t ttl) {
  World world = elected();
  client::BeginCall call{.line = "grant", .request = {}};
  call.request = rpc::LeaseRequest(rpc::LeaseGrantRequest{.ttl = ttl, .id = LeaseId(7)});
  EXPECT_TRUE(world.perform(Submit{1, call}));
  EXPECT_TRUE(run_until(world, [](const World& w) { return answered(w) && caught_up(w); }));
  return world;
}

TEST(Clock, GoesRightUntilItIsSet) {
  const Clock clock;

  EXPECT_EQ(clock.at(seconds(5)), seconds(5));
  EXPECT_EQ(clock.when(seconds(7)), seconds(7));
  EXPECT_EQ(clock.pace(), 100U);
}

TEST(Clock, GoesAtItsPaceFromTheMomentItIsSet) {
  Clock clock;
  clock.set_pace(seconds(10), 200);
  clock.set_pace(seconds(20), 50);

  EXPECT_EQ(clock.at(seconds(8)), seconds(8));
  EXPECT_EQ(clock.at(seconds(15)), seconds(20));
  EXPECT_EQ(clock.at(seconds(20)), seconds(30));
  EXPECT_EQ(clock.at(seconds(24)), seconds(32));
  EXPECT_EQ(clock.when(seconds(33)), seconds(26));
}

TEST(Clock, ThatStandsStillNeverShowsWhatIsAhead) {
  Clock clock;
  clock.set_pace(seconds(3), 0);

  EXPECT_EQ(clock.at(seconds(9)), seconds(3));
  EXPECT_EQ(clock.when(seconds(3)), seconds(3));
  EXPECT_FALSE(clock.when(seconds(4)).has_value());
}

TEST(Clock, NeverGoesBackAndADeadlineHasPassedWhenItIsDue) {
  for (std::uint64_t seed = 1; seed <= 200; ++seed) {
    Clock clock;
    std::uint64_t draws = 0;
    const auto pick = [&](std::uint64_t bound) {
      return static_cast<std::int64_t>(below(draw(seed, Purpose::TestData, 9, ++draws), bound));
    };
    Nanos now;
    Nanos shown;
    for (int i = 0; i < 20; ++i) {
      now = now + pick(3'000'000'000);
      ASSERT_GE(clock.at(now), shown);
      shown = clock.at(now);
      clock.set_pace(now, static_cast<std::uint32_t>(pick(kFastestPace + 1)));
      ASSERT_EQ(clock.at(now), shown);
      const Nanos deadline = shown + pick(5'000'000'000);
      const auto due = clock.when(deadline);
      if (clock.pace() == 0) continue;
      ASSERT_TRUE(due.has_value());
      ASSERT_GE(clock.at(*due), deadline);
      ASSERT_TRUE(*due == now || clock.at(*due - 1) < deadline);
    }
  }
}

TEST(Clock, AFarDeadlineOfASlowClockIsFarAndNoMore) {
  Clock clock;
  clock.set_pace(seconds(1), 1);

  const auto due = clock.when(Nanos(INT64_MAX));

  ASSERT_TRUE(due.has_value());
  EXPECT_GT(*due, seconds(1'000'000'000));
}

TEST(Clocks, AFastMemberTicksMoreOften) {
  const World right = elected();
  const std::uint32_t follower = leader_of(right) % 3 + 1;
  World world = with_clock(right, follower, 300);
  const Nanos before = world.clock_of(follower);

  ASSERT_TRUE(run_for(world, seconds(2)).empty());

  EXPECT_GE(world.clock_of(follower) - before, seconds(5).value());
  const Nanos next = world.member(follower).running().node.next_tick;
  EXPECT_LE(next - world.clock_of(follower), millis(100).value());
  EXPECT_TRUE(agenda_violations(world).empty());
}

TEST(Clocks, AMemberWhoseClockStandsStillIsNoLeaderForLong) {
  const World right = elected();
  const std::uint32_t leader = leader_of(right);
  World world = with_clock(right, leader, 0);

  ASSERT_TRUE(run_for(world, seconds(5)).empty());

  EXPECT_NE(leader_of(world), 0U);
  EXPECT_NE(leader_of(world), leader);
  EXPECT_TRUE(agenda_violations(world).empty());
  bool says_why = false;
  for (const BlockedAction& one : world.blocked()) {
    for (const GuardRecord& reason : one.reasons) {
      says_why = says_why || reason.claim.find("clock goes on") != std::string::npos;
    }
  }
  EXPECT_TRUE(says_why);
}

TEST(Clocks, ALeaseEndsByItsLeadersClockAndNoSooner) {
  World world = with_lease(10);
  const std::uint32_t leader = leader_of(world);
  world = with_clock(world, leader, 200);

  const Violations early = run_for(world, seconds(4));
  EXPECT_TRUE(early.empty()) << early.front().sentence;
  EXPECT_TRUE(has_lease(world, leader));
  const Violations late = run_for(world, seconds(3));
  EXPECT_TRUE(late.empty()) << late.front().sentence;

  EXPECT_FALSE(has_lease(world, leader));
}

TEST(Clocks, ALeaseOutlivesItsTimeWhereItsLeadersClockIsSlow) {
  World world = with_lease(5);
  const std::uint32_t leader = leader_of(world);
  world = with_clock(world, leader, 50);

  const Violations broken = run_for(world, seconds(8));
  EXPECT_TRUE(broken.empty()) << broken.front().sentence;
  EXPECT_EQ(leader_of(world), leader);
  EXPECT_TRUE(has_lease(world, leader));
  const Violations later = run_for(world, seconds(5));
  EXPECT_TRUE(later.empty()) << later.front().sentence;

  EXPECT_FALSE(has_lease(world, leader));
}

TEST(Clocks, APromiseCountsByTheFastestClock) {
  const checks::LeasePromise promise{.call = "`lease grant 60` of c1",
                                     .lease = LeaseId(7),
                                     .asked = seconds(1),
                                     .ttl = 60,
                                     .gained = seconds(20)};

  EXPECT_EQ(checks::early_end_violations(LeaseId(7), seconds(40), {&promise, 1}).size(), 1U);
  EXPECT_TRUE(checks::early_end_violations(LeaseId(7), seconds(41), {&promise, 1}).empty());
}

TEST(Clocks, AreSetByActionsThatCanBeWrittenDownAndDoneAgain) {
  const Action action = SetClock{.member = 2, .pace = 150};
  World one = elected();
  World other = one;

  EXPECT_EQ(to_text(action), "clock n2 150");
  EXPECT_EQ(*parse_action("clock n2 150"), action);
  ASSERT_TRUE(one.perform(action));
  EXPECT_NE(one.digest(), other.digest());
  ASSERT_TRUE(other.perform(action));
  ASSERT_TRUE(run_for(one, seconds(1)).empty());
  ASSERT_TRUE(run_for(other, seconds(1)).empty());
  EXPECT_EQ(one.digest(), other.digest());
  EXPECT_FALSE(one.perform(action)) << "it goes at that pace already";
  EXPECT_FALSE(one.perform(SetClock{.member = 9, .pace = 150}));
  EXPECT_FALSE(one.perform(SetClock{.member = 1, .pace = 1001}));
  EXPECT_FALSE(parse_action("clock n2"));
  EXPECT_FALSE(parse_action("clock c2 150"));
}

TEST(Clocks, ARestartedMemberKeepsItsMachinesClock) {
  World world = with_clock(elected(), 2, 300);
  ASSERT_TRUE(run_for(world, seconds(1)).empty());
  ASSERT_TRUE(world.perform(Crash{.member = 2, .survivors = {}}));
  const Nanos shown = world.clock_of(2);

  ASSERT_TRUE(world.perform(Restart{.member = 2}));
  ASSERT_TRUE(run_for(world, seconds(1)).empty());

  EXPECT_GE(world.clock_of(2) - shown, millis(2900).value());
  EXPECT_TRUE(agenda_violations(world).empty());
}

}  // namespace
}  // namespace orrery::sim
