// RandomRun: what its clients ask for.
#include <algorithm>

#include "base/text.h"
#include "tests/sim/cluster.h"
#include "tests/sim/random_run.h"

namespace orrery::sim::testing {
namespace {

constexpr std::uint32_t kClients = 4;
constexpr std::uint32_t kMostMembers = 7;

// What appends to a list: the new value only if nobody wrote since it was read.
rpc::TxnRequest append(const Blob& key, std::int64_t read_at, const std::string& value) {
  rpc::TxnRequest txn;
  rpc::Compare unchanged;
  unchanged.target = rpc::CompareTarget::Mod;
  unchanged.key = key;
  unchanged.number = read_at;
  txn.compare = {unchanged};
  rpc::PutRequest put;
  put.key = key;
  put.value = Blob(value);
  txn.success = {{.request = put}};
  return txn;
}

}  // namespace

// In a run with auth most call as root, some as a user with one permission, some as nobody.
client::Login RandomRun::some_login() {
  if (auth_steps_ < 3) return {};
  const std::uint64_t dice = pick(10);
  if (dice < 8) return {.name = "root", .password = "secret"};
  return dice == 8 ? client::Login{.name = "u0", .password = "secret"} : client::Login{};
}

void RandomRun::ask(const char* line, rpc::Request request) {
  client::BeginCall begin;
  begin.line = line;
  begin.via = some_member();
  begin.request = std::move(request);
  begin.login = some_login();
  attempt(Submit{static_cast<std::uint32_t>(pick(kClients) + 1), begin});
}

void RandomRun::clients_act() {
  if (has_auth_ && auth_steps_ < 4 && pick(2) == 0) return set_up_auth();
  const std::uint64_t dice = pick(100);
  if (dice < 30) return use_registers();
  if (dice < 40) return add_to_set();
  if (dice < 52) return grow_list();
  if (dice < 62) return use_leases();
  if (dice < 73) return use_locks();
  if (dice < 83) return change_auth();
  if (dice < 92) return change_members();
  if (dice < 97) {
    client::BeginWatch begin{
        .line = "watch r", .via = some_member(), .name = text("w{}", ++watches_), .request = {}};
    begin.request.key = Blob(text("r{}", pick(3)));
    begin.login = some_login();
    return attempt(Submit{static_cast<std::uint32_t>(pick(kClients) + 1), begin});
  }
  rpc::CompactionRequest compaction;
  compaction.revision = static_cast<std::int64_t>(pick(12) + 1);
  ask("compact", compaction);
}

void RandomRun::use_registers() {
  const Blob key(text("r{}", pick(3)));
  if (pick(5) < 3) {
    rpc::PutRequest put;
    put.key = key;
    put.value = Blob(std::to_string(++values_));
    return ask("put", put);
  }
  rpc::RangeRequest range;
  range.key = key;
  range.serializable = pick(3) == 0;
  ask("get", range);
}

void RandomRun::add_to_set() {
  rpc::PutRequest put;
  put.key = Blob(text("set/{}", ++values_));
  put.value = Blob("in");
  ask("add", put);
}

// From what some member's store says: a guess of the past when it is behind, and then nothing is appended.
void RandomRun::grow_list() {
  const Blob key("list");
  const server::Member& member = world_.member(some_member());
  std::int64_t read_at = 0;
  std::string value;
  if (member.up()) {
    const auto& run = member.running();
    const auto found =
        run.store.find(run.backend, backend::View::Read, "list", run.store.current_revision());
    if (found && *found) {
      read_at = (*found)->mod_revision;
      value = (*found)->value.view();
    }
  }
  const std::string element = std::to_string(++values_);
  ask(text("append {}", element).c_str(), append(key, read_at, value + " " + element));
}

void RandomRun::use_leases() {
  if (leases_.empty() || pick(3) == 0) {
    const LeaseId id(static_cast<std::int64_t>(1000 + leases_.size()));
    leases_.push_back(id);
    rpc::LeaseGrantRequest grant;
    grant.id = id;
    grant.ttl = static_cast<std::int64_t>(pick(4) + 2);
    return ask("grant", rpc::LeaseRequest(grant));
  }
  const LeaseId id = leases_[pick(leases_.size())];
  const std::uint64_t dice = pick(10);
  if (dice == 0) return ask("revoke", rpc::LeaseRequest(rpc::LeaseRevokeRequest{id}));
  if (dice < 5) return ask("renew", rpc::LeaseRequest(rpc::LeaseKeepAliveRequest{id}));
  rpc::PutRequest under;
  under.key = Blob(text("leased{}", pick(4)));
  under.value = Blob(std::to_string(++values_));
  under.lease = id;
  ask("put-leased", under);
}

void RandomRun::use_locks() {
  if (locks_ > 0 && pick(3) == 0) return write_fenced();
  const auto client = static_cast<std::uint32_t>(pick(kClients) + 1);
  if (locks_ > 0 && pick(2) == 0) {
    const std::string name = text("lock{}", pick(locks_) + 1);
    const std::uint64_t dice = pick(4);
    if (dice < 2) {
      return attempt(Submit{client, client::CancelWatch{.line = "cancel", .name = name}});
    }
    const bool paused = dice == 2;
    if (perform(Submit{client, client::PauseWatch{"pause", name, paused}}) && paused) {
      ++counts_["holder told to pause"];
    }
    return;
  }
  client::Hold hold;
  hold.name = Blob("mutex");
  hold.ttl = static_cast<std::int64_t>(pick(3) + 2);
  client::BeginProgram begin{.line = "lock mutex", .name = text("lock{}", ++locks_), .work = hold};
  begin.login = some_login();
  attempt(Submit{client, begin});
}

// Somebody who believes that it holds the lock writes its token, if its key is still there: the fence.
void RandomRun::write_fenced() {
  for (const auto& [no, client] : world_.clients()) {
    for (const auto& [number, program] : client->programs()) {
      const auto* hold = std::get_if<client::Hold>(&program.work);
      const bool holds = hold != nullptr && hold->phase == client::Hold::Phase::Held;
      if (!holds || pick(2) == 0) continue;
      rpc::TxnRequest txn;
      rpc::Compare fence;
      fence.target = rpc::CompareTarget::Create;
      fence.key = hold->key;
      fence.number = hold->revision;
      txn.compare = {fence};
      rpc::PutRequest put;
      put.key = Blob("account");
      put.value = Blob(std::to_string(hold->revision));
      txn.success = {{.request = put}};
      return ask("fenced", txn);
    }
  }
}

// root, its role, the switch; then a user who may touch one register.
void RandomRun::set_up_auth() {
  rpc::AuthRequest request = rpc::AuthUserAddRequest{"root", "secret", std::nullopt, ""};
  if (auth_steps_ == 1) request = rpc::AuthUserGrantRoleRequest{"root", "root"};
  if (auth_steps_ == 2) request = rpc::AuthUserAddRequest{"u0", "secret", std::nullopt, ""};
  if (auth_steps_ == 3) request = rpc::AuthEnableRequest{};
  ++auth_steps_;
  ask("auth", rpc::Request(request));
}

void RandomRun::change_auth() {
  const std::string user = text("u{}", pick(3));
  const std::string role = text("role{}", pick(3));
  const std::uint64_t place = pick(3);
  const Blob key(text("r{}", place));
  const Blob end(place == 2 ? "s" : "");
  const rpc::Permission one{static_cast<rpc::PermissionType>(pick(3)), key, end};
  rpc::AuthRequest request = rpc::AuthRoleAddRequest{role};
  switch (pick(12)) {
    case 0:
    case 1:
      request = rpc::AuthUserAddRequest{user, "", rpc::UserAddOptions{.no_password = true}, ""};
      break;
    case 2:
    case 3:
    case 4: request = rpc::AuthUserGrantRoleRequest{user, role}; break;
    case 5:
    case 6: request = rpc::AuthRoleGrantPermissionRequest{role, one}; break;
    case 7: request = rpc::AuthRoleRevokePermissionRequest{role, key, end}; break;
    case 8: request = rpc::AuthUserRevokeRoleRequest{user, role}; break;
    case 9: request = rpc::AuthUserDeleteRequest{user}; break;
    case 10:
      if (!has_auth_) break;
      request = rpc::AuthEnableRequest{};
      if (pick(3) == 0) request = rpc::AuthDisableRequest{};
      break;
    default: break;
  }
  ask("auth", rpc::Request(request));
}

void RandomRun::change_members() {
  const server::Running* leader = leading(world_);
  if (leader == nullptr) return;
  const std::uint32_t next = world_.member_count() + 1;
  const std::vector<rpc::Member> members = leader->membership.list();
  const rpc::Member& one = members[pick(members.size())];
  const bool awaited = std::ranges::any_of(members, [&](const rpc::Member& member) {
    return !member.peer_urls.empty() && member.peer_urls.front() == server::peer_url_of(next);
  });
  if (awaited && pick(2) == 0) {
    if (perform(Join{next})) ++counts_["member joined"];
    return;
  }
  const std::uint64_t dice = pick(9);
  if (dice < 4 && next <= kMostMembers) {
    return ask("member-add", rpc::ClusterRequest(
                                 rpc::MemberAddRequest{{server::peer_url_of(next)}, pick(3) != 0}));
  }
  if (dice < 6) {
    for (const rpc::Member& learner : members) {
      if (!learner.is_learner) continue;
      return ask("member-promote", rpc::ClusterRequest(rpc::MemberPromoteRequest{learner.id}));
    }
    return;
  }
  if (dice < 7) {
    return ask("move-leader", rpc::MaintenanceRequest(rpc::MoveLeaderRequest{one.id}));
  }
  if (members.size() > 3) {
    ask("member-remove", rpc::ClusterRequest(rpc::MemberRemoveRequest{one.id}));
  }
}

}  // namespace orrery::sim::testing
