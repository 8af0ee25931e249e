// A client's watch streams: requests, frames, credit.
// from: grpc-go internal/transport flowcontrol.go (inFlow, trInFlow): credit once a quarter of the window is read
#include "base/check.h"
#include "base/text.h"
#include "client/client.h"
#include "proto/rpc_codec.h"
#include "server/http2.h"

namespace orrery::client {

using server::Channel;
using server::Packet;
using server::Step;

namespace {

// A WINDOW_UPDATE frame.
constexpr std::uint64_t kUpdateBytes = 13;

}  // namespace

std::string_view to_text(Watch::State state) {
  switch (state) {
    case Watch::State::Opening: return "opening";
    case Watch::State::Open: return "open";
    case Watch::State::Canceled: return "canceled";
    case Watch::State::Broken: return "broken";
  }
  return "";
}

Traffic& Traffic::operator+=(const Traffic& other) {
  connections += other.connections;
  opened += other.opened;
  requests += other.requests;
  bytes_sent += other.bytes_sent;
  bytes_received += other.bytes_received;
  events += other.events;
  lost += other.lost;
  return *this;
}

const Watch* Client::find_watch(std::string_view name) const {
  for (const auto& [stream, watch] : watches_) {
    if (watch.name == name) return &watch;
  }
  return nullptr;
}

void Client::send_watch_call(Step& step, const Watch& watch, server::WatchCall call) {
  if (!connections_.contains(watch.via)) {
    connections_.put(watch.via, 0);
    ++new_traffic_.connections;
    ++new_traffic_.opened;
  }
  ++new_traffic_.requests;
  new_traffic_.bytes_sent +=
      server::kFrameHead + server::kMessageHead + rpc::encode(call.request).size();
  step.send(Packet{server::client_address(no_), server::member_address(watch.via), Channel::Calls,
                   std::move(call)});
}

void Client::open_watch(Step& step, std::uint64_t stream, const std::string& token) {
  const Watch& watch = *watches_.find(stream);
  send_watch_call(step, watch,
                  {.stream = stream,
                   .request = watch.request,
                   .token = token,
                   .window = watch.window,
                   .frame = watch.frame});
}

void Client::begin(Step& step, const BeginWatch& command) {
  const std::uint64_t stream = next_stream_++;
  Watch watch;
  watch.line = command.line;
  watch.name = command.name;
  watch.via = command.via == 0 ? 1 : command.via;
  watch.request = command.request;
  if (command.window != 0) watch.window = command.window;
  // The window was agreed on when the connection was opened.
  for (const auto& [other, open] : watches_) {
    if (open.via == watch.via && open.state != Watch::State::Broken) watch.window = open.window;
  }
  watch.frame = command.frame;
  watches_.put(stream, std::move(watch));
  if (command.login.name.empty()) return open_watch(step, stream, {});
  log_in_for_watch(step, stream, command);
}

// A call of its own fetches the token first.
void Client::log_in_for_watch(Step& step, std::uint64_t stream, const BeginWatch& command) {
  const std::uint64_t number = next_call_++;
  Call call;
  call.line = command.line;
  call.request = rpc::AuthRequest(rpc::AuthenticateRequest{command.login.name, {}});
  call.login = command.login;
  call.logging_in = true;
  call.watches_on = stream;
  call.via = command.via == 0 ? 1 : command.via;
  call.fixed_via = true;
  call.invoked = step.now();
  call.deadline = step.now() + step.timing().call_timeout.value();
  send_call(step, number, call);
  calls_.put(number, std::move(call));
  open_.put(number, true);
}

void Client::begin(Step& step, const CancelWatch& command) {
  close_poll(step, command.name);
  for (const auto& [stream, watch] : watches_) {
    if (watch.name != command.name || watch.state != Watch::State::Open) continue;
    const rpc::WatchCancelRequest cancel{.watch_id = watch.watch_id};
    send_watch_call(step, watch, {.stream = stream, .request = cancel, .token = {}});
  }
}

void Client::begin(Step& step, const AskProgress& command) {
  for (const auto& [stream, watch] : watches_) {
    if (watch.name != command.name || watch.state != Watch::State::Open) continue;
    send_watch_call(step, watch,
                    {.stream = stream, .request = rpc::WatchProgressRequest{}, .token = {}});
  }
}

void Client::begin(Step& step, const PauseWatch& command) {
  for (const auto& [number, known] : watches_) {
    if (known.name != command.name || known.paused == command.paused) continue;
    const std::uint64_t stream = number;
    Watch& watch = *watches_.edit(stream);
    watch.paused = command.paused;
    if (watch.paused) return;
    for (const rpc::WatchResponse& response : watch.unread) read_response(step, watch, response);
    watch.unread.clear();
    watch.read_bytes += std::exchange(watch.held_bytes, 0);
    give_credit(step, stream, watch);
    return;
  }
}

void Client::take_bytes(Step& step, std::uint64_t stream, Watch& watch, std::uint64_t bytes) {
  new_traffic_.bytes_received += server::kFrameHead + bytes;
  std::uint64_t& taken = connections_.at_or_new(watch.via);
  taken += bytes;
  if (taken >= static_cast<std::uint64_t>(server::kConnectionWindow) / 4) {
    new_traffic_.bytes_sent += kUpdateBytes;
    step.send(Packet{server::client_address(no_), server::member_address(watch.via), Channel::Calls,
                     server::WindowUpdate{.stream = 0, .bytes = std::exchange(taken, 0)}});
  }
  (watch.paused ? watch.held_bytes : watch.read_bytes) += bytes;
  give_credit(step, stream, watch);
}

void Client::give_credit(Step& step, std::uint64_t stream, Watch& watch) {
  if (watch.read_bytes == 0 || watch.read_bytes < watch.window / 4) return;
  new_traffic_.bytes_sent += kUpdateBytes;
  step.send(
      Packet{server::client_address(no_), server::member_address(watch.via), Channel::Calls,
             server::WindowUpdate{.stream = stream, .bytes = std::exchange(watch.read_bytes, 0)}});
}

void Client::on(Step& step, std::uint32_t from, const server::DataFrame& frame) {
  Watch* watch = watches_.edit(frame.stream);
  if (watch == nullptr || watch->via != from) return;
  take_bytes(step, frame.stream, *watch, frame.bytes);
}

void Client::on(Step& step, std::uint32_t from, const server::WatchAnswer& answer) {
  Watch* watch = watches_.edit(answer.stream);
  if (watch == nullptr || watch->via != from) return;
  if (watch->paused) {
    watch->unread.push_back(answer.response);
  } else {
    read_response(step, *watch, answer.response);
  }
  take_bytes(step, answer.stream, *watch, answer.bytes);
}

void Client::read_response(Step& step, Watch& watch, const rpc::WatchResponse& response) {
  if (response.created) {
    watch.state = Watch::State::Open;
    watch.watch_id = response.watch_id;
  }
  if (response.canceled) watch.state = Watch::State::Canceled;
  if (response.compact_revision > 0) {
    std::int64_t wanted = watch.request.start_revision;
    for (const rpc::WatchResponse& before : watch.responses) {
      if (!before.events.empty()) wanted = before.events.back().kv.mod_revision + 1;
    }
    new_traffic_.lost += static_cast<std::uint64_t>(response.compact_revision - wanted);
  }
  watch.events += response.events.size();
  new_traffic_.events += response.events.size();
  if (step.noting()) {
    step.note(
        text("{} receives {}", watch.name,
             response.created ? "its creation" : text("{} event(s)", response.events.size())));
  }
  watch.responses.push_back(response);
}

}  // namespace orrery::client
