// Shows: a stock etcd boots from our members' disks and agrees with them.
#include <memory>

#include <gtest/gtest.h>

#include "base/text.h"
#include "host/data_dir.h"
#include "tests/stock/ours.h"
#include "tests/stock/stock.h"

namespace orrery::stock {
namespace {

class Eject : public BesideStock {};

TEST_F(Eject, AStockEtcdBootsFromOurMemberAfterTwentyThousandOperations) {
  const Scratch scratch("eject");
  sim::World world = world_of(1, server::Version::V3_4);
  ASSERT_TRUE(quiet(world));
  ASSERT_TRUE(work(world, 1, 20'000));
  const auto ejected = host::write_data_dir(world.member(1).disk(), scratch / "n1");
  ASSERT_TRUE(ejected) << ejected.error().detail;

  const Stock stock({.name = "n1", .data_dir = scratch / "n1", .peer_url = "", .more = {}});

  ASSERT_TRUE(stock.healthy()) << stock.log();
  EXPECT_EQ(stock.revision(), revision(world));
  EXPECT_EQ(stock.hash_kv(), hash_kv(world));
  EXPECT_EQ(stock.all_keys(), all_keys(world));
  const std::string status = stock.etcdctl("endpoint status -w json").out;
  const std::string id = text("\"member_id\":{}", world.member(1).id().value());
  const std::string cluster = text("\"cluster_id\":{}", world.member(1).plan().cluster_id);
  EXPECT_NE(status.find(id), std::string::npos) << status;
  EXPECT_NE(status.find(cluster), std::string::npos) << status;
  RecordProperty("revision", std::to_string(stock.revision()));
}

TEST_F(Eject, ThreeEjectedMembersBootAsAStockCluster) {
  const Scratch scratch("eject3");
  sim::World world = world_of(3, server::Version::V3_4);
  ASSERT_TRUE(quiet(world));
  ASSERT_TRUE(work(world, 2, 500));
  std::vector<std::unique_ptr<Stock>> members;
  for (std::uint32_t no = 1; no <= 3; ++no) {
    const std::string folder = scratch / text("n{}", no);
    ASSERT_TRUE(host::write_data_dir(world.member(no).disk(), folder));
    members.push_back(
        std::make_unique<Stock>(Options{.name = text("n{}", no),
                                        .data_dir = folder,
                                        .peer_url = world.member(no).plan().peers[no - 1].peer_url,
                                        .listens_there = true,
                                        .more = {}}));
  }

  for (const auto& one : members) {
    ASSERT_TRUE(one->healthy()) << one->log();
    EXPECT_EQ(one->revision(), revision(world));
    EXPECT_EQ(one->hash_kv(), hash_kv(world));
    EXPECT_EQ(one->all_keys(), all_keys(world));
  }
  EXPECT_EQ(members[0]->etcdctl("put after boot").out, "OK\n");
  EXPECT_EQ(members[2]->etcdctl("get after").out, "after\nboot\n");
}

TEST_F(Eject, AtEveryStepOfAPutAStockEtcdBootsFromTheDisk) {
  const Scratch scratch("eject-steps");
  sim::World world = world_of(1, server::Version::V3_4);
  ASSERT_TRUE(quiet(world));
  ASSERT_TRUE(work(world, 3, 50));
  for (int step = 0; step < 6; ++step) {
    begin_put(world, "stepped", text("{}", step));
    for (int i = 0; i < 4 + step; ++i) ASSERT_TRUE(world.perform(*world.next()));
    const std::string folder = scratch / text("at{}", step);
    ASSERT_TRUE(host::write_data_dir(world.member(1).disk(), folder));
    const Stock stock({.name = "n1", .data_dir = folder, .peer_url = "", .more = {}});
    ASSERT_TRUE(stock.healthy()) << stock.log();
    EXPECT_GE(stock.revision(), revision(world));
  }
}

}  // namespace
}  // namespace orrery::stock
