// Command: one line of the command language, parsed.
//   used by: whoever turns the crank (cli, lab, gui), saved runs      uses: expression.h
//   ideas:   a closed variant of plain structs, one per row of the table (table.h). What a person types,
//            what a button does, what a script says are all this. to_text(command) is a line that parses
//            back to an equal command, so every act can be echoed. Client commands are etcdctl's.
//   grammar: docs/language.md      next: parser.h reads, requests.h turns client commands into rpc
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "base/strong.h"
#include "lang/client_command.h"
#include "lang/expression.h"
#include "lang/session_command.h"
#include "lang/source.h"

namespace orrery::lang {

// ---- Turning the crank

enum class StepUnit : std::uint8_t { Phase, Event, Round };

struct Step {
  StepUnit unit = StepUnit::Phase;
  std::uint64_t count = 1;

  friend bool operator==(const Step&, const Step&) = default;
};

// An enabled action, by its number in the list (from 1) or by its text.
struct Perform {
  std::variant<std::uint64_t, std::string> action;

  friend bool operator==(const Perform&, const Perform&) = default;
};

// Shows what the default schedule would do.
struct Next {
  friend bool operator==(const Next&, const Next&) = default;
};

struct Enabled {
  bool why_not = false;  // also what may not happen, and why

  friend bool operator==(const Enabled&, const Enabled&) = default;
};

struct Run {
  Nanos duration;

  friend bool operator==(const Run&, const Run&) = default;
};

// A line, again and again; % in it is the number of the turn, from 1.
struct Repeat {
  std::uint64_t count = 1;
  std::string line;

  friend bool operator==(const Repeat&, const Repeat&) = default;
};

struct Settle {
  friend bool operator==(const Settle&, const Settle&) = default;
};

struct Until {
  Expression goal;
  std::optional<Nanos> within;

  friend bool operator==(const Until&, const Until&) = default;
};

// ---- Messages and faults

// From one party to another; both_ways = "n1<->n2". A party is a member or a client.
struct Link {
  std::string from;
  std::string to;
  bool both_ways = false;

  friend bool operator==(const Link&, const Link&) = default;
};

// The k-th message of a link, counted from 1 over those of its type.
struct MessageChoice {
  Link link;
  std::string type;  // "MsgApp"; empty = any
  std::uint64_t ordinal = 1;

  friend bool operator==(const MessageChoice&, const MessageChoice&) = default;
};

struct Deliver {
  MessageChoice message;

  friend bool operator==(const Deliver&, const Deliver&) = default;
};

struct Drop {
  MessageChoice message;

  friend bool operator==(const Drop&, const Drop&) = default;
};

struct Duplicate {
  MessageChoice message;

  friend bool operator==(const Duplicate&, const Duplicate&) = default;
};

struct Delay {
  MessageChoice message;
  Nanos by;

  friend bool operator==(const Delay&, const Delay&) = default;
};

// A lane of a member: "n2 apply".
struct LaneChoice {
  std::string member;
  std::string lane;

  friend bool operator==(const LaneChoice&, const LaneChoice&) = default;
};

// Keeps a message or a lane from moving until it is released.
struct Hold {
  std::variant<MessageChoice, LaneChoice> what;

  friend bool operator==(const Hold&, const Hold&) = default;
};

struct Release {
  std::variant<std::monostate, MessageChoice, LaneChoice> what;  // monostate = everything held

  friend bool operator==(const Release&, const Release&) = default;
};

struct Fire {
  std::string member;
  std::string timer;  // "tick", "commit", ...

  friend bool operator==(const Fire&, const Fire&) = default;
};

enum class Keep : std::uint8_t { None, All, Torn };

struct Crash {
  std::string member;
  Keep keep = Keep::None;  // what survives of the unsynced writes
  std::uint64_t torn = 0;  // with Torn: how many sectors of each file's unsynced writes survive
  std::string point;       // crash when it is reached, e.g. "raftBeforeSave"; empty = now

  friend bool operator==(const Crash&, const Crash&) = default;
};

struct Restart {
  std::string member;
  // With another binary; what is empty stays.
  std::string version;
  std::string preset;
  std::string quirks;

  friend bool operator==(const Restart&, const Restart&) = default;
};

// Starts a member that was added to the cluster.
struct Join {
  std::string member;

  friend bool operator==(const Join&, const Join&) = default;
};

// A member's clock goes at another pace.
struct SetClock {
  std::string member;
  std::uint64_t pace = 100;  // units: percent of the world's

