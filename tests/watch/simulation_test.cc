// Watch's promises hold in random runs, and each historic defect breaks the promise it is known for.
#include "simulation.h"

#include <cstdlib>
#include <set>

#include <gtest/gtest.h>

namespace orrery::watch {
namespace {

// ORRERY_WATCH_RUNS sets another number of runs; with ORRERY_LONG there are 100,000.
std::uint64_t number_of_runs() {
  if (const char* asked = std::getenv("ORRERY_WATCH_RUNS")) {
    return std::strtoull(asked, nullptr, 10);
  }
  return std::getenv("ORRERY_LONG") == nullptr ? 2'000 : 100'000;
}

std::string sentences(const Violations& violations) {
  std::string out;
  for (const Violation& violation : violations) {
    out += violation.claim + ": " + violation.sentence + "\n";
  }
  return out;
}

TEST(WatchSimulation, EveryPromiseHoldsInRandomRuns) {
  SimulationResult sum;
  for (std::uint64_t seed = 1; seed <= number_of_runs(); ++seed) {
    const SimulationResult result = Simulation(seed, {}).run(300);
    ASSERT_TRUE(result.violations.empty()) << "seed " << seed << "\n"
                                           << sentences(result.violations);
    sum.events_received += result.events_received;
    sum.victims += result.victims;
    sum.compacted += result.compacted;
    sum.progress += result.progress;
  }
  EXPECT_GT(sum.events_received, 10 * number_of_runs());
  EXPECT_GT(sum.victims, number_of_runs());
  EXPECT_GT(sum.compacted, number_of_runs() / 10);
  EXPECT_GT(sum.progress, number_of_runs() / 10);
}

// etcd's own sizes: 128 slots, 512 watchers a round. Clients hardly read, so that the slots do fill.
TEST(WatchSimulation, EveryPromiseHoldsWithFullChannelsOf128Slots) {
  SimulationResult sum;
  for (std::uint64_t seed = 1; seed <= number_of_runs() / 100; ++seed) {
    const SimulationResult result = Simulation(seed, {}, Pace::Etcd).run(4'000);
    ASSERT_TRUE(result.violations.empty()) << "seed " << seed << "\n"
                                           << sentences(result.violations);
    sum.victims += result.victims;
    sum.events_received += result.events_received;
  }
  EXPECT_GT(sum.victims, number_of_runs() / 100);
  EXPECT_GT(sum.events_received, 128 * number_of_runs() / 100);
}

TEST(WatchSimulation, TheSameSeedGivesTheSameRun) {
  EXPECT_EQ(Simulation(5, {}).run(300).digest, Simulation(5, {}).run(300).digest);
  EXPECT_NE(Simulation(5, {}).run(300).digest, Simulation(6, {}).run(300).digest);
}

// Runs until the claim is found broken; 0 = never.
std::uint64_t first_seed_breaking(const std::string& claim, WatchQuirks quirks) {
  for (std::uint64_t seed = 1; seed <= 2'000; ++seed) {
    for (const Violation& violation : Simulation(seed, quirks).run(300).violations) {
      if (violation.claim == claim) return seed;
    }
  }
  return 0;
}

TEST(WatchSimulation, FindsEachHistoricDefect) {
  EXPECT_NE(first_seed_breaking("WatchUnique", {.min_revision_stale_when_synced = true}), 0U);
  EXPECT_NE(first_seed_breaking("WatchFilter", {.restore_lowers_min_revision = true}), 0U);
  EXPECT_NE(first_seed_breaking("WatchBookmarkable", {.progress_for_future_watch = true}), 0U);
  EXPECT_NE(first_seed_breaking("WatchComplete", {.sync_marks_uncancelled_compacted = true}), 0U);
  EXPECT_NE(first_seed_breaking("WatchBookmarkable", {.progress_bypasses_event_channel = true}),
            0U);
}

}  // namespace
}  // namespace orrery::watch
