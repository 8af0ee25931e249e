#include "lang/settled.h"

#include "base/text.h"
#include "lang/world_terms.h"

namespace orrery::lang {

namespace {

using server::Member;
using server::Running;
using Reason = std::optional<std::string>;

bool is_held(const sim::World& world, const sim::ChannelId& id) {
  if (world.held().empty()) return false;
  return world.held().contains(sim::Subject{
      .kind = sim::Subject::Kind::Message, .channel = id, .owner = 0, .lane = {}, .number = 0});
}

bool has_held_lane(const sim::World& world, std::uint32_t member) {
  for (const auto& [subject, held] : world.held()) {
    if (subject.kind == sim::Subject::Kind::Lane && subject.owner == member) return true;
  }
  return false;
}

bool has_held_link(const sim::World& world, const server::Address& from,
                   const server::Address& to) {
  for (const auto& [subject, held] : world.held()) {
    if (subject.kind != sim::Subject::Kind::Message) continue;
    if (subject.channel.from == from && subject.channel.to == to) return true;
  }
  return false;
}

bool reaches(const sim::World& world, std::uint32_t a, std::uint32_t b) {
  if (a == b) return true;
  const auto from = server::member_address(a);
  const auto to = server::member_address(b);
  const auto& network = world.network();
  return !network.is_cut(from, to) && !network.is_cut(to, from) &&
         !has_held_link(world, from, to) && !has_held_link(world, to, from);
}

Reason open_call(const sim::World& world) {
  for (const auto& [no, client] : world.clients()) {
    if (client->open_calls().empty()) continue;
    const std::uint64_t call = client->open_calls().first()->first;
    return text("c{} waits for the answer to `{}`", no, client->calls().find(call)->line);
  }
  return std::nullopt;
}

// One whose member is there: it only waits for its time.
Reason resuming_watch(const sim::World& world) {
  for (const auto& [no, client] : world.clients()) {
    for (const auto& [timer, due] : client->timers()) {
      if (timer.kind != client::TimerId::Kind::Watch) continue;
      const client::Watch& watch = *client->watches().find(timer.no);
      if (watch.via > world.member_count() || !world.member(watch.via).up()) continue;
      return text("c{} resumes a watch at n{}", no, watch.via);
    }
  }
  return std::nullopt;
}

bool is_heartbeat(const server::Payload& payload) {
  const auto* message = std::get_if<raftpb::Message>(&payload);
  return message != nullptr && (message->type == raftpb::MessageType::Heartbeat ||
                                message->type == raftpb::MessageType::HeartbeatResp);
}

Reason message_on_its_way(const sim::World& world) {
  if (world.network().in_flight() == 0) return std::nullopt;
  for (const auto& [id, channel] : world.network().channels()) {
    if (channel.queue.empty() || world.network().is_cut(id.from, id.to)) continue;
    if (is_held(world, id)) continue;
    for (const sim::InFlight& message : channel.queue) {
      if (is_heartbeat(message.payload)) continue;
      return text("{} -> {} {} is on its way", server::to_text(id.from), server::to_text(id.to),
                  server::describe(message.payload));
    }
  }
  return std::nullopt;
}

// Who can commit will: the entries of an earlier term come with the first of the leader's own.
bool has_majority(const sim::World& world, std::uint32_t leader) {
  const server::Membership& members = world.member(leader).running().membership;
  std::size_t voters = 0;
  for (std::uint32_t no = 1; no <= world.member_count(); ++no) {
    const rpc::Member* known = members.find(world.member(no).id());
    const bool votes = known != nullptr && !known->is_learner;
    const bool is_there = world.member(no).up() && !has_held_lane(world, no);
    voters += votes && is_there && reaches(world, leader, no) ? 1U : 0U;
  }
  return voters > members.voters() / 2;
}

Reason behind(const sim::World& world) {
  const std::uint32_t leader = leader_number(world);
  if (leader == 0) return "there is no leader";
  const raft::Log& log = world.member(leader).running().raft.log();
  const Index committed = log.committed();
  if (committed < log.last_index() && has_majority(world, leader)) {
    return text("n{} has committed {} of {} entries", leader, committed.value(),
                log.last_index().value());
  }
  for (std::uint32_t no = 1; no <= world.member_count(); ++no) {
    const Member& member = world.member(no);
    if (!member.up() || has_held_lane(world, no)) continue;
    const Index own = member.running().raft.log().committed();
    const Index wanted = reaches(world, leader, no) ? committed : own;
    if (member.running().applied >= wanted) continue;
    return text("n{} has applied {} of {} entries", no, member.running().applied.value(),
                wanted.value());
  }
  return std::nullopt;
}

Reason at_work(const Member& member) {
  const Running& run = member.running();
  if (run.raft_lane.phase != server::RaftLane::Phase::TakeReady) {
    return text("n{} raft is at {}", member.no(), server::to_text(run.raft_lane.phase));
  }
  if (!run.apply.jobs.empty() || run.apply.phase != server::ApplyLane::Phase::Begin) {
    return text("n{} apply is at work", member.no());
  }
  if (!run.snapshot.jobs.empty()) return text("n{} makes a snapshot", member.no());
  if (!run.snap_receive.queue.empty()) return text("n{} receives a snapshot", member.no());
  if (!run.handlers.empty()) return text("n{} has a call in hand", member.no());
  if (!run.compact.jobs.empty()) return text("n{} compacts", member.no());
  if (!run.watches.unsynced().empty()) return text("n{} has unsynced watchers", member.no());
  if (run.watches.has_victims()) return text("n{} has victims", member.no());
  for (const auto& [no, lane] : run.streams) {
    if (!lane.inbox.empty() || lane.stream.unsent || !lane.stream.outbox.empty() ||
        !lane.stream.control.empty() || run.watches.has_event(watch::StreamId(no))) {
      return text("n{} has something to send on stream {}", member.no(), no);
    }
  }
  return std::nullopt;
}

}  // namespace

std::optional<std::string> why_unsettled(const sim::World& world) {
  if (auto reason = open_call(world)) return reason;
  if (auto reason = resuming_watch(world)) return reason;
  if (auto reason = message_on_its_way(world)) return reason;
  if (auto reason = behind(world)) return reason;
  for (std::uint32_t no = 1; no <= world.member_count(); ++no) {
    if (!world.member(no).up() || has_held_lane(world, no)) continue;
    if (auto reason = at_work(world.member(no))) return reason;
  }
  return std::nullopt;
}

}  // namespace orrery::lang
