#include "client/client.h"

#include <utility>

#include "base/check.h"
#include "base/text.h"

namespace orrery::client {
namespace {

using server::Channel;
using server::Packet;
using server::Step;

template <class... Ms, class Group>
bool is_any(const Group& group) {
  return (std::holds_alternative<Ms>(group) || ...);
}

// May be asked twice without harm.
bool is_read(const rpc::Request& request) {
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

// The token is not, or no longer, good: another one may be.
bool wants_new_token(const Call& call, const Error& error) {
  if (call.login.name.empty()) return false;
  return error.code == Errc::InvalidAuthToken || error.code == Errc::AuthOldRevision ||
         (error.code == Errc::UserEmpty && !call.token.empty());
}

// "alarm disarm": the client asks which alarms there are, and takes each back by name.
bool disarms_all(const rpc::Request& request) {
  const auto* maintenance = std::get_if<rpc::MaintenanceRequest>(&request);
  const auto* alarm =
      maintenance == nullptr ? nullptr : std::get_if<rpc::AlarmRequest>(maintenance);
  return alarm != nullptr && alarm->action == rpc::AlarmAction::Deactivate &&
         alarm->member_id == NodeId(0) && alarm->alarm == rpc::AlarmType::None;
}

bool enables_auth(const rpc::Request& request) {
  const auto* auth = std::get_if<rpc::AuthRequest>(&request);
  return auth != nullptr && is_any<rpc::AuthEnableRequest>(*auth);
}

const std::vector<rpc::AlarmMember>& alarms_in(const rpc::Response& response) {
  return std::get<rpc::AlarmResponse>(std::get<rpc::MaintenanceResponse>(response)).alarms;
}

// "auth enable" makes the role root and grants it, when that is what is missing.
bool goes_on_enabling(Call& call, const server::CallAnswer& answer) {
  if (!call.asides.empty()) {
    const bool stands = answer.error && answer.error->code == Errc::RoleAlreadyExist;
    if (answer.error && !stands) return false;
    call.asides.erase(call.asides.begin());
    return true;
  }
  if (!answer.error || answer.error->code != Errc::RootRoleNotExist) return false;
  call.asides = {rpc::AuthRequest(rpc::AuthRoleAddRequest{"root"}),
                 rpc::AuthRequest(rpc::AuthUserGrantRoleRequest{"root", "root"})};
  return true;
}

bool goes_on_disarming(Call& call, const server::CallAnswer& answer) {
  if (answer.error) return false;
  const auto& asked =
      std::get<rpc::AlarmRequest>(std::get<rpc::MaintenanceRequest>(call.asides.front()));
  const bool listed = asked.action == rpc::AlarmAction::Get;
  call.asides.erase(call.asides.begin());
  for (const rpc::AlarmMember& alarm : alarms_in(answer.response)) {
    if (!listed) {
      call.alarms.push_back(alarm);
      continue;
    }
    call.asides.emplace_back(rpc::MaintenanceRequest(
        rpc::AlarmRequest{rpc::AlarmAction::Deactivate, alarm.member_id, alarm.alarm}));
  }
  return !call.asides.empty();
}

}  // namespace

const std::string& line_of(const Command& command) {
  return std::visit([](const auto& held) -> const std::string& { return held.line; }, command);
}

const std::string* new_watch_name(const Command& command) {
  if (const auto* watch = std::get_if<BeginWatch>(&command)) return &watch->name;
  if (const auto* poll = std::get_if<BeginPoll>(&command)) return &poll->name;
  return nullptr;
}

void Client::submit(Step& step, const Command& command) {
  std::visit([&](const auto& held) { begin(step, held); }, command);
}

void Client::begin(Step& step, const BeginCall& command) {
  const std::uint64_t number = next_call_++;
  Call call;
  call.line = command.line;
  call.request = command.request;
  call.fixed_via = command.via != 0;
  call.via = call.fixed_via ? command.via : 1;
  call.invoked = step.now();
  call.deadline = step.now() + step.timing().call_timeout.value();
  call.login = command.login;
  call.logging_in = !call.login.name.empty();
  if (disarms_all(call.request)) {
    call.asides = {rpc::MaintenanceRequest(rpc::AlarmRequest{})};
  }
  send_call(step, number, call);
  calls_.put(number, std::move(call));
  open_.put(number, true);
}

void Client::send_call(Step& step, std::uint64_t number, const Call& call) const {
  server::CallRequest request{.call = number,
                              .request = call.asides.empty() ? call.request : call.asides.front(),
                              .token = call.token};
  if (call.logging_in) {
    request.request =
        rpc::AuthRequest(rpc::AuthenticateRequest{call.login.name, call.login.password});
    request.token.clear();
  }
  step.send(Packet{server::client_address(no_), server::member_address(call.via), Channel::Calls,
                   std::move(request)});
}

// The answer to Authenticate. A cluster that checks nothing is called without a token.
void Client::logged_in(Step& step, std::uint64_t number, const server::CallAnswer& answer) {
  Call* call = calls_.edit(number);
  call->logging_in = false;
  if (answer.error && answer.error->code != Errc::AuthNotEnabled) {
    call->login_failed = true;
    return finish(step, number, answer);
  }
  call->token.clear();
  if (!answer.error) {
    const auto& auth = std::get<rpc::AuthResponse>(answer.response);
    call->token = std::get<rpc::AuthenticateResponse>(auth).token;
  }
  if (call->watches_on == 0) return send_call(step, number, *call);
  open_watch(step, call->watches_on, call->token);
  server::CallAnswer done = answer;
  done.error.reset();
  finish(step, number, std::move(done));
}

// Is there more to ask before the call is answered? True = the next question is the first aside, or the call again.
bool Client::goes_on(Call& call, const server::CallAnswer& answer) {
  if (enables_auth(call.request)) return goes_on_enabling(call, answer);
  return disarms_all(call.request) && goes_on_disarming(call, answer);
}

void Client::receive(Step& step, const Packet& packet) {
  const std::uint32_t from = packet.from.no;
  if (const auto* answer = std::get_if<server::CallAnswer>(&packet.payload)) {
    on(step, from, *answer);
  } else if (const auto* chunk = std::get_if<server::SnapshotChunk>(&packet.payload)) {
    Call* call = calls_.edit(chunk->call);
    if (call != nullptr) call->chunks.push_back(chunk->response.blob);
  } else if (const auto* event = std::get_if<server::WatchAnswer>(&packet.payload)) {
    on(step, from, *event);
  } else if (const auto* frame = std::get_if<server::DataFrame>(&packet.payload)) {
    on(step, from, *frame);
  } else if (const auto* old = std::get_if<legacy::OldAnswer>(&packet.payload)) {
    on(step, from, *old);
  } else if (const auto* reset = std::get_if<server::ConnectionReset>(&packet.payload)) {
    on(step, from, *reset);
  }
}

void Client::on(Step& step, std::uint32_t from, const server::CallAnswer& answer) {
  const Call* call = calls_.find(answer.call);
  // An answer after the deadline, or of an endpoint given up, finds nobody waiting.
  if (call == nullptr || call->returned || call->via != from) return;
  if (call->logging_in) return logged_in(step, answer.call, answer);
  Call* open = calls_.edit(answer.call);
  if (answer.error && wants_new_token(*open, *answer.error)) {
    open->logging_in = true;
    return send_call(step, answer.call, *open);
  }
  if (goes_on(*open, answer)) return send_call(step, answer.call, *open);
  server::CallAnswer last = answer;
  if (!open->alarms.empty()) {
    last.response = rpc::MaintenanceResponse(rpc::AlarmResponse{{}, open->alarms});
  }
  finish(step, answer.call, std::move(last));
}

void Client::finish(Step& step, std::uint64_t number, server::CallAnswer answer) {
  Call* call = calls_.edit(number);
  check(call != nullptr, "the call is known");
  call->returned = step.now();
  if (step.noting()) {
    step.note(text("c{} has its answer to `{}`: {}", no_, call->line,
                   answer.error ? answer.error->detail : "ok"));
  }
  call->answer = std::move(answer);
  open_.erase(number);
  closed_.push_back(number);
}

void Client::on(Step& step, std::uint32_t from, const server::ConnectionReset& reset) {
  std::vector<std::uint64_t> lost;
  for (const auto& [number, open] : open_) {
    const Call* call = calls_.find(number);
    if (call != nullptr && call->via == from) lost.push_back(number);
  }
  for (const std::uint64_t number : lost) connection_lost(step, number, reset.refused);
  std::vector<std::uint64_t> streams;
  for (const auto& [stream, watch] : watches_) {
    const bool live = watch.state == Watch::State::Opening || watch.state == Watch::State::Open;
    if (live && watch.via == from) streams.push_back(stream);
  }
  for (const std::uint64_t stream : streams) watches_.edit(stream)->state = Watch::State::Broken;
  if (connections_.erase(from)) --new_traffic_.connections;
  poll_connection_lost(step, from);
}

void Client::connection_lost(Step& step, std::uint64_t number, bool refused) {
  Call* call = calls_.edit(number);
  check(call != nullptr, "the call is known");
  if (!refused && !is_read(call->request)) {
    server::CallAnswer answer{.call = number, .error = {}, .response = {}};
    answer.error = fail(Errc::Unavailable).value();
    finish(step, number, std::move(answer));
    return;
  }
  // Nobody at any endpoint: the call waits for its deadline, as a blocked dial does.
  if (call->fixed_via || call->attempts >= endpoints_) return;
  ++call->attempts;
  call->via = call->via % endpoints_ + 1;
  send_call(step, number, *call);
}

void Client::time_out(Step& step, std::uint64_t number) {
  server::CallAnswer answer{.call = number, .error = {}, .response = {}};
  answer.error = Error{Errc::Timeout, "context deadline exceeded"};
  finish(step, number, std::move(answer));
}

}  // namespace orrery::client
