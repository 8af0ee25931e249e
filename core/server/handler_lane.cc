// handler lanes: one call from its arrival to its answer.
// from: etcd server/etcdserver/v3_server.go (Put, Range, processInternalRaftRequestOnce); facts D.19
#include "base/check.h"
#include "base/text.h"
#include "datadir/payload.h"
#include "mvcc/request.h"
#include "server/context.h"

namespace orrery::server {
namespace {

using HandlerPhase = HandlerLane::Phase;

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

void admit_read(Context& context, std::uint64_t no, HandlerLane& handler) {
  if (is_serializable(handler.request)) {
    handler.phase = HandlerPhase::Serve;
    return;
  }
  handler.phase = HandlerPhase::WaitRead;
  context.run.read.waiting.push_back(no);
}

bool is_own(const HandlerLane& handler) {
  return handler.client.no == 0;
}

bool is_kv(const rpc::Request& request) {
  return std::holds_alternative<rpc::RangeRequest>(request) ||
         std::holds_alternative<rpc::PutRequest>(request) ||
         std::holds_alternative<rpc::DeleteRangeRequest>(request) ||
         std::holds_alternative<rpc::TxnRequest>(request) ||
         std::holds_alternative<rpc::CompactionRequest>(request);
}

// etcd #11689: before 3.2.31 a lease that has expired is revoked in nobody's name. Members that look at its keys
// when they apply it refuse.
bool revokes_in_nobodys_name(const Context& context, const HandlerLane& handler) {
  const auto* lease = std::get_if<rpc::LeaseRequest>(&handler.request);
  return context.member.plan().quirks.has(Quirk::LeaseRevokeWithoutRootToken) && is_own(handler) &&
         lease != nullptr && std::holds_alternative<rpc::LeaseRevokeRequest>(*lease);
}

// Who asks: for a client by its token. What a member does of its own accord, or in a client's place, it may do.
Result<void> identify(Context& context, HandlerLane& handler) {
  auth::AuthStore& auth = context.run.auth;
  if (!auth.enabled() || revokes_in_nobodys_name(context, handler)) return {};
  if (handler.client.kind == Address::Kind::Member) {
    handler.who = {.username = std::string(auth::kRoot), .revision = auth.revision()};
    return {};
  }
  if (handler.token.empty()) return {};
  const auto who = auth.info_of(handler.token, context.step.now());
  if (!context.step.guards()(who.has_value(), "the token is known")) {
    return fail(Errc::InvalidAuthToken);
  }
  handler.who = *who;
  return {};
}

// A learner serves what it has by itself, and nothing else.
Result<void> check_learner(const Context& context, const HandlerLane& handler) {
  const bool of_peer = handler.client.kind == Address::Kind::Member;
  if (of_peer || !context.run.membership.is_learner(context.member.id())) return {};
  const auto* maintenance = std::get_if<rpc::MaintenanceRequest>(&handler.request);
  const bool status =
      maintenance != nullptr && std::holds_alternative<rpc::StatusRequest>(*maintenance);
  const auto* range = std::get_if<rpc::RangeRequest>(&handler.request);
  const bool local = status || (range != nullptr && range->serializable);
  if (context.step.guards()(local, "a learner may serve this call")) return {};
  return fail(Errc::NotForLearner);
}

Result<void> check_gap(const Context& context) {
  const Index committed = context.run.raft.log().committed();
  const bool keeps_up =
      context.step.guards()(committed <= context.run.applied + context.step.timing().apply_gap,
                            "apply keeps up with commit",
                            {{"committed", committed},
                             {"applied", context.run.applied},
                             {"gap limit", context.step.timing().apply_gap}});
  return keeps_up ? Result<void>() : fail(Errc::TooManyRequests);
}

Result<void> check_call(Context& context, HandlerLane& handler) {
  const Guards& guards = context.step.guards();
  auto checked = check_learner(context, handler);
  const Version version = context.member.plan().version;
  if (checked && reads_token(version, handler.request)) checked = identify(context, handler);
  if (checked && !fits_quota(context.run, context.step.timing(), handler.request, guards)) {
    checked = fail(Errc::NoSpace);
  }
  if (checked) checked = mvcc::validate(handler.request, context.step.timing().max_txn_ops, guards);
  if (checked) checked = may_call(context.run, version, handler, guards);
  return checked;
}

void admit(Context& context, std::uint64_t no, HandlerLane& handler) {
  std::erase(context.run.waiting_tokens, no);
  const auto checked = check_call(context, handler);
  if (!checked) {
    refuse(handler, as_told(context.member.plan().version, handler.request, checked.error()));
    const bool is_news = !context.run.alarms.any(rpc::AlarmType::NoSpace);
    if (checked.error().code == Errc::NoSpace && is_news) raise_no_space(context, 0);
    return;
  }
  handler.deadline = context.step.now() + context.step.timing().request_timeout.value();
  if (is_read(handler.request)) return admit_read(context, no, handler);
  if (!is_kv(handler.request)) {
    admit_service(context, no, handler);
    if (handler.phase != HandlerPhase::Propose) return;
  }
  const auto gap = check_gap(context);
  if (!gap) return refuse(handler, gap.error());
  handler.phase = HandlerPhase::Propose;
}

// Of 3.5 and 3.6 the payloads are alike.
constexpr datadir::Release line_of(Version version) {
  return version == Version::V3_4 ? datadir::Release::V3_4 : datadir::Release::V3_6;
}

Result<void> propose_request(Context& context, HandlerLane& handler) {
  rpc::InternalRequest request{
      .id = handler.request_id,
      .username = handler.who.username,
      .auth_revision = handler.who.revision,
      .request = handler.proposal ? *handler.proposal : proposal_of(context, handler)};
  const Blob data(datadir::encode_payload(line_of(context.member.plan().version), request));
  if (data.size() > context.step.timing().max_request_bytes) return fail(Errc::RequestTooLarge);
  return context.run.raft.propose(raft_io(context), data);
}

void propose(Context& context, std::uint64_t no, HandlerLane& handler) {
  Running& run = context.run;
  if (context.step.now() >= handler.deadline) {
    return refuse(handler, fail(why_timed_out(context, handler)).value());
  }
  handler.request_id = ++run.next_request_id;
  if (handler.change) handler.change->id = handler.request_id;
  const auto taken = handler.change
                         ? run.raft.propose_conf_change(raft_io(context), *handler.change)
                         : propose_request(context, handler);
  after_raft(context);
  if (!taken) return refuse(handler, taken.error());
  run.waiters.put(handler.request_id, no);
  handler.phase = HandlerPhase::WaitApply;
}

void timed_out(Context& context, HandlerLane& handler) {
  context.run.waiters.erase(handler.request_id);
  refuse(handler, fail(why_timed_out(context, handler)).value());
}

// A row that the index knows and the file has not is the member's end, as in etcd.
void refuse_read(Context& context, HandlerLane& handler, const Error& error) {
  if (error.code == Errc::Corrupt) context.step.panic(error.detail);
  refuse(handler, error);
}

Result<void> may_serve(const Context& context, const HandlerLane& handler) {
  const Guards& guards = context.step.guards();
  if (const auto* range = std::get_if<rpc::RangeRequest>(&handler.request)) {
    return context.run.auth.may_read(handler.who, range->key, range->range_end, guards);
  }
  return context.run.auth.may_txn(handler.who, std::get<rpc::TxnRequest>(handler.request), guards);
}

void serve(Context& context, HandlerLane& handler) {
  Running& run = context.run;
  if (!is_kv(handler.request)) return serve_service(context, handler);
  const auto allowed = may_serve(context, handler);
  if (!allowed) return refuse(handler, allowed.error());
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
  handler.phase = HandlerPhase::Answer;
}

// The end of a call that the member made of its own accord.
void end_own_call(Context& context, const HandlerLane& handler) {
  const auto* lease = std::get_if<rpc::LeaseRequest>(&handler.request);
  if (lease != nullptr && std::holds_alternative<rpc::LeaseRevokeRequest>(*lease)) {
    --context.run.lease_lane.workers;
  }
  if (const auto* cluster = std::get_if<rpc::ClusterRequest>(&handler.request)) {
    const bool publishes = std::holds_alternative<rpc::ClusterMemberAttrSetRequest>(*cluster);
    (publishes ? context.run.node.publishing : context.run.versions.proposing) = false;
  }
  if (handler.wakes != 0) wake_handler(context, handler.wakes, fail(Errc::NoSpace).value(), {});
}

void answer(Context& context, std::uint64_t no, const HandlerLane& handler) {
  if (is_own(handler)) {
    end_own_call(context, handler);
    context.run.handlers.erase(no);
    return;
  }
  context.step.send(Packet{
      member_address(context.member.no()), handler.client, Channel::Calls,
      CallAnswer{.call = handler.call, .error = handler.error, .response = handler.response}});
  context.run.handlers.erase(no);
}

void after_read(HandlerLane& handler) {
  const auto* auth = std::get_if<rpc::AuthRequest>(&handler.request);
  handler.phase = auth != nullptr ? HandlerPhase::CheckPassword : HandlerPhase::Serve;
  if (handler.error) handler.phase = HandlerPhase::Answer;
}

// A token is known once the entry that told of it is applied.
bool token_can_be_known(const Look& look, const HandlerLane& handler) {
  if (handler.token.empty() || !look.run.auth.enabled() || look.run.auth.rules().jwt) return true;
  const auto index = auth::token_index(handler.token);
  return look.guards(!index || Index(*index) <= look.run.applied,
                     "the entry that made the token is applied",
                     {{"entry", index.value_or(0)}, {"applied", look.run.applied}});
}

Readiness wait_revoked(const Look& look, const HandlerLane& handler) {
  const auto& request =
      std::get<rpc::LeaseKeepAliveRequest>(std::get<rpc::LeaseRequest>(handler.request));
  const bool ending = look.run.lessor.is_primary() && look.run.lessor.find(request.id) != nullptr;
  return look.guards(!ending, "the expired lease is revoked, or another member is the primary",
                     {{"lease", request.id}})
             ? kReady
             : ready_at(handler.deadline);
}

void defragment(Context& context, std::uint64_t no, HandlerLane& handler) {
  if (handler.defrag->phase == DefragFrame::Phase::Lock) {
    std::erase(context.run.waiting_defrags, no);
  }
  if (!run(context, *handler.defrag)) return;
  handler.defrag.reset();
  handler.response = rpc::MaintenanceResponse(rpc::DefragmentResponse{});
  handler.phase = HandlerPhase::Answer;
}

}  // namespace

void refuse(HandlerLane& handler, Error error) {
  handler.error = std::move(error);
  handler.phase = HandlerPhase::Answer;
}

void raise_no_space(Context& context, std::uint64_t wakes) {
  const std::uint64_t own = begin_own_call(
      context, rpc::MaintenanceRequest(rpc::AlarmRequest{
                   rpc::AlarmAction::Activate, context.member.id(), rpc::AlarmType::NoSpace}));
  context.run.handlers.edit(own)->wakes = wakes;
}

bool is_leader(const Running& run) {
  return run.seen_role == raft::RoleName::Leader;
}

std::uint64_t begin_own_call(Context& context, rpc::Request request) {
  const std::uint64_t no = context.run.next_handler++;
  HandlerLane handler;
  handler.client = member_address(0);
  handler.request = std::move(request);
  context.run.handlers.put(no, std::move(handler));
  context.member.touch({.kind = LaneKind::Handler, .no = no, .choice = 0});
  return no;
}

std::string_view to_text(HandlerLane::Phase phase) {
  switch (phase) {
    case HandlerPhase::Admit: return "admit";
    case HandlerPhase::Propose: return "propose";
    case HandlerPhase::WaitApply: return "wait-apply";
    case HandlerPhase::WaitRead: return "wait-read";
    case HandlerPhase::Serve: return "serve";
    case HandlerPhase::CheckPassword: return "check-password";
    case HandlerPhase::Confirm: return "confirm";
    case HandlerPhase::Renew: return "renew";
    case HandlerPhase::WaitRevoked: return "wait-revoked";
    case HandlerPhase::Refresh: return "refresh";
    case HandlerPhase::Forward: return "forward";
    case HandlerPhase::WaitPeer: return "wait-peer";
    case HandlerPhase::WaitLeader: return "wait-leader";
    case HandlerPhase::Defrag: return "defrag";
    case HandlerPhase::SnapshotCommit: return "snapshot-commit";
    case HandlerPhase::SnapshotSend: return "snapshot-send";
    case HandlerPhase::Answer: return "answer";
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
  // A renewal's checkpoint is none of its answer.
  if (handler->after_apply != HandlerPhase::Refresh) handler->response = response;
  if (!error) fill_header(context, handler->response);
  handler->phase = error ? HandlerPhase::Answer : handler->after_apply;
  context.member.touch({.kind = LaneKind::Handler, .no = *no, .choice = 0});
  context.run.waiters.erase(request_id);
}

Readiness handler_readiness(const Look& look, const HandlerLane& handler) {
  switch (handler.phase) {
    case HandlerPhase::Propose:
      // raft.node takes proposals only while it knows a leader.
      return look.guards(look.run.raft.leader() != NodeId(0), "a leader is known",
                         {{"term", look.run.raft.term()}})
                 ? kReady
                 : ready_at(handler.deadline);
    case HandlerPhase::WaitApply:
      look.guards(false, "apply has handed over the answer",
                  {{"request id", handler.request_id}, {"applied", look.run.applied}});
      return ready_at(handler.deadline);
    case HandlerPhase::WaitRead:
      look.guards(handler.woken, "the read lane has released this reader");
      return handler.woken ? kReady : kBlocked;
    case HandlerPhase::Admit: return token_can_be_known(look, handler) ? kReady : kBlocked;
    case HandlerPhase::WaitRevoked: return wait_revoked(look, handler);
    case HandlerPhase::Forward:
      return look.guards(look.run.seen_leader != NodeId(0), "a leader is known")
                 ? kReady
                 : ready_at(handler.deadline);
    case HandlerPhase::WaitPeer:
      look.guards(false, "the leader has answered", {{"asked", handler.asked.no}});
      return ready_at(handler.retry_at);
    case HandlerPhase::WaitLeader: return ready_at(handler.retry_at);
    case HandlerPhase::Defrag: return readiness(look, *handler.defrag);
    case HandlerPhase::SnapshotCommit: return snapshot_commit_readiness(look, handler);
    case HandlerPhase::SnapshotSend:
    case HandlerPhase::Serve:
    case HandlerPhase::CheckPassword:
    case HandlerPhase::Confirm:
    case HandlerPhase::Renew:
    case HandlerPhase::Refresh:
    case HandlerPhase::Answer: return kReady;
  }
  return kBlocked;
}

void run_handler(Context& context, std::uint64_t no) {
  HandlerLane* handler = context.run.handlers.edit(no);
  check(handler != nullptr, "the handler is there");
  context.member.touch({.kind = LaneKind::Handler, .no = no, .choice = 0});
  switch (handler->phase) {
    case HandlerPhase::Admit: return admit(context, no, *handler);
    case HandlerPhase::Propose: return propose(context, no, *handler);
    case HandlerPhase::WaitApply: return timed_out(context, *handler);
    case HandlerPhase::WaitRead: return after_read(*handler);
    case HandlerPhase::CheckPassword: return check_password(context, *handler);
    case HandlerPhase::Confirm: return confirm_token(context, *handler);
    case HandlerPhase::Renew: return renew(context, *handler);
    case HandlerPhase::Refresh: return refresh(context, *handler);
    case HandlerPhase::Forward: return forward(context, no, *handler);
    case HandlerPhase::WaitRevoked: handler->phase = HandlerPhase::Renew; return;
    case HandlerPhase::WaitPeer: handler->phase = HandlerPhase::Forward; return;
    case HandlerPhase::WaitLeader: return wait_leader(context, *handler);
    case HandlerPhase::Defrag: return defragment(context, no, *handler);
    case HandlerPhase::SnapshotCommit: return snapshot_commit(context, no, *handler);
    case HandlerPhase::SnapshotSend: return snapshot_send(context, *handler);
    case HandlerPhase::Serve: return serve(context, *handler);
    case HandlerPhase::Answer: return answer(context, no, *handler);
  }
}

}  // namespace orrery::server
