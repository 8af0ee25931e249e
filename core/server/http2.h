// Http2: how the responses of a client's watch streams leave a member: one connection, frames, windows, credit.
//   used by: stream lanes (write), the transport lane (frames), client (gives credit), the Frames view
//   ideas:   a response is cut into DATA frames. Each stream and the connection have a window: the bytes that the
//            receiver has promised to take. A frame uses it up; credit from the receiver opens it again. Streams with
//            something to send and an open window take turns, frame by frame, so a slow one holds up nobody else.
//            Behind a closed window responses queue up to a quota; then the send loop waits, the event channel fills,
//            and at last a watcher becomes a victim.
//   invariant: queued = bytes of the stream's messages that have not been sent.
//   units:   bytes; a frame's head (9) is not counted by windows.
//   from: RFC 9113, 5.2 and 6.9; grpc-go internal/transport controlbuf.go (loopyWriter), flowcontrol.go (writeQuota)
//   differs: the quota is the initial window, at most 64 KiB: small windows, as labs set them, are felt at once. Unary
//            calls and requests to the server are not framed, they are small.
#pragma once

#include <algorithm>
#include <cstdint>
#include <optional>

#include "base/guards.h"
#include "base/ordered_map.h"
#include "base/sequence.h"
#include "proto/rpc.h"

namespace orrery::server {

inline constexpr std::uint64_t kFrameHead = 9;    // HTTP/2
inline constexpr std::uint64_t kMessageHead = 5;  // gRPC: compressed flag and length
inline constexpr std::int64_t kConnectionWindow = 65'535;
inline constexpr std::uint64_t kWriteQuota = 65'536;

// What the receiver asked for when the connection was opened.
struct Http2Settings {
  std::uint32_t window = 65'535;  // of each stream, at its beginning
  std::uint32_t frame = 16'384;   // the largest DATA frame

  template <class F>
  void fields(F&& f) const {
    f("window", window), f("frame", frame);
  }
  friend bool operator==(const Http2Settings&, const Http2Settings&) = default;
};

// A response on its way out.
struct OutMessage {
  rpc::WatchResponse response;
  std::uint64_t bytes = 0;  // with gRPC's head
  std::uint64_t sent = 0;

  template <class F>
  void fields(F&& f) const {
    f("response", response), f("bytes", bytes), f("sent", sent);
  }
  friend bool operator==(const OutMessage&, const OutMessage&) = default;
};

struct OutStream {
  std::int64_t window = 0;
  Sequence<OutMessage> queue;
  std::uint64_t queued = 0;
  std::uint64_t frames = 0;  // sent so far

  template <class F>
  void fields(F&& f) const {
    f("window", window), f("queue", queue), f("queued", queued), f("frames", frames);
  }
  friend bool operator==(const OutStream&, const OutStream&) = default;
};

// One DATA frame. The last one of a message carries the response, so that nobody has to put bytes together.
struct Frame {
  std::uint64_t stream = 0;  // the client's number
  std::uint64_t bytes = 0;
  std::optional<rpc::WatchResponse> response;
};

class Connection {
 public:
  Connection() = default;

  explicit Connection(Http2Settings settings) : settings_(settings) {}

  const Http2Settings& settings() const { return settings_; }

  std::int64_t window() const { return window_; }

  // By the client's number.
  const OrderedMap<std::uint64_t, OutStream>& streams() const { return streams_; }

  void open(std::uint64_t stream);
  // What was to be sent on it is dropped.
  void close(std::uint64_t stream);

  // May the send loop hand over another response of the stream?
  bool has_room(std::uint64_t stream, const Guards& guards) const;
  void write(std::uint64_t stream, rpc::WatchResponse response);

  // Is there a frame to be sent: a stream with bytes left and a window?
  bool has_frame(const Guards& guards) const { return next_stream(guards) != nullptr; }

  // Of the stream whose turn it is. requires: has_frame
  Frame take_frame();

  // Nothing waits but this one message of at most a frame, and the windows take it: it goes out without a wait.
  bool is_immediate(std::uint64_t stream) const;

  // stream 0 = the connection's own window.
  void credit(std::uint64_t stream, std::uint64_t bytes);

  std::uint64_t frames() const { return frames_; }

  std::uint64_t bytes() const { return bytes_; }

  template <class F>
  void fields(F&& f) const {
    f("settings", settings_), f("window", window_), f("streams", streams_), f("turn", turn_);
    f("waiting", waiting_), f("frames", frames_), f("bytes", bytes_);
  }
  friend bool operator==(const Connection&, const Connection&) = default;

 private:
  const std::uint64_t* next_stream(const Guards& guards) const;

  Http2Settings settings_;
  std::int64_t window_ = kConnectionWindow;
  OrderedMap<std::uint64_t, OutStream> streams_;
  OrderedMap<std::uint64_t, bool> waiting_;  // streams with bytes left
  std::uint64_t turn_ = 0;                   // the stream that sent last
  std::uint64_t frames_ = 0;                 // sent so far, DATA only
  std::uint64_t bytes_ = 0;                  // of them, with their heads
};

}  // namespace orrery::server
