// Raft: one member of the group as a value: messages and ticks in, a Ready out.
//   used by: server, the scripts, tests    uses: step.h, membership.h, ready.h
//   ideas:   owns its log storage; draws no random numbers, reads no clock, prints nothing, waits for nothing. The
//            caller's loop: tick, step or propose; while has_ready(): take_ready(), obey it (ready.h), advance().
//            Two copies given the same calls stay equal.
//   from: etcd raft rawnode.go (RawNode)
//   differs: whatever etcd answers with a panic throws raft::Panic: the end of this member, not of the world.
#pragma once

#include <optional>
#include <span>
#include <utility>
#include <vector>

#include "raft/conf_change.h"
#include "raft/ready.h"
#include "raft/state.h"
#include "raft/step.h"

namespace orrery::raft {

// A first member of a new group.
struct Peer {
  NodeId id;
  Blob context;  // kept in its configuration change
};

class Raft {
 public:
  Raft() = default;

  // Starts, or restarts from what `storage` holds. requires: validate(config)
  Raft(Config config, Storage storage, const Io& io);

  // A new group: the log begins with one committed configuration change for each peer, in term 1.
  // requires: empty storage
  void bootstrap(const Io& io, std::span<const Peer> peers);

  // -- what happens

  void tick(const Io& io);
  // A message that came over the network, or an answer of a storage worker.
  Result<void> step(const Io& io, const Message& m);
  // Errc::ProposalDropped = try again later, elsewhere. Success promises nothing yet: watch the committed entries.
  Result<void> propose(const Io& io, Blob data);
  Result<void> propose_conf_change(const Io& io, const raftpb::ConfChange& change);
  Result<void> propose_conf_change(const Io& io, const raftpb::ConfChangeV2& change);
  // To be called for each committed configuration change, when its entry's turn has come; a change that the state
  // machine refuses is applied with node id 0. An `entry` below log().first_index() changes nothing: a snapshot
  // that arrived after the entry was handed out has brought a newer configuration already.
  raftpb::ConfState apply_conf_change(const Io& io, Index entry,
                                      const raftpb::ConfChangeV2& change);
  // Whatever entry it stands in, as etcd does it.
  raftpb::ConfState apply_conf_change(const Io& io, const raftpb::ConfChangeV2& change);
  // Starts an election now.
  void campaign(const Io& io);
  // Asks for the index at which a read named `context` may be served; it comes as a ReadState, or never: ask again.
  void read_index(const Io& io, Blob context);
  void transfer_leader(const Io& io, NodeId to);
  // A follower stops believing in its leader, without a new term.
  Result<void> forget_leader(const Io& io);
  // The transport's findings: a message to the member got lost; a MsgSnap to it went through or did not.
  void report_unreachable(const Io& io, NodeId id);
  void report_snapshot(const Io& io, NodeId id, bool ok);

  // -- what to do about it (ready.h)

  bool has_ready() const;
  // Takes it over: it will not be offered again.
  Ready take_ready();
  // The Ready that was taken is done. Not in the asynchronous variant.
  void advance(const Io& io);

  // -- what the outside writes

  Storage& storage() { return state_.log.storage(); }

  const Storage& storage() const { return state_.log.storage(); }

  // Until the next reset of the election timer.
  void set_randomized_election_timeout(int ticks) { state_.randomized_election_timeout = ticks; }

  // -- to look at

  const State& state() const { return state_; }

  NodeId id() const { return state_.id(); }

  Term term() const { return state_.term; }

  NodeId vote() const { return state_.vote; }

  NodeId leader() const { return state_.known_leader(); }

  RoleName role() const { return name_of(state_.role); }

  bool is_leader() const { return state_.is_leader(); }

  const Log& log() const { return state_.log; }

  const ClusterConfig& cluster() const { return state_.cluster; }

  SoftState soft_state() const { return {leader(), role()}; }

  raftpb::HardState hard_state() const { return state_.hard_state(); }

  // Of every member, while leading; null otherwise.
  const ProgressMap* progress() const { return is_leader() ? &state_.leader().progress : nullptr; }

  // Received so far, while campaigning; null otherwise.
  const Votes* votes() const;

  // Taken, not yet advanced (synchronous variant).
  bool is_advance_due() const { return due_ != Due{}; }

  template <class F>
  void fields(F&& f) const {
    f("state", state_), f("last_soft_state", last_soft_state_);
    f("last_hard_state", last_hard_state_), f("due", due_);
  }
  friend bool operator==(const Raft&, const Raft&) = default;

 private:
  // What the storage workers will have to say once the Ready that was taken is done (synchronous variant).
  struct Due {
    std::vector<Message> answers;  // to oneself
    std::optional<Written> written;
    std::optional<Applied> applied;

    template <class F>
    void fields(F&& f) const {
      f("answers", answers), f("written", written), f("applied", applied);
    }
    friend bool operator==(const Due&, const Due&) = default;
  };

  bool applies_unstable() const { return !state_.config.async_storage_writes; }

  void add_storage_messages(Ready& ready);
  void schedule_own_answers(Ready& ready);

  State state_;
  SoftState last_soft_state_;          // as of the Ready before
  raftpb::HardState last_hard_state_;  // likewise: what the disk has or will have
  Due due_;                            // advance() delivers it
};

}  // namespace orrery::raft
