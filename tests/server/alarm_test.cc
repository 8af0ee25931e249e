// Maintenance: a full quota's whole life, defragmentation, hashes, automatic compaction.
#include <gtest/gtest.h>

#include "base/text.h"
#include "tests/server/services.h"

namespace orrery::server {
namespace {

using namespace testing;

std::string put_big(World& world, int number) {
  rpc::PutRequest request;
  request.key = Blob("big");
  request.value = Blob(std::string(100'000, static_cast<char>('a' + number % 26)));
  return ask(world, request);
}

std::string ask_alarm(World& world, const rpc::AlarmRequest& request) {
  return ask(world, rpc::MaintenanceRequest(request));
}

TEST(Quota, ItsWholeLife) {
  sim::Config config;
  config.timing.quota_bytes = 1'000'000;
  World world = elected(config);
  int puts = 0;
  std::string word = "ok";
  while (word == "ok" && puts < 40) {
    word = put_big(world, puts++);
    run_for(world, millis(300));
  }
  EXPECT_EQ(word, "etcdserver: mvcc: database space exceeded");
  run_for(world, seconds(1));
  for (std::uint32_t no = 1; no <= 3; ++no) {
    EXPECT_TRUE(memory(world, no).alarms.any(rpc::AlarmType::NoSpace)) << no;
  }
  rpc::PutRequest small;
  small.key = Blob("k");
  EXPECT_EQ(ask(world, small), "etcdserver: mvcc: database space exceeded");
  EXPECT_EQ(ask(world, rpc::LeaseRequest(rpc::LeaseGrantRequest{5, LeaseId(9)})),
            "etcdserver: mvcc: database space exceeded");
  EXPECT_EQ(ask(world, get_of("big")), "ok");
  EXPECT_EQ(
      ask(world,
          rpc::DeleteRangeRequest{.key = Blob("other"), .range_end = Blob(), .prev_kv = false}),
      "ok");

  const std::int64_t now = memory(world, 1).store.current_revision();
  ASSERT_EQ(ask(world, rpc::CompactionRequest{now, true}), "ok");
  run_for(world, seconds(1));
  for (std::uint32_t no = 1; no <= 3; ++no) {
    const std::uint64_t before = memory(world, no).backend.size();
    ASSERT_EQ(ask(world, rpc::MaintenanceRequest(rpc::DefragmentRequest{}), no), "ok");
    EXPECT_LT(memory(world, no).backend.size(), before / 2) << no;
    EXPECT_TRUE(has_key(world, no, "big"));
  }
  EXPECT_EQ(ask(world, small), "etcdserver: mvcc: database space exceeded") << "until disarmed";
  rpc::AlarmRequest all;
  all.action = rpc::AlarmAction::Deactivate;
  ASSERT_EQ(ask_alarm(world, all), "ok");
  EXPECT_FALSE((told<rpc::MaintenanceResponse, rpc::AlarmResponse>(world).alarms.empty()));
  EXPECT_EQ(ask(world, small), "ok");
  EXPECT_TRUE(sim::agenda_violations(world).empty());
}

// The store was not full when they were admitted; it is when their turn comes.
TEST(Quota, AWriteAdmittedInTimeIsDoneAndToldOfTheFullStore) {
  Timing timing;
  timing.quota_bytes = 1'000'000;
  World world = alone(timing);
  const sim::RunLane apply = lane(1, LaneKind::Apply);
  const Index before = memory(world, 1).applied;
  hold(world, apply);
  const std::string value(100'000, 'v');
  constexpr std::uint32_t kPuts = 14;
  for (std::uint32_t client = 1; client <= kPuts; ++client) {
    ASSERT_TRUE(world.perform(sim::testing::put(text("k{}", client), value, client)));
  }
  run_for(world, millis(100));
  for (std::uint32_t client = 1; client <= kPuts; ++client) {
    ASSERT_TRUE(step_until(world, apply, [&](const Running& run) {
      return run.applied >= Index(before.value() + client);
    }));
    run_for(world, millis(200));  // its rows are committed: the file has grown
  }
  unhold(world, apply);
  run_for(world, seconds(1));

  EXPECT_EQ(last_word(world, 1), "ok");
  EXPECT_EQ(last_word(world, kPuts), "etcdserver: mvcc: database space exceeded");
  EXPECT_TRUE(has_key(world, 1, text("k{}", kPuts)));
  EXPECT_TRUE(memory(world, 1).alarms.any(rpc::AlarmType::NoSpace));
}

TEST(Alarms, ACorruptClusterRefusesWritesAndOutlivesARestart) {
  World world = alone();
  ASSERT_EQ(
      ask_alarm(world, {rpc::AlarmAction::Activate, world.member(1).id(), rpc::AlarmType::Corrupt}),
      "ok");
  rpc::PutRequest small;
  small.key = Blob("k");
  EXPECT_EQ(ask(world, small), "etcdserver: corrupt cluster");
  EXPECT_EQ(ask(world, get_of("k")), "ok");
  run_for(world, seconds(1));
  ASSERT_TRUE(world.perform(sim::Crash{.member = 1, .survivors = {}}));
  ASSERT_TRUE(world.perform(sim::Restart{1}));
  EXPECT_TRUE(memory(world, 1).alarms.any(rpc::AlarmType::Corrupt));
}

TEST(Defrag, ACrashInTheMiddleLeavesTheOldFile) {
  World world = alone();
  for (int i = 0; i < 3; ++i) ASSERT_EQ(put_big(world, i), "ok");
  client::BeginCall call;
  call.line = "defrag";
  call.request = rpc::MaintenanceRequest(rpc::DefragmentRequest{});
  ASSERT_TRUE(world.perform(sim::Submit{1, call}));
  int phases = 0;
  while (!answered(world)) {
    World crashed = world;
    ASSERT_TRUE(crashed.perform(sim::Crash{.member = 1, .survivors = {}}));
    ASSERT_TRUE(crashed.perform(sim::Restart{1}));
    ASSERT_TRUE(run_until(crashed, [](const World& w) {
      return leader_of(w) != 0 && caught_up(w) && w.member(1).up();
    }));
    EXPECT_TRUE(has_key(crashed, 1, "big")) << phases;
    ASSERT_TRUE(world.perform(*world.next()));
    ++phases;
  }
  EXPECT_GE(phases, 6);
  EXPECT_EQ(last_word(world), "ok");
}

TEST(Defrag, TheNewFileIsSoundAndBothItsMetaPagesStand) {
  World world = alone();
  for (int i = 0; i < 3; ++i) ASSERT_EQ(put_big(world, i), "ok");

  ASSERT_EQ(ask(world, rpc::MaintenanceRequest(rpc::DefragmentRequest{})), "ok");

  const disk::Disk& disk = world.member(1).disk();
  const std::uint64_t size = disk.size("member/snap/db").value_or(0);
  Sequence<Blob> blocks;
  for (std::uint64_t i = 0; i * disk::kBlockBytes < size; ++i) {
    blocks.push_back(*disk.block("member/snap/db", i));
  }
  EXPECT_EQ(backend::check_file(blocks), std::vector<std::string>{});
}

TEST(Hash, EqualHistoriesHaveEqualHashes) {
  World world = elected();
  ASSERT_EQ(put_big(world, 1), "ok");
  ASSERT_TRUE(run_until(world, caught_up));
  std::vector<std::uint32_t> hashes;
  for (std::uint32_t no = 1; no <= 3; ++no) {
    ASSERT_EQ(ask(world, rpc::MaintenanceRequest(rpc::HashKVRequest{}), no), "ok");
    hashes.push_back(told<rpc::MaintenanceResponse, rpc::HashKVResponse>(world).hash);
  }
  EXPECT_EQ(hashes[0], hashes[1]);
  EXPECT_EQ(hashes[1], hashes[2]);
  EXPECT_EQ(ask(world, rpc::MaintenanceRequest(rpc::HashKVRequest{99})),
            "etcdserver: mvcc: required revision is a future revision");
}

TEST(AutoCompaction, ByRevisionKeepsSoMany) {
  Timing timing;
  timing.auto_compact_revisions = 3;
  World world = alone(timing);
  for (int i = 0; i < 10; ++i) ASSERT_EQ(ask(world, put_under(text("k{}", i), {})), "ok");
  run_for(world, seconds(310));
  EXPECT_EQ(memory(world, 1).store.compact_revision(), 11 - 3);
}

TEST(AutoCompaction, ByTimeCompactsToWhatWasThereAPeriodAgo) {
  Timing timing;
  timing.auto_compact_period = seconds(100);
  World world = alone(timing);
  for (int i = 0; i < 5; ++i) ASSERT_EQ(ask(world, put_under(text("k{}", i), {})), "ok");
  run_for(world, seconds(150));
  ASSERT_EQ(ask(world, put_under("late", {})), "ok");
  run_for(world, seconds(60));
  EXPECT_EQ(memory(world, 1).store.compact_revision(), 6);
}

}  // namespace
}  // namespace orrery::server
