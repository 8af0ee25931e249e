// AuthStore: may a request do what it asks for?
// from: etcd server/auth/store.go (isOpPermitted, IsAdminPermitted), server/etcdserver/apply/apply_auth.go
#include <algorithm>

#include "auth/auth_store.h"
#include "base/overloaded.h"

namespace orrery::auth {

using rpc::PermissionType;

bool AuthStore::has_role(const std::string& user, const std::string& role) const {
  const rpc::UserRow* row = users_.find(user);
  return row != nullptr && std::ranges::find(row->roles, role) != row->roles.end();
}

Result<void> AuthStore::may(const AuthInfo& who, PermissionType type, BytesView key,
                            BytesView range_end, const Guards& guards) const {
  if (!enabled_) return {};
  if (!guards(who.revision != 0, "the request names a user")) return fail(Errc::UserEmpty);
  if (!guards(who.revision >= revision_, "the request's auth revision is not old",
              {{"request", who.revision}, {"store", revision_}})) {
    return fail(Errc::AuthOldRevision);
  }
  if (!guards(users_.contains(who.username), "the user is there")) {
    return fail(Errc::PermissionDenied);
  }
  if (has_role(who.username, std::string(kRoot))) return {};
  const Permissions* permissions = cache_.find(who.username);
  const bool allowed = permissions != nullptr && permissions->allows(type, key, range_end);
  if (!guards(allowed, "the user's roles allow it together")) return fail(Errc::PermissionDenied);
  return {};
}

Result<void> AuthStore::may_read(const AuthInfo& who, BytesView key, BytesView range_end,
                                 const Guards& guards) const {
  return may(who, PermissionType::Read, key, range_end, guards);
}

Result<void> AuthStore::may_write(const AuthInfo& who, BytesView key, BytesView range_end,
                                  const Guards& guards) const {
  return may(who, PermissionType::Write, key, range_end, guards);
}

Result<void> AuthStore::is_authenticated(const AuthInfo& who, const Guards& guards) const {
  if (!enabled_) return {};
  if (!guards(!who.username.empty(), "the request names a user")) return fail(Errc::UserEmpty);
  if (!guards(users_.contains(who.username), "the user is there")) {
    return fail(Errc::PermissionDenied);
  }
  return {};
}

// The auth revision is not looked at, so that a change of users is never refused for its age.
Result<void> AuthStore::may_administer(const AuthInfo& who, const Guards& guards) const {
  const auto known = is_authenticated(who, guards);
  if (!known || !enabled_) return known;
  if (!guards(has_role(who.username, std::string(kRoot)), "the user has the role root")) {
    return fail(Errc::PermissionDenied);
  }
  return {};
}

Result<void> AuthStore::may_op(const AuthInfo& who, const rpc::RequestOp& op,
                               const Guards& guards) const {
  return std::visit(
      Overloaded{
          [](std::monostate) { return Result<void>(); },
          [&](const rpc::RangeRequest& r) { return may_read(who, r.key, r.range_end, guards); },
          [&](const rpc::PutRequest& r) {
            const auto written = may_write(who, r.key, {}, guards);
            return written && r.prev_kv ? may_read(who, r.key, {}, guards) : written;
          },
          [&](const rpc::DeleteRangeRequest& r) {
            const auto written = may_write(who, r.key, r.range_end, guards);
            return written && r.prev_kv ? may_read(who, r.key, r.range_end, guards) : written;
          },
          [&](const rpc::TxnRequest& r) { return may_txn(who, r, guards); },
      },
      op.request);
}

// Both branches must be allowed, whichever will be taken.
Result<void> AuthStore::may_txn(const AuthInfo& who, const rpc::TxnRequest& txn,
                                const Guards& guards) const {
  for (const rpc::Compare& compare : txn.compare) {
    const auto allowed = may_read(who, compare.key, compare.range_end, guards);
    if (!allowed) return allowed;
  }
  for (const auto* branch : {&txn.success, &txn.failure}) {
    for (const rpc::RequestOp& op : *branch) {
      const auto allowed = may_op(who, op, guards);
      if (!allowed) return allowed;
    }
  }
  return {};
}

}  // namespace orrery::auth
