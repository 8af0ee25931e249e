#include "raft/membership.h"

#include <algorithm>
#include <utility>

#include "raft/replication.h"
#include "raft/step.h"

namespace orrery::raft {

namespace {

void send_what_is_due(State& raft, const Io& io) {
  if (maybe_commit(raft, io)) {
    // The new majorities are smaller or better filled.
    broadcast_append(raft, io);
    return;
  }
  for (const auto& [id, progress] : raft.leader().progress) {
    if (id != raft.id()) send_append(raft, io, id, IfEmpty::Skip);
  }
}

bool is_named(const raftpb::ConfState& state, NodeId id) {
  return std::ranges::count(state.voters, id) + std::ranges::count(state.learners, id) +
             std::ranges::count(state.voters_outgoing, id) >
         0;
}

std::string ids_field(std::string_view name, const std::vector<NodeId>& ids) {
  std::string out;
  for (const NodeId id : ids) out += text("{}:{} ", name, id.value());
  return out;
}

void say_fast_forward(const State& raft, const Io& io, const raftpb::Snapshot& snapshot) {
  const EntryId last = raft.log.last_entry();
  say(io, LogLevel::Info,
      "{} [commit: {}, lastindex: {}, lastterm: {}] fast-forwarded commit to snapshot [index: {}, "
      "term: {}]",
      raft.id(), raft.log.committed(), last.index, last.term, snapshot.index, snapshot.term);
}

// May this member take the snapshot at all?
bool accepts(State& raft, const Io& io, const raftpb::Snapshot& snapshot) {
  if (!io.guards(snapshot.index > raft.log.committed(), "the snapshot is beyond the commit",
                 {{"snapshot index", snapshot.index}, {"committed", raft.log.committed()}})) {
    return false;
  }
  const raftpb::ConfState& members = snapshot.conf_state;
  if (!io.guards(is_named(members, raft.id()), "the snapshot's configuration names this member",
                 {{"id", raft.id()}})) {
    say(io, LogLevel::Warn,
        "{} attempted to restore snapshot but it is not in the ConfState {}{}{}{}auto_leave:{}; "
        "should never happen",
        raft.id(), ids_field("voters", members.voters), ids_field("learners", members.learners),
        ids_field("voters_outgoing", members.voters_outgoing),
        ids_field("learners_next", members.learners_next), members.auto_leave);
    return false;
  }
  return true;
}

}  // namespace

void adapt_progress(ProgressMap& progress, const Reconfiguration& next, Index last_index,
                    const Inflights& window) {
  for (const NodeId id : next.forgotten) progress.remove(id);
  for (const NodeId id : next.config.members()) {
    if (!progress.contains(id)) {
      Progress fresh;
      fresh.next = std::max(last_index, Index(1));
      fresh.recent_active = true;
      fresh.inflights = window;
      progress.add(id, std::move(fresh));
    }
    progress.find(id)->is_learner = next.config.is_learner(id);
  }
}

raftpb::ConfState apply_change(State& raft, const Io& io, const raftpb::ConfChangeV2& change) {
  const auto next = reconfigure(raft.cluster, change);
  if (!next) panic(next.error().detail);
  switch_to(raft, io, *next);
  return raft.cluster.conf_state();
}

void switch_to(State& raft, const Io& io, const Reconfiguration& next) {
  raft.cluster = next.config;
  say(io, LogLevel::Info, "{} switched to configuration {}", raft.id(), raft.cluster);
  if (!raft.is_leader()) return;
  adapt_progress(raft.leader().progress, next, raft.log.last_index(),
                 {raft.config.max_inflight_msgs, raft.config.max_inflight_bytes});
  const bool still_voter = raft.cluster.is_voter(raft.id());
  if (!io.guards(still_voter, "the leader is still a voter", {{"leader", raft.id()}})) {
    // Without the option it goes on leading a group it is no part of, until it is deposed (thesis 4.2.2).
    if (raft.config.step_down_on_removal) become_follower(raft, io, raft.term, kNobody);
    return;
  }
  send_what_is_due(raft, io);
  Leader& leader = raft.leader();
  if (leader.transferee != kNobody && !raft.cluster.is_voter(leader.transferee)) {
    leader.transferee = kNobody;
  }
}

bool restore(State& raft, const Io& io, const raftpb::Snapshot& snapshot) {
  if (!accepts(raft, io, snapshot)) return false;
  if (raft.log.has({snapshot.term, snapshot.index})) {
    // The log goes at least that far already: only the commit index is news.
    say_fast_forward(raft, io, snapshot);
    raft.log.commit_to(snapshot.index);
    return false;
  }
  raft.log.restore(io, snapshot);
  switch_to(raft, io, {config_of(snapshot.conf_state), {}});
  const EntryId last = raft.log.last_entry();
  say(io, LogLevel::Info,
      "{} [commit: {}, lastindex: {}, lastterm: {}] restored snapshot [index: {}, term: {}]",
      raft.id(), raft.log.committed(), last.index, last.term, snapshot.index, snapshot.term);
  return true;
}

void on_applied(State& raft, const Io& io, Index index, std::uint64_t bytes) {
  const Index applied = std::max(index, raft.log.applied());
  raft.log.applied_to(applied, bytes);
  if (!raft.is_leader() || !raft.cluster.auto_leave) return;
  if (!io.guards(applied >= raft.leader().pending_conf_index,
                 "the change into the joint configuration is applied",
                 {{"applied", applied}, {"pending", raft.leader().pending_conf_index}})) {
    return;
  }
  // Refused while a transfer is under way; then the next applied entry tries again.
  Message leave;
  leave.type = MessageType::Prop;
  leave.entries.push_back(
      {.type = raftpb::EntryType::ConfChangeV2, .term = {}, .index = {}, .data = {}});
  if (const auto proposed = step(raft, io, leave); !proposed) {
    say(io, LogLevel::Debug,
        "not initiating automatic transition out of joint configuration {}: {}", raft.cluster,
        proposed.error().detail);
  } else {
    say(io, LogLevel::Info, "initiating automatic transition out of joint configuration {}",
        raft.cluster);
  }
}

void on_snapshot_applied(State& raft, const Io& io, Index index) {
  raft.log.stable_snapshot_to(index);
  on_applied(raft, io, index, 0);
}

}  // namespace orrery::raft
