// AuthStore: its rows in the backend, and the permission cache made from them.
// from: etcd server/storage/schema (auth.go, auth_users.go, auth_roles.go)
#include "auth/auth_store.h"
#include "base/big_endian.h"
#include "base/text.h"
#include "proto/services_codec.h"

namespace orrery::auth {

using backend::Bucket;
using backend::View;

namespace {

template <class Row>
Result<void> read_rows(const Backend& backend, Bucket bucket, std::string_view kind,
                       OrderedMap<std::string, Row>& out) {
  Result<void> done;
  backend.range(View::Batch, bucket, "", "", 0, [&](BytesView key, BytesView value) {
    auto row = rpc::decode_message<Row>(value);
    if (!row) {
      done = fail(Errc::Corrupt, text("{} {}: {}", kind, quoted(key), row.error().detail));
      return false;
    }
    out.put(std::string(key), std::move(*row));
    return true;
  });
  return done;
}

}  // namespace

void AuthStore::put_user(Backend& backend, const std::string& name, rpc::UserRow row) {
  backend.put(Bucket::AuthUsers, name, Blob(rpc::encode_message(row)));
  users_.put(name, std::move(row));
  refresh_cache(name);
}

void AuthStore::put_role(Backend& backend, const std::string& name, rpc::RoleRow row) {
  backend.put(Bucket::AuthRoles, name, Blob(rpc::encode_message(row)));
  roles_.put(name, std::move(row));
  std::vector<std::string> holders;
  for (const auto& [user, user_row] : users_) {
    if (has_role(user, name)) holders.push_back(user);
  }
  for (const std::string& user : holders) refresh_cache(user);
}

void AuthStore::erase_row(Backend& backend, Bucket bucket, const std::string& name) const {
  backend.erase(bucket, name);
}

void AuthStore::write_enabled(Backend& backend) const {
  backend.put(Bucket::Auth, "authEnabled",
              Blob(enabled_ ? BytesView("\1", 1) : BytesView("\0", 1)));
}

// differs: the row authRevision comes with the first change of users or roles; etcd writes it at the first start.
void AuthStore::bump(Backend& backend) {
  ++revision_;
  backend.put(Bucket::Auth, "authRevision", Blob(big_endian(revision_)));
}

void AuthStore::refresh_cache(const std::string& user) {
  const rpc::UserRow* row = users_.find(user);
  Permissions merged;
  for (const std::string& name : row->roles) {
    const rpc::RoleRow* role = roles_.find(name);
    if (role == nullptr) continue;  // the role root needs no row
    for (const rpc::Permission& permission : role->permissions) merged.add(permission);
  }
  cache_.put(user, std::move(merged));
}

void AuthStore::refresh_cache() {
  cache_.clear();
  std::vector<std::string> names;
  for (const auto& [name, row] : users_) names.push_back(name);
  for (const std::string& name : names) refresh_cache(name);
}

Result<void> AuthStore::restore(const Backend& backend) {
  *this = AuthStore(rules_);
  const auto flag = backend.get(View::Batch, Bucket::Auth, "authEnabled");
  enabled_ = flag && flag->view() == BytesView("\1", 1);
  const auto revision = backend.get(View::Batch, Bucket::Auth, "authRevision");
  revision_ = revision ? from_big_endian(revision->view()).value_or(1) : 1;
  const auto users = read_rows(backend, Bucket::AuthUsers, "user", users_);
  if (!users) return users;
  const auto roles = read_rows(backend, Bucket::AuthRoles, "role", roles_);
  if (!roles) return roles;
  refresh_cache();
  return {};
}

Violations violations(const AuthStore& store, const Backend& backend) {
  Violations out;
  AuthStore again(store.rules());
  const auto read = again.restore(backend);
  if (!read) {
    out.push_back({"AuthRowsCanBeRead", read.error().detail});
    return out;
  }
  const auto claim = [&](bool equal, std::string_view what) {
    if (!equal) out.push_back({"AuthIsWhatItsRowsSay", text("the rows have other {}", what)});
  };
  claim(again.enabled() == store.enabled(), "ideas of being enabled");
  claim(again.revision() == store.revision(), "revisions");
  claim(again.users() == store.users(), "users");
  claim(again.roles() == store.roles(), "roles");
  claim(again.cache() == store.cache(), "permissions");
  return out;
}

}  // namespace orrery::auth
