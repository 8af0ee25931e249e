#include "mvcc/tree_index.h"

#include <string>
#include <vector>

#include <gtest/gtest.h>

namespace orrery::mvcc {
namespace {

// a at 2, b at 3 and deleted at 5, c at 4 and 6.
TreeIndex three_keys() {
  TreeIndex index;
  index.put(Blob("a"), {2, 0});
  index.put(Blob("b"), {3, 0});
  index.put(Blob("c"), {4, 0});
  EXPECT_TRUE(index.tombstone(Blob("b"), {5, 0}));
  index.put(Blob("c"), {6, 0});
  return index;
}

std::vector<std::string> keys(const TreeIndex::Hits& hits) {
  std::vector<std::string> out;
  for (const auto& hit : hits.hits) out.emplace_back(hit.key.view());
  return out;
}

using Keys = std::vector<std::string>;

TEST(TreeIndex, RangeGivesTheKeysThatExistedThen) {
  const TreeIndex index = three_keys();
  const Interval all = Interval::of("a", BytesView("\0", 1));

  EXPECT_EQ(keys(index.range(all, 1, 0)), Keys{});
  EXPECT_EQ(keys(index.range(all, 4, 0)), (Keys{"a", "b", "c"}));
  EXPECT_EQ(keys(index.range(all, 5, 0)), (Keys{"a", "c"}));
  EXPECT_EQ(index.range(all, 5, 0).hits.at(1).modified, (Revision{4, 0}));
  EXPECT_EQ(keys(index.range(Interval::of("b", "c"), 4, 0)), Keys{"b"});
  EXPECT_EQ(keys(index.range(Interval::of("c", "a"), 4, 0)), Keys{});
  EXPECT_EQ(keys(index.range(Interval::of("b", {}), 4, 0)), Keys{"b"});
}

TEST(TreeIndex, TheLimitCutsTheHitsAndNotTheTotal) {
  const TreeIndex index = three_keys();
  const Interval all = Interval::of("a", BytesView("\0", 1));

  const TreeIndex::Hits hits = index.range(all, 4, 2);

  EXPECT_EQ(hits.hits.size(), 2U);
  EXPECT_EQ(hits.total, 3);
  EXPECT_EQ(index.count(all, 4), 3);
  EXPECT_EQ(index.count(all, 6), 2);
}

TEST(TreeIndex, ADeadOrUnknownKeyCannotBeDeleted) {
  TreeIndex index = three_keys();

  EXPECT_FALSE(index.tombstone(Blob("b"), {7, 0}));
  EXPECT_FALSE(index.tombstone(Blob("none"), {7, 0}));
}

TEST(TreeIndex, WhyAKeyIsNotFoundIsOnRecord) {
  std::vector<GuardRecord> records;

  EXPECT_FALSE(three_keys().find("none", 6, Guards(&records)));

  ASSERT_EQ(records.size(), 1U);
  EXPECT_EQ(records[0].claim, "the key index knows the key");
  EXPECT_FALSE(records[0].held);
}

TEST(TreeIndex, CompactionDropsDeadKeysAndNamesTheRowsThatStay) {
  TreeIndex index = three_keys();
  const TreeIndex before = index;

  const KeepSet keep = index.compact(6, {});

  EXPECT_EQ(keep.sorted(), (std::vector<Revision>{{2, 0}, {6, 0}}));
  EXPECT_EQ(index.size(), 2U);
  EXPECT_EQ(index.find_key("b"), nullptr);
  EXPECT_EQ(to_text(*index.find_key("c")), "[[6]]");
  EXPECT_EQ(before, three_keys()) << "a copy taken before goes its own way";
}

TEST(TreeIndex, KeepLooksWithoutChangingAndLeavesTombstonesOut) {
  const TreeIndex index = three_keys();

  EXPECT_EQ(index.keep(5, {}).sorted(), (std::vector<Revision>{{2, 0}, {4, 0}}));
  TreeIndex compacted = index;
  EXPECT_EQ(compacted.compact(5, {}).sorted(), (std::vector<Revision>{{2, 0}, {4, 0}, {5, 0}}));
}

TEST(TreeIndex, ManyKeysOfOneCompactionAreAllCompacted) {
  TreeIndex index;
  for (std::int64_t i = 0; i < 3000; ++i) {
    index.put(Blob(std::to_string(i % 500)), {i + 2, 0});
  }

  const KeepSet keep = index.compact(3001, {});

  EXPECT_EQ(keep.size(), 500U);
  for (const auto& [key, history] : index.keys()) ASSERT_EQ(history.revision_count(), 1U);
  EXPECT_TRUE(violations(index).empty());
}

}  // namespace
}  // namespace orrery::mvcc
