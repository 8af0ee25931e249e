// A run that uses everything a member can do, and a crash of any member after any of its steps: nothing acknowledged
// is lost, all members are equal at the end.
#include <cstdlib>
#include <string>

#include <gtest/gtest.h>

#include "lab/sweep.h"
#include "tests/sim/cluster.h"

namespace orrery::lab {
namespace {

using sim::testing::caught_up;
using sim::testing::leader_of;

class Script {
 public:
  explicit Script(const sim::Config& config) : line_(config) {
    run([](const sim::World& w) { return leader_of(w) != 0 && caught_up(w); });
  }

  void act(const sim::Action& action) { ASSERT_TRUE(line_.perform(action)); }

  template <class Condition>
  void run(Condition&& condition) {
    for (int i = 0; i < 100'000 && !condition(line_.world()); ++i) {
      const auto next = line_.world().next();
      ASSERT_TRUE(next.has_value());
      act(*next);
    }
  }

  void ask(rpc::Request request, std::uint32_t via = 0) {
    client::BeginCall call;
    call.line = "step";
    call.via = via;
    call.request = std::move(request);
    if (is_auth_) call.login = {.name = "root", .password = "root"};
    act(sim::Submit{1, call});
    run([](const sim::World& w) { return sim::testing::answered(w); });
  }

  void put(const std::string& key, LeaseId lease = LeaseId(0)) {
    rpc::PutRequest request;
    request.key = Blob(key);
    request.value = Blob("v");
    request.lease = lease;
    ask(request);
  }

  void logs_in() { is_auth_ = true; }
  const sim::World& world() const { return line_.world(); }
  const sim::Timeline& line() const { return line_; }

 private:
  sim::Timeline line_;
  bool is_auth_ = false;
};

void use_keys(Script& script) {
  for (const char* key : {"a", "b", "a", "c"}) script.put(key);
  rpc::TxnRequest txn;
  rpc::PutRequest inner;
  inner.key = Blob("d");
  inner.value = Blob("in a transaction");
  txn.success.push_back({inner});
  script.ask(txn);
  rpc::DeleteRangeRequest erase;
  erase.key = Blob("b");
  script.ask(erase);
  script.ask(rpc::CompactionRequest{.revision = 4, .physical = true});
}

void use_leases(Script& script) {
  script.ask(rpc::LeaseRequest(rpc::LeaseGrantRequest{.ttl = 1000, .id = LeaseId(7)}));
  script.put("leased", LeaseId(7));
  script.ask(rpc::LeaseRequest(rpc::LeaseKeepAliveRequest{LeaseId(7)}));
  script.ask(rpc::LeaseRequest(rpc::LeaseGrantRequest{.ttl = 1000, .id = LeaseId(8)}));
  script.put("gone", LeaseId(8));
  script.ask(rpc::LeaseRequest(rpc::LeaseRevokeRequest{LeaseId(8)}));
}

void use_alarms(Script& script) {
  const NodeId self = script.world().member(1).id();
  for (const auto action : {rpc::AlarmAction::Activate, rpc::AlarmAction::Deactivate}) {
    script.ask(rpc::MaintenanceRequest(rpc::AlarmRequest{action, self, rpc::AlarmType::NoSpace}));
  }
  script.ask(rpc::MaintenanceRequest(rpc::DefragmentRequest{}), 2);
}

void use_members(Script& script) {
  script.ask(rpc::ClusterRequest(rpc::MemberAddRequest{{server::peer_url_of(4)}, true}),
             leader_of(script.world()));
  script.act(sim::Join{4});
  script.run([](const sim::World& w) { return w.member_count() == 4 && caught_up(w); });
  script.ask(rpc::MaintenanceRequest(rpc::MoveLeaderRequest{
                 script.world().member(leader_of(script.world()) % 3 + 1).id()}),
             leader_of(script.world()));
}

void use_auth(Script& script) {
  script.ask(rpc::AuthRequest(rpc::AuthUserAddRequest{"root", "root", std::nullopt, ""}));
  script.ask(rpc::AuthRequest(rpc::AuthUserGrantRoleRequest{"root", "root"}));
  script.ask(rpc::AuthRequest(rpc::AuthRoleAddRequest{"reader"}));
  script.ask(rpc::AuthRequest(rpc::AuthRoleGrantPermissionRequest{
      "reader", rpc::Permission{rpc::PermissionType::Read, Blob("a"), Blob("c")}}));
  script.ask(rpc::AuthRequest(rpc::AuthEnableRequest{}));
  script.logs_in();
  script.put("with a token");
}

Script every_feature(server::Version version) {
  sim::Config config;
  config.version = version;
  config.timing.snapshot_count = 8;
  config.timing.catch_up_entries = 3;
  config.timing.lease_checkpoints = true;
  config.timing.strict_reconfig = false;  // else five seconds pass before members are added
  Script script(config);
  use_keys(script);
  use_leases(script);
  use_alarms(script);
  use_members(script);
  use_auth(script);
  return script;
}

// How many steps to leave out between two crashes; ORRERY_SWEEP_EVERY=1 looks at all of them.
std::size_t every(std::size_t usual) {
  const char* asked = std::getenv("ORRERY_SWEEP_EVERY");
  return asked == nullptr ? usual : static_cast<std::size_t>(std::strtoul(asked, nullptr, 10));
}

class EveryFeature : public testing::TestWithParam<server::Version> {};

TEST_P(EveryFeature, SurvivesACrashOfAnyMemberAfterAnyStep) {
  const Script script = every_feature(GetParam());
  EXPECT_GE(script.line().position(), 500U);
  SweepOptions options;
  options.from = 10;
  options.every = every(211);
  options.each_alone = true;
  const auto report = sweep(script.line(), options);
  ASSERT_TRUE(report) << report.error().detail;
  EXPECT_GT(report->crashes, 10U);
  for (const SweepFinding& one : report->findings) {
    ADD_FAILURE() << "n" << one.member << " after step " << one.step << " (" << one.action
                  << "), keep " << one.survivors << ": " << one.what;
  }
  std::printf("%zu steps, %zu looked at, %zu crashes\n", script.line().position(), report->steps,
              report->crashes);
}

INSTANTIATE_TEST_SUITE_P(Releases, EveryFeature,
                         testing::Values(server::Version::V3_4, server::Version::V3_6),
                         [](const auto& release) {
                           return release.param == server::Version::V3_4 ? "Release34"
                                                                         : "Release36";
                         });

}  // namespace
}  // namespace orrery::lab
