// Traffic: what passes between the threads of a transport and the one thread that owns the world.
//   used by: grpc_call.h, front_door.h, live_world.h, tests    uses: client (Told), proto
//   ideas:   values only, through mailboxes; no thread ever sees what another owns.
#pragma once

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <functional>
#include <mutex>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "base/strong.h"
#include "client/guests.h"
#include "door/small_messages.h"
#include "proto/rpc.h"

namespace orrery::door {

using client::Ticket;

// Where a caller stands: at which member's endpoint, on which connection, and as whom.
struct Caller {
  std::uint32_t member = 1;
  std::string peer = {};      // the transport's name for the connection
  std::string token = {};     // of an earlier Authenticate; empty = none
  bool needs_leader = false;  // to be refused while the member knows no leader
};

struct Asked {
  Ticket ticket = 0;
  Caller caller;
  rpc::Request request;
};

// On a watch stream; the first opens it.
struct WatchAsked {
  Ticket ticket = 0;
  Caller caller;
  rpc::WatchRequest request;
};

// The other side has taken so many bytes of a stream's responses.
struct TakenIn {
  Ticket ticket = 0;
  std::uint64_t bytes = 0;
};

// Nobody waits for the ticket any more.
struct Gone {
  Ticket ticket = 0;
};

using Arrival = std::variant<Asked, WatchAsked, TakenIn, Gone>;

// Somebody wants to see a page over HTTP.
struct Look {
  Ticket ticket = 0;
  std::uint32_t member = 1;
  std::string path;   // "/health"
  std::string query;  // "exclude=NOSPACE"
};

// A call of Lock or Election: a recipe over other calls (recipes.h).
struct HouseAsked {
  Ticket ticket = 0;
  Caller caller;
  HouseMethod method = HouseMethod::Lock;
  HouseRequest request;
};

using Letter = std::variant<Arrival, Look, HouseAsked>;

// What goes out on a ticket: bytes, or its end.
struct Departure {
  Ticket ticket = 0;
  std::optional<Bytes> message;
  std::optional<Error> error;
  bool is_last = true;
  bool may_wait = false;  // for others on its connection, while there is other work
};

// Tickets of different endpoints never meet. From any thread.
Ticket new_ticket();

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
    if (bell_) bell_();
  }

  // For one who waits elsewhere: called after each letter, by the thread that has put it. Before anybody puts.
  void on_arrival(std::function<void()> bell) { bell_ = std::move(bell); }

  bool has_mail() {
    const std::lock_guard lock(mutex_);
    return !letters_.empty();
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
  std::function<void()> bell_;
};

}  // namespace orrery::door
