// Traffic: what passes between the threads of a transport and the one thread that owns the world.
//   used by: grpc_server.h, live_world.h, tests    uses: proto
//   ideas:   values only, through mailboxes; no thread ever sees what another owns.
#pragma once

#include <condition_variable>
#include <cstdint>
#include <functional>
#include <mutex>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "base/result.h"
#include "base/strong.h"
#include "proto/rpc.h"

namespace orrery::door {

// A call or stream of the outside; made by the transport, never used twice.
using Ticket = std::uint64_t;

struct CallIn {
  Ticket ticket = 0;
  std::uint32_t member = 1;  // at whose endpoint
  rpc::Request request;
  std::string token;
  std::optional<Nanos> timeout;  // what the caller's deadline leaves
};

// Nobody waits for the answer any more.
struct CallGone {
  Ticket ticket = 0;
};

struct StreamIn {
  Ticket ticket = 0;
  std::uint32_t member = 1;
  std::string token;
};

struct StreamAsk {
  Ticket ticket = 0;
  rpc::WatchRequest request;
};

// The reader has taken a response.
struct StreamTaken {
  Ticket ticket = 0;
};

struct StreamGone {
  Ticket ticket = 0;
};

using Arrival = std::variant<CallIn, CallGone, StreamIn, StreamAsk, StreamTaken, StreamGone>;

struct CallOut {
  Ticket ticket = 0;
  std::optional<Error> error;  // set: `response` is meaningless
  rpc::Response response;
};

struct StreamOut {
  Ticket ticket = 0;
  rpc::WatchResponse response;
};

struct StreamEnd {
  Ticket ticket = 0;
  Error error;
};

using Departure = std::variant<CallOut, StreamOut, StreamEnd>;

// Many may put, one takes.
template <class T>
class Mailbox {
 public:
  void put(T letter) {
    {
      const std::lock_guard lock(mutex_);
      letters_.push_back(std::move(letter));
    }
    arrived_.notify_one();
  }

  // All that has come; waits for at most `patience` if there is nothing.
  std::vector<T> take(Nanos patience) {
    std::unique_lock lock(mutex_);
    arrived_.wait_for(lock, std::chrono::nanoseconds(patience.value()),
                      [this] { return !letters_.empty(); });
    return std::exchange(letters_, {});
  }

 private:
  std::mutex mutex_;
  std::condition_variable arrived_;
  std::vector<T> letters_;
};

}  // namespace orrery::door
