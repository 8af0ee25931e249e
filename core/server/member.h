// Member: one etcd server: what its disk keeps, what its memory holds while it runs, and its lanes.
//   used by: sim (schedules lanes, delivers packets, crashes), check and gui (look)    uses: everything above
//   ideas:   Running is all that a crash loses; the disk is all that it keeps. Raft's state, the server's view of
//            leadership and the lessor's primary flag are separate variables, as in etcd.
//   invariant 1: applied <= raft's committed index; consistent index never falls while the member runs.
//   invariant 2: a lock's owner is a lane inside the phases that need it.
//   from: etcd server/etcdserver/server.go (EtcdServer), bootstrap.go
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "auth/auth_store.h"
#include "backend/backend.h"
#include "base/ordered_map.h"
#include "base/shared.h"
#include "disk/disk.h"
#include "lease/lessor.h"
#include "legacy/hub.h"
#include "mvcc/store.h"
#include "raft/raft.h"
#include "server/alarms.h"
#include "server/http2.h"
#include "server/lanes.h"
#include "server/membership.h"
#include "server/monitor_lanes.h"
#include "server/quirks.h"
#include "server/step.h"
#include "server/version.h"
#include "wal/wal.h"
#include "watch/store.h"

namespace orrery::server {

// Names, addresses and ids of a cluster made at once.
struct ClusterPlan {
  struct Peer {
    NodeId id;
    std::string name;
    std::string peer_url;
    std::string client_url;

    template <class F>
    void fields(F&& f) const {
      f("id", id), f("name", name), f("peer_url", peer_url), f("client_url", client_url);
    }
    friend bool operator==(const Peer&, const Peer&) = default;
  };
  Version version = Version::V3_6;
  std::uint64_t cluster_id = 0;
  std::vector<Peer>
      peers;  // n1 first; those that were added later, as known when this member started
  std::uint32_t founders = 0;  // how many of them were there at birth
  std::string token;           // of the cluster; empty = the usual one
  QuirkSet quirks;             // this member's own, as its version is

  // 1 for n1; 0 = not of this cluster
  std::uint32_t number_of(NodeId id) const;

  template <class F>
  void fields(F&& f) const {
    f("version", version), f("cluster_id", cluster_id), f("peers", peers);
    f("founders", founders);
    if (!token.empty()) f("token", token);
    // A member without quirks has the digest that it had before there were any.
    if (!quirks.empty()) f("quirks", quirks);
  }
  friend bool operator==(const ClusterPlan&, const ClusterPlan&) = default;
};

// Where a member is to be found; what is empty is as usual (n1, http://127.0.0.1:2380, ...).
struct Place {
  std::string name;
  std::string peer_url;
  std::string client_url;

  template <class F>
  void fields(F&& f) const {
    f("name", name), f("peer_url", peer_url), f("client_url", client_url);
  }
  friend bool operator==(const Place&, const Place&) = default;
};

// Ids as etcd derives them: SHA-1 over peer URL and cluster token, over the member ids. `places`: n1 first, for as many
// as differ from the usual. An empty token is the usual one.
ClusterPlan plan_cluster(std::uint32_t members, Version version,
                         const std::vector<Place>& places = {}, const std::string& token = {});

enum class Status : std::uint8_t { Down, Running, Panicked };
std::string_view to_text(Status status);

// When the agenda has a lane's case.
struct Slot {
  bool scheduled = false;
  Nanos due;

  template <class F>
  void fields(F&& f) const {
    f("scheduled", scheduled), f("due", due);
  }
  friend bool operator==(const Slot&, const Slot&) = default;
};

// A mutex of etcd's, as a value.
struct Lock {
  std::optional<LaneKind> owner;

  bool free() const { return !owner; }

  template <class F>
  void fields(F&& f) const {
    f("owner", owner);
  }
  friend bool operator==(const Lock&, const Lock&) = default;
};

// A member's memory.
struct Running {
  raft::Raft raft;
  wal::Wal wal;
  raftpb::HardState saved_hard_state;  // as last written to the WAL
  backend::Backend backend;
  mvcc::Store store;
  watch::WatchStore watches;
  lease::Lessor lessor;
  auth::AuthStore auth;
  Membership membership;
  // What the log alone has made of the members, since the snapshot or the birth it began with (etcd: the v2 store): a
  // change is judged by it, so that every member and every replay judges alike.
  Membership logged;
  Alarms alarms;

