// Random runs in Jepsen's manner (random_run.h). ORRERY_RUNS sets how many (otherwise 25; with ORRERY_LONG 20,000),
// ORRERY_SEED the first seed, ORRERY_STEPS how long each is before its faults stop; ORRERY_STORY
// prints every action.
#include <cstdlib>

#include <gtest/gtest.h>

#include "tests/sim/random_run.h"

namespace orrery::sim {
namespace {

using testing::Counts;
using testing::RandomRun;

std::uint64_t setting(const char* name, std::uint64_t otherwise) {
  const char* value = std::getenv(name);
  return value == nullptr ? otherwise : std::strtoull(value, nullptr, 10);
}

void print(const Counts& counts) {
  for (const auto& [name, count] : counts) {
    std::printf("  %-40s %llu\n", name.c_str(), static_cast<unsigned long long>(count));
  }
  std::fflush(stdout);
}

TEST(Jepsen, RandomRunsAgreeWithTheModelAndBreakNoClaim) {
  const std::uint64_t first = setting("ORRERY_SEED", 1);
  const std::uint64_t count =
      setting("ORRERY_RUNS", std::getenv("ORRERY_LONG") == nullptr ? 25 : 20'000);
  const auto steps = static_cast<int>(setting("ORRERY_STEPS", 2500));
  Counts counts;
  std::uint64_t failed = 0;
  for (std::uint64_t seed = first; seed < first + count; ++seed) {
    RandomRun run(seed);
    if (std::getenv("ORRERY_STORY") != nullptr) run.tell_all();

    run.play(steps);

    EXPECT_TRUE(run.failure().empty()) << run.failure();
    if (!run.failure().empty() && ++failed == 10) break;
    ++counts["run"];
    for (const auto& [name, number] : run.counts()) counts[name] += number;
    if (counts["run"] % 1000 == 0) print(counts);
  }
  print(counts);
  EXPECT_GT(counts["op put answered"], count);
  EXPECT_GT(counts["virtual second"], count * 2);
}

// 2361: a member that missed a join never answered the newcomer that led. 17128: one that missed its own removal kept a
// lock waiting. 19525: a lease was revoked that a promotion had just given its time anew.
TEST(Jepsen, RunsThatOnceBrokeAClaimHold) {
  for (const std::uint64_t seed : {2361U, 17128U, 19525U}) {
    RandomRun run(seed);
    run.play(2500);
    EXPECT_TRUE(run.failure().empty()) << run.failure();
  }
}

}  // namespace
}  // namespace orrery::sim
