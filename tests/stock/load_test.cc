// Shows: our member goes on from a stock etcd's data directory, and a stock etcd from ours.
#include <gtest/gtest.h>

#include "base/text.h"
#include "host/data_dir.h"
#include "tests/stock/ours.h"
#include "tests/stock/stock.h"

namespace orrery::stock {
namespace {

class Load : public BesideStock {};

TEST_F(Load, OurMemberGoesOnFromAStockEtcdKilledInMidWrite) {
  const Scratch scratch("load");
  {
    Stock stock({.name = "n1", .data_dir = scratch / "theirs", .peer_url = "", .more = {}});
    ASSERT_TRUE(stock.healthy()) << stock.log();
    put_under_load(stock, 4);
    stock.kill_hard();
  }
  ASSERT_EQ(shell(text("cp -r '{}' '{}'", scratch / "theirs", scratch / "copy")).status, 0);
  const auto disk = host::read_data_dir(scratch / "theirs");
  ASSERT_TRUE(disk) << disk.error().detail;
  sim::World world = world_of(1, server::Version::V3_4);

  const auto loaded = load(world, 1, *disk);

  ASSERT_TRUE(loaded) << loaded.error().detail;
  ASSERT_TRUE(quiet(world));
  EXPECT_GT(revision(world), 20);
  {
    const Stock again({.name = "n1", .data_dir = scratch / "copy", .peer_url = "", .more = {}});
    ASSERT_TRUE(again.healthy()) << again.log();
    EXPECT_EQ(again.revision(), revision(world));
    EXPECT_EQ(again.hash_kv(), hash_kv(world));
    EXPECT_EQ(again.all_keys(), all_keys(world));
  }
  ASSERT_TRUE(work(world, 4, 300));
  ASSERT_TRUE(host::write_data_dir(world.member(1).disk(), scratch / "ours"));
  const Stock last({.name = "n1", .data_dir = scratch / "ours", .peer_url = "", .more = {}});
  ASSERT_TRUE(last.healthy()) << last.log();
  EXPECT_EQ(last.revision(), revision(world));
  EXPECT_EQ(last.hash_kv(), hash_kv(world));
  EXPECT_EQ(last.all_keys(), all_keys(world));
}

}  // namespace
}  // namespace orrery::stock
