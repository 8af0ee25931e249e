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
#include "legacy/messages.h"
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
  std::uint32_t window =
      0;  // if this opens the connection: bytes it takes unasked on a stream; 0 = the default
  std::uint32_t frame = 0;  // likewise the largest frame

  template <class F>
  void fields(F&& f) const {
    f("line", line), f("via", via), f("name", name), f("request", request), f("login", login);
    f("window", window), f("frame", frame);
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

// The program behind a watch stops reading, or reads again: credit is given for what is read only.
struct PauseWatch {
  std::string line;
  std::string name;
  bool paused = true;

  template <class F>
  void fields(F&& f) const {
    f("line", line), f("name", name), f("paused", paused);
  }
  friend bool operator==(const PauseWatch&, const PauseWatch&) = default;
};

// A watcher as of etcd v2: long polls, one after the other, on a connection of its own.
struct BeginPoll {
  std::string line;
  std::uint32_t via = 0;
  std::string name;  // unique per world, among watches too
  Blob key;
  bool recursive = false;
  std::int64_t after = 0;  // the first index wanted is the one behind it; 0 = what comes next

  template <class F>
  void fields(F&& f) const {
    f("line", line), f("via", via), f("name", name), f("key", key), f("recursive", recursive);
    f("after", after);
  }
  friend bool operator==(const BeginPoll&, const BeginPoll&) = default;
};

using Command =
    std::variant<BeginCall, BeginWatch, CancelWatch, AskProgress, PauseWatch, BeginPoll>;
const std::string& line_of(const Command& command);
// The name that a watch or poll to be begun wants; null = the command begins none.
const std::string* new_watch_name(const Command& command);

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
  Sequence<Blob> chunks;                     // what a snapshot's stream has brought so far

  template <class F>
  void fields(F&& f) const {
    f("line", line), f("request", request), f("via", via), f("fixed_via", fixed_via);
    f("attempts", attempts), f("asides", asides), f("alarms", alarms);
    f("login", login), f("logging_in", logging_in);
    f("token", token), f("login_failed", login_failed), f("watches_on", watches_on);
    f("invoked", invoked), f("deadline", deadline);
    f("returned", returned), f("answer", answer), f("chunks", chunks);
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
  bool paused = false;
  Sequence<rpc::WatchResponse> unread;  // arrived while paused
  std::uint64_t held_bytes = 0;         // of the stream, arrived and not read
  std::uint64_t read_bytes = 0;         // read, credit not yet given
  std::uint32_t window = 65'535;        // of its connection
  std::uint32_t frame = 0;              // the largest, as BeginWatch has it

  template <class F>
  void fields(F&& f) const {
    f("line", line), f("name", name), f("via", via), f("request", request), f("state", state);
    f("watch_id", watch_id), f("responses", responses), f("events", events);
    f("paused", paused), f("unread", unread), f("held_bytes", held_bytes);
    f("read_bytes", read_bytes), f("window", window), f("frame", frame);
  }
  friend bool operator==(const Watch&, const Watch&) = default;
};
std::string_view to_text(Watch::State state);

// What a generation of watching has cost a client.
struct Traffic {
  std::uint64_t connections = 0;  // open now
  std::uint64_t opened = 0;       // ever
  std::uint64_t requests = 0;
  std::uint64_t bytes_sent = 0;
  std::uint64_t bytes_received = 0;
  std::uint64_t events = 0;
  std::uint64_t lost = 0;  // revisions or indexes that it wanted and that are gone

  Traffic& operator+=(const Traffic& other);

  template <class F>
  void fields(F&& f) const {
    f("connections", connections), f("opened", opened), f("requests", requests);
    f("bytes_sent", bytes_sent), f("bytes_received", bytes_received), f("events", events);
    f("lost", lost);
  }
  friend bool operator==(const Traffic&, const Traffic&) = default;
};

struct Poll {
  enum class State : std::uint8_t { Waiting, Closed, Broken };
  std::string line;
  std::string name;
  std::uint32_t via = 0;
  std::uint32_t attempts = 1;  // endpoints tried since the last answer
  Blob key;
  bool recursive = false;
  State state = State::Waiting;
  std::int64_t next_index = 0;  // wanted next; 0 = what comes
  Sequence<legacy::OldAnswer> answers;
  std::uint64_t events = 0;
  std::uint64_t lost = 0;     // indexes that the ring had forgotten
  std::uint64_t rereads = 0;  // of everything, after error 401

  template <class F>
  void fields(F&& f) const {
    f("line", line), f("name", name), f("via", via), f("attempts", attempts), f("key", key);
    f("recursive", recursive), f("state", state), f("next_index", next_index);
    f("answers", answers), f("events", events), f("lost", lost), f("rereads", rereads);
  }
  friend bool operator==(const Poll&, const Poll&) = default;
};
std::string_view to_text(Poll::State state);

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
  // By number, from 1.
  const OrderedMap<std::uint64_t, Poll>& polls() const { return polls_; }
  const Poll* find_poll(std::string_view name) const;
  // Of v2's long polls, and of v3's streams.
  const Traffic& old_traffic() const { return old_traffic_; }
  const Traffic& new_traffic() const { return new_traffic_; }
  // The number the next call will get.
  std::uint64_t next_call() const { return next_call_; }
  // The calls that got their answer since this was last asked, so that the world can forget their deadlines.
  std::vector<std::uint64_t> take_closed() { return std::exchange(closed_, {}); }

  template <class F>
  void fields(F&& f) const {
    f("no", no_), f("endpoints", endpoints_), f("calls", calls_), f("open", open_);
    f("watches", watches_), f("closed", closed_), f("next_call", next_call_),
        f("next_stream", next_stream_);
    f("polls", polls_), f("connections", connections_), f("old_traffic", old_traffic_);
    f("new_traffic", new_traffic_);
  }
  friend bool operator==(const Client&, const Client&) = default;

 private:
  void begin(server::Step& step, const BeginCall& command);
  void begin(server::Step& step, const BeginWatch& command);
  void begin(server::Step& step, const CancelWatch& command);
  void begin(server::Step& step, const AskProgress& command);
  void begin(server::Step& step, const PauseWatch& command);
  void begin(server::Step& step, const BeginPoll& command);
  void on(server::Step& step, std::uint32_t from, const server::CallAnswer& answer);
  void on(server::Step& step, std::uint32_t from, const server::WatchAnswer& answer);
  void on(server::Step& step, std::uint32_t from, const server::DataFrame& frame);
  void on(server::Step& step, std::uint32_t from, const legacy::OldAnswer& answer);
  void on(server::Step& step, std::uint32_t from, const server::ConnectionReset& reset);
  void send_call(server::Step& step, std::uint64_t number, const Call& call) const;
  static bool goes_on(Call& call, const server::CallAnswer& answer);
  void logged_in(server::Step& step, std::uint64_t number, const server::CallAnswer& answer);
  void finish(server::Step& step, std::uint64_t number, server::CallAnswer answer);
  void connection_lost(server::Step& step, std::uint64_t number, bool refused);

  // -- streams.cc
  void open_watch(server::Step& step, std::uint64_t stream, const std::string& token);
  void log_in_for_watch(server::Step& step, std::uint64_t stream, const BeginWatch& command);
  void send_watch_call(server::Step& step, const Watch& watch, server::WatchCall call);
  // Bytes of a stream have come: the connection gets its credit at once, the stream when they are read.
  void take_bytes(server::Step& step, std::uint64_t stream, Watch& watch, std::uint64_t bytes);
  void give_credit(server::Step& step, std::uint64_t stream, Watch& watch);
  void read_response(server::Step& step, Watch& watch, const rpc::WatchResponse& response);

  // -- old_watch.cc
  void send_poll(server::Step& step, std::uint64_t number, const Poll& poll, legacy::OldVerb verb);
  void close_poll(server::Step& step, std::string_view name);
  void poll_connection_lost(server::Step& step, std::uint32_t from);

  std::uint32_t no_ = 0;
  std::uint32_t endpoints_ = 0;  // members n1 .. n<endpoints>
  OrderedMap<std::uint64_t, Call> calls_;
  OrderedMap<std::uint64_t, bool> open_;
  OrderedMap<std::uint64_t, Watch> watches_;
  std::vector<std::uint64_t> closed_;  // empty between two steps
  std::uint64_t next_call_ = 1;
  std::uint64_t next_stream_ = 1;
  OrderedMap<std::uint64_t, Poll> polls_;
  OrderedMap<std::uint32_t, std::uint64_t>
      connections_;  // member: bytes taken, credit not yet given
  Traffic old_traffic_;
  Traffic new_traffic_;
};

}  // namespace orrery::client
