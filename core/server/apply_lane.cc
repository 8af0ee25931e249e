// apply lane: committed entries become changes of the store, one phase at a time.
// from: etcd server/etcdserver/server.go (applyAll, applyEntries, applyEntryNormal), apply/uber_apply.go; facts D.10
#include <utility>

#include "base/check.h"
#include "base/text.h"
#include "proto/raftpb_codec.h"
#include "proto/rpc_codec.h"
#include "server/context.h"

namespace orrery::server {
namespace {

using Phase = ApplyLane::Phase;

const raftpb::Entry& entry_at_hand(const ApplyLane& lane) {
  return lane.jobs.front()->entries[lane.next_entry];
}

void begin(Context& context);
void take_tx(Context& context);
void change(Context& context);
void notify(Context& context);
void send_watch(Context& context);
void end(Context& context);
void commit(Context& context);
void applied(Context& context);
void wake(Context& context);

void refuse(ApplyLane& lane, Error error) {
  lane.error = std::move(error);
  lane.phase = Phase::Applied;
}

void apply_conf_change(Context& context, const raftpb::Entry& entry) {
  Running& run = context.run;
  raftpb::ConfChangeV2 change;
  if (entry.type == raftpb::EntryType::ConfChange) {
    const auto one = raftpb::decode_conf_change(entry.data);
    if (!one) context.step.panic("unmarshal conf change: " + one.error().detail);
    change.changes.push_back({one->type, one->node_id});
  } else {
    const auto many = raftpb::decode_conf_change_v2(entry.data);
    if (!many) context.step.panic("unmarshal conf change: " + many.error().detail);
    change = *many;
  }
  run.conf_state = run.raft.apply_conf_change(raft_io(context), change);
  after_raft(context);
}

// A request's operations, decided on the state before it; an error means that nothing will change.
void plan_request(Context& context, const rpc::InternalRequest& request) {
  ApplyLane& lane = context.run.apply;
  lane.request_id = request.id;
  if (const auto* compaction = std::get_if<rpc::CompactionRequest>(&request.request)) {
    lane.schedules_compaction = true;
    lane.compact_to = compaction->revision;
    lane.physical = compaction->physical;
    lane.phase = Phase::TakeTx;
    return;
  }
  const auto no_lease = [](LeaseId) { return false; };
  auto plan =
      context.run.store.plan(context.run.backend, request.request, no_lease, context.step.guards());
  if (!plan) {
    if (plan.error().code == Errc::Corrupt) context.step.panic(plan.error().detail);
    refuse(lane, plan.error());
    return;
  }
  lane.txn = context.run.store.begin(std::move(*plan));
  lane.phase = Phase::TakeTx;
}

void begin(Context& context) {
  Running& run = context.run;
  ApplyLane& lane = run.apply;
  const raftpb::Entry entry = entry_at_hand(lane);
  lane.request_id = 0;
  lane.schedules_compaction = false;
  lane.error.reset();
  lane.response = {};
  lane.phase = Phase::Applied;
  const bool is_new = context.step.guards()(
      entry.index > run.consistent, "the entry is newer than the consistent index",
      {{"entry index", entry.index}, {"consistent index", run.consistent}});
  if (is_new) {
    run.applying = entry.index;
    run.applying_term = entry.term;
  }
  if (entry.type != raftpb::EntryType::Normal) {
    // Raft must know every configuration since its snapshot, also those the store has seen.
    apply_conf_change(context, entry);
    return;
  }
  if (!is_new || entry.data.empty()) return;
  const auto request = rpc::decode_internal_request(entry.data);
  if (!request) {
    context.step.panic(text("entry {}: {}", entry.index.value(), request.error().detail));
  }
  plan_request(context, *request);
}

void take_tx(Context& context) {
  take_batch_tx_inside_apply(context);
  context.run.apply.phase = Phase::Change;
}

void schedule_compaction(Context& context) {
  Running& run = context.run;
  ApplyLane& lane = run.apply;
  const auto job =
      run.store.schedule_compaction(run.backend, lane.compact_to, context.step.guards());
  if (!job) {
    lane.error = job.error();
  } else {
    run.compact.jobs.push_back(
        {.revision = lane.compact_to, .waiter = lane.physical ? lane.request_id : 0, .job = *job});
  }
  rpc::CompactionResponse response;
  response.header.revision = run.store.current_revision();
  lane.response = response;
  lane.phase = Phase::End;
}

void change(Context& context) {
  Running& run = context.run;
  ApplyLane& lane = run.apply;
  if (lane.schedules_compaction) {
    schedule_compaction(context);
    return;
  }
  const auto done = run.store.step(run.backend, lane.txn, context.step.guards());
  if (!done) context.step.panic(done.error().detail);
  if (context.step.noting() && done->change) {
    const auto& kv = *done->change;
    context.step.note(text("n{} {} {} at revision {}", context.member.no(),
                           mvcc::is_tombstone(kv) ? "deletes" : "writes", quoted(kv.key.view()),
                           kv.mod_revision));
  }
  if (!done->done) return;
  lane.phase = lane.txn.txn.changes.empty() ? Phase::End : Phase::Notify;
}

void notify(Context& context) {
  Running& run = context.run;
  ApplyLane& lane = run.apply;
  acquire_watch_mutex(context, LaneKind::Apply);
  const std::vector<mvccpb::Event> events = mvcc::events_of(lane.txn.txn);
  lane.notify = run.watches.begin_notify(lane.txn.txn.revision(), events, context.step.guards());
  tell_old_watches(context, events);
  lane.phase = Phase::SendWatch;
  if (lane.notify.done()) end(context);
}

void send_watch(Context& context) {
  Running& run = context.run;
  ApplyLane& lane = run.apply;
  const watch::Sent sent = run.watches.send_one(lane.notify, context.step.guards());
  touch_stream_of(context, sent.who.stream);
  if (context.step.noting()) {
    context.step.note(text("n{} tells watcher {}: {}", context.member.no(),
                           watch::to_text(sent.who), watch::to_text(sent.kind)));
  }
  if (lane.notify.done()) lane.phase = Phase::End;
}

void end(Context& context) {
  Running& run = context.run;
  ApplyLane& lane = run.apply;
  if (!lane.schedules_compaction) {
    lane.response = run.store.finish(lane.txn).response;
    lane.txn = {};
    lane.notify = {};
  }
  const bool must_commit = end_batch_tx(context);
  if (!run.watch_mutex.free() && *run.watch_mutex.owner == LaneKind::Apply) {
    release_watch_mutex(context);
    arm_watch_loops(context);
  }
  if (must_commit || (lane.schedules_compaction && !lane.error)) {
    if (run.batch_tx.free()) acquire(run.batch_tx, LaneKind::Apply);
    lane.commit = CommitFrame{};
    lane.phase = Phase::Commit;
    return;
  }
  lane.phase = Phase::Applied;
}

void commit(Context& context) {
  ApplyLane& lane = context.run.apply;
  check(lane.commit.has_value(), "the commit phase has its frame");
  if (!run(context, *lane.commit)) return;
  lane.commit.reset();
  release(context.run.batch_tx);
  lane.phase = Phase::Applied;
}

void next_entry(Context& context) {
  ApplyLane& lane = context.run.apply;
  ++lane.next_entry;
  lane.phase = Phase::Begin;
  if (lane.next_entry < lane.jobs.front()->entries.size()) return;
  lane.jobs_done = lane.jobs.front()->no;
  lane.jobs.drop_front(1);
  lane.next_entry = 0;
}

void applied(Context& context) {
  Running& run = context.run;
  ApplyLane& lane = run.apply;
  const raftpb::Entry& entry = entry_at_hand(lane);
  run.applied = entry.index;
  run.applied_term = entry.term;
  // An entry that took no transaction counts as well; it reaches the file with the next commit.
  if (entry.index > run.consistent) {
    run.consistent = entry.index;
    run.consistent_term = entry.term;
  }
  if (context.step.noting()) {
    context.step.note(text("n{} has applied entry {}{}", context.member.no(), entry.index.value(),
                           lane.error ? ", refused: " + lane.error->detail : ""));
  }
  const bool answers_later = lane.physical && lane.schedules_compaction && !lane.error;
  if (lane.request_id != 0 && !answers_later && run.waiters.contains(lane.request_id)) {
    lane.phase = Phase::Wake;
    return;
  }
  next_entry(context);
}

void wake(Context& context) {
  ApplyLane& lane = context.run.apply;
  wake_handler(context, lane.request_id, lane.error, lane.response);
  next_entry(context);
}

}  // namespace

std::string_view to_text(ApplyLane::Phase phase) {
  switch (phase) {
    case Phase::Begin: return "begin";
    case Phase::TakeTx: return "take-tx";
    case Phase::Change: return "change";
    case Phase::Notify: return "notify";
    case Phase::SendWatch: return "send-watch";
    case Phase::End: return "end";
    case Phase::Commit: return "commit";
    case Phase::Applied: return "applied";
    case Phase::Wake: return "wake";
  }
  return "";
}

Readiness apply_readiness(const Look& look) {
  const ApplyLane& lane = look.run.apply;
  if (!look.guards(!lane.jobs.empty(), "a committed entry waits to be applied",
                   {{"applied index", look.run.applied}})) {
    return kBlocked;
  }
  if (lane.phase == Phase::TakeTx &&
      !is_free(look, look.run.batch_tx, "the batch tx lock is free")) {
    return kBlocked;
  }
  if (lane.phase == Phase::Notify &&
      !is_free(look, look.run.watch_mutex, "the watch store's mutex is free")) {
    return kBlocked;
  }
  if (lane.phase == Phase::Commit) return readiness(look, *lane.commit);
  return kReady;
}

void run_apply(Context& context) {
  switch (context.run.apply.phase) {
    case Phase::Begin: return begin(context);
    case Phase::TakeTx: return take_tx(context);
    case Phase::Change: return change(context);
    case Phase::Notify: return notify(context);
    case Phase::SendWatch: return send_watch(context);
    case Phase::End: return end(context);
    case Phase::Commit: return commit(context);
    case Phase::Applied: return applied(context);
    case Phase::Wake: return wake(context);
  }
}

}  // namespace orrery::server
