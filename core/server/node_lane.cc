// node lane: ticks; and how a message from a peer reaches raft.
// from: etcd raft node.go (run), server/etcdserver/raft.go (tick); facts C.1
#include "base/text.h"
#include "server/context.h"

namespace orrery::server {
namespace {

std::string_view role_text(raft::RoleName role) {
  switch (role) {
    case raft::RoleName::Follower: return "follower";
    case raft::RoleName::PreCandidate: return "pre-candidate";
    case raft::RoleName::Candidate: return "candidate";
    case raft::RoleName::Leader: return "leader";
  }
  return "";
}

}  // namespace

raft::Io raft_io(Context& context) {
  // One number per term and life: within a term a reset timer runs as long as before, in the next it does not.
  const std::uint64_t entropy =
      context.step.draw(Purpose::ElectionTimeout, context.member.no(),
                        combine(context.run.raft.term().value(), context.member.restarts()));
  return {.guards = context.step.guards(), .entropy = entropy, .log = nullptr};
}

void touch_handlers(Context& context) {
  for (const auto& [no, handler] : context.run.handlers) {
    context.member.touch({.kind = LaneKind::Handler, .no = no, .choice = 0});
  }
}

// Raft itself has gone on; the server learns of it when the raft lane takes the next Ready (see_leadership).
void after_raft(Context& context) {
  Running& run = context.run;
  NodeLane& node = run.node;
  if (context.step.noting() && (node.role != run.raft.role() || node.term != run.raft.term())) {
    context.step.note(text("n{}@{} is {}", context.member.no(), run.raft.term().value(),
                           role_text(run.raft.role())));
  }
  node.role = run.raft.role();
  node.term = run.raft.term();
  if (run.raft.leader() == node.leader) return;
  node.leader = run.raft.leader();
  touch_handlers(context);
}

void see_leadership(Context& context, const raft::SoftState& soft) {
  Running& run = context.run;
  const bool is_new = soft.leader != NodeId(0) && soft.leader != run.seen_leader;
  run.seen_role = soft.role;
  run.seen_leader = soft.leader;
  touch_handlers(context);
  if (!is_new) return;
  run.leader_since = context.step.now();
  if (run.read.phase == ReadLane::Phase::WaitIndex) {
    run.read.error = fail(Errc::LeaderChanged).value();
    run.read.phase = ReadLane::Phase::Release;
  }
}

Readiness node_readiness(const Look& look) {
  return ready_at(look.run.node.next_tick);
}

namespace {

// A member that was added later has no name yet: it tells the others once it is one of them. One that has moved to
// another address tells them too.
void publish(Context& context) {
  Running& run = context.run;
  const rpc::Member* self = run.membership.find(context.member.id());
  if (self == nullptr || run.node.publishing || run.raft.leader() == NodeId(0)) return;
  const ClusterPlan::Peer& peer = context.member.plan().peers[context.member.no() - 1];
  const bool is_known = !self->name.empty() && self->client_urls == std::vector{peer.client_url};
  if (is_known) return;
  run.node.publishing = true;
  begin_own_call(context, rpc::ClusterRequest(rpc::ClusterMemberAttrSetRequest{
                              context.member.id(), {peer.name, {peer.client_url}}}));
}

void stop_if_removed(const Context& context) {
  const std::optional<Nanos>& at = context.run.node.stop_at;
  if (!at || context.step.now() < *at) return;
  context.step.panic("the member has been permanently removed from the cluster");
}

}  // namespace

void run_node(Context& context) {
  stop_if_removed(context);
  publish(context);
  context.run.raft.tick(raft_io(context));
  context.run.node.next_tick = context.run.node.next_tick + context.step.timing().tick.value();
  if (context.run.node.next_tick <= context.step.now()) {
    context.run.node.next_tick = context.step.now() + context.step.timing().tick.value();
  }
  after_raft(context);
}

namespace {

bool is_forwarded(raftpb::MessageType type) {
  return type == raftpb::MessageType::Prop || type == raftpb::MessageType::ReadIndex ||
         type == raftpb::MessageType::TransferLeader;
}

}  // namespace

void receive_removed(Context& context, const RemovedNotice& notice) {
  const bool is_meant = notice.member == context.member.id();
  if (!context.step.guards()(is_meant, "it is this member that was removed")) return;
  if (!context.run.node.stop_at) context.run.node.stop_at = context.step.now();
}

// from: etcd server/etcdserver/api/rafthttp http.go (addRemoteFromRequest, streamHandler.ServeHTTP)
void receive_raft(Context& context, std::uint32_t sender, const raftpb::Message& message) {
  const bool removed = context.run.membership.removed().contains(message.from);
  if (!context.step.guards()(!removed, "the sender was never removed from the cluster")) {
    context.step.send(Packet{member_address(context.member.no()), member_address(sender),
                             Channel::General, RemovedNotice{message.from}});
    return;
  }
  const NodeId from = message.from;
  if (from != NodeId(0) && !context.run.active_since.contains(from)) {
    context.run.active_since.put(from, context.step.now());
  }
  if (!is_forwarded(message.type) && number_of(context.member, from) == 0) {
    context.run.remotes.put(from, sender);
  }
  // A message raft refuses (an unknown peer's answer) is dropped, as etcd's Process drops it.
  (void)context.run.raft.step(raft_io(context), message);
  after_raft(context);
}

}  // namespace orrery::server
