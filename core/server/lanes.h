// Lanes of a member: what each of etcd's goroutines remembers between two phases.
//   used by: member.h (holds them), the .cc beside each (advances them), the debugger (draws them)
//   ideas:   a lane has one phase enum that names what it does NEXT; each phase is one small function in the .cc named
//            here, in the order in which they run. A phase that cannot go on is not ready and says what it waits for.
//   from: etcd server (goroutine named at each struct); design section 3
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "auth/tokens.h"
#include "base/ordered_map.h"
#include "base/sequence.h"
#include "base/shared.h"
#include "mvcc/store.h"
#include "proto/rpc.h"
#include "raft/raft.h"
#include "server/entry_lanes.h"
#include "server/frames.h"
#include "server/lane.h"
#include "server/packet.h"
#include "server/snapshot_lanes.h"
#include "wal/wal.h"
#include "watch/rounds.h"
#include "watch/stream.h"

namespace orrery::server {

// raft.node.run: ticks; messages arrive by Deliver, proposals by the handlers' propose phase. node_lane.cc
struct NodeLane {
  Nanos next_tick;
  bool publishing = false;       // the member's own name is proposed
  std::optional<Nanos> stop_at;  // it was removed from the cluster
  // Raft as its last call left it, to notice changes.
  raft::RoleName role = raft::RoleName::Follower;
  Term term;
  NodeId leader;

  template <class F>
  void fields(F&& f) const {
    f("next_tick", next_tick), f("publishing", publishing), f("stop_at", stop_at);
    f("role", role), f("term", term), f("leader", leader);
  }
  friend bool operator==(const NodeLane&, const NodeLane&) = default;
};

// backend.run: commits what is pending, each commit interval. commit_lane.cc
struct CommitLane {
  Nanos next;  // the ticker's next tick
  std::optional<CommitFrame> commit;

  template <class F>
  void fields(F&& f) const {
    f("next", next), f("commit", commit);
  }
  friend bool operator==(const CommitLane&, const CommitLane&) = default;
};

// store.scheduleCompaction on the FIFO scheduler. compact_lane.cc
//   IndexPass  the key index drops what the compaction covers; what it keeps is the keep set
//   Batch      at most compaction_batch rows: delete what is not kept; the last batch writes the finished revision
//   Commit     (frame) forced after each batch but the last
//   Sleep      the batch interval
struct CompactJob {
  std::int64_t revision = 0;
  std::uint64_t waiter = 0;  // request id to answer when done (physical); 0 = nobody
  mvcc::CompactionJob job;

  template <class F>
  void fields(F&& f) const {
    f("revision", revision), f("waiter", waiter), f("job", job);
  }
  friend bool operator==(const CompactJob&, const CompactJob&) = default;
};

struct CompactLane {
  enum class Phase : std::uint8_t { IndexPass, Batch, Commit, Sleep };
  Phase phase = Phase::IndexPass;
  Sequence<CompactJob> jobs;  // the front is being done
  bool last_batch_done = false;
  Nanos due;
  std::optional<CommitFrame> commit;

  template <class F>
  void fields(F&& f) const {
    f("phase", phase), f("jobs", jobs), f("last_batch_done", last_batch_done);
    f("due", due), f("commit", commit);
  }
  friend bool operator==(const CompactLane&, const CompactLane&) = default;
};
std::string_view to_text(CompactLane::Phase phase);

// watchableStore.syncWatchersLoop. watch_lanes.cc
//   Choose  take the watch store's lock; at most 512 unsynced watchers
//   Scan    read the history once for all of them
//   Send    one watcher; the last releases the lock
struct SyncLane {
  enum class Phase : std::uint8_t { Choose, Scan, Send };
  Phase phase = Phase::Choose;
  Nanos next;
  watch::SyncRound round;

  template <class F>
  void fields(F&& f) const {
    f("phase", phase), f("next", next), f("round", round);
  }
  friend bool operator==(const SyncLane&, const SyncLane&) = default;
};
std::string_view to_text(SyncLane::Phase phase);

// watchableStore.syncVictimsLoop. watch_lanes.cc
//   Take     the whole list of victims
//   Retry    one watcher
//   Settle   those that were sent go back to a group
//   PutBack  the others become victims again
struct VictimLane {
  enum class Phase : std::uint8_t { Take, Retry, Settle, PutBack };
  Phase phase = Phase::Take;
  Nanos next;
  watch::VictimRound round;

  template <class F>
  void fields(F&& f) const {
    f("phase", phase), f("next", next), f("round", round);
  }
  friend bool operator==(const VictimLane&, const VictimLane&) = default;
};
std::string_view to_text(VictimLane::Phase phase);

// EtcdServer.linearizableReadLoop. read_lane.cc
//   SendReadIndex  take the waiting readers as one round; ask raft with a fresh id
//   WaitIndex      the answer to any id of this round, a retry each 500 ms, or no more time
//   WaitApplied    until the applied index has reached it
//   Release        all readers of the round
struct ReadLane {
  enum class Phase : std::uint8_t { SendReadIndex, WaitIndex, WaitApplied, Release };
  Phase phase = Phase::SendReadIndex;
  std::vector<std::uint64_t> waiting;  // handlers for the next round
  std::vector<std::uint64_t> round;    // handlers of this round
  std::vector<std::uint64_t> ids;      // request ids sent in this round
  Index index;                         // what WaitApplied waits for
  Nanos retry_at;
  Nanos give_up_at;
  std::optional<Error> error;

