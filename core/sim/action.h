// Action: everything that can happen to a world, as a small closed set of values.
//   used by: World::perform (the only way anything changes), Timeline, lang    uses: server (lanes, addresses)
//   ideas:   an action names its subject, never a position in a list, so it means the same wherever it is replayed.
//            Its text form is stable: it stands in saved runs.
#pragma once

#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>

#include "base/result.h"
#include "client/client.h"
#include "disk/disk.h"
#include "server/lane.h"
#include "server/packet.h"
#include "server/quirks.h"
#include "server/version.h"

namespace orrery::sim {

// Which message: the link, its channel, and its number on that channel (from 1).
struct MessageId {
  server::Address from;
  server::Address to;
  server::Channel channel = server::Channel::General;
  std::uint64_t number = 0;

  template <class F>
  void fields(F&& f) const {
    f("from", from), f("to", to), f("channel", channel), f("number", number);
  }
  friend auto operator<=>(const MessageId&, const MessageId&) = default;
};

// One ordered stream of messages.
struct ChannelId {
  server::Address from;
  server::Address to;
  server::Channel channel = server::Channel::General;

  template <class F>
  void fields(F&& f) const {
    f("from", from), f("to", to), f("channel", channel);
  }
  friend auto operator<=>(const ChannelId&, const ChannelId&) = default;
};

// The message leaves the network and its addressee takes it.
struct Deliver {
  MessageId message;

  template <class F>
  void fields(F&& f) const {
    f("message", message);
  }
  friend bool operator==(const Deliver&, const Deliver&) = default;
};

// The message is lost. From the middle of a channel this is unnatural: TCP loses suffixes only.
struct Drop {
  MessageId message;

  template <class F>
  void fields(F&& f) const {
    f("message", message);
  }
  friend bool operator==(const Drop&, const Drop&) = default;
};

// A copy of the message goes to the end of its channel.
struct Duplicate {
  MessageId message;

  template <class F>
  void fields(F&& f) const {
    f("message", message);
  }
  friend bool operator==(const Duplicate&, const Duplicate&) = default;
};

// A member's lane goes through its next phase.
struct RunLane {
  std::uint32_t member = 0;
  server::LaneId lane;

  template <class F>
  void fields(F&& f) const {
    f("member", member), f("lane", lane);
  }
  friend bool operator==(const RunLane&, const RunLane&) = default;
};

// A client begins a call or a watch, or ends one.
struct Submit {
  std::uint32_t client = 0;
  client::Command command;

  template <class F>
  void fields(F&& f) const {
    f("client", client), f("command", command);
  }
  friend bool operator==(const Submit&, const Submit&) = default;
};

// A client's deadline passes for one of its calls.
struct ClientTimeout {
  std::uint32_t client = 0;
  std::uint64_t call = 0;

  template <class F>
  void fields(F&& f) const {
    f("client", client), f("call", call);
  }
  friend bool operator==(const ClientTimeout&, const ClientTimeout&) = default;
};

// Something a client does by itself is due: a program goes on, a call is tried again, a watch resumes.
struct ClientWake {
  std::uint32_t client = 0;
  client::TimerId timer;

  template <class F>
  void fields(F&& f) const {
    f("client", client), f("timer", timer);
  }
  friend bool operator==(const ClientWake&, const ClientWake&) = default;
};

// The member's process dies: memory is gone; of unsynced writes, per file, `survivors` says what stays.
struct Crash {
  std::uint32_t member = 0;
  disk::Survivors survivors;

  template <class F>
  void fields(F&& f) const {
    f("member", member), f("survivors", survivors);
  }
  friend bool operator==(const Crash&, const Crash&) = default;
};

struct Restart {
  std::uint32_t member = 0;
  std::optional<server::Version> as = {};       // with the binary of this release instead
  std::optional<server::QuirkSet> quirks = {};  // with these defects instead of those it had

  template <class F>
  void fields(F&& f) const {
    f("member", member), f("as", as);
    if (quirks) f("quirks", *quirks);
  }
  friend bool operator==(const Restart&, const Restart&) = default;
};

// A member that was added to the cluster starts for the first time, with an empty disk.
struct Join {
  std::uint32_t member = 0;

  template <class F>
  void fields(F&& f) const {
    f("member", member);
  }
  friend bool operator==(const Join&, const Join&) = default;
};

// The member's machine gets another disk: whatever runs on it dies, and what the archive holds (datadir/archive.h)
// is its disk from here on. It stays down.
struct Install {
  std::uint32_t member = 0;
  Blob archive;

  template <class F>
  void fields(F&& f) const {
    f("member", member), f("archive", archive);
  }
  friend bool operator==(const Install&, const Install&) = default;
};

// One direction of a link stops carrying: what is in flight waits, what is sent meanwhile is lost.
struct Cut {
  server::Address from;
  server::Address to;

  template <class F>
  void fields(F&& f) const {
    f("from", from), f("to", to);
  }
  friend bool operator==(const Cut&, const Cut&) = default;
};

struct Mend {
  server::Address from;
  server::Address to;

  template <class F>
  void fields(F&& f) const {
    f("from", from), f("to", to);
  }
  friend bool operator==(const Mend&, const Mend&) = default;
};

// The default schedule leaves this channel or lane alone until it is released; it can still be performed by name.
struct Hold {
  std::variant<ChannelId, RunLane> what;

  template <class F>
  void fields(F&& f) const {
    f("what", what);
  }
  friend bool operator==(const Hold&, const Hold&) = default;
};

struct Release {
  std::variant<ChannelId, RunLane> what;

  template <class F>
  void fields(F&& f) const {
    f("what", what);
  }
  friend bool operator==(const Release&, const Release&) = default;
};

// The message, and so everything behind it on its channel, is due this much later.
struct Delay {
  MessageId message;
  Nanos by;

  template <class F>
  void fields(F&& f) const {
    f("message", message), f("by", by);
  }
  friend bool operator==(const Delay&, const Delay&) = default;
};

// The member's clock goes at another pace from here on (clock.h): fast, slow, or not at all.
struct SetClock {
  std::uint32_t member = 0;
  std::uint32_t pace = 100;  // units: percent of the world's

  template <class F>
  void fields(F&& f) const {
    f("member", member), f("pace", pace);
  }
  friend bool operator==(const SetClock&, const SetClock&) = default;
};

// The clock goes on to this time, and nothing else happens: nothing may be due before.
struct Wait {
  Nanos until;

  template <class F>
  void fields(F&& f) const {
    f("until", until);
  }
  friend bool operator==(const Wait&, const Wait&) = default;
};

using Action =
    std::variant<Deliver, Drop, Duplicate, RunLane, Submit, ClientTimeout, Crash, Restart, Cut,
                 Mend, Hold, Release, Delay, Join, Install, ClientWake, SetClock, Wait>;

// One line, e.g. "deliver n1->n2 append#17", "run n1 apply", "crash n2 keep none", "c1 put hello world1".
std::string to_text(const Action& action);
std::string to_text(const MessageId& message);
std::string to_text(const ChannelId& channel);

// The inverse of to_text for every action but Submit, whose line is a client's command (lang reads those).
Result<Action> parse_action(std::string_view line);

}  // namespace orrery::sim
