#include "backend/free_list.h"

#include <set>

#include "base/digest.h"
#include "tests/backend/helpers.h"

namespace orrery::backend {
namespace {

TEST(FreeList, TakesTheLowestRunThatIsLongEnough) {
  FreeList list;
  list.add(PageId(3), 1);
  list.add(PageId(10), 4);
  list.add(PageId(20), 2);

  EXPECT_EQ(list.allocate(2), PageId(10));
  EXPECT_EQ(list.allocate(2), PageId(12));
  EXPECT_EQ(list.allocate(2), PageId(20));
  EXPECT_EQ(list.allocate(2), std::nullopt);
  EXPECT_EQ(list.allocate(1), PageId(3));
  EXPECT_EQ(list.free_count(), 0U);
}

TEST(FreeList, JoinsNeighbours) {
  FreeList list;
  list.add(PageId(5), 2);
  list.add(PageId(9), 1);
  list.add(PageId(7), 2);

  EXPECT_EQ(list.free_count(), 5U);
  EXPECT_EQ(list.allocate(5), PageId(5));
}

TEST(FreeList, PendingPagesWaitForTheirTransactionsRelease) {
  FreeList list;
  list.free(7, PageId(3), 2);
  list.free(8, PageId(5), 1);
  EXPECT_TRUE(list.is_pending(PageId(4)));
  EXPECT_FALSE(list.is_free(PageId(4)));
  EXPECT_EQ(list.pending_count(), 3U);

  list.release(7);
  EXPECT_TRUE(list.is_free(PageId(4)));
  EXPECT_TRUE(list.is_pending(PageId(5)));
  EXPECT_EQ(list.pending_count(), 1U);
  EXPECT_EQ(list.free_count(), 2U);
}

TEST(FreeList, AgreesWithASetOfPages) {
  for (std::uint64_t seed = 0; seed < 20; ++seed) {
    Draws draws(seed);
    FreeList list;
    std::set<std::uint64_t> model;
    for (int step = 0; step < 400; ++step) {
      const std::uint64_t count = 1 + draws.below(4);
      const std::uint64_t page = 2 + draws.below(200);
      bool is_clear = true;
      for (std::uint64_t i = 0; i < count; ++i) is_clear = is_clear && !model.contains(page + i);
      if (is_clear && draws.below(3) != 0) {
        list.add(PageId(page), count);
        for (std::uint64_t i = 0; i < count; ++i) model.insert(page + i);
      } else if (const auto taken = list.allocate(count)) {
        for (std::uint64_t i = 0; i < count; ++i) {
          ASSERT_EQ(model.erase(taken->value() + i), 1U);
        }
      }
      ASSERT_EQ(list.free_count(), model.size());
    }
    for (std::uint64_t page = 0; page < 210; ++page) {
      ASSERT_EQ(list.is_free(PageId(page)), model.contains(page)) << page;
    }
  }
}

}  // namespace
}  // namespace orrery::backend
