// Program: somebody who does not ask once but goes on: a lock's holder, a candidate, an agent, an informer, the monkey.
//   used by: commands.h (begins one), client.h (holds them)    uses: proto, login.h
//   ideas:   a state machine over the client's own calls and watches: each work says in an enum what it waits for.
//            It speaks in lines, as its process would on its terminal. A paused program hears and does nothing, not
//            even
//            its lease's renewal, and catches up when it goes on: what a long pause of a garbage collector does.
//   works:   hold.cc (Hold), observe.cc (Observe, KeepAlive), transfer.cc (Transfer), list_watch.cc (ListWatch),
//            monkey.cc
//   from: etcd clientv3/concurrency (session.go, key.go, mutex.go, election.go, stm.go), lease.go; client-go
//         reflector.go
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "base/blob.h"
#include "base/ordered_map.h"
#include "base/sequence.h"
#include "client/login.h"
#include "proto/rpc.h"
#include "server/packet.h"

namespace orrery::client {

// A lock, or a leadership: a key under a lease; of all keys below the name the oldest holds.
struct Hold {
  enum class Kind : std::uint8_t { Lock, Election };
  enum class Phase : std::uint8_t {
    Grant,       // a lease is asked for
    Try,         // one's own key is written, and the oldest read
    FindOwner,   // the newest key older than one's own
    WatchOwner,  // until that key is deleted
    Confirm,     // is one's own key still there?
    Held,
    Resign,  // one's own key is deleted
    Revoke,  // the lease ends
    Over
  };
  Kind kind = Kind::Lock;
  Phase phase = Phase::Grant;
  Blob name;
  Blob value;  // a candidate's proposal
  std::string
      command;  // what is done while it is held; empty = it is held until the program is canceled
  std::int64_t ttl = 60;
  LeaseId lease;
  Blob key;
  std::int64_t revision =
      0;  // that created the key: it grows from holder to holder, a fencing token
  std::uint64_t awaited = 0;  // WatchOwner: the watch
  std::optional<Nanos> renew_at;
  std::uint64_t renewal = 0;  // the call that renews the lease; 0 = none under way

  template <class F>
  void fields(F&& f) const {
    f("kind", kind), f("phase", phase), f("name", name), f("value", value), f("command", command);
    f("ttl", ttl), f("lease", lease), f("key", key), f("revision", revision);
    f("awaited", awaited), f("renew_at", renew_at), f("renewal", renewal);
  }
  friend bool operator==(const Hold&, const Hold&) = default;
};
std::string_view to_text(Hold::Phase phase);

// Follows who leads an election.
struct Observe {
  enum class Phase : std::uint8_t { Find, AwaitLeader, FollowLeader };
  Phase phase = Phase::Find;
  Blob name;
  Blob key;                 // of the leader
  std::uint64_t watch = 0;  // the one under way

  template <class F>
  void fields(F&& f) const {
    f("phase", phase), f("name", name), f("key", key), f("watch", watch);
  }
  friend bool operator==(const Observe&, const Observe&) = default;
};

// Renews a lease each third of its time until it is gone.
struct KeepAlive {
  LeaseId lease;

  template <class F>
  void fields(F&& f) const {
    f("lease", lease);
  }
  friend bool operator==(const KeepAlive&, const KeepAlive&) = default;
};

// Moves an amount from one number to another in a software transaction: reads, then writes if nobody wrote meanwhile.
struct Transfer {
  enum class Isolation : std::uint8_t {
    SerializableSnapshot,
    Serializable,
    RepeatableReads,
    ReadCommitted
  };
  enum class Phase : std::uint8_t { ReadFrom, ReadTo, Commit };
  struct Read {
    std::int64_t number = 0;
    std::int64_t mod_revision = 0;

    template <class F>
    void fields(F&& f) const {
      f("number", number), f("mod_revision", mod_revision);
    }
    friend bool operator==(const Read&, const Read&) = default;
  };
  Isolation isolation = Isolation::SerializableSnapshot;
  Phase phase = Phase::ReadFrom;
  Blob from;
  Blob to;
  std::int64_t amount = 0;
  std::int64_t first_revision = 0;  // of the first read
  Read from_read;
  Read to_read;
  std::uint64_t attempts = 1;

