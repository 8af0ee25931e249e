// A client goes away: a call that nobody waits for any more, a watch stream that is closed.
// from: grpc-go internal/transport http2_server.go (handleRSTStream): the handler's context is cancelled; etcd
//       server/etcdserver/api/v3rpc/watch.go (serverWatchStream.close)
// differs: a read that waits for its index waits on; its answer finds nobody.
#include <algorithm>

#include "server/context.h"

namespace orrery::server {
namespace {

using HandlerPhase = HandlerLane::Phase;

// Does the handler only wait, so that its context's end ends it?
bool can_be_left(HandlerPhase phase) {
  switch (phase) {
    case HandlerPhase::Propose:
    case HandlerPhase::WaitApply:
    case HandlerPhase::WaitRevoked:
    case HandlerPhase::Forward:
    case HandlerPhase::WaitPeer:
    case HandlerPhase::WaitLeader: return true;
    case HandlerPhase::Admit:
    case HandlerPhase::WaitRead:
    case HandlerPhase::Serve:
    case HandlerPhase::CheckPassword:
    case HandlerPhase::Confirm:
    case HandlerPhase::Renew:
    case HandlerPhase::Refresh:
    case HandlerPhase::Defrag:
    case HandlerPhase::SnapshotCommit:
    case HandlerPhase::SnapshotSend:
    case HandlerPhase::Answer: return false;
  }
  return false;
}

// What it has proposed is applied all the same.
void leave_call(Context& context, const Address& client, std::uint64_t call) {
  Running& run = context.run;
  for (const auto& [no, known] : run.handlers) {
    if (known.client != client || known.call != call) continue;
    if (!can_be_left(known.phase)) return;
    HandlerLane& handler = *run.handlers.edit(no);
    if (handler.phase == HandlerPhase::WaitApply) run.waiters.erase(handler.request_id);
    handler.error = Error{Errc::Canceled, std::string(wire_text(Errc::Canceled))};
    handler.phase = HandlerPhase::Answer;
    context.member.touch({.kind = LaneKind::Handler, .no = no, .choice = 0});
    return;
  }
}

}  // namespace

void receive_reset(Context& context, const Address& client, const CallReset& reset) {
  if (!reset.is_watch) return leave_call(context, client, reset.number);
  Running& run = context.run;
  const std::uint64_t* known = run.stream_numbers.find(std::pair(client, reset.number));
  if (known == nullptr) return;
  const std::uint64_t no = *known;
  run.streams.edit(no)->closing = true;
  run.waiting_streams.put(no, true);
  context.member.touch_stream(no);
}

void close_stream(Context& context, std::uint64_t no) {
  Running& run = context.run;
  // One of its watchers may be a victim that is being retried: looked at again after that.
  if (!run.watches.close_stream(watch::StreamId(no), context.step.guards())) return;
  const StreamLane& lane = *run.streams.find(no);
  const Address client = lane.client;
  const std::uint64_t stream = lane.client_stream;
  run.waiting_streams.erase(no);
  run.stream_numbers.erase(std::pair(client, stream));
  run.streams.erase(no);
  Connection* connection = run.connections.edit(client.no);
  connection->close(stream);
  if (connection->streams().empty()) run.connections.erase(client.no);
  touch_transport(context, client.no);
}

}  // namespace orrery::server
