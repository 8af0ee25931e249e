// Logs and databases of our own making, dumped, checked and compared; damage is named, never fatal.
#include "datadir/dump.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "backend/backend.h"
#include "base/text.h"
#include "datadir/identity.h"
#include "datadir/restore.h"
#include "datadir/snapshot_file.h"
#include "mvcc/store.h"

namespace orrery::datadir {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

std::vector<std::string> lines_of(const std::function<void(const Sink&)>& dump) {
  std::vector<std::string> out;
  dump([&](const Tree& tree) { out.push_back(to_text(tree)); });
  return out;
}

Bytes file_of(const backend::Backend& backend) {
  Bytes out;
  for (const Blob& block : backend.blocks()) {
    out.append(block.view());
    out.append(backend::kPageSize - block.size(), '\0');
  }
  return out;
}

void commit(backend::Backend& backend) {
  backend.end_tx();
  (void)backend.begin_commit();
  backend.finish_commit();
}

// A store with a few changes, and its file.
Bytes some_db(int puts = 3) {
  backend::Backend backend;
  mvcc::Store store;
  for (int i = 0; i < puts; ++i) {
    rpc::PutRequest put;
    put.key = Blob(text("k{}", i % 2));
    put.value = Blob(text("v{}", i));
    (void)store.apply(backend, put, [](LeaseId) { return false; });
  }
  backend.put(backend::Bucket::Meta, "consistent_index", Blob(BytesView("\0\0\0\0\0\0\0\x09", 8)));
  commit(backend);
  return file_of(backend);
}

TEST(DumpDb, ShowsEachBucketAndRow) {
  const auto lines =
      lines_of([](const Sink& sink) { EXPECT_TRUE(dump_db(blocks_of(some_db()), sink)); });

  EXPECT_THAT(lines, testing::Contains("bucket name=alarm root=0 inline=true sequence=0"));
  EXPECT_THAT(lines, testing::Contains("meta name=consistent_index value=9"));
  EXPECT_THAT(lines, testing::Contains("key revision=4.0 key=\"k0\" create_revision=2 "
                                       "mod_revision=4 version=2 value=\"v2\""));
}

TEST(DiffDb, NamesTheRowsThatDiffer) {
  const Bytes a = some_db(2);
  const Bytes b = some_db(3);
  bool equal = true;

  const auto lines =
      lines_of([&](const Sink& sink) { equal = *diff_db(blocks_of(a), blocks_of(b), sink); });

  EXPECT_FALSE(equal);
  EXPECT_THAT(lines, ElementsAre("only_b bucket=key revision=4.0 key=\"k0\" create_revision=2 "
                                 "mod_revision=4 version=2 value=\"v2\""));
  EXPECT_TRUE(*diff_db(blocks_of(a), blocks_of(a), [](const Tree&) {}));
}

TEST(DiffDb, ShowsARowOfTwoValuesFromBothSides) {
  const auto db_with = [](BytesView index) {
    backend::Backend backend;
    backend.put(backend::Bucket::Meta, "consistent_index", Blob(index));
    commit(backend);
    return file_of(backend);
  };
  const Bytes a = db_with(BytesView("\0\0\0\0\0\0\0\x09", 8));
  const Bytes b = db_with(BytesView("\0\0\0\0\0\0\0\x0a", 8));
  bool equal = true;

  const auto lines =
      lines_of([&](const Sink& sink) { equal = *diff_db(blocks_of(a), blocks_of(b), sink); });

  EXPECT_FALSE(equal);
  EXPECT_THAT(lines, ElementsAre("differs_a bucket=meta name=consistent_index value=9",
                                 "differs_b bucket=meta name=consistent_index value=10"));
}

TEST(CheckDb, SaysHashKvAndWhatTheFileHolds) {
  bool sound = false;
  const auto lines = lines_of(
      [&](const Sink& sink) { sound = *check_db(blocks_of(some_db()), {.hash_kv = 3}, sink); });

  EXPECT_TRUE(sound);
  ASSERT_EQ(lines.size(), 2U);
  EXPECT_THAT(lines[0], HasSubstr("faults=0"));
  EXPECT_THAT(lines[1], HasSubstr("revision=3 compact_revision=-1 current_revision=4"));
}

TEST(CheckDb, ListsFaultsAndRefusesRevisionsThatAreNotThere) {
  Bytes broken = some_db();
  for (std::size_t at = 3 * backend::kPageSize; at < broken.size(); at += 64) broken[at] = '\x7f';

  EXPECT_FALSE(*check_db(blocks_of(broken), {}, [](const Tree&) {}));
  const auto future = check_db(blocks_of(some_db()), {.hash_kv = 99}, [](const Tree&) {});
  ASSERT_FALSE(future);
  EXPECT_EQ(future.error().code, Errc::FutureRev);
}

TEST(DumpDb, EveryFlippedByteIsReadOrRefused) {
  const Bytes good = some_db();
  for (std::size_t at = 0; at < good.size(); at += 3) {
    Bytes bad = good;
    bad[at] = static_cast<char>(bad[at] ^ 0x41);
    (void)dump_db(blocks_of(bad), [](const Tree& tree) { (void)to_json(tree); });
    (void)snapshot_status(bad);
  }
}

TEST(Snapshots, AreSavedWithTheirHashAndReadBack) {
  const Bytes db = some_db();

  const auto saved = save_snapshot(blocks_of(db));
  ASSERT_TRUE(saved) << saved.error().detail;
  const auto status = snapshot_status(*saved);

  ASSERT_TRUE(status) << status.error().detail;
  EXPECT_EQ(saved->size() % 512, 32U);
  EXPECT_EQ(status->revision, 4);
  EXPECT_EQ(status->total_keys, 4U);
  EXPECT_EQ(status->total_bytes, db.size());
  EXPECT_EQ(status->hash, snapshot_status(db)->hash);
}

TEST(Snapshots, AWrongHashAndAMissingOneAreRefused) {
  Bytes saved = *save_snapshot(blocks_of(some_db()));
  EXPECT_THAT(checked_db(BytesView(saved).substr(0, saved.size() - 32), true).error().detail,
              HasSubstr("--skip-hash-check"));
  saved[100] = static_cast<char>(saved[100] ^ 1);

  EXPECT_THAT(snapshot_status(saved).error().detail, HasSubstr("SHA-256"));
}

}  // namespace
}  // namespace orrery::datadir
