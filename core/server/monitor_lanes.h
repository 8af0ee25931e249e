// Lanes that watch over the cluster as a whole: the version all members speak, and whether their data agree.
//   used by: member.h (holds them), versions_lane.cc, corruption_lane.cc    uses: proto
//   ideas:   what etcd asks its peers over HTTP are calls between members here; each round counts its questions, so an
//            answer to an earlier round is nobody's.
//   from: etcd server/etcdserver/server.go (monitorVersions, monitorDowngrade), version/monitor.go, corrupt.go;
//         facts D.18
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/ordered_map.h"
#include "base/strong.h"
#include "mvcc/kv_hash.h"
#include "proto/maintenance_messages.h"

namespace orrery::server {

// A member's question to a peer is a call whose number has one of these bits.
inline constexpr std::uint64_t kVersionsCall = std::uint64_t{1} << 63U;
inline constexpr std::uint64_t kCorruptionCall = std::uint64_t{1} << 62U;

// EtcdServer.monitorVersions and monitorDowngrade: the leader, each 4 s. versions_lane.cc
//   Ask      every other member for its version
//   Decide   once all have answered, or it is time to ask again: the lowest becomes the cluster's, if that is higher;
//            in a downgrade the target does; and a downgrade that all have followed is over
struct VersionsLane {
  enum class Phase : std::uint8_t { Ask, Decide };
  Phase phase = Phase::Ask;
  std::uint64_t round = 0;
  OrderedMap<NodeId, std::string> heard;  // "3.6.4"
  bool proposing = false;
  Nanos next;
  Nanos give_up;

  template <class F>
  void fields(F&& f) const {
    f("phase", phase), f("round", round), f("heard", heard), f("proposing", proposing);
    f("next", next), f("give_up", give_up);
  }
  friend bool operator==(const VersionsLane&, const VersionsLane&) = default;
};
std::string_view to_text(VersionsLane::Phase phase);

// What a peer said about its data.
struct PeerHash {
  std::optional<rpc::HashKVResponse>
      answer;  // none = it refused: the revision is compacted there, or not reached

  template <class F>
  void fields(F&& f) const {
    f("answer", answer);
  }
  friend bool operator==(const PeerHash&, const PeerHash&) = default;
};

// CorruptionChecker. corruption_lane.cc
//   Initial         (only when asked for) at a start, before anything else runs: own hash; every peer is asked for
//                   its own
//   JudgeInitial    any difference ends the member
//   Hash            (leader, each corrupt-check-time) own hash at the own revision; every peer is asked. Or
//                   (leader, each
//                   compact-hash-check-time) the newest hash that a compaction left and nobody has compared:
//                   JudgeCompared
//   Confirm         once all have answered or the time is over: a linearizable read
//   WaitConfirm     until that is answered
//   Judge           own hash again; at most one member is accused a round
//   JudgeCompared   of those that compacted alike the minority is accused; without a majority, member 0
struct CorruptionLane {
  enum class Phase : std::uint8_t {
    Hash,
    Initial,
    JudgeInitial,
    Confirm,
    WaitConfirm,
    Judge,
    JudgeCompared
  };
  Phase phase = Phase::Hash;
  std::uint64_t round = 0;
  mvcc::KeyValueHash own;
  std::int64_t own_revision = 0;  // the store's when `own` was made
  OrderedMap<NodeId, PeerHash> heard;
  std::uint64_t reader = 0;   // the handler that makes the linearizable read
  std::int64_t compared = 0;  // up to this compaction all was compared
  Nanos next;
  Nanos next_compare;
  Nanos give_up;

  template <class F>
  void fields(F&& f) const {
    f("phase", phase), f("round", round), f("own", own), f("own_revision", own_revision);
    f("heard", heard), f("reader", reader), f("compared", compared), f("next", next);
    f("next_compare", next_compare), f("give_up", give_up);
  }
  friend bool operator==(const CorruptionLane&, const CorruptionLane&) = default;
};
std::string_view to_text(CorruptionLane::Phase phase);

}  // namespace orrery::server
