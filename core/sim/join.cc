// World: a member that was added to the cluster starts for the first time.
// from: etcd server/etcdserver/bootstrap.go (bootstrapExistingClusterNoWAL)
#include "base/text.h"
#include "sim/world.h"

namespace orrery::sim {

namespace {

// What a starting process asks the others over HTTP: who belongs to the cluster. The first that runs answers.
const server::Membership* known_members(const World& world, const std::string& url) {
  for (std::uint32_t no = 1; no <= world.member_count(); ++no) {
    if (!world.member(no).up()) continue;
    const server::Membership& members = world.member(no).running().membership;
    for (const auto& [id, member] : members.members()) {
      if (!member.peer_urls.empty() && member.peer_urls.front() == url) return &members;
    }
  }
  return nullptr;
}

server::ClusterPlan plan_with(server::ClusterPlan plan, const server::Membership& members) {
  for (const auto& [id, member] : members.members()) {
    const std::uint32_t no =
        member.peer_urls.empty() ? 0 : server::number_of_url(member.peer_urls.front());
    if (no == 0 || plan.number_of(id) != 0) continue;
    if (plan.peers.size() < no) plan.peers.resize(no);
    plan.peers[no - 1] = {.id = id,
                          .name = text("n{}", no),
                          .peer_url = server::peer_url_of(no),
                          .client_url = server::client_url_of(no)};
  }
  return plan;
}

}  // namespace

Result<void> World::act(Effects& effects, const Join& action) {
  const std::uint32_t no = action.member;
  if (no != members_.size() + 1) {
    return fail(Errc::WrongUse, text("the next member to join is n{}", members_.size() + 1));
  }
  const server::Membership* members = known_members(*this, server::peer_url_of(no));
  if (members == nullptr) {
    return fail(Errc::WrongUse, text("no member with the peer URL {} was added to the cluster",
                                     server::peer_url_of(no)));
  }
  const server::ClusterPlan plan = plan_with(member(1).plan(), *members);
  members_.emplace_back(server::Member(no, plan));
  start_joined(effects, no);
  return {};
}

}  // namespace orrery::sim
