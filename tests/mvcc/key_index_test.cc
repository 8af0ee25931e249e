#include "mvcc/key_index.h"

#include <algorithm>
#include <map>
#include <set>

#include <gtest/gtest.h>

#include "base/check.h"
#include "base/draws.h"
#include "mvcc/keep_set.h"

namespace orrery::mvcc {
namespace {

// Puts at 2, 4, deleted at 6; put at 8, 10, deleted at 12; put at 14.1 and 16.
KeyIndex three_lives() {
  KeyIndex index;
  index.put({2, 0});
  index.put({4, 0});
  EXPECT_TRUE(index.tombstone({6, 0}));
  index.put({8, 0});
  index.put({10, 0});
  EXPECT_TRUE(index.tombstone({12, 0}));
  index.put({14, 1});
  index.put({16, 0});
  return index;
}

std::vector<Revision> survivors(const KeyIndex& index, std::int64_t at, Rules rules = {}) {
  std::vector<Revision> kept;
  index.survivors(at, rules, kept);
  return kept;
}

std::vector<Revision> hash_survivors(const KeyIndex& index, std::int64_t at) {
  std::vector<Revision> kept;
  index.hash_survivors(at, {}, kept);
  return kept;
}

std::string compacted(KeyIndex index, std::int64_t at, Rules rules = {}) {
  index.compact(at, rules);
  EXPECT_TRUE(violations(index).empty());
  return to_text(index);
}

TEST(KeyIndex, PutOpensAGenerationAndTombstoneClosesIt) {
  EXPECT_EQ(to_text(three_lives()), "[[2, 4, 6t][8, 10, 12t][14.1, 16]]");
}

TEST(KeyIndex, TombstoneOfADeadKeyIsRefused) {
  KeyIndex index;
  EXPECT_FALSE(index.tombstone({2, 0}));

  index.put({2, 0});
  EXPECT_TRUE(index.tombstone({3, 0}));
  EXPECT_FALSE(index.tombstone({4, 0}));
  EXPECT_EQ(to_text(index), "[[2, 3t][]]");
}

TEST(KeyIndex, RevisionsMustAscend) {
  KeyIndex index;
  index.put({5, 1});

  EXPECT_THROW(index.put({5, 1}), ContractViolation);
  EXPECT_THROW(index.put({5, 0}), ContractViolation);
  EXPECT_THROW(index.put({4, 9}), ContractViolation);
}

TEST(KeyIndex, FindGivesTheNewestAtARevision) {
  const KeyIndex index = three_lives();
  using Found = KeyIndex::Found;

  EXPECT_EQ(index.find(3), (Found{{2, 0}, {2, 0}, 1}));
  EXPECT_EQ(index.find(4), (Found{{4, 0}, {2, 0}, 2}));
  EXPECT_EQ(index.find(5), (Found{{4, 0}, {2, 0}, 2}));
  EXPECT_EQ(index.find(11), (Found{{10, 0}, {8, 0}, 2}));
  EXPECT_EQ(index.find(14), (Found{{14, 1}, {14, 1}, 1}));
  EXPECT_EQ(index.find(99), (Found{{16, 0}, {14, 1}, 2}));
}

TEST(KeyIndex, NothingIsFoundBeforeCreationOrFromTombstoneToNextCreation) {
  const KeyIndex index = three_lives();

  for (const std::int64_t at : {0, 1, 6, 7, 12, 13}) EXPECT_FALSE(index.find(at)) << at;
}

TEST(KeyIndex, WhyNothingIsFoundIsOnRecord) {
  std::vector<GuardRecord> records;
  const KeyIndex index = three_lives();

  ASSERT_FALSE(index.find(7, Guards(&records)));

  ASSERT_FALSE(records.empty());
  EXPECT_EQ(records.back().claim, "the key was deleted at or before the revision asked for");
  EXPECT_TRUE(records.back().held);
  EXPECT_EQ(records.back().facts.at(0), (std::pair<std::string, std::int64_t>("tombstone", 6)));
}

TEST(KeyIndex, SinceKeepsTheLastOfOneMain) {
  KeyIndex index;
  index.put({2, 0});
  index.put({4, 0});
  index.put({4, 2});
  EXPECT_TRUE(index.tombstone({4, 3}));
  index.put({6, 0});

  EXPECT_EQ(index.since(3), (std::vector<Revision>{{4, 3}, {6, 0}}));
  EXPECT_EQ(index.since(0), (std::vector<Revision>{{2, 0}, {4, 3}, {6, 0}}));
  EXPECT_TRUE(index.since(7).empty());
}

struct CompactRow {
  std::int64_t at;
  const char* index;
  std::vector<Revision> kept;
  std::vector<Revision> hashed;
};

TEST(KeyIndex, CompactionKeepsWhatReadersAtOrAboveCanSee) {
  const std::vector<CompactRow> table = {
      {1, "[[2, 4, 6t][8, 10, 12t][14.1, 16]]", {}, {}},
      {2, "[[2, 4, 6t][8, 10, 12t][14.1, 16]]", {{2, 0}}, {{2, 0}}},
      {3, "[[2, 4, 6t][8, 10, 12t][14.1, 16]]", {{2, 0}}, {{2, 0}}},
      {4, "[[4, 6t][8, 10, 12t][14.1, 16]]", {{4, 0}}, {{4, 0}}},
      {5, "[[4, 6t][8, 10, 12t][14.1, 16]]", {{4, 0}}, {{4, 0}}},
      {6, "[[6t][8, 10, 12t][14.1, 16]]", {{6, 0}}, {}},
      {7, "[[8, 10, 12t][14.1, 16]]", {}, {}},
      {8, "[[8, 10, 12t][14.1, 16]]", {{8, 0}}, {{8, 0}}},
      {11, "[[10, 12t][14.1, 16]]", {{10, 0}}, {{10, 0}}},
      {12, "[[12t][14.1, 16]]", {{12, 0}}, {}},
      {13, "[[14.1, 16]]", {}, {}},
      {14, "[[14.1, 16]]", {{14, 1}}, {{14, 1}}},
      {16, "[[16]]", {{16, 0}}, {{16, 0}}},
      {99, "[[16]]", {{16, 0}}, {{16, 0}}},
  };
  for (const CompactRow& row : table) {
    SCOPED_TRACE(row.at);
    const KeyIndex index = three_lives();

    EXPECT_EQ(compacted(index, row.at), row.index);
    EXPECT_EQ(survivors(index, row.at), row.kept);
    EXPECT_EQ(hash_survivors(index, row.at), row.hashed);
    EXPECT_EQ(index.is_compactable(row.at, {}), row.index != to_text(index));
  }
}

TEST(KeyIndex, VersionsStayRightAfterCompaction) {
  KeyIndex index = three_lives();
  index.compact(4, {});

  EXPECT_EQ(index.find(4)->version, 2);
  EXPECT_EQ(index.find(4)->created, (Revision{2, 0}));
}

TEST(KeyIndex, ADeadKeyIsEmptyOnceItsTombstoneIsCompacted) {
  KeyIndex index;
  index.put({2, 0});
  EXPECT_TRUE(index.tombstone({3, 0}));

  index.compact(3, {});
  EXPECT_EQ(to_text(index), "[[3t][]]");
  EXPECT_FALSE(index.is_empty());
  index.compact(4, {});
  EXPECT_EQ(to_text(index), "[[]]");
  EXPECT_TRUE(index.is_empty());
}

TEST(KeyIndex, RestoreKnowsCreationAndVersionFromTheRow) {
  KeyIndex index;
  index.restore({2, 0}, {7, 0}, 5);
  index.put({9, 0});

  EXPECT_EQ(to_text(index), "[[7, 9]]");
  EXPECT_EQ(index.find(7), (KeyIndex::Found{{7, 0}, {2, 0}, 5}));
  EXPECT_EQ(index.find(9)->version, 6);
}

TEST(KeyIndex, RestoredTombstoneIsKeptButNeverFound) {
  KeyIndex index;
  index.restore_tombstone({7, 0});

  EXPECT_EQ(to_text(index), "[[7t][]]");
  EXPECT_FALSE(index.find(7));
  EXPECT_EQ(survivors(index, 7), (std::vector<Revision>{{7, 0}}));
  index.put({9, 0});
  EXPECT_EQ(index.find(9), (KeyIndex::Found{{9, 0}, {9, 0}, 1}));
}

// The transaction at 4 deleted the key and created it again.
KeyIndex recreated_at_4() {
  KeyIndex index;
  index.put({2, 0});
  EXPECT_TRUE(index.tombstone({4, 0}));
  index.put({4, 2});
  return index;
}

TEST(KeyIndex, AKeyRecreatedInTheCompactedRevisionStays) {
  EXPECT_EQ(survivors(recreated_at_4(), 4), (std::vector<Revision>{{4, 0}, {4, 2}}));
  EXPECT_EQ(compacted(recreated_at_4(), 4), "[[4t][4.2]]");
}

TEST(KeyIndex, RuleOfIssue22376ForgetsTheRecreatedKey) {
  const Rules rules{.compact_stops_at_generation_ending_at_rev = true};

  EXPECT_EQ(survivors(recreated_at_4(), 4, rules), (std::vector<Revision>{{4, 0}}));
}

TEST(KeyIndex, RuleOfIssue18089DropsTheTombstone) {
  const Rules rules{.compact_drops_tombstone_at_rev = true};

  EXPECT_TRUE(survivors(three_lives(), 12, rules).empty());
  EXPECT_EQ(compacted(three_lives(), 12, rules), "[[14.1, 16]]");
}

// The same history kept the slow way: what the key was at each revision.
struct NaiveHistory {
  std::map<std::int64_t, KeyIndex::Found> puts;
  std::set<std::int64_t> tombstones;
};

void compare_at_every_revision(const KeyIndex& index, const NaiveHistory& naive, std::int64_t from,
                               std::int64_t to) {
  for (std::int64_t at = from; at <= to; ++at) {
    const auto put = naive.puts.upper_bound(at);
    const auto tombstone = naive.tombstones.upper_bound(at);
    std::optional<KeyIndex::Found> expected;
    if (put != naive.puts.begin()) expected = std::prev(put)->second;
    const bool dead = tombstone != naive.tombstones.begin() && expected &&
                      *std::prev(tombstone) > expected->modified.main;
    if (dead) expected.reset();
    ASSERT_EQ(index.find(at), expected) << at << " in " << to_text(index);
  }
}

TEST(KeyIndex, RandomHistoriesAgreeWithANaiveOneAtEveryVisibleRevision) {
  for (std::uint64_t seed = 0; seed < 200; ++seed) {
    KeyIndex index;
    NaiveHistory naive;
    std::int64_t compact = 0;
    KeyIndex::Found now;
    for (std::int64_t main = 1; main <= 60; ++main) {
      const auto random = draw(seed, Purpose::TestData, 0, static_cast<std::uint64_t>(main));
      const auto choice = below(random, 10);
      if (choice < 5) {
        now = {{main, 0}, now.version == 0 ? Revision{main, 0} : now.created, now.version + 1};
        index.put({main, 0});
        naive.puts[main] = now;
      } else if (choice < 8) {
        ASSERT_EQ(index.tombstone({main, 0}), now.version > 0);
        if (now.version > 0) naive.tombstones.insert(main);
        now = {};
      } else {
        compact += static_cast<std::int64_t>(
            below(mix(random), static_cast<std::uint64_t>(main - compact)));
        index.compact(compact, {});
        if (index.is_empty()) index = KeyIndex();
      }
      ASSERT_TRUE(violations(index).empty()) << to_text(index);
      compare_at_every_revision(index, naive, compact, main);
    }
  }
}

TEST(KeyIndex, EqualHistoriesHaveEqualDigests) {
  KeyIndex a = three_lives();
  KeyIndex b = three_lives();
  EXPECT_EQ(a, b);
  EXPECT_EQ(digest_of(a), digest_of(b));

  b.put({20, 0});
  EXPECT_NE(a, b);
  EXPECT_NE(digest_of(a), digest_of(b));
}

TEST(KeepSet, ContainsWhatItWasGiven) {
  const KeepSet keep({{5, 0}, {2, 1}, {9, 0}});

  EXPECT_TRUE(keep.contains({2, 1}));
  EXPECT_TRUE(keep.contains({5, 0}));
  EXPECT_FALSE(keep.contains({2, 0}));
  EXPECT_FALSE(keep.contains({10, 0}));
  EXPECT_EQ(keep.size(), 3U);
}

}  // namespace
}  // namespace orrery::mvcc
