// lease lane: what has expired is proposed for revocation; token lane: simple tokens whose time is over.
// from: etcd server/lease/lessor.go (runLoop), server/etcdserver/server.go (run, revokeExpiredLeases),
//       server/auth/simple_token.go (simpleTokenTTLKeeper); facts C.8, C.9, D.13
#include <algorithm>

#include "base/check.h"
#include "base/text.h"
#include "server/context.h"

namespace orrery::server {
namespace {

constexpr std::uint64_t kMaxRevocations = 16;  // etcd: maxPendingRevokes
constexpr Nanos kLoop = millis(500);           // etcd: lessor.runLoop

// Where a loop of this period finds something that happens at `at`: at its tick then, or the one after.
Nanos tick_for(Nanos at, Nanos next, Nanos period) {
  if (at <= next) return next;
  return Nanos((at.value() + period.value() - 1) / period.value() * period.value());
}

void find(Context& context) {
  Running& run = context.run;
  const Nanos now = context.step.now();
  run.lease_lane.next = next_tick_after(now, kLoop);
  const Nanos stale = run.node.next_tick + 2 * context.step.timing().tick.value();
  const bool fresh = context.step.guards()(now <= stale, "the member's own ticks are fresh",
                                           {{"tick was due", run.node.next_tick}, {"now", now}});
  // A raft lane that is stuck in a write has not heard who leads by now (etcd #15247).
  const RaftLane& raft = run.raft_lane;
  const Nanos stuck_since = raft.phase == RaftLane::Phase::TakeReady ? now : raft.taken_at;
  const bool moves = context.step.guards()(
      now - stuck_since.value() <= Nanos(3 * context.step.timing().tick.value()),
      "the raft lane is not stuck in a Ready", {{"since", stuck_since}, {"now", now}});
  if (!fresh || !moves) return;
  for (const LeaseId id : run.lessor.take_expired(now, context.step.guards())) {
    run.lease_lane.expired.push_back(id);
    if (context.step.noting()) {
      context.step.note(text("n{} finds lease {:016x} expired", context.member.no(), id.value()));
    }
  }
  std::vector<rpc::LeaseCheckpoint> due = run.lessor.take_due_checkpoints(now);
  if (!due.empty()) {
    begin_own_call(context, rpc::LeaseRequest(rpc::LeaseCheckpointRequest{std::move(due)}));
  }
}

void revoke_one(Context& context) {
  LeaseLane& lane = context.run.lease_lane;
  const LeaseId id = lane.expired.front();
  lane.expired.drop_front(1);
  const Nanos now = context.step.now();
  // differs: etcd asks for the revocation even if a promotion has given the lease more time since it was found.
  const bool has_time =
      context.run.lessor.find(id) != nullptr && !context.run.lessor.is_expired(id, now);
  if (!context.step.guards()(!has_time, "no promotion has given the lease more time",
                             {{"lease", id}})) {
    return;
  }
  ++lane.workers;
  begin_own_call(context, rpc::LeaseRequest(rpc::LeaseRevokeRequest{.id = id}));
}

}  // namespace

Readiness lease_readiness(const Look& look) {
  const LeaseLane& lane = look.run.lease_lane;
  if (!lane.expired.empty()) {
    return look.guards(lane.workers < kMaxRevocations, "a worker is free to revoke a lease",
                       {{"at work", lane.workers}, {"workers", kMaxRevocations}})
               ? kReady
               : kBlocked;
  }
  const auto expiry = look.run.lessor.next_expiry();
  const auto checkpoint = look.run.lessor.next_checkpoint();
  // etcd's loop wakes each half second; a round that would find nothing is no action.
  if (!look.guards(expiry.has_value() || checkpoint.has_value(),
                   "this member is the primary lessor and has leases")) {
    return kBlocked;
  }
  const Nanos at =
      std::min(expiry.value_or(Nanos(INT64_MAX)), checkpoint.value_or(Nanos(INT64_MAX)));
  return ready_at(tick_for(at, lane.next, kLoop));
}

void run_lease(Context& context) {
  if (context.run.lease_lane.expired.empty()) return find(context);
  revoke_one(context);
}

Readiness token_readiness(const Look& look) {
  const auto expiry = look.run.auth.tokens().next_expiry();
  if (!look.guards(expiry.has_value(), "a simple token is alive")) return kBlocked;
  return ready_at(tick_for(*expiry, look.run.token_lane.next, seconds(1)));
}

void run_tokens(Context& context) {
  context.run.auth.expire_tokens(context.step.now());
  context.run.token_lane.next = next_tick_after(context.step.now(), seconds(1));
}

}  // namespace orrery::server
