// Lane: one of etcd's goroutines, as a named position that somebody else advances.
//   used by: member.h (holds them), sim (schedules them)    uses: base
//   ideas:   a lane has as many cases as its goroutine's select has; each ready case is an enabled action.
//            Readiness is a pure function of the member, so "why can this not happen?" is the same code explaining.
//   from: design section 3; each kind names etcd's goroutine
#pragma once

#include <compare>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/strong.h"

namespace orrery::server {

enum class LaneKind : std::uint8_t {
  Node,   // raft.node.run: the tick case; messages and proposals arrive by delivery and by handlers
  Raft,   // raftNode.start: Ready handling
  Apply,  // EtcdServer.run + applyAll
  Commit,        // backend.run: the 100 ms batch commit
  Compact,       // the store's FIFO scheduler: compaction
  SyncWatchers,  // watchableStore.syncWatchersLoop
  SyncVictims,   // watchableStore.syncVictimsLoop
  Read,          // linearizableReadLoop
  Lease,         // lessor.runLoop and the server's revocation of expired leases
  Tokens,        // simpleTokenTTLKeeper.run
  Compactor,     // v3compactor: Periodic or Revision
  Snapshot,      // EtcdServer.snapshot: raft's snapshot, in memory and on disk
  SnapSend,      // rafthttp snapshotSender, and the server's account of what is on its way
  SnapReceive,   // rafthttp snapshotHandler: a snapshot that the leader posts
  Purge,         // EtcdServer.purgeFile
  Versions,      // EtcdServer.monitorVersions
  Corruption,    // EtcdServer.monitorKVHash and monitorCompactHash
  Handler,       // one gRPC handler per call in flight
  StreamRecv,    // serverWatchStream.recvLoop, one per watch stream
  StreamSend,    // serverWatchStream.sendLoop: cases event, control, progress
  Transport,     // grpc-go loopyWriter, one per connection; its number is the client's
};

constexpr std::size_t kLaneKinds = 21;
constexpr std::size_t kFixedLanes = 17;  // the kinds before Handler exist once per member

std::string_view to_text(LaneKind kind);

struct LaneId {
  LaneKind kind = LaneKind::Node;
  std::uint64_t no = 0;     // handler or stream; 0 for the fixed lanes
  std::uint8_t choice = 0;  // which case of the select

  template <class F>
  void fields(F&& f) const {
    f("kind", kind), f("no", no), f("choice", choice);
  }
  friend auto operator<=>(const LaneId&, const LaneId&) = default;
};

// "apply", "handler#7", "stream-send#3.control"
std::string to_text(const LaneId& lane);

// May the lane's case go on, and from when? `due` 0 = from the moment it became possible.
struct Readiness {
  bool enabled = false;
  Nanos due;
};

constexpr Readiness kBlocked{};
constexpr Readiness kReady{.enabled = true, .due = Nanos(0)};
constexpr Readiness ready_at(Nanos due) {
  return {.enabled = true, .due = due};
}

}  // namespace orrery::server
