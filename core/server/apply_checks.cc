// What stands around the store's own applier: Corrupt, NoSpace, Auth, Quota; and the checks at the door.
// from: etcd server/etcdserver/apply/apply.go (applierV3Corrupt, applierV3Capped), apply_auth.go, quota.go; facts D.10
#include <algorithm>

#include "base/overloaded.h"
#include "mvcc/request.h"
#include "server/context.h"

namespace orrery::server {
namespace {

// From 3.5 on (late patches; facts B.6) more calls need somebody to be known, or root.
bool is_strict(Version version) {
  return version != Version::V3_4;
}

bool is_blocked_when_corrupt(const rpc::Request& request) {
  const auto* lease = std::get_if<rpc::LeaseRequest>(&request);
  if (lease == nullptr) return request.index() <= 4;  // every request of KV
  return std::holds_alternative<rpc::LeaseGrantRequest>(*lease) ||
         std::holds_alternative<rpc::LeaseRevokeRequest>(*lease);
}

bool is_grant(const rpc::Request& request) {
  const auto* lease = std::get_if<rpc::LeaseRequest>(&request);
  return lease != nullptr && std::holds_alternative<rpc::LeaseGrantRequest>(*lease);
}

bool takes_space(const rpc::Request& request) {
  if (std::holds_alternative<rpc::PutRequest>(request) || is_grant(request)) return true;
  const auto* txn = std::get_if<rpc::TxnRequest>(&request);
  return txn != nullptr && mvcc::has_put(*txn);
}

// Whoever puts a key under a lease may end the lease's other keys with it.
Result<void> may_write_all(const Running& run, const auth::AuthInfo& who, LeaseId id,
                           const Guards& guards) {
  for (const Blob& key : run.lessor.keys_of(id)) {
    const auto allowed = run.auth.may_write(who, key, {}, guards);
    if (!allowed) return allowed;
  }
  return {};
}

Result<void> may_put(const Running& run, const auth::AuthInfo& who, const rpc::PutRequest& put,
                     const Guards& guards) {
  auto allowed = run.auth.may_write(who, put.key, {}, guards);
  if (allowed) allowed = may_write_all(run, who, put.lease, guards);
  if (allowed && put.prev_kv) allowed = run.auth.may_read(who, put.key, {}, guards);
  return allowed;
}

Result<void> may_delete(const Running& run, const auth::AuthInfo& who,
                        const rpc::DeleteRangeRequest& erase, const Guards& guards) {
  auto allowed = run.auth.may_write(who, erase.key, erase.range_end, guards);
  if (allowed && erase.prev_kv) {
    allowed = run.auth.may_read(who, erase.key, erase.range_end, guards);
  }
  return allowed;
}

Result<void> may(const Running& run, Version version, const auth::AuthInfo& who,
                 const rpc::LeaseRequest& request, const Guards& guards) {
  if (const auto* revoke = std::get_if<rpc::LeaseRevokeRequest>(&request)) {
    return may_write_all(run, who, revoke->id, guards);
  }
  const bool checks_grant =
      is_strict(version) && std::holds_alternative<rpc::LeaseGrantRequest>(request);
  return checks_grant ? run.auth.is_authenticated(who, guards) : Result<void>();
}

Result<void> may(const Running& run, Version version, const auth::AuthInfo& who,
                 const rpc::AuthRequest& request, const Guards& guards) {
  if (std::holds_alternative<rpc::InternalAuthenticateRequest>(request)) return {};
  if (std::holds_alternative<rpc::AuthStatusRequest>(request) && !is_strict(version)) return {};
  const auto admin = run.auth.may_administer(who, guards);
  if (admin) return admin;
  const auto* user = std::get_if<rpc::AuthUserGetRequest>(&request);
  const bool asks_of_itself = user != nullptr && user->name == who.username;
  const auto* role = std::get_if<rpc::AuthRoleGetRequest>(&request);
  const bool asks_of_own = role != nullptr && run.auth.has_role(who.username, role->role);
  return asks_of_itself || asks_of_own ? Result<void>() : admin;
}

Result<void> may(const Running& run, Version version, const auth::AuthInfo& who,
                 const rpc::Request& request, const Guards& guards) {
  return std::visit(
      Overloaded{
          [&](const rpc::RangeRequest& r) {
            return run.auth.may_read(who, r.key, r.range_end, guards);
          },
          [&](const rpc::PutRequest& r) { return may_put(run, who, r, guards); },
          [&](const rpc::DeleteRangeRequest& r) { return may_delete(run, who, r, guards); },
          [&](const rpc::TxnRequest& r) { return run.auth.may_txn(who, r, guards); },
          [&](const rpc::CompactionRequest&) {
            return is_strict(version) ? run.auth.may_administer(who, guards) : Result<void>();
          },
          [&](const rpc::LeaseRequest& r) { return may(run, version, who, r, guards); },
          [&](const rpc::AuthRequest& r) { return may(run, version, who, r, guards); },
          [](const auto& /*decided at the door*/) { return Result<void>(); },
      },
      request);
}

std::int64_t cost_of(const rpc::PutRequest& put) {
  return 256 + static_cast<std::int64_t>(put.key.size() + put.value.size());
}

std::int64_t cost_of(const std::vector<rpc::RequestOp>& ops) {
  std::int64_t out = 0;
  for (const rpc::RequestOp& op : ops) {
    if (const auto* put = std::get_if<rpc::PutRequest>(&op.request)) out += cost_of(*put);
  }
  return out;
}

std::int64_t cost_of(const rpc::Request& request) {
  if (const auto* put = std::get_if<rpc::PutRequest>(&request)) return cost_of(*put);
  if (is_grant(request)) return 64;
  const auto* txn = std::get_if<rpc::TxnRequest>(&request);
  return txn == nullptr ? 0 : std::max(cost_of(txn->success), cost_of(txn->failure));
}

// etcd #11689: 3.2 ends a lease without looking at its keys; 3.3 looks, and nothing asks first which of the two the
// other members are. An entry that the one carries out and the other refuses parts their stores.
bool ends_unasked(const QuirkSet& quirks, const rpc::Request& request) {
  const auto* lease = std::get_if<rpc::LeaseRequest>(&request);
  return lease != nullptr && std::holds_alternative<rpc::LeaseRevokeRequest>(*lease) &&
         quirks.has(Quirk::LeaseRevokeWithoutRootToken) && !quirks.has(Quirk::ApplyChecksLeasePerm);
}

}  // namespace

Result<void> may_apply(const Running& run, const ClusterPlan& plan,
                       const rpc::InternalRequest& request, const Guards& guards) {
  if (is_blocked_when_corrupt(request.request) &&
      !guards(!run.alarms.any(rpc::AlarmType::Corrupt), "no member is known to be corrupt")) {
    return fail(Errc::CorruptCluster);
  }
  if (takes_space(request.request) &&
      !guards(!run.alarms.any(rpc::AlarmType::NoSpace), "no member is out of space")) {
    return fail(Errc::NoSpace);
  }
  if (ends_unasked(plan.quirks, request.request)) return {};
  const auth::AuthInfo who{.username = request.username, .revision = request.auth_revision};
  return may(run, plan.version, who, request.request, guards);
}

bool fits_quota(const Running& run, const Timing& timing, const rpc::Request& request,
                const Guards& guards) {
  const std::int64_t cost = cost_of(request);
  if (cost == 0 || timing.quota_bytes < 0) return true;
  const auto size = static_cast<std::int64_t>(run.backend.size());
  return guards(size + cost < timing.quota_bytes, "the request fits the backend's quota",
                {{"size", size}, {"cost", cost}, {"quota", timing.quota_bytes}});
}

Result<void> may_call(const Running& run, Version version, const HandlerLane& handler,
                      const Guards& guards) {
  const auto* lease = std::get_if<rpc::LeaseRequest>(&handler.request);
  if (lease != nullptr && is_strict(version)) {
    if (const auto* ttl = std::get_if<rpc::LeaseTimeToLiveRequest>(lease)) {
      auto allowed = run.auth.is_authenticated(handler.who, guards);
      for (const Blob& key : run.lessor.keys_of(ttl->id)) {
        if (allowed && ttl->keys) allowed = run.auth.may_read(handler.who, key, {}, guards);
      }
      return allowed;
    }
    if (std::holds_alternative<rpc::LeaseKeepAliveRequest>(*lease)) {
      return run.auth.is_authenticated(handler.who, guards);
    }
    if (std::holds_alternative<rpc::LeaseLeasesRequest>(*lease)) {
      Result<void> allowed = run.auth.is_authenticated(handler.who, guards);
      for (const auto& [key, id] : run.lessor.items()) {
        if (allowed) allowed = run.auth.may_read(handler.who, key, {}, guards);
      }
      return allowed;
    }
  }
  const auto* cluster = std::get_if<rpc::ClusterRequest>(&handler.request);
  if (cluster != nullptr) {
    const bool lists = std::holds_alternative<rpc::MemberListRequest>(*cluster);
    if (!lists) return run.auth.may_administer(handler.who, guards);
    return is_strict(version) ? run.auth.is_authenticated(handler.who, guards) : Result<void>();
  }
  const auto* maintenance = std::get_if<rpc::MaintenanceRequest>(&handler.request);
  if (maintenance == nullptr) return {};
  const auto* alarm = std::get_if<rpc::AlarmRequest>(maintenance);
  const bool looks = std::holds_alternative<rpc::StatusRequest>(*maintenance) ||
                     (alarm != nullptr && alarm->action == rpc::AlarmAction::Get);
  const bool open =
      alarm != nullptr || std::holds_alternative<rpc::MoveLeaderRequest>(*maintenance);
  if (!is_strict(version) && (looks || open)) return {};
  return looks ? run.auth.is_authenticated(handler.who, guards)
               : run.auth.may_administer(handler.who, guards);
}

bool reads_token(Version version, const rpc::Request& request) {
  const auto* auth = std::get_if<rpc::AuthRequest>(&request);
  if (auth != nullptr) return !std::holds_alternative<rpc::AuthenticateRequest>(*auth);
  if (is_strict(version)) return true;
  if (const auto* lease = std::get_if<rpc::LeaseRequest>(&request)) {
    return std::holds_alternative<rpc::LeaseGrantRequest>(*lease) ||
           std::holds_alternative<rpc::LeaseRevokeRequest>(*lease);
  }
  if (const auto* cluster = std::get_if<rpc::ClusterRequest>(&request)) {
    return !std::holds_alternative<rpc::MemberListRequest>(*cluster);
  }
  const auto* maintenance = std::get_if<rpc::MaintenanceRequest>(&request);
  return maintenance == nullptr || (!std::holds_alternative<rpc::StatusRequest>(*maintenance) &&
                                    !std::holds_alternative<rpc::MoveLeaderRequest>(*maintenance));
}

Error as_told(Version version, const rpc::Request& request, Error error) {
  if (is_strict(version) || !std::holds_alternative<rpc::MaintenanceRequest>(request)) return error;
  if (error.code == Errc::UserEmpty) return {Errc::Unmapped, "auth: user name is empty"};
  if (error.code == Errc::PermissionDenied) return {Errc::Unmapped, "auth: permission denied"};
  if (error.code == Errc::InvalidAuthToken) return {Errc::Unmapped, "auth: invalid auth token"};
  return error;
}

}  // namespace orrery::server
