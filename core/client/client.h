// Client: somebody outside the cluster, as a value of the world: its calls, its watches, what it has been told.
//   used by: sim (submits commands, delivers packets), lang (prints answers), check (reads histories)
//   uses: server (packets, Step), calls.h, commands.h, program.h
//   ideas:   each call and each watch is one etcdctl process. A call has a deadline; a watch has a stream of its own
//            unless it shares one. A question that surely was not handled goes to the next endpoint; one that may have
//            been is asked again only if it reads. A watch whose connection broke resumes behind what it has seen.
//            A call under a user's name asks for a token first, and for another one when the token is refused.
//   files:   client.cc (calls), retry.cc (who is asked next), streams.cc (watches), credit.cc (their bytes),
//            old_watch.cc (v2's polls), programs.cc, guests.cc (callers from outside the world)
//   invariant: a call's times and answer, once set, never change: calls() is the client's history.
//   from: etcd clientv3 retry.go, retry_interceptor.go, watch.go, client.go; etcdctl's --command-timeout
#pragma once

#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/ordered_map.h"
#include "client/calls.h"
#include "client/commands.h"
#include "client/program.h"
#include "server/packet.h"
#include "server/step.h"

namespace orrery::client {

// Something a client will do by itself later.
struct TimerId {
  enum class Kind : std::uint8_t { Program, Watch, Call };
  Kind kind = Kind::Program;
  std::uint64_t no = 0;

  template <class F>
  void fields(F&& f) const {
    f("kind", kind), f("no", no);
  }
  friend auto operator<=>(const TimerId&, const TimerId&) = default;
};
std::string_view to_text(TimerId::Kind kind);

struct TimerMove {
  TimerId id;
  std::optional<Nanos> was;
  std::optional<Nanos> is;

  template <class F>
  void fields(F&& f) const {
    f("id", id), f("was", was), f("is", is);
  }
  friend bool operator==(const TimerMove&, const TimerMove&) = default;
};

// What the world does for a client after its step: empty between two steps.
struct Errands {
  std::vector<std::uint64_t> opened;  // calls: their deadlines begin to count
  std::vector<std::uint64_t> closed;
  std::vector<TimerMove> timers;
  std::vector<std::uint32_t> restarts;  // members that the monkey restarts
  std::vector<Told> told;               // to guests

  template <class F>
  void fields(F&& f) const {
    f("opened", opened), f("closed", closed), f("timers", timers), f("restarts", restarts);
    if (!told.empty()) f("told", told);
  }
  friend bool operator==(const Errands&, const Errands&) = default;
};

class Client {
 public:
  Client() = default;
  Client(std::uint32_t no, std::uint32_t endpoints) : no_(no), endpoints_(endpoints) {}

  void submit(server::Step& step, const Command& command);
  void receive(server::Step& step, const server::Packet& packet);
  // The call's deadline has passed without an answer.
  void time_out(server::Step& step, std::uint64_t call);
  void wake(server::Step& step, TimerId timer);

  std::uint32_t no() const { return no_; }
  // By number, from 1, answered ones included.
  const OrderedMap<std::uint64_t, Call>& calls() const { return calls_; }
  // Numbers of the calls that wait for an answer.
  const OrderedMap<std::uint64_t, bool>& open_calls() const { return open_; }
  // By number, from 1.
  const OrderedMap<std::uint64_t, Watch>& watches() const { return watches_; }
  const Watch* find_watch(std::string_view name) const;
  // The first that uses this stream.
  const Watch* watch_on(std::uint64_t stream) const;
  // By number, from 1.
  const OrderedMap<std::uint64_t, Poll>& polls() const { return polls_; }
  const Poll* find_poll(std::string_view name) const;
  // By number, from 1, ended ones included.
  const OrderedMap<std::uint64_t, Program>& programs() const { return programs_; }
  const Program* find_program(std::string_view name) const;
  // A watch, a poll or a program of this name.
  bool has(std::string_view name) const;
  const OrderedMap<TimerId, Nanos>& timers() const { return timers_; }
  // Of v2's long polls, and of v3's streams.
  const Traffic& old_traffic() const { return old_traffic_; }
  const Traffic& new_traffic() const { return new_traffic_; }
  const Guests& guests() const { return guests_; }
  // The number the next call will get.
  std::uint64_t next_call() const { return next_call_; }
  Errands take_errands() { return std::exchange(errands_, {}); }

  template <class F>
  void fields(F&& f) const {
    f("no", no_), f("endpoints", endpoints_), f("calls", calls_), f("open", open_);
    f("watches", watches_), f("named", named_), f("on_streams", on_streams_), f("polls", polls_),
        f("programs", programs_), f("timers", timers_);
    f("connections", connections_), f("errands", errands_), f("next_call", next_call_);
    f("next_stream", next_stream_), f("asked", asked_), f("turns", turns_),
        f("old_traffic", old_traffic_);
    f("new_traffic", new_traffic_);
    // A client without guests has the digest that it had before there were any.
    if (!guests_.empty()) f("guests", guests_);
  }
  friend bool operator==(const Client&, const Client&) = default;

 private:
  friend class Hands;  // what a program can do with its client: programs.cc

