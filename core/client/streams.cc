// A client's watches: their streams, what they are told, how they resume.
// from: etcd clientv3/watch.go (newWatchClient, serveSubstream: nextRev; openWatchClient), facts D.14
// differs: creations on one stream are asked for at once, not each after the answer to the one before; a progress
//          that was asked for is told to the first open watch of the stream, not to all.
#include <algorithm>
#include <utility>

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

// Until endpoints that have all refused are tried again.
constexpr Nanos kRedial = millis(500);

// The id of a watch whose creation has not arrived.
constexpr std::int64_t kNoId = -1;

bool awaits_creation(const Watch& watch) {
  switch (watch.state) {
    case Watch::State::Opening:
    case Watch::State::Resuming: return true;
    case Watch::State::Leaving: return watch.watch_id == kNoId;
    case Watch::State::Open:
    case Watch::State::Canceled: return false;
  }
  return false;
}

}  // namespace

std::string_view to_text(Watch::State state) {
  switch (state) {
    case Watch::State::Opening: return "opening";
    case Watch::State::Open: return "open";
    case Watch::State::Canceled: return "canceled";
    case Watch::State::Resuming: return "resuming";
    case Watch::State::Leaving: return "leaving";
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
  const std::uint64_t* number = named_.find(name);
  return number == nullptr ? nullptr : watches_.find(*number);
}

std::vector<std::uint64_t> Client::watches_on(std::uint64_t stream) const {
  std::vector<std::uint64_t> out;
  auto at = on_streams_.lower_bound(std::pair(stream, std::uint64_t{0}));
  for (; at != on_streams_.end() && at->first.first == stream; ++at) {
    out.push_back(at->first.second);
  }
  return out;
}

const Watch* Client::watch_on(std::uint64_t stream) const {
  const std::vector<std::uint64_t> all = watches_on(stream);
  return all.empty() ? nullptr : watches_.find(all.front());
}

// Nothing is asked for on it yet.
void Client::put_on_stream(std::uint64_t number, Watch& watch, std::uint64_t stream) {
  on_streams_.erase(std::pair(watch.stream, number));
  on_streams_.put(std::pair(stream, number), true);
  watch.stream = stream;
  watch.asked = 0;
  watch.watch_id = kNoId;
}

void Client::send_watch_call(Step& step, const Watch& watch, server::WatchCall call) {
  Connection& connection = connections_.at_or_new(watch.via);
  if (!connection.open) {
    connection.open = true;
    connection.window = watch.window;
    connection.frame = watch.frame;
    connection.least_window = std::min(connection.least_window, watch.window);
    ++new_traffic_.connections;
    ++new_traffic_.opened;
  }
  call.window = connection.window;
  call.frame = connection.frame;
  ++new_traffic_.requests;
  new_traffic_.bytes_sent +=
      server::kFrameHead + server::kMessageHead + rpc::encode(call.request).size();
  step.send(Packet{server::client_address(no_), server::member_address(watch.via), Channel::Calls,
                   std::move(call)});
}

// A watch that resumes asks for what it has not seen.
void Client::open_watch(Step& step, std::uint64_t number, const std::string& token) {
  Watch& watch = *watches_.edit(number);
  watch.asked = ++asked_;
  rpc::WatchCreateRequest request = watch.request;
  if (watch.next_revision != 0) request.start_revision = watch.next_revision;
  send_watch_call(step, watch,
                  {.stream = watch.stream, .request = std::move(request), .token = token});
}

void Client::begin(Step& step, const BeginWatch& command) {
  Watch watch;
  watch.line = command.line;
  watch.name = command.name;
  watch.fixed_via = command.via != 0;
  watch.via = command.via == 0 ? 1 : command.via;
  watch.request = command.request;
  watch.login = command.login;
  if (command.window != 0) watch.window = command.window;
  watch.frame = command.frame;
  if (const Watch* shared = find_watch(command.shares)) {
    watch.stream = shared->stream;
    watch.via = shared->via;
  }
  add_watch(step, std::move(watch));
}

std::uint64_t Client::add_watch(Step& step, Watch watch) {
  const std::uint64_t number = next_stream_++;
  if (!watch.name.empty() && !named_.contains(watch.name)) named_.put(watch.name, number);
  put_on_stream(number, watch, watch.stream == 0 ? number : watch.stream);
  watches_.put(number, std::move(watch));
  begin_watch(step, number);
  return number;
}

void Client::begin_watch(Step& step, std::uint64_t number) {
  if (watches_.find(number)->login.name.empty()) return open_watch(step, number, {});
  log_in_for_watch(step, number);
}

// A call of its own fetches the token first.
void Client::log_in_for_watch(Step& step, std::uint64_t number) {
  const Watch& watch = *watches_.find(number);
  Call call;
  call.line = watch.line;
  call.request = rpc::AuthRequest(rpc::AuthenticateRequest{watch.login.name, {}});
  call.login = watch.login;
  call.watches_on = number;
  call.via = watch.via;
  call.fixed_via = true;
  open_call(step, std::move(call));
}

// Its endpoint accepts connections and answers no login, as a member does that lost the others: on to the next one.
void Client::move_watch(Step& step, std::uint64_t number) {
  Watch& watch = *watches_.edit(number);
  if (watch.state == Watch::State::Leaving) {
    watch.state = Watch::State::Canceled;
    return;
  }
  if (!watch.fixed_via) {
    watch.via = endpoint_after({}, watch.via);
    put_on_stream(number, watch, next_stream_++);
  }
  const TimerId again{TimerId::Kind::Watch, number};
  if (!timers_.contains(again)) set_timer(again, step.now());
}

// A creation that is under way cannot be taken back: the watch is canceled as soon as its id is known.
void Client::cancel_watch(Step& step, std::uint64_t number) {
  Watch& watch = *watches_.edit(number);
  const TimerId again{TimerId::Kind::Watch, number};
  const bool rests = timers_.contains(again);
  set_timer(again, std::nullopt);
  if (awaits_creation(watch)) {
    watch.state = rests ? Watch::State::Canceled : Watch::State::Leaving;
    if (watch.paused) set_paused(step, number, false);
  }
  if (watch.state != Watch::State::Open) return;
  watch.canceling = true;
  send_cancel(step, watch);
}

void Client::send_cancel(Step& step, const Watch& watch) {
  const rpc::WatchCancelRequest cancel{.watch_id = watch.watch_id};
  send_watch_call(step, watch, {.stream = watch.stream, .request = cancel, .token = {}});
}

void Client::begin(Step& step, const CancelWatch& command) {
  close_poll(step, command.name);
  stop_program(step, command.name);
  if (const std::uint64_t* number = named_.find(command.name)) cancel_watch(step, *number);
}

void Client::begin(Step& step, const AskProgress& command) {
  const Watch* watch = find_watch(command.name);
  if (watch == nullptr || watch->state != Watch::State::Open) return;
  send_watch_call(step, *watch,
                  {.stream = watch->stream, .request = rpc::WatchProgressRequest{}, .token = {}});
}

void Client::begin(Step& step, const PauseWatch& command) {
  pause_program(step, command.name, command.paused);
  const std::uint64_t* number = named_.find(command.name);
  if (number == nullptr || watches_.find(*number)->paused == command.paused) return;
  set_paused(step, *number, command.paused);
}

void Client::set_paused(Step& step, std::uint64_t number, bool paused) {
  Watch& watch = *watches_.edit(number);
  watch.paused = paused;
  if (paused) return;
  const Sequence<rpc::WatchResponse> unread = watch.unread;
  watch.unread.clear();
  watch.read_bytes += std::exchange(watch.held_bytes, 0);
  give_credit(step, watch);
  for (const rpc::WatchResponse& response : unread) read_response(step, number, response);
}

// Watches that share a stream are told apart by the server's ids; a creation is of the one that was asked for first.
// What concerns the stream as a whole (a progress asked for, id -1) goes to the first that is open. 0 = to nobody.
std::uint64_t Client::watch_for(std::uint32_t from, const server::WatchAnswer& answer) const {
  const rpc::WatchResponse& response = answer.response;
  std::uint64_t first_open = 0;
  std::uint64_t first_asked = 0;
  for (const std::uint64_t number : watches_on(answer.stream)) {
    const Watch& watch = *watches_.find(number);
    // A member that came back gives ids anew.
    if (watch.via != from || watch.state == Watch::State::Canceled) continue;
    if (!response.created && response.watch_id != kNoId && watch.watch_id == response.watch_id) {
      return number;
    }
    if (first_open == 0 && watch.state == Watch::State::Open) first_open = number;
    if (watch.asked == 0) continue;
    if (first_asked == 0 || watch.asked < watches_.find(first_asked)->asked) first_asked = number;
  }
  if (response.created) return first_asked;
  return response.watch_id == kNoId ? first_open : 0;
}

void Client::on(Step& step, std::uint32_t from, const server::WatchAnswer& answer) {
  const std::uint64_t number = watch_for(from, answer);
  if (number == 0) return on(step, from, server::DataFrame{answer.stream, answer.bytes});
  Watch& watch = *watches_.edit(number);
  take_bytes(step, watch, answer.bytes);
  watch.attempts = 1;
  // Of what comes next the stream knows whose it is, whether somebody reads it or not.
  if (answer.response.created) {
    watch.asked = 0;
    watch.watch_id = answer.response.watch_id;
  }
  if (watch.paused) {
    watch.unread.push_back(answer.response);
  } else {
    read_response(step, number, answer.response);
  }
}

namespace {

// From where the watch would go on: behind its last event; a creation without a revision begins at the header's.
void advance_past(Watch& watch, const rpc::WatchResponse& response) {
  if (response.canceled) return;
  if (!response.events.empty()) {
    watch.next_revision = response.events.back().kv.mod_revision + 1;
  } else if (response.created) {
    if (watch.next_revision != 0) return;
    const std::int64_t asked = watch.request.start_revision;
    watch.next_revision = asked != 0 ? asked : response.header.revision;
  } else {
    watch.next_revision = std::max(watch.next_revision, response.header.revision + 1);
  }
}

}  // namespace

// Nobody reads it any more.
void Client::leave(Step& step, Watch& watch, const rpc::WatchResponse& response) {
  if (response.canceled) watch.state = Watch::State::Canceled;
  if (!response.created || response.canceled) return;
  watch.watch_id = response.watch_id;
  send_cancel(step, watch);
}

void Client::read_response(Step& step, std::uint64_t number, const rpc::WatchResponse& response) {
  Watch& watch = *watches_.edit(number);
  if (watch.state == Watch::State::Leaving) return leave(step, watch, response);
  const bool resumes = response.created && watch.state == Watch::State::Resuming;
  const std::int64_t wanted =
      watch.next_revision != 0 ? watch.next_revision : watch.request.start_revision;
  if (response.created) {
    watch.state = Watch::State::Open;
    watch.watch_id = response.watch_id;
  }
  advance_past(watch, response);
  if (response.canceled) watch.state = Watch::State::Canceled;
  if (response.compact_revision > 0) {
    new_traffic_.lost += static_cast<std::uint64_t>(response.compact_revision - wanted);
  }
  watch.events += response.events.size();
  new_traffic_.events += response.events.size();
  if (step.noting()) {
    const std::string what = resumes ? text("resumes at n{}", watch.via)
                             : response.created
                                 ? "receives its creation"
                                 : text("receives {} event(s)", response.events.size());
    step.note(text("{} {}", watch.name.empty() ? watch.line : watch.name, what));
  }
  // Whoever reads the watch is not told that it had to be created anew.
  if (!resumes || response.canceled) watch.responses.push_back(response);
  if (watch.program == 0 || resumes) return;
  Notice notice;
  notice.watch = number;
  notice.response = response;
  tell_program(step, watch.program, notice);
}

// They resume at the next endpoint: at once if it has not been tried yet, otherwise after a while.
void Client::watches_lost(Step& step, std::uint32_t from, bool refused) {
  std::vector<std::uint64_t> lost;
  for (const auto& [number, watch] : watches_) {
    const bool live = watch.state != Watch::State::Canceled;
    if (live && watch.via == from) lost.push_back(number);
  }
  std::erase_if(lost, [&](std::uint64_t number) { return watches_anew(step, number); });
  // On streams of their own: what the lost ones were asked may still be answered.
  OrderedMap<std::uint64_t, std::uint64_t> streams;
  for (const std::uint64_t number : lost) {
    Watch& watch = *watches_.edit(number);
    // What stood in the connection's buffers is lost with it, and asked for again.
    watch.unread.clear();
    std::uint64_t& stream = streams.at_or_new(watch.stream);
    if (stream == 0) stream = next_stream_++;
    put_on_stream(number, watch, stream);
    if (watch.state == Watch::State::Leaving || watch.canceling) {
      watch.state = Watch::State::Canceled;
      continue;
    }
    if (watch.state == Watch::State::Open) ++watch.resumed;
    if (watch.state == Watch::State::Open || watch.next_revision != 0) {
      watch.state = Watch::State::Resuming;
    }
    watch.read_bytes = 0, watch.held_bytes = 0;
    try_elsewhere(step, number, refused);
  }
}

void Client::try_elsewhere(Step& step, std::uint64_t number, bool refused) {
  Watch& watch = *watches_.edit(number);
  const bool waits = watch.fixed_via || watch.attempts >= endpoints_;
  ++watch.attempts;
  if (!watch.fixed_via) watch.via = endpoint_after({}, watch.via);
  if (step.guards()(!waits, "there is an endpoint that has not been tried",
                    {{"tried", watch.attempts - 1}, {"refused", refused ? 1 : 0}})) {
    begin_watch(step, number);
  } else {
    set_timer({TimerId::Kind::Watch, number}, step.now() + kRedial.value());
  }
}

}  // namespace orrery::client
