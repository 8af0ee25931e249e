// Shows: snapshots pass between etcdctl and us, both ways, with equal figures.
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "base/text.h"
#include "datadir/dump.h"
#include "datadir/restore.h"
#include "datadir/snapshot_file.h"
#include "host/data_dir.h"
#include "host/files.h"
#include "tests/stock/ours.h"
#include "tests/stock/stock.h"

namespace orrery::stock {
namespace {

class Snapshot : public BesideStock {};

std::string etcdctl(const std::string& arguments) {
  const Ran ran =
      shell(text("ETCDCTL_API=3 '{}/usr/bin/etcdctl' {}", ORRERY_STOCK_FOLDER, arguments));
  EXPECT_EQ(ran.status, 0) << ran.out;
  return ran.out;
}

datadir::SnapshotStatus their_status(const std::string& file) {
  const auto json =
      nlohmann::json::parse(etcdctl(text("snapshot status '{}' -w json", file)), nullptr, false);
  return {.hash = json.value("hash", std::uint32_t{0}),
          .revision = json.value("revision", std::int64_t{0}),
          .total_keys = json.value("totalKey", std::uint64_t{0}),
          .total_bytes = json.value("totalSize", std::uint64_t{0})};
}

void expect_equal(const datadir::SnapshotStatus& ours, const datadir::SnapshotStatus& theirs) {
  EXPECT_EQ(ours.hash, theirs.hash);
  EXPECT_EQ(ours.revision, theirs.revision);
  EXPECT_EQ(ours.total_keys, theirs.total_keys);
  EXPECT_EQ(ours.total_bytes, theirs.total_bytes);
}

TEST_F(Snapshot, EtcdctlAcceptsOurs) {
  const Scratch scratch("snapshot-ours");
  sim::World world = world_of(1, server::Version::V3_4);
  ASSERT_TRUE(quiet(world));
  ASSERT_TRUE(work(world, 5, 400));
  // The store's file holds what its last commit covered.
  for (int i = 0; i < 500 && world.member(1).running().backend.pending() != 0; ++i) {
    ASSERT_TRUE(world.perform(*world.next()));
  }
  const auto db = world.member(1).disk().read_all("member/snap/db");
  ASSERT_TRUE(db);
  const auto snapshot = datadir::save_snapshot(datadir::blocks_of(*db));
  ASSERT_TRUE(snapshot) << snapshot.error().detail;
  const std::string file = scratch / "snapshot.db";
  ASSERT_TRUE(host::write_file(file, *snapshot));

  expect_equal(*datadir::snapshot_status(*snapshot), their_status(file));
  (void)etcdctl(
      text("snapshot restore '{}' --data-dir '{}' --name n1 "
           "--initial-cluster n1=http://127.0.0.1:1 "
           "--initial-advertise-peer-urls http://127.0.0.1:1",
           file, scratch / "restored"));

  const Stock stock({.name = "n1", .data_dir = scratch / "restored", .peer_url = "", .more = {}});
  ASSERT_TRUE(stock.healthy()) << stock.log();
  EXPECT_EQ(stock.revision(), revision(world));
  EXPECT_EQ(stock.all_keys(), all_keys(world));
}

TEST_F(Snapshot, WeAcceptEtcdctls) {
  const Scratch scratch("snapshot-theirs");
  const std::string file = scratch / "snapshot.db";
  std::string keys;
  std::int64_t at = 0;
  {
    const Stock stock({.name = "n1", .data_dir = scratch / "theirs", .peer_url = "", .more = {}});
    ASSERT_TRUE(stock.healthy()) << stock.log();
    for (int i = 0; i < 30; ++i) (void)stock.etcdctl(text("put key{} value{}", i % 9, i));
    (void)stock.etcdctl("del key3");
    (void)stock.etcdctl(text("snapshot save '{}'", file));
    keys = stock.all_keys();
    at = stock.revision();
  }
  const auto bytes = host::read_file(file);
  ASSERT_TRUE(bytes);

  const auto ours = datadir::snapshot_status(*bytes);
  ASSERT_TRUE(ours) << ours.error().detail;
  expect_equal(*ours, their_status(file));
  const datadir::RestoreOptions options{.name = "n1",
                                        .cluster = {{.name = "n1", .url = "http://127.0.0.1:1"}},
                                        .release = datadir::Release::V3_4};
  const auto restored = datadir::restore_snapshot(*bytes, options);
  ASSERT_TRUE(restored) << restored.error().detail;
  ASSERT_TRUE(host::write_data_dir(*restored, scratch / "restored"));
  const Stock stock({.name = "n1", .data_dir = scratch / "restored", .peer_url = "", .more = {}});
  ASSERT_TRUE(stock.healthy()) << stock.log();
  EXPECT_EQ(stock.revision(), at);
  EXPECT_EQ(stock.all_keys(), keys);

  // A member of ours starts from it too.
  sim::World world = world_of(1, server::Version::V3_4);
  const auto loaded = load(world, 1, *restored);
  ASSERT_TRUE(loaded) << loaded.error().detail;
  ASSERT_TRUE(quiet(world));
  EXPECT_EQ(all_keys(world), keys);
}

TEST_F(Snapshot, WeStartFromWhatEtcdctlRestored) {
  const Scratch scratch("restored-theirs");
  sim::World world = world_of(1, server::Version::V3_4);
  ASSERT_TRUE(quiet(world));
  ASSERT_TRUE(work(world, 6, 100));
  for (int i = 0; i < 500 && world.member(1).running().backend.pending() != 0; ++i) {
    ASSERT_TRUE(world.perform(*world.next()));
  }
  const auto db = world.member(1).disk().read_all("member/snap/db");
  const auto snapshot = datadir::save_snapshot(datadir::blocks_of(*db));
  ASSERT_TRUE(host::write_file(scratch / "snapshot.db", *snapshot));
  (void)etcdctl(
      text("snapshot restore '{}' --data-dir '{}' --name other "
           "--initial-cluster other=http://127.0.0.1:1 "
           "--initial-advertise-peer-urls http://127.0.0.1:1",
           scratch / "snapshot.db", scratch / "restored"));
  const auto disk = host::read_data_dir(scratch / "restored");
  ASSERT_TRUE(disk);

  sim::World other = world_of(1, server::Version::V3_4);
  const auto loaded = load(other, 1, *disk);

  ASSERT_TRUE(loaded) << loaded.error().detail;
  ASSERT_TRUE(quiet(other));
  EXPECT_EQ(other.member(1).name(), "other");
  EXPECT_EQ(all_keys(other), all_keys(world));
  ASSERT_TRUE(work(other, 7, 20));
}

}  // namespace
}  // namespace orrery::stock
