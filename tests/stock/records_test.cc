// Shows: every record of a stock etcd's data directory passes our codecs unchanged.
#include "datadir/records.h"

#include <set>

#include <gtest/gtest.h>

#include "backend/inspect.h"
#include "base/text.h"
#include "datadir/dump.h"
#include "datadir/rows.h"
#include "host/data_dir.h"
#include "host/files.h"
#include "tests/stock/stock.h"
#include "wal/record.h"
#include "wal/snap.h"
#include "wal/wal.h"

namespace orrery::stock {
namespace {

class Records : public BesideStock {};

// What one stock member wrote with everything it can do switched on.
disk::Disk rich_directory(const Scratch& scratch) {
  Stock stock({.name = "n1",
               .data_dir = scratch / "rich",
               .peer_url = "",
               .more = {"--snapshot-count=50"}});
  EXPECT_TRUE(stock.healthy()) << stock.log();
  (void)stock.etcdctl("lease grant 600");
  (void)stock.etcdctl("role add reader");
  (void)stock.etcdctl("role grant-permission reader read a z");
  (void)stock.etcdctl("user add alice:secret");
  (void)stock.etcdctl("user grant-role alice reader");
  (void)stock.etcdctl("txn", "version(\"a\") > \"0\"\n\nput a 1\n\nput b 2\ndel a\n\n");
  (void)stock.etcdctl("alarm disarm");
  (void)stock.etcdctl("member add later --peer-urls=http://127.0.0.1:1 --learner");
  put_under_load(stock, 3);
  (void)stock.etcdctl("user add root:secret");
  (void)stock.etcdctl("auth enable");
  stock.kill_hard();
  auto disk = host::read_data_dir(scratch / "rich");
  EXPECT_TRUE(disk);
  return disk ? std::move(*disk) : disk::Disk();
}

void expect_records_pass(const disk::Disk& disk, std::set<std::string>& kinds, int& records) {
  std::uint32_t chain = 0;
  for (const std::string& name : disk.list("member/wal")) {
    if (!wal::parse_segment_name(name)) continue;
    const std::string path = "member/wal/" + name;
    const Bytes stored = *disk.read(path, 0, *disk.stored_size(path));
    const wal::Segment segment =
        wal::decode_segment({.stored = stored, .file_size = *disk.size(path), .chain = chain});
    std::uint32_t again_chain = chain;
    for (const wal::Located& at : segment.records) {
      const auto again = datadir::re_encode(at.record);
      ASSERT_TRUE(again) << path << " at " << at.offset;
      ASSERT_EQ(hex(*again), hex(at.record.data.view())) << path << " at " << at.offset;
      Bytes frame;
      wal::append_record(frame, again_chain, at.record.type, *again);
      ASSERT_EQ(frame, BytesView(stored).substr(at.offset, at.size)) << path << " at " << at.offset;
      for (const auto& child : datadir::describe(at.record).children) {
        if (child.name == "v2_request" || child.name == "conf_change") kinds.insert(child.name);
        for (const auto& part : child.children) {
          if (child.name == "request" && part.name != "header") kinds.insert(part.name);
        }
        EXPECT_NE(child.name, "error") << path << " at " << at.offset;
      }
      ++records;
    }
    chain = segment.chain;
  }
}

TEST_F(Records, EveryRecordOfAStockLogSnapshotAndStoreIsEncodedToTheSameBytes) {
  const Scratch scratch("records");
  const disk::Disk disk = rich_directory(scratch);
  std::set<std::string> kinds;
  int records = 0;
  expect_records_pass(disk, kinds, records);
  EXPECT_GT(records, 100);
  EXPECT_GE(kinds.size(), 10U);

  int snaps = 0;
  for (const std::string& name : disk.list("member/snap")) {
    if (!name.ends_with(".snap")) continue;
    const Bytes file = *disk.read_all("member/snap/" + name);
    const auto snapshot = wal::decode_snap(file);
    ASSERT_TRUE(snapshot) << name;
    EXPECT_EQ(wal::encode_snap(*snapshot), file) << name;
    ++snaps;
  }
  EXPECT_GT(snaps, 0);

  const auto db = backend::inspect(datadir::blocks_of(*disk.read_all("member/snap/db")));
  EXPECT_TRUE(db.faults.empty());
  int rows = 0;
  const auto root = backend::root_bucket(db.file.meta);
  for (auto at = backend::TreeCursor::seek(db.file, root, ""); at.valid(); at.next()) {
    const auto bucket = backend::decode_bucket_root(at.value());
    for (auto row = backend::TreeCursor::seek(db.file, bucket, ""); row.valid(); row.next()) {
      const auto again = datadir::re_encode_row(at.key(), row.key(), row.value());
      ASSERT_TRUE(again);
      EXPECT_EQ(*again, Bytes(row.key()) + Bytes(row.value()));
      EXPECT_EQ(datadir::describe_row(at.key(), row.key(), row.value()).find("error"), nullptr);
      ++rows;
    }
  }
  EXPECT_GT(rows, 50);
  RecordProperty("records", records);
  RecordProperty("rows", rows);
}

}  // namespace
}  // namespace orrery::stock
