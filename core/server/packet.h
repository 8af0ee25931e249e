// Packet: one message on the virtual network, between members or between a client and a member.
//   used by: server and client (send), sim's network (carries)    uses: proto
//   ideas:   a link is an ordered pair of addresses; each link has independent ordered channels, as etcd has separate
//            connections for appends, for everything else and for snapshots, so heartbeats may overtake appends.
//   from: etcd rafthttp peer.go (pick), stream.go; design section 4
#pragma once

#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <variant>

#include "base/blob.h"
#include "base/result.h"
#include "base/sequence.h"
#include "base/shared.h"
#include "base/strong.h"
#include "legacy/messages.h"
#include "proto/raftpb.h"
#include "proto/rpc.h"

namespace orrery::server {

// n1, n2, ... or c1, c2, ...
struct Address {
  enum class Kind : std::uint8_t { Member, Client };
  Kind kind = Kind::Member;
  std::uint32_t no = 0;  // from 1; 0 = nobody

  template <class F>
  void fields(F&& f) const {
    f("kind", kind), f("no", no);
  }
  friend auto operator<=>(const Address&, const Address&) = default;
};

constexpr Address member_address(std::uint32_t no) {
  return {Address::Kind::Member, no};
}
constexpr Address client_address(std::uint32_t no) {
  return {Address::Kind::Client, no};
}
// "n2", "c1"
std::string to_text(const Address& address);

enum class Channel : std::uint8_t {
  Append,    // MsgApp
  General,   // every other Raft message
  Snapshot,  // MsgSnap
  Calls,     // a client's connection, or what members ask each other over HTTP
};
std::string_view to_text(Channel channel);

// A unary call and its answer; `call` is the client's number for it.
struct CallRequest {
  std::uint64_t call = 0;
  rpc::Request request;
  std::string token;  // of an earlier Authenticate; empty = none

  template <class F>
  void fields(F&& f) const {
    f("call", call), f("request", request), f("token", token);
  }
  friend bool operator==(const CallRequest&, const CallRequest&) = default;
};

struct CallAnswer {
  std::uint64_t call = 0;
  std::optional<Error> error;  // set: `response` is meaningless
  rpc::Response response;

  template <class F>
  void fields(F&& f) const {
    f("call", call), f("error", error), f("response", response);
  }
  friend bool operator==(const CallAnswer&, const CallAnswer&) = default;
};

// One message of a watch stream, either way. A stream opens with its first request.
struct WatchCall {
  std::uint64_t stream = 0;  // the client's number for it
  rpc::WatchRequest request;
  std::string token;  // as above
  // What the client takes, said when the connection is opened; 0 = the default (http2.h).
  std::uint32_t window = 0;
  std::uint32_t frame = 0;

  template <class F>
  void fields(F&& f) const {
    f("stream", stream), f("request", request), f("token", token);
    f("window", window), f("frame", frame);
  }
  friend bool operator==(const WatchCall&, const WatchCall&) = default;
};

// A DATA frame that ends a message.
struct WatchAnswer {
  std::uint64_t stream = 0;
  rpc::WatchResponse response;
  std::uint64_t bytes = 0;  // of this frame, its head not counted

  template <class F>
  void fields(F&& f) const {
    f("stream", stream), f("response", response), f("bytes", bytes);
  }
  friend bool operator==(const WatchAnswer&, const WatchAnswer&) = default;
};

// A DATA frame in the middle of a message.
struct DataFrame {
  std::uint64_t stream = 0;
  std::uint64_t bytes = 0;

  template <class F>
  void fields(F&& f) const {
    f("stream", stream), f("bytes", bytes);
  }
  friend bool operator==(const DataFrame&, const DataFrame&) = default;
};

// The client takes this many bytes more; stream 0 = on the connection as a whole.
struct WindowUpdate {
  std::uint64_t stream = 0;
  std::uint64_t bytes = 0;

  template <class F>
  void fields(F&& f) const {
    f("stream", stream), f("bytes", bytes);
  }
  friend bool operator==(const WindowUpdate&, const WindowUpdate&) = default;
};

// The connection is gone: every call and stream over it ends.
struct ConnectionReset {
  bool refused = false;  // nobody listened: what was sent was surely not handled

  template <class F>
  void fields(F&& f) const {
    f("refused", refused);
  }
  friend bool operator==(const ConnectionReset&, const ConnectionReset&) = default;
};

// POST /raft/snapshot: Raft's MsgSnap and the backend's file in blocks.
struct SnapshotPost {
  std::uint64_t transfer = 0;  // the sender's number for it
  raftpb::Message message;
  Sequence<Blob> db;

  template <class F>
  void fields(F&& f) const {
    f("transfer", transfer), f("message", message), f("db", db);
  }
  friend bool operator==(const SnapshotPost&, const SnapshotPost&) = default;
};

// Its answer, once Raft has the message.
struct SnapshotReply {
  std::uint64_t transfer = 0;
  bool ok = false;

  template <class F>
  void fields(F&& f) const {
    f("transfer", transfer), f("ok", ok);
  }
  friend bool operator==(const SnapshotReply&, const SnapshotReply&) = default;
};

// One message of a Maintenance.Snapshot; the last comes as the call's answer.
struct SnapshotChunk {
  std::uint64_t call = 0;
  rpc::SnapshotResponse response;

  template <class F>
  void fields(F&& f) const {
    f("call", call), f("response", response);
  }
  friend bool operator==(const SnapshotChunk&, const SnapshotChunk&) = default;
};

// RST_STREAM: the client no longer waits for a call, or closes a watch stream.
struct CallReset {
  std::uint64_t number = 0;  // of the call, or of the stream
  bool is_watch = false;

  template <class F>
  void fields(F&& f) const {
    f("number", number), f("is_watch", is_watch);
  }
  friend bool operator==(const CallReset&, const CallReset&) = default;
};

// The peer that a message was posted to answers 410 Gone: its sender was removed from the cluster for good.
// from: etcd server/etcdserver/api/rafthttp pipeline.go, stream.go (StatusGone)
struct RemovedNotice {
  NodeId member;  // who was removed; a later member at the same address is not meant

  template <class F>
  void fields(F&& f) const {
    f("member", member);
  }
  friend bool operator==(const RemovedNotice&, const RemovedNotice&) = default;
};

using Payload =
    std::variant<raftpb::Message, CallRequest, CallAnswer, WatchCall, WatchAnswer, ConnectionReset,
                 DataFrame, WindowUpdate, legacy::OldRequest, legacy::OldAnswer,
                 Shared<SnapshotPost>, SnapshotReply, SnapshotChunk, CallReset, RemovedNotice>;

struct Packet {
  Address from;
  Address to;
  Channel channel = Channel::General;
  Payload payload;

  template <class F>
  void fields(F&& f) const {
    f("from", from), f("to", to), f("channel", channel), f("payload", payload);
  }
  friend bool operator==(const Packet&, const Packet&) = default;
};

// "range", "put", "lease grant", ...
std::string_view name_of(const rpc::Request& request);
// A short name for what it carries: "MsgApp", "put", "watch created", ...
std::string describe(const Payload& payload);

}  // namespace orrery::server
