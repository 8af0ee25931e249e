// A crash after every step of a script: recovery always succeeds, and no acknowledged write is missing.
#include "lab/sweep.h"

#include <gtest/gtest.h>

#include "lab/play.h"
#include "source_dir.h"

namespace orrery::lab {
namespace {

const std::string kScript = std::string(ORRERY_SOURCE_DIR) + "/tests/golden/storage/sweep.crank";

Play played() {
  auto play = Play::open(kScript);
  EXPECT_TRUE(play) << play.error().detail;
  while (!play->done()) {
    const Scene scene = play->next();
    EXPECT_FALSE(scene.outcome.error) << scene.outcome.error->detail;
  }
  return std::move(*play);
}

TEST(Sweep, OneMembersRunSurvivesACrashAfterEveryStep) {
  const Play play = played();

  const auto report = sweep(play.session().interpreter().timeline(), {});

  ASSERT_TRUE(report) << report.error().detail;
  EXPECT_GE(report->steps, 300U);
  EXPECT_GE(report->crashes, 3 * report->steps);
  for (const SweepFinding& one : report->findings) {
    ADD_FAILURE() << "after step " << one.step << " (" << one.action << "), keep " << one.survivors
                  << ": " << one.what;
  }
}

TEST(Sweep, TornSurvivorsAreTriedWhereMoreThanOneSectorIsUnsynced) {
  const Play play = played();
  const sim::Timeline& timeline = play.session().interpreter().timeline();
  sim::World world(timeline.config());
  std::size_t torn = 0;
  for (std::size_t step = 1; step <= timeline.position(); ++step) {
    ASSERT_TRUE(world.perform(timeline.action_before(step)));
    torn += sweep_policies(world).size() > 2 ? 1U : 0U;
  }
  EXPECT_GT(torn, 50U);
}

}  // namespace
}  // namespace orrery::lab
