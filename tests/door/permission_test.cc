// Who may do what: every method, asked by every kind of caller, in the process and over gRPC, ours and a stock etcd.
#include <algorithm>
#include <array>
#include <functional>
#include <map>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "base/text.h"
#include "door/caller.h"
#include "proto/methods.h"
#include "proto/rpc_codec.h"
#include "proto/services_codec.h"
#include "tests/door/callers.h"
#include "tests/door/programs.h"
#include "tests/stock/stock.h"

namespace orrery::door {
namespace {

using testing::Hall;
using testing::Serving;
using Reply = GrpcCaller::Reply;

constexpr Nanos kCallTime = seconds(5);
constexpr LeaseId kLease(77);
constexpr NodeId kNobody(999);

// A watch that is created and canceled at once has no code of its own.
constexpr int kCanceled = -1;

// Whoever answers: a method, its request, a token.
using Ask =
    std::function<Reply(std::string_view path, const Bytes& request, const std::string& token)>;

struct Row {
  std::string name;
  std::string path;
  Bytes request;
};

Row row(const std::string& name, const rpc::Request& request) {
  const rpc::Method* method = rpc::method_of(request);
  return {.name = name, .path = std::string(method->path), .request = method->encode(request)};
}

template <class Group, class M>
Row row(const std::string& name, const M& message) {
  return row(name, rpc::Request(Group(message)));
}

std::string field(int number, std::string_view bytes) {
  std::string out(1, static_cast<char>(number << 3 | 2));
  out += static_cast<char>(bytes.size());
  return out + std::string(bytes);
}

std::string field(int number, int small) {
  return {static_cast<char>(number << 3), static_cast<char>(small)};
}

rpc::TxnRequest txn_on(const char* key) {
  rpc::TxnRequest txn;
  rpc::PutRequest put;
  put.key = Blob(key);
  txn.success = {rpc::RequestOp(put)};
  return txn;
}

void add_data_rows(std::vector<Row>& out) {
  rpc::RangeRequest range;
  range.key = Blob("a1");
  out.push_back(row("KV/Range", range));
  rpc::PutRequest put;
  put.key = Blob("a1");
  out.push_back(row("KV/Put", put));
  rpc::DeleteRangeRequest gone;
  gone.key = Blob("a9");
  out.push_back(row("KV/DeleteRange", gone));
  out.push_back(row("KV/Txn", txn_on("a1")));
  rpc::CompactionRequest compact;
  compact.revision = 1'000'000;  // lies ahead: whoever is let through hears of that
  out.push_back(row("KV/Compact", compact));
  rpc::WatchCreateRequest watch;
  watch.key = Blob("a1");
  out.push_back({.name = "Watch/Watch",
                 .path = "/etcdserverpb.Watch/Watch",
                 .request = rpc::encode(rpc::WatchRequest(watch))});
  using rpc::LeaseRequest;
  out.push_back(
      row<LeaseRequest>("Lease/LeaseGrant", rpc::LeaseGrantRequest{.ttl = 600, .id = {}}));
  out.push_back(
      row<LeaseRequest>("Lease/LeaseKeepAlive", rpc::LeaseKeepAliveRequest{.id = kLease}));
  out.push_back(row<LeaseRequest>("Lease/LeaseTimeToLive",
                                  rpc::LeaseTimeToLiveRequest{.id = kLease, .keys = false}));
  out.push_back(row<LeaseRequest>("Lease/LeaseTimeToLive keys",
                                  rpc::LeaseTimeToLiveRequest{.id = kLease, .keys = true}));
  out.push_back(row<LeaseRequest>("Lease/LeaseLeases", rpc::LeaseLeasesRequest{}));
}

void add_recipe_rows(std::vector<Row>& out) {
  const auto add = [&](const char* name, const char* path, const Bytes& request) {
    out.push_back({.name = name, .path = path, .request = request});
  };
  const Bytes leader = field(1, "a-el") + field(2, "a-el/4d") + field(3, 1) + field(4, 77);
  add("Lock/Lock", "/v3lockpb.Lock/Lock", field(1, "a-lock") + field(2, 77));
  add("Lock/Unlock", "/v3lockpb.Lock/Unlock", field(1, "a-lock/4d"));
  add("Election/Campaign", "/v3electionpb.Election/Campaign",
      field(1, "a-el") + field(2, 77) + field(3, "v"));
  add("Election/Leader", "/v3electionpb.Election/Leader", field(1, "a-el"));
  add("Election/Observe", "/v3electionpb.Election/Observe", field(1, "a-el"));
  add("Election/Proclaim", "/v3electionpb.Election/Proclaim", field(1, leader) + field(2, "w"));
  add("Election/Resign", "/v3electionpb.Election/Resign", field(1, leader));
  add("Health/Check", "/grpc.health.v1.Health/Check", "");
}

void add_operator_rows(std::vector<Row>& out) {
  using rpc::ClusterRequest;
  using rpc::MaintenanceRequest;
  const std::vector<std::string> urls{"http://127.0.0.1:1"};
  out.push_back(row<rpc::LeaseRequest>("Lease/LeaseRevoke", rpc::LeaseRevokeRequest{.id = kLease}));
  out.push_back(row<ClusterRequest>("Cluster/MemberAdd",
                                    rpc::MemberAddRequest{.peer_urls = urls, .is_learner = true}));
  out.push_back(
      row<ClusterRequest>("Cluster/MemberRemove", rpc::MemberRemoveRequest{.id = kNobody}));
  out.push_back(row<ClusterRequest>("Cluster/MemberUpdate",
                                    rpc::MemberUpdateRequest{.id = kNobody, .peer_urls = urls}));
  out.push_back(
      row<ClusterRequest>("Cluster/MemberPromote", rpc::MemberPromoteRequest{.id = kNobody}));
  out.push_back(row<ClusterRequest>("Cluster/MemberList", rpc::MemberListRequest{}));
  out.push_back(row<MaintenanceRequest>("Maintenance/Alarm get", rpc::AlarmRequest{}));
  rpc::AlarmRequest disarm;
  disarm.action = rpc::AlarmAction::Deactivate;
  disarm.alarm = rpc::AlarmType::NoSpace;
  out.push_back(row<MaintenanceRequest>("Maintenance/Alarm disarm", disarm));
  out.push_back(row<MaintenanceRequest>("Maintenance/Status", rpc::StatusRequest{}));
  out.push_back(row<MaintenanceRequest>("Maintenance/Defragment", rpc::DefragmentRequest{}));
  out.push_back(row<MaintenanceRequest>("Maintenance/Hash", rpc::HashRequest{}));
  out.push_back(row<MaintenanceRequest>("Maintenance/HashKV", rpc::HashKVRequest{}));
  out.push_back(row<MaintenanceRequest>("Maintenance/Snapshot", rpc::SnapshotRequest{}));
  out.push_back(row<MaintenanceRequest>("Maintenance/MoveLeader",
                                        rpc::MoveLeaderRequest{.target_id = kNobody}));
  rpc::DowngradeRequest downgrade;
  downgrade.action = rpc::DowngradeAction::Cancel;
  out.push_back(row<MaintenanceRequest>("Maintenance/Downgrade", downgrade));
}

rpc::Permission around_a() {
  return {.type = rpc::PermissionType::ReadWrite, .key = Blob("a"), .range_end = Blob("b")};
}

void add_auth_rows(std::vector<Row>& out) {
  using rpc::AuthRequest;
  const auto add = [&](const char* name, auto request) {
    out.push_back(row<AuthRequest>(name, request));
  };
  add("Auth/AuthStatus", rpc::AuthStatusRequest{});
  add("Auth/AuthEnable", rpc::AuthEnableRequest{});
  add("Auth/Authenticate", rpc::AuthenticateRequest{.name = "amy", .password = "wrong"});
  add("Auth/UserAdd", rpc::AuthUserAddRequest{
                          .name = "new", .password = "pw", .options = {}, .hashed_password = {}});
  add("Auth/UserGet amy", rpc::AuthUserGetRequest{.name = "amy"});
  add("Auth/UserGet root", rpc::AuthUserGetRequest{.name = "root"});
  add("Auth/UserList", rpc::AuthUserListRequest{});
  add("Auth/UserDelete", rpc::AuthUserDeleteRequest{.name = "nobody"});
  add("Auth/UserChangePassword", rpc::AuthUserChangePasswordRequest{
                                     .name = "nobody", .password = "pw", .hashed_password = {}});
  add("Auth/UserGrantRole", rpc::AuthUserGrantRoleRequest{.user = "nobody", .role = "r"});
  add("Auth/UserRevokeRole", rpc::AuthUserRevokeRoleRequest{.name = "nobody", .role = "r"});
  add("Auth/RoleAdd", rpc::AuthRoleAddRequest{.name = "new"});
  add("Auth/RoleGet r", rpc::AuthRoleGetRequest{.role = "r"});
  add("Auth/RoleGet root", rpc::AuthRoleGetRequest{.role = "root"});
  add("Auth/RoleList", rpc::AuthRoleListRequest{});
  add("Auth/RoleDelete", rpc::AuthRoleDeleteRequest{.role = "none"});
  add("Auth/RoleGrantPermission",
      rpc::AuthRoleGrantPermissionRequest{.name = "none", .permission = around_a()});
  add("Auth/RoleRevokePermission", rpc::AuthRoleRevokePermissionRequest{
                                       .role = "none", .key = Blob("a"), .range_end = Blob("b")});
  add("Auth/AuthDisable", rpc::AuthDisableRequest{});
}

enum class Rows : std::uint8_t { All, OfTheWorld };

std::vector<Row> rows_of(Rows which) {
  std::vector<Row> out;
  add_data_rows(out);
  if (which == Rows::All) add_recipe_rows(out);
  add_operator_rows(out);
  add_auth_rows(out);
  return out;
}

template <class Group, class M>
void must(const Ask& ask, const M& message) {
  const Row one = row<Group>("", message);
  const Reply reply = ask(one.path, one.request, {});
  EXPECT_EQ(reply.code, 0) << one.path << ": " << reply.words;
}

// root; amy, who may read and write [a, b); bob, who may nothing; a lease with a key of amy's.
void furnish(const Ask& ask) {
  using rpc::AuthRequest;
  for (const char* user : {"root", "amy", "bob"}) {
    must<AuthRequest>(ask,
                      rpc::AuthUserAddRequest{
                          .name = user, .password = user, .options = {}, .hashed_password = {}});
  }
  must<AuthRequest>(ask, rpc::AuthRoleAddRequest{.name = "root"});
  must<AuthRequest>(ask, rpc::AuthRoleAddRequest{.name = "r"});
  must<AuthRequest>(ask,
                    rpc::AuthRoleGrantPermissionRequest{.name = "r", .permission = around_a()});
  must<AuthRequest>(ask, rpc::AuthUserGrantRoleRequest{.user = "root", .role = "root"});
  must<AuthRequest>(ask, rpc::AuthUserGrantRoleRequest{.user = "amy", .role = "r"});
  must<rpc::LeaseRequest>(ask, rpc::LeaseGrantRequest{.ttl = 600, .id = kLease});
  rpc::PutRequest put;
  put.key = Blob("a2");
  put.lease = kLease;
  EXPECT_EQ(ask("/etcdserverpb.KV/Put", rpc::encode(put), {}).code, 0);
  must<AuthRequest>(ask, rpc::AuthEnableRequest{});
}

std::string token_of(const Ask& ask, const std::string& user) {
  const Row one =
      row<rpc::AuthRequest>("", rpc::AuthenticateRequest{.name = user, .password = user});
  const Reply reply = ask(one.path, one.request, {});
  EXPECT_EQ(reply.code, 0) << reply.words;
  const auto read = rpc::decode_message<rpc::AuthenticateResponse>(reply.bytes);
  return read ? read->token : "";
}

constexpr std::array<std::string_view, 5> kWho{"nobody", "wrong token", "bob", "amy", "root"};
using Replies = std::array<Reply, 5>;

std::map<std::string, Replies> ask_all(const Ask& ask, Rows which) {
  furnish(ask);
  const std::array<std::string, 5> tokens{"", "AAAAAAAAAAAAAAAA.1", token_of(ask, "bob"),
                                          token_of(ask, "amy"), token_of(ask, "root")};
  std::map<std::string, Replies> out;
  for (const Row& one : rows_of(which)) {
    for (std::size_t i = 0; i < tokens.size(); ++i) {
      out[one.name].at(i) = ask(one.path, one.request, tokens.at(i));
    }
  }
  return out;
}

bool has_streams(std::string_view path) {
  const rpc::Method* method = rpc::find_method(path);
  return path.ends_with("/Observe") || (method != nullptr && method->shape != rpc::Shape::Unary);
}

Reply of_watch(Reply reply) {
  const auto response = rpc::decode_watch_response(reply.bytes);
  if (reply.code == 0 && response && response->canceled) {
    reply.code = kCanceled;
    reply.words = response->cancel_reason;
  }
  return reply;
}

Ask over_grpc(GrpcCaller& caller) {
  return [&caller](std::string_view path, const Bytes& request, const std::string& token) {
    Reply reply = has_streams(path) ? caller.ask_stream(path, request, kCallTime, token)
                                    : caller.ask(path, request, kCallTime, token);
    return path.ends_with("Watch/Watch") ? of_watch(std::move(reply)) : reply;
  };
}

// Without a transport: no recipes, which the endpoint makes.
Ask in_process(Hall& hall) {
  return [&hall](std::string_view path, const Bytes& bytes, const std::string& token) -> Reply {
    const Ticket ticket = new_ticket();
    const Caller caller{.member = 1, .peer = "a connection", .token = token};
    if (path.ends_with("Watch/Watch")) {
      hall.bring(WatchAsked{
          .ticket = ticket, .caller = caller, .request = *rpc::decode_watch_request(bytes)});
    } else {
      const rpc::Method* method = rpc::find_method(path);
      hall.bring(Asked{.ticket = ticket, .caller = caller, .request = *method->decode(bytes)});
    }
    hall.pass(seconds(1));
    const auto told = hall.told_to(ticket);
    hall.bring(Gone{.ticket = ticket});
    if (told.empty()) return {.code = -2, .words = "no answer", .bytes = {}};
    const client::Told& first = told.front();
    if (first.error) {
      return {.code = grpc_code(first.error->code), .words = first.error->detail, .bytes = {}};
    }
    if (const auto* watch = std::get_if<rpc::WatchResponse>(&first.what)) {
      return of_watch({.code = 0, .words = {}, .bytes = rpc::encode(*watch)});
    }
    const Bytes answer = rpc::encode_response(std::get<rpc::Response>(first.what));
    return {.code = 0, .words = {}, .bytes = answer};
  };
}

// units: gRPC's codes; -1 = a watch that is canceled at once
struct Expected {
  std::string_view name;
  std::array<int, 5> codes_34;  // as a stock etcd 3.4.23 answers
  std::array<int, 5> codes_36;  // facts B.6
};

constexpr std::array kTable{
#include "tests/door/permission_table.inc"
};

constexpr int kUnimplemented = 12;  // an endpoint says so, and nobody behind it

std::string differences(const std::map<std::string, Replies>& got, bool newer,
                        Rows which = Rows::All) {
  std::string out;
  for (const Expected& row : kTable) {
    const auto found = got.find(std::string(row.name));
    if (found == got.end()) continue;
    for (std::size_t i = 0; i < kWho.size(); ++i) {
      const int wanted = newer ? row.codes_36.at(i) : row.codes_34.at(i);
      const bool behind = which == Rows::OfTheWorld && wanted == kUnimplemented;
      if (behind || found->second.at(i).code == wanted) continue;
      out += text("{}, {}: {} ({}) for {}\n", row.name, kWho.at(i), found->second.at(i).code,
                  found->second.at(i).words, wanted);
    }
  }
  return out;
}

TEST(Permissions, TheTableHoldsWithoutATransport) {
  Hall old(1, server::Version::V3_4);
  Hall newer(1, server::Version::V3_6);

  EXPECT_EQ(differences(ask_all(in_process(old), Rows::OfTheWorld), false, Rows::OfTheWorld), "");
  EXPECT_EQ(differences(ask_all(in_process(newer), Rows::OfTheWorld), true), "");
}

TEST(Permissions, TheTableHoldsOverGrpcAndNamesEveryMethod) {
  const Serving old("--as v3.4.23 --listen-client-port 0");
  const Serving newer("--listen-client-port 0");
  GrpcCaller old_caller(old.endpoints());
  GrpcCaller newer_caller(newer.endpoints());

  const auto got = ask_all(over_grpc(old_caller), Rows::All);

  EXPECT_EQ(got.size(), kTable.size());
  EXPECT_EQ(differences(got, false), "");
  EXPECT_EQ(differences(ask_all(over_grpc(newer_caller), Rows::All), true), "");
  for (const rpc::Method& method : rpc::methods()) {
    const std::string_view name = method.path.substr(method.path.rfind('.') + 1);
    EXPECT_TRUE(std::ranges::any_of(kTable, [&](const Expected& row) {
      return row.name.starts_with(name);
    })) << method.path;
  }
}

class BesideStockEtcd : public stock::BesideStock {};

TEST_F(BesideStockEtcd, EveryMethodAnswersEveryKindOfCallerAsAStockEtcdDoes) {
  const stock::Scratch folder("permissions");
  stock::Options options;
  options.data_dir = folder / "etcd";
  const stock::Stock stock(options);
  ASSERT_TRUE(stock.healthy()) << stock.log();
  GrpcCaller stock_caller(text("127.0.0.1:{}", stock.client_port()));
  const Serving serving("--as v3.4.23 --listen-client-port 0");
  GrpcCaller our_caller(serving.endpoints());

  auto theirs = ask_all(over_grpc(stock_caller), Rows::All);
  auto ours = ask_all(over_grpc(our_caller), Rows::All);

  std::string differ;
  for (const Row& one : rows_of(Rows::All)) {
    for (std::size_t i = 0; i < kWho.size(); ++i) {
      const Reply& their = theirs[one.name].at(i);
      const Reply& our = ours[one.name].at(i);
      const bool same_end = their.bytes.empty() == our.bytes.empty();
      if (their.code == our.code && their.words == our.words && same_end) continue;
      differ += text("{}, {}: {} {}, a stock etcd {} {}\n", one.name, kWho.at(i), our.code,
                     our.words, their.code, their.words);
    }
  }
  EXPECT_EQ(differ, "");
}

}  // namespace
}  // namespace orrery::door
