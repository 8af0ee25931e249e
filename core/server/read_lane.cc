// read lane: linearizable reads learn how far the log must be applied before they may be served.
// from: etcd server/etcdserver/v3_server.go (linearizableReadLoop); Raft dissertation 6.4; facts D.11
#include <algorithm>
#include <utility>

#include "base/check.h"
#include "base/text.h"
#include "server/context.h"

namespace orrery::server {
namespace {

using ReadPhase = ReadLane::Phase;

Blob context_of(std::uint64_t id) {
  Bytes bytes(8, '\0');
  for (std::size_t i = 0; i < 8; ++i) {
    bytes[i] = static_cast<char>((id >> (56 - 8 * i)) & 0xffU);
  }
  return Blob(bytes);
}

// Raft answers the only voter at once, also before the voter has committed anything in its term: after a crash that is
// an index from before what was acknowledged. No client of etcd comes so early, its port opens after the member has
// published, which is such a commit; ours may, so the question waits.
bool may_ask(const Context& context) {
  const raft::Raft& raft = context.run.raft;
  const bool alone = raft.is_leader() && raft.cluster().is_singleton();
  const raft::Log& log = raft.log();
  return context.step.guards()(
      !alone || log.term_or_zero(log.committed()) == raft.term(),
      "the only voter has committed an entry of its own term",
      {{"term of the last committed", log.term_or_zero(log.committed())}, {"term", raft.term()}});
}

// The id is made after the round was taken: one made before could be answered for an older round (etcd #20418).
void ask(Context& context) {
  Running& run = context.run;
  ReadLane& lane = run.read;
  lane.retry_at = context.step.now() + context.step.timing().read_index_retry.value();
  if (!may_ask(context)) return;
  const std::uint64_t id = ++run.next_request_id;
  lane.ids.push_back(id);
  run.raft.read_index(raft_io(context), context_of(id));
  after_raft(context);
}

void send_read_index(Context& context) {
  ReadLane& lane = context.run.read;
  lane.round = std::exchange(lane.waiting, {});
  lane.ids.clear();
  lane.error.reset();
  lane.give_up_at = context.step.now() + context.step.timing().request_timeout.value();
  ask(context);
  lane.phase = ReadPhase::WaitIndex;
}

const raft::ReadState* answer_for(const Running& run) {
  for (const raft::ReadState& state : run.read_states) {
    for (const std::uint64_t id : run.read.ids) {
      if (state.context == context_of(id)) return &state;
    }
  }
  return nullptr;
}

void wait_index(Context& context) {
  Running& run = context.run;
  ReadLane& lane = run.read;
  if (const raft::ReadState* state = answer_for(run)) {
    lane.index = state->index;
    lane.phase = ReadPhase::WaitApplied;
    run.read_states.clear();
    return;
  }
  run.read_states.clear();
  if (context.step.now() >= lane.give_up_at) {
    lane.error = fail(Errc::Timeout).value();
    lane.phase = ReadPhase::Release;
    return;
  }
  ask(context);
}

void release_readers(Context& context) {
  Running& run = context.run;
  ReadLane& lane = run.read;
  for (const std::uint64_t no : lane.round) {
    HandlerLane* handler = run.handlers.edit(no);
    check(handler != nullptr, "a waiting reader is there");
    handler->woken = true;
    handler->error = lane.error;
    context.member.touch({.kind = LaneKind::Handler, .no = no, .choice = 0});
  }
  if (context.step.noting()) {
    context.step.note(text("n{} releases {} reader(s) at index {}", context.member.no(),
                           lane.round.size(), lane.index.value()));
  }
  lane.round.clear();
  lane.ids.clear();
  lane.phase = ReadPhase::SendReadIndex;
}

}  // namespace

std::string_view to_text(ReadLane::Phase phase) {
  switch (phase) {
    case ReadPhase::SendReadIndex: return "send-read-index";
    case ReadPhase::WaitIndex: return "wait-index";
    case ReadPhase::WaitApplied: return "wait-applied";
    case ReadPhase::Release: return "release";
  }
  return "";
}

Readiness read_readiness(const Look& look) {
  const ReadLane& lane = look.run.read;
  switch (lane.phase) {
    case ReadPhase::SendReadIndex:
      return look.guards(!lane.waiting.empty(), "a linearizable read waits") ? kReady : kBlocked;
    case ReadPhase::WaitIndex:
      if (look.guards(answer_for(look.run) != nullptr, "raft has answered with a read index")) {
        return kReady;
      }
      return ready_at(std::min(lane.retry_at, lane.give_up_at));
    case ReadPhase::WaitApplied:
      return look.guards(look.run.applied >= lane.index,
                         "the applied index has reached the read index",
                         {{"applied", look.run.applied}, {"read index", lane.index}})
                 ? kReady
                 : kBlocked;
    case ReadPhase::Release: return kReady;
  }
  return kBlocked;
}

void run_read(Context& context) {
  switch (context.run.read.phase) {
    case ReadPhase::SendReadIndex: return send_read_index(context);
    case ReadPhase::WaitIndex: return wait_index(context);
    case ReadPhase::WaitApplied: context.run.read.phase = ReadPhase::Release; return;
    case ReadPhase::Release: return release_readers(context);
  }
}

}  // namespace orrery::server
