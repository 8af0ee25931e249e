// World: a member's machine gets another disk.
#include <algorithm>
#include <utility>

#include "base/text.h"
#include "datadir/archive.h"
#include "datadir/identity.h"
#include "sim/world.h"

namespace orrery::sim {

namespace {

// The plan under which the directory's owner is member `no`; nothing to change when it is that already.
Result<server::ClusterPlan> plan_with(const server::ClusterPlan& plan, std::uint32_t no,
                                      const datadir::Identity& identity,
                                      const server::Place& place) {
  const auto& known = plan.peers[no - 1];
  if (known.id == identity.node && plan.cluster_id == identity.cluster) return plan;
  const auto self = std::ranges::find(identity.members, identity.node, &datadir::MemberInfo::id);
  // Whoever else the directory knows of is not started here: a learner, say, that was added and never came.
  if (plan.peers.size() != 1 || self == identity.members.end()) {
    return fail(
        Errc::WrongUse,
        text("the directory is that of member {:x} of cluster {:x}, n{} is {:x} of {:x}",
             identity.node.value(), identity.cluster, no, known.id.value(), plan.cluster_id));
  }
  server::ClusterPlan out = plan;
  out.cluster_id = identity.cluster;
  out.peers.front().id = identity.node;
  if (!self->name.empty()) out.peers.front().name = self->name;
  if (!self->peer_urls.empty()) out.peers.front().peer_url = self->peer_urls.front();
  if (!self->client_urls.empty()) out.peers.front().client_url = self->client_urls.front();
  if (!place.client_url.empty()) out.peers.front().client_url = place.client_url;
  return out;
}

}  // namespace

Result<void> World::act(Effects& effects, const Install& action) {
  if (action.member < 1 || action.member > members_.size()) {
    return fail(Errc::WrongUse, text("there is no member n{}", action.member));
  }
  auto disk = datadir::unpack(action.archive);
  if (!disk) return fail(disk.error());
  const auto identity = datadir::read_identity(*disk);
  if (!identity) return fail(identity.error());
  const bool has_place = action.member <= config_.places.size();
  const server::Place place = has_place ? config_.places[action.member - 1] : server::Place{};
  auto plan = plan_with(member(action.member).plan(), action.member, *identity, place);
  if (!plan) return fail(plan.error());
  take_down(effects, action.member);
  server::install(edit_member(action.member), std::move(*disk), std::move(*plan));
  refresh_member(action.member);
  return {};
}

}  // namespace orrery::sim
