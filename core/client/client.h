// Client: somebody outside the cluster, as a value of the world: its calls, its watches, what it has been told.
//   used by: sim (submits commands, delivers packets), lang (prints answers), check (reads histories)
//   uses: server (packets, Step), proto
//   ideas:   each call and each watch is one etcdctl process: a call has a deadline; a watch has a stream of its own.
//            A refused connection is tried at the next endpoint; a broken one is retried for reads only, because a
//            write may have happened. A call under a user's name asks for a token first, and for another one when
//            the token is refused.
//   invariant: a call's times and answer, once set, never change: calls() is the client's history.
//   from: etcd clientv3 retry.go (isSafeRetry), etcdctl's --command-timeout
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "base/ordered_map.h"
#include "base/sequence.h"
#include "proto/rpc.h"
#include "server/packet.h"
#include "server/step.h"

namespace orrery::client {

// As whom a client calls. An empty name: as nobody.
struct Login {
  std::string name;
  std::string password;

  template <class F>
  void fields(F&& f) const {
    f("name", name), f("password", password);
  }
  friend bool operator==(const Login&, const Login&) = default;
};

// What a person asks a client to do. `line` is the command as typed, for people and for saved runs.
struct BeginCall {
  std::string line;
  std::uint32_t via = 0;  // member to ask; 0 = the endpoints in their order, from n1
  rpc::Request request;
  Login login = {};

  template <class F>
  void fields(F&& f) const {
    f("line", line), f("via", via), f("request", request), f("login", login);
  }
  friend bool operator==(const BeginCall&, const BeginCall&) = default;
};

struct BeginWatch {
  std::string line;
  std::uint32_t via = 0;
  std::string name;  // the handle, e.g. "w1"; unique per world
  rpc::WatchCreateRequest request;
  Login login = {};

  template <class F>
  void fields(F&& f) const {
    f("line", line), f("via", via), f("name", name), f("request", request), f("login", login);
  }
  friend bool operator==(const BeginWatch&, const BeginWatch&) = default;
};

struct CancelWatch {
  std::string line;
  std::string name;

  template <class F>
  void fields(F&& f) const {
    f("line", line), f("name", name);
  }
  friend bool operator==(const CancelWatch&, const CancelWatch&) = default;
};

// Asks the server how far a watch's stream has come.
struct AskProgress {
  std::string line;
  std::string name;

  template <class F>
  void fields(F&& f) const {
    f("line", line), f("name", name);
  }
  friend bool operator==(const AskProgress&, const AskProgress&) = default;
};

using Command = std::variant<BeginCall, BeginWatch, CancelWatch, AskProgress>;
const std::string& line_of(const Command& command);

struct Call {
  std::string line;
  rpc::Request request;
  std::uint32_t via = 0;  // the member asked last
  bool fixed_via = false;
  std::uint32_t attempts = 1;  // endpoints tried
  // To be asked first, one by one: what etcdctl does around the call itself.
  std::vector<rpc::Request> asides;
  std::vector<rpc::AlarmMember> alarms;  // that were taken back one by one
  Login login = {};
  bool logging_in = false;       // Authenticate is under way
  std::string token;             // of the last Authenticate
  bool login_failed = false;     // the answer is the refusal of the login
  std::uint64_t watches_on = 0;  // the watch stream that the token is for; 0 = none
  Nanos invoked;
  Nanos deadline;
  std::optional<Nanos> returned;
  std::optional<server::CallAnswer> answer;  // set together with `returned`

  template <class F>
  void fields(F&& f) const {
    f("line", line), f("request", request), f("via", via), f("fixed_via", fixed_via);
    f("attempts", attempts), f("asides", asides), f("alarms", alarms);
    f("login", login), f("logging_in", logging_in);
    f("token", token), f("login_failed", login_failed), f("watches_on", watches_on);
    f("invoked", invoked), f("deadline", deadline);
    f("returned", returned), f("answer", answer);
  }
  friend bool operator==(const Call&, const Call&) = default;
};

struct Watch {
  enum class State : std::uint8_t { Opening, Open, Canceled, Broken };
  std::string line;
  std::string name;
  std::uint32_t via = 0;
  rpc::WatchCreateRequest request;
  State state = State::Opening;
  std::int64_t watch_id = 0;  // from the created response
  Sequence<rpc::WatchResponse> responses;
  std::uint64_t events = 0;  // delivered so far

  template <class F>
  void fields(F&& f) const {
    f("line", line), f("name", name), f("via", via), f("request", request), f("state", state);
    f("watch_id", watch_id), f("responses", responses), f("events", events);
  }
  friend bool operator==(const Watch&, const Watch&) = default;
};
std::string_view to_text(Watch::State state);

class Client {
 public:
  Client() = default;
  Client(std::uint32_t no, std::uint32_t endpoints) : no_(no), endpoints_(endpoints) {}

  void submit(server::Step& step, const Command& command);
  void receive(server::Step& step, const server::Packet& packet);
  // The call's deadline has passed without an answer.
  void time_out(server::Step& step, std::uint64_t call);

  std::uint32_t no() const { return no_; }
  // By number, from 1, answered ones included.
  const OrderedMap<std::uint64_t, Call>& calls() const { return calls_; }
  // Numbers of the calls that wait for an answer.
  const OrderedMap<std::uint64_t, bool>& open_calls() const { return open_; }
  // By stream number, from 1.
  const OrderedMap<std::uint64_t, Watch>& watches() const { return watches_; }
  const Watch* find_watch(std::string_view name) const;
  // The number the next call will get.
  std::uint64_t next_call() const { return next_call_; }
  // The calls that got their answer since this was last asked, so that the world can forget their deadlines.
  std::vector<std::uint64_t> take_closed() { return std::exchange(closed_, {}); }

  template <class F>
  void fields(F&& f) const {
    f("no", no_), f("endpoints", endpoints_), f("calls", calls_), f("open", open_);
    f("watches", watches_), f("closed", closed_), f("next_call", next_call_),
        f("next_stream", next_stream_);
  }
  friend bool operator==(const Client&, const Client&) = default;

 private:
  void begin(server::Step& step, const BeginCall& command);
  void begin(server::Step& step, const BeginWatch& command);
  void begin(server::Step& step, const CancelWatch& command);
  void begin(server::Step& step, const AskProgress& command);
  void on(server::Step& step, std::uint32_t from, const server::CallAnswer& answer);
  void on(server::Step& step, std::uint32_t from, const server::WatchAnswer& answer);
  void on(server::Step& step, std::uint32_t from, const server::ConnectionReset& reset);
  void send_call(server::Step& step, std::uint64_t number, const Call& call) const;
  static bool goes_on(Call& call, const server::CallAnswer& answer);
  void logged_in(server::Step& step, std::uint64_t number, const server::CallAnswer& answer);
  void open_watch(server::Step& step, std::uint64_t stream, const std::string& token) const;
  void finish(server::Step& step, std::uint64_t number, server::CallAnswer answer);
  void connection_lost(server::Step& step, std::uint64_t number, bool refused);

  std::uint32_t no_ = 0;
  std::uint32_t endpoints_ = 0;  // members n1 .. n<endpoints>
  OrderedMap<std::uint64_t, Call> calls_;
  OrderedMap<std::uint64_t, bool> open_;
  OrderedMap<std::uint64_t, Watch> watches_;
  std::vector<std::uint64_t> closed_;  // empty between two steps
  std::uint64_t next_call_ = 1;
  std::uint64_t next_stream_ = 1;
};

}  // namespace orrery::client