  Index applied;  // server's applied index; moves whatever the outcome
  Term applied_term;
  Index consistent;  // consistent index in memory; reaches the file with the next commit
  Term consistent_term;
  Index applying;  // of the entry being applied
  Term applying_term;
  Index consistent_in_tx;    // as it stands in the open batch, or else in the file
  Index consistent_on_disk;  // as of the last finished commit
  Index snapshot_index;      // of the newest snapshot on disk
  Index memory_snapshot;     // of the newest one in raft's storage
  raftpb::ConfState conf_state;

  // The server's own view: as of the Ready that the raft lane took last. Raft may have gone on meanwhile.
  raft::RoleName seen_role = raft::RoleName::Follower;
  NodeId seen_leader;
  Nanos leader_since;  // when a leader other than the one before was seen; 0 = never
  // Peers whose connection carries, and since when (etcd: rafthttp peerStatus): from the first message of theirs
  // until one to them is lost.
  OrderedMap<NodeId, Nanos> active_since;
  // Where senders listen that this member's configuration does not know yet: members that joined after the last entry
  // it has applied. Without an answer to them it would never hear of them (etcd: rafthttp's remotes).
  OrderedMap<NodeId, std::uint32_t> remotes;
  std::vector<raft::ReadState> read_states;  // handed over by the raft lane, for the read lane

  Lock batch_tx;
  Lock watch_mutex;

  NodeLane node;
  RaftLane raft_lane;
  ApplyLane apply;
  CommitLane commit;
  CompactLane compact;
  SyncLane sync;
  VictimLane victims;
  ReadLane read;
  LeaseLane lease_lane;
  TokenLane token_lane;
  CompactorLane compactor;
  SnapshotLane snapshot;
  SnapSendLane snap_send;
  SnapReceiveLane snap_receive;
  PurgeLane purge;
  VersionsLane versions;
  CorruptionLane corruption;
  OrderedMap<std::uint64_t, HandlerLane> handlers;
  OrderedMap<std::uint64_t, StreamLane> streams;  // by watch::StreamId
  OrderedMap<std::pair<Address, std::uint64_t>, std::uint64_t> stream_numbers;
  OrderedMap<std::uint32_t, Connection> connections;  // by client
  legacy::Hub old_watches;                            // v2's
  OrderedMap<std::uint64_t, bool> waiting_streams;    // those whose inbox is not empty
  OrderedMap<std::uint64_t, std::uint64_t> waiters;   // request id -> handler

  std::vector<std::uint64_t> waiting_tokens;   // handlers whose token the log has yet to tell of
  std::vector<std::uint64_t> waiting_defrags;  // handlers that wait for the batch tx lock
  std::uint64_t next_handler = 1;
  std::uint64_t next_stream = 1;
  std::uint64_t next_request_id = 0;

  template <class F>
  void fields(F&& f) const {
    f("raft", raft), f("wal", wal), f("saved_hard_state", saved_hard_state);
    f("backend", backend), f("store", store), f("watches", watches), f("lessor", lessor);
    f("auth", auth), f("membership", membership), f("logged", logged), f("alarms", alarms),
        f("applied", applied);
    f("applied_term", applied_term), f("consistent", consistent);
    f("consistent_term", consistent_term), f("applying", applying);
    f("applying_term", applying_term), f("consistent_in_tx", consistent_in_tx);
    f("consistent_on_disk", consistent_on_disk), f("snapshot_index", snapshot_index);
    f("memory_snapshot", memory_snapshot);
    f("conf_state", conf_state), f("seen_role", seen_role), f("leader_since", leader_since);
    f("active_since", active_since), f("remotes", remotes);
    f("seen_leader", seen_leader), f("read_states", read_states), f("batch_tx", batch_tx);
    f("watch_mutex", watch_mutex);
    f("node", node), f("raft_lane", raft_lane), f("apply", apply), f("commit", commit);
    f("compact", compact), f("sync", sync), f("victims", victims), f("read", read);
    f("lease_lane", lease_lane), f("token_lane", token_lane), f("compactor", compactor);
    f("snapshot", snapshot), f("snap_send", snap_send), f("snap_receive", snap_receive);
    f("purge", purge), f("versions", versions), f("corruption", corruption);
    f("handlers", handlers), f("streams", streams), f("stream_numbers", stream_numbers);
    f("connections", connections), f("old_watches", old_watches);
    f("waiting_streams", waiting_streams);
    f("waiters", waiters), f("waiting_tokens", waiting_tokens),
        f("waiting_defrags", waiting_defrags), f("next_handler", next_handler),
        f("next_stream", next_stream);
    f("next_request_id", next_request_id);
  }
  friend bool operator==(const Running&, const Running&) = default;
};

class Member {
 public:
  Member() = default;
  Member(std::uint32_t no, ClusterPlan plan) : no_(no), plan_(std::move(plan)) {}

