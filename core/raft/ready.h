// Ready: what a member asks the outside to do after some steps.
//   used by: Raft::take_ready; the server and the script runner obey it    uses: state.h
//   ideas:   Raft touches no disk and no network. It says what to write, what to send and what to apply; each field
//            says what must have happened before. Synchronous variant: do all of it, then Raft::advance().
//            Asynchronous variant (Config::async_storage_writes): the two kinds of writing are messages,
//            MsgStorageAppend and MsgStorageApply, to two local workers; each carries the answers to be
//            delivered when it is done, several Readys may be under way, and there is no advance().
//   from: raft paper Figure 2 (persistent state before responding), thesis 10.2.1; etcd raft node.go (Ready),
//         rawnode.go
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "raft/state.h"

namespace orrery::raft {

// Not persistent: what to tell clients about who leads.
struct SoftState {
  NodeId leader;
  RoleName role = RoleName::Follower;

  template <class F>
  void fields(F&& f) const {
    f("leader", leader), f("role", role);
  }
  friend bool operator==(const SoftState&, const SoftState&) = default;
};

// The order in which to work through it: snapshot, entries and hard state to disk, then the messages, then the
// committed entries. A leader may send before its disk is done (its own vote and acknowledgement are not among
// the messages); a follower must not.
struct Ready {
  // Set when leader or role changed. No order.
  std::optional<SoftState> soft_state;

  // Set when it changed. On disk before `messages` are sent: a vote that was answered and then forgotten would be
  // given twice. A change of the commit index alone may be written lazily (see must_sync).
  std::optional<raftpb::HardState> hard_state;

  // Reads that may be served once their index is applied.
  std::vector<ReadState> read_states;

  // On disk before `messages` are sent. They replace whatever the disk has at and after the first one's index.
  std::vector<raftpb::Entry> entries;

  // If not empty: on disk, and in Storage, before `entries`, and given to the state machine before
  // `committed_entries`.
  raftpb::Snapshot snapshot;

  // To be applied in order, each once. They may be among `entries` of this Ready: apply after they are on disk.
  std::vector<raftpb::Entry> committed_entries;

  // To be sent after all of the above is on disk. When a MsgSnap is among them, its outcome must be reported
  // (Raft::report_snapshot).
  std::vector<Message> messages;

  // Does the write have to reach the disk before going on? No, if only the commit index has moved.
  bool must_sync = false;

  template <class F>
  void fields(F&& f) const {
    f("soft_state", soft_state), f("hard_state", hard_state), f("read_states", read_states);
    f("entries", entries), f("snapshot", snapshot), f("committed_entries", committed_entries);
    f("messages", messages), f("must_sync", must_sync);
  }
  friend bool operator==(const Ready&, const Ready&) = default;
};

}  // namespace orrery::raft
