#include "check/service_claims.h"

#include <algorithm>
#include <map>

#include "base/text.h"
#include "proto/rpc_codec.h"

namespace orrery::checks {
namespace {

using server::Member;
using server::Running;
using sim::World;

constexpr std::int64_t kSecond = 1'000'000'000;

// A client asked for the lease's end, answered or not.
bool was_revoked_by_a_client(const World& world, LeaseId lease) {
  for (const auto& [no, client] : world.clients()) {
    for (const auto& [number, call] : client->calls()) {
      const auto* group = std::get_if<rpc::LeaseRequest>(&call.request);
      const auto* revoke = group == nullptr ? nullptr : std::get_if<rpc::LeaseRevokeRequest>(group);
      if (revoke != nullptr && revoke->id == lease) return true;
    }
  }
  return false;
}

// What the answer promises: a lease's id and its whole time.
std::pair<LeaseId, std::int64_t> promised(const rpc::Response& response) {
  const auto* group = std::get_if<rpc::LeaseResponse>(&response);
  if (group == nullptr) return {};
  if (const auto* grant = std::get_if<rpc::LeaseGrantResponse>(group)) {
    return {grant->id, grant->ttl};
  }
  const auto* alive = std::get_if<rpc::LeaseKeepAliveResponse>(group);
  return alive == nullptr ? std::pair<LeaseId, std::int64_t>() : std::pair(alive->id, alive->ttl);
}

// How far the fastest clock has run ahead of the world's since the promise was asked for.
Nanos gained_since(const World& world, Nanos asked) {
  Nanos most;
  for (const auto& [no, clock] : world.clocks()) {
    const std::int64_t own = world.clock_of(no) - world.clock_of(no, asked);
    most = std::max(most, Nanos(own - (world.now() - asked)));
  }
  return most;
}

std::vector<LeasePromise> promises_of(const World& world, LeaseId lease) {
  std::vector<LeasePromise> out;
  for (const auto& [no, client] : world.clients()) {
    for (const auto& [number, call] : client->calls()) {
      if (!call.answer || call.answer->error) continue;
      const auto [id, ttl] = promised(call.answer->response);
      if (id != lease || ttl <= 0) continue;
      out.push_back({text("`{}` of c{}", call.line, no), id, call.invoked, ttl,
                     gained_since(world, call.invoked)});
    }
  }
  return out;
}

void judge_leases(const World& after, const Member& then, const Member& now, Violations& out) {
  const auto& old_leases = then.running().lessor.leases();
  const auto& new_leases = now.running().lessor.leases();
  if (old_leases.same_root(new_leases) || new_leases.size() >= old_leases.size()) return;
  for (const auto& [id, lease] : old_leases) {
    if (new_leases.contains(id) || was_revoked_by_a_client(after, id)) continue;
    Violations found = early_end_violations(id, after.now(), promises_of(after, id));
    out.insert(out.end(), found.begin(), found.end());
  }
}

bool covers(const rpc::Permission& permission, const Blob& key, const Blob& end) {
  constexpr BytesView kOpen("\0", 1);
  const bool open = permission.range_end == kOpen;
  if (permission.range_end.empty()) return end.empty() && key == permission.key;
  if (key < permission.key) return false;
  if (end == kOpen) return open;
  if (open) return true;
  return end.empty() ? key < permission.range_end : end <= permission.range_end;
}

class Permissions {
 public:
  Permissions(const OrderedMap<std::string, rpc::RoleRow>& roles, const rpc::UserRow& user)
      : roles_(roles), user_(user) {}

  bool operator()(const rpc::RangeRequest& range) const {
    return may(rpc::PermissionType::Read, range.key, range.range_end);
  }

  bool operator()(const rpc::PutRequest& put) const {
    const bool reads = put.prev_kv;
    return may(rpc::PermissionType::Write, put.key, {}) &&
           (!reads || may(rpc::PermissionType::Read, put.key, {}));
  }

  bool operator()(const rpc::DeleteRangeRequest& erase) const {
    return may(rpc::PermissionType::Write, erase.key, erase.range_end) &&
           (!erase.prev_kv || may(rpc::PermissionType::Read, erase.key, erase.range_end));
  }

