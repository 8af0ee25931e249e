// commit lane: what is pending in the batch becomes durable, each commit interval.
// from: etcd server/storage/backend/backend.go (run); facts C.5
#include "base/check.h"
#include "server/context.h"

namespace orrery::server {

Readiness commit_readiness(const Look& look) {
  const CommitLane& lane = look.run.commit;
  if (lane.commit) return readiness(look, *lane.commit);
  // etcd's ticker does nothing when nothing is pending; such a tick is no action.
  if (!look.guards(look.run.backend.pending() > 0, "changes are pending in the batch",
                   {{"pending", look.run.backend.pending()}})) {
    return kBlocked;
  }
  if (!is_free(look, look.run.batch_tx, "the batch tx lock is free")) return kBlocked;
  return ready_at(lane.next);
}

void run_commit(Context& context) {
  CommitLane& lane = context.run.commit;
  if (!lane.commit) {
    acquire(context.run.batch_tx, LaneKind::Commit);
    lane.commit = CommitFrame{};
  }
  if (!run(context, *lane.commit)) return;
  lane.commit.reset();
  release_batch_tx(context);
  lane.next = next_tick_after(context.step.now(), context.step.timing().commit_interval);
}

}  // namespace orrery::server
