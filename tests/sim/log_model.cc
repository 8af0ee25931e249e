#include "tests/sim/log_model.h"

#include <algorithm>

#include "base/overloaded.h"
#include "base/text.h"
#include "check/service_claims.h"

namespace orrery::sim::testing {

bool LogModel::is_root(const std::string& name) const {
  const auto user = users_.find(name);
  return user != users_.end() && user->second.roles.contains("root");
}

// By the same search that judges every member's deeds, over rows made from what stands here.
bool LogModel::may_use_keys(const rpc::InternalRequest& entry, const rpc::Request& request) const {
  if (entry.username.empty() || entry.auth_revision < auth_revision_) return false;
  const auto found = users_.find(entry.username);
  if (found == users_.end()) return false;
  OrderedMap<std::string, rpc::UserRow> users;
  OrderedMap<std::string, rpc::RoleRow> roles;
  rpc::UserRow user;
  user.roles.assign(found->second.roles.begin(), found->second.roles.end());
  for (const std::string& name : user.roles) {
    const auto role = roles_.find(name);
    if (role == roles_.end()) continue;
    rpc::RoleRow row;
    for (const auto& [place, type] : role->second) {
      row.permissions.push_back({type, Blob(place.first), Blob(place.second)});
    }
    roles.put(name, std::move(row));
  }
  users.put(entry.username, std::move(user));
  return checks::is_permitted(users, roles, entry.username, request);
}

bool LogModel::may_write_all(const rpc::InternalRequest& entry, LeaseId lease) const {
  for (const auto& [key, pair] : state_.keys) {
    if (pair.lease != lease) continue;
    rpc::PutRequest put;
    put.key = key;
    if (!may_use_keys(entry, put)) return false;
  }
  return true;
}

bool LogModel::may(const rpc::InternalRequest& entry) const {
  if (!enabled_) return true;
  const bool known = users_.contains(entry.username);
  return std::visit(Overloaded{
                        [&](const rpc::AuthRequest& r) {
                          return std::holds_alternative<rpc::InternalAuthenticateRequest>(r) ||
                                 is_root(entry.username);
                        },
                        [&](const rpc::LeaseRequest& r) {
                          if (const auto* revoke = std::get_if<rpc::LeaseRevokeRequest>(&r)) {
                            return may_write_all(entry, revoke->id);
                          }
                          return known || !std::holds_alternative<rpc::LeaseGrantRequest>(r);
                        },
                        [&](const rpc::CompactionRequest&) { return is_root(entry.username); },
                        [&](const rpc::PutRequest& r) {
                          const bool leased =
                              r.lease == LeaseId(0) || may_write_all(entry, r.lease);
                          return leased && may_use_keys(entry, r);
                        },
                        [](const rpc::ClusterRequest&) { return true; },
                        [](const rpc::MaintenanceRequest&) { return true; },
                        [&](const auto& r) { return may_use_keys(entry, r); },
                    },
                    entry.request);
}

void LogModel::take(const rpc::LeaseRequest& request) {
  if (const auto* grant = std::get_if<rpc::LeaseGrantRequest>(&request)) {
    const bool fits = grant->id != LeaseId(0) && grant->ttl <= 9'000'000'000;
    if (fits && !state_.leases.contains(grant->id)) state_.leases.put(grant->id, grant->ttl);
  }
  const auto* revoke = std::get_if<rpc::LeaseRevokeRequest>(&request);
  if (revoke != nullptr && state_.leases.contains(revoke->id)) {
    state_ = model::revoke(state_, revoke->id);
  }
}

bool LogModel::grant(const std::string& user, const std::string& role) {
  const auto found = users_.find(user);
  if (found == users_.end() || (role != "root" && !roles_.contains(role))) return false;
  return found->second.roles.insert(role).second;  // a role twice is no change
}

bool LogModel::permit(const rpc::AuthRoleGrantPermissionRequest& request) {
  const auto role = roles_.find(request.name);
  if (role == roles_.end() || !request.permission) return false;
  const rpc::Permission& one = *request.permission;
  role->second[{std::string(one.key.view()), std::string(one.range_end.view())}] = one.type;
  return true;
}

// True = something changed, and the auth revision rises.
bool LogModel::change(const rpc::AuthRequest& request) {
  return std::visit(
      Overloaded{
          [&](const rpc::AuthEnableRequest&) {
            enabled_ = enabled_ || is_root("root");
            return false;
          },
          [&](const rpc::AuthDisableRequest&) { return std::exchange(enabled_, false); },
          [&](const rpc::AuthUserAddRequest& r) { return users_.try_emplace(r.name).second; },
          [&](const rpc::AuthUserChangePasswordRequest& r) { return users_.contains(r.name); },
          [&](const rpc::AuthUserDeleteRequest& r) {
            return !(enabled_ && r.name == "root") && users_.erase(r.name) > 0;
          },
          [&](const rpc::AuthUserGrantRoleRequest& r) { return grant(r.user, r.role); },
          [&](const rpc::AuthUserRevokeRoleRequest& r) {
            const auto user = users_.find(r.name);
            const bool needed = enabled_ && r.name == "root" && r.role == "root";
            return !needed && user != users_.end() && user->second.roles.erase(r.role) > 0;
          },
          [&](const rpc::AuthRoleAddRequest& r) { return roles_.try_emplace(r.name).second; },
          [&](const rpc::AuthRoleDeleteRequest& r) {
            if ((enabled_ && r.role == "root") || roles_.erase(r.role) == 0) return false;
            for (auto& [name, user] : users_) user.roles.erase(r.role);
            return true;
          },
          [&](const rpc::AuthRoleGrantPermissionRequest& r) { return permit(r); },
          [&](const rpc::AuthRoleRevokePermissionRequest& r) {
            const auto role = roles_.find(r.role);
            const Place place(r.key.view(), r.range_end.view());
            return role != roles_.end() && role->second.erase(place) > 0;
          },
          [](const auto& /*asks, changes nothing*/) { return false; },
      },
      request);
}

void LogModel::take(const rpc::AuthRequest& request) {
  if (change(request)) ++auth_revision_;
}

void LogModel::take(const rpc::InternalRequest& entry) {
  if (!may(entry)) {
    ++refused_;
    return;
  }
  if (const auto* lease = std::get_if<rpc::LeaseRequest>(&entry.request)) return take(*lease);
  if (const auto* auth = std::get_if<rpc::AuthRequest>(&entry.request)) return take(*auth);
  if (std::holds_alternative<rpc::ClusterRequest>(entry.request) ||
      std::holds_alternative<rpc::MaintenanceRequest>(entry.request)) {
    return;
  }
  model::Outcome outcome = model::apply(state_, entry.request);
  if (outcome.answer) state_ = std::move(outcome.state);
}

std::string LogModel::difference_in_auth(const server::Running& run) const {
  if (run.auth.enabled() != enabled_) return "auth is on for one of them only";
  if (run.auth.revision() != auth_revision_) {
    return text("auth revision {}, the model says {}", run.auth.revision(), auth_revision_);
  }
  if (run.auth.users().size() != users_.size() || run.auth.roles().size() != roles_.size()) {
    return "other users or roles than the model's";
  }
  for (const auto& [name, user] : users_) {
    const rpc::UserRow* row = run.auth.users().find(name);
    const std::vector<std::string> roles(user.roles.begin(), user.roles.end());
    if (row == nullptr || row->roles != roles) return text("user {} is not the model's", name);
  }
  for (const auto& [name, role] : roles_) {
    const rpc::RoleRow* row = run.auth.roles().find(name);
    Role found;
    if (row == nullptr) return text("role {} is not there", name);
    for (const rpc::Permission& one : row->permissions) {
      found[{std::string(one.key.view()), std::string(one.range_end.view())}] = one.type;
    }
    if (found != role) return text("role {} permits something else", name);
  }
  return {};
}

std::string LogModel::difference_from(const server::Member& member) const {
  const server::Running& run = member.running();
  const std::int64_t now = run.store.current_revision();
  if (state_.revision != now) return text("revision {}, the model says {}", now, state_.revision);
  for (const auto& [key, pair] : state_.keys) {
    const auto found = run.store.find(run.backend, backend::View::Read, key.view(), now);
    if (!found || !*found || **found != pair) {
      return text("not what the model has under {}", key.view());
    }
  }
  const auto all = run.store.events_in(run.backend, run.store.compact_revision() + 1, now + 1);
  if (!all) return "its history cannot be read";
  for (const mvccpb::Event& event : *all) {
    if (event.kv.mod_revision != now || event.type == mvccpb::EventType::Delete) continue;
    if (!state_.keys.contains(event.kv.key)) return text("{} too many", event.kv.key.view());
  }
  if (run.lessor.leases().size() != state_.leases.size()) {
    return text("{} leases, the model has {}", run.lessor.leases().size(), state_.leases.size());
  }
  for (const auto& [id, ttl] : state_.leases) {
    if (run.lessor.find(id) == nullptr) return text("lease {:x} is missing", id.value());
  }
  return difference_in_auth(run);
}

}  // namespace orrery::sim::testing
