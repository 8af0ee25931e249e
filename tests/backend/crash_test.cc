#include "tests/backend/helpers.h"

namespace orrery::backend {
namespace {

using testing::IsEmpty;

// A backend with some history, its file, and a further commit about to be written.
struct Setting {
  Backend backend;
  File file;
  Model before;
  Model after;
  CommitPlan plan;

  Setting() {
    for (std::uint64_t i = 0; i < 600; ++i) {
      backend.put(Bucket::Key, revision_key(i), Blob("before"));
      if (i % 200 == 199) commit(backend, file);
    }
    before = rows_of(backend, View::Read, Bucket::Key);
    for (std::uint64_t i = 0; i < 600; i += 7) {
      backend.put(Bucket::Key, revision_key(i), Blob("after"));
      backend.erase(Bucket::Key, revision_key(i + 1));
    }
    after = rows_of(backend, View::Batch, Bucket::Key);
    plan = backend.begin_commit();
  }
};

Model opened_rows(const Sequence<Blob>& blocks) {
  const Result<Backend> opened = Backend::open(blocks);
  EXPECT_TRUE(opened) << opened.error().detail;
  return opened ? rows_of(*opened, View::Read, Bucket::Key) : Model{};
}

TEST(Crash, AnySubsetOfDataPagesWithoutTheMetaIsTheOldState) {
  const Setting start;
  ASSERT_GT(start.plan.data.size(), 5U);
  Draws draws(1);
  for (int round = 0; round < 40; ++round) {
    File file = start.file;
    for (const PageWrite& page : start.plan.data) {
      if (draws.below(2) == 0) file.write(page);
    }
    EXPECT_EQ(opened_rows(file.blocks), start.before);
  }
}

TEST(Crash, TornDataPagesWithoutTheMetaAreTheOldState) {
  const Setting start;
  Draws draws(2);
  for (int round = 0; round < 40; ++round) {
    File file = start.file;
    for (PageWrite page : start.plan.data) {
      Bytes torn(page.bytes.view());
      const std::size_t cut = draws.below(9) * 512;
      torn.replace(cut, torn.size() - cut, kPageSize - cut, '\xEE');
      page.bytes = Blob(torn);
      file.write(page);
    }
    EXPECT_EQ(opened_rows(file.blocks), start.before);
  }
}

TEST(Crash, WithTheMetaTheNewStateStands) {
  Setting start;
  start.file.write_data(start.plan);
  EXPECT_EQ(opened_rows(start.file.blocks), start.before);
  start.file.write(start.plan.meta);
  EXPECT_EQ(opened_rows(start.file.blocks), start.after);
}

TEST(Crash, ATornMetaFallsBackToTheOther) {
  const Setting start;
  for (std::size_t cut = 0; cut < kPageHeaderSize + kMetaSize; ++cut) {
    File file = start.file;
    file.write_data(start.plan);
    PageWrite meta = start.plan.meta;
    const BytesView old = start.file.blocks[meta.page.value()].view();
    meta.bytes = Blob(Bytes(meta.bytes.view().substr(0, cut)) + Bytes(old.substr(cut)));
    file.write(meta);
    const Model rows = opened_rows(file.blocks);
    EXPECT_TRUE(rows == start.before || rows == start.after) << cut;
    // Up to the txid the old and the new meta page are the same or do not fit their checksum.
    if (cut <= kPageHeaderSize + 16) {
      EXPECT_EQ(rows, start.before) << cut;
    }
  }
}

TEST(Crash, AMetaPageWithoutItsDataIsRefusedOrFound) {
  const Setting start;
  File file = start.file;
  file.write(start.plan.meta);

  const Result<Backend> opened = Backend::open(file.blocks);

  // The pages it points to hold an older state's rows or none at all.
  if (opened) {
    EXPECT_NE(rows_of(*opened, View::Read, Bucket::Key), start.after);
  } else {
    EXPECT_THAT(opened.error().detail, testing::HasSubstr("page"));
  }
}

}  // namespace
}  // namespace orrery::backend
