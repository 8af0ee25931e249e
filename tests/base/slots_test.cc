// Slots against std::map: every operation, copies, digests.
#include "base/slots.h"

#include <map>
#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "tests/base/random_numbers.h"

namespace orrery {
namespace {

using Places = Slots<std::string>;
using PlacesModel = std::map<std::size_t, std::string>;

static_assert(std::regular<Places>);

PlacesModel contents_of(const Places& slots) {
  PlacesModel out;
  for (std::size_t at = slots.next(0); at < Places::kCount; at = slots.next(at + 1)) {
    out[at] = *slots.find(at);
  }
  return out;
}

void expect_places(const Places& slots, const PlacesModel& model) {
  ASSERT_EQ(contents_of(slots), model);
  ASSERT_EQ(slots.size(), model.size());
  ASSERT_EQ(slots.empty(), model.empty());
  Places afresh;
  for (auto it = model.rbegin(); it != model.rend(); ++it) afresh.put(it->first, it->second);
  ASSERT_EQ(slots, afresh);
  ASSERT_EQ(slots.digest(), afresh.digest());
}

TEST(Slots, BehaveLikeAMapOfSmallNumbersInManyForks) {
  for (std::uint64_t seed = 0; seed < 8; ++seed) {
    RandomNumbers random(seed);
    std::vector<std::pair<Places, PlacesModel>> forks(3);
    for (int round = 0; round < 3000; ++round) {
      auto& [slots, model] = forks[random(forks.size())];
      const std::size_t at = random(Places::kCount);
      // Longer than what a string holds in itself, so that lost or doubled ones are noticed by the sanitizers.
      const std::string value = numbered("a value that takes memory of its own ", random(100));
      switch (random(4)) {
        case 0: ASSERT_EQ(slots.erase(at), model.erase(at) == 1); break;
        case 1:
          if (std::string* there = slots.edit(at)) {
            *there = model.at(at) = value;
          } else {
            ASSERT_FALSE(model.contains(at));
          }
          break;
        case 2: ASSERT_EQ(slots.put(at, value), model.insert_or_assign(at, value).second); break;
        default: forks[random(forks.size())] = std::pair(forks[random(forks.size())]);
      }
      if (round % 50 != 0) continue;
      for (const auto& [s, expected] : forks) expect_places(s, expected);
    }
  }
}

TEST(Slots, PlacesAreToldApartByTheDigest) {
  Places first;
  Places second;
  first.put(1, "x");
  second.put(2, "x");
  EXPECT_NE(first, second);
  EXPECT_NE(first.digest(), second.digest());
}

}  // namespace
}  // namespace orrery
