// GrpcCall: one call at a member's endpoint, without the wire below it: what its bytes ask for, and what goes back.
//   used by: grpc_wire.h    uses: proto/methods.h, reflection.h, traffic.h
//   ideas:   a generic service: every method is bytes in and bytes out, read and written by our own codecs. What is
//            asked goes into the mailbox; answers come back through give(), and wait until the wire takes them.
//   limits:  the size of a request; a call whose last request is not answered yet reads no further.
//   from: etcd server/etcdserver/api/v3rpc/grpc.go; gRPC over HTTP2 (messages of five bytes and a body); facts B.0
#pragma once

#include <chrono>
#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>

#include "door/grpc_status.h"
#include "door/pages.h"
#include "door/traffic.h"

namespace orrery::door {

using HostTime = std::chrono::steady_clock::time_point;

struct GrpcOptions {
  std::size_t max_request_bytes = std::size_t{3} * 512 * 1024;
  bool knows_newer_methods = true;  // what 3.5 has brought: AuthStatus, Downgrade
  std::uint32_t max_concurrent_streams = 0xffff'ffffU;  // of one connection
  std::chrono::nanoseconds keepalive_min_time =
      std::chrono::seconds(5);                                          // between a client's pings
  std::chrono::nanoseconds keepalive_interval = std::chrono::hours(2);  // of silence before ours
  std::chrono::nanoseconds keepalive_timeout = std::chrono::seconds(20);  // for the answer to it
};

class GrpcCall;

// What the calls of one server share. Whoever touches it holds the server's mutex.
struct GrpcHouse {
  GrpcOptions options;
  Mailbox<Letter>* to = nullptr;
  std::map<Ticket, GrpcCall*> waiting;
  std::set<std::pair<HostTime, GrpcCall*>> deadlines;
  std::map<std::uint32_t, Tally> tallies;  // by member; nothing of leaders
};

class GrpcCall {
 public:
  // Where it has come in.
  struct Place {
    std::uint32_t member = 1;
    std::uint64_t connection = 0;
    std::int32_t stream = 0;
    std::string user = {};  // whom the connection's certificate names
  };

  GrpcCall(GrpcHouse& house, Place place) : house_(&house), place_(std::move(place)) {}
  // Whoever waited waits no more, and the world is told so.
  ~GrpcCall();
  GrpcCall(const GrpcCall&) = delete;
  GrpcCall& operator=(const GrpcCall&) = delete;

  const Place& place() const { return place_; }

  // -- what comes in

  // A header's; those that mean nothing here are passed over.
  void header(std::string_view name, std::string_view value);
  // All headers have come.
  void begin(HostTime now);
  void bytes(std::string_view more);
  void end_of_requests();
  // Requests that have come and could not be read yet: to be called when something has gone out.
  void read_on();

  void give(const Departure& departure);
  // What waits to go out is dropped.
  void finish(GrpcStatus status);
  void end_leaderless();
  // Its deadline is over. Who wrote is told "request timed out", as by etcd: "deadline exceeded" from another makes
  // clientv3 try once more while its own clock has not come so far, and the write happens twice.
  void end_late();
  bool wants_leader() const { return caller_.needs_leader && is_stream(); }
  // Does it take more bytes now? Not before what was asked is answered, and the answer taken.
  bool reads() const { return finished_ || is_watch() || (ticket_ == 0 && queue_.empty()); }

  // -- what goes out

  // Answered before there was a call: "405", "415"; empty = it is a call.
  const std::string& http_status() const { return http_status_; }
  bool has_bytes() const { return !queue_.empty(); }
  // Copies what is next, with the heads of messages; how much that was.
  std::size_t take(std::uint8_t* to, std::size_t most);
  // How it ended; null = there is more to come.
  const GrpcStatus* ending() const { return queue_.empty() && last_ ? &*last_ : nullptr; }

 private:
  bool is(rpc::Shape shape) const { return method_ != nullptr && method_->shape == shape; }
  bool is_reflection() const { return house_method_ == HouseMethod::Reflect; }
  bool is_watch() const { return is(rpc::Shape::Watch); }
  bool is_stream() const {
    return house_method_ ? *house_method_ == HouseMethod::Observe : !is(rpc::Shape::Unary);
  }

  bool refuse_head();
  void name_caller();
  void set_deadline(HostTime now);
  void forget_deadline();
  bool is_too_large(std::size_t size);
  void on_message(BytesView bytes);
  void on_request(BytesView bytes);
  void on_house_request(BytesView bytes);
  void on_watch_request(BytesView bytes);
  void tell_health(const HouseRequest& request);
  void on_reflection_request(BytesView bytes);
  void wait_for_answer();
  void push(const Bytes& message);
  void end_with(GrpcStatus status);
  void count_taken(std::size_t bytes);
  void leave();

  GrpcHouse* house_;
  Place place_;
  // Headers.
  std::string verb_;
  std::string path_;
  std::string content_type_;
  std::string encoding_;
  std::string timeout_;
  std::string bearer_;
  std::size_t header_bytes_ = 0;
  // What is called.
  const rpc::Method* method_ = nullptr;
  std::optional<HouseMethod> house_method_;  // instead of a method of etcdserverpb's
  Caller caller_;
  Ticket ticket_ = 0;  // 0 = nothing is asked
  std::string incoming_;
  bool half_closed_ = false;
  std::optional<HostTime> deadline_;
  // What goes out.
  std::string http_status_;
  std::deque<Bytes> queue_;
  std::size_t front_at_ = 0;  // bytes of the first that are taken
  std::uint64_t taken_ = 0;   // bytes taken and not yet reported
  bool finished_ = false;
  std::optional<GrpcStatus> last_;  // to be said once the queue is empty
};

}  // namespace orrery::door
