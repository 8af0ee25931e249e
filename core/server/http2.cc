#include "server/http2.h"

#include <utility>

#include "base/check.h"
#include "watch/fragment.h"

namespace orrery::server {

void Connection::open(std::uint64_t stream) {
  streams_.put(stream, OutStream{.window = settings_.window, .queue = {}});
}

void Connection::close(std::uint64_t stream) {
  streams_.erase(stream);
  waiting_.erase(stream);
}

bool Connection::has_room(std::uint64_t stream, const Guards& guards) const {
  const OutStream* out = streams_.find(stream);
  if (out == nullptr) return true;
  const std::uint64_t quota = std::min<std::uint64_t>(kWriteQuota, settings_.window);
  return guards(out->queued < quota, "the stream's write quota has room",
                {{"stream", stream}, {"queued", out->queued}, {"quota", quota}});
}

void Connection::write(std::uint64_t stream, rpc::WatchResponse response) {
  if (!streams_.contains(stream)) open(stream);
  OutStream& out = *streams_.edit(stream);
  const std::uint64_t bytes = kMessageHead + watch::wire_size(response);
  out.queue.push_back(OutMessage{.response = std::move(response), .bytes = bytes});
  out.queued += bytes;
  waiting_.put(stream, true);
}

// Round robin from behind the last one.
const std::uint64_t* Connection::next_stream(const Guards& guards) const {
  if (!guards(!waiting_.empty(), "a response waits to be sent")) return nullptr;
  if (!guards(window_ > 0, "the connection's window is open", {{"window", window_}}))
    return nullptr;
  auto it = waiting_.upper_bound(turn_);
  for (std::size_t i = 0; i < waiting_.size(); ++i, ++it) {
    if (it == waiting_.end()) it = waiting_.begin();
    const std::int64_t window = streams_.find(it->first)->window;
    if (guards(window > 0, "the stream's window is open",
               {{"stream", it->first}, {"window", window}})) {
      return &it->first;
    }
  }
  return nullptr;
}

Frame Connection::take_frame() {
  const std::uint64_t* next = next_stream(Guards());
  check(next != nullptr, "a frame can be sent");
  turn_ = *next;
  OutStream& out = *streams_.edit(turn_);
  OutMessage& message = out.queue.edit(0);
  const auto open = static_cast<std::uint64_t>(std::min(out.window, window_));
  Frame frame{
      .stream = turn_,
      .bytes = std::min({open, std::uint64_t{settings_.frame}, message.bytes - message.sent}),
      .response = {}};
  message.sent += frame.bytes;
  out.queued -= frame.bytes;
  out.window -= static_cast<std::int64_t>(frame.bytes);
  window_ -= static_cast<std::int64_t>(frame.bytes);
  ++out.frames;
  ++frames_;
  bytes_ += kFrameHead + frame.bytes;
  if (message.sent == message.bytes) {
    frame.response = std::move(message.response);
    out.queue.drop_front(1);
    if (out.queue.empty()) waiting_.erase(turn_);
  }
  return frame;
}

bool Connection::is_immediate(std::uint64_t stream) const {
  const OutStream* out = streams_.find(stream);
  if (waiting_.size() != 1 || out == nullptr || out->queue.size() != 1) return false;
  const OutMessage& message = out->queue.front();
  const auto bytes = static_cast<std::int64_t>(message.bytes);
  return message.sent == 0 && message.bytes <= settings_.frame && bytes <= out->window &&
         bytes <= window_;
}

void Connection::credit(std::uint64_t stream, std::uint64_t bytes) {
  if (stream == 0) {
    window_ += static_cast<std::int64_t>(bytes);
  } else if (OutStream* out = streams_.edit(stream)) {
    out->window += static_cast<std::int64_t>(bytes);
  }
}

}  // namespace orrery::server
