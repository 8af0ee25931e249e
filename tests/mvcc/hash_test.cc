// HashKV against numbers that a stock etcd gave.
#include <gtest/gtest.h>

#include "mvcc/kv_hash.h"
#include "tests/mvcc/kit.h"

namespace orrery::mvcc {
namespace {

std::uint32_t hash_at(const Kit& kit, std::int64_t revision) {
  const Result<KeyValueHash> hash = kit.store.hash_kv(kit.backend, revision);
  EXPECT_TRUE(hash.has_value()) << revision;
  return hash ? hash->hash : 0;
}

// put a=1 at 2, a=2 at 3, delete a at 4, put b=1 at 5.
Kit golden() {
  Kit kit;
  kit.put("a", "1");
  kit.put("a", "2");
  kit.erase("a");
  kit.put("b", "1");
  return kit;
}

TEST(HashKv, OfAnEmptyStoreIsEtcds) {
  const Kit kit;

  EXPECT_EQ(hash_at(kit, 0), 1084519789U);
  EXPECT_EQ(kit.store.hash_kv(kit.backend, 0)->compact_revision, -1);
}

TEST(HashKv, OfAFewRevisionsIsEtcds) {
  const Kit kit = golden();

  EXPECT_EQ(hash_at(kit, 0), 713085917U);
  EXPECT_EQ(hash_at(kit, 5), 713085917U);
  EXPECT_EQ(hash_at(kit, 3), 535221974U);
  EXPECT_EQ(hash_at(kit, 4), 1363947557U);
}

TEST(HashKv, AfterEachCompactionIsEtcds) {
  Kit kit = golden();

  kit.compact(3);
  EXPECT_EQ(hash_at(kit, 0), 177806393U);
  kit.compact(4);
  EXPECT_EQ(hash_at(kit, 0), 800756125U);
  kit.compact(5);
  EXPECT_EQ(hash_at(kit, 0), 800756125U);
  EXPECT_EQ(kit.store.hash_kv(kit.backend, 0)->compact_revision, 5);
  EXPECT_EQ(kit.store.hash_kv(kit.backend, 0)->revision, 5);
}

TEST(HashKv, OfEveryListedRevisionBeforeAndAfterEachCompaction) {
  struct Row {
    std::int64_t compacted;
    std::vector<std::pair<std::int64_t, std::uint32_t>> hashes;  // revision, hash
  };
  // The hash at the compaction's own revision is the one stored when it ran.
  const std::vector<Row> rows = {
      {-1, {{3, 535221974U}, {4, 1363947557U}, {5, 713085917U}, {0, 713085917U}}},
      {3, {{3, 535221974U}, {5, 177806393U}, {0, 177806393U}}},
      {4, {{5, 800756125U}, {0, 800756125U}}},
      {5, {{5, 800756125U}, {0, 800756125U}}},
  };
  Kit kit = golden();
  for (const Row& row : rows) {
    SCOPED_TRACE(text("compacted at {}", row.compacted));
    if (row.compacted > 0) kit.compact(row.compacted, 1);

    for (const auto& [revision, hash] : row.hashes) EXPECT_EQ(hash_at(kit, revision), hash);
    Kit reopened = kit;
    reopened.commit();
    reopened.crash_and_resume();
    EXPECT_EQ(hash_at(reopened, 0), row.hashes.back().second);
  }
}

TEST(HashKv, IsTheSameWhileTheRowsAreOnlyScheduledToGo) {
  for (const std::int64_t at : {3, 4, 5}) {
    Kit done = golden();
    done.compact(at);
    Kit half = golden();
    CompactionJob job = half.schedule(at);
    half.store.compact_index(job);

    EXPECT_EQ(hash_at(half, 0), hash_at(done, 0)) << at;
  }
}

TEST(HashKv, DoesNotSayWhichReleaseCompacted) {
  Kit newer = golden();
  Kit older(Rules{.compact_drops_tombstone_at_rev = true});
  older.put("a", "1");
  older.put("a", "2");
  older.erase("a");
  older.put("b", "1");

  newer.compact(4);
  older.compact(4);

  EXPECT_EQ(newer.rows(), "4t 5");
  EXPECT_EQ(older.rows(), "5");
  EXPECT_EQ(hash_at(newer, 0), hash_at(older, 0));
}

TEST(HashKv, RefusesRevisionsBelowTheCompactionAndAboveTheCurrent) {
  Kit kit = golden();
  kit.compact(4);

  EXPECT_EQ(kit.store.hash_kv(kit.backend, 3).error().code, Errc::Compacted);
  EXPECT_EQ(kit.store.hash_kv(kit.backend, 6).error().code, Errc::FutureRev);
  EXPECT_TRUE(kit.store.hash_kv(kit.backend, 4).has_value());
}

TEST(HashKv, OfNowIsNotWhatACompactionAtZeroHasLeft) {
  Kit kit = golden();
  kit.compact(0);
  const std::uint32_t before = hash_at(kit, 0);

  kit.put("a", "more");

  EXPECT_NE(hash_at(kit, 0), before);
  EXPECT_EQ(kit.store.hash_kv(kit.backend, 0)->compact_revision, 0);
}

TEST(CompactionHash, IsTheHashAtThatRevisionBeforeTheCompaction) {
  Kit kit = golden();
  const std::uint32_t before = hash_at(kit, 4);

  kit.compact(4, 1);

  ASSERT_EQ(kit.store.compaction_hashes().size(), 1U);
  const KeyValueHash stored = kit.store.compaction_hashes().back();
  EXPECT_EQ(stored.revision, 4);
  EXPECT_EQ(stored.compact_revision, -1);
  EXPECT_EQ(stored.hash, before);
  EXPECT_EQ(kit.store.hash_kv(kit.backend, 4), stored);
}

TEST(CompactionHash, TheNewestTenAreKept) {
  Kit kit;
  for (int i = 0; i < 15; ++i) kit.put("k");
  for (std::int64_t revision = 2; revision <= 14; ++revision) kit.compact(revision);

  ASSERT_EQ(kit.store.compaction_hashes().size(), 10U);
  EXPECT_EQ(kit.store.compaction_hashes().front().revision, 5);
  EXPECT_EQ(kit.store.compaction_hashes().back().revision, 14);
}

TEST(CompactionHash, OfAnInterruptedCompactionIsNotStored) {
  for (const bool quirk : {false, true}) {
    Kit kit(Rules{.store_hash_after_interrupted_compaction = quirk});
    for (int i = 0; i < 4; ++i) kit.put("k");
    const std::uint32_t whole = hash_at(kit, 4);
    CompactionJob job = kit.schedule(4);
    kit.batch(job, 1);

    kit.crash_and_resume();

    ASSERT_EQ(kit.store.compaction_hashes().size(), quirk ? 1U : 0U);
    if (quirk) {
      EXPECT_NE(kit.store.compaction_hashes().back().hash, whole);
    }
    kit.compact(5);
    EXPECT_EQ(kit.store.compaction_hashes().back().revision, 5);
  }
}

}  // namespace
}  // namespace orrery::mvcc
