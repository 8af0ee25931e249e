// The timeline: back, jump, branches, and that every way to a position gives the same world.
#include "sim/timeline.h"

#include <vector>

#include <gtest/gtest.h>

#include "base/draws.h"
#include "base/text.h"
#include "tests/sim/cluster.h"

namespace orrery::sim {
namespace {

using namespace testing;

// A timeline of `steps` default steps with a put now and then, and the digest at every position.
struct Recorded {
  Timeline timeline;
  std::vector<Digest> digests{timeline.world().digest()};

  explicit Recorded(std::size_t steps) {
    while (timeline.position() < steps) {
      const bool puts = timeline.position() % 97 == 50;
      const Action action =
          puts ? Action(put(text("k{}", timeline.position()), "v")) : *timeline.world().next();
      EXPECT_TRUE(timeline.perform(action));
      digests.push_back(timeline.world().digest());
    }
  }
};

TEST(Timeline, SteppingBackGivesTheWorldBefore) {
  Recorded run(400);

  for (std::size_t position = 400; position-- > 0;) {
    ASSERT_TRUE(run.timeline.jump(position));
    ASSERT_EQ(run.timeline.world().digest(), run.digests[position]) << position;
  }
}

TEST(Timeline, JumpingAnywhereGivesTheSameWorld) {
  Recorded run(5'000);

  for (std::uint64_t i = 0; i < 300; ++i) {
    const std::size_t position = below(draw(1, Purpose::TestData, 0, i), 5'001);
    ASSERT_TRUE(run.timeline.jump(position));
    ASSERT_EQ(run.timeline.world().digest(), run.digests[position]) << position;
  }
}

TEST(Timeline, AJumpBeyondTheEndIsRefused) {
  Recorded run(10);

  const auto jumped = run.timeline.jump(11);

  ASSERT_FALSE(jumped);
  EXPECT_EQ(jumped.error().detail, "position 11 lies beyond the branch's end at 10");
  EXPECT_EQ(run.timeline.position(), 10U);
}

TEST(Timeline, ActingInThePastStartsABranchAndKeepsTheOldFuture) {
  Recorded run(300);
  ASSERT_TRUE(run.timeline.jump(120));

  ASSERT_TRUE(run.timeline.perform(put("other", "future")));

  ASSERT_EQ(run.timeline.branches().size(), 2U);
  EXPECT_EQ(run.timeline.branches()[1].name, "at-120");
  EXPECT_EQ(run.timeline.position(), 121U);
  ASSERT_TRUE(run.timeline.switch_to("main"));
  EXPECT_EQ(run.timeline.world().digest(), run.digests[300]);
}

TEST(Timeline, ABranchOfABranchSharesItsPast) {
  Recorded run(200);
  ASSERT_TRUE(run.timeline.jump(100));
  ASSERT_TRUE(run.timeline.start_branch("one"));
  for (int i = 0; i < 50; ++i) ASSERT_TRUE(run.timeline.perform(*run.timeline.world().next()));
  ASSERT_TRUE(run.timeline.jump(60));
  ASSERT_TRUE(run.timeline.perform(put("x", "y")));

  EXPECT_EQ(run.timeline.branches().back().parent, 0U);
  ASSERT_TRUE(run.timeline.jump(30));
  EXPECT_EQ(run.timeline.world().digest(), run.digests[30]);
  ASSERT_TRUE(run.timeline.switch_to("one"));
  EXPECT_EQ(run.timeline.position(), 150U);
}

TEST(Timeline, AnImpossibleActionInThePastStartsNoBranch) {
  Recorded run(50);
  ASSERT_TRUE(run.timeline.jump(20));

  EXPECT_FALSE(run.timeline.perform(Restart{.member = 1}));

  EXPECT_EQ(run.timeline.branches().size(), 1U);
  EXPECT_EQ(run.timeline.position(), 20U);
}

TEST(Timeline, ANameIsTakenOnce) {
  Recorded run(50);
  ASSERT_TRUE(run.timeline.start_branch("mine"));

  EXPECT_FALSE(run.timeline.start_branch("mine"));
  EXPECT_FALSE(run.timeline.switch_to("yours"));
}

TEST(Timeline, CheckpointsStayFewOnALongRun) {
  Recorded run(30'000);

  EXPECT_LT(run.timeline.checkpoint_count(), 200U);
}

}  // namespace
}  // namespace orrery::sim
