// GrpcWire: one connection of HTTP/2 with calls of gRPC on it.
//   used by: grpc_server.cc    uses: nghttp2, grpc_call.h
//   ideas:   bytes in, bytes out: nghttp2 knows frames, header compression and flow control; the calls are ours. What
//            a call has not taken yet is not credited to its sender, so nobody fills our memory.
//   limits:  concurrent streams; a client's pings, as grpc-go counts them.
//   from: gRPC over HTTP2; grpc-go internal/transport/http2_server.go (handlePing, keepalive); facts C.10
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "door/grpc_call.h"

struct nghttp2_session;

namespace orrery::door {

class GrpcWire {
 public:
  // Of a connection: whose endpoint it came to, its number, and whom its certificate names.
  GrpcWire(GrpcHouse& house, std::uint32_t member, std::uint64_t number, std::string user);
  ~GrpcWire();
  GrpcWire(const GrpcWire&) = delete;
  GrpcWire& operator=(const GrpcWire&) = delete;

  std::uint32_t member() const { return member_; }

  // False = what came is no HTTP/2: the connection is to be closed.
  bool receive(std::string_view bytes, HostTime now);
  // A call of this connection has something to say.
  void settle(std::int32_t stream);
  // The next bytes to be sent, empty = nothing now. Valid until the next call.
  std::string_view next_bytes();
  // Both sides have said all.
  bool is_over() const;
  // True = the other side has been silent for too long.
  bool has_died(HostTime now);
  // Streams whose callers asked for a leader end.
  void end_leaderless();
  // Nothing new is let in.
  void say_goodbye();

 private:
  struct Stream {
    std::unique_ptr<GrpcCall> call;
    std::size_t uncredited = 0;  // bytes that have come while the call read no further
    bool answering = false;      // the response has begun
    bool asleep = false;         // it waits for more to be said
  };
  friend struct WireCallbacks;

  void on_data(std::int32_t number, std::string_view bytes);
  void on_ping(HostTime now);
  void credit(std::int32_t number, Stream& stream, std::size_t bytes);
  void answer(std::int32_t number, Stream& stream);
  void refuse(std::int32_t number, const std::string& http_status);
  void end_at_once(std::int32_t number, const GrpcStatus& status);
  void touch(std::int32_t number) { touched_.push_back(number); }
  void settle_touched();

  GrpcHouse* house_;
  std::uint32_t member_;
  std::uint64_t number_;
  std::string user_;
  nghttp2_session* session_ = nullptr;
  std::map<std::int32_t, Stream> streams_;
  std::vector<std::int32_t> touched_;  // streams that something has happened to
  HostTime now_;                       // of what is being received
  HostTime heard_;                     // when the last bytes came
  std::optional<HostTime> asked_whether_alive_;
  HostTime last_ping_;
  int ping_strikes_ = 0;
  bool has_answered_ = false;  // since the last ping
  bool is_leaving_ = false;    // closed as soon as all is sent
};

}  // namespace orrery::door