  void begin(server::Step& step, const BeginCall& command);
  void begin(server::Step& step, const BeginWatch& command);
  void begin(server::Step& step, const CancelWatch& command);
  void begin(server::Step& step, const AskProgress& command);
  void begin(server::Step& step, const PauseWatch& command);
  void begin(server::Step& step, const BeginPoll& command);
  void begin(server::Step& step, const BeginProgram& command);
  void begin(server::Step& step, const GuestCommand& command);
  void on(server::Step& step, std::uint32_t from, const server::CallAnswer& answer);
  void on(server::Step& step, std::uint32_t from, const server::WatchAnswer& answer);
  void on(server::Step& step, std::uint32_t from, const server::DataFrame& frame);
  void on(server::Step& step, std::uint32_t from, const legacy::OldAnswer& answer);
  void on(server::Step& step, std::uint32_t from, const server::ConnectionReset& reset);
  std::uint64_t open_call(server::Step& step, Call call, bool for_ever = false);
  void send_call(server::Step& step, std::uint64_t number);
  static bool goes_on(Call& call, const server::CallAnswer& answer);
  void logged_in(server::Step& step, std::uint64_t number, const server::CallAnswer& answer);
  void finish(server::Step& step, std::uint64_t number, server::CallAnswer answer);
  void take_part(server::Step& step, std::uint64_t number, server::CallAnswer answer);
  void set_timer(TimerId id, std::optional<Nanos> due);

  // -- retry.cc
  // The endpoint after the one asked last.
  std::uint32_t endpoint_after(const std::vector<std::uint32_t>& among, std::uint32_t via) const;
  std::size_t endpoint_count(const std::vector<std::uint32_t>& among) const;
  void connection_lost(server::Step& step, std::uint64_t number, bool refused);
  bool tries_again(server::Step& step, std::uint64_t number, const server::CallAnswer& answer);
  void try_next(server::Step& step, std::uint64_t number);

  // -- streams.cc
  void open_watch(server::Step& step, std::uint64_t number, const std::string& token);
  void put_on_stream(std::uint64_t number, Watch& watch, std::uint64_t stream);
  std::vector<std::uint64_t> watches_on(std::uint64_t stream) const;
  void log_in_for_watch(server::Step& step, std::uint64_t number);
  void begin_watch(server::Step& step, std::uint64_t number);
  void move_watch(server::Step& step, std::uint64_t number);
  std::uint64_t add_watch(server::Step& step, Watch watch);
  void send_watch_call(server::Step& step, const Watch& watch, server::WatchCall call);
  // 0 = nobody: the answer is for a watch that was canceled.
  std::uint64_t watch_for(std::uint32_t from, const server::WatchAnswer& answer) const;
  void cancel_watch(server::Step& step, std::uint64_t number);
  void send_cancel(server::Step& step, const Watch& watch);
  void leave(server::Step& step, Watch& watch, const rpc::WatchResponse& response);
  void watches_lost(server::Step& step, std::uint32_t from, bool refused);
  bool watches_anew(server::Step& step, std::uint64_t number);
  void try_elsewhere(server::Step& step, std::uint64_t number, bool refused);
  // Bytes of a stream have come: the connection gets its credit at once, the stream when they are read.
  void take_bytes(server::Step& step, Watch& watch, std::uint64_t bytes);
  void give_credit(server::Step& step, const Watch& watch);
  void read_response(server::Step& step, std::uint64_t number, const rpc::WatchResponse& response);
  void set_paused(server::Step& step, std::uint64_t number, bool paused);

  // -- old_watch.cc
  void send_poll(server::Step& step, std::uint64_t number, const Poll& poll, legacy::OldVerb verb);
  void close_poll(server::Step& step, std::string_view name);
  void poll_connection_lost(server::Step& step, std::uint32_t from);

  // -- programs.cc
  void tell_program(server::Step& step, std::uint64_t number, const Notice& notice);
  void stop_program(server::Step& step, std::string_view name);
  void pause_program(server::Step& step, std::string_view name, bool paused);
  void after_program(std::uint64_t number);

  std::uint32_t no_ = 0;
  std::uint32_t endpoints_ = 0;  // members n1 .. n<endpoints>
  OrderedMap<std::uint64_t, Call> calls_;
  OrderedMap<std::uint64_t, bool> open_;
  OrderedMap<std::uint64_t, Watch> watches_;
  OrderedMap<std::string, std::uint64_t> named_;  // the first watch of each name
  OrderedMap<std::pair<std::uint64_t, std::uint64_t>, bool> on_streams_;  // stream and watch
  OrderedMap<std::uint64_t, Poll> polls_;
  OrderedMap<std::uint64_t, Program> programs_;
  OrderedMap<TimerId, Nanos> timers_;
  OrderedMap<std::uint32_t, Connection> connections_;  // by member
  Errands errands_;
  std::uint64_t next_call_ = 1;
  std::uint64_t next_stream_ = 1;
  std::uint64_t asked_ = 0;  // creations of watches so far
  std::uint64_t turns_ = 0;  // calls of programs so far: the endpoints take turns
  Traffic old_traffic_;
  Traffic new_traffic_;
  Guests guests_;
};

}  // namespace orrery::client
