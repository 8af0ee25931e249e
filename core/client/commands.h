// Commands: what a person asks a client to do, as values that stand in actions.
//   used by: client.h, sim (Submit), lang (makes them from lines)    uses: program.h, proto
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "base/blob.h"
#include "client/guests.h"
#include "client/login.h"
#include "client/program.h"
#include "proto/rpc.h"

namespace orrery::client {

// What a person asks a client to do. `line` is the command as typed, for people and for saved runs.
struct BeginCall {
  std::string line;
  std::uint32_t via = 0;  // member to ask; 0 = the endpoints in their order, from n1
  rpc::Request request;
  Login login = {};
  std::vector<std::uint32_t> among =
      {};             // several endpoints; empty = all members the client began with
  bool each = false;  // asks every one of `among` for itself

  template <class F>
  void fields(F&& f) const {
    f("line", line), f("via", via), f("request", request), f("login", login);
    f("among", among), f("each", each);
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
  std::string shares = {};  // another watch of this client, whose stream it uses too

  template <class F>
  void fields(F&& f) const {
    f("line", line), f("via", via), f("name", name), f("request", request), f("login", login);
    f("window", window), f("frame", frame), f("shares", shares);
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

// A program of its own: it calls, watches and sleeps until it is done or canceled by its name.
struct BeginProgram {
  std::string line;
  std::uint32_t via = 0;
  std::string name;  // unique per world, among watches too
  Login login = {};
  Work work;

  template <class F>
  void fields(F&& f) const {
    f("line", line), f("via", via), f("name", name), f("login", login), f("work", work);
  }
  friend bool operator==(const BeginProgram&, const BeginProgram&) = default;
};

using Command = std::variant<BeginCall, BeginWatch, CancelWatch, AskProgress, PauseWatch, BeginPoll,
                             BeginProgram, GuestCommand>;
// The command as one line, without its client.
std::string line_of(const Command& command);
// The name that a watch, poll or program to be begun wants; null = the command begins none.
const std::string* new_watch_name(const Command& command);

}  // namespace orrery::client
