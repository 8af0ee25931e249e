#include "raft/raft.h"

#include "base/check.h"
#include "proto/raftpb_codec.h"
#include "raft/leader.h"
#include "raft/membership.h"

namespace orrery::raft {

using raftpb::Entry;
using raftpb::EntryType;

namespace {

Message local(MessageType type, NodeId from) {
  Message m;
  m.type = type;
  m.from = from;
  return m;
}

Entry entry_of(EntryType type, Blob data) {
  Entry entry;
  entry.type = type;
  entry.data = std::move(data);
  return entry;
}

// Asked of this member itself; from = 0 is filled in when it is forwarded.
Result<void> propose_here(State& raft, const Io& io, Entry entry) {
  std::vector<Entry> entries;
  entries.push_back(std::move(entry));
  if (raft.is_leader()) return propose(raft, io, std::move(entries));
  Message m = local(MessageType::Prop, kNobody);
  m.entries = std::move(entries);
  return step(raft, io, m);
}

bool is_local(MessageType type) {
  return type == MessageType::Hup || type == MessageType::Beat ||
         type == MessageType::Unreachable || type == MessageType::SnapStatus ||
         type == MessageType::CheckQuorum || type == MessageType::StorageAppend ||
         type == MessageType::StorageAppendResp || type == MessageType::StorageApply ||
         type == MessageType::StorageApplyResp;
}

bool is_answer(MessageType type) {
  return type == MessageType::AppResp || type == MessageType::VoteResp ||
         type == MessageType::HeartbeatResp || type == MessageType::Unreachable ||
         type == MessageType::ReadIndexResp || type == MessageType::PreVoteResp ||
         type == MessageType::StorageAppendResp || type == MessageType::StorageApplyResp;
}

std::string voters_text(const IdSet& voters) {
  std::string out;
  for (const NodeId id : voters) {
    if (!out.empty()) out += ',';
    out += words(id);
  }
  return out;
}

}  // namespace

Raft::Raft(Config config, Storage storage, const Io& io) {
  const auto valid = validate(config);
  check(valid.has_value(), valid ? "a valid configuration" : valid.error().detail);
  if (config.max_committed_size_per_ready == 0) {
    config.max_committed_size_per_ready = config.max_size_per_msg;
  }
  const raftpb::HardState hard_state = storage.hard_state();
  const raftpb::ConfState conf_state = storage.snapshot().conf_state;
  state_.config = config;
  state_.log = Log(std::move(storage), config.max_committed_size_per_ready);
  switch_to(state_, io, {config_of(conf_state), {}});
  if (!hard_state.empty()) {
    const bool known =
        hard_state.commit >= state_.log.committed() && hard_state.commit <= state_.log.last_index();
    if (!known) {
      panic(text("{} state.commit {} is out of range [{}, {}]", words(config.id),
                 hard_state.commit.value(), state_.log.committed().value(),
                 state_.log.last_index().value()));
    }
    state_.log.commit_to(hard_state.commit);
    state_.term = hard_state.term;
    state_.vote = hard_state.vote;
  }
  if (config.applied > Index(0)) state_.log.applied_to(config.applied, 0);
  become_follower(state_, io, state_.term, kNobody);
  const EntryId last = state_.log.last_entry();
  say(io, LogLevel::Info,
      "newRaft {} [peers: [{}], term: {}, commit: {}, applied: {}, lastindex: {}, lastterm: {}]",
      config.id, voters_text(state_.cluster.voters.ids()), state_.term, state_.log.committed(),
      state_.log.applied(), last.index, last.term);
  last_soft_state_ = soft_state();
  last_hard_state_ = this->hard_state();
}

void Raft::bootstrap(const Io& io, std::span<const Peer> peers) {
  check(!peers.empty(), "a group has a member");
  check(state_.log.last_index() == Index(0), "a new group has an empty log");
  last_hard_state_ = {};  // nothing of it is on disk yet
  become_follower(state_, io, Term(1), kNobody);
  std::vector<Entry> entries;
  for (const Peer& peer : peers) {
    raftpb::ConfChange change;
    change.node_id = peer.id;
    change.context = peer.context;
    Entry entry = entry_of(EntryType::ConfChange, Blob(raftpb::encode(change)));
    entry.term = Term(1);
    entry.index = Index(entries.size() + 1);
    entries.push_back(std::move(entry));
  }
  state_.log.append(io, entries);
  state_.log.commit_to(entries.back().index);
  // Applied here already, so that an election may start before the first Ready; once more does no harm.
  for (const Peer& peer : peers) {
    apply_change(state_, io, as_v2({.id = 0, .type = {}, .node_id = peer.id, .context = {}}));
  }
}

void Raft::tick(const Io& io) {
  raft::tick(state_, io);
}

Result<void> Raft::step(const Io& io, const Message& m) {
  if (is_local(m.type) && !is_storage_thread(m.from)) {
    return fail(Errc::WrongUse, "raft: cannot step raft local message");
  }
  if (is_answer(m.type) && !is_storage_thread(m.from) && !state_.cluster.is_member(m.from)) {
    return fail(Errc::WrongUse, "raft: cannot step as peer not found");
  }
  return raft::step(state_, io, m);
}

Result<void> Raft::propose(const Io& io, Blob data) {
  return propose_here(state_, io, entry_of(EntryType::Normal, std::move(data)));
}

Result<void> Raft::propose_conf_change(const Io& io, const raftpb::ConfChange& change) {
  return propose_here(state_, io, entry_of(EntryType::ConfChange, Blob(raftpb::encode(change))));
}

Result<void> Raft::propose_conf_change(const Io& io, const raftpb::ConfChangeV2& change) {
  return propose_here(state_, io, entry_of(EntryType::ConfChangeV2, Blob(raftpb::encode(change))));
}

raftpb::ConfState Raft::apply_conf_change(const Io& io, Index entry,
                                          const raftpb::ConfChangeV2& change) {
  const Index first = state_.log.first_index();
  if (!io.guards(entry >= first, "no snapshot has brought a newer configuration",
                 {{"entry", entry}, {"first index", first}})) {
    return state_.cluster.conf_state();
  }
  return apply_conf_change(io, change);
}

raftpb::ConfState Raft::apply_conf_change(const Io& io, const raftpb::ConfChangeV2& change) {
  return apply_change(state_, io, change);
}

void Raft::campaign(const Io& io) {
  static_cast<void>(raft::step(state_, io, local(MessageType::Hup, kNobody)));
}

void Raft::read_index(const Io& io, Blob context) {
  Message m = local(MessageType::ReadIndex, kNobody);
  m.entries.push_back(entry_of(EntryType::Normal, std::move(context)));
  static_cast<void>(raft::step(state_, io, m));
}

void Raft::transfer_leader(const Io& io, NodeId to) {
  static_cast<void>(raft::step(state_, io, local(MessageType::TransferLeader, to)));
}

Result<void> Raft::forget_leader(const Io& io) {
  return raft::step(state_, io, local(MessageType::ForgetLeader, kNobody));
}

void Raft::report_unreachable(const Io& io, NodeId id) {
  static_cast<void>(raft::step(state_, io, local(MessageType::Unreachable, id)));
}

void Raft::report_snapshot(const Io& io, NodeId id, bool ok) {
  Message m = local(MessageType::SnapStatus, id);
  m.reject = !ok;
  static_cast<void>(raft::step(state_, io, m));
}

const Votes* Raft::votes() const {
  if (const auto* pre = std::get_if<PreCandidate>(&state_.role)) return &pre->votes;
  if (const auto* candidate = std::get_if<Candidate>(&state_.role)) return &candidate->votes;
  return nullptr;
}

}  // namespace orrery::raft
