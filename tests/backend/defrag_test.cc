#include "backend/defrag.h"

#include "tests/backend/helpers.h"

namespace orrery::backend {
namespace {

using testing::IsEmpty;

static_assert(std::regular<Defrag>);

TEST(Defrag, CopiesInChunksIntoASmallerFileWithTheSameRows) {
  Backend backend;
  File file;
  for (std::uint64_t i = 0; i < 3'000; ++i) {
    backend.put(Bucket::Key, revision_key(i), Blob(std::string(100, 'v')));
    backend.put(Bucket::Lease, revision_key(i), Blob("lease"));
  }
  commit(backend, file);
  for (std::uint64_t i = 0; i < 3'000; ++i) {
    if (i % 3 != 0) backend.erase(Bucket::Key, revision_key(i));
  }
  commit(backend, file);

  Result<Defrag> defrag = Defrag::begin(backend);
  ASSERT_TRUE(defrag);
  File target;
  int chunks = 0;
  while (!defrag->done()) {
    defrag->copy_chunk(backend, 700);
    commit(defrag->target(), target);
    ++chunks;
  }
  const std::uint64_t size_before = backend.size();
  const std::uint32_t hash_before = backend.hash(true);
  const Model rows = rows_of(backend, View::Read, Bucket::Key);
  backend = defrag->take_target();

  EXPECT_EQ(chunks, 6);  // 1,000 + 3,000 rows
  EXPECT_LT(backend.size(), size_before);
  EXPECT_EQ(backend.hash(true), hash_before);
  EXPECT_EQ(rows_of(backend, View::Read, Bucket::Key), rows);
  EXPECT_THAT(check_file(target.blocks), IsEmpty());
  const Result<Backend> opened = Backend::open(target.blocks);
  ASSERT_TRUE(opened) << opened.error().detail;
  EXPECT_EQ(opened->hash(true), hash_before);
  EXPECT_EQ(opened->size(), backend.size());
}

// from: facts on etcd 3.4.23: three 1 MB revisions, 3,031,040 bytes after defragmentation
TEST(Defrag, LeavesNoRoomBetweenLargeRows) {
  Backend backend;
  File file;
  for (std::uint64_t i = 0; i < 3; ++i) {
    backend.put(Bucket::Key, revision_key(i + 2), Blob(std::string(1'000'000, 'v')));
    commit(backend, file);
  }
  Result<Defrag> defrag = Defrag::begin(backend);
  ASSERT_TRUE(defrag);
  defrag->copy_chunk(backend);
  File target;
  commit(defrag->target(), target);
  ASSERT_TRUE(defrag->done());

  EXPECT_LT(defrag->take_target().size(), 3'040'000U);
}

TEST(Defrag, AnEmptyStoreStaysEmpty) {
  Backend backend;
  File file;
  commit(backend, file);
  Result<Defrag> defrag = Defrag::begin(backend);
  ASSERT_TRUE(defrag);
  defrag->copy_chunk(backend);
  File target;
  commit(defrag->target(), target);

  EXPECT_TRUE(defrag->done());
  EXPECT_EQ(defrag->take_target().hash(true), backend.hash(true));
}

}  // namespace
}  // namespace orrery::backend
