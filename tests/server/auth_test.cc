// Auth in a cluster: tokens known to every member, permissions checked at apply, passwords kept out of the log.
#include <gtest/gtest.h>

#include "proto/rpc_codec.h"
#include "tests/server/services.h"

namespace orrery::server {
namespace {

using namespace testing;

rpc::Request put_request(std::string_view key) {
  return put_under(key, LeaseId(0));
}

rpc::Request get_request(std::string_view key) {
  rpc::RangeRequest request;
  request.key = Blob(key);
  return request;
}

std::string ask_auth(World& world, const rpc::AuthRequest& request, const std::string& user = {}) {
  return ask(world, rpc::Request(request), 0, user);
}

bool log_holds(const World& world, std::uint32_t no, std::string_view secret) {
  const raft::Log& log = memory(world, no).raft.log();
  for (Index at = log.first_index(); at <= log.last_index(); ++at) {
    if (log.at(at).data.view().find(secret) != BytesView::npos) return true;
  }
  return false;
}

TEST(AuthCluster, ATokenOfOneMemberIsGoodAtAnother) {
  World world = elected();
  enable_auth(world);
  for (std::uint32_t via = 1; via <= 3; ++via) {
    EXPECT_EQ(ask(world, put_request("k"), via, "root"), "ok") << via;
  }
  for (std::uint32_t no = 1; no <= 3; ++no) {
    const auto& own = memory(world, no).auth.tokens().rows();
    EXPECT_EQ(own.size(), 3U) << no;
    for (const auto& [token, row] : memory(world, 1).auth.tokens().rows()) {
      ASSERT_TRUE(own.contains(token)) << no;
      EXPECT_EQ(own.find(token)->username, row.username);
    }
    EXPECT_TRUE(violations(memory(world, no).auth, memory(world, no).backend).empty());
  }
}

TEST(AuthCluster, RefusalsAreEtcds) {
  World world = elected();
  EXPECT_EQ(ask_auth(world, rpc::AuthEnableRequest{}), "etcdserver: root user does not exist");
  enable_auth(world);
  EXPECT_EQ(ask(world, put_request("k")), "etcdserver: user name is empty");
  EXPECT_EQ(ask(world, get_request("k")), "etcdserver: user name is empty");
  EXPECT_EQ(ask(world, get_request("k"), 0, "nobody"),
            "etcdserver: authentication failed, invalid user ID or password");
  ASSERT_EQ(ask_auth(world, rpc::AuthUserAddRequest{"bob", "bob", std::nullopt, ""}, "root"), "ok");
  EXPECT_EQ(ask(world, get_request("k"), 0, "bob"), "etcdserver: permission denied");
  EXPECT_EQ(ask(world, put_request("k"), 0, "bob"), "etcdserver: permission denied");
  EXPECT_EQ(ask_auth(world, rpc::AuthUserListRequest{}, "bob"), "etcdserver: permission denied");
  EXPECT_EQ(ask_auth(world, rpc::AuthUserDeleteRequest{"root"}, "root"),
            "etcdserver: invalid auth management");
  EXPECT_EQ(ask_auth(world, rpc::AuthDisableRequest{}, "root"), "ok");
  EXPECT_EQ(ask(world, get_request("k")), "ok");
}

TEST(AuthCluster, AWriteProposedBeforeAPermissionWentIsRefusedWhenApplied) {
  World world = alone();
  enable_auth(world);
  // The proposal carries the auth revision it was made at; a role added before it is applied makes that old.
  ASSERT_EQ(ask(world, put_request("k"), 0, "root"), "ok");
  hold(world, lane(1, LaneKind::Apply));
  client::BeginCall role;
  role.line = "role add r";
  role.request = rpc::AuthRequest(rpc::AuthRoleAddRequest{"r"});
  role.login = {"root", "root"};
  ASSERT_TRUE(world.perform(sim::Submit{2, role}));
  unhold(world, lane(1, LaneKind::Apply));
  ASSERT_TRUE(run_until(world, [](const World& w) { return answered(w, 2); }));
  const auth::AuthStore& store = memory(world, 1).auth;
  const rpc::InternalRequest old{.id = 1,
                                 .username = "root",
                                 .auth_revision = store.revision() - 1,
                                 .request = put_request("k")};
  EXPECT_FALSE(store.may_write({old.username, old.auth_revision}, "k", ""));
}

TEST(AuthCluster, From35OnNoPasswordStandsInTheLog) {
  World world = elected();
  ASSERT_EQ(ask_auth(world, rpc::AuthUserAddRequest{"eve", "se-cret", std::nullopt, ""}), "ok");
  ASSERT_EQ(ask_auth(world, rpc::AuthUserChangePasswordRequest{"eve", "se-cret-2", ""}), "ok");
  EXPECT_FALSE(log_holds(world, 1, "se-cret"));
  EXPECT_TRUE(log_holds(world, 1, "eve"));
  for (std::uint32_t no = 2; no <= 3; ++no) {
    EXPECT_EQ(memory(world, no).auth.users(), memory(world, 1).auth.users());
  }
}

TEST(AuthCluster, In34ThePasswordStandsInTheLogAndEachMemberHashesItself) {
  sim::Config config;
  config.version = Version::V3_4;
  World world = elected(config);
  ASSERT_EQ(ask_auth(world, rpc::AuthUserAddRequest{"eve", "se-cret", std::nullopt, ""}), "ok");
  ASSERT_TRUE(run_until(world, caught_up));
  EXPECT_TRUE(log_holds(world, 1, "se-cret"));
  EXPECT_NE(memory(world, 1).auth.users().find("eve")->password,
            memory(world, 2).auth.users().find("eve")->password);
}

TEST(AuthCluster, ATokenEndsAfterItsTimeAndTheClientGetsAnother) {
  Timing timing;
  timing.token_ttl = 5;
  World world = alone(timing);
  enable_auth(world);
  ASSERT_EQ(ask(world, put_request("k"), 0, "root"), "ok");
  EXPECT_EQ(memory(world, 1).auth.tokens().size(), 1U);
  run_for(world, seconds(7));
  EXPECT_EQ(memory(world, 1).auth.tokens().size(), 0U);
  EXPECT_EQ(ask(world, put_request("k"), 0, "root"), "ok");
}

TEST(AuthCluster, ASignedTokenGoesStaleWithAnyChange) {
  Timing timing;
  timing.jwt_tokens = true;
  World world = alone(timing);
  enable_auth(world);
  EXPECT_EQ(ask(world, put_request("k"), 0, "root"), "ok");
  EXPECT_EQ(memory(world, 1).auth.tokens().size(), 0U) << "nobody remembers it";
  ASSERT_EQ(ask_auth(world, rpc::AuthRoleAddRequest{"r"}, "root"), "ok");
  EXPECT_EQ(ask(world, put_request("k"), 0, "root"), "ok");
}

TEST(AuthCluster, AWatchNeedsPermissionToRead) {
  World world = alone();
  enable_auth(world);
  client::BeginWatch watch;
  watch.line = "watch k";
  watch.name = "w1";
  watch.request.key = Blob("k");
  ASSERT_TRUE(world.perform(sim::Submit{1, watch}));
  watch.name = "w2";
  watch.login = {"root", "root"};
  ASSERT_TRUE(world.perform(sim::Submit{1, watch}));
  const auto state = [&](std::string_view name) {
    return (*world.clients().find(1))->find_watch(name)->state;
  };
  ASSERT_TRUE(run_until(world, [&](const World&) {
    return state("w1") == client::Watch::State::Canceled &&
           state("w2") == client::Watch::State::Open;
  }));
  const client::Watch& refused = *(*world.clients().find(1))->find_watch("w1");
  EXPECT_EQ(refused.responses.back().cancel_reason,
            "rpc error: code = InvalidArgument desc = etcdserver: user name is empty");
}

TEST(AuthCluster, ExpiredLeasesAreRevokedAsRoot) {
  World world = alone();
  const LeaseId id = grant(world, 3);
  ASSERT_EQ(ask(world, put_under("k", id)), "ok");
  enable_auth(world);
  run_for(world, seconds(6));
  EXPECT_EQ(memory(world, 1).lessor.find(id), nullptr);
  EXPECT_FALSE(has_key(world, 1, "k"));
}

}  // namespace
}  // namespace orrery::server
