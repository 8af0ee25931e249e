// Random steps over 3, 5 and 7 members: the safety claims hold after each of them, and the group goes on afterwards.
// ORRERY_LONG=1 makes it 5,000,000 steps; ORRERY_RAFT_STEPS sets how many, ORRERY_RAFT_SEED where to begin.
#include "tests/raft/storm.h"

#include <cstdlib>
#include <iostream>
#include <map>
#include <string>

#include <gtest/gtest.h>

namespace orrery::raft {
namespace {

std::uint64_t number_from(const char* variable, std::uint64_t otherwise) {
  const char* value = std::getenv(variable);
  return value == nullptr ? otherwise : std::stoull(value);
}

std::string first_of(const Violations& violations) {
  return violations.empty() ? "" : violations[0].claim + ": " + violations[0].sentence;
}

class RaftStorm : public testing::TestWithParam<std::size_t> {};

TEST_P(RaftStorm, KeepsTheSafetyClaimsAndGoesOnAfterwards) {
  constexpr std::uint64_t kStepsEach = 2500;
  const std::uint64_t usual = number_from("ORRERY_LONG", 0) == 0 ? 60'000 : 5'000'000;
  const std::uint64_t runs = number_from("ORRERY_RAFT_STEPS", usual) / 3 / kStepsEach + 1;
  const std::uint64_t first_seed = number_from("ORRERY_RAFT_SEED", 1);
  std::size_t elections = 0;
  std::size_t snapshots = 0;
  std::size_t changes = 0;
  std::size_t reads = 0;
  std::size_t excused = 0;
  std::map<std::string, std::size_t> stuck;

  for (std::uint64_t seed = first_seed; seed < first_seed + runs; ++seed) {
    Storm storm(seed, GetParam());
    for (std::uint64_t step = 0; step < kStepsEach; ++step) {
      storm.step();
      ASSERT_TRUE(storm.violations().empty())
          << first_of(storm.violations()) << "\nseed " << seed << " step " << step << "\n"
          << storm.story() << storm.members_text();
    }
    const std::string missing = storm.heal();
    if (!missing.empty()) {
      const std::string excuse = storm.violations().empty() ? storm.excuse() : "";
      ASSERT_NE(excuse, "") << missing << first_of(storm.violations()) << "\nseed " << seed << "\n"
                            << storm.story();
      ++stuck[excuse];
    }
    elections += storm.elections();
    snapshots += storm.snapshots();
    changes += storm.changes();
    reads += storm.reads();
    excused += storm.excused();
  }

  std::cout << GetParam() << " members: " << runs * kStepsEach << " steps in " << runs << " runs, "
            << elections << " elections, " << snapshots << " snapshots, " << changes
            << " configuration changes, " << reads << " reads (" << excused << " excused)\n";
  for (const auto& [excuse, times] : stuck) {
    std::cout << "  stuck: " << excuse << ": " << times << " runs\n";
    EXPECT_LE(times, runs / 100);
  }
  EXPECT_GT(elections, runs);
  EXPECT_GT(snapshots, 0U);
  EXPECT_GT(changes, runs);
  EXPECT_GT(reads, 0U);
}

INSTANTIATE_TEST_SUITE_P(Members, RaftStorm, testing::Values(3, 5, 7));

}  // namespace
}  // namespace orrery::raft
