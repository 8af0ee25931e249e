// compactor lane: the leader compacts by itself, by age or by number of revisions.
// from: etcd server/etcdserver/api/v3compactor (periodic.go, revision.go); facts C.11
#include <algorithm>

#include "server/context.h"

namespace orrery::server {
namespace {

constexpr Nanos kRevisionInterval = seconds(300);
constexpr std::int64_t kSamples = 10;  // of a period, or of an hour when that is shorter

Nanos compact_interval(Nanos period) {
  return std::min(period, seconds(3600));
}

void ask(Context& context, std::int64_t revision) {
  CompactorLane& lane = context.run.compactor;
  if (revision <= 0 || revision <= lane.compacted) return;
  lane.compacted = revision;
  begin_own_call(context, rpc::CompactionRequest{.revision = revision, .physical = false});
}

// Samples the revision ten times an interval; once a whole period is known, compacts to the oldest sample.
void periodic(Context& context) {
  CompactorLane& lane = context.run.compactor;
  const Nanos period = context.step.timing().auto_compact_period;
  const Nanos interval = compact_interval(period);
  const Nanos sample = Nanos(interval.value() / kSamples);
  const auto kept = static_cast<std::size_t>(period.value() / sample.value() + 1);
  const Nanos now = context.step.now();
  lane.next = now + sample.value();
  lane.revisions.push_back(context.run.store.current_revision());
  if (lane.revisions.size() > kept) lane.revisions.drop_front(lane.revisions.size() - kept);
  const bool leads = context.step.guards()(is_leader(context.run), "this member leads");
  const bool whole = lane.revisions.size() == kept && now - lane.last >= interval.value();
  if (!leads || !context.step.guards()(whole, "a whole period has been sampled")) return;
  lane.last = now;
  ask(context, lane.revisions.front());
}

void by_revision(Context& context) {
  context.run.compactor.next = context.step.now() + kRevisionInterval.value();
  if (!context.step.guards()(is_leader(context.run), "this member leads")) return;
  ask(context, context.run.store.current_revision() - context.step.timing().auto_compact_revisions);
}

}  // namespace

Readiness compactor_readiness(const Look& look) {
  const Nanos next = look.run.compactor.next;
  if (!look.guards(next != Nanos(0), "automatic compaction is on")) return kBlocked;
  return ready_at(next);
}

void run_compactor(Context& context) {
  if (context.step.timing().auto_compact_period != Nanos(0)) return periodic(context);
  by_revision(context);
}

}  // namespace orrery::server
