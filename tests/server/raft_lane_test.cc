// The raft lane: the order of sending, writing and applying, and a log that goes to its next segment.
#include <string>

#include <gtest/gtest.h>

#include "base/text.h"
#include "tests/server/kit.h"
#include "wal/wal.h"

namespace orrery::server {
namespace {

using namespace testing;
using RaftPhase = RaftLane::Phase;

bool raft_at(const World& world, std::uint32_t no, RaftPhase phase) {
  return memory(world, no).raft_lane.phase == phase;
}

std::size_t in_flight(const World& world, std::uint32_t from, std::uint32_t to, Channel channel) {
  const auto* state = world.network().channels().find(
      sim::ChannelId{member_address(from), member_address(to), channel});
  return state == nullptr ? 0 : state->queue.size();
}

// The last index that a crash at this moment would leave in the log.
Index durable_last(const World& world, std::uint32_t no) {
  World copy = world;
  (void)copy.perform(sim::Crash{.member = no, .survivors = {}});
  disk::Disk disk = copy.member(no).disk();
  const auto log = wal::open_repairing(disk, "member/wal", {});
  return log->entries.back().index;
}

TEST(RaftLane, ALeaderSendsBeforeItsOwnWrite) {
  World world = elected();
  const std::uint32_t leader = leader_of(world);
  const std::uint32_t follower = leader % 3 + 1;
  hold(world, lane(leader, LaneKind::Raft));
  ASSERT_TRUE(world.perform(put("a", "1", 1, leader)));
  ASSERT_TRUE(
      run_until(world, [&](const World& w) { return memory(w, leader).waiters.size() == 1; }));
  const Index entry = memory(world, leader).raft.log().last_index();

  ASSERT_TRUE(step_until(world, lane(leader, LaneKind::Raft), [](const Running& run) {
    return run.raft_lane.phase == RaftPhase::WalWrite;
  }));

  EXPECT_EQ(in_flight(world, leader, follower, Channel::Append), 1U);
  EXPECT_LT(durable_last(world, leader), entry);
}

TEST(RaftLane, AFollowerAnswersOnlyWhatItsDiskHolds) {
  World world = elected();
  const std::uint32_t leader = leader_of(world);
  const std::uint32_t follower = leader % 3 + 1;
  hold(world, lane(follower, LaneKind::Raft));
  ASSERT_TRUE(world.perform(put("a", "1", 1, leader)));
  ASSERT_TRUE(run_until(world, [&](const World& w) {
    return memory(w, follower).raft.log().last_index() ==
               memory(w, leader).raft.log().last_index() &&
           memory(w, leader).waiters.size() == 1;
  }));
  const Index entry = memory(world, leader).raft.log().last_index();

  ASSERT_TRUE(step_until(world, lane(follower, LaneKind::Raft), [](const Running& run) {
    return run.raft_lane.phase == RaftPhase::WalSync;
  }));
  EXPECT_EQ(in_flight(world, follower, leader, Channel::General), 0U);
  EXPECT_LT(durable_last(world, follower), entry);
  ASSERT_TRUE(step_until(world, lane(follower, LaneKind::Raft), [](const Running& run) {
    return run.raft_lane.phase == RaftPhase::Advance;
  }));

  EXPECT_EQ(in_flight(world, follower, leader, Channel::General), 1U);
  EXPECT_EQ(durable_last(world, follower), entry);
}

TEST(RaftLane, ACommitThatOnlyMovedNeedsNoSync) {
  World world = elected();
  const std::uint32_t leader = leader_of(world);
  const std::uint32_t follower = leader % 3 + 1;
  ASSERT_TRUE(world.perform(put("a", "1", 1, leader)));
  ASSERT_TRUE(run_until(world, [&](const World& w) {
    const Running& run = memory(w, follower);
    return run.raft_lane.phase == RaftPhase::WalWrite && run.raft_lane.ready->entries.empty();
  }));

  ASSERT_TRUE(world.perform(lane(follower, LaneKind::Raft)));

  EXPECT_TRUE(raft_at(world, follower, RaftPhase::Append));
}

TEST(RaftLane, ApplyAndTheWriteOfTheCommitGoTheirOwnWays) {
  World world = alone();
  hold(world, lane(1, LaneKind::Raft));
  ASSERT_TRUE(world.perform(put("a", "1")));
  ASSERT_TRUE(run_until(world, [](const World& w) { return memory(w, 1).waiters.size() == 1; }));
  ASSERT_TRUE(step_until(world, lane(1, LaneKind::Raft),
                         [](const Running& run) { return !run.apply.jobs.empty(); }));
  ASSERT_TRUE(raft_at(world, 1, RaftPhase::WalWrite));

  ASSERT_TRUE(run_until(world, [](const World& w) { return answered(w); }));

  EXPECT_EQ(last_word(world), "ok") << "apply does not wait for the raft lane's write";
  EXPECT_TRUE(raft_at(world, 1, RaftPhase::WalWrite));
}

// 64 MB a segment; values of 1.5 MB fill one in some forty puts.
TEST(RaftLane, AFullSegmentIsCutPhaseByPhase) {
  World world = alone();
  for (int i = 0; i < 44; ++i) {
    ASSERT_TRUE(world.perform(put("k", std::string(1'500'000, 'x'))));
    ASSERT_TRUE(run_until(
        world, [](const World& w) { return answered(w) || raft_at(w, 1, RaftPhase::WalCut); }));
    if (raft_at(world, 1, RaftPhase::WalCut)) break;
  }
  ASSERT_TRUE(raft_at(world, 1, RaftPhase::WalCut));
  hold(world, lane(1, LaneKind::Raft));
  const Index written = memory(world, 1).raft.log().last_index();

  std::string phases;
  while (raft_at(world, 1, RaftPhase::WalCut)) {
    phases += std::string(wal::to_text(memory(world, 1).raft_lane.cut)) + ", ";
    EXPECT_GE(durable_last(world, 1), written - 1) << phases;
    ASSERT_TRUE(world.perform(lane(1, LaneKind::Raft)));
    // Somebody else acts between any two phases.
    ASSERT_TRUE(world.perform(lane(1, LaneKind::Node)));
  }

  EXPECT_EQ(phases, "close tail, fsync tail, write head, fsync head, rename, fsync directory, ");
  EXPECT_EQ(durable_last(world, 1), written);
  EXPECT_EQ(wal::parse_segment_name(memory(world, 1).wal.locked().back())->sequence, 1U);
  unhold(world, lane(1, LaneKind::Raft));
  ASSERT_TRUE(run_until(world, [](const World& w) { return answered(w); }));
  ASSERT_TRUE(world.perform(sim::Crash{.member = 1, .survivors = {}}));
  ASSERT_TRUE(world.perform(sim::Restart{.member = 1}));
  EXPECT_EQ(memory(world, 1).raft.log().last_index(), written);
}

}  // namespace
}  // namespace orrery::server
