// Becoming the primary lessor, and ceasing to be it.
// from: etcd server/lease/lessor.go (Promote, Demote)
#include <algorithm>

#include "base/check.h"
#include "lease/lessor.h"

namespace orrery::lease {

namespace {

struct Left {
  std::int64_t left = 0;  // of its time. units: nanoseconds
  LeaseId id;

  friend auto operator<=>(const Left&, const Left&) = default;
};

}  // namespace

void Lessor::promote(Nanos now, Nanos extend) {
  primary_ = true;
  std::vector<LeaseId> ids;
  for (const auto& [id, lease] : leases_) ids.push_back(id);
  for (const LeaseId id : ids) {
    Lease* lease = leases_.edit(id);
    refresh(id, *lease, now, extend);
    schedule_checkpoint(id, *lease, now);
  }
  if (leases_.size() >= static_cast<std::size_t>(rules_.revoke_rate)) spread(now, extend);
}

// So many leases would end in the same second that they could not be revoked in it: three quarters of the revoke rate
// may end in one second, the others a little later each.
void Lessor::spread(Nanos now, Nanos extend) {
  std::vector<Left> all;
  for (const auto& [id, lease] : leases_) all.push_back({*lease.expiry - now, id});
  std::ranges::sort(all);
  std::int64_t base = all.front().left;
  std::int64_t next = base + kSecond;
  std::int64_t expire = 0;
  const std::int64_t target = std::max<std::int64_t>(1, 3 * rules_.revoke_rate / 4);
  for (const auto& [left, id] : all) {
    if (left > next) {
      base = left;
      next = base + kSecond;
      expire = 1;
      continue;
    }
    if (++expire <= target) continue;
    const std::int64_t delay = kSecond / target * expire + kSecond % target * expire / target;
    // What lies ahead of the window's beginning already is delayed by so much less.
    const std::int64_t own = delay - (left - base);
    next = base + own;
    refresh(id, *leases_.edit(id), now, extend + own);
  }
}

void Lessor::demote() {
  primary_ = false;
  queue_.clear();
  checkpoints_.clear();
  std::vector<LeaseId> ids;
  for (const auto& [id, lease] : leases_) ids.push_back(id);
  for (const LeaseId id : ids) {
    Lease* lease = leases_.edit(id);
    lease->expiry.reset();
    lease->queued.reset();
    lease->checkpoint.reset();
  }
}

}  // namespace orrery::lease
