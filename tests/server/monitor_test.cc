// What watches over the cluster as a whole: versions and downgrades, corruption checks, the snapshot's stream,
// traces of apply.
#include <gtest/gtest.h>

#include "datadir/archive.h"
#include "tests/server/services.h"

namespace orrery::server {
namespace {

using namespace testing;

std::string downgrade(World& world, rpc::DowngradeAction action, const std::string& version,
                      std::uint32_t via = 0) {
  return ask(world, rpc::MaintenanceRequest(rpc::DowngradeRequest{action, version}), via);
}

World cluster_of(Version version, const Timing& timing = {}) {
  sim::Config config;
  config.version = version;
  config.timing = timing;
  return elected(config);
}

void restart_as(World& world, std::uint32_t no, Version version) {
  ASSERT_TRUE(world.perform(sim::Crash{.member = no, .survivors = {}}));
  ASSERT_TRUE(world.perform(sim::Restart{.member = no, .as = version}));
}

TEST(Versions, TheClusterSpeaksWhatTheOldestMemberSpeaks) {
  World world = cluster_of(Version::V3_5);
  EXPECT_EQ(memory(world, 1).membership.version(), "3.5.0");
  for (std::uint32_t no = 1; no <= 3; ++no) {
    EXPECT_EQ(memory(world, leader_of(world)).membership.version(), "3.5.0") << no;
    restart_as(world, no, Version::V3_6);
    ASSERT_TRUE(run_until(world, caught_up));
    run_for(world, seconds(10));
  }
  for (std::uint32_t no = 1; no <= 3; ++no) {
    EXPECT_EQ(memory(world, no).membership.version(), "3.6.0") << no;
  }
  ASSERT_TRUE(world.perform(sim::Crash{.member = 1, .survivors = {}}));
  ASSERT_TRUE(world.perform(sim::Restart{.member = 1}));
  EXPECT_EQ(memory(world, 1).membership.version(), "3.6.0") << "it stands in a row";
}

TEST(Versions, AnOlderBinaryDoesNotStartWithoutADowngrade) {
  World world = cluster_of(Version::V3_6);
  restart_as(world, 2, Version::V3_5);
  EXPECT_EQ(world.member(2).status(), Status::Panicked);
  EXPECT_EQ(world.member(2).panic_text(),
            "invalid downgrade; server version is lower than determined cluster version");
}

TEST(Versions, ADowngradeIsValidatedEnabledFollowedAndOver) {
  using rpc::DowngradeAction;
  World world = cluster_of(Version::V3_6);
  EXPECT_EQ(downgrade(world, DowngradeAction::Validate, "three"),
            "etcdserver: wrong downgrade target version format");
  EXPECT_EQ(downgrade(world, DowngradeAction::Validate, "3.4"),
            "etcdserver: invalid downgrade target version");
  EXPECT_EQ(downgrade(world, DowngradeAction::Cancel, ""), "etcdserver: no inflight downgrade job");
  EXPECT_EQ(downgrade(world, DowngradeAction::Validate, "3.5.0"), "ok");
  EXPECT_FALSE(memory(world, 1).membership.downgrade().enabled);
  EXPECT_EQ(downgrade(world, DowngradeAction::Enable, "3.5"), "ok");
  EXPECT_EQ(downgrade(world, DowngradeAction::Enable, "3.5"),
            "etcdserver: invalid downgrade target version")
      << "or, once the version has moved, not one below it";
  run_for(world, seconds(10));
  EXPECT_EQ(memory(world, 1).membership.version(), "3.5.0");
  EXPECT_TRUE(memory(world, 1).membership.downgrade().enabled);
  for (std::uint32_t no = 1; no <= 3; ++no) {
    restart_as(world, no, Version::V3_5);
    ASSERT_TRUE(world.member(no).up()) << world.member(no).panic_text();
    ASSERT_TRUE(run_until(world, caught_up));
    run_for(world, seconds(5));
  }
  run_for(world, seconds(10));
  for (std::uint32_t no = 1; no <= 3; ++no) {
    EXPECT_FALSE(memory(world, no).membership.downgrade().enabled) << no;
    EXPECT_EQ(memory(world, no).membership.version(), "3.5.0");
  }
  ASSERT_TRUE(world.perform(put("k", "v")));
  EXPECT_TRUE(run_until(world, caught_up));
}

TEST(Versions, ACanceledDowngradeLeadsBack) {
  using rpc::DowngradeAction;
  World world = cluster_of(Version::V3_6);
  ASSERT_EQ(downgrade(world, DowngradeAction::Enable, "3.5"), "ok");
  run_for(world, seconds(10));
  ASSERT_EQ(memory(world, 1).membership.version(), "3.5.0");
  ASSERT_EQ(downgrade(world, DowngradeAction::Cancel, ""), "ok");
  run_for(world, seconds(10));
  EXPECT_EQ(memory(world, 1).membership.version(), "3.6.0");
}

TEST(Versions, ReleasesBefore35KnowNoDowngrade) {
  World world = cluster_of(Version::V3_4);
  EXPECT_EQ(downgrade(world, rpc::DowngradeAction::Validate, "3.3"),
            "unknown method Downgrade for service etcdserverpb.Maintenance");
}

// One value in the rows of a member that is down, changed behind everybody's back.
void corrupt(World& world, std::uint32_t no) {
  ASSERT_TRUE(world.perform(sim::Crash{.member = no, .survivors = {}}));
  backend::Backend rows = file_of(world.member(no));
  Bytes last;
  Blob value;
  rows.range(backend::View::Batch, backend::Bucket::Key, "", "", 0,
             [&](BytesView key, BytesView row) {
               last = Bytes(key);
               value = Blob(row);
             });
  ASSERT_FALSE(last.empty());
  Bytes changed(value.view());
  changed.back() = static_cast<char>(changed.back() ^ 1);
  rows.put(backend::Bucket::Key, last, Blob(changed));
  rows.end_tx();
  disk::Disk disk = world.member(no).disk();
  const backend::CommitPlan plan = rows.begin_commit();
  for (const auto& page : plan.data) {
    ASSERT_TRUE(disk.write_block("member/snap/db", page.page.value(), page.bytes));
  }
  ASSERT_TRUE(disk.write_block("member/snap/db", plan.meta.page.value(), plan.meta.bytes));
  ASSERT_TRUE(world.perform(sim::Install{.member = no, .archive = Blob(datadir::pack(disk))}));
  ASSERT_TRUE(world.perform(sim::Restart{.member = no}));
}

rpc::Request erase_of(std::string_view key) {
  rpc::DeleteRangeRequest request;
  request.key = Blob(key);
  return request;
}

World with_keys(const Timing& timing) {
  World world = cluster_of(Version::V3_6, timing);
  for (int i = 0; i < 10; ++i) {
    EXPECT_EQ(ask(world, put_under("k" + std::to_string(i), LeaseId(0))), "ok");
  }
  run_for(world, seconds(1));
  return world;
}

std::vector<NodeId> accused(const World& world) {
  std::vector<NodeId> out;
  const Running& run = memory(world, leader_of(world));
  for (const auto& alarm : run.alarms.list(rpc::AlarmType::Corrupt)) out.push_back(alarm.member_id);
  return out;
}

TEST(Corruption, TheLeaderFindsADifferentMemberFromTimeToTime) {
  Timing timing;
  timing.corrupt_check_time = seconds(5);
  World world = with_keys(timing);
  run_for(world, seconds(11));
  EXPECT_TRUE(accused(world).empty()) << "equal members are not accused";
  const std::uint32_t victim = leader_of(world) % 3 + 1;
  corrupt(world, victim);
  run_for(world, seconds(15));
  EXPECT_EQ(accused(world), std::vector<NodeId>{world.member(victim).id()});
}

TEST(Corruption, WhatTheAlarmRefusesAndWhatItLeaves) {
  Timing timing;
  timing.corrupt_check_time = seconds(5);
  World world = with_keys(timing);
  corrupt(world, leader_of(world) % 3 + 1);
  run_for(world, seconds(15));
  ASSERT_EQ(accused(world).size(), 1U);
  const std::string refused = "etcdserver: corrupt cluster";
  EXPECT_EQ(ask(world, put_under("k", LeaseId(0))), refused);
  EXPECT_EQ(ask(world, erase_of("k1")), refused);
  EXPECT_EQ(ask(world, rpc::Request(rpc::CompactionRequest{.revision = 3})), refused);
  EXPECT_EQ(ask(world, rpc::LeaseRequest(rpc::LeaseGrantRequest{.ttl = 10, .id = LeaseId(7)})),
            refused);
  EXPECT_EQ(ask(world, rpc::LeaseRequest(rpc::LeaseRevokeRequest{LeaseId(7)})), refused);
  EXPECT_EQ(ask(world, get_of("k1")), "ok") << "a plain read is served";
  EXPECT_EQ(ask(world, rpc::MaintenanceRequest(rpc::AlarmRequest{rpc::AlarmAction::Deactivate,
                                                                 accused(world).front(),
                                                                 rpc::AlarmType::Corrupt})),
            "ok");
  EXPECT_EQ(ask(world, put_under("k", LeaseId(0))), "ok") << "until it is found again";
}

TEST(Corruption, AStartAgainstDifferentPeersIsRefused) {
  Timing timing;
  timing.initial_corrupt_check = true;
  World world = with_keys(timing);
  const std::uint32_t victim = leader_of(world) % 3 + 1;
  ASSERT_TRUE(world.perform(sim::Crash{.member = victim, .survivors = {}}));
  ASSERT_TRUE(world.perform(sim::Restart{.member = victim}));
  run_for(world, seconds(2));
  ASSERT_TRUE(world.member(victim).up()) << "equal: it starts";
  ASSERT_TRUE(run_until(world, caught_up));
  corrupt(world, victim);
  run_for(world, seconds(9));
  EXPECT_EQ(world.member(victim).status(), Status::Panicked);
  EXPECT_NE(world.member(victim).panic_text().find("found data inconsistency with peers"),
            std::string::npos);
}

TEST(Corruption, CompactionsLeaveHashesThatAreCompared) {
  Timing timing;
  timing.compact_hash_check_time = seconds(60);
  World world = with_keys(timing);
  const std::uint32_t victim = leader_of(world) % 3 + 1;
  EXPECT_EQ(ask(world, rpc::Request(rpc::CompactionRequest{.revision = 4})), "ok");
  run_for(world, seconds(120));
  EXPECT_TRUE(accused(world).empty());
  EXPECT_EQ(memory(world, leader_of(world)).corruption.compared, 4);
  corrupt(world, victim);
  const std::uint32_t leader = leader_of(world);
  EXPECT_EQ(ask(world, put_under("again", LeaseId(0)), leader), "ok");
  EXPECT_EQ(ask(world, rpc::Request(rpc::CompactionRequest{.revision = 12}), leader), "ok");
  run_for(world, seconds(120));
  EXPECT_EQ(accused(world), std::vector<NodeId>{world.member(victim).id()});
}

TEST(SnapshotStream, BringsTheFileInPiecesAndItsSha256) {
  World world = alone();
  ASSERT_EQ(ask(world, put_under("k", LeaseId(0))), "ok");
  ASSERT_EQ(ask(world, rpc::MaintenanceRequest(rpc::SnapshotRequest{})), "ok");
  const auto& [number, call] = *(*world.clients().find(1))->calls().last();
  Bytes file;
  for (const Blob& chunk : call.chunks) {
    EXPECT_LE(chunk.size(), 32768U);
    file += chunk.view();
  }
  EXPECT_EQ(file.size() % 4096, 0U);
  Sequence<Blob> blocks;
  for (std::size_t at = 0; at < file.size(); at += 4096) {
    blocks.push_back(Blob(BytesView(file).substr(at, 4096)));
  }
  const auto opened = backend::Backend::open(blocks);
  ASSERT_TRUE(opened) << opened.error().detail;
  EXPECT_EQ(rows(*opened, backend::Bucket::Key), 1U) << "what was pending was committed first";
  const auto& last = told<rpc::MaintenanceResponse, rpc::SnapshotResponse>(world);
  EXPECT_EQ(last.blob.size(), file.size() + 32) << "the client has joined the pieces";
  EXPECT_EQ(last.remaining_bytes, 0U);
}

TEST(ApplyTrace, OnlyWhatTookLongLeavesOne) {
  World world = alone();
  ASSERT_EQ(ask(world, put_under("k", LeaseId(0))), "ok");
  EXPECT_TRUE(memory(world, 1).apply.traces.empty());
}

TEST(ApplyTrace, AThresholdOfANanosecondShowsEveryEntryAndItsGauges) {
  Timing timing;
  timing.apply_warning = Nanos(1);
  World world = alone(timing);
  ASSERT_EQ(ask(world, put_under("k", LeaseId(0))), "ok");
  ASSERT_NE(ask(world, put_under("k", LeaseId(99))), "ok");
  const Running& run = memory(world, 1);
  ASSERT_GE(run.apply.traces.size(), 2U);
  const ApplyTrace last = run.apply.traces.back();
  EXPECT_EQ(last.request, "put");
  EXPECT_EQ(last.error, "etcdserver: requested lease not found");
  EXPECT_EQ(last.applied, last.index) << "the applied index moves whatever the outcome";
  EXPECT_EQ(last.consistent, last.index);
  EXPECT_LE(last.applied, last.committed);
}

TEST(Timeouts, SayWhatTheMemberKnowsOfTheCause) {
  Timing timing;
  timing.call_timeout = seconds(60);
  World world = cluster_of(Version::V3_6, timing);
  const std::uint32_t follower = leader_of(world) % 3 + 1;
  run_for(world, seconds(3));
  // Its connections are gone when the call comes, and nobody leads it when the time is over.
  for (std::uint32_t other = 1; other <= 3; ++other) {
    if (other == follower) continue;
    (void)world.perform(sim::Cut{member_address(follower), member_address(other)});
    (void)world.perform(sim::Cut{member_address(other), member_address(follower)});
  }
  EXPECT_EQ(ask(world, put_under("k", LeaseId(0)), follower), "etcdserver: request timed out");
  EXPECT_EQ(memory(world, follower).raft.leader(), NodeId(0));
  EXPECT_TRUE(memory(world, follower).active_since.empty()) << "what it sends is lost";
}

TEST(Timeouts, ALeaderThatHearsNobodySaysSo) {
  Timing timing;
  timing.call_timeout = seconds(60);
  timing.request_timeout = millis(900);  // over before a leader without a quorum steps down
  World world = cluster_of(Version::V3_6, timing);
  run_for(world, seconds(3));
  const std::uint32_t leader = leader_of(world);
  for (std::uint32_t other = 1; other <= 3; ++other) {
    if (other == leader) continue;
    (void)world.perform(sim::Cut{member_address(leader), member_address(other)});
    (void)world.perform(sim::Cut{member_address(other), member_address(leader)});
  }
  EXPECT_EQ(ask(world, put_under("k", LeaseId(0)), leader),
            "etcdserver: request timed out, possibly due to connection lost");
}

TEST(Leadership, RaftTheServerAndTheLessorLearnOneAfterTheOther) {
  World world = elected();
  const std::uint32_t old = leader_of(world);
  ASSERT_NE(grant(world, 60), LeaseId(0));
  hold(world, lane(old, LaneKind::Raft));
  // The raft lane is stuck; its member's raft goes on and hears of a new leader.
  ASSERT_TRUE(run_until(world, [&](const World& w) {
    return leader_of(w) != 0 && leader_of(w) != old && !memory(w, old).raft.is_leader();
  }));
  EXPECT_EQ(memory(world, old).seen_role, raft::RoleName::Leader) << "the server has not looked";
  EXPECT_TRUE(memory(world, old).lessor.is_primary());
  const auto until = [&](RaftLane::Phase phase) {
    return step_until(world, lane(old, LaneKind::Raft),
                      [&](const Running& run) { return run.raft_lane.phase == phase; });
  };
  ASSERT_TRUE(until(RaftLane::Phase::Demote));
  EXPECT_NE(memory(world, old).seen_role, raft::RoleName::Leader);
  EXPECT_TRUE(memory(world, old).lessor.is_primary()) << "and the lessor not yet";
  ASSERT_TRUE(world.perform(lane(old, LaneKind::Raft)));
  EXPECT_FALSE(memory(world, old).lessor.is_primary());
}

}  // namespace
}  // namespace orrery::server