  template <class F>
  void fields(F&& f) const {
    f("phase", phase), f("waiting", waiting), f("round", round), f("ids", ids);
    f("index", index), f("retry_at", retry_at), f("give_up_at", give_up_at), f("error", error);
  }
  friend bool operator==(const ReadLane&, const ReadLane&) = default;
};
std::string_view to_text(ReadLane::Phase phase);

// lessor.runLoop, and EtcdServer.run's revocation of what it hands over. lease_lane.cc
//   Find        the expired leases, and the checkpoints that are due (each lease interval, primary only)
//   Revoke      one proposal for one of them; at most 16 at a time
struct LeaseLane {
  Nanos next;
  Sequence<LeaseId> expired;  // found, and not yet proposed for revocation
  std::uint64_t workers = 0;  // proposals under way

  template <class F>
  void fields(F&& f) const {
    f("next", next), f("expired", expired), f("workers", workers);
  }
  friend bool operator==(const LeaseLane&, const LeaseLane&) = default;
};

// simpleTokenTTLKeeper: each second, tokens whose time is over. lease_lane.cc
struct TokenLane {
  Nanos next;

  template <class F>
  void fields(F&& f) const {
    f("next", next);
  }
  friend bool operator==(const TokenLane&, const TokenLane&) = default;
};

// v3compactor: the leader compacts by itself, by time or by number of revisions. compactor_lane.cc
struct CompactorLane {
  Nanos next;
  Sequence<std::int64_t> revisions;  // periodic: sampled, the oldest first
  Nanos last;                        // when it last compacted
  std::int64_t compacted = 0;        // to which revision it last asked

  template <class F>
  void fields(F&& f) const {
    f("next", next), f("revisions", revisions), f("last", last), f("compacted", compacted);
  }
  friend bool operator==(const CompactorLane&, const CompactorLane&) = default;
};

// One gRPC handler: one call in flight; also a goroutine of the member's own that makes a proposal. handler_lane.cc
//   Admit          who asks (waits until its token can be known), field checks, apply gap; then one of the next
//   Propose        raft takes the proposal (waits for a leader)
//   WaitApply      until apply hands over the answer, or the request timeout
//   WaitRead       until the read lane releases it
//   Serve          an answer from the member's own state
//   CheckPassword  compare with the stored hash; propose the token
//   Confirm        the auth revision is still the one of CheckPassword; otherwise there again
//   Renew          the primary finds the lease
//   WaitRevoked    an expired lease is on its way out: until it is gone, or this member is the primary no longer
//   Refresh        look again: the lease may be gone; otherwise it has its whole time
//   Forward        ask the leader instead (waits for one)
//   WaitPeer       until the leader answers, or it is time to ask again
//   WaitLeader     until the leadership has moved, looked at each tick
//   Defrag         (frame) the file is copied into a new one, all locks held
//   SnapshotCommit (frame) what is pending goes into the file
//   SnapshotSend   one message of the file
//   Answer         send, and end
struct HandlerLane {
  enum class Phase : std::uint8_t {
    Admit,
    Propose,
    WaitApply,
    WaitRead,
    Serve,
    CheckPassword,
    Confirm,
    Renew,
    WaitRevoked,
    Refresh,
    Forward,
    WaitPeer,
    WaitLeader,
    Defrag,
    SnapshotCommit,
    SnapshotSend,
    Answer
  };
  Phase phase = Phase::Admit;
  Address client;  // no 0 = the member itself; a member = it forwards a call
  std::uint64_t call = 0;
  rpc::Request request;
  std::string token;
  auth::AuthInfo who;
  std::optional<rpc::Request> proposal;      // what goes into the log instead of `request`
  std::optional<raftpb::ConfChange> change;  // or this does
  NodeId changed;                            // by it: the member added
  std::optional<DefragFrame> defrag;
  std::optional<SnapshotStream> snapshot;
  Phase after_apply = Phase::Answer;
  std::uint64_t password_revision = 0;  // the auth revision at CheckPassword
  std::uint64_t request_id = 0;         // of the proposal
  std::uint64_t wakes =
      0;          // the member's own: which waiter learns afterwards that space is out; 0 = none
  Address asked;  // WaitPeer: whom
  Nanos retry_at;
  Nanos deadline;
  bool woken = false;  // apply or the read lane is done with it
  std::optional<Error> error;
  rpc::Response response;

  template <class F>
  void fields(F&& f) const {
    f("phase", phase), f("client", client), f("call", call), f("request", request);
    f("token", token), f("who", who), f("proposal", proposal), f("change", change),
        f("changed", changed);
    f("defrag", defrag), f("snapshot", snapshot), f("after_apply", after_apply);
    f("password_revision", password_revision), f("request_id", request_id), f("wakes", wakes);
    f("asked", asked), f("retry_at", retry_at), f("deadline", deadline), f("woken", woken);
    f("error", error), f("response", response);
  }
  friend bool operator==(const HandlerLane&, const HandlerLane&) = default;
};
std::string_view to_text(HandlerLane::Phase phase);

// serverWatchStream.recvLoop and sendLoop. stream_lanes.cc
//   recv: Request (one) · PushControl (waits while the control channel is full) · Close (the client has closed it)
//   send: cases event and control choose while nothing is going out; then response, one at a time
struct StreamLane {
  Address client;
  std::uint64_t client_stream = 0;
  std::string token;  // of the call that opened it
  watch::Stream stream;
  Sequence<rpc::WatchRequest> inbox;
  bool closing = false;  // the client has closed it: its watchers go, and then the stream

  template <class F>
  void fields(F&& f) const {
    f("client", client), f("client_stream", client_stream), f("token", token);
    f("stream", stream);
    f("inbox", inbox);
    if (closing) f("closing", closing);
  }
  friend bool operator==(const StreamLane&, const StreamLane&) = default;
};

}  // namespace orrery::server
