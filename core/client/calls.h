// Calls, watches and polls of a client: what it asked and what it has been told so far.
//   used by: client.h; lang (prints answers), check (reads histories)    uses: server/packet.h, login.h
//   invariant: a call's times and answer, once set, never change.
//   from: etcd clientv3 watch.go (watcherStream: nextRev), retry.go
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "base/sequence.h"
#include "client/login.h"
#include "legacy/messages.h"
#include "proto/rpc.h"
#include "server/packet.h"

namespace orrery::client {

// One endpoint's answer, where several are asked.
struct CallPart {
  std::uint32_t via = 0;
  Nanos took;
  server::CallAnswer answer;

  template <class F>
  void fields(F&& f) const {
    f("via", via), f("took", took), f("answer", answer);
  }
  friend bool operator==(const CallPart&, const CallPart&) = default;
};

struct Call {
  std::string line;
  rpc::Request request;
  std::uint32_t via = 0;  // the member asked last
  bool fixed_via = false;
  std::vector<std::uint32_t>
      among;          // the endpoints it may go to; empty = all that the client knows
  bool each = false;  // asks them all, one after the other: `parts` are the answers
  std::vector<CallPart> parts;
  Nanos asked;                 // when the question under way was sent
  std::uint32_t attempts = 1;  // endpoints tried
  // To be asked first, one by one: what etcdctl does around the call itself.
  std::vector<rpc::Request> asides;
  std::vector<rpc::AlarmMember> alarms;  // that were taken back one by one
  Login login = {};
  bool logging_in = false;       // Authenticate is under way
  std::string token;             // of the last Authenticate
  bool login_failed = false;     // the answer is the refusal of the login
  std::uint64_t watches_on = 0;  // the watch that the token is for; 0 = none
  std::uint64_t program = 0;     // the program that asks; 0 = a person
  Nanos invoked;
  Nanos deadline;
  std::optional<Nanos> returned;
  std::optional<server::CallAnswer> answer;  // set together with `returned`
  Sequence<Blob> chunks;                     // what a snapshot's stream has brought so far

  template <class F>
  void fields(F&& f) const {
    f("line", line), f("request", request), f("via", via), f("fixed_via", fixed_via);
    f("among", among), f("each", each), f("parts", parts), f("asked", asked);
    f("attempts", attempts), f("asides", asides), f("alarms", alarms);
    f("login", login), f("logging_in", logging_in);
    f("token", token), f("login_failed", login_failed), f("watches_on", watches_on);
    f("program", program);
    f("invoked", invoked), f("deadline", deadline);
    f("returned", returned), f("answer", answer), f("chunks", chunks);
  }
  friend bool operator==(const Call&, const Call&) = default;
};

struct Watch {
  // Resuming: its connection broke; it will ask for what it has not seen.
  // Leaving: canceled while its creation was under way.
  enum class State : std::uint8_t { Opening, Open, Resuming, Leaving, Canceled };
  std::string line;
  std::string name;           // empty = a program's
  std::uint64_t stream = 0;   // several watches may share one
  std::uint64_t program = 0;  // the program that is told; 0 = a person
  std::uint32_t via = 0;
  bool fixed_via = false;
  std::uint32_t attempts = 1;      // endpoints tried since the last response
  std::uint64_t resumed = 0;       // how often
  std::int64_t next_revision = 0;  // the first not seen yet; 0 = none has been seen
  Login login;
  rpc::WatchCreateRequest request;
  State state = State::Opening;
  bool canceling = false;     // while Open: its cancel was sent
  std::uint64_t asked = 0;    // its creation is under way on its stream, as the nth; 0 = it is not
  std::int64_t watch_id = 0;  // from the created response
  Sequence<rpc::WatchResponse> responses;
  std::uint64_t events = 0;  // delivered so far
  bool paused = false;
  Sequence<rpc::WatchResponse> unread;  // arrived while paused
  std::uint64_t held_bytes = 0;         // of the stream, arrived and not read
  std::uint64_t read_bytes = 0;         // read, credit not yet given
  std::uint32_t window = 65'535;        // of the connection that it opens
  std::uint32_t frame = 0;              // likewise the largest, as BeginWatch has it

  template <class F>
  void fields(F&& f) const {
    f("line", line), f("name", name), f("stream", stream), f("program", program), f("via", via);
    f("fixed_via", fixed_via), f("attempts", attempts), f("resumed", resumed);
    f("next_revision", next_revision), f("login", login), f("request", request), f("state", state);
    f("canceling", canceling), f("asked", asked), f("watch_id", watch_id),
        f("responses", responses), f("events", events);
    f("paused", paused), f("unread", unread), f("held_bytes", held_bytes);
    f("read_bytes", read_bytes), f("window", window), f("frame", frame);
  }
  friend bool operator==(const Watch&, const Watch&) = default;
};
std::string_view to_text(Watch::State state);

// To a member, for watch streams.
struct Connection {
  bool open = false;
  std::uint64_t taken = 0;        // bytes whose credit is not given yet
  std::uint32_t window = 65'535;  // of its streams, as the watch that opened it had it
  std::uint32_t frame = 0;        // likewise
  // The smallest window so far: a member that came back may know an older connection than the client does.
  std::uint32_t least_window = 65'535;

  template <class F>
  void fields(F&& f) const {
    f("open", open), f("taken", taken), f("window", window), f("frame", frame);
    f("least_window", least_window);
  }
  friend bool operator==(const Connection&, const Connection&) = default;
};

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

}  // namespace orrery::client
