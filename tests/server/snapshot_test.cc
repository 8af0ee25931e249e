// Snapshots: made by count, sent to whoever is too far behind, received and installed; a crash at every place.
#include <set>

#include <gtest/gtest.h>

#include "server/context.h"
#include "tests/server/services.h"
#include "wal/snap.h"

namespace orrery::server {
namespace {

using namespace testing;

Timing often(std::uint64_t count = 5, std::uint64_t catch_up = 2) {
  Timing timing;
  timing.snapshot_count = count;
  timing.catch_up_entries = catch_up;
  return timing;
}

World cluster(Version version, const Timing& timing) {
  sim::Config config;
  config.version = version;
  config.timing = timing;
  return elected(config);
}

void put_some(World& world, int from, int to, std::uint32_t via = 0) {
  for (int i = from; i < to; ++i) {
    EXPECT_EQ(ask(world, put_under("k" + std::to_string(i % 7), LeaseId(0)), via), "ok");
  }
}

std::vector<std::string> snaps(const World& world, std::uint32_t no, std::string_view suffix) {
  std::vector<std::string> out = world.member(no).disk().list("member/snap");
  std::erase_if(out, [&](const std::string& name) { return !name.ends_with(suffix); });
  return out;
}

bool all_equal(const World& world) {
  const Running& first = memory(world, 1);
  for (std::uint32_t no = 2; no <= world.member_count(); ++no) {
    const Running& other = memory(world, no);
    if (other.store.current_revision() != first.store.current_revision()) return false;
    const auto a = first.store.hash_kv(first.backend, 0);
    const auto b = other.store.hash_kv(other.backend, 0);
    if (!a || !b || a->hash != b->hash) return false;
  }
  return true;
}

void take_back(World& world, std::uint32_t no) {
  for (std::uint32_t other = 1; other <= world.member_count(); ++other) {
    if (other == no) continue;
    (void)world.perform(sim::Mend{member_address(no), member_address(other)});
    (void)world.perform(sim::Mend{member_address(other), member_address(no)});
  }
}

// Drops what a cut link holds, so that only Raft's own repair helps.
void drop_held(World& world, std::uint32_t no) {
  const sim::Network network = world.network();
  for (const auto& [id, channel] : network.channels()) {
    if (id.to != member_address(no) && id.from != member_address(no)) continue;
    for (const sim::InFlight& message : channel.queue) {
      (void)world.perform(sim::Drop{{id.from, id.to, id.channel, message.number}});
    }
  }
}

// A follower that has missed more than the others still have.
World lagging(Version version, std::uint32_t* behind) {
  World world = cluster(version, often());
  put_some(world, 0, 3);
  *behind = leader_of(world) % 3 + 1;
  cut_off(world, *behind);
  drop_held(world, *behind);
  put_some(world, 3, 20, leader_of(world));
  run_for(world, seconds(1));
  return world;
}

TEST(Snapshots, AreMadeWhenMoreThanTheCountIsApplied) {
  for (const Version version : {Version::V3_4, Version::V3_5, Version::V3_6}) {
    World world = cluster(version, often(10, 5));
    put_some(world, 0, 4);
    EXPECT_TRUE(snaps(world, 1, ".snap").empty());
    put_some(world, 4, 14);
    run_for(world, seconds(1));
    for (std::uint32_t no = 1; no <= 3; ++no) {
      ASSERT_EQ(snaps(world, no, ".snap").size(), 1U) << to_text(version) << no;
      const Running& run = memory(world, no);
      EXPECT_GT(run.snapshot_index.value(), 10U);
      EXPECT_EQ(run.raft.storage().first_index(), Index(run.snapshot_index.value() - 5 + 1));
      EXPECT_GE(run.consistent_on_disk, run.snapshot_index) << "the backend went first";
      EXPECT_EQ(snaps(world, no, ".snap").front(),
                wal::snap_name(run.raft.storage().snapshot().term, run.snapshot_index));
    }
  }
}

TEST(Snapshots, TheCountIsTheVersions) {
  Running run;
  run.applied = Index(10'001);
  EXPECT_TRUE(wants_snapshot_on_disk(run, Timing{}, Version::V3_6));
  EXPECT_FALSE(wants_snapshot_on_disk(run, Timing{}, Version::V3_5));
  run.applied = Index(10'000);
  EXPECT_FALSE(wants_snapshot_on_disk(run, Timing{}, Version::V3_6)) << "strictly more";
  EXPECT_TRUE(wants_snapshot(run, Timing{}, Version::V3_6)) << "in memory, each hundred";
  run.applied = Index(100'001);
  EXPECT_TRUE(wants_snapshot_on_disk(run, Timing{}, Version::V3_4));
}

TEST(Snapshots, ARestartBeginsAtTheNewestAndKeepsEverything) {
  for (const Version version : {Version::V3_4, Version::V3_5, Version::V3_6}) {
    World world = cluster(version, often());
    put_some(world, 0, 30);
    run_for(world, seconds(1));
    const std::int64_t revision = memory(world, 2).store.current_revision();
    ASSERT_TRUE(world.perform(sim::Crash{.member = 2, .survivors = {}}));
    ASSERT_TRUE(world.perform(sim::Restart{.member = 2}));
    EXPECT_GT(memory(world, 2).raft.storage().first_index(), Index(20));
    ASSERT_TRUE(run_until(world, caught_up));
    EXPECT_EQ(memory(world, 2).store.current_revision(), revision);
    EXPECT_TRUE(all_equal(world));
  }
}

TEST(Snapshots, OldFilesAreRemovedWhenThereAreMoreThanFive) {
  World world = cluster(Version::V3_6, often(3, 1));
  put_some(world, 0, 40);
  EXPECT_GT(snaps(world, 1, ".snap").size(), 5U);
  run_for(world, seconds(40));
  EXPECT_EQ(snaps(world, 1, ".snap").size(), 5U);
}

TEST(Snapshots, AMemberWhoseLogIsGoneReceivesTheBackend) {
  for (const Version version : {Version::V3_4, Version::V3_5, Version::V3_6}) {
    std::uint32_t behind = 0;
    World world = lagging(version, &behind);
    EXPECT_LT(memory(world, behind).store.current_revision(), 10);
    take_back(world, behind);
    ASSERT_TRUE(run_until(world, caught_up)) << to_text(version);
    EXPECT_TRUE(all_equal(world));
    EXPECT_GT(memory(world, behind).snapshot_index, Index(15));
    EXPECT_TRUE(snaps(world, behind, ".snap.db").empty()) << "it has become the db";
    EXPECT_FALSE(memory(world, leader_of(world)).snap_send.transfers.empty())
        << "counted for half a minute, so that the log stays";
    run_for(world, seconds(40));
    EXPECT_TRUE(memory(world, leader_of(world)).snap_send.transfers.empty());
    put_some(world, 20, 25);
    run_for(world, seconds(1));
    EXPECT_TRUE(all_equal(world));
    EXPECT_TRUE(sim::agenda_violations(world).empty());
  }
}

TEST(Snapshots, BringLeasesUsersAlarmsAndMembers) {
  World world = cluster(Version::V3_6, often());
  const LeaseId lease = grant(world, 100);
  EXPECT_EQ(ask(world, put_under("leased", lease)), "ok");
  const std::uint32_t behind = leader_of(world) % 3 + 1;
  cut_off(world, behind);
  drop_held(world, behind);
  const std::uint32_t leader = leader_of(world);
  const LeaseId second = grant(world, 200, leader);
  EXPECT_EQ(ask(world, put_under("second", second), leader), "ok");
  EXPECT_EQ(
      ask(world,
          rpc::MaintenanceRequest(rpc::AlarmRequest{
              rpc::AlarmAction::Activate, world.member(leader).id(), rpc::AlarmType::Corrupt}),
          leader),
      "ok");
  EXPECT_EQ(
      ask(world,
          rpc::MaintenanceRequest(rpc::AlarmRequest{
              rpc::AlarmAction::Deactivate, world.member(leader).id(), rpc::AlarmType::Corrupt}),
          leader),
      "ok");
  for (int i = 0; i < 12; ++i) {
    const std::string name = "u" + std::to_string(i);
    EXPECT_EQ(
        ask(world, rpc::AuthRequest(rpc::AuthUserAddRequest{name, name, std::nullopt, ""}), leader),
        "ok");
  }
  take_back(world, behind);
  ASSERT_TRUE(run_until(world, caught_up));
  const Running& a = memory(world, behind);
  const Running& b = memory(world, leader_of(world));
  EXPECT_GT(a.snapshot_index, Index(10));
  EXPECT_EQ(a.lessor.items(), b.lessor.items());
  EXPECT_EQ(a.auth.revision(), b.auth.revision());
  EXPECT_EQ(a.auth.list_users(), b.auth.list_users());
  EXPECT_EQ(a.membership, b.membership);
  EXPECT_EQ(a.alarms, b.alarms);
  EXPECT_EQ(a.conf_state, b.conf_state);
}

TEST(Snapshots, WatchersLookAgain) {
  std::uint32_t behind = 0;
  World world = cluster(Version::V3_6, often());
  put_some(world, 0, 3);
  behind = leader_of(world) % 3 + 1;
  client::BeginWatch watch;
  watch.name = "w";
  watch.via = behind;
  watch.request.key = Blob("k");
  watch.request.range_end = Blob("l");
  ASSERT_TRUE(world.perform(sim::Submit{2, watch}));
  run_for(world, seconds(1));
  cut_off(world, behind);
  drop_held(world, behind);
  put_some(world, 3, 20, leader_of(world));
  take_back(world, behind);
  ASSERT_TRUE(run_until(world, caught_up));
  run_for(world, seconds(1));
  EXPECT_GT(memory(world, behind).snapshot_index, Index(10));
  const auto* seen = (*world.clients().find(2))->find_watch("w");
  ASSERT_NE(seen, nullptr);
  EXPECT_EQ(seen->events, 17U) << "each once";
}

TEST(Snapshots, ALostOneIsReportedAndSentAgain) {
  std::uint32_t behind = 0;
  World world = lagging(Version::V3_6, &behind);
  take_back(world, behind);
  const auto on_its_way = [](const World& w) {
    return !memory(w, leader_of(w)).snap_send.transfers.empty();
  };
  ASSERT_TRUE(run_until(world, on_its_way));
  ASSERT_TRUE(world.perform(sim::Crash{.member = behind, .survivors = {}}));
  EXPECT_TRUE(memory(world, leader_of(world)).snap_send.transfers.empty())
      << "its connection broke";
  ASSERT_TRUE(world.perform(sim::Restart{.member = behind}));
  ASSERT_TRUE(run_until(world, caught_up));
  EXPECT_TRUE(all_equal(world));
}

TEST(Snapshots, AnAnswerThatNeverComesIsAFailure) {
  std::uint32_t behind = 0;
  World world = lagging(Version::V3_6, &behind);
  take_back(world, behind);
  const sim::ChannelId channel{member_address(leader_of(world)), member_address(behind),
                               Channel::Snapshot};
  ASSERT_TRUE(
      run_until(world, [&](const World& w) { return w.network().front(channel) != nullptr; }));
  const std::uint64_t number = world.network().front(channel)->number;
  ASSERT_TRUE(world.perform(sim::Drop{{channel.from, channel.to, channel.channel, number}}));
  ASSERT_TRUE(run_until(world, caught_up)) << "given up after five seconds, and sent again";
  EXPECT_TRUE(all_equal(world));
}

// The member that receives is stopped after each step from the snapshot's sending to the end, with every policy of
// what a
// crash leaves; it always comes back to what the others have.
TEST(Snapshots, ACrashAnywhereOnTheReceivingSideRecovers) {
  for (const Version version : {Version::V3_4, Version::V3_6}) {
    std::uint32_t behind = 0;
    World world = lagging(version, &behind);
    take_back(world, behind);
    ASSERT_TRUE(run_until(world, [&](const World& w) {
      return !memory(w, leader_of(w)).snap_send.transfers.empty();
    }));
    std::set<std::string> places;
    for (int step = 0; step < 400 && !caught_up(world); ++step) {
      const Running& run = memory(world, behind);
      if (run.apply.install) places.insert(std::string(to_text(run.apply.install->phase)));
      if (!run.snap_receive.queue.empty()) {
        places.insert("receive " + std::string(to_text(run.snap_receive.phase)));
      }
      places.insert("raft " + std::string(to_text(run.raft_lane.phase)));
      std::vector<disk::Survivors> policies(3);
      policies[1].writes = disk::KeepAll{};
      policies[2].writes = disk::KeepTorn{1};
      for (const disk::Survivors& survivors : policies) {
        World crashed = world;
        ASSERT_TRUE(crashed.perform(sim::Crash{.member = behind, .survivors = survivors}));
        ASSERT_TRUE(crashed.perform(sim::Restart{.member = behind}));
        ASSERT_TRUE(crashed.member(behind).up())
            << step << " " << crashed.member(behind).panic_text();
        ASSERT_TRUE(run_until(crashed, caught_up)) << step;
        ASSERT_TRUE(all_equal(crashed)) << step;
      }
      ASSERT_TRUE(world.perform(*world.next()));
    }
    for (const char* place : {"rename",
                              "open",
                              "index",
                              "lessor",
                              "store",
                              "alarms",
                              "auth",
                              "members",
                              "finish",
                              "receive write",
                              "receive sync",
                              "receive rename",
                              "receive process",
                              "receive reply",
                              "raft save-snap",
                              "raft sync-snap",
                              "raft record-snap",
                              "raft sync-record",
                              "raft wal-write",
                              "raft sync-state",
                              "raft store-snap",
                              "raft release"}) {
      EXPECT_TRUE(places.contains(place)) << place;
    }
  }
}

// The same for whoever makes a snapshot of its own.
TEST(Snapshots, ACrashAnywhereWhileOneIsMadeRecovers) {
  for (const Version version : {Version::V3_4, Version::V3_5, Version::V3_6}) {
    World world = cluster(version, often());
    put_some(world, 0, 4);
    std::set<std::string> places;
    for (std::uint32_t client = 2; client < 9; ++client) {
      ASSERT_TRUE(world.perform(put("k", "more", client)));
    }
    for (int step = 0; step < 1500 && !places.contains("compact"); ++step) {
      const Running& run = memory(world, 2);
      if (!run.snapshot.jobs.empty()) {
        places.insert(std::string(to_text(run.snapshot.phase)));
        for (const bool keep : {false, true}) {
          disk::Survivors survivors;
          if (keep) survivors.writes = disk::KeepAll{};
          World crashed = world;
          ASSERT_TRUE(crashed.perform(sim::Crash{.member = 2, .survivors = survivors}));
          ASSERT_TRUE(crashed.perform(sim::Restart{.member = 2}));
          ASSERT_TRUE(crashed.member(2).up()) << crashed.member(2).panic_text();
          ASSERT_TRUE(run_until(crashed, caught_up)) << step;
          ASSERT_TRUE(all_equal(crashed)) << step;
        }
      }
      ASSERT_TRUE(world.perform(*world.next()));
    }
    for (const char* place :
         {"create", "write-file", "sync-file", "record", "sync-record", "release", "compact"}) {
      EXPECT_TRUE(places.contains(place)) << to_text(version) << " " << place;
    }
  }
}

TEST(Snapshots, ANewcomerReceivesOneWhenTheLogIsShort) {
  World world = cluster(Version::V3_6, often());
  put_some(world, 0, 20);
  stay_connected(world);
  EXPECT_EQ(ask(world, rpc::ClusterRequest(rpc::MemberAddRequest{{peer_url_of(4)}, true}),
                leader_of(world)),
            "ok");
  ASSERT_TRUE(world.perform(sim::Join{4}));
  run_for(world, seconds(3));
  EXPECT_TRUE(caught_up(world));
  EXPECT_TRUE(all_equal(world));
  EXPECT_GT(memory(world, 4).snapshot_index, Index(10));
  EXPECT_TRUE(memory(world, 4).membership.is_learner(world.member(4).id()));
  EXPECT_EQ(memory(world, 4).membership, memory(world, 1).membership);
}

}  // namespace
}  // namespace orrery::server
