#include "backend/backend.h"

#include "base/crc32c.h"
#include "tests/backend/helpers.h"

namespace orrery::backend {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

static_assert(std::regular<Backend>);
static_assert(std::regular<CommitPlan>);
static_assert(std::regular<ReadTx>);

std::vector<std::string> keys(const Backend& backend, View view, Bucket bucket,
                              BytesView begin = {}, BytesView end = {}, std::size_t limit = 0) {
  std::vector<std::string> out;
  backend.range(view, bucket, begin, end, limit,
                [&](BytesView key, BytesView) { out.emplace_back(key); });
  return out;
}

TEST(Backend, BatchSeesAPutAtOnceAndReadersAfterEndTx) {
  Backend backend;
  backend.put(Bucket::Lease, "a", Blob("1"));

  EXPECT_EQ(backend.get(View::Batch, Bucket::Lease, "a"), Blob("1"));
  EXPECT_EQ(backend.get(View::Read, Bucket::Lease, "a"), std::nullopt);

  backend.end_tx();
  EXPECT_EQ(backend.get(View::Read, Bucket::Lease, "a"), Blob("1"));
  EXPECT_EQ(backend.get(View::Read, Bucket::Alarm, "a"), std::nullopt);
}

TEST(Backend, AnErasedRowStaysReadableUntilTheCommit) {
  Backend backend;
  File file;
  backend.put(Bucket::Lease, "committed", Blob("1"));
  commit(backend, file);
  backend.put(Bucket::Lease, "published", Blob("2"));
  backend.end_tx();

  backend.erase(Bucket::Lease, "committed");
  backend.erase(Bucket::Lease, "published");
  backend.end_tx();

  EXPECT_EQ(backend.pending_erases(), 2U);
  EXPECT_THAT(keys(backend, View::Batch, Bucket::Lease), IsEmpty());
  EXPECT_THAT(keys(backend, View::Read, Bucket::Lease), ElementsAre("committed", "published"));
  commit(backend, file);
  EXPECT_THAT(keys(backend, View::Read, Bucket::Lease), IsEmpty());
  EXPECT_EQ(backend.pending_erases(), 0U);
}

TEST(Backend, RangeMergesTreeAndBuffersInOrder) {
  Backend backend;
  File file;
  for (const char* key : {"b", "d", "f"}) backend.put(Bucket::Key, key, Blob("old"));
  commit(backend, file);
  for (const char* key : {"a", "d", "e"}) backend.put(Bucket::Key, key, Blob("new"));
  backend.erase(Bucket::Key, "f");

  EXPECT_THAT(keys(backend, View::Batch, Bucket::Key), ElementsAre("a", "b", "d", "e"));
  EXPECT_THAT(keys(backend, View::Batch, Bucket::Key, "b", "e"), ElementsAre("b", "d"));
  EXPECT_THAT(keys(backend, View::Batch, Bucket::Key, "aa", {}, 2), ElementsAre("b", "d"));
  EXPECT_THAT(keys(backend, View::Read, Bucket::Key), ElementsAre("b", "d", "f"));
  EXPECT_EQ(backend.get(View::Batch, Bucket::Key, "d"), Blob("new"));
}

TEST(Backend, AVisitorStopsTheRange) {
  Backend backend;
  for (const char* key : {"a", "b", "c"}) backend.put(Bucket::Key, key, Blob("1"));

  std::string last;
  const std::size_t seen =
      backend.range(View::Batch, Bucket::Key, {}, {}, 0, [&](BytesView key, BytesView) {
        last = key;
        return key != "b";
      });

  EXPECT_EQ(seen, 2U);
  EXPECT_EQ(last, "b");
}

TEST(Backend, CommitIsDueAtTenThousandOperations) {
  Backend backend;
  File file;
  commit(backend, file);
  for (std::uint64_t i = 0; i < kBatchLimit - 1; ++i) {
    backend.put(Bucket::Key, revision_key(i), Blob("v"));
  }
  EXPECT_FALSE(backend.commit_is_due());
  backend.erase(Bucket::Key, revision_key(0));
  EXPECT_TRUE(backend.commit_is_due());
  commit(backend, file);
  EXPECT_EQ(backend.pending(), 0U);
}

TEST(Backend, ReadsGoOnDuringACommit) {
  Backend backend;
  File file;
  backend.put(Bucket::Key, "a", Blob("old"));
  backend.end_tx();
  commit(backend, file);
  backend.put(Bucket::Key, "a", Blob("new"));
  backend.put(Bucket::Key, "b", Blob("new"));
  backend.end_tx();

  const CommitPlan plan = backend.begin_commit();
  EXPECT_TRUE(backend.is_committing());
  EXPECT_EQ(backend.get(View::Read, Bucket::Key, "a"), Blob("new"));
  EXPECT_EQ(find_row(backend.committed(), *backend.committed().root_of(Bucket::Key), "a"), "old");
  EXPECT_THROW(backend.put(Bucket::Key, "c", Blob("1")), ContractViolation);

  backend.finish_commit();
  EXPECT_EQ(backend.committed().meta.txid, plan.txid);
  EXPECT_EQ(find_row(backend.committed(), *backend.committed().root_of(Bucket::Key), "a"), "new");
  EXPECT_EQ(backend.get(View::Read, Bucket::Key, "b"), Blob("new"));
}

TEST(Backend, AReadTransactionKeepsItsStateAndItsPages) {
  Backend backend;
  File file;
  for (std::uint64_t i = 0; i < 500; ++i) backend.put(Bucket::Key, revision_key(i), Blob("old"));
  commit(backend, file);
  backend.put(Bucket::Key, "z", Blob("buffered"));
  backend.end_tx();
  const ReadTx read = backend.begin_read();
  const Bytes before = bytes_of(read.snapshot());

  for (int round = 0; round < 5; ++round) {
    for (std::uint64_t i = 0; i < 500; ++i) backend.put(Bucket::Key, revision_key(i), Blob("new"));
    commit(backend, file);
  }

  EXPECT_EQ(read.get(Bucket::Key, revision_key(3)), Blob("old"));
  EXPECT_EQ(read.get(Bucket::Key, "z"), Blob("buffered"));
  EXPECT_EQ(bytes_of(read.snapshot()), before);
  EXPECT_GT(backend.free_list().pending_count(), 0U);
  // What the reader's state uses still stands in the file.
  for (const PageInfo& page : inspect(read.file().pages).pages) {
    if (page.kind != PageKind::Leaf && page.kind != PageKind::Branch) continue;
    EXPECT_EQ(file.blocks[page.id.value()], read.file().pages[page.id.value()]);
  }

  const std::uint64_t grown = backend.size();
  backend.end_read(read);
  backend.put(Bucket::Meta, "m", Blob("1"));
  commit(backend, file);
  EXPECT_EQ(backend.free_list().pending_count(), 0U);
  EXPECT_LE(backend.size(), grown + kPageSize);
  EXPECT_EQ(backend.open_reads(), 0U);
}

TEST(Backend, ASnapshotOpensAsTheSameState) {
  Backend backend;
  File file;
  for (std::uint64_t i = 0; i < 300; ++i) {
    backend.put(Bucket::Key, revision_key(i), Blob(std::string(50, 'v')));
  }
  commit(backend, file);
  commit(backend, file);
  const ReadTx read = backend.begin_read();

  const Sequence<Blob> snapshot = read.snapshot();
  const Result<Backend> opened = Backend::open(snapshot);

  ASSERT_TRUE(opened) << opened.error().detail;
  EXPECT_EQ(snapshot.size() * kPageSize, backend.size());
  EXPECT_THAT(check_file(snapshot), IsEmpty());
  EXPECT_EQ(opened->hash(true), backend.hash(true));
  EXPECT_EQ(rows_of(*opened, View::Read, Bucket::Key), rows_of(backend, View::Read, Bucket::Key));
}

// from: facts on etcd 3.4.23: a fresh node's file has 20480 bytes, 16384 of them in use.
TEST(Backend, CountsSizesAsEtcdDoes) {
  Backend backend;
  File file;
  EXPECT_EQ(backend.pending(), 10U);
  commit(backend, file);
  EXPECT_EQ(backend.size(), 20480U);
  EXPECT_EQ(backend.size_in_use(), 20480U);

  backend.put(Bucket::Meta, "consistent_index", Blob("12345678"));
  commit(backend, file);
  EXPECT_EQ(backend.size(), 20480U);
  EXPECT_EQ(backend.size_in_use(), 16384U);
}

TEST(Backend, HashCoversBucketNamesKeysAndValues) {
  Backend backend;
  File file;
  backend.put(Bucket::Meta, "consistent_index", Blob("12345678"));
  backend.put(Bucket::Meta, "other", Blob("x"));
  backend.put(Bucket::Key, "k", Blob("v"));
  commit(backend, file);

  const std::uint32_t all =
      crc32c(0,
             "alarmauthauthRolesauthUsersclusterkeykvleasemembersmembers_removedmeta"
             "consistent_index12345678otherx");
  const std::uint32_t without_index =
      crc32c(0, "alarmauthauthRolesauthUsersclusterkeykvleasemembersmembers_removedmetaotherx");

  EXPECT_EQ(backend.hash(true), all);
  EXPECT_EQ(backend.hash(false), without_index);
}

TEST(Backend, EqualHistoriesGiveEqualValuesAndDigests) {
  const auto run = [] {
    Backend backend;
    File file;
    for (std::uint64_t i = 0; i < 100; ++i) {
      backend.put(Bucket::Key, revision_key(i), Blob("value"));
      backend.end_tx();
      if (i % 30 == 29) commit(backend, file);
    }
    return backend;
  };
  const Backend first = run();
  Backend second = run();
  EXPECT_EQ(first, second);
  EXPECT_EQ(digest_of(first), digest_of(second));

  const Backend copy = second;
  second.put(Bucket::Key, revision_key(5), Blob("changed"));
  EXPECT_EQ(copy, first);
  EXPECT_NE(second, first);
  EXPECT_NE(digest_of(second), digest_of(first));
}

TEST(Backend, ACommitOfNothingWritesOnlyTheMetaPage) {
  Backend backend;
  File file;
  commit(backend, file);

  const CommitPlan plan = commit(backend, file);

  EXPECT_EQ(plan.data.size(), 0U);
  EXPECT_EQ(plan.txid, 3U);
  EXPECT_EQ(plan.meta.page, PageId(1));
  EXPECT_THAT(backend.violations(), IsEmpty());
}

}  // namespace
}  // namespace orrery::backend
