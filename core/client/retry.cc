// Who is asked next, and what may be asked twice.
// from: etcd clientv3/retry.go (isSafeRetry), retry_interceptor.go (backoff 25 ms after each round of a quorum)
#include <algorithm>

#include "base/check.h"
#include "client/client.h"

namespace orrery::client {
namespace {

constexpr Nanos kBackoff = millis(25);
constexpr std::uint32_t kMostAttempts = 100;
constexpr int kGrpcUnavailable = 14;

template <class... Ms, class Group>
bool is_any(const Group& group) {
  return (std::holds_alternative<Ms>(group) || ...);
}

// May be asked twice without harm: etcd's class "repeatable".
bool is_repeatable(const rpc::Request& request) {
  if (const auto* lease = std::get_if<rpc::LeaseRequest>(&request)) {
    return !is_any<rpc::LeaseGrantRequest>(*lease);
  }
  if (const auto* auth = std::get_if<rpc::AuthRequest>(&request)) {
    return is_any<rpc::AuthUserListRequest, rpc::AuthUserGetRequest, rpc::AuthRoleListRequest,
                  rpc::AuthRoleGetRequest, rpc::AuthStatusRequest>(*auth);
  }
  if (const auto* cluster = std::get_if<rpc::ClusterRequest>(&request)) {
    return is_any<rpc::MemberListRequest>(*cluster);
  }
  if (const auto* maintenance = std::get_if<rpc::MaintenanceRequest>(&request)) {
    return !is_any<rpc::DefragmentRequest>(*maintenance);
  }
  return std::holds_alternative<rpc::RangeRequest>(request);
}

}  // namespace

std::size_t Client::endpoint_count(const std::vector<std::uint32_t>& among) const {
  return among.empty() ? endpoints_ : among.size();
}

std::uint32_t Client::endpoint_after(const std::vector<std::uint32_t>& among,
                                     std::uint32_t via) const {
  if (among.empty()) return via % endpoints_ + 1;
  const auto at = static_cast<std::size_t>(std::ranges::find(among, via) - among.begin());
  return among[(at + 1) % among.size()];
}

void Client::try_next(server::Step& step, std::uint64_t number) {
  Call& call = *calls_.edit(number);
  ++call.attempts;
  if (!call.fixed_via) call.via = endpoint_after(call.among, call.via);
  send_call(step, number);
}

// Nobody listened, or the connection broke with the question on its way.
void Client::connection_lost(server::Step& step, std::uint64_t number, bool refused) {
  const Call& call = *calls_.find(number);
  if (timers_.contains(TimerId{TimerId::Kind::Call, number})) return;
  if (call.each) {
    server::CallAnswer answer{.call = number, .error = {}, .response = {}};
    answer.error = Error{Errc::Timeout, "context deadline exceeded"};
    return take_part(step, number, std::move(answer));
  }
  // The watch itself will knock again, and log in again: one login at a time.
  if (call.watches_on != 0) {
    server::CallAnswer answer{.call = number, .error = {}, .response = {}};
    answer.error = fail(Errc::Unavailable).value();
    return finish(step, number, std::move(answer));
  }
  const bool harmless = refused || call.logging_in || is_repeatable(call.request);
  if (!harmless) {
    server::CallAnswer answer{.call = number, .error = {}, .response = {}};
    answer.error = fail(Errc::Unavailable).value();
    return finish(step, number, std::move(answer));
  }
  // Nobody at any endpoint: the call waits for its deadline, as a blocked dial does.
  if (call.fixed_via || call.attempts >= endpoint_count(call.among)) return;
  try_next(step, number);
}

// A member that cannot answer now (no leader, a time-out of its own): reads go on to the next one, after each round
// of a
// quorum only after a pause.
bool Client::tries_again(server::Step& step, std::uint64_t number,
                         const server::CallAnswer& answer) {
  const Call& call = *calls_.find(number);
  if (!answer.error || call.each || grpc_code(answer.error->code) != kGrpcUnavailable) return false;
  const bool again = !call.logging_in && call.asides.empty() && is_repeatable(call.request) &&
                     call.attempts < kMostAttempts;
  if (!step.guards()(again, "the question may be asked again: it changes nothing")) return false;
  const std::size_t quorum = endpoint_count(call.among) / 2 + 1;
  if (call.fixed_via || call.attempts % quorum == 0) {
    Call& open = *calls_.edit(number);
    ++open.attempts;
    if (!open.fixed_via) open.via = endpoint_after(open.among, open.via);
    set_timer({TimerId::Kind::Call, number}, step.now() + kBackoff.value());
    return true;
  }
  try_next(step, number);
  return true;
}

}  // namespace orrery::client
