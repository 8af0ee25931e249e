#include "client/client.h"

#include <utility>

#include "base/check.h"
#include "base/overloaded.h"
#include "base/text.h"

namespace orrery::client {
namespace {

using server::CallAnswer;
using server::Channel;
using server::Packet;
using server::Step;

constexpr Nanos kNever{std::int64_t{1} << 62};  // a deadline that does not come

template <class M, class Group>
bool asks(const rpc::Request& request) {
  const auto* group = std::get_if<Group>(&request);
  return group != nullptr && std::holds_alternative<M>(*group);
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
  return asks<rpc::AuthEnableRequest, rpc::AuthRequest>(request);
}

const std::vector<rpc::AlarmMember>& alarms_in(const rpc::Response& response) {
  return std::get<rpc::AlarmResponse>(std::get<rpc::MaintenanceResponse>(response)).alarms;
}

// "auth enable" makes the role root and grants it, when that is what is missing.
bool goes_on_enabling(Call& call, const CallAnswer& answer) {
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

bool goes_on_disarming(Call& call, const CallAnswer& answer) {
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

// A snapshot comes in pieces; the last one is the checksum of the rest.
void join_chunks(Call& call, CallAnswer& last) {
  if (call.chunks.empty() || last.error) return;
  auto& snapshot =
      std::get<rpc::SnapshotResponse>(std::get<rpc::MaintenanceResponse>(last.response));
  Bytes whole;
  for (const Blob& chunk : call.chunks) whole += chunk.view();
  whole += snapshot.blob.view();
  snapshot.blob = Blob(whole);
}

}  // namespace

std::string line_of(const Command& command) {
  return std::visit(Overloaded{[](const GuestCommand& guest) { return to_text(guest); },
                               [](const auto& held) { return held.line; }},
                    command);
}

const std::string* new_watch_name(const Command& command) {
  if (const auto* watch = std::get_if<BeginWatch>(&command)) return &watch->name;
  if (const auto* poll = std::get_if<BeginPoll>(&command)) return &poll->name;
  if (const auto* program = std::get_if<BeginProgram>(&command)) return &program->name;
  return nullptr;
}

std::string_view to_text(TimerId::Kind kind) {
  switch (kind) {
    case TimerId::Kind::Program: return "program";
    case TimerId::Kind::Watch: return "watch";
    case TimerId::Kind::Call: return "call";
  }
  return "";
}

void Client::set_timer(TimerId id, std::optional<Nanos> due) {
  const Nanos* known = timers_.find(id);
  const std::optional<Nanos> was = known == nullptr ? std::nullopt : std::optional(*known);
  if (was == due) return;
  if (due) timers_.put(id, *due);
  if (!due) timers_.erase(id);
  errands_.timers.push_back({.id = id, .was = was, .is = due});
}

void Client::submit(Step& step, const Command& command) {
  std::visit([&](const auto& held) { begin(step, held); }, command);
}

void Client::begin(Step& step, const GuestCommand& command) {
  guests_.submit(step, no_, command);
}

void Client::begin(Step& step, const BeginCall& command) {
  Call call;
  call.line = command.line;
  call.request = command.request;
  call.fixed_via = command.via != 0;
  call.among = command.among;
  call.each = command.each;
  call.via = call.fixed_via ? command.via : call.among.empty() ? 1 : call.among.front();
  call.login = command.login;
  if (disarms_all(call.request)) {
    call.asides = {rpc::MaintenanceRequest(rpc::AlarmRequest{})};
  }
  open_call(step, std::move(call));
}

std::uint64_t Client::open_call(Step& step, Call call, bool for_ever) {
  const std::uint64_t number = next_call_++;
  call.invoked = step.now();
  call.deadline = for_ever ? kNever : step.now() + step.timing().call_timeout.value();
  call.logging_in = !call.login.name.empty() && call.token.empty();
  calls_.put(number, std::move(call));
  open_.put(number, true);
  errands_.opened.push_back(number);
  send_call(step, number);
  return number;
}

void Client::send_call(Step& step, std::uint64_t number) {
  Call& call = *calls_.edit(number);
  call.asked = step.now();
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
void Client::logged_in(Step& step, std::uint64_t number, const CallAnswer& answer) {
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
  if (call->watches_on == 0) return send_call(step, number);
  if (watches_.find(call->watches_on)->state == Watch::State::Leaving) {
    watches_.edit(call->watches_on)->state = Watch::State::Canceled;
  } else {
    open_watch(step, call->watches_on, call->token);
  }
  CallAnswer done = answer;
  done.error.reset();
  finish(step, number, std::move(done));
}

// Is there more to ask before the call is answered? True = the next question is the first aside, or the call again.
bool Client::goes_on(Call& call, const CallAnswer& answer) {
  if (enables_auth(call.request)) return goes_on_enabling(call, answer);
  return disarms_all(call.request) && goes_on_disarming(call, answer);
}

void Client::receive(Step& step, const Packet& packet) {
  if (!guests_.empty() && guests_.receive(step, packet, errands_.told)) return;
  const std::uint32_t from = packet.from.no;
  if (const auto* answer = std::get_if<CallAnswer>(&packet.payload)) {
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

void Client::on(Step& step, std::uint32_t from, const CallAnswer& answer) {
  const Call* call = calls_.find(answer.call);
  // An answer after the deadline, or of an endpoint given up, finds nobody waiting.
  if (call == nullptr || call->returned || call->via != from) return;
  if (timers_.contains(TimerId{TimerId::Kind::Call, answer.call})) return;
  if (tries_again(step, answer.call, answer)) return;
  if (call->logging_in) return logged_in(step, answer.call, answer);
  Call* open = calls_.edit(answer.call);
  if (answer.error && wants_new_token(*open, *answer.error)) {
    open->logging_in = true;
    return send_call(step, answer.call);
  }
  if (goes_on(*open, answer)) return send_call(step, answer.call);
  CallAnswer last = answer;
  join_chunks(*open, last);
  if (!open->alarms.empty()) {
    last.response = rpc::MaintenanceResponse(rpc::AlarmResponse{{}, open->alarms});
  }
  if (open->each) return take_part(step, answer.call, std::move(last));
  finish(step, answer.call, std::move(last));
}

// One endpoint's answer: on to the next one, if there is one.
void Client::take_part(Step& step, std::uint64_t number, CallAnswer answer) {
  Call& call = *calls_.edit(number);
  call.parts.push_back(
      {.via = call.via, .took = step.now() - call.asked.value(), .answer = answer});
  if (call.parts.size() >= call.among.size()) return finish(step, number, std::move(answer));
  call.via = call.among[call.parts.size()];
  call.logging_in = !call.login.name.empty();
  call.token.clear();
  send_call(step, number);
}

void Client::finish(Step& step, std::uint64_t number, CallAnswer answer) {
  Call* call = calls_.edit(number);
  check(call != nullptr, "the call is known");
  call->returned = step.now();
  if (step.noting()) {
    step.note(text("c{} has its answer to `{}`: {}", no_, call->line,
                   answer.error ? answer.error->detail : "ok"));
  }
  call->answer = std::move(answer);
  open_.erase(number);
  errands_.closed.push_back(number);
  set_timer({TimerId::Kind::Call, number}, std::nullopt);
  if (call->program == 0) return;
  Notice notice;
  notice.call = number;
  notice.answer = *call->answer;
  tell_program(step, call->program, notice);
}

void Client::on(Step& step, std::uint32_t from, const server::ConnectionReset& reset) {
  std::vector<std::uint64_t> lost;
  for (const auto& [number, open] : open_) {
    const Call* call = calls_.find(number);
    if (call != nullptr && call->via == from) lost.push_back(number);
  }
  for (const std::uint64_t number : lost) connection_lost(step, number, reset.refused);
  if (Connection* connection = connections_.edit(from); connection != nullptr && connection->open) {
    connection->open = false;
    connection->taken = 0;
    --new_traffic_.connections;
  }
  watches_lost(step, from, reset.refused);
  poll_connection_lost(step, from);
}

void Client::time_out(Step& step, std::uint64_t number) {
  CallAnswer answer{.call = number, .error = {}, .response = {}};
  answer.error = Error{Errc::Timeout, "context deadline exceeded"};
  const Call& call = *calls_.find(number);
  if (call.watches_on != 0) move_watch(step, call.watches_on);
  if (!call.each) return finish(step, number, std::move(answer));
  // The time of all is over: who has not been asked is not asked any more.
  Call& open = *calls_.edit(number);
  while (open.parts.size() < open.among.size()) {
    const Nanos took = step.now() - open.asked.value();
    open.parts.push_back({.via = open.among[open.parts.size()], .took = took, .answer = answer});
  }
  finish(step, number, std::move(answer));
}

void Client::wake(Step& step, TimerId timer) {
  set_timer(timer, std::nullopt);
  switch (timer.kind) {
    case TimerId::Kind::Call: return send_call(step, timer.no);
    case TimerId::Kind::Watch: return begin_watch(step, timer.no);
    case TimerId::Kind::Program: return tell_program(step, timer.no, Notice{});
  }
}

}  // namespace orrery::client
