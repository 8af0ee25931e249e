// AuthStore: users, roles, and whether a request may do what it asks for.
//   used by: server (handlers at the door, apply)    uses: permissions.h, tokens.h, bcrypt.h, backend (rows)
//   ideas:   every change raises the auth revision. A request carries the user and the revision its member had when it
//            was proposed; at apply an older revision is refused, so that nobody acts on permissions that are gone.
//            That keeps members equal only while their auth revisions are equal (etcd #11652).
//   rows:    authUsers, authRoles: name -> UserRow, RoleRow; auth: authEnabled, authRevision (8 bytes, big endian).
//   invariant 1: the rows say what users(), roles(), revision() and enabled() say.
//             2: cache() has an entry for each user, made of its roles as they are now.
//   from: etcd server/auth/store.go, range_perm_cache.go
//   files: auth_store.cc (switching, users, tokens), auth_roles.cc, auth_checks.cc, auth_rows.cc
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "auth/permissions.h"
#include "auth/tokens.h"
#include "backend/backend.h"
#include "base/guards.h"
#include "base/ordered_map.h"
#include "base/result.h"
#include "base/violation.h"
#include "proto/auth_messages.h"
#include "proto/rpc.h"

namespace orrery::auth {

using backend::Backend;

inline constexpr std::string_view kRoot = "root";  // the user, and the role

struct Rules {
  bool checks_ranges = true;     // refuse permissions on empty keys and inverted ranges (from 3.5)
  bool jwt = false;              // tokens are JWTs, not simple ones
  std::int64_t token_ttl = 300;  // units: seconds
  std::string jwt_key;           // the cluster's secret

  template <class F>
  void fields(F&& f) const {
    f("checks_ranges", checks_ranges), f("jwt", jwt), f("token_ttl", token_ttl);
    f("jwt_key", jwt_key);
  }
  friend bool operator==(const Rules&, const Rules&) = default;
};

class AuthStore {
 public:
  AuthStore() = default;

  explicit AuthStore(Rules rules) : rules_(std::move(rules)) {}

  bool enabled() const { return enabled_; }
  std::uint64_t revision() const { return revision_; }
  const OrderedMap<std::string, rpc::UserRow>& users() const { return users_; }
  const OrderedMap<std::string, rpc::RoleRow>& roles() const { return roles_; }
  const OrderedMap<std::string, Permissions>& cache() const { return cache_; }
  const SimpleTokens& tokens() const { return tokens_; }
  const Rules& rules() const { return rules_; }

  // -- switching. Errors: RootUserNotExist, RootRoleNotExist
  Result<void> enable(Backend& backend, const Guards& guards = {});
  void disable(Backend& backend);

  // -- users. Errors: UserEmpty, UserAlreadyExist, UserNotFound, RoleNotFound, RoleNotGranted, InvalidAuthMgmt
  // `hash` is the bcrypt hash; empty = none, for a user without a password.
  Result<void> add_user(Backend& backend, const rpc::AuthUserAddRequest& request, BytesView hash);
  Result<void> change_password(Backend& backend, const std::string& name, BytesView hash);
  Result<void> delete_user(Backend& backend, const std::string& name);
  Result<void> grant_role(Backend& backend, const std::string& user, const std::string& role);
  Result<void> revoke_role(Backend& backend, const std::string& user, const std::string& role);
  Result<rpc::AuthUserGetResponse> get_user(const std::string& name) const;
  rpc::AuthUserListResponse list_users() const;

  // -- roles. Errors: RoleEmpty, RoleAlreadyExist, RoleNotFound, PermissionNotGiven,
  // PermissionNotGranted, InvalidAuthMgmt
  Result<void> add_role(Backend& backend, const std::string& name);
  Result<void> delete_role(Backend& backend, const std::string& name);
  Result<void> grant_permission(Backend& backend,
                                const rpc::AuthRoleGrantPermissionRequest& request);
  Result<void> revoke_permission(Backend& backend,
                                 const rpc::AuthRoleRevokePermissionRequest& request);
  Result<rpc::AuthRoleGetResponse> get_role(const std::string& name) const;
  rpc::AuthRoleListResponse list_roles() const;

  // -- who asks
  // The revision at which the password was right. Errors: AuthNotEnabled, AuthFailed.
  Result<std::uint64_t> check_password(const std::string& name, const std::string& password) const;
  // Errors: AuthNotEnabled, AuthFailed.
  Result<std::string> assign_token(const std::string& name, const std::string& prefix,
                                   std::uint64_t index, Nanos now);
  // None = no such token. A simple token lives on from here.
  std::optional<AuthInfo> info_of(const std::string& token, Nanos now);
  void expire_tokens(Nanos now) { tokens_.expire(now); }

  // -- may it? Errors: UserEmpty, AuthOldRevision, PermissionDenied. auth_checks.cc
  Result<void> may_read(const AuthInfo& who, BytesView key, BytesView range_end,
                        const Guards& guards = {}) const;
  Result<void> may_write(const AuthInfo& who, BytesView key, BytesView range_end,
                         const Guards& guards = {}) const;
  Result<void> may_administer(const AuthInfo& who, const Guards& guards = {}) const;
  // Any user whose token is good.
  Result<void> is_authenticated(const AuthInfo& who, const Guards& guards = {}) const;
  Result<void> may_txn(const AuthInfo& who, const rpc::TxnRequest& txn,
                       const Guards& guards = {}) const;
  bool has_role(const std::string& user, const std::string& role) const;

  // -- restart. Error: Corrupt, naming the row. auth_rows.cc
  Result<void> restore(const Backend& backend);

  template <class F>
  void fields(F&& f) const {
    f("rules", rules_), f("enabled", enabled_), f("revision", revision_), f("users", users_);
    f("roles", roles_), f("cache", cache_), f("tokens", tokens_);
  }
  friend bool operator==(const AuthStore&, const AuthStore&) = default;

 private:
  Result<void> may(const AuthInfo& who, rpc::PermissionType type, BytesView key,
                   BytesView range_end, const Guards& guards) const;
  Result<void> may_op(const AuthInfo& who, const rpc::RequestOp& op, const Guards& guards) const;
  void put_user(Backend& backend, const std::string& name, rpc::UserRow row);
  void put_role(Backend& backend, const std::string& name, rpc::RoleRow row);
  void erase_row(Backend& backend, backend::Bucket bucket, const std::string& name) const;
  void write_enabled(Backend& backend) const;
  void bump(Backend& backend);
  void refresh_cache(const std::string& user);
  void refresh_cache();

  Rules rules_;
  bool enabled_ = false;
  std::uint64_t revision_ = 1;
  OrderedMap<std::string, rpc::UserRow> users_;
  OrderedMap<std::string, rpc::RoleRow> roles_;
  OrderedMap<std::string, Permissions> cache_;
  SimpleTokens tokens_;
};

// Of the store and its rows together.
Violations violations(const AuthStore& store, const Backend& backend);

}  // namespace orrery::auth
