#include "tests/backend/helpers.h"

namespace orrery::backend {
namespace {

using testing::IsEmpty;

std::vector<PageInfo> pages_of(const Backend& backend, std::string_view bucket) {
  std::vector<PageInfo> out;
  for (const PageInfo& page : backend.page_map()) {
    if (page.bucket == bucket && page.kind != PageKind::Overflow) out.push_back(page);
  }
  return out;
}

std::uint32_t depth_of(const Backend& backend, std::string_view bucket) {
  std::uint32_t out = 0;
  for (const PageInfo& page : pages_of(backend, bucket)) out = std::max(out, page.depth);
  return out;
}

TEST(Tree, ABucketLivesInItsParentsRowUpToAQuarterPage) {
  Backend backend;
  File file;
  // Header 16, element 16, key 1, value: together 1024.
  backend.put(Bucket::Lease, "k", Blob(std::string(991, 'v')));
  commit(backend, file);
  EXPECT_EQ(backend.committed().root_of(Bucket::Lease)->root, PageId{});
  EXPECT_THAT(pages_of(backend, "lease"), IsEmpty());

  backend.put(Bucket::Lease, "k", Blob(std::string(992, 'v')));
  commit(backend, file);
  EXPECT_NE(backend.committed().root_of(Bucket::Lease)->root, PageId{});
  EXPECT_EQ(pages_of(backend, "lease").size(), 1U);

  backend.put(Bucket::Lease, "k", Blob("short"));
  commit(backend, file);
  EXPECT_EQ(backend.committed().root_of(Bucket::Lease)->root, PageId{});
  EXPECT_EQ(backend.get(View::Read, Bucket::Lease, "k"), Blob("short"));
  EXPECT_THAT(backend.violations(), IsEmpty());
}

TEST(Tree, TheRootBucketItselfMaySplit) {
  Backend backend;
  File file;
  for (const Bucket bucket : kBuckets) backend.put(bucket, "k", Blob(std::string(980, 'v')));
  commit(backend, file);

  EXPECT_EQ(depth_of(backend, ""), 1U);
  EXPECT_THAT(backend.violations(), IsEmpty());
  const Result<Backend> opened = Backend::open(file.blocks);
  ASSERT_TRUE(opened) << opened.error().detail;
  for (const Bucket bucket : kBuckets) {
    EXPECT_EQ(opened->get(View::Read, bucket, "k"), Blob(std::string(980, 'v')));
  }

  for (const Bucket bucket : kBuckets) backend.erase(bucket, "k");
  commit(backend, file);
  // Shorter values alone merge no pages, in bbolt neither.
  EXPECT_EQ(depth_of(backend, ""), 1U);
  EXPECT_THAT(backend.violations(), IsEmpty());
}

TEST(Tree, ALargeValueTakesContiguousPages) {
  Backend backend;
  File file;
  commit(backend, file);
  const std::string value(1'000'000, 'v');
  backend.put(Bucket::Key, "big", Blob(value));
  commit(backend, file);

  const std::vector<PageInfo> pages = pages_of(backend, "key");
  ASSERT_EQ(pages.size(), 1U);
  EXPECT_EQ(pages[0].overflow, 244U);  // 1,000,035 bytes in 245 pages
  EXPECT_EQ(backend.get(View::Read, Bucket::Key, "big"), Blob(value));
  const Result<Backend> opened = Backend::open(file.blocks);
  ASSERT_TRUE(opened) << opened.error().detail;
  EXPECT_EQ(opened->get(View::Read, Bucket::Key, "big"), Blob(value));
}

// etcd 3.4.23 after three 1 MB puts to one key: 1473 pages, 244 of them free; its other rows shift both a bit.
TEST(Tree, FreedRunsAreReusedOnlyWhereTheyAreLongEnough) {
  Backend backend;
  File file;
  commit(backend, file);
  for (std::uint64_t i = 0; i < 3; ++i) {
    backend.put(Bucket::Key, revision_key(i + 2), Blob(std::string(1'000'000, 'v')));
    commit(backend, file);
  }

  // Leaves of one, two and three rows took 245, 489 and 733 pages one after the other. The first run
  // is free by now, the second still pending when the third commit ended; etcd counts it as in use.
  EXPECT_EQ(backend.size() / kPageSize, 1472U);
  EXPECT_EQ((backend.size() - backend.size_in_use()) / kPageSize, 246U);
  EXPECT_THAT(backend.violations(), IsEmpty());
}

TEST(Tree, SequentialPutsFillPagesToNineTenths) {
  Backend backend;
  File file;
  for (std::uint64_t i = 0; i < 20'000; ++i) {
    backend.put(Bucket::Key, revision_key(i), Blob(std::string(31, 'v')));
    backend.put(Bucket::Lease, revision_key(i), Blob(std::string(31, 'v')));
  }
  commit(backend, file);

  // 64 bytes a row: 57 rows in 3686 bytes, 31 in 2048.
  EXPECT_EQ(pages_of(backend, "key")[0].count, 57U);
  EXPECT_EQ(pages_of(backend, "lease")[0].count, 31U);
  EXPECT_EQ(depth_of(backend, "key"), 2U);
  EXPECT_THAT(backend.violations(), IsEmpty());
}

TEST(Tree, LongKeysMakeDeepTrees) {
  Backend backend;
  File file;
  for (std::uint64_t i = 0; i < 400; ++i) {
    backend.put(Bucket::Key, revision_key(i) + std::string(3000, 'k'), Blob("v"));
  }
  commit(backend, file);

  EXPECT_GE(depth_of(backend, "key"), 5U);
  EXPECT_THAT(backend.violations(), IsEmpty());
  EXPECT_EQ(rows_of(backend, View::Read, Bucket::Key).size(), 400U);
  for (std::uint64_t i = 0; i < 400; ++i) {
    EXPECT_TRUE(backend.find(View::Read, Bucket::Key, revision_key(i) + std::string(3000, 'k')));
  }

  for (std::uint64_t i = 0; i < 399; ++i) {
    backend.erase(Bucket::Key, revision_key(i) + std::string(3000, 'k'));
  }
  commit(backend, file);
  EXPECT_EQ(depth_of(backend, "key"), 0U);
  EXPECT_THAT(backend.violations(), IsEmpty());
}

TEST(Tree, ErasingMergesPagesAndFreesThem) {
  Backend backend;
  File file;
  for (std::uint64_t i = 0; i < 5'000; ++i) {
    backend.put(Bucket::Key, revision_key(i), Blob(std::string(31, 'v')));
  }
  commit(backend, file);
  const std::size_t before = pages_of(backend, "key").size();

  for (std::uint64_t i = 0; i < 5'000; ++i) {
    if (i % 10 != 0) backend.erase(Bucket::Key, revision_key(i));
  }
  commit(backend, file);

  EXPECT_LT(pages_of(backend, "key").size(), before / 2);
  commit(backend, file);  // in use counts what was pending as a commit ended
  EXPECT_LT(backend.size_in_use(), backend.size());
  EXPECT_THAT(backend.violations(), IsEmpty());

  for (std::uint64_t i = 0; i < 5'000; i += 10) backend.erase(Bucket::Key, revision_key(i));
  commit(backend, file);
  EXPECT_EQ(backend.committed().root_of(Bucket::Key)->root, PageId{});
  EXPECT_THAT(rows_of(backend, View::Read, Bucket::Key), IsEmpty());
}

TEST(Tree, SmallerKeysThanAllOthersGoToTheFirstPage) {
  Backend backend;
  File file;
  for (std::uint64_t i = 10'000; i > 0; --i) {
    backend.put(Bucket::Key, revision_key(i), Blob("value"));
    if (i % 500 == 1) commit(backend, file);
  }
  EXPECT_THAT(backend.violations(), IsEmpty());
  EXPECT_EQ(rows_of(backend, View::Read, Bucket::Key).size(), 10'000U);
}

}  // namespace
}  // namespace orrery::backend
