// Compaction: what stays, what a crash between batches leaves, and the defects that lived there.
#include <gtest/gtest.h>

#include "base/draws.h"
#include "tests/mvcc/kit.h"

namespace orrery::mvcc {
namespace {

using testing::Test;

TEST(Compaction, RemovesRowsThatNobodyMaySee) {
  Kit kit;
  kit.put("a", "1");
  kit.put("a", "2");
  kit.put("b", "1");
  kit.erase("b");
  kit.put("a", "3");

  kit.compact(4);

  EXPECT_EQ(kit.rows(), "3 4 5t 6");
  EXPECT_EQ(kit.index_of("a"), "[[3, 6]]");
  EXPECT_EQ(kit.index_of("b"), "[[4, 5t][]]");
  EXPECT_TRUE(violations(kit.store, kit.backend).empty());
}

TEST(Compaction, RefusesReadsAsSoonAsItIsScheduled) {
  Kit kit;
  for (int i = 0; i < 3; ++i) kit.put("a");

  kit.schedule(3);

  EXPECT_EQ(kit.store.range(kit.backend, range_of("a", {}, 2)).error().code, Errc::Compacted);
  EXPECT_EQ(kit.range(range_of("a", {}, 3)).kvs.at(0).version, 2);
}

TEST(Compaction, AtOrBelowTheLastOneIsRefused) {
  Kit kit;
  kit.put("a");
  kit.put("a");
  kit.compact(2);

  for (const std::int64_t revision : {-5, 0, 1, 2}) {
    const auto job = kit.store.schedule_compaction(kit.backend, revision);
    ASSERT_FALSE(job.has_value()) << revision;
    EXPECT_EQ(job.error().detail, "etcdserver: mvcc: required revision has been compacted");
  }
}

TEST(Compaction, BeyondTheCurrentRevisionIsRefused) {
  Kit kit;
  kit.put("a");

  const auto job = kit.store.schedule_compaction(kit.backend, 3);

  ASSERT_FALSE(job.has_value());
  EXPECT_EQ(job.error().detail, "etcdserver: mvcc: required revision is a future revision");
  EXPECT_EQ(kit.store.compact_revision(), -1);
}

TEST(Compaction, AtTheCurrentRevisionIsAllowed) {
  Kit kit;
  kit.put("a", "1");
  kit.put("a", "2");

  kit.compact(3);

  EXPECT_EQ(kit.rows(), "3");
  EXPECT_EQ(kit.range(range_of("a")).kvs.at(0).value.view(), "2");
}

TEST(Compaction, TheBatchLimitCountsRowsReadNotRowsDeleted) {
  Kit kit;
  for (const char* key : {"a", "b", "c", "c"}) kit.put(key);
  CompactionJob job = kit.schedule(5);
  kit.store.compact_index(job);

  const CompactionBatch first = kit.store.compact_batch(kit.backend, job, 3);
  const CompactionBatch second = kit.store.compact_batch(kit.backend, job, 3);

  EXPECT_EQ(first.scanned, 3U);
  EXPECT_EQ(first.deleted, 1U);
  EXPECT_FALSE(first.done);
  EXPECT_EQ(second.scanned, 1U);
  EXPECT_TRUE(second.done);
  EXPECT_EQ(kit.rows(), "2 3 5");
}

TEST(Compaction, EndsWithAnEmptyBatchWhenTheRowsFillTheLast) {
  Kit kit;
  for (const char* key : {"a", "b", "c", "d"}) kit.put(key);
  CompactionJob job = kit.schedule(5);

  EXPECT_FALSE(kit.batch(job, 2));
  EXPECT_FALSE(kit.batch(job, 2));
  EXPECT_TRUE(kit.batch(job, 2));
  EXPECT_TRUE(kit.store.is_compaction_finished(kit.backend));
}

// from: etcd issue 18089
TEST(Compaction, KeepsTheTombstoneAtItsRevisionForAWatchFromThere) {
  struct Row {
    bool quirk;
    const char* rows;
    const char* watch;
  };
  for (const Row& row : {Row{false, "5t 6", "DELETE k@5, PUT k@6"}, Row{true, "6", "PUT k@6"}}) {
    Kit kit(Rules{.compact_drops_tombstone_at_rev = row.quirk});
    for (int i = 0; i < 3; ++i) kit.put("k");
    kit.erase("k");
    kit.put("k");

    kit.compact(5);

    EXPECT_EQ(kit.rows(), row.rows);
    EXPECT_EQ(kit.watch(5), row.watch);
  }
}

TEST(Compaction, TheTombstoneGoesWithTheNextCompaction) {
  Kit kit;
  kit.put("k");
  kit.erase("k");
  kit.put("other");

  kit.compact(3);
  EXPECT_EQ(kit.index_of("k"), "[[3t][]]");
  kit.compact(4);

  EXPECT_EQ(kit.index_of("k"), "none");
  EXPECT_EQ(kit.rows(), "4");
}

// Five keys at 2 to 6, the first deleted at 7, compaction at 7 in batches of `limit` rows, a crash before
// the last batch is durable, restart, resumed to the end.
Kit lost_delete(Rules rules, std::size_t limit) {
  Kit kit(rules);
  for (const char* key : {"k1", "k2", "k3", "k4", "k5"}) kit.put(key);
  kit.erase("k1");
  EXPECT_EQ(kit.watch(7), "DELETE k1@7");
  CompactionJob job = kit.schedule(7);
  kit.finish(std::move(job), limit);  // the last batch does not commit
  kit.crash_and_resume(limit);
  return kit;
}

// from: etcd issue 19179
TEST(Compaction, ResumedAfterACrashStillTellsTheDeletion) {
  Kit kit = lost_delete({}, 5);

  EXPECT_EQ(kit.rows(), "3 4 5 6 7t");
  EXPECT_EQ(kit.watch(7), "DELETE k1@7");
  EXPECT_EQ(kit.store.current_revision(), 7);
  EXPECT_EQ(kit.store.compact_revision(), 7);
}

TEST(Compaction, RuleOfIssue19179LosesTheDeletion) {
  Kit kit = lost_delete(Rules{.restore_ignores_lone_tombstone = true}, 5);

  EXPECT_EQ(kit.rows(), "3 4 5 6");
  EXPECT_EQ(kit.watch(7), "");
}

TEST(Compaction, RuleOfIssue19179HarmsOnlyWhenARowWentInAnEarlierBatch) {
  EXPECT_EQ(lost_delete(Rules{.restore_ignores_lone_tombstone = true}, 6).watch(7), "");
  EXPECT_EQ(lost_delete(Rules{.restore_ignores_lone_tombstone = true}, 7).watch(7), "DELETE k1@7");
}

// from: etcd issue 17780
TEST(Compaction, ACrashDoesNotTurnTheRevisionBack) {
  for (const bool quirk : {false, true}) {
    Kit kit(
        Rules{.compact_drops_tombstone_at_rev = true, .restore_ignores_scheduled_compact = quirk});
    for (const char* key : {"k1", "k2", "k3", "k4"}) kit.put(key);
    kit.erase("k4");
    CompactionJob job = kit.schedule(6);
    EXPECT_FALSE(kit.batch(job, 5));
    EXPECT_EQ(kit.rows(), "2 3 4");

    const Store::Restored restored = kit.crash();

    EXPECT_EQ(kit.store.current_revision(), quirk ? 4 : 6);
    EXPECT_EQ(restored.resume.has_value(), !quirk);
    EXPECT_EQ(restored.warning.empty(), !quirk);
    EXPECT_EQ(kit.put("new"), quirk ? 5 : 7);
  }
}

// a at 2, b at 3, then one transaction deletes from "\0" on and puts both again, at 4.
Kit recreated(Rules rules) {
  Kit kit(rules);
  kit.put("a");
  kit.put("b");
  const rpc::TxnRequest txn =
      txn_of({op(delete_of(from_key(), from_key())), op(put_of("a")), op(put_of("b"))});
  EXPECT_TRUE(validate(txn).has_value());
  kit.txn(txn);
  EXPECT_EQ(kit.rows(), "2 3 4t 4.1t 4.2 4.3");
  EXPECT_EQ(kit.index_of("a"), "[[2, 4t][4.2]]");
  kit.compact(4);
  return kit;
}

// from: etcd issue 22376
TEST(Compaction, KeepsAKeyThatItsRevisionDeletedAndCreatedAgain) {
  Kit kit = recreated({});

  EXPECT_EQ(kit.rows(), "4t 4.1t 4.2 4.3");
  EXPECT_EQ(keys_of(kit.range(range_of("a", from_key()))), (std::vector<std::string>{"a", "b"}));
  EXPECT_TRUE(violations(kit.store, kit.backend).empty());
}

TEST(Compaction, RuleOfIssue22376LosesEveryKey) {
  Kit kit = recreated(Rules{.compact_stops_at_generation_ending_at_rev = true});
  kit.commit();

  EXPECT_EQ(kit.rows(), "4t 4.1t");
  EXPECT_FALSE(violations(kit.store, kit.backend).empty());
  const auto range = kit.store.range(kit.backend, range_of("a"));
  ASSERT_FALSE(range.has_value());
  EXPECT_EQ(range.error().detail, "range failed to find revision pair: 4.2");
  kit.crash_and_resume();
  EXPECT_EQ(kit.range(range_of("a", from_key())).count, 0);
}

TEST(Compaction, RuleBeforeIssue18089KeepsOnlyTheNewKeys) {
  EXPECT_EQ(recreated(Rules{.compact_drops_tombstone_at_rev = true}).rows(), "4.2 4.3");
}

// A history with deletions and transactions in it, the same for one seed.
void write_history(Kit& kit, std::uint64_t seed, std::uint64_t changes) {
  const std::vector<std::string> keys = {"a", "b", "c", "d"};
  for (std::uint64_t i = 0; i < changes; ++i) {
    const std::uint64_t random = draw(seed, Purpose::TestData, 1, i);
    const std::string& key = keys[below(random, keys.size())];
    const std::uint64_t choice = below(mix(random), 10);
    if (choice < 3) {
      kit.erase(key);
    } else if (choice < 4) {
      kit.txn(txn_of({op(delete_of("a", from_key())), op(put_of(key, "again"))}));
    } else {
      kit.put(key, text("{}", i));
    }
  }
}

// What any client could ask: all keys at all revisions, and watches from all of them.
std::vector<std::string> everything(Kit& kit) {
  std::vector<std::string> out;
  for (std::int64_t at = kit.store.compact_revision(); at <= kit.store.current_revision(); ++at) {
    std::string line = text("@{}:", at);
    for (const auto& kv : kit.range(range_of("a", from_key(), std::max<std::int64_t>(at, 1))).kvs) {
      line += text(" {}={} {} {} {}", kv.key.view(), kv.value.view(), kv.create_revision,
                   kv.mod_revision, kv.version);
    }
    out.push_back(line + " | " + kit.watch(at));
  }
  return out;
}

TEST(Compaction, ACrashAtAnyPhaseChangesNothingThatAClientSees) {
  for (std::uint64_t seed = 0; seed < 30; ++seed) {
    const std::size_t limit = 1 + seed % 7;
    Kit before;
    write_history(before, seed, 20);
    const auto at = static_cast<std::int64_t>(
        2 + below(mix(seed), static_cast<std::uint64_t>(before.store.current_revision() - 1)));
    Kit calm = before;
    calm.compact(at, limit);
    const std::vector<std::string> expected = everything(calm);

    for (std::size_t crash_after = 0;; ++crash_after) {
      Kit kit = before;
      CompactionJob job = kit.schedule(at);
      bool done = false;
      for (std::size_t i = 0; i < crash_after && !done; ++i) done = kit.batch(job, limit);
      kit.crash_and_resume(limit);

      SCOPED_TRACE(
          text("seed {}, compaction at {}, crash after {} batches", seed, at, crash_after));
      ASSERT_EQ(everything(kit), expected);
      ASSERT_EQ(kit.rows(), calm.rows());
      ASSERT_EQ(kit.store.hash_kv(kit.backend, 0), calm.store.hash_kv(calm.backend, 0));
      ASSERT_TRUE(violations(kit.store, kit.backend).empty());
      if (done) break;
    }
  }
}

// One key is changed once in a revision, as the rules of transactions want it.
void write_lawful_history(Kit& kit, std::uint64_t seed) {
  for (std::uint64_t i = 0; i < 24; ++i) {
    const std::uint64_t random = draw(seed, Purpose::TestData, 2, i);
    const Bytes key(1, static_cast<char>('a' + below(random, 4)));
    switch (below(mix(random), 6)) {
      case 0:
      case 1: kit.erase(key); break;
      case 2:
        kit.txn(txn_of({op(put_of("e", "1")), op(delete_of("a", "c")), op(put_of("c"))}));
        break;
      default: kit.put(key, text("{}", i));
    }
  }
}

// Where a compaction may be cut off by a crash.
enum class CrashAt {
  BeforeScheduledCommit,
  AfterIndexPass,
  InBatch,
  AfterBatchCommit,
  AfterFinish
};

// Up to the crash; the batches before it are `batches`. False = the job ended before.
bool compact_until(Kit& kit, std::int64_t at, CrashAt crash, std::size_t batches,
                   std::size_t limit) {
  if (crash == CrashAt::BeforeScheduledCommit) {
    return kit.store.schedule_compaction(kit.backend, at).has_value();
  }
  CompactionJob job = kit.schedule(at);
  for (std::size_t i = 0; i < batches; ++i) {
    if (kit.batch(job, limit)) return crash == CrashAt::AfterFinish;
  }
  if (crash == CrashAt::AfterBatchCommit) return true;
  if (!job.index_done) kit.store.compact_index(job);
  if (crash == CrashAt::AfterIndexPass) return batches == 0;
  return crash == CrashAt::InBatch && !kit.store.compact_batch(kit.backend, job, limit).done;
}

std::vector<std::string> index_texts(const Kit& kit) {
  std::vector<std::string> out;
  for (const auto& [key, index] : kit.store.index().keys()) {
    out.push_back(text("{} {}", key.view(), to_text(index)));
  }
  return out;
}

// Watches from every revision that may be asked for get what happened, no more and no less.
void expect_history(const Kit& kit, const Kit& original) {
  const std::int64_t oldest = std::max<std::int64_t>(kit.store.compact_revision(), 2);
  for (std::int64_t from = oldest; from <= kit.store.current_revision(); ++from) {
    ASSERT_EQ(kit.watch(from), original.watch(from)) << "watch from " << from;
  }
}

TEST(Compaction, ACrashAtEachPhaseKeepsIndexAndHistoryForEveryBatchLimit) {
  std::uint64_t crashes = 0;
  for (std::uint64_t seed = 0; seed < 14; ++seed) {
    Kit original;
    write_lawful_history(original, seed);
    original.commit();
    const auto now = static_cast<std::uint64_t>(original.store.current_revision());
    const auto at = static_cast<std::int64_t>(2 + below(mix(seed), now - 1));
    for (std::size_t limit = 1; limit <= 7; ++limit) {
      for (const CrashAt crash :
           {CrashAt::BeforeScheduledCommit, CrashAt::AfterIndexPass, CrashAt::InBatch,
            CrashAt::AfterBatchCommit, CrashAt::AfterFinish}) {
        for (std::size_t batches = 0;; ++batches) {
          SCOPED_TRACE(text("seed {}, compaction at {}, limit {}, crash {} after {} batches", seed,
                            at, limit, static_cast<int>(crash), batches));
          Kit kit = original;
          const bool crashed = compact_until(kit, at, crash, batches, limit);
          if (crashed) {
            ++crashes;
            kit.crash_and_resume(limit);
            Kit fresh = kit;
            fresh.crash();
            ASSERT_EQ(index_texts(kit), index_texts(fresh));
            ASSERT_EQ(kit.store.current_revision(), original.store.current_revision());
            expect_history(kit, original);
            if (testing::Test::HasFatalFailure()) return;
          }
          if (crash == CrashAt::BeforeScheduledCommit || batches > 40 / limit) break;
        }
      }
    }
  }
  EXPECT_GT(crashes, 1000U);
}

TEST(Restore, GivesBackRevisionsAndIndexFromTheRowsAlone) {
  for (std::uint64_t seed = 100; seed < 130; ++seed) {
    Kit kit;
    write_history(kit, seed, 40);
    kit.compact(static_cast<std::int64_t>(2 + below(mix(seed), 20)));
    const std::vector<std::string> live = everything(kit);
    std::vector<std::string> indexes;
    for (const auto& [key, index] : kit.store.index().keys()) indexes.push_back(to_text(index));
    kit.commit();

    kit.crash_and_resume();

    EXPECT_EQ(everything(kit), live);
    std::vector<std::string> restored;
    for (const auto& [key, index] : kit.store.index().keys()) restored.push_back(to_text(index));
    EXPECT_EQ(restored, indexes);
  }
}

TEST(Restore, OfAnEmptyBackendStartsAtRevisionOne) {
  Kit kit;
  kit.crash();

  EXPECT_EQ(kit.store.current_revision(), 1);
  EXPECT_EQ(kit.store.compact_revision(), -1);
}

TEST(Restore, LosesOnlyWhatWasNotCommitted) {
  Kit kit;
  kit.put("a", "1");
  kit.commit();
  kit.put("a", "2");

  kit.crash();

  EXPECT_EQ(kit.store.current_revision(), 2);
  EXPECT_EQ(kit.range(range_of("a")).kvs.at(0).value.view(), "1");
}

TEST(Restore, ListsEveryKeyWithALease) {
  Kit kit;
  kit.leases = {LeaseId(7), LeaseId(8)};
  auto leased = [](BytesView key, std::int64_t lease) {
    rpc::PutRequest put = put_of(key);
    put.lease = LeaseId(lease);
    return put;
  };
  kit.apply(leased("a", 7));
  kit.apply(leased("b", 7));
  kit.apply(leased("c", 8));
  kit.apply(leased("d", 8));
  kit.put("b");               // detaches
  kit.erase("c");             // as well
  kit.apply(leased("a", 8));  // moves
  kit.commit();

  const Store::Restored restored = kit.crash();

  ASSERT_EQ(restored.leases.size(), 2U);
  EXPECT_EQ(restored.leases[0], (std::pair<Blob, LeaseId>(Blob("a"), LeaseId(8))));
  EXPECT_EQ(restored.leases[1], (std::pair<Blob, LeaseId>(Blob("d"), LeaseId(8))));
}

TEST(Restore, NamesTheRowThatCannotBeRead) {
  Kit kit;
  kit.put("a");
  kit.backend.put(backend::Bucket::Key, BucketKeyBytes({3, 0}), Blob("\xff\xff"));
  kit.commit();

  const auto restored = kit.store.restore(kit.backend);

  ASSERT_FALSE(restored.has_value());
  EXPECT_EQ(restored.error().code, Errc::Corrupt);
  EXPECT_EQ(restored.error().detail.find("bucket key, row 00000000000000035f0000000000000000: "),
            0U);
}

}  // namespace
}  // namespace orrery::mvcc