  std::uint32_t no() const { return no_; }
  NodeId id() const { return plan_.peers.empty() ? NodeId(0) : plan_.peers[no_ - 1].id; }
  const std::string& name() const { return plan_.peers[no_ - 1].name; }
  const ClusterPlan& plan() const { return plan_; }
  Status status() const { return status_; }
  bool up() const { return status_ == Status::Running; }
  const std::string& panic_text() const { return panic_text_; }
  std::uint64_t restarts() const { return restarts_; }
  // How often it was given another disk.
  std::uint64_t installs() const { return installs_; }

  const disk::Disk& disk() const { return disk_; }
  disk::Disk& edit_disk() { return disk_; }
  void set_plan(ClusterPlan plan) { plan_ = std::move(plan); }
  // Meaningful only while up().
  const Running& running() const { return running_; }
  Running& edit_running() { return running_; }

  void set_status(Status status, std::string panic_text = {});
  void count_restart() { ++restarts_; }
  void count_install() { ++installs_; }
  // The number of draws this member has made for a purpose, counted on.
  std::uint64_t next_draw() { return draws_++; }

  // -- the agenda's side: when each lane's case is scheduled, and which handlers and streams to look at again
  const Slot* find_slot(const LaneId& lane) const;
  Slot& edit_slot(const LaneId& lane);
  void drop_slot(const LaneId& lane);
  void clear_slots();
  void touch(LaneId lane) { touched_.push_back(lane); }
  void touch_stream(std::uint64_t stream);
  std::vector<LaneId> take_touched() { return std::exchange(touched_, {}); }
  // Every slot that stands in the agenda.
  std::vector<std::pair<LaneId, Slot>> slots() const;

  template <class F>
  void fields(F&& f) const {
    f("no", no_), f("plan", plan_), f("status", status_), f("panic_text", panic_text_);
    f("restarts", restarts_), f("draws", draws_), f("disk", disk_), f("running", running_);
    f("fixed_slots", fixed_slots_), f("slots", slots_), f("touched", touched_);
    if (installs_ != 0) f("installs", installs_);
  }
  friend bool operator==(const Member&, const Member&) = default;

 private:
  std::uint32_t no_ = 0;
  ClusterPlan plan_;
  Status status_ = Status::Down;
  std::string panic_text_;
  std::uint64_t restarts_ = 0;
  std::uint64_t installs_ = 0;
  std::uint64_t draws_ = 0;
  disk::Disk disk_;
  Running running_;
  std::array<Slot, kFixedLanes> fixed_slots_{};
  OrderedMap<LaneId, Slot> slots_;  // of handlers and streams
  std::vector<LaneId> touched_;     // empty between two steps
};

// -- what sim calls

// A new member with an empty disk: data directory, WAL and backend are made and synced, raft is bootstrapped.
void boot(Step& step, Member& member);
// A member that was added later: its log is empty, and the leader fills it.
void join(Step& step, Member& member);
// A packet reaches a running member. Errors are the member's own affair (answers, drops).
void deliver(Step& step, Member& member, const Packet& packet);
// May this case of this lane go on? Pure; explains itself through `guards`.
Readiness readiness(const Member& member, const LaneId& lane, const Guards& guards);
// One phase. requires: readiness(...).enabled
void run(Step& step, Member& member, const LaneId& lane);
// Every case of every lane the member has now.
std::vector<LaneId> lanes(const Member& member);
// What the lane does next, in a few words: "wal-sync", "commit: write-meta", "idle".
std::string position_of(const Member& member, const LaneId& lane);
// Memory is gone, the disk keeps what was synced and what `survivors` says.
void crash(Member& member, const disk::Survivors& survivors);
void panic(Member& member, const std::string& text);
// Another disk in the member's machine: memory is gone, and who the member is follows from `plan`.
void install(Member& member, disk::Disk disk, ClusterPlan plan);
// Opens the disk as etcd opens a data directory. Throws MemberPanic when it cannot.
void restart(Step& step, Member& member);
// A packet to a peer could not be sent.
void peer_unreachable(Step& step, Member& member, const Packet& packet);
// The peer's process has ended, and with it every connection to it.
void peer_ended(Step& step, Member& member, std::uint32_t no);

}  // namespace orrery::server
