#include "raft/replication.h"

#include <algorithm>
#include <utility>

#include "base/check.h"

namespace orrery::raft {

namespace {

bool reserve_uncommitted(State& raft, const Io& io, std::uint64_t bytes) {
  Leader& leader = raft.leader();
  // With nothing outstanding any proposal is taken, and empty entries always are.
  const bool fits = leader.uncommitted_bytes == 0 || bytes == 0 ||
                    leader.uncommitted_bytes + bytes <= raft.config.max_uncommitted_entries_size;
  if (!io.guards(fits, "the uncommitted entries leave room for the proposal",
                 {{"uncommitted bytes", leader.uncommitted_bytes},
                  {"proposal bytes", bytes},
                  {"limit", raft.config.max_uncommitted_entries_size}})) {
    say(io, LogLevel::Warn,
        "{} appending new entries to log would exceed uncommitted entry size limit; dropping "
        "proposal",
        raft.id());
    return false;
  }
  leader.uncommitted_bytes += bytes;
  return true;
}

bool send_snapshot(State& raft, const Io& io, NodeId to, Progress& progress) {
  if (!io.guards(progress.recent_active, "the member that needs a snapshot was heard from",
                 {{"member", to}, {"next", progress.next}})) {
    say(io, LogLevel::Debug, "ignore sending snapshot to {} since it is not recently active", to);
    return false;
  }
  const raftpb::Snapshot* snapshot = raft.log.snapshot();
  if (!io.guards(snapshot != nullptr, "a snapshot is available", {{"member", to}})) {
    say(io, LogLevel::Debug,
        "{} failed to send snapshot to {} because snapshot is temporarily unavailable", raft.id(),
        to);
    return false;
  }
  if (snapshot->empty()) panic("need non-empty snapshot");
  say(io, LogLevel::Debug,
      "{} [firstindex: {}, commit: {}] sent snapshot[index: {}, term: {}] to {} [{}]", raft.id(),
      raft.log.first_index(), raft.log.committed(), snapshot->index, snapshot->term, to, progress);
  progress.become_snapshot(snapshot->index);
  say(io, LogLevel::Debug, "{} paused sending replication messages to {} [{}]", raft.id(), to,
      progress);
  send(raft, MessageType::Snap, to).snapshot = *snapshot;
  return true;
}

// What may be sent of the entries from `next` on. Into a full window goes nothing, so that an empty append can
// find out whether the follower lost what is in flight.
std::optional<std::vector<raftpb::Entry>> entries_for(const State& raft, const Progress& progress) {
  if (progress.state == ProgressState::Replicate && progress.inflights.full()) {
    return std::vector<raftpb::Entry>{};
  }
  const Index end = raft.log.last_index() + 1;
  if (progress.next >= end) return std::vector<raftpb::Entry>{};
  return raft.log.slice(progress.next, end, raft.config.max_size_per_msg);
}

}  // namespace

bool append_entries(State& raft, const Io& io, std::vector<raftpb::Entry> entries) {
  Index index = raft.log.last_index();
  for (raftpb::Entry& entry : entries) {
    entry.term = raft.term;
    entry.index = ++index;
  }
  if (!reserve_uncommitted(raft, io, payload_bytes(entries))) return false;
  raft.log.append(io, entries);
  send(raft, MessageType::AppResp, raft.id()).index = index;
  return true;
}

bool send_append(State& raft, const Io& io, NodeId to, IfEmpty if_empty) {
  Progress& progress = *raft.leader().progress.find(to);
  if (!io.guards(!progress.is_paused(), "sending to the member is not paused",
                 {{"member", to},
                  {"match", progress.match},
                  {"next", progress.next},
                  {"inflight", progress.inflights.count()},
                  {"pending snapshot", progress.pending_snapshot}})) {
    return false;
  }
  const Index previous = progress.next - 1;
  const auto previous_term = raft.log.term(previous);
  if (!io.guards(previous_term.has_value(), "the entry before the next one is still in the log",
                 {{"member", to}, {"index", previous}, {"first index", raft.log.first_index()}})) {
    return send_snapshot(raft, io, to, progress);
  }
  auto entries = entries_for(raft, progress);
  if (entries && entries->empty() && if_empty == IfEmpty::Skip) return false;
  if (!entries) return send_snapshot(raft, io, to, progress);
  const std::uint64_t bytes = payload_bytes(*entries);
  const std::uint64_t count = entries->size();
  Message& message = send(raft, MessageType::App, to);
  message.index = previous;
  message.log_term = *previous_term;
  message.entries = *std::move(entries);
  message.commit = raft.log.committed();
  progress.sent_entries(count, bytes);
  progress.sent_commit = raft.log.committed();
  return true;
}

void broadcast_append(State& raft, const Io& io) {
  for (const auto& [id, progress] : raft.leader().progress) {
    if (id != raft.id()) send_append(raft, io, id);
  }
}

void send_heartbeat(State& raft, NodeId to, const Blob& context) {
  // The follower may lack committed entries: it must not commit beyond what it is known to share.
  Progress& progress = *raft.leader().progress.find(to);
  const Index commit = std::min(progress.match, raft.log.committed());
  Message& message = send(raft, MessageType::Heartbeat, to);
  message.commit = commit;
  message.context = context;
  progress.sent_commit = commit;
}

void broadcast_heartbeat(State& raft, const Blob& context) {
  for (const auto& [id, progress] : raft.leader().progress) {
    if (id != raft.id()) send_heartbeat(raft, id, context);
  }
}

bool maybe_commit(State& raft, const Io& io) {
  const ProgressMap& progress = raft.leader().progress;
  const Index on_majority = committed_index(raft.cluster.voters, [&](NodeId id) {
    const Progress* voter = progress.find(id);
    return voter == nullptr ? Index(0) : voter->match;
  });
  if (!io.guards(on_majority > raft.log.committed(), "a majority has an entry beyond the commit",
                 {{"index on a majority", on_majority}, {"committed", raft.log.committed()}})) {
    return false;
  }
  // Counting commits only entries of the own term (paper 5.4.2, Figure 8).
  const Term entry_term = raft.log.term_or_zero(on_majority);
  if (!io.guards(
          entry_term == raft.term, "the entry is of the leader's own term",
          {{"index", on_majority}, {"term of the entry", entry_term}, {"term", raft.term}})) {
    return false;
  }
  raft.log.commit_to(on_majority);
  return true;
}

bool committed_in_term(const State& raft) {
  return raft.log.term_or_zero(raft.log.committed()) == raft.term;
}

void reduce_uncommitted(State& raft, std::uint64_t bytes) {
  if (!raft.is_leader()) return;
  std::uint64_t& uncommitted = raft.leader().uncommitted_bytes;
  uncommitted -= std::min(uncommitted, bytes);
}

}  // namespace orrery::raft
