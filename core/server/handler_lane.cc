// handler lanes: one call from its arrival to its answer.
// from: etcd server/etcdserver/v3_server.go (Put, Range, processInternalRaftRequestOnce); facts D.19
#include "base/check.h"
#include "base/text.h"
#include "mvcc/request.h"
#include "proto/rpc_codec.h"
#include "server/context.h"

namespace orrery::server {
namespace {

using Phase = HandlerLane::Phase;

// max-request-bytes: a marshalled request above it is refused. units: bytes
constexpr std::size_t kMaxRequestBytes = 1'572'864;

bool is_read(const rpc::Request& request) {
  if (std::holds_alternative<rpc::RangeRequest>(request)) return true;
  const auto* txn = std::get_if<rpc::TxnRequest>(&request);
  return txn != nullptr && mvcc::is_read_only(*txn);
}

bool is_serializable(const rpc::Request& request) {
  if (const auto* range = std::get_if<rpc::RangeRequest>(&request)) return range->serializable;
  const auto* txn = std::get_if<rpc::TxnRequest>(&request);
  return txn != nullptr && mvcc::is_serializable(*txn);
}

void refuse(HandlerLane& handler, Error error) {
  handler.error = std::move(error);
  handler.phase = Phase::Answer;
}

void admit_read(Context& context, std::uint64_t no, HandlerLane& handler) {
  if (is_serializable(handler.request)) {
    handler.phase = Phase::Serve;
    return;
  }
  handler.phase = Phase::WaitRead;
  context.run.read.waiting.push_back(no);
}

void admit(Context& context, std::uint64_t no, HandlerLane& handler) {
  const auto valid = mvcc::validate(handler.request, mvcc::kMaxTxnOps, context.step.guards());
  if (!valid) return refuse(handler, valid.error());
  handler.deadline = context.step.now() + context.step.timing().request_timeout.value();
  if (is_read(handler.request)) return admit_read(context, no, handler);
  const Index committed = context.run.raft.log().committed();
  const bool keeps_up =
      context.step.guards()(committed <= context.run.applied + context.step.timing().apply_gap,
                            "apply keeps up with commit",
                            {{"committed", committed},
                             {"applied", context.run.applied},
                             {"gap limit", context.step.timing().apply_gap}});
  if (!keeps_up) return refuse(handler, fail(Errc::TooManyRequests).value());
  handler.phase = Phase::Propose;
}

void propose(Context& context, std::uint64_t no, HandlerLane& handler) {
  Running& run = context.run;
  if (context.step.now() >= handler.deadline) {
    return refuse(handler, fail(Errc::Timeout).value());
  }
  handler.request_id = ++run.next_request_id;
  rpc::InternalRequest request{
      .id = handler.request_id, .username = {}, .auth_revision = 0, .request = handler.request};
  const Blob data(rpc::encode(request));
  if (data.size() > kMaxRequestBytes) {
    return refuse(handler, fail(Errc::RequestTooLarge).value());
  }
  const auto taken = run.raft.propose(raft_io(context), data);
  after_raft(context);
  if (!taken) return refuse(handler, taken.error());
  run.waiters.put(handler.request_id, no);
  handler.phase = Phase::WaitApply;
}

void timed_out(Context& context, HandlerLane& handler) {
  context.run.waiters.erase(handler.request_id);
  refuse(handler, fail(Errc::Timeout).value());
}

// A row that the index knows and the file has not is the member's end, as in etcd.
void refuse_read(Context& context, HandlerLane& handler, const Error& error) {
  if (error.code == Errc::Corrupt) context.step.panic(error.detail);
  refuse(handler, error);
}

void serve(Context& context, HandlerLane& handler) {
  Running& run = context.run;
  if (const auto* range = std::get_if<rpc::RangeRequest>(&handler.request)) {
    const auto found = run.store.range(run.backend, *range, context.step.guards());
    if (!found) return refuse_read(context, handler, found.error());
    handler.response = *found;
  } else {
    const auto done = run.store.read_txn(run.backend, std::get<rpc::TxnRequest>(handler.request),
                                         context.step.guards());
    if (!done) return refuse_read(context, handler, done.error());
    handler.response = *done;
  }
  fill_header(context, handler.response);
  handler.phase = Phase::Answer;
}

void answer(Context& context, std::uint64_t no, const HandlerLane& handler) {
  context.step.send(Packet{
      member_address(context.member.no()), handler.client, Channel::Calls,
      CallAnswer{.call = handler.call, .error = handler.error, .response = handler.response}});
  context.run.handlers.erase(no);
}

}  // namespace

std::string_view to_text(HandlerLane::Phase phase) {
  switch (phase) {
    case Phase::Admit: return "admit";
    case Phase::Propose: return "propose";
    case Phase::WaitApply: return "wait-apply";
    case Phase::WaitRead: return "wait-read";
    case Phase::Serve: return "serve";
    case Phase::Answer: return "answer";
  }
  return "";
}

void wake_handler(Context& context, std::uint64_t request_id, const std::optional<Error>& error,
                  const rpc::Response& response) {
  const std::uint64_t* no = context.run.waiters.find(request_id);
  if (no == nullptr) return;
  HandlerLane* handler = context.run.handlers.edit(*no);
  check(handler != nullptr, "a waiter's handler is there");
  handler->woken = true;
  handler->error = error;
  handler->response = response;
  if (!error) fill_header(context, handler->response);
  handler->phase = Phase::Answer;
  context.member.touch({.kind = LaneKind::Handler, .no = *no, .choice = 0});
  context.run.waiters.erase(request_id);
}

Readiness handler_readiness(const Look& look, const HandlerLane& handler) {
  switch (handler.phase) {
    case Phase::Propose:
      // raft.node takes proposals only while it knows a leader.
      return look.guards(look.run.raft.leader() != NodeId(0), "a leader is known",
                         {{"term", look.run.raft.term()}})
                 ? kReady
                 : ready_at(handler.deadline);
    case Phase::WaitApply:
      look.guards(false, "apply has handed over the answer",
                  {{"request id", handler.request_id}, {"applied", look.run.applied}});
      return ready_at(handler.deadline);
    case Phase::WaitRead:
      look.guards(handler.woken, "the read lane has released this reader");
      return handler.woken ? kReady : kBlocked;
    case Phase::Admit:
    case Phase::Serve:
    case Phase::Answer: return kReady;
  }
  return kBlocked;
}

void run_handler(Context& context, std::uint64_t no) {
  HandlerLane* handler = context.run.handlers.edit(no);
  check(handler != nullptr, "the handler is there");
  context.member.touch({.kind = LaneKind::Handler, .no = no, .choice = 0});
  switch (handler->phase) {
    case Phase::Admit: return admit(context, no, *handler);
    case Phase::Propose: return propose(context, no, *handler);
    case Phase::WaitApply: return timed_out(context, *handler);
    case Phase::WaitRead: handler->phase = handler->error ? Phase::Answer : Phase::Serve; return;
    case Phase::Serve: return serve(context, *handler);
    case Phase::Answer: return answer(context, no, *handler);
  }
}

}  // namespace orrery::server
