// What a member may never do to leases, users and locks.
//   used by: world_checks.cc, tests    uses: sim
//   ideas:   a promise counts from when the client asked: the member granted or renewed no earlier than that, so a
//            lease that is gone before its TTL has passed on any member's clock is gone too early. Where all clocks
//            go right, that is the world's time.
//            Permissions are looked up here by plain search through a user's roles, not with the member's interval
//            trees.
//            Auth revisions are remembered by the index at which some member first had them.
//   claims:  LeaseNeverEarly, LeaseKeysGone, AuthRevEq, NothingWithoutPermission, OneHolder
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "base/ordered_map.h"
#include "base/violation.h"
#include "proto/rpc.h"
#include "sim/world.h"

namespace orrery::checks {

// -- leases

// A client was told that a lease lives.
struct LeasePromise {
  std::string call;  // for sentences: "`lease grant 60` of c1"
  LeaseId lease;
  Nanos asked;
  std::int64_t ttl = 0;  // units: seconds
  Nanos gained = {};     // by the fastest of the members' clocks since then
};

// The lease was gone at `now`, and nobody had asked for its end.
Violations early_end_violations(LeaseId lease, Nanos now, std::span<const LeasePromise> promises);

// One key that a lease holds, as the lessor and the store see it.
struct AttachedKey {
  Blob key;
  LeaseId lease;
  bool lease_exists = false;
  LeaseId lease_in_store = {};  // 0 = the key is gone, or has none
};

Violations attachment_violations(const std::string& member, std::span<const AttachedKey> keys);

// -- users

// May the user do this, by the roles as they stand? Root may all; leases and the like are not looked at.
bool is_permitted(const OrderedMap<std::string, rpc::UserRow>& users,
                  const OrderedMap<std::string, rpc::RoleRow>& roles, const std::string& user,
                  const rpc::Request& request);

// -- locks

struct LockHolder {
  std::string program;
  std::string lock;
  std::int64_t token = 0;     // the revision that created its key
  bool key_is_there = false;  // with that creation, in the newest store
};

// Of those who believe that they hold one lock at one revision, at most one has its key.
Violations holder_violations(std::int64_t revision, std::span<const LockHolder> holders);

// -- along a run

class ServiceRecord {
 public:
  // The world went from `before` to `after` by one action.
  Violations observe(const sim::World& before, const sim::World& after);

  // Whose auth revision is still another than the one that was seen first with the same entries applied.
  Violations standing(const sim::World& world) const;

  template <class F>
  void fields(F&& f) const {
    f("auth_revisions", auth_revisions_), f("auth_rests", auth_rests_);
  }
  friend bool operator==(const ServiceRecord&, const ServiceRecord&) = default;

 private:
  void observe_auth(const server::Member& then, const server::Member& now, Violations& out);

  // A member's auth revision when it was last looked at, and how much it had applied.
  struct AuthRest {
    std::uint64_t applied = 0;
    std::uint64_t revision = 0;

    template <class F>
    void fields(F&& f) const {
      f("applied", applied), f("revision", revision);
    }
    friend bool operator==(const AuthRest&, const AuthRest&) = default;
  };

  OrderedMap<std::uint64_t, std::uint64_t> auth_revisions_;  // by applied index
  OrderedMap<std::uint32_t, AuthRest> auth_rests_;           // by member
};

// Claims about one moment: every lease's keys are there, no key has a lease that is gone.
Violations lease_violations(const server::Member& member);

}  // namespace orrery::checks
