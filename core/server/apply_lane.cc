// apply lane: committed entries become changes of the store, one phase at a time.
// from: etcd server/etcdserver/server.go (applyAll, applyEntries, applyEntryNormal), apply/uber_apply.go; facts D.10
#include <utility>

#include "base/check.h"
#include "base/text.h"
#include "datadir/payload.h"
#include "proto/raftpb_codec.h"
#include "server/context.h"

namespace orrery::server {
namespace {

using ApplyPhase = ApplyLane::Phase;

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

// A threshold of a nanosecond means all: in a world most entries take no time at all.
bool leaves_trace(const Context& context, Nanos took) {
  const Nanos threshold = context.step.timing().apply_warning;
  return threshold <= Nanos(1) || took > threshold;
}

// The article's way to see each entry: the gauges beside it, and why it was refused.
void trace(Context& context, const raftpb::Entry& entry) {
  Running& run = context.run;
  ApplyLane& lane = run.apply;
  const Nanos took = context.step.now() - lane.began.value();
  if (!leaves_trace(context, took)) return;
  lane.traces.push_back({.index = entry.index,
                         .request = lane.what,
                         .began = lane.began,
                         .took = took,
                         .error = lane.error ? lane.error->detail : std::string(),
                         .committed = run.raft.log().committed(),
                         .applied = run.applied,
                         .consistent = run.consistent});
  if (lane.traces.size() > kTraces) lane.traces.drop_front(1);
  if (!context.step.noting()) return;
  context.step.note(
      text("n{}: apply of entry {} took {} us (committed {}, applied {}, consistent {})",
           context.member.no(), entry.index.value(), took.value() / 1000,
           run.raft.log().committed().value(), run.applied.value(), run.consistent.value()));
}

void begin(Context& context) {
  Running& run = context.run;
  ApplyLane& lane = run.apply;
  const raftpb::Entry entry = entry_at_hand(lane);
  lane.began = context.step.now();
  lane.what.clear();
  lane.request_id = 0;
  lane.schedules_compaction = false;
  lane.over_quota = false;
  lane.force_commit = false;
  lane.request = {};
  lane.error.reset();
  lane.response = {};
  lane.phase = ApplyPhase::Applied;
  const bool is_new = context.step.guards()(
      entry.index > run.consistent, "the entry is newer than the consistent index",
      {{"entry index", entry.index}, {"consistent index", run.consistent}});
  if (is_new) {
    run.applying = entry.index;
    run.applying_term = entry.term;
  }
  if (entry.type != raftpb::EntryType::Normal) {
    // Raft must know every configuration since its snapshot, also those the store has seen.
    apply_conf_change(context, entry, is_new);
    return;
  }
  if (entry.data.empty()) promote_lessor(context);
  if (!is_new || entry.data.empty()) return;
  const auto request = datadir::decode_payload(entry.data);
  if (!request) {
    // A user's v2 request in a 3.4 member's log: it changes nothing in this store.
    if (request.error().code == Errc::WrongUse) return refuse(lane, request.error());
    context.step.panic(text("entry {}: {}", entry.index.value(), request.error().detail));
  }
  if (leaves_trace(context, Nanos(0))) lane.what = name_of(request->request);
  plan_request(context, *request);
}

void take_tx(Context& context) {
  take_batch_tx_inside_apply(context);
  context.run.apply.phase = ApplyPhase::Change;
}

void schedule_compaction(Context& context) {
  Running& run = context.run;
  ApplyLane& lane = run.apply;
  const auto& request = std::get<rpc::CompactionRequest>(lane.request.request);
  const auto job =
      run.store.schedule_compaction(run.backend, request.revision, context.step.guards());
  if (!job) {
    lane.error = job.error();
  } else {
    run.compact.jobs.push_back({.revision = request.revision,
                                .waiter = request.physical ? lane.request_id : 0,
                                .job = *job});
  }
  rpc::CompactionResponse response;
  response.header.revision = run.store.current_revision();
  lane.response = response;
  lane.phase = ApplyPhase::End;
}

void note_change(const Context& context, const mvccpb::KeyValue& kv) {
  if (!context.step.noting()) return;
  context.step.note(text("n{} {} {} at revision {}", context.member.no(),
                         mvcc::is_tombstone(kv) ? "deletes" : "writes", quoted(kv.key.view()),
                         kv.mod_revision));
}

// A key belongs to the lease it was written with last.
void move_lease(Context& context, const mvccpb::KeyValue& kv) {
  lease::Lessor& lessor = context.run.lessor;
  if (kv.lease == LeaseId(0) && lessor.items().empty()) return;
  lessor.attach(kv.key, mvcc::is_tombstone(kv) ? LeaseId(0) : kv.lease);
}

void revoke_next(Context& context) {
  Running& run = context.run;
  ApplyLane& lane = run.apply;
  if (!lane.keys.empty()) {
    const Blob key = lane.keys.front();
    lane.keys.drop_front(1);
    const bool deleted = run.store.delete_key(run.backend, lane.txn.txn, key);
    run.lessor.attach(key, LeaseId(0));
    if (deleted) note_change(context, lane.txn.txn.changes.back());
    return;
  }
  const auto& lease = std::get<rpc::LeaseRequest>(lane.request.request);
  run.lessor.erase(run.backend, std::get<rpc::LeaseRevokeRequest>(lease).id);
  touch_renewals(context);
  lane.phase = lane.txn.txn.changes.empty() ? ApplyPhase::End : ApplyPhase::Notify;
}

void change(Context& context) {
  Running& run = context.run;
  ApplyLane& lane = run.apply;
  if (lane.schedules_compaction) return schedule_compaction(context);
  if (lane.work == ApplyLane::Work::Revocation) return revoke_next(context);
  if (lane.work == ApplyLane::Work::Whole) {
    apply_service(context, lane.request);
    lane.phase = ApplyPhase::End;
    return;
  }
  const auto done = run.store.step(run.backend, lane.txn, context.step.guards());
  if (!done) context.step.panic(done.error().detail);
  if (done->change) {
    note_change(context, *done->change);
    move_lease(context, *done->change);
  }
  if (!done->done) return;
  lane.phase = lane.txn.txn.changes.empty() ? ApplyPhase::End : ApplyPhase::Notify;
}

void notify(Context& context) {
  Running& run = context.run;
  ApplyLane& lane = run.apply;
  acquire_watch_mutex(context, LaneKind::Apply);
  const std::vector<mvccpb::Event> events = mvcc::events_of(lane.txn.txn);
  lane.notify = run.watches.begin_notify(lane.txn.txn.revision(), events, context.step.guards());
  tell_old_watches(context, events);
  lane.phase = ApplyPhase::SendWatch;
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
  if (lane.notify.done()) lane.phase = ApplyPhase::End;
}

// 3.4 saves the consistent index with each transaction that changes a key, and with each that changes auth data;
// what else it applies comes again after a crash. from: etcd 3.4 mvcc/kvstore_txn.go (End), auth/store.go; facts C.14
void save_index_with_it(Context& context, bool changes_keys) {
  if (context.member.plan().version != Version::V3_4) return;
  const bool changes_auth =
      context.run.apply.work == ApplyLane::Work::Whole &&
      std::holds_alternative<rpc::AuthRequest>(context.run.apply.request.request) &&
      !context.run.apply.error;
  // etcd #11651: users, roles and the auth revision reach the file, and the index of their entry does not: a restart
  // goes through that entry once more.
  const bool forgets = context.member.plan().quirks.has(Quirk::AuthOpsSkipCiSave);
  if (changes_keys || (changes_auth && !forgets)) save_consistent_index(context);
}

void finish_transaction(Context& context) {
  Running& run = context.run;
  ApplyLane& lane = run.apply;
  if (lane.work == ApplyLane::Work::Operations) {
    lane.response = run.store.finish(lane.txn).response;
  } else {
    run.store.end_write(lane.txn.txn);
    rpc::LeaseRevokeResponse response;
    response.header.revision = run.store.current_revision();
    lane.response = rpc::LeaseResponse(response);
  }
  lane.txn = {};
  lane.notify = {};
}

void end(Context& context) {
  Running& run = context.run;
  ApplyLane& lane = run.apply;
  const bool wrote = lane.work != ApplyLane::Work::Whole && !lane.schedules_compaction;
  save_index_with_it(context, wrote && !lane.txn.txn.changes.empty());
  if (wrote) finish_transaction(context);
  const bool must_commit = end_batch_tx(context);
  if (!run.watch_mutex.free() && *run.watch_mutex.owner == LaneKind::Apply) {
    release_watch_mutex(context);
    arm_watch_loops(context);
  }
  if (must_commit || lane.force_commit || (lane.schedules_compaction && !lane.error)) {
    if (run.batch_tx.free()) acquire(run.batch_tx, LaneKind::Apply);
    lane.commit = CommitFrame{};
    lane.phase = ApplyPhase::Commit;
    return;
  }
  lane.phase = ApplyPhase::Applied;
}

void commit(Context& context) {
  ApplyLane& lane = context.run.apply;
  check(lane.commit.has_value(), "the commit phase has its frame");
  if (!run(context, *lane.commit)) return;
  lane.commit.reset();
  release_batch_tx(context);
  lane.phase = ApplyPhase::Applied;
}

void next_entry(Context& context) {
  ApplyLane& lane = context.run.apply;
  ++lane.next_entry;
  lane.phase = ApplyPhase::Begin;
  if (lane.next_entry >= lane.jobs.front()->entries.size()) end_job(context);
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
  trace(context, entry);
  for (const std::uint64_t no : run.waiting_tokens) {
    context.member.touch({.kind = LaneKind::Handler, .no = no, .choice = 0});
  }
  if (context.step.noting()) {
    context.step.note(text("n{} has applied entry {}{}", context.member.no(), entry.index.value(),
                           lane.error ? ", refused: " + lane.error->detail : ""));
  }
  if (lane.over_quota && !lane.error) {
    // Done all the same, so that members stay equal; whoever waits hears of it after the alarm.
    lane.error = fail(Errc::NoSpace).value();
    if (!run.alarms.any(rpc::AlarmType::NoSpace)) {
      raise_no_space(context, run.waiters.contains(lane.request_id) ? lane.request_id : 0);
      return next_entry(context);
    }
  }
  const bool answers_later = lane.schedules_compaction && !lane.error &&
                             std::get<rpc::CompactionRequest>(lane.request.request).physical;
  if (lane.request_id != 0 && !answers_later && run.waiters.contains(lane.request_id)) {
    lane.phase = ApplyPhase::Wake;
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
    case ApplyPhase::Begin: return "begin";
    case ApplyPhase::TakeTx: return "take-tx";
    case ApplyPhase::Change: return "change";
    case ApplyPhase::Notify: return "notify";
    case ApplyPhase::SendWatch: return "send-watch";
    case ApplyPhase::End: return "end";
    case ApplyPhase::Commit: return "commit";
    case ApplyPhase::Applied: return "applied";
    case ApplyPhase::Wake: return "wake";
    case ApplyPhase::Install: return "install";
    case ApplyPhase::Decide: return "decide";
    case ApplyPhase::CommitFirst: return "commit-first";
    case ApplyPhase::AwaitSnapshot: return "await-snapshot";
    case ApplyPhase::CommitMerge: return "commit-merge";
    case ApplyPhase::Merge: return "merge";
  }
  return "";
}

Readiness apply_readiness(const Look& look) {
  const ApplyLane& lane = look.run.apply;
  if (const auto around = readiness_around(look)) return *around;
  const bool begins = lane.phase == ApplyPhase::Begin;
  const bool writes_members = begins && entry_at_hand(lane).type != raftpb::EntryType::Normal;
  if ((lane.phase == ApplyPhase::TakeTx || writes_members) &&
      !is_free(look, look.run.batch_tx, "the batch tx lock is free")) {
    return kBlocked;
  }
  if (lane.phase == ApplyPhase::Notify &&
      !is_free(look, look.run.watch_mutex, "the watch store's mutex is free")) {
    return kBlocked;
  }
  if (lane.phase == ApplyPhase::Commit) return readiness(look, *lane.commit);
  return kReady;
}

void run_apply(Context& context) {
  if (run_around(context)) return;
  switch (context.run.apply.phase) {
    case ApplyPhase::Begin: return begin(context);
    case ApplyPhase::TakeTx: return take_tx(context);
    case ApplyPhase::Change: return change(context);
    case ApplyPhase::Notify: return notify(context);
    case ApplyPhase::SendWatch: return send_watch(context);
    case ApplyPhase::End: return end(context);
    case ApplyPhase::Commit: return commit(context);
    case ApplyPhase::Applied: return applied(context);
    case ApplyPhase::Wake: return wake(context);
    case ApplyPhase::Install:
    case ApplyPhase::Decide:
    case ApplyPhase::CommitFirst:
    case ApplyPhase::AwaitSnapshot:
    case ApplyPhase::CommitMerge:
    case ApplyPhase::Merge: return;  // run_around
  }
}

}  // namespace orrery::server
