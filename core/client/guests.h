// Guests: callers from outside the world, let in by the front door: what they have asked, and what they are told.
//   used by: client.h (a client has the guests of one connection), sim (hands on what they are told), door
//   ideas:   a guest's program lives outside: its requests, credit and farewells come as commands (actions, so they are
//            recorded), its answers leave as `Told` with the very step that brought them, and nothing of a call that
//            is answered stays behind. A guest talks to one member and is never moved to another: that is the affair of
//            the program outside.
//   text:    guest 17 n1 ask /etcdserverpb.KV/Put BASE64 [TOKEN]     a unary call
//            guest 18 n1 watch BASE64 [TOKEN]                        a request on a watch stream; the first opens it
//            guest 18 read 16389                                     the program has read so many bytes of the stream
//            guest 18 end                                            it no longer waits, or closes the stream
//   from: facts D.17; grpc-go internal/transport flowcontrol.go (inFlow): credit for what was read
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "base/ordered_map.h"
#include "base/result.h"
#include "proto/rpc.h"
#include "server/packet.h"
#include "server/step.h"

namespace orrery::client {

// The door's number for a call or stream; never used twice.
using Ticket = std::uint64_t;

struct GuestAsk {
  Ticket ticket = 0;
  std::uint32_t via = 1;  // the member at whose endpoint the guest stands
  rpc::Request request;
  std::string token;

  template <class F>
  void fields(F&& f) const {
    f("ticket", ticket), f("via", via), f("request", request), f("token", token);
  }
  friend bool operator==(const GuestAsk&, const GuestAsk&) = default;
};

struct GuestWatch {
  Ticket ticket = 0;
  std::uint32_t via = 1;
  rpc::WatchRequest request;
  std::string token;  // counts when the stream opens

  template <class F>
  void fields(F&& f) const {
    f("ticket", ticket), f("via", via), f("request", request), f("token", token);
  }
  friend bool operator==(const GuestWatch&, const GuestWatch&) = default;
};

struct GuestRead {
  Ticket ticket = 0;
  std::uint64_t bytes = 0;

  template <class F>
  void fields(F&& f) const {
    f("ticket", ticket), f("bytes", bytes);
  }
  friend bool operator==(const GuestRead&, const GuestRead&) = default;
};

struct GuestEnd {
  Ticket ticket = 0;

  template <class F>
  void fields(F&& f) const {
    f("ticket", ticket);
  }
  friend bool operator==(const GuestEnd&, const GuestEnd&) = default;
};

using GuestCommand = std::variant<GuestAsk, GuestWatch, GuestRead, GuestEnd>;
// One line, as above.
std::string to_text(const GuestCommand& command);
// The inverse. Errors: Syntax.
Result<GuestCommand> parse_guest(std::string_view line);

// What a step had to say to somebody outside.
struct Told {
  Ticket ticket = 0;
  std::variant<rpc::Response, rpc::WatchResponse> what = {};  // meaningless with an error
  std::optional<Error> error = {};
  bool is_last = true;  // nothing follows on this ticket
  std::uint64_t bytes =
      0;  // of a watch response's last frame: to be read before there is new credit

  template <class F>
  void fields(F&& f) const {
    f("ticket", ticket), f("what", what), f("error", error), f("is_last", is_last);
    f("bytes", bytes);
  }
  friend bool operator==(const Told&, const Told&) = default;
};

class Guests {
 public:
  // What is waiting for an answer.
  struct Call {
    std::uint32_t via = 0;
    rpc::Request request;
    Nanos asked;

    template <class F>
    void fields(F&& f) const {
      f("via", via), f("request", request), f("asked", asked);
    }
    friend bool operator==(const Call&, const Call&) = default;
  };

  struct Stream {
    std::uint32_t via = 0;
    std::uint64_t responses = 0;  // so far
    std::uint64_t unread = 0;     // bytes that have come and that the program has not read

    template <class F>
    void fields(F&& f) const {
      f("via", via), f("responses", responses), f("unread", unread);
    }
    friend bool operator==(const Stream&, const Stream&) = default;
  };

  bool empty() const { return calls_.empty() && streams_.empty() && taken_.empty(); }

  const OrderedMap<Ticket, Call>& calls() const { return calls_; }

  const OrderedMap<Ticket, Stream>& streams() const { return streams_; }

  void submit(server::Step& step, std::uint32_t client, const GuestCommand& command);
  // A packet that is none of a guest's is left to the client. `told` gets what there is to say outside.
  bool receive(server::Step& step, const server::Packet& packet, std::vector<Told>& told);

  template <class F>
  void fields(F&& f) const {
    f("calls", calls_), f("streams", streams_), f("taken", taken_);
  }
  friend bool operator==(const Guests&, const Guests&) = default;

 private:
  void begin(server::Step& step, std::uint32_t client, const GuestAsk& ask);
  void begin(server::Step& step, std::uint32_t client, const GuestWatch& watch);
  void begin(server::Step& step, std::uint32_t client, const GuestRead& read);
  void begin(server::Step& step, std::uint32_t client, const GuestEnd& end);
  void take_bytes(server::Step& step, const server::Packet& packet, std::uint64_t bytes);
  void lose(std::uint32_t via, std::vector<Told>& told);

  OrderedMap<Ticket, Call> calls_;
  OrderedMap<Ticket, Stream> streams_;
  OrderedMap<std::uint32_t, std::uint64_t>
      taken_;  // by member: bytes of its connection for which no credit was given
};

}  // namespace orrery::client
