// Every error of etcd's that a member can answer with: its code, its words, and the test in which it arises.
#include <array>
#include <fstream>
#include <sstream>

#include <gtest/gtest.h>

#include "source_dir.h"
#include "tests/server/services.h"

namespace orrery::server {
namespace {

using namespace testing;

struct Row {
  Errc code;
  std::string_view name;
  int grpc;
  std::string_view file;  // under tests/: the one in which the error arises
};

// In the order of result.h.
constexpr auto kRows = std::to_array<Row>({
    {Errc::EmptyKey, "Errc::EmptyKey", 3, "server/handler_test.cc"},
    {Errc::KeyNotFound, "Errc::KeyNotFound", 3, "mvcc/txn_test.cc"},
    {Errc::ValueProvided, "Errc::ValueProvided", 3, "mvcc/request_test.cc"},
    {Errc::LeaseProvided, "Errc::LeaseProvided", 3, "mvcc/request_test.cc"},
    {Errc::TooManyOps, "Errc::TooManyOps", 3, "mvcc/request_test.cc"},
    {Errc::DuplicateKey, "Errc::DuplicateKey", 3, "mvcc/request_test.cc"},
    {Errc::InvalidSortOption, "Errc::InvalidSortOption", 3, "mvcc/request_test.cc"},
    {Errc::Compacted, "Errc::Compacted", 11, "model/model_test.cc"},
    {Errc::FutureRev, "Errc::FutureRev", 11, "server/apply_test.cc"},
    {Errc::LeaseNotFound, "Errc::LeaseNotFound", 5, "server/monitor_test.cc"},
    {Errc::LeaseExist, "Errc::LeaseExist", 9, "server/lease_test.cc"},
    {Errc::LeaseTtlTooLarge, "Errc::LeaseTtlTooLarge", 11, "server/lease_test.cc"},
    {Errc::NoSpace, "Errc::NoSpace", 8, "server/alarm_test.cc"},
    {Errc::UserEmpty, "Errc::UserEmpty", 3, "server/auth_test.cc"},
    {Errc::RoleEmpty, "Errc::RoleEmpty", 3, "auth/auth_store_test.cc"},
    {Errc::AuthFailed, "Errc::AuthFailed", 3, "server/auth_test.cc"},
    {Errc::PermissionNotGiven, "Errc::PermissionNotGiven", 3, "auth/auth_store_test.cc"},
    {Errc::InvalidAuthMgmt, "Errc::InvalidAuthMgmt", 3, "server/auth_test.cc"},
    {Errc::AuthOldRevision, "Errc::AuthOldRevision", 3, "auth/auth_store_test.cc"},
    {Errc::RootUserNotExist, "Errc::RootUserNotExist", 9, "server/auth_test.cc"},
    {Errc::RootRoleNotExist, "Errc::RootRoleNotExist", 9, "auth/auth_store_test.cc"},
    {Errc::UserAlreadyExist, "Errc::UserAlreadyExist", 9, "auth/auth_store_test.cc"},
    {Errc::UserNotFound, "Errc::UserNotFound", 9, "auth/auth_store_test.cc"},
    {Errc::RoleAlreadyExist, "Errc::RoleAlreadyExist", 9, "auth/auth_store_test.cc"},
    {Errc::RoleNotFound, "Errc::RoleNotFound", 9, "auth/auth_store_test.cc"},
    {Errc::RoleNotGranted, "Errc::RoleNotGranted", 9, "auth/auth_store_test.cc"},
    {Errc::PermissionNotGranted, "Errc::PermissionNotGranted", 9, "auth/auth_store_test.cc"},
    {Errc::AuthNotEnabled, "Errc::AuthNotEnabled", 9, "auth/auth_store_test.cc"},
    {Errc::PermissionDenied, "Errc::PermissionDenied", 7, "server/auth_test.cc"},
    {Errc::CorruptCluster, "Errc::CorruptCluster", 15, "server/monitor_test.cc"},
    {Errc::MemberUrlsInvalid, "Errc::MemberUrlsInvalid", 3, "server/membership_test.cc"},
    {Errc::MemberNotFound, "Errc::MemberNotFound", 5, "server/membership_test.cc"},
    {Errc::MemberExists, "Errc::MemberExists", 9, "server/errors_test.cc"},
    {Errc::PeerUrlExists, "Errc::PeerUrlExists", 9, "server/membership_test.cc"},
    {Errc::MemberNotLearner, "Errc::MemberNotLearner", 9, "server/membership_test.cc"},
    {Errc::TooManyLearners, "Errc::TooManyLearners", 9, "server/membership_test.cc"},
    {Errc::InvalidAuthToken, "Errc::InvalidAuthToken", 16, "server/errors_test.cc"},
    {Errc::NotEnoughStarted, "Errc::NotEnoughStarted", 2, "server/membership_test.cc"},
    {Errc::LearnerNotReady, "Errc::LearnerNotReady", 9, "server/membership_test.cc"},
    {Errc::UnhealthyCluster, "Errc::UnhealthyCluster", 14, "server/errors_test.cc"},
    {Errc::BadLeaderTransferee, "Errc::BadLeaderTransferee", 9, "server/membership_test.cc"},
    {Errc::LeaderTransferTimeout, "Errc::LeaderTransferTimeout", 2, "server/errors_test.cc"},
    {Errc::NotForLearner, "Errc::NotForLearner", 9, "server/membership_test.cc"},
    {Errc::DowngradeTargetFormat, "Errc::DowngradeTargetFormat", 3, "server/monitor_test.cc"},
    {Errc::DowngradeTargetInvalid, "Errc::DowngradeTargetInvalid", 3, "server/monitor_test.cc"},
    {Errc::DowngradeInProcess, "Errc::DowngradeInProcess", 9, "server/errors_test.cc"},
    {Errc::NoInflightDowngrade, "Errc::NoInflightDowngrade", 9, "server/monitor_test.cc"},
    {Errc::RequestTooLarge, "Errc::RequestTooLarge", 3, "server/handler_test.cc"},
    {Errc::TooManyRequests, "Errc::TooManyRequests", 2, "server/handler_test.cc"},
    {Errc::NoLeader, "Errc::NoLeader", 14, "server/errors_test.cc"},
    {Errc::LeaderChanged, "Errc::LeaderChanged", 14, "server/read_test.cc"},
    {Errc::NotLeader, "Errc::NotLeader", 9, "server/membership_test.cc"},
    {Errc::Timeout, "Errc::Timeout", 14, "server/monitor_test.cc"},
    {Errc::TimeoutLeaderFail, "Errc::TimeoutLeaderFail", 14, "server/errors_test.cc"},
    {Errc::TimeoutConnectionLost, "Errc::TimeoutConnectionLost", 14, "server/monitor_test.cc"},
    {Errc::ProposalDropped, "Errc::ProposalDropped", 2, "raft/paper_test.cc"},
    {Errc::Unavailable, "Errc::Unavailable", 14, "client/client_test.cc"},
});

// Founders know the cluster's version, nobody stops gracefully, a client's cancel ends with it, and readers wait
// for apply
// without a limit of their own: these cannot arise in a world.
constexpr std::array kElsewhere{Errc::NotCapable, Errc::Stopped, Errc::Canceled,
                                Errc::TimeoutWaitApplied};

std::string read(std::string_view file) {
  std::ifstream in(std::string(ORRERY_SOURCE_DIR) + "/tests/" + std::string(file));
  std::stringstream all;
  all << in.rdbuf();
  return all.str();
}

TEST(Errors, EachHasItsCodeItsWordsAndATestInWhichItArises) {
  for (const Row& row : kRows) {
    const std::string words(wire_text(row.code));
    EXPECT_FALSE(words.empty());
    EXPECT_EQ(grpc_code(row.code), row.grpc) << words;
    const std::string test = read(row.file);
    EXPECT_TRUE(test.find(words) != std::string::npos || test.find(row.name) != std::string::npos)
        << words << " is not in tests/" << row.file;
  }
  EXPECT_EQ(kRows.size() + kElsewhere.size(), static_cast<std::size_t>(Errc::Unmapped));
}

TEST(Errors, AnIdThatIsThereCannotBeAddedAgain) {
  World world = elected();
  raftpb::ConfChange again;
  again.node_id = world.member(1).id();
  again.context =
      Blob(to_json(ChangeContext{{again.node_id, "", {"http://new:1"}, {}, false}, false}));
  const auto refused = memory(world, 2).membership.validate(again, 1);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().detail, "etcdserver: member ID already exist");
}

TEST(Errors, ATokenThatNobodyMadeIsInvalid) {
  World world = elected();
  enable_auth(world);
  CallRequest call{.call = 900, .request = get_of("k"), .token = "ABCDEFGHIJKLMNOP.1"};
  const Guards guards;
  std::vector<std::string> notes;
  Step step(world.now(), 1, world.config().timing, guards, &notes);
  Member member = world.member(1);
  deliver(step, member, Packet{client_address(5), member_address(1), Channel::Calls, call});
  const std::uint64_t no = member.running().next_handler - 1;
  const LaneId handler{.kind = LaneKind::Handler, .no = no, .choice = 0};
  ASSERT_TRUE(readiness(member, handler, guards).enabled);
  run(step, member, handler);
  const HandlerLane* lane = member.running().handlers.find(no);
  ASSERT_NE(lane, nullptr);
  ASSERT_TRUE(lane->error.has_value());
  EXPECT_EQ(lane->error->detail, "etcdserver: invalid auth token");
}

TEST(Errors, AMemberWithoutALeaderSaysSoInItsStatus) {
  World world = elected();
  const std::uint32_t alone = leader_of(world) % 3 + 1;
  cut_off(world, alone);
  run_for(world, seconds(5));
  ASSERT_EQ(ask(world, rpc::MaintenanceRequest(rpc::StatusRequest{}), alone), "ok");
  const auto& status = told<rpc::MaintenanceResponse, rpc::StatusResponse>(world);
  ASSERT_EQ(status.errors.size(), 1U);
  EXPECT_EQ(status.errors.front(), "etcdserver: no leader");
}

TEST(Errors, ALeaderThatHeardOfTooFewAddsNobody) {
  World world = elected();
  const std::uint32_t leader = leader_of(world);
  for (std::uint32_t no = 1; no <= 3; ++no) {
    if (no != leader) (void)world.perform(sim::Crash{.member = no, .survivors = {}});
  }
  // Within an election timeout, while it still leads, nobody has been heard of since the last look.
  (void)run_until(world, [&](const World& w) {
    const raft::ProgressMap* progress = memory(w, leader).raft.progress();
    if (progress == nullptr) return true;
    for (const auto& [id, one] : *progress) {
      if (id != w.member(leader).id() && one.recent_active) return false;
    }
    return true;
  });
  if (!memory(world, leader).raft.is_leader()) return;
  EXPECT_EQ(ask(world, rpc::ClusterRequest(rpc::MemberAddRequest{{peer_url_of(4)}, true}), leader),
            "etcdserver: unhealthy cluster");
}

TEST(Errors, ATransferToAMemberThatIsDownTakesTooLong) {
  Timing timing;
  timing.call_timeout = millis(700);  // the client's patience, shorter than raft's
  sim::Config config;
  config.timing = timing;
  World world = elected(config);
  const std::uint32_t leader = leader_of(world);
  const std::uint32_t target = leader % 3 + 1;
  (void)world.perform(sim::Crash{.member = target, .survivors = {}});
  client::BeginCall call;
  call.line = "move-leader";
  call.via = leader;
  call.request = rpc::MaintenanceRequest(rpc::MoveLeaderRequest{world.member(target).id()});
  (void)world.perform(sim::Submit{1, call});
  std::string refused;
  (void)run_until(world, [&](const World& w) {
    for (const auto& [no, handler] : memory(w, leader).handlers) {
      if (handler.error) refused = handler.error->detail;
    }
    return !refused.empty();
  });
  EXPECT_EQ(refused, "etcdserver: request timed out, leader transfer took too long");
}

TEST(Errors, ASecondDowngradeIsRefusedWhileOneIsUnderWay) {
  World world = elected();
  for (std::uint32_t no = 1; no <= 3; ++no) hold(world, lane(no, LaneKind::Versions));
  const auto downgrade = [&](rpc::DowngradeAction action) {
    return ask(world, rpc::MaintenanceRequest(rpc::DowngradeRequest{action, "3.5.0"}));
  };
  EXPECT_EQ(downgrade(rpc::DowngradeAction::Enable), "ok");
  EXPECT_EQ(downgrade(rpc::DowngradeAction::Validate),
            "etcdserver: cluster has a downgrade job in progress");
}

TEST(Errors, AProposalLostWithItsLeaderSaysSo) {
  Timing timing;
  timing.call_timeout = seconds(60);
  timing.request_timeout = seconds(3);
  sim::Config config;
  config.timing = timing;
  World world = elected(config);
  const std::uint32_t leader = leader_of(world);
  const std::uint32_t follower = leader % 3 + 1;
  run_for(world, seconds(1));
  (void)world.perform(sim::Crash{.member = leader, .survivors = {}});
  // The follower still believes in the leader: its proposal goes nowhere, and another leader comes soon after.
  EXPECT_EQ(ask(world, put_under("k", LeaseId(0)), follower),
            "etcdserver: request timed out, possibly due to previous leader failure");
}

}  // namespace
}  // namespace orrery::server
