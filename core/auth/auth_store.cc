// AuthStore: switching on and off, users, tokens.
#include "auth/auth_store.h"

#include <algorithm>

#include "auth/bcrypt.h"
#include "auth/certificate_user.h"
#include "base/check.h"
#include "base/text.h"

namespace orrery::auth {
namespace {

bool holds(const rpc::UserRow& user, std::string_view role) {
  return std::ranges::find(user.roles, role) != user.roles.end();
}

}  // namespace

Result<void> AuthStore::enable(Backend& backend, const Guards& guards) {
  if (enabled_) return {};
  const rpc::UserRow* root = users_.find(std::string(kRoot));
  if (!guards(root != nullptr, "there is a user root")) return fail(Errc::RootUserNotExist);
  if (!guards(holds(*root, kRoot), "the user root has the role root")) {
    return fail(Errc::RootRoleNotExist);
  }
  enabled_ = true;
  write_enabled(backend);
  refresh_cache();
  return {};
}

void AuthStore::disable(Backend& backend) {
  if (!enabled_) return;
  enabled_ = false;
  write_enabled(backend);
  bump(backend);
  tokens_.clear();
}

Result<void> AuthStore::add_user(Backend& backend, const rpc::AuthUserAddRequest& request,
                                 BytesView hash) {
  if (request.name.empty()) return fail(Errc::UserEmpty);
  if (users_.contains(request.name)) return fail(Errc::UserAlreadyExist);
  rpc::UserRow row;
  row.name = Blob(request.name);
  row.password = Blob(hash);
  row.options = request.options.value_or(rpc::UserAddOptions{});
  put_user(backend, request.name, std::move(row));
  bump(backend);
  return {};
}

Result<void> AuthStore::change_password(Backend& backend, const std::string& name, BytesView hash) {
  const rpc::UserRow* user = users_.find(name);
  if (user == nullptr) return fail(Errc::UserNotFound);
  rpc::UserRow row = *user;
  row.password = Blob(hash);
  put_user(backend, name, std::move(row));
  tokens_.forget_user(name);
  bump(backend);
  return {};
}

Result<void> AuthStore::delete_user(Backend& backend, const std::string& name) {
  if (enabled_ && name == kRoot) return fail(Errc::InvalidAuthMgmt);
  if (!users_.erase(name)) return fail(Errc::UserNotFound);
  cache_.erase(name);
  erase_row(backend, backend::Bucket::AuthUsers, name);
  tokens_.forget_user(name);
  bump(backend);
  return {};
}

Result<void> AuthStore::grant_role(Backend& backend, const std::string& user,
                                   const std::string& role) {
  const rpc::UserRow* found = users_.find(user);
  if (found == nullptr) return fail(Errc::UserNotFound);
  if (role != kRoot && !roles_.contains(role)) return fail(Errc::RoleNotFound);
  if (holds(*found, role)) return {};  // and the revision stays, as in etcd
  rpc::UserRow row = *found;
  row.roles.push_back(role);
  std::ranges::sort(row.roles);
  put_user(backend, user, std::move(row));
  bump(backend);
  return {};
}

Result<void> AuthStore::revoke_role(Backend& backend, const std::string& user,
                                    const std::string& role) {
  if (enabled_ && user == kRoot && role == kRoot) return fail(Errc::InvalidAuthMgmt);
  const rpc::UserRow* found = users_.find(user);
  if (found == nullptr) return fail(Errc::UserNotFound);
  if (!holds(*found, role)) return fail(Errc::RoleNotGranted);
  rpc::UserRow row = *found;
  std::erase(row.roles, role);
  put_user(backend, user, std::move(row));
  bump(backend);
  return {};
}

Result<rpc::AuthUserGetResponse> AuthStore::get_user(const std::string& name) const {
  const rpc::UserRow* user = users_.find(name);
  if (user == nullptr) return fail(Errc::UserNotFound);
  return rpc::AuthUserGetResponse{.header = {}, .roles = user->roles};
}

rpc::AuthUserListResponse AuthStore::list_users() const {
  rpc::AuthUserListResponse out;
  for (const auto& [name, row] : users_) out.users.push_back(name);
  return out;
}

Result<std::uint64_t> AuthStore::check_password(const std::string& name,
                                                const std::string& password) const {
  if (!enabled_) return fail(Errc::AuthNotEnabled);
  const rpc::UserRow* user = users_.find(name);
  if (user == nullptr) return fail(Errc::AuthFailed);
  if (user->options && user->options->no_password) {
    return fail(Errc::Unmapped,
                "auth: authentication failed, password was given for no password user");
  }
  // In a world the hash itself may stand for the password: lang/secrets.h. One typed by chance is 60 characters long.
  const bool proves = user->password.view() == password && is_hash(password);
  if (!proves && !password_matches(user->password.view(), password)) return fail(Errc::AuthFailed);
  return revision_;
}

Result<std::string> AuthStore::assign_token(const std::string& name, const std::string& prefix,
                                            std::uint64_t index, Nanos now) {
  if (!enabled_) return fail(Errc::AuthNotEnabled);
  if (!users_.contains(name)) return fail(Errc::AuthFailed);
  const Nanos expiry = now + seconds(rules_.token_ttl).value();
  if (rules_.jwt) {
    return make_jwt({.username = name, .revision = revision_}, expiry.value() / 1'000'000'000,
                    rules_.jwt_key);
  }
  std::string token = text("{}.{}", prefix, index);
  tokens_.assign(token, name, expiry);
  return token;
}

std::optional<AuthInfo> AuthStore::info_of(const std::string& token, Nanos now) {
  if (const auto name = name_in_certificate_word(token)) {
    return AuthInfo{.username = *name, .revision = revision_};
  }
  if (rules_.jwt) return read_jwt(token, now.value() / 1'000'000'000, rules_.jwt_key);
  const std::string* user = tokens_.use(token, now + seconds(rules_.token_ttl).value());
  if (user == nullptr) return std::nullopt;
  return AuthInfo{.username = *user, .revision = revision_};
}

}  // namespace orrery::auth
