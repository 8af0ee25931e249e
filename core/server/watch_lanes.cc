// sync-watchers and sync-victims lanes: watchers that are behind catch up; failed sends are tried again.
// from: etcd server/storage/mvcc/watchable_store.go (syncWatchersLoop, syncVictimsLoop); facts D.6
#include <utility>

#include "base/text.h"
#include "server/context.h"

namespace orrery::server {
namespace {

using SyncPhase = SyncLane::Phase;
using VictimPhase = VictimLane::Phase;

void end_round(Context& context) {
  Running& run = context.run;
  SyncLane& lane = run.sync;
  lane.round = {};
  lane.phase = SyncPhase::Choose;
  lane.next = context.step.now() + context.step.timing().watch_sync_interval.value();
  release_watch_mutex(context);
  arm_watch_loops(context);
}

void choose(Context& context) {
  Running& run = context.run;
  SyncLane& lane = run.sync;
  acquire_watch_mutex(context, LaneKind::SyncWatchers);
  lane.round = run.watches.choose_unsynced(run.store.current_revision(),
                                           run.store.compact_revision(), context.step.guards());
  lane.phase = SyncPhase::Scan;
}

void scan(Context& context) {
  Running& run = context.run;
  SyncLane& lane = run.sync;
  std::vector<mvccpb::Event> events;
  if (lane.round.wants_scan()) {
    auto read =
        run.store.events_in(run.backend, lane.round.min_revision, lane.round.current_revision + 1);
    if (!read) context.step.panic(read.error().detail);
    events = std::move(*read);
  }
  if (context.step.noting()) {
    context.step.note(text("n{} reads the history: {} event(s) up to revision {}",
                           context.member.no(), events.size(), lane.round.current_revision));
  }
  run.watches.give_events(lane.round, events, context.step.guards());
  lane.phase = SyncPhase::Send;
  if (lane.round.done()) end_round(context);
}

void send(Context& context) {
  Running& run = context.run;
  SyncLane& lane = run.sync;
  const watch::Sent sent = run.watches.send_one(lane.round, context.step.guards());
  touch_stream_of(context, sent.who.stream);
  if (context.step.noting()) {
    context.step.note(text("n{} catches watcher {} up: {}", context.member.no(),
                           watch::to_text(sent.who), watch::to_text(sent.kind)));
  }
  if (lane.round.done()) end_round(context);
}

VictimPhase next_phase(const watch::VictimRound& round) {
  if (round.has_retry()) return VictimPhase::Retry;
  if (round.has_settle()) return VictimPhase::Settle;
  if (round.has_put_back()) return VictimPhase::PutBack;
  return VictimPhase::Take;
}

}  // namespace

std::string_view to_text(SyncLane::Phase phase) {
  switch (phase) {
    case SyncPhase::Choose: return "choose";
    case SyncPhase::Scan: return "scan";
    case SyncPhase::Send: return "send";
  }
  return "";
}

std::string_view to_text(VictimLane::Phase phase) {
  switch (phase) {
    case VictimPhase::Take: return "take";
    case VictimPhase::Retry: return "retry";
    case VictimPhase::Settle: return "settle";
    case VictimPhase::PutBack: return "put-back";
  }
  return "";
}

Readiness sync_readiness(const Look& look) {
  const SyncLane& lane = look.run.sync;
  if (lane.phase != SyncPhase::Choose) return kReady;
  if (!look.guards(!look.run.watches.unsynced().empty(), "a watcher is unsynced")) {
    return kBlocked;
  }
  if (!is_free(look, look.run.watch_mutex, "the watch store's mutex is free")) return kBlocked;
  return ready_at(lane.next);
}

void run_sync(Context& context) {
  switch (context.run.sync.phase) {
    case SyncPhase::Choose: return choose(context);
    case SyncPhase::Scan: return scan(context);
    case SyncPhase::Send: return send(context);
  }
}

Readiness victim_readiness(const Look& look) {
  const VictimLane& lane = look.run.victims;
  const bool needs_mutex = lane.phase != VictimPhase::Retry;
  if (lane.phase == VictimPhase::Take &&
      !look.guards(look.run.watches.has_victims(), "a watcher is a victim")) {
    return kBlocked;
  }
  if (needs_mutex && !is_free(look, look.run.watch_mutex, "the watch store's mutex is free")) {
    return kBlocked;
  }
  return lane.phase == VictimPhase::Take ? ready_at(lane.next) : kReady;
}

void run_victims(Context& context) {
  Running& run = context.run;
  VictimLane& lane = run.victims;
  switch (lane.phase) {
    case VictimPhase::Take: lane.round = run.watches.take_victims(); break;
    case VictimPhase::Retry: {
      const watch::Sent sent = run.watches.retry_one(lane.round, context.step.guards());
      touch_stream_of(context, sent.who.stream);
      break;
    }
    case VictimPhase::Settle:
      run.watches.settle(lane.round, run.store.current_revision(), context.step.guards());
      break;
    case VictimPhase::PutBack: run.watches.put_back(lane.round); break;
  }
  lane.phase = next_phase(lane.round);
  if (lane.phase != VictimPhase::Take) return;
  lane.next = context.step.now() + context.step.timing().victim_interval.value();
  lane.round = {};
  arm_watch_loops(context);
}

}  // namespace orrery::server