  bool operator()(const rpc::TxnRequest& txn) const {
    const auto may_op = [&](const rpc::RequestOp& op) { return std::visit(*this, op.request); };
    const bool compares = std::ranges::all_of(txn.compare, [&](const rpc::Compare& one) {
      return may(rpc::PermissionType::Read, one.key, one.range_end);
    });
    return compares && std::ranges::all_of(txn.success, may_op) &&
           std::ranges::all_of(txn.failure, may_op);
  }

  template <class Other>
  bool operator()(const Other& /*not of keys*/) const {
    return true;
  }

 private:
  bool may(rpc::PermissionType wanted, const Blob& key, const Blob& end) const {
    for (const std::string& name : user_.roles) {
      if (name == "root") return true;
      const rpc::RoleRow* role = roles_.find(name);
      if (role == nullptr) continue;
      for (const rpc::Permission& one : role->permissions) {
        const bool kind = one.type == wanted || one.type == rpc::PermissionType::ReadWrite;
        if (kind && covers(one, key, end)) return true;
      }
    }
    return false;
  }

  const OrderedMap<std::string, rpc::RoleRow>& roles_;
  const rpc::UserRow& user_;
};

// The member has just begun to carry out an entry: the roles that count are those of the moment before.
void judge_permission(const Member& then, const Member& now, Violations& out) {
  using Phase = server::ApplyLane::Phase;
  const Running& before = then.running();
  const Running& run = now.running();
  if (before.apply.phase != Phase::TakeTx || run.apply.phase == Phase::TakeTx) return;
  if (!before.auth.enabled() || run.apply.error || run.applying == run.applied) return;
  const raft::Log& log = run.raft.log();
  if (run.applying < log.first_index() || run.applying > log.last_index()) return;
  const raftpb::Entry& entry = log.at(run.applying);
  if (entry.type != raftpb::EntryType::Normal || entry.data.empty()) return;
  const auto request = rpc::decode_internal_request(entry.data.view());
  if (!request || request->username.empty()) return;
  if (is_permitted(before.auth.users(), before.auth.roles(), request->username, request->request)) {
    return;
  }
  out.push_back(
      {"NothingWithoutPermission",
       text("n{} carries out entry {} of user {}, {}, though no role of that user allows "
            "it",
            now.no(), run.applying.value(), request->username, server::name_of(request->request))});
}

void judge_holders(const World& world, Violations& out) {
  const Running* newest = nullptr;
  for (std::uint32_t no = 1; no <= world.member_count(); ++no) {
    const Member& member = world.member(no);
    if (!member.up()) continue;
    const Running& run = member.running();
    const bool later =
        newest == nullptr || run.store.current_revision() > newest->store.current_revision();
    if (later) newest = &run;
  }
  std::vector<LockHolder> holders;
  for (const auto& [no, client] : world.clients()) {
    for (const auto& [number, program] : client->programs()) {
      const auto* hold = std::get_if<client::Hold>(&program.work);
      if (hold == nullptr || program.over || hold->phase != client::Hold::Phase::Held) continue;
      LockHolder one{.program = text("{} of c{}", program.name, no),
                     .lock = std::string(hold->name.view()),
                     .token = hold->revision};
      if (newest != nullptr) {
        const auto found = newest->store.find(newest->backend, backend::View::Read,
                                              hold->key.view(), newest->store.current_revision());
        one.key_is_there = found && found->has_value() && (*found)->create_revision == one.token;
      }
      holders.push_back(std::move(one));
    }
  }
  if (holders.size() < 2 || newest == nullptr) return;
  Violations found = holder_violations(newest->store.current_revision(), holders);
  out.insert(out.end(), found.begin(), found.end());
}

}  // namespace

Violations early_end_violations(LeaseId lease, Nanos now, std::span<const LeasePromise> promises) {
  Violations out;
  for (const LeasePromise& promise : promises) {
    const Nanos until = promise.asked + (promise.ttl * kSecond - promise.gained.value());
    if (promise.lease != lease || now >= until) continue;
    out.push_back({"LeaseNeverEarly",
                   text("lease {:x} is gone at {} ms, but {} was asked at {} ms and promised {} s",
                        lease.value(), now.value() / 1'000'000, promise.call,
                        promise.asked.value() / 1'000'000, promise.ttl)});
  }
  return out;
}

Violations attachment_violations(const std::string& member, std::span<const AttachedKey> keys) {
  Violations out;
  for (const AttachedKey& one : keys) {
    if (!one.lease_exists) {
      out.push_back({"LeaseKeysGone", text("{}: key {} hangs on lease {:x}, which has ended",
                                           member, quoted(one.key.view()), one.lease.value())});
    } else if (one.lease_in_store != one.lease) {
      out.push_back(
          {"LeaseKeysGone",
           text("{}: the lessor has key {} under lease {:x}, the store under {:x}", member,
                quoted(one.key.view()), one.lease.value(), one.lease_in_store.value())});
    }
  }
  return out;
}

bool is_permitted(const OrderedMap<std::string, rpc::UserRow>& users,
                  const OrderedMap<std::string, rpc::RoleRow>& roles, const std::string& user,
                  const rpc::Request& request) {
  const rpc::UserRow* row = users.find(user);
  return row != nullptr && std::visit(Permissions(roles, *row), request);
}

Violations holder_violations(std::int64_t revision, std::span<const LockHolder> holders) {
  std::map<std::string, std::vector<const LockHolder*>> by_lock;
  for (const LockHolder& one : holders) {
    if (one.key_is_there) by_lock[one.lock].push_back(&one);
  }
  Violations out;
  for (const auto& [lock, both] : by_lock) {
    if (both.size() < 2) continue;
    out.push_back(
        {"OneHolder",
         text("{} (key of revision {}) and {} (key of revision {}) both hold "
              "the lock {} at revision {}",
              both[0]->program, both[0]->token, both[1]->program, both[1]->token, lock, revision)});
  }
  return out;
}

Violations lease_violations(const Member& member) {
  const Running& run = member.running();
  std::vector<AttachedKey> keys;
  for (const auto& [key, lease] : run.lessor.items()) {
    AttachedKey one{.key = key, .lease = lease, .lease_exists = run.lessor.find(lease) != nullptr};
    const auto found =
        run.store.find(run.backend, backend::View::Read, key.view(), run.store.current_revision());
    if (found && found->has_value()) one.lease_in_store = (*found)->lease;
    keys.push_back(std::move(one));
  }
  return attachment_violations(text("n{}", member.no()), keys);
}

void ServiceRecord::observe_auth(const Member& then, const Member& now, Violations& out) {
  const Running& run = now.running();
  const bool same_life = then.up() && then.restarts() == now.restarts();
  const bool is_looked_at = same_life && then.running().applied == run.applied &&
                            then.running().apply.phase == run.apply.phase &&
                            then.running().batch_tx.free() &&
                            then.running().auth.revision() == run.auth.revision();
  if (is_looked_at) return;
  if (run.apply.phase != server::ApplyLane::Phase::Begin || !run.batch_tx.free()) return;
  // After a restart the store is ahead of what has been gone through again.
  if (run.applied < run.consistent) return;
  const std::uint64_t index = run.applied.value();
  auth_rests_.put(now.no(), {index, run.auth.revision()});
  const std::uint64_t* known = auth_revisions_.find(index);
  if (known == nullptr) {
    auth_revisions_.put(index, run.auth.revision());
  } else if (*known != run.auth.revision()) {
    out.push_back({"AuthRevEq",
                   text("n{} has applied the entries up to {} and has auth revision {}, where {} "
                        "was seen before: some change of users was counted twice",
                        now.no(), index, run.auth.revision(), *known)});
  }
}

Violations ServiceRecord::standing(const World& world) const {
  Violations out;
  for (const auto& [no, rest] : auth_rests_) {
    if (no > world.member_count() || !world.member(no).up()) continue;
    const std::uint64_t* known = auth_revisions_.find(rest.applied);
    if (known == nullptr || *known == rest.revision) continue;
    out.push_back({"AuthRevEq",
                   text("n{} has auth revision {}, where {} was seen first with the same entries "
                        "applied, up to {}: it counted some change of users twice",
                        no, rest.revision, *known, rest.applied)});
  }
  return out;
}

Violations ServiceRecord::observe(const World& before, const World& after) {
  Violations out;
  for (std::uint32_t no = 1; no <= after.member_count(); ++no) {
    if (after.shares_member(before, no) || no > before.member_count()) continue;
    const Member& then = before.member(no);
    const Member& now = after.member(no);
    if (!now.up()) continue;
    observe_auth(then, now, out);
    if (!then.up() || then.restarts() != now.restarts()) continue;
    judge_leases(after, then, now, out);
    judge_permission(then, now, out);
  }
  judge_holders(after, out);
  return out;
}

}  // namespace orrery::checks
