// LogModel: what a log means, entry by entry, without a step, a lane or a row: keys, leases, users and roles.
//   used by: random_run.cc    uses: model (keys), check (permissions by plain search)
//   ideas:   a second telling of what core/server, core/lease and core/auth do in many phases; where they differ one
//            of them is wrong. Users hold the names of their roles and nothing is cached.
//   from: etcd server/auth/store.go, server/etcdserver/apply; facts C.8, C.9, D.10, D.13
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "model/model.h"
#include "proto/rpc.h"
#include "server/member.h"

namespace orrery::sim::testing {

class LogModel {
 public:
  void take(const rpc::InternalRequest& entry);
  // The first thing in which the member is not what its log says; empty = none.
  std::string difference_from(const server::Member& member) const;
  std::uint64_t refused() const { return refused_; }  // entries that asked for what was not allowed

 private:
  using Place = std::pair<std::string, std::string>;  // key, range end
  struct User {
    std::set<std::string> roles;
    friend bool operator==(const User&, const User&) = default;
  };
  using Role = std::map<Place, rpc::PermissionType>;

  bool is_root(const std::string& name) const;
  bool may(const rpc::InternalRequest& entry) const;
  bool may_use_keys(const rpc::InternalRequest& entry, const rpc::Request& request) const;
  bool may_write_all(const rpc::InternalRequest& entry, LeaseId lease) const;
  void take(const rpc::LeaseRequest& request);
  void take(const rpc::AuthRequest& request);
  bool change(const rpc::AuthRequest& request);
  bool grant(const std::string& user, const std::string& role);
  bool permit(const rpc::AuthRoleGrantPermissionRequest& request);
  std::string difference_in_auth(const server::Running& run) const;

  model::State state_ = model::initial();
  bool enabled_ = false;
  std::uint64_t auth_revision_ = 1;
  std::map<std::string, User> users_;
  std::map<std::string, Role> roles_;
  std::uint64_t refused_ = 0;
};

}  // namespace orrery::sim::testing
