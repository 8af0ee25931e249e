// Client commands: etcdctl's own, as plain structs.
//   used by: command.h, requests.h, the client that performs them      uses: proto/rpc.h
//   ideas:   they keep what was typed (--prefix, --from-key), so that they can be echoed; requests.h
//            turns them into etcd's requests.
//   from: etcd etcdctl/ctlv3/command (put, get, del, txn, watch, compaction)
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <variant>
#include <vector>

#include "base/strong.h"
#include "client/program.h"
#include "proto/rpc.h"

namespace orrery::lang {

enum class WriteOut : std::uint8_t { Simple, Json, Fields, Table };

// What every client command may say besides its own arguments.
struct CallOptions {
  std::string client;  // who calls: "as c2:" or --client; empty = c1
  std::string
      via;  // the endpoints to call, members or their addresses; empty = n1, and the others after it
  bool cluster = false;  // endpoint and defrag: every member there is
  std::string user;      // "name:password"; empty = as nobody
  WriteOut write_out = WriteOut::Simple;
  bool hex = false;         // print bytes as \xNN
  bool background = false;  // "&" at the line's end: only begin, let the crank do the rest

  friend bool operator==(const CallOptions&, const CallOptions&) = default;
};

struct Put {
  CallOptions call;
  std::string key;
  std::string value;
  LeaseId lease;
  bool prev_kv = false;
  bool ignore_value = false;
  bool ignore_lease = false;

  friend bool operator==(const Put&, const Put&) = default;
};

// The interval of get, del and watch as etcdctl lets one say it.
struct Interval {
  std::string key;
  std::optional<std::string> range_end;
  bool prefix = false;
  bool from_key = false;

  friend bool operator==(const Interval&, const Interval&) = default;
};

struct Get {
  CallOptions call;
  Interval interval;
  std::int64_t revision = 0;  // 0 = current
  std::int64_t limit = 0;     // 0 = none
  std::optional<rpc::SortTarget> sort_target;
  std::optional<rpc::SortOrder> sort_order;
  bool serializable = false;
  bool keys_only = false;
  bool count_only = false;
  bool print_value_only = false;

  friend bool operator==(const Get&, const Get&) = default;
};

struct Del {
  CallOptions call;
  Interval interval;
  bool prev_kv = false;

  friend bool operator==(const Del&, const Del&) = default;
};

// A put, get or del inside a transaction; its call options stay empty.
using TxnOp = std::variant<Put, Get, Del>;

struct Txn {
  CallOptions call;
  std::vector<rpc::Compare> compares;
  std::vector<TxnOp> success;
  std::vector<TxnOp> failure;

  friend bool operator==(const Txn&, const Txn&) = default;
};

struct Watch {
  CallOptions call;
  Interval interval;
  std::int64_t revision = 0;  // 0 = from now on
  bool prev_kv = false;
  bool progress_notify = false;
  std::string name;  // the handle; empty = the next free of w1, w2, ...
  std::int64_t window =
      0;  // bytes that the connection takes unasked on each stream; 0 = the default
  std::int64_t frame = 0;  // the largest frame it takes; 0 = the default
  std::string shares;      // another watch, whose stream it uses too; empty = a stream of its own

  friend bool operator==(const Watch&, const Watch&) = default;
};

struct CancelWatch {
  std::string watch;

  friend bool operator==(const CancelWatch&, const CancelWatch&) = default;
};

// The program behind a watch stops reading.
struct Pause {
  std::string watch;

  friend bool operator==(const Pause&, const Pause&) = default;
};

struct Resume {
  std::string watch;

  friend bool operator==(const Resume&, const Resume&) = default;
};

// A watch as etcd v2 had it, for comparison.
struct Poll {
  CallOptions call;
  std::string key;
  bool recursive = false;
  std::int64_t after = 0;  // the index behind which it begins; 0 = what comes next
  std::string name;        // empty = the next free of p1, p2, ...

  friend bool operator==(const Poll&, const Poll&) = default;
};

// Asks the stream of a watch for its progress.
struct Progress {
  std::string watch;

  friend bool operator==(const Progress&, const Progress&) = default;
};

struct Compact {
  CallOptions call;
  std::int64_t revision = 0;
  bool physical = false;

  friend bool operator==(const Compact&, const Compact&) = default;
};

// Fetches a member's whole store into a file of the host's.
struct SaveSnapshot {
  CallOptions call;
  std::string file;

  friend bool operator==(const SaveSnapshot&, const SaveSnapshot&) = default;
};

// Looks into such a file: no world is asked.
struct SnapshotStatus {
  CallOptions call;
  std::string file;

  friend bool operator==(const SnapshotStatus&, const SnapshotStatus&) = default;
};

// A program that goes on by itself: lock, elect, agent, informer, monkey, transfer, lease keep-alive.
struct RunProgram {
  CallOptions call;
  std::string words;  // "lock mutex", "lease keep-alive 70cc"
  std::string tail;   // what a lock does while it is held; stands last
  std::string name;   // empty = chosen: lock1, elect1, ...
  client::Work work;

  friend bool operator==(const RunProgram&, const RunProgram&) = default;
};

// A call to one of the services beside KV: its words as typed, and what they ask for.
template <class Tag>
struct ServiceCall {
  CallOptions call;
  std::string words;  // behind the command's name: "grant 600"
  rpc::Request request;

  friend bool operator==(const ServiceCall&, const ServiceCall&) = default;
};

using LeaseCall = ServiceCall<struct LeaseWords>;
using UserCall = ServiceCall<struct UserWords>;
using RoleCall = ServiceCall<struct RoleWords>;
using AuthCall = ServiceCall<struct AuthWords>;
using MemberCall = ServiceCall<struct MemberWords>;
using AlarmCall = ServiceCall<struct AlarmWords>;
using EndpointCall = ServiceCall<struct EndpointWords>;
using DefragCall = ServiceCall<struct DefragWords>;
using MoveLeaderCall = ServiceCall<struct MoveLeaderWords>;

// The name of the command.
constexpr std::string_view name_of(const LeaseCall&) {
  return "lease";
}
constexpr std::string_view name_of(const UserCall&) {
  return "user";
}
constexpr std::string_view name_of(const RoleCall&) {
  return "role";
}
constexpr std::string_view name_of(const AuthCall&) {
  return "auth";
}
constexpr std::string_view name_of(const MemberCall&) {
  return "member";
}
constexpr std::string_view name_of(const AlarmCall&) {
  return "alarm";
}
constexpr std::string_view name_of(const EndpointCall&) {
  return "endpoint";
}
constexpr std::string_view name_of(const DefragCall&) {
  return "defrag";
}
constexpr std::string_view name_of(const MoveLeaderCall&) {
  return "move-leader";
}

template <class T>
struct IsServiceCall : std::false_type {};
template <class Tag>
struct IsServiceCall<ServiceCall<Tag>> : std::true_type {};

}  // namespace orrery::lang
