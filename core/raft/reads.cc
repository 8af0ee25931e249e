#include "raft/reads.h"

#include <utility>

#include "raft/replication.h"

namespace orrery::raft {

namespace {

// To the asker: itself, or the follower that forwarded the read.
void answer_read(State& raft, const Message& request, Index index) {
  if (request.from == kNobody || request.from == raft.id()) {
    raft.read_states.push_back({index, request.entries.front().data});
    return;
  }
  Message& answer = send(raft, MessageType::ReadIndexResp, request.from);
  answer.index = index;
  answer.entries = request.entries;
}

void start_read(State& raft, const Message& request) {
  switch (raft.config.read_only) {
    case ReadOnlyOption::LeaseBased: answer_read(raft, request, raft.log.committed()); return;
    case ReadOnlyOption::Safe: break;
  }
  ReadOnly& reads = raft.leader().reads;
  const Blob& context = request.entries.front().data;
  reads.add(request, raft.log.committed());
  reads.acknowledge(raft.id(), context);
  broadcast_heartbeat(raft, context);
}

}  // namespace

void on_read_index(State& raft, const Io& io, const Message& m) {
  if (raft.cluster.is_singleton()) {
    answer_read(raft, m, raft.log.committed());
    return;
  }
  // Until then its commit index may be behind that of the leader before it.
  if (!io.guards(committed_in_term(raft), "the leader has committed an entry of its own term",
                 {{"committed", raft.log.committed()},
                  {"term of that entry", raft.log.term_or_zero(raft.log.committed())},
                  {"term", raft.term}})) {
    raft.postponed_reads.push_back(m);
    return;
  }
  start_read(raft, m);
}

void on_read_acknowledged(State& raft, const Io& io, const Message& m) {
  if (raft.config.read_only != ReadOnlyOption::Safe || m.context.empty()) return;
  ReadOnly& reads = raft.leader().reads;
  const Votes* acks = reads.acknowledge(m.from, m.context);
  const VoteResult result = vote_result(raft.cluster.voters, acks == nullptr ? Votes{} : *acks);
  if (!io.guards(result == VoteResult::Won, "a majority answered the heartbeat of the read",
                 {{"answers", acks == nullptr ? 0 : acks->size()},
                  {"voters", raft.cluster.voters.incoming.size()}})) {
    return;
  }
  for (const PendingRead& read : reads.release(m.context)) {
    answer_read(raft, read.request, read.index);
  }
}

void release_postponed_reads(State& raft, const Io& io) {
  if (raft.postponed_reads.empty()) return;
  if (!committed_in_term(raft)) {
    say(io, LogLevel::Error,
        "pending MsgReadIndex should be released only after first commit in current term");
    return;
  }
  for (const Message& request : std::exchange(raft.postponed_reads, {})) start_read(raft, request);
}

}  // namespace orrery::raft
