// The batch tx lock and the watch store's mutex.
#include "base/check.h"
#include "server/context.h"

namespace orrery::server {

bool is_free(const Look& look, const Lock& lock, std::string_view claim) {
  return look.guards(lock.free(), claim,
                     {{"owner lane", lock.free() ? 0 : static_cast<int>(*lock.owner)}});
}

void acquire(Lock& lock, LaneKind owner) {
  check(lock.free(), "a lock is taken only when it is free");
  lock.owner = owner;
}

void release(Lock& lock) {
  check(!lock.free(), "a lock is released only by its owner");
  lock.owner.reset();
}

namespace {

void touch_receivers(Context& context) {
  for (const auto& [stream, waiting] : context.run.waiting_streams) {
    context.member.touch({.kind = LaneKind::StreamRecv, .no = stream, .choice = 0});
  }
}

}  // namespace

void acquire_watch_mutex(Context& context, LaneKind owner) {
  acquire(context.run.watch_mutex, owner);
  touch_receivers(context);
}

void release_watch_mutex(Context& context) {
  release(context.run.watch_mutex);
  touch_receivers(context);
}

void release_batch_tx(Context& context) {
  release(context.run.batch_tx);
  for (const std::uint64_t no : context.run.waiting_defrags) {
    context.member.touch({.kind = LaneKind::Handler, .no = no, .choice = 0});
  }
}

void take_batch_tx_inside_apply(Context& context) {
  acquire(context.run.batch_tx, LaneKind::Apply);
  // from: etcd backend LockInsideApply's hook (cindex OnPreCommitUnsafe's source): the applying index counts from here
  context.run.consistent = context.run.applying;
  context.run.consistent_term = context.run.applying_term;
}

bool end_batch_tx(Context& context) {
  backend::Backend& backend = context.run.backend;
  backend.end_tx();
  if (context.run.commit.next <= context.step.now()) {
    context.run.commit.next =
        next_tick_after(context.step.now(), context.step.timing().commit_interval);
  }
  // The read buffer knows no deletions, so a batch with one is committed at once.
  // from: etcd batch_tx.go (batchTxBuffered.Unlock)
  if (backend.commit_is_due() || backend.pending_erases() > 0) return true;
  release_batch_tx(context);
  return false;
}

Nanos next_tick_after(Nanos now, Nanos period) {
  return Nanos((now.value() / period.value() + 1) * period.value());
}

}  // namespace orrery::server
