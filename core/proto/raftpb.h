// raftpb: what Raft members store and tell each other, as plain values.
//   used by: raft, wal, server, sim    uses: base    bytes: raftpb_codec.h
//   ideas:   field names and numbers are etcd's; optional fields of the proto2 original are plain fields here, and
//            the codec writes them as etcd does.
//   from: etcd raft raftpb/raft.proto
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/blob.h"
#include "base/strong.h"

namespace orrery::raftpb {

enum class EntryType : std::uint8_t { Normal = 0, ConfChange = 1, ConfChangeV2 = 2 };

struct Entry {
  EntryType type = EntryType::Normal;
  Term term;
  Index index;
  Blob
      data;  // InternalRaftRequest, ConfChange or ConfChangeV2 bytes; empty = a leader's first entry

  template <class F>
  void fields(F&& f) const {
    f("type", type), f("term", term), f("index", index), f("data", data);
  }
  friend bool operator==(const Entry&, const Entry&) = default;
};

// Must be on disk before a message that depends on it is sent (Raft paper, Figure 2: persistent state).
struct HardState {
  Term term;
  NodeId vote;   // 0 = nobody in this term
  Index commit;  // may lag on disk

  bool empty() const { return *this == HardState{}; }

  template <class F>
  void fields(F&& f) const {
    f("term", term), f("vote", vote), f("commit", commit);
  }
  friend bool operator==(const HardState&, const HardState&) = default;
};

struct ConfState {
  std::vector<NodeId> voters;
  std::vector<NodeId> learners;
  std::vector<NodeId> voters_outgoing;  // non-empty = joint configuration
  std::vector<NodeId> learners_next;
  bool auto_leave = false;

  template <class F>
  void fields(F&& f) const {
    f("voters", voters), f("learners", learners), f("voters_outgoing", voters_outgoing);
    f("learners_next", learners_next), f("auto_leave", auto_leave);
  }
  friend bool operator==(const ConfState&, const ConfState&) = default;
};

struct Snapshot {
  Blob data;
  ConfState conf_state;  // metadata.conf_state
  Index index;           // metadata.index: the last entry the snapshot replaces; 0 = no snapshot
  Term term;             // metadata.term

  bool empty() const { return index == Index(0); }

  template <class F>
  void fields(F&& f) const {
    f("data", data), f("conf_state", conf_state), f("index", index), f("term", term);
  }
  friend bool operator==(const Snapshot&, const Snapshot&) = default;
};

enum class ConfChangeType : std::uint8_t {
  AddNode = 0,
  RemoveNode = 1,
  UpdateNode = 2,
  AddLearnerNode = 3
};

struct ConfChange {
  std::uint64_t id = 0;
  ConfChangeType type = ConfChangeType::AddNode;
  NodeId node_id;
  Blob context;  // JSON of the member

  template <class F>
  void fields(F&& f) const {
    f("id", id), f("type", type), f("node_id", node_id), f("context", context);
  }
  friend bool operator==(const ConfChange&, const ConfChange&) = default;
};

struct ConfChangeSingle {
  ConfChangeType type = ConfChangeType::AddNode;
  NodeId node_id;

  template <class F>
  void fields(F&& f) const {
    f("type", type), f("node_id", node_id);
  }
  friend bool operator==(const ConfChangeSingle&, const ConfChangeSingle&) = default;
};

enum class ConfChangeTransition : std::uint8_t { Auto = 0, JointImplicit = 1, JointExplicit = 2 };

struct ConfChangeV2 {
  ConfChangeTransition transition = ConfChangeTransition::Auto;
  std::vector<ConfChangeSingle> changes;
  Blob context;

  template <class F>
  void fields(F&& f) const {
    f("transition", transition), f("changes", changes), f("context", context);
  }
  friend bool operator==(const ConfChangeV2&, const ConfChangeV2&) = default;
};

// Numbers are the wire's.
enum class MessageType : std::uint8_t {
  Hup = 0,
  Beat = 1,
  Prop = 2,
  App = 3,
  AppResp = 4,
  Vote = 5,
  VoteResp = 6,
  Snap = 7,
  Heartbeat = 8,
  HeartbeatResp = 9,
  Unreachable = 10,
  SnapStatus = 11,
  CheckQuorum = 12,
  TransferLeader = 13,
  TimeoutNow = 14,
  ReadIndex = 15,
  ReadIndexResp = 16,
  PreVote = 17,
  PreVoteResp = 18,
  StorageAppend = 19,
  StorageAppendResp = 20,
  StorageApply = 21,
  StorageApplyResp = 22,
  ForgetLeader = 23,
};

// etcd's name, e.g. "MsgApp".
std::string_view to_text(MessageType type);

struct Message {
  MessageType type = MessageType::Hup;
  NodeId to;
  NodeId from;
  Term term;      // 0 in MsgProp and MsgReadIndex
  Term log_term;  // term of the entry at `index`
  Index index;    // the entry before `entries`; in answers: the acknowledged or rejected index
  std::vector<Entry> entries;
  Index commit;
  NodeId vote;
  Snapshot snapshot;  // MsgSnap only
  bool reject = false;
  Index reject_hint;
  Blob context;                    // ReadIndex id, or "CampaignTransfer"
  std::vector<Message> responses;  // MsgStorageAppend and MsgStorageApply only

  template <class F>
  void fields(F&& f) const {
    f("type", type), f("to", to), f("from", from), f("term", term), f("log_term", log_term);
    f("index", index), f("entries", entries), f("commit", commit), f("vote", vote);
    f("snapshot", snapshot), f("reject", reject), f("reject_hint", reject_hint);
    f("context", context), f("responses", responses);
  }
  friend bool operator==(const Message&, const Message&) = default;
};

}  // namespace orrery::raftpb
