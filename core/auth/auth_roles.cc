// AuthStore: roles and their permissions.
// from: etcd server/auth/store.go (RoleAdd and after)
#include <algorithm>

#include "auth/auth_store.h"

namespace orrery::auth {
namespace {

bool is_valid_range(const rpc::Permission& permission) {
  if (permission.key.empty()) return false;
  const BytesView end = permission.range_end.view();
  return end.empty() || end == BytesView("\0", 1) || permission.key.view() < end;
}

}  // namespace

Result<void> AuthStore::add_role(Backend& backend, const std::string& name) {
  if (name.empty()) return fail(Errc::RoleEmpty);
  if (roles_.contains(name)) return fail(Errc::RoleAlreadyExist);
  rpc::RoleRow row;
  row.name = Blob(name);
  put_role(backend, name, std::move(row));
  bump(backend);
  return {};
}

Result<void> AuthStore::delete_role(Backend& backend, const std::string& name) {
  if (enabled_ && name == kRoot) return fail(Errc::InvalidAuthMgmt);
  if (!roles_.erase(name)) return fail(Errc::RoleNotFound);
  erase_row(backend, backend::Bucket::AuthRoles, name);
  std::vector<std::string> holders;
  for (const auto& [user, row] : users_) {
    if (has_role(user, name)) holders.push_back(user);
  }
  for (const std::string& user : holders) {
    rpc::UserRow row = *users_.find(user);
    std::erase(row.roles, name);
    put_user(backend, user, std::move(row));
  }
  bump(backend);
  return {};
}

Result<void> AuthStore::grant_permission(Backend& backend,
                                         const rpc::AuthRoleGrantPermissionRequest& request) {
  if (!request.permission) return fail(Errc::PermissionNotGiven);
  const rpc::Permission& permission = *request.permission;
  if (rules_.checks_ranges && !is_valid_range(permission)) return fail(Errc::InvalidAuthMgmt);
  const rpc::RoleRow* role = roles_.find(request.name);
  if (role == nullptr) return fail(Errc::RoleNotFound);
  rpc::RoleRow row = *role;
  auto& list = row.permissions;
  // etcd looks at the first place with this key alone, so a second range from it may come to stand twice.
  const auto at = std::ranges::find_if(
      list, [&](const rpc::Permission& p) { return !(p.key.view() < permission.key.view()); });
  const bool replaces =
      at != list.end() && at->key == permission.key && at->range_end == permission.range_end;
  if (replaces) {
    at->type = permission.type;
  } else {
    list.push_back(permission);
    std::ranges::stable_sort(list, [](const auto& a, const auto& b) { return a.key < b.key; });
  }
  put_role(backend, request.name, std::move(row));
  bump(backend);
  return {};
}

Result<void> AuthStore::revoke_permission(Backend& backend,
                                          const rpc::AuthRoleRevokePermissionRequest& request) {
  const rpc::RoleRow* role = roles_.find(request.role);
  if (role == nullptr) return fail(Errc::RoleNotFound);
  rpc::RoleRow row = *role;
  const auto gone = std::erase_if(row.permissions, [&](const rpc::Permission& p) {
    return p.key == request.key && p.range_end == request.range_end;
  });
  if (gone == 0) return fail(Errc::PermissionNotGranted);
  put_role(backend, request.role, std::move(row));
  bump(backend);
  return {};
}

Result<rpc::AuthRoleGetResponse> AuthStore::get_role(const std::string& name) const {
  const rpc::RoleRow* role = roles_.find(name);
  if (role == nullptr) return fail(Errc::RoleNotFound);
  return rpc::AuthRoleGetResponse{.header = {}, .permissions = role->permissions};
}

rpc::AuthRoleListResponse AuthStore::list_roles() const {
  rpc::AuthRoleListResponse out;
  for (const auto& [name, row] : roles_) out.roles.push_back(name);
  return out;
}

}  // namespace orrery::auth
