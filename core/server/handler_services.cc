// handler lanes: calls of the Lease and Auth services, and what the log carries in a request's place.
// from: etcd server/etcdserver/v3_server.go (LeaseGrant, LeaseRenew, LeaseTimeToLive, Authenticate), api/v3rpc/lease.go
#include <algorithm>
#include <utility>

#include "auth/bcrypt.h"
#include "base/check.h"
#include "base/overloaded.h"
#include "base/text.h"
#include "server/context.h"

namespace orrery::server {
namespace {

using HandlerPhase = HandlerLane::Phase;

constexpr Nanos kAskAgain = millis(500);  // until a leader that does not answer is asked again

std::uint64_t salt(Context& context) {
  return context.step.draw(Purpose::PasswordSalt, context.member.no(), context.member.next_draw());
}

bool has_no_password(const rpc::AuthUserAddRequest& request) {
  return request.options && request.options->no_password;
}

Result<std::string> hashed(Context& context, const std::string& password) {
  return auth::hash_password(password, context.step.timing().bcrypt_cost, salt(context));
}

// The log of 3.5 and later holds a password's hash, made here; that of 3.4 the password itself.
rpc::AuthRequest log_form(Context& context, rpc::AuthUserAddRequest request) {
  if (has_no_password(request) || !request.hashed_password.empty()) return request;
  request.hashed_password = base64(hashed(context, request.password).value_or(""));
  request.password.clear();
  return request;
}

rpc::AuthRequest log_form(Context& context, rpc::AuthUserChangePasswordRequest request) {
  if (!request.hashed_password.empty()) return request;
  request.hashed_password = base64(hashed(context, request.password).value_or(""));
  request.password.clear();
  return request;
}

rpc::AuthRequest log_form(Context& context, const rpc::AuthenticateRequest& request) {
  const std::uint64_t random =
      context.step.draw(Purpose::AuthToken, context.member.no(), context.member.next_draw());
  const bool plain = context.member.plan().version == Version::V3_4;
  return rpc::InternalAuthenticateRequest{.name = request.name,
                                          .password = plain ? request.password : std::string(),
                                          .simple_token = auth::simple_token_prefix(random)};
}

rpc::Request proposal_of(Context& context, const rpc::AuthRequest& request) {
  const bool plain = context.member.plan().version == Version::V3_4;
  return std::visit(
      [&](const auto& held) -> rpc::AuthRequest {
        using M = std::decay_t<decltype(held)>;
        constexpr bool kSecret = std::is_same_v<M, rpc::AuthUserAddRequest> ||
                                 std::is_same_v<M, rpc::AuthUserChangePasswordRequest>;
        if constexpr (std::is_same_v<M, rpc::AuthenticateRequest>) return log_form(context, held);
        if constexpr (kSecret) {
          if (!plain) return log_form(context, held);
        }
        return held;
      },
      request);
}

// A lease without an id gets one that cannot repeat: a request id without its sign bit.
rpc::Request proposal_of(Context& context, const rpc::LeaseRequest& request) {
  const auto* grant = std::get_if<rpc::LeaseGrantRequest>(&request);
  if (grant == nullptr || grant->id != LeaseId(0)) return request;
  rpc::LeaseGrantRequest out = *grant;
  const std::uint64_t id = ++context.run.next_request_id;
  out.id = LeaseId(static_cast<std::int64_t>(id & 0x7fff'ffff'ffff'ffffU));
  return rpc::LeaseRequest(out);
}

void answer(HandlerLane& handler, rpc::Response response) {
  handler.response = std::move(response);
  handler.phase = HandlerPhase::Answer;
}

// A renewal's header is older than the renewal: its revision cannot be one after the lease's end.
void answer_renewal(HandlerLane& handler, LeaseId id, std::int64_t ttl) {
  auto& held = std::get<rpc::LeaseResponse>(handler.response);
  auto& response = std::get<rpc::LeaseKeepAliveResponse>(held);
  response.id = id;
  response.ttl = ttl;
  handler.phase = HandlerPhase::Answer;
}

LeaseId renewed(const HandlerLane& handler) {
  return std::get<rpc::LeaseKeepAliveRequest>(std::get<rpc::LeaseRequest>(handler.request)).id;
}

rpc::LeaseTimeToLiveResponse time_to_live(const Context& context,
                                          const rpc::LeaseTimeToLiveRequest& request) {
  const lease::Lessor& lessor = context.run.lessor;
  rpc::LeaseTimeToLiveResponse out;
  out.header = header(context, context.run.store.current_revision());
  out.id = request.id;
  out.ttl = -1;
  const lease::Lease* lease = lessor.find(request.id);
  if (lease == nullptr) return out;
  out.ttl = lessor.time_to_live(request.id, context.step.now());
  out.granted_ttl = lease->ttl;
  if (request.keys) out.keys = lessor.keys_of(request.id);
  return out;
}

rpc::LeaseLeasesResponse list_leases(const Context& context) {
  rpc::LeaseLeasesResponse out;
  out.header = header(context, context.run.store.current_revision());
  std::vector<std::pair<Nanos, LeaseId>> order;  // by end, then by id
  for (const auto& [id, lease] : context.run.lessor.leases()) {
    order.emplace_back(lease.expiry.value_or(Nanos(0)), id);
  }
  std::ranges::sort(order);
  for (const auto& [expiry, id] : order) out.leases.push_back({.id = id});
  return out;
}

void admit(Context& context, HandlerLane& handler, const rpc::LeaseRequest& request) {
  std::visit(Overloaded{
                 [&](const rpc::LeaseKeepAliveRequest&) {
                   rpc::LeaseKeepAliveResponse response;
                   response.header = header(context, context.run.store.current_revision());
                   handler.response = rpc::LeaseResponse(response);
                   handler.phase = HandlerPhase::Renew;
                 },
                 [&](const rpc::LeaseTimeToLiveRequest&) {
                   handler.phase =
                       is_leader(context.run) ? HandlerPhase::Serve : HandlerPhase::Forward;
                 },
                 [&](const rpc::LeaseLeasesRequest&) { handler.phase = HandlerPhase::Serve; },
                 [&](const auto&) { handler.phase = HandlerPhase::Propose; },
             },
             request);
}

void admit(Context& context, std::uint64_t no, HandlerLane& handler,
           const rpc::AuthRequest& request) {
  if (std::holds_alternative<rpc::AuthenticateRequest>(request)) {
    handler.phase = HandlerPhase::WaitRead;
    context.run.read.waiting.push_back(no);
    return;
  }
  const bool unknown = std::holds_alternative<rpc::AuthStatusRequest>(request) &&
                       context.member.plan().version == Version::V3_4;
  if (unknown) {
    return refuse(handler,
                  {Errc::Unmapped, "unknown method AuthStatus for service etcdserverpb.Auth"});
  }
  handler.phase = HandlerPhase::Propose;
}

}  // namespace

void admit_service(Context& context, std::uint64_t no, HandlerLane& handler) {
  if (const auto* lease = std::get_if<rpc::LeaseRequest>(&handler.request)) {
    admit(context, handler, *lease);
  } else if (const auto* auth = std::get_if<rpc::AuthRequest>(&handler.request)) {
    admit(context, no, handler, *auth);
  } else {
    admit_cluster(context, no, handler);
  }
}

rpc::Request proposal_of(Context& context, const HandlerLane& handler) {
  if (const auto* lease = std::get_if<rpc::LeaseRequest>(&handler.request)) {
    return proposal_of(context, *lease);
  }
  if (const auto* auth = std::get_if<rpc::AuthRequest>(&handler.request)) {
    return proposal_of(context, *auth);
  }
  return handler.request;
}

// Outside of the log, by one member, at whatever revision it has: Confirm looks whether that was still right.
void check_password(Context& context, HandlerLane& handler) {
  const auto& request =
      std::get<rpc::AuthenticateRequest>(std::get<rpc::AuthRequest>(handler.request));
  const auto revision = context.run.auth.check_password(request.name, request.password);
  if (!revision) return refuse(handler, revision.error());
  handler.password_revision = *revision;
  handler.after_apply = HandlerPhase::Confirm;
  handler.phase = HandlerPhase::Propose;
}

void confirm_token(Context& context, HandlerLane& handler) {
  const bool same = context.step.guards()(
      handler.password_revision == context.run.auth.revision(),
      "the auth revision is the one the password was checked at",
      {{"checked at", handler.password_revision}, {"now", context.run.auth.revision()}});
  handler.phase = handler.error || same ? HandlerPhase::Answer : HandlerPhase::CheckPassword;
}

void renew(Context& context, HandlerLane& handler) {
  if (context.step.now() >= handler.deadline) {
    return refuse(handler, fail(Errc::Timeout).value());
  }
  const LeaseId id = renewed(handler);
  const auto found = context.run.lessor.begin_renew(id, context.step.guards());
  if (!found) {
    if (found.error().code == Errc::LeaseNotFound) return answer_renewal(handler, id, 0);
    handler.phase = HandlerPhase::Forward;
    return;
  }
  if (!context.step.guards()(!context.run.lessor.is_expired(id, context.step.now()),
                             "the lease's time is not over", {{"lease", id}})) {
    handler.phase = HandlerPhase::WaitRevoked;
    return;
  }
  if (!context.run.lessor.must_clear_checkpoint(id)) {
    handler.phase = HandlerPhase::Refresh;
    return;
  }
  handler.proposal = rpc::LeaseRequest(rpc::LeaseCheckpointRequest{{{id, 0}}});
  handler.after_apply = HandlerPhase::Refresh;
  handler.phase = HandlerPhase::Propose;
}

void refresh(Context& context, HandlerLane& handler) {
  const LeaseId id = renewed(handler);
  const auto ttl = context.run.lessor.finish_renew(id, context.step.now(), context.step.guards());
  if (ttl) return answer_renewal(handler, id, *ttl);
  if (ttl.error().code == Errc::LeaseNotFound) return answer_renewal(handler, id, 0);
  handler.phase = HandlerPhase::Forward;
}

void forward(Context& context, std::uint64_t no, HandlerLane& handler) {
  if (context.step.now() >= handler.deadline) {
    return refuse(handler, fail(Errc::Timeout).value());
  }
  if (is_leader(context.run)) {
    const auto* lease = std::get_if<rpc::LeaseRequest>(&handler.request);
    const bool renews =
        lease != nullptr && std::holds_alternative<rpc::LeaseKeepAliveRequest>(*lease);
    handler.phase = renews             ? HandlerPhase::Renew
                    : lease != nullptr ? HandlerPhase::Serve
                                       : HandlerPhase::Admit;
    // A leader that is not yet promoted cannot renew: it looks again when it is.
    if (!renews || context.run.lessor.is_primary()) return;
    handler.phase = HandlerPhase::WaitPeer;
    handler.asked = {};
    handler.retry_at = context.step.now() + kAskAgain.value();
    return;
  }
  handler.asked = member_address(number_of(context.member, context.run.seen_leader));
  handler.retry_at = context.step.now() + kAskAgain.value();
  handler.phase = HandlerPhase::WaitPeer;
  if (handler.asked.no == 0) return;  // its address is not known
  context.step.send(Packet{member_address(context.member.no()), handler.asked, Channel::Calls,
                           CallRequest{.call = no, .request = handler.request, .token = {}}});
}

void receive_peer_answer(Context& context, const Address& from, const CallAnswer& peer) {
  if ((peer.call & kVersionsCall) != 0) return hear_version(context, from, peer);
  if ((peer.call & kCorruptionCall) != 0) return hear_hash(context, from, peer);
  HandlerLane* handler = context.run.handlers.edit(peer.call);
  if (handler == nullptr || handler->phase != HandlerPhase::WaitPeer || handler->asked != from)
    return;
  // The leader we asked is one no longer: it will be asked who is, when it is time to ask again.
  if (peer.error && peer.error->code == Errc::NotLeader) return;
  context.member.touch({.kind = LaneKind::Handler, .no = peer.call, .choice = 0});
  handler->error = peer.error;
  handler->phase = HandlerPhase::Answer;
  if (peer.error) return;
  const rpc::ResponseHeader* own = rpc::header_of(handler->response);
  const std::int64_t revision =
      own->revision != 0 ? own->revision : context.run.store.current_revision();
  handler->response = peer.response;
  rpc::ResponseHeader* top = rpc::edit_header(handler->response);
  if (top != nullptr) *top = header(context, revision);
}

void serve_service(Context& context, HandlerLane& handler) {
  if (const auto* lease = std::get_if<rpc::LeaseRequest>(&handler.request)) {
    if (const auto* request = std::get_if<rpc::LeaseTimeToLiveRequest>(lease)) {
      return answer(handler, rpc::LeaseResponse(time_to_live(context, *request)));
    }
    return answer(handler, rpc::LeaseResponse(list_leases(context)));
  }
  serve_cluster(context, handler);
}

void touch_renewals(Context& context) {
  for (const auto& [no, handler] : context.run.handlers) {
    if (handler.phase != HandlerPhase::WaitRevoked) continue;
    context.member.touch({.kind = LaneKind::Handler, .no = no, .choice = 0});
  }
}

}  // namespace orrery::server
