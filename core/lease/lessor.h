// Lessor: which leases there are, when they end, and which keys go with them.
//   used by: server (apply, handlers, lease lane)    uses: backend (rows of the bucket `lease`), proto
//   ideas:   every member knows every lease, but only the primary (the leader, once promoted) counts their time: on
//            all others a lease lasts for ever. So a lease may end late, after a change of leader, never early.
//            Ending is not decided here: the primary proposes a revocation, and applying that erases the lease.
//   phases:  renewing and revoking are several calls, because etcd lets go of its lock in between:
//            begin_renew -> (checkpoint through the log) -> finish_renew; keys_of -> each deletion -> erase.
//   invariant 1: each attached key stands in exactly one lease, and items() names it.
//             2: primary: every lease has an expiry and stands in the queue; otherwise none has.
//   units:   time is virtual nanoseconds, a TTL is seconds.
//   from: etcd server/lease/lessor.go, lease_queue.go
//   differs: the heaps are ordered maps; equal times end in the order of ids.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "backend/backend.h"
#include "base/guards.h"
#include "base/ordered_map.h"
#include "base/result.h"
#include "base/strong.h"
#include "base/violation.h"
#include "proto/lease_messages.h"

namespace orrery::lease {

using backend::Backend;

inline constexpr std::int64_t kSecond = 1'000'000'000;  // units: nanoseconds
inline constexpr std::int64_t kMaxTtl = 9'000'000'000;  // units: seconds
inline constexpr std::size_t kCheckpointBatch = 1000;

// What a member's lessor is told once. A TTL below min_ttl is raised to it.
struct Rules {
  std::int64_t min_ttl = 2;         // 1.5 election timeouts, rounded up. units: seconds
  std::int64_t revoke_rate = 1000;  // leases a second
  Nanos retry = seconds(3);         // until an expired lease is handed out again
  bool checkpoints = false;         // is the time left written down now and then?
  Nanos checkpoint_interval = seconds(300);
  bool persist_checkpoints = false;  // does it outlive a restart?

  template <class F>
  void fields(F&& f) const {
    f("min_ttl", min_ttl), f("revoke_rate", revoke_rate), f("retry", retry);
    f("checkpoints", checkpoints), f("checkpoint_interval", checkpoint_interval);
    f("persist_checkpoints", persist_checkpoints);
  }
  friend bool operator==(const Rules&, const Rules&) = default;
};

struct Lease {
  std::int64_t ttl = 0;             // granted
  std::int64_t remaining = 0;       // as last checkpointed; 0 = the whole TTL
  std::optional<Nanos> expiry;      // none = for ever (not primary)
  std::optional<Nanos> queued;      // its place in the expiry queue
  std::optional<Nanos> checkpoint;  // its place in the checkpoint queue
  OrderedMap<Blob, bool> keys;

  // What a promotion or a renewal starts from.
  std::int64_t start_ttl() const { return remaining > 0 ? remaining : ttl; }

  template <class F>
  void fields(F&& f) const {
    f("ttl", ttl), f("remaining", remaining), f("expiry", expiry), f("queued", queued);
    f("checkpoint", checkpoint), f("keys", keys);
  }
  friend bool operator==(const Lease&, const Lease&) = default;
};

class Lessor {
 public:
  Lessor() = default;

  explicit Lessor(Rules rules) : rules_(rules) {}

  // -- leases
  // Errors: LeaseNotFound (id 0), LeaseTtlTooLarge, LeaseExist.
  Result<void> may_grant(LeaseId id, std::int64_t ttl, const Guards& guards = {}) const;
  // Gives the TTL it got. requires: may_grant(id, ttl)
  std::int64_t grant(Backend& backend, LeaseId id, std::int64_t ttl, Nanos now);
  const Lease* find(LeaseId id) const { return leases_.find(id); }
  // In the order in which a revocation deletes them.
  std::vector<Blob> keys_of(LeaseId id) const;
  // The lease and its row; its keys are deleted already. requires: find(id)
  void erase(Backend& backend, LeaseId id);
  // Seconds left, rounded down. requires: find(id)
  std::int64_t time_to_live(LeaseId id, Nanos now) const;

  // -- keys
  LeaseId lease_of(const Blob& key) const;
  // The key has a new lease (0 = none any more); one it had before is left. requires: id is 0 or known
  void attach(const Blob& key, LeaseId id);

  // -- the primary
  bool is_primary() const { return primary_; }
  // Every lease gets its whole time anew, and `extend` on top; so many at once are spread over seconds. promotion.cc
  void promote(Nanos now, Nanos extend);
  void demote();
  // May a renewal go on? Errors: NotLeader (not primary), LeaseNotFound.
  Result<void> begin_renew(LeaseId id, const Guards& guards = {}) const;
  bool is_expired(LeaseId id, Nanos now) const;
  bool must_clear_checkpoint(LeaseId id) const;
  // The TTL it has now. Errors: as begin_renew.
  Result<std::int64_t> finish_renew(LeaseId id, Nanos now, const Guards& guards = {});
  // Leases whose time is over, at most half a second's worth of the revoke rate; each is handed out again after
  // `retry`, if nobody has revoked it until then.
  std::vector<LeaseId> take_expired(Nanos now, const Guards& guards = {});
  // When take_expired will find something.
  std::optional<Nanos> next_expiry() const;

  // -- checkpoints
  std::vector<rpc::LeaseCheckpoint> take_due_checkpoints(Nanos now);
  std::optional<Nanos> next_checkpoint() const;
  // False = there is no such lease.
  bool set_checkpoint(Backend& backend, LeaseId id, std::int64_t remaining, Nanos now);

  // -- restart: rows first, then what the store found attached
  Result<void> restore(const Backend& backend,
                       const std::vector<std::pair<Blob, LeaseId>>& attached);

  const OrderedMap<LeaseId, Lease>& leases() const { return leases_; }
  const OrderedMap<Blob, LeaseId>& items() const { return items_; }
  const Rules& rules() const { return rules_; }

  template <class F>
  void fields(F&& f) const {
    f("rules", rules_), f("primary", primary_), f("leases", leases_), f("items", items_);
    f("queue", queue_), f("checkpoints", checkpoints_);
  }
  friend bool operator==(const Lessor&, const Lessor&) = default;

  friend Violations violations(const Lessor& lessor);

 private:
  using Queue = OrderedMap<std::pair<Nanos, LeaseId>, bool>;

  void write_row(Backend& backend, LeaseId id, const Lease& lease) const;
  void refresh(LeaseId id, Lease& lease, Nanos now, Nanos extend);
  void enqueue(LeaseId id, Lease& lease, Nanos at);
  void unqueue(LeaseId id, Lease& lease);
  void schedule_checkpoint(LeaseId id, Lease& lease, Nanos now);
  void spread(Nanos now, Nanos extend);

  Rules rules_;
  bool primary_ = false;
  OrderedMap<LeaseId, Lease> leases_;
  OrderedMap<Blob, LeaseId> items_;
  Queue queue_;        // (when to look at it, lease)
  Queue checkpoints_;  // (when to write down what is left, lease)
};

// Seconds as a duration that fits: a TTL of centuries counts as the longest there is.
Nanos ttl_time(std::int64_t ttl);

}  // namespace orrery::lease
