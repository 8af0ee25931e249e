// compact lane: a scheduled compaction removes its rows, batch by batch.
// from: etcd server/storage/mvcc/kvstore_compaction.go (scheduleCompaction); facts D.5
#include "base/check.h"
#include "base/text.h"
#include "server/context.h"

namespace orrery::server {
namespace {

using CompactPhase = CompactLane::Phase;

void finish(Context& context) {
  Running& run = context.run;
  CompactLane& lane = run.compact;
  const CompactJob done = lane.jobs.front();
  lane.jobs.drop_front(1);
  lane.phase = CompactPhase::IndexPass;
  if (context.step.noting()) {
    context.step.note(
        text("n{} has finished the compaction at {}", context.member.no(), done.revision));
  }
  if (done.waiter == 0) return;
  rpc::CompactionResponse response;
  response.header.revision = run.store.current_revision();
  wake_handler(context, done.waiter, std::nullopt, response);
}

void index_pass(Context& context) {
  CompactLane& lane = context.run.compact;
  context.run.store.compact_index(lane.jobs.edit(0).job);
  lane.phase = CompactPhase::Batch;
}

void batch(Context& context) {
  Running& run = context.run;
  CompactLane& lane = run.compact;
  acquire(run.batch_tx, LaneKind::Compact);
  const auto limit = static_cast<std::size_t>(context.step.timing().compaction_batch);
  const auto result = run.store.compact_batch(run.backend, lane.jobs.edit(0).job, limit);
  if (context.step.noting()) {
    context.step.note(text("n{} compacts: {} rows read, {} deleted{}", context.member.no(),
                           result.scanned, result.deleted, result.done ? ", the last batch" : ""));
  }
  lane.last_batch_done = result.done;
  // Erased rows force the commit at unlock; between batches etcd forces one in any case.
  if (end_batch_tx(context) || !result.done) {
    if (run.batch_tx.free()) acquire(run.batch_tx, LaneKind::Compact);
    lane.commit = CommitFrame{};
    lane.phase = CompactPhase::Commit;
    return;
  }
  finish(context);
}

void commit(Context& context) {
  CompactLane& lane = context.run.compact;
  check(lane.commit.has_value(), "the commit phase has its frame");
  if (!run(context, *lane.commit)) return;
  lane.commit.reset();
  release_batch_tx(context);
  if (lane.last_batch_done) {
    finish(context);
    return;
  }
  lane.due = context.step.now() + context.step.timing().compaction_sleep.value();
  lane.phase = CompactPhase::Sleep;
}

}  // namespace

std::string_view to_text(CompactLane::Phase phase) {
  switch (phase) {
    case CompactPhase::IndexPass: return "index-pass";
    case CompactPhase::Batch: return "batch";
    case CompactPhase::Commit: return "commit";
    case CompactPhase::Sleep: return "sleep";
  }
  return "";
}

Readiness compact_readiness(const Look& look) {
  const CompactLane& lane = look.run.compact;
  if (!look.guards(!lane.jobs.empty(), "a compaction is scheduled",
                   {{"compact revision", look.run.store.compact_revision()}})) {
    return kBlocked;
  }
  switch (lane.phase) {
    case CompactPhase::IndexPass: return kReady;
    case CompactPhase::Batch:
      return is_free(look, look.run.batch_tx, "the batch tx lock is free") ? kReady : kBlocked;
    case CompactPhase::Commit: return readiness(look, *lane.commit);
    case CompactPhase::Sleep: return ready_at(lane.due);
  }
  return kBlocked;
}

void run_compact(Context& context) {
  switch (context.run.compact.phase) {
    case CompactPhase::IndexPass: return index_pass(context);
    case CompactPhase::Batch: return batch(context);
    case CompactPhase::Commit: return commit(context);
    case CompactPhase::Sleep: context.run.compact.phase = CompactPhase::Batch; return;
  }
}

}  // namespace orrery::server
