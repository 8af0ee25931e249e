#include "lease/lessor.h"

#include <algorithm>
#include <limits>

#include "base/big_endian.h"
#include "base/check.h"
#include "base/text.h"
#include "proto/services_codec.h"

namespace orrery::lease {
namespace {

// What can be added to any moment of a world without leaving the range.
constexpr std::int64_t kLongest = std::numeric_limits<std::int64_t>::max() / (4 * kSecond);

// Rows are keyed by the id, big endian.
Bytes row_key(LeaseId id) {
  return big_endian(static_cast<std::uint64_t>(id.value()));
}

}  // namespace

Nanos ttl_time(std::int64_t ttl) {
  return seconds(std::min(ttl, kLongest));
}

Result<void> Lessor::may_grant(LeaseId id, std::int64_t ttl, const Guards& guards) const {
  if (!guards(id != LeaseId(0), "the lease has an id")) return fail(Errc::LeaseNotFound);
  if (!guards(ttl <= kMaxTtl, "the TTL is not too large", {{"TTL", ttl}, {"largest", kMaxTtl}})) {
    return fail(Errc::LeaseTtlTooLarge);
  }
  if (!guards(!leases_.contains(id), "no lease has this id", {{"lease", id}})) {
    return fail(Errc::LeaseExist);
  }
  return {};
}

std::int64_t Lessor::grant(Backend& backend, LeaseId id, std::int64_t ttl, Nanos now) {
  check(!leases_.contains(id), "a lease is granted once");
  Lease lease;
  lease.ttl = std::max(ttl, rules_.min_ttl);
  if (primary_) {
    refresh(id, lease, now, Nanos(0));
    schedule_checkpoint(id, lease, now);
  }
  write_row(backend, id, lease);
  leases_.put(id, lease);
  return lease.ttl;
}

std::vector<Blob> Lessor::keys_of(LeaseId id) const {
  std::vector<Blob> out;
  const Lease* lease = leases_.find(id);
  if (lease == nullptr) return out;
  for (const auto& [key, attached] : lease->keys) out.push_back(key);
  return out;
}

void Lessor::erase(Backend& backend, LeaseId id) {
  Lease* lease = leases_.edit(id);
  check(lease != nullptr, "only a lease that is there is erased");
  for (const auto& [key, attached] : lease->keys) items_.erase(key);
  unqueue(id, *lease);
  if (lease->checkpoint) checkpoints_.erase(std::pair{*lease->checkpoint, id});
  leases_.erase(id);
  backend.erase(backend::Bucket::Lease, row_key(id));
}

std::int64_t Lessor::time_to_live(LeaseId id, Nanos now) const {
  const Lease* lease = leases_.find(id);
  check(lease != nullptr, "the lease is there");
  if (!lease->expiry) return lease->start_ttl();
  return (*lease->expiry - now) / kSecond;
}

LeaseId Lessor::lease_of(const Blob& key) const {
  const LeaseId* id = items_.find(key);
  return id == nullptr ? LeaseId(0) : *id;
}

void Lessor::attach(const Blob& key, LeaseId id) {
  const LeaseId old = lease_of(key);
  if (old == id) return;
  if (old != LeaseId(0)) {
    leases_.edit(old)->keys.erase(key);
    items_.erase(key);
  }
  if (id == LeaseId(0)) return;
  Lease* lease = leases_.edit(id);
  check(lease != nullptr, "a key is attached to a lease that is there");
  lease->keys.put(key, true);
  items_.put(key, id);
}

Result<void> Lessor::begin_renew(LeaseId id, const Guards& guards) const {
  if (!guards(primary_, "this member is the primary lessor")) return fail(Errc::NotLeader);
  if (!guards(leases_.contains(id), "the lease is there", {{"lease", id}})) {
    return fail(Errc::LeaseNotFound);
  }
  return {};
}

bool Lessor::is_expired(LeaseId id, Nanos now) const {
  const Lease* lease = leases_.find(id);
  return lease != nullptr && lease->expiry && *lease->expiry <= now;
}

bool Lessor::must_clear_checkpoint(LeaseId id) const {
  const Lease* lease = leases_.find(id);
  return rules_.checkpoints && lease != nullptr && lease->remaining > 0;
}

Result<std::int64_t> Lessor::finish_renew(LeaseId id, Nanos now, const Guards& guards) {
  const auto there = begin_renew(id, guards);
  if (!there) return fail(there.error());
  Lease* lease = leases_.edit(id);
  lease->remaining = 0;
  refresh(id, *lease, now, Nanos(0));
  return lease->ttl;
}

std::vector<LeaseId> Lessor::take_expired(Nanos now, const Guards& guards) {
  std::vector<LeaseId> out;
  const auto limit = static_cast<std::size_t>(rules_.revoke_rate / 2);
  while (primary_ && out.size() < limit && !queue_.empty()) {
    const auto [at, id] = queue_.first()->first;
    if (!guards(at <= now, "a lease's time is over", {{"lease", id}, {"expires", at}})) break;
    Lease* lease = leases_.edit(id);
    check(lease != nullptr, "what is queued is there");
    // Queued anew: whoever takes it may fail to have it revoked.
    enqueue(id, *lease, now + rules_.retry.value());
    if (*lease->expiry <= now) out.push_back(id);
  }
  return out;
}

std::optional<Nanos> Lessor::next_expiry() const {
  if (!primary_ || queue_.empty()) return std::nullopt;
  return queue_.first()->first.first;
}

std::vector<rpc::LeaseCheckpoint> Lessor::take_due_checkpoints(Nanos now) {
  std::vector<rpc::LeaseCheckpoint> out;
  while (primary_ && out.size() < kCheckpointBatch && !checkpoints_.empty()) {
    const auto [at, id] = checkpoints_.first()->first;
    if (at > now) break;
    checkpoints_.erase(std::pair{at, id});
    Lease* lease = leases_.edit(id);
    lease->checkpoint.reset();
    if (*lease->expiry <= now) continue;
    const std::int64_t left = (*lease->expiry - now + kSecond - 1) / kSecond;
    if (left >= lease->ttl) continue;  // just renewed: the whole TTL needs no checkpoint
    out.push_back({.id = id, .remaining_ttl = left});
  }
  return out;
}

std::optional<Nanos> Lessor::next_checkpoint() const {
  if (!primary_ || checkpoints_.empty()) return std::nullopt;
  return checkpoints_.first()->first.first;
}

bool Lessor::set_checkpoint(Backend& backend, LeaseId id, std::int64_t remaining, Nanos now) {
  Lease* lease = leases_.edit(id);
  if (lease == nullptr) return false;
  lease->remaining = remaining;
  if (rules_.persist_checkpoints) write_row(backend, id, *lease);
  if (primary_) schedule_checkpoint(id, *lease, now);
  return true;
}

Result<void> Lessor::restore(const Backend& backend,
                             const std::vector<std::pair<Blob, LeaseId>>& attached) {
  *this = Lessor(rules_);
  Result<void> done;
  backend.range(backend::View::Batch, backend::Bucket::Lease, "", "", 0,
                [&](BytesView key, BytesView value) {
                  const auto row = rpc::decode_message<rpc::LeaseRow>(value);
                  if (!row) {
                    done = fail(Errc::Corrupt, text("lease {}: {}", hex(key), row.error().detail));
                    return false;
                  }
                  Lease lease;
                  lease.ttl = std::max(row->ttl, rules_.min_ttl);
                  if (rules_.persist_checkpoints) lease.remaining = row->remaining_ttl;
                  leases_.put(row->id, lease);
                  return true;
                });
  if (!done) return done;
  for (const auto& [key, id] : attached) {
    // A key may outlive its lease in the rows: the revocation's transaction then follows in the log.
    if (leases_.contains(id)) attach(key, id);
  }
  return {};
}

void Lessor::write_row(Backend& backend, LeaseId id, const Lease& lease) const {
  const rpc::LeaseRow row{.id = id, .ttl = lease.ttl, .remaining_ttl = lease.remaining};
  backend.put(backend::Bucket::Lease, row_key(id), Blob(rpc::encode_message(row)));
}

void Lessor::refresh(LeaseId id, Lease& lease, Nanos now, Nanos extend) {
  lease.expiry = now + extend.value() + ttl_time(lease.start_ttl()).value();
  enqueue(id, lease, *lease.expiry);
}

void Lessor::enqueue(LeaseId id, Lease& lease, Nanos at) {
  unqueue(id, lease);
  lease.queued = at;
  queue_.put(std::pair{at, id}, true);
}

void Lessor::unqueue(LeaseId id, Lease& lease) {
  if (lease.queued) queue_.erase(std::pair{*lease.queued, id});
  lease.queued.reset();
}

void Lessor::schedule_checkpoint(LeaseId id, Lease& lease, Nanos now) {
  if (!rules_.checkpoints || ttl_time(lease.start_ttl()) <= rules_.checkpoint_interval) return;
  if (lease.checkpoint) checkpoints_.erase(std::pair{*lease.checkpoint, id});
  lease.checkpoint = now + rules_.checkpoint_interval.value();
  checkpoints_.put(std::pair{*lease.checkpoint, id}, true);
}

Violations violations(const Lessor& lessor) {
  Violations out;
  std::size_t attached = 0;
  for (const auto& [id, lease] : lessor.leases_) {
    attached += lease.keys.size();
    for (const auto& [key, yes] : lease.keys) {
      if (lessor.lease_of(key) == id) continue;
      out.push_back({"KeyNamesItsLease", text("{} of lease {}", quoted(key.view()), id.value())});
    }
    const bool counted = lease.expiry && lease.queued;
    if (counted == lessor.primary_) continue;
    out.push_back({"OnlyThePrimaryCounts", text("lease {}", id.value())});
  }
  if (attached != lessor.items_.size()) {
    out.push_back({"ItemsAreAttached", text("{} of {}", attached, lessor.items_.size())});
  }
  return out;
}

}  // namespace orrery::lease
