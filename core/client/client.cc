#include "client/client.h"

#include <utility>

#include "base/check.h"
#include "base/text.h"

namespace orrery::client {
namespace {

using server::Channel;
using server::Packet;
using server::Step;

bool is_read(const rpc::Request& request) {
  return std::holds_alternative<rpc::RangeRequest>(request);
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
  send_call(step, number, call);
  calls_.put(number, std::move(call));
  open_.put(number, true);
}

void Client::send_call(Step& step, std::uint64_t number, const Call& call) const {
  step.send(Packet{server::client_address(no_), server::member_address(call.via), Channel::Calls,
                   server::CallRequest{.call = number, .request = call.request}});
}

void Client::receive(Step& step, const Packet& packet) {
  const std::uint32_t from = packet.from.no;
  if (const auto* answer = std::get_if<server::CallAnswer>(&packet.payload)) {
    on(step, from, *answer);
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
  finish(step, answer.call, answer);
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