  friend bool operator==(const SetClock&, const SetClock&) = default;
};

struct Partition {
  std::vector<std::vector<std::string>> groups;  // one group = it against all others

  friend bool operator==(const Partition&, const Partition&) = default;
};

struct Cut {
  Link link;

  friend bool operator==(const Cut&, const Cut&) = default;
};

struct Heal {
  std::variant<std::monostate, Link, std::string> what;  // everything, a link, all links of a party

  friend bool operator==(const Heal&, const Heal&) = default;
};

// ---- Time and branches

struct Back {
  std::uint64_t count = 1;

  friend bool operator==(const Back&, const Back&) = default;
};

struct Forward {
  std::uint64_t count = 1;

  friend bool operator==(const Forward&, const Forward&) = default;
};

struct Jump {
  std::variant<std::uint64_t, std::string> to;  // a step number or a mark

  friend bool operator==(const Jump&, const Jump&) = default;
};

struct Mark {
  std::string name;

  friend bool operator==(const Mark&, const Mark&) = default;
};

struct Branch {
  std::string name;  // empty = chosen for you

  friend bool operator==(const Branch&, const Branch&) = default;
};

struct Switch {
  std::string name;

  friend bool operator==(const Switch&, const Switch&) = default;
};

struct Branches {
  friend bool operator==(const Branches&, const Branches&) = default;
};

// ---- Looking

struct Why {
  std::variant<std::monostate, std::uint64_t, std::string>
      what;  // the last step, step N, an action

  friend bool operator==(const Why&, const Why&) = default;
};

struct Show {
  std::string party;   // empty = the cluster
  std::string aspect;  // "raft", "log", "wal", "watch", ...; empty = a summary

  friend bool operator==(const Show&, const Show&) = default;
};

struct Print {
  Expression expression;

  friend bool operator==(const Print&, const Print&) = default;
};

struct History {
  std::uint64_t count = 20;

  friend bool operator==(const History&, const History&) = default;
};

// What both generations of watching have cost so far.
struct Counters {
  friend bool operator==(const Counters&, const Counters&) = default;
};

// What differs between the world at a step and the world at the cursor.
struct Diff {
  std::uint64_t count = 1;  // steps back from the cursor

  friend bool operator==(const Diff&, const Diff&) = default;
};

// ---- Claims

struct Expect {
  Expression claim;  // may be eventually within ...

  friend bool operator==(const Expect&, const Expect&) = default;
};

struct ExpectOutput {
  std::string watch;               // whose output; empty = of the last client command
  std::vector<std::string> lines;  // exactly these

  friend bool operator==(const ExpectOutput&, const ExpectOutput&) = default;
};

struct Always {
  std::string name;
  Expression claim;

  friend bool operator==(const Always&, const Always&) = default;
};

struct Break {
  Expression condition;

  friend bool operator==(const Break&, const Break&) = default;
};

// Takes an always claim or a breakpoint (by its number) away.
struct Forget {
  std::variant<std::uint64_t, std::string> what;

  friend bool operator==(const Forget&, const Forget&) = default;
};

struct Claims {
  friend bool operator==(const Claims&, const Claims&) = default;
};

using CommandBody =
    std::variant<Put, Get, Del, Txn, Watch, CancelWatch, Progress, Pause, Resume, Poll, Compact,
                 SaveSnapshot, SnapshotStatus, RunProgram, LeaseCall, UserCall, RoleCall, AuthCall,
                 MemberCall, AlarmCall, EndpointCall, DefragCall, MoveLeaderCall, Step, Perform,
                 Next, Enabled, Run, Repeat, Settle, Until, Deliver, Drop, Duplicate, Delay, Hold,
                 Release, Fire, Crash, Restart, Join, SetClock, Partition, Cut, Heal, Back, Forward,
                 Jump, Mark, Branch, Switch, Branches, Why, Show, Print, History, Diff, Counters,
                 Expect, ExpectOutput, Always, Break, Forget, Claims, Cluster, Save, Load, Eject,
                 LoadMember, Door, Say, Ask, Answer, Help, Quit>;

struct Command {
  Place place;  // of its first word
  CommandBody body;

  // The place is no part of the meaning.
  friend bool operator==(const Command& a, const Command& b) { return a.body == b.body; }
};

// A word as the scanner reads it back; in quotes where it must be.
std::string word_text(std::string_view raw);
// The line (for txn, ask and expect output: lines) that parses to this body.
std::string to_text(const CommandBody& body);

}  // namespace orrery::lang
