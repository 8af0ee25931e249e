// handler lanes: what to say when a proposal's time is over.
// from: etcd server/etcdserver/server.go (parseProposeCtxErr), api/rafthttp/peer_status.go (activeSince)
#include "server/context.h"

namespace orrery::server {
namespace {

bool quorum_active_before(const Context& context, Nanos start) {
  const Running& run = context.run;
  std::size_t active = 0;
  for (const auto& [id, member] : run.membership.members()) {
    active += id == context.member.id() || active_before(run, id, start) ? 1U : 0U;
  }
  return active >= run.membership.members().size() / 2 + 1;
}

}  // namespace

bool active_before(const Running& run, NodeId id, Nanos start) {
  const Nanos* since = run.active_since.find(id);
  return since != nullptr && *since < start;
}

Errc why_timed_out(const Context& context, const HandlerLane& handler) {
  const Running& run = context.run;
  const Timing& timing = context.step.timing();
  const Guards& guards = context.step.guards();
  const Nanos start = handler.deadline - timing.request_timeout.value();
  const Nanos lost = run.leader_since - 2 * timing.election_ticks * timing.tick.value();
  if (guards(run.leader_since != Nanos(0) && start > lost && start < run.leader_since,
             "a leader was elected shortly after the call began",
             {{"began", start}, {"elected", run.leader_since}})) {
    return Errc::TimeoutLeaderFail;
  }
  if (run.seen_leader == NodeId(0)) return Errc::Timeout;
  const bool connected = run.seen_leader == context.member.id()
                             ? quorum_active_before(context, start)
                             : active_before(run, run.seen_leader, start);
  return guards(connected, "the connection to the leader, or to a quorum, has carried all along")
             ? Errc::Timeout
             : Errc::TimeoutConnectionLost;
}

}  // namespace orrery::server