  template <class F>
  void fields(F&& f) const {
    f("isolation", isolation), f("phase", phase), f("from", from), f("to", to);
    f("amount", amount), f("first_revision", first_revision), f("from_read", from_read);
    f("to_read", to_read), f("attempts", attempts);
  }
  friend bool operator==(const Transfer&, const Transfer&) = default;
};

// What the agent of the lecture did wrong, each for itself; all off = the mended agent.
struct AgentFaults {
  bool no_revision = false;  // its watch begins with "now", not behind its list
  bool no_resume =
      false;  // after a broken connection it watches from "now", not behind what it has seen
  bool no_relist = false;    // where history is compacted it watches from "now", and lists nothing
  bool no_retry = false;     // it ends at the first error
  bool no_deadline = false;  // its calls wait for ever

  template <class F>
  void fields(F&& f) const {
    f("no_revision", no_revision), f("no_resume", no_resume), f("no_relist", no_relist);
    f("no_retry", no_retry), f("no_deadline", no_deadline);
  }
  friend bool operator==(const AgentFaults&, const AgentFaults&) = default;
};

// Lists a prefix, then watches it. The agent prints the tasks it is given; the informer keeps a copy of the keys.
struct ListWatch {
  enum class Kind : std::uint8_t { Agent, Informer };
  Kind kind = Kind::Agent;
  AgentFaults faults;
  Blob prefix;
  bool listing = true;
  std::uint64_t watch = 0;
  std::int64_t revision = 0;  // up to which everything is known
  std::uint64_t lists = 0;
  OrderedMap<Blob, mvccpb::KeyValue> known;

  template <class F>
  void fields(F&& f) const {
    f("kind", kind), f("faults", faults), f("prefix", prefix), f("listing", listing);
    f("watch", watch), f("revision", revision), f("lists", lists), f("known", known);
  }
  friend bool operator==(const ListWatch&, const ListWatch&) = default;
};

// The chaos monkey: one random deed after the other, each in its log.
struct Monkey {
  std::uint64_t deeds = 0;  // to be done; 0 = until canceled
  std::uint64_t done = 0;
  Nanos every;            // between two of them
  bool restarts = false;  // it restarts members too

  template <class F>
  void fields(F&& f) const {
    f("deeds", deeds), f("done", done), f("every", every), f("restarts", restarts);
  }
  friend bool operator==(const Monkey&, const Monkey&) = default;
};

using Work = std::variant<Hold, Observe, KeepAlive, Transfer, ListWatch, Monkey>;

// What a paused program has not heard yet.
struct Notice {
  std::uint64_t call = 0;  // or:
  std::uint64_t watch = 0;
  server::CallAnswer answer;
  rpc::WatchResponse response;

  template <class F>
  void fields(F&& f) const {
    f("call", call), f("watch", watch), f("answer", answer), f("response", response);
  }
  friend bool operator==(const Notice&, const Notice&) = default;
};

struct ProgramLine {
  bool is_error = false;
  std::string text;

  template <class F>
  void fields(F&& f) const {
    f("is_error", is_error), f("text", text);
  }
  friend bool operator==(const ProgramLine&, const ProgramLine&) = default;
};

struct Program {
  std::string line;
  std::string name;
  std::uint32_t via = 0;  // 0 = the endpoints in turn
  Login login;
  std::string token;
  Work work;
  bool paused = false;
  bool over = false;
  bool stopping = false;                 // was canceled, and tidies up
  int status = 0;                        // etcdctl's exit status, once over
  std::uint64_t asked = 0;               // the call whose answer is waited for; 0 = none
  std::optional<rpc::Request> question;  // of that call, for another try
  std::optional<Nanos> retry_at;  // when the question is asked again, or the next deed is due
  Sequence<Notice> inbox;
  Sequence<ProgramLine> lines;

  template <class F>
  void fields(F&& f) const {
    f("line", line), f("name", name), f("via", via), f("login", login), f("token", token);
    f("work", work), f("paused", paused), f("over", over), f("stopping", stopping);
    f("status", status), f("asked", asked), f("question", question), f("retry_at", retry_at);
    f("inbox", inbox), f("lines", lines);
  }
  friend bool operator==(const Program&, const Program&) = default;
};

}  // namespace orrery::client
