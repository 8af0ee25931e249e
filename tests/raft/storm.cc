#include "tests/raft/storm.h"

#include <algorithm>
#include <array>
#include <utility>

#include "base/draws.h"
#include "base/text.h"
#include "raft/describe.h"
#include "raft/raft_invariants.h"

namespace orrery::raft {

namespace {

NodeId id_of(std::size_t i) {
  return NodeId(i + 1);
}

Blob name_blob(std::uint64_t name) {
  return Blob(std::to_string(name));
}

}  // namespace

Storm::Storm(std::uint64_t seed, std::size_t voters) : seed_(seed) {
  config_.pre_vote = one_in(2);
  config_.check_quorum = one_in(2);
  config_.async_storage_writes = one_in(3);
  config_.step_down_on_removal = one_in(2);
  config_.election_ticks = 5;
  if (one_in(3)) config_.max_inflight_msgs = 2;
  if (one_in(3)) config_.max_size_per_msg = 30;
  if (one_in(4)) config_.max_committed_size_per_ready = 20;
  raftpb::Snapshot first;
  first.index = Index(1);
  first.term = Term(1);
  for (std::size_t i = 0; i < voters; ++i) first.conf_state.voters.push_back(id_of(i));
  // Two more than the first configuration has: they may be added later.
  members_.resize(voters + 2);
  for (std::size_t i = 0; i < members_.size(); ++i) {
    Storage storage;
    if (i < voters) {
      static_cast<void>(storage.apply_snapshot(first));
      storage.set_hard_state({Term(1), kNobody, Index(1)});
    }
    start(i, storage);
  }
}

std::uint64_t Storm::draw() {
  return orrery::draw(seed_, Purpose::TestData, 0, draws_++);
}

void Storm::start(std::size_t i, const Storage& storage) {
  Config config = config_;
  config.id = id_of(i);
  config.applied = storage.snapshot().index;
  StormMember member;
  member.durable = storage;
  member.conf_state = storage.snapshot().conf_state;
  try {
    member.raft = Raft(config, storage, io());
  } catch (const Panic& panic) {
    violations_.push_back({"a member restarts", text("{}: {}", i + 1, panic.text)});
    return;
  }
  members_[i] = std::move(member);
  const Violations more = record_.observe(Raft(), members_[i].raft);
  violations_.insert(violations_.end(), more.begin(), more.end());
}

template <class Action>
void Storm::watched(std::size_t i, const std::string& what, Action action) {
  const Raft before = members_[i].raft;
  story_.push_back(text("{} {}", i + 1, what));
  if (story_.size() > 60) story_.pop_front();
  try {
    action(members_[i].raft);
  } catch (const Panic& panic) {
    violations_.push_back({"no member panics", text("{}: {}", i + 1, panic.text)});
    return;
  }
  const Raft& after = members_[i].raft;
  if (after.is_leader() && (!before.is_leader() || before.term() != after.term())) ++elections_;
  for (const Violations& more : {orrery::raft::violations(after), step_violations(before, after),
                                 record_.observe(before, after)}) {
    violations_.insert(violations_.end(), more.begin(), more.end());
  }
}

std::string Storm::story() const {
  std::string out;
  for (const std::string& line : story_) out += line + "\n";
  return out;
}

void Storm::step() {
  struct Weighted {
    std::uint64_t weight;
    Move move;
  };
  constexpr std::array kMoves{
      Weighted{100, &Storm::tick},    Weighted{400, &Storm::deliver}, Weighted{25, &Storm::lose},
      Weighted{400, &Storm::process}, Weighted{80, &Storm::propose},  Weighted{8, &Storm::change},
      Weighted{10, &Storm::read},     Weighted{3, &Storm::disturb},   Weighted{5, &Storm::crash},
      Weighted{30, &Storm::restart},  Weighted{8, &Storm::compact}};
  std::uint64_t total = 0;
  for (const auto& each : kMoves) total += each.weight;
  std::uint64_t chosen = draw() % total;
  const std::size_t i = draw() % members_.size();
  for (const auto& each : kMoves) {
    if (chosen < each.weight) return (this->*each.move)(i);
    chosen -= each.weight;
  }
}

// -- moves

void Storm::tick(std::size_t i) {
  if (!members_[i].up) return;
  watched(i, "tick", [&](Raft& raft) { raft.tick(io()); });
}

void Storm::deliver(std::size_t) {
  if (network_.empty()) return;
  // Often the oldest, sometimes any; sometimes it stays for a second delivery.
  const std::size_t at = one_in(3) ? draw() % network_.size() : 0;
  const Message m = network_[at];
  if (!one_in(20)) network_.erase(network_.begin() + static_cast<std::ptrdiff_t>(at));
  const std::size_t to = m.to.value() - 1;
  const bool arrives = members_[to].up;
  if (arrives) hand_over(to, m);
  report(m, arrives);
}

// The transport tells the sender about a snapshot always, about other losses now and then.
void Storm::report(const Message& m, bool arrived) {
  const std::size_t from = m.from.value() - 1;
  if (!members_[from].up) return;
  if (m.type == MessageType::Snap) {
    watched(from, arrived ? "snapshot through" : "snapshot lost",
            [&](Raft& raft) { raft.report_snapshot(io(), m.to, arrived); });
  } else if (!arrived && one_in(4)) {
    watched(from, "unreachable", [&](Raft& raft) { raft.report_unreachable(io(), m.to); });
  }
}

void Storm::hand_over(std::size_t i, const Message& m) {
  if (m.type == MessageType::ReadIndex) excuse_a_lone_leader(i, m.entries.front().data);
  watched(i, "receives " + describe(m), [&](Raft& raft) { static_cast<void>(raft.step(io(), m)); });
  if (m.type == MessageType::Snap) ++snapshots_;
}

void Storm::lose(std::size_t) {
  if (network_.empty()) return;
  const auto at = network_.begin() + static_cast<std::ptrdiff_t>(draw() % network_.size());
  const Message m = std::move(*at);
  network_.erase(at);
  report(m, false);
}

void Storm::propose(std::size_t i) {
  if (const StormMember* leads = leader(); leads != nullptr && one_in(2)) {
    i = leads->raft.id().value() - 1;
  }
  if (!members_[i].up) return;
  watched(i, "propose",
          [&](Raft& raft) { static_cast<void>(raft.propose(io(), name_blob(++names_))); });
}

void Storm::change(std::size_t) {
  const StormMember* leads = leader();
  if (leads == nullptr) return;
  const std::size_t i = leads->raft.id().value() - 1;
  raftpb::ConfChangeV2 change;
  change.transition = static_cast<raftpb::ConfChangeTransition>(draw() % 3);
  const std::size_t count = draw() % 3;
  for (std::size_t k = 0; k < count; ++k) {
    constexpr std::array kTypes{raftpb::ConfChangeType::AddNode, raftpb::ConfChangeType::AddNode,
                                raftpb::ConfChangeType::RemoveNode,
                                raftpb::ConfChangeType::AddLearnerNode};
    change.changes.push_back({kTypes.at(draw() % 4), id_of(draw() % members_.size())});
  }
  if (count == 0) change.transition = raftpb::ConfChangeTransition::Auto;
  // A leader never proposes what cannot be applied: that would be a panic on every member.
  if (!reconfigure(members_[i].raft.cluster(), change)) return;
  watched(i, "propose change " + to_text(change.changes),
          [&](Raft& raft) { static_cast<void>(raft.propose_conf_change(io(), change)); });
}

void Storm::read(std::size_t i) {
  if (!members_[i].up) return;
  const std::uint64_t name = ++names_;
  asked_[name] = record_.committed();
  excuse_a_lone_leader(i, name_blob(name));
  watched(i, text("read {}", name), [&](Raft& raft) { raft.read_index(io(), name_blob(name)); });
}

// The only voter answers at once, as in etcd, also before the first commit of its term: after a crash its commit index
// may be older than what it told others before.
void Storm::excuse_a_lone_leader(std::size_t i, const Blob& read) {
  const Raft& raft = members_[i].raft;
  const Term committed = raft.log().term_or_zero(raft.log().committed());
  if (!raft.is_leader() || !raft.cluster().is_singleton() || committed == raft.term()) return;
  asked_[std::stoull(Bytes(read.view()))] = Index();
  ++excused_;
}

void Storm::disturb(std::size_t i) {
  if (!members_[i].up) return;
  switch (draw() % 3) {
    case 0: watched(i, "campaign", [&](Raft& raft) { raft.campaign(io()); }); return;
    case 1:
      watched(i, "forget leader", [&](Raft& raft) { static_cast<void>(raft.forget_leader(io())); });
      return;
    default: {
      const NodeId to = id_of(draw() % members_.size());
      watched(i, "transfer", [&](Raft& raft) { raft.transfer_leader(io(), to); });
    }
  }
}

void Storm::crash(std::size_t i) {
  if (!members_[i].up) return;
  story_.push_back(text("{} crash", i + 1));
  members_[i].up = false;
  members_[i].ready.reset();
}

void Storm::restart(std::size_t i) {
  if (members_[i].up) return;
  story_.push_back(text("{} restart", i + 1));
  const Storage durable = members_[i].durable;
  start(i, durable);
}

void Storm::compact(std::size_t i) {
  StormMember& member = members_[i];
  const Index applied = member.raft.log().applied();
  Storage& storage = member.raft.storage();
  if (!member.up || applied <= storage.snapshot().index || applied > storage.last_index()) return;
  if (!storage.create_snapshot(applied, member.conf_state, Blob("state"))) return;
  const Index to = applied - std::min(draw() % 4, applied.value());
  if (to >= storage.first_index()) static_cast<void>(storage.compact(to));
  // Whoever applies ahead of the append thread knows that the entries are committed.
  raftpb::HardState state = storage.hard_state();
  state.commit = std::max(state.commit, applied);
  storage.set_hard_state(state);
  member.durable = storage;
}

// -- Ready, one phase a move

bool Storm::has_work(std::size_t i) const {
  const StormMember& member = members_[i];
  return member.up && (member.ready || member.raft.has_ready() || !member.appends.empty() ||
                       !member.applies.empty());
}

void Storm::process(std::size_t i) {
  // The next member, in a circle, that has something to do.
  for (std::size_t k = 0; k < members_.size() && !has_work(i); ++k) i = (i + 1) % members_.size();
  if (!has_work(i)) return;
  StormMember& member = members_[i];
  if (!member.appends.empty() && one_in(2)) return work_appends(i);
  if (!member.applies.empty() && one_in(2)) return work_applies(i);
  if (member.ready) return go_on(i);
  if (member.raft.has_ready()) take(i);
}

void Storm::take(std::size_t i) {
  StormMember& member = members_[i];
  watched(i, "ready", [&](Raft& raft) { member.ready = raft.take_ready(); });
  member.written = member.sent = false;
  note_reads(i, member.ready->read_states);
  if (config_.async_storage_writes) {
    send(i, std::move(member.ready->messages));
    member.ready.reset();
  }
}

void Storm::go_on(std::size_t i) {
  StormMember& member = members_[i];
  Ready& ready = *member.ready;
  // A leader may send while it writes.
  const bool send_first = member.raft.is_leader() && one_in(2);
  if (!member.sent && (member.written || send_first)) {
    send(i, std::move(ready.messages));
    member.sent = true;
  } else if (!member.written) {
    const auto state = ready.hard_state.value_or(raftpb::HardState{});
    watched(i, "write", [&](Raft&) { write(i, state, ready, ready.must_sync); });
    member.written = true;
  } else {
    finish(i);
  }
}

void Storm::finish(std::size_t i) {
  StormMember& member = members_[i];
  const Ready ready = *std::exchange(member.ready, std::nullopt);
  apply(i, ready.committed_entries);
  watched(i, "advance", [&](Raft& raft) { raft.advance(io()); });
}

void Storm::write(std::size_t i, const raftpb::HardState& state, const Ready& ready, bool sync) {
  StormMember& member = members_[i];
  Storage& storage = member.raft.storage();
  raftpb::HardState newest = state;
  newest.commit = std::max(newest.commit, storage.hard_state().commit);
  if (!state.empty()) storage.set_hard_state(newest);
  if (!ready.snapshot.empty()) {
    static_cast<void>(storage.apply_snapshot(ready.snapshot));
    member.conf_state = ready.snapshot.conf_state;
    sync = true;
  }
  storage.append(ready.entries);
  if (sync || one_in(2)) member.durable = storage;
}

void Storm::apply(std::size_t i, const std::vector<raftpb::Entry>& entries) {
  for (const raftpb::Entry& entry : entries) {
    if (!is_conf_change(entry.type)) continue;
    const auto change = change_of(entry);
    watched(i, "apply " + describe(entry), [&](Raft& raft) {
      members_[i].conf_state = raft.apply_conf_change(io(), entry.index, *change);
    });
    ++changes_;
  }
}

// As etcd's server does: what is sent is the state machine of now, whose configuration knows the newcomer.
void Storm::refresh(std::size_t i, raftpb::Snapshot& snapshot) {
  const Log& log = members_[i].raft.log();
  if (log.applied() <= snapshot.index) return;
  snapshot.index = log.applied();
  snapshot.term = *log.term(log.applied());
  snapshot.conf_state = members_[i].conf_state;
}

void Storm::send(std::size_t i, std::vector<Message> messages) {
  for (Message& m : messages) {
    if (m.to == kAppendThread) {
      members_[i].appends.push_back(std::move(m));
    } else if (m.to == kApplyThread) {
      members_[i].applies.push_back(std::move(m));
    } else {
      if (m.type == MessageType::Snap) refresh(i, m.snapshot);
      network_.push_back(std::move(m));
    }
  }
  while (network_.size() > 300) lose(i);
}

void Storm::work_appends(std::size_t i) {
  Message m = std::move(members_[i].appends.front());
  members_[i].appends.pop_front();
  Ready work;
  work.entries = m.entries;
  work.snapshot = m.snapshot;
  watched(i, "write", [&](Raft&) { write(i, {m.term, m.vote, m.commit}, work, true); });
  for (const Message& answer : m.responses) {
    if (answer.to == id_of(i)) {
      hand_over(i, answer);
    } else {
      send(i, {answer});
    }
  }
}

void Storm::work_applies(std::size_t i) {
  const Message m = std::move(members_[i].applies.front());
  members_[i].applies.pop_front();
  apply(i, m.entries);
  for (const Message& answer : m.responses) hand_over(i, answer);
}

void Storm::note_reads(std::size_t i, const std::vector<ReadState>& states) {
  for (const ReadState& state : states) {
    ++reads_;
    const Index committed = asked_[std::stoull(Bytes(state.context.view()))];
    if (state.index >= committed) continue;
    violations_.push_back(
        {"a read sees everything committed before it was asked",
         text("{}: read {} at {}, committed {}", i + 1, Bytes(state.context.view()),
              state.index.value(), committed.value())});
  }
}

// -- after the storm

const StormMember* Storm::leader() const {
  const StormMember* out = nullptr;
  for (const StormMember& member : members_) {
    if (!member.up || !member.raft.is_leader()) continue;
    if (out == nullptr || out->raft.term() < member.raft.term()) out = &member;
  }
  return out;
}

// Everything on its way arrives in order; every Ready is done.
void Storm::settle() {
  for (int round = 0; round < 200 && violations_.empty(); ++round) {
    bool moved = false;
    for (std::size_t i = 0; i < members_.size(); ++i) {
      while (has_work(i)) {
        process(i);
        moved = true;
        if (!violations_.empty()) return;
      }
    }
    for (const Message& m : std::exchange(network_, {})) {
      const std::size_t to = m.to.value() - 1;
      const bool arrives = members_[to].up;
      if (arrives) hand_over(to, m);
      report(m, arrives);
      moved = true;
    }
    if (!moved) return;
  }
}

// As etcd's server does: a member that has applied its own removal stops.
void Storm::stop_removed() {
  const StormMember* leads = leader();
  for (StormMember& member : members_) {
    const ClusterConfig& cluster = member.raft.cluster();
    // While the leader has not left the old configuration it may need the member's vote; who was added again may not
    // have heard of it.
    const bool is_needed = leads == nullptr || leads->raft.cluster().is_member(member.raft.id());
    const bool is_out = !cluster.members().empty() && !cluster.is_member(member.raft.id());
    if (is_out && !is_needed) member.up = false;
  }
}

bool Storm::can_win(const Raft& candidate) const {
  if (!candidate.cluster().is_voter(candidate.id())) return false;
  Votes votes;
  for (const NodeId id : candidate.cluster().voters.ids()) {
    const Raft& voter = members_[id.value() - 1].raft;
    votes.add(id, voter.log().is_up_to_date(candidate.log().last_entry()));
  }
  return vote_result(candidate.cluster().voters, votes) == VoteResult::Won;
}

bool Storm::nobody_can_win() const {
  bool somebody_left = false;
  for (const StormMember& member : members_) {
    if (can_win(member.raft)) return false;
    const ClusterConfig& cluster = member.raft.cluster();
    somebody_left |= !cluster.members().empty() && !cluster.is_voter(member.raft.id());
  }
  return somebody_left;
}

bool Storm::a_learner_is_ahead() const {
  const StormMember* leads = leader();
  if (leads == nullptr || config_.pre_vote || config_.check_quorum) return false;
  return std::ranges::any_of(leads->raft.cluster().learners, [&](NodeId id) {
    return members_[id.value() - 1].raft.term() > leads->raft.term();
  });
}

std::string Storm::excuse() const {
  if (nobody_can_win()) return "no election can be won";
  if (a_learner_is_ahead()) return "a learner is ahead of the leader's term";
  return "";
}

std::string Storm::heal() {
  for (std::size_t i = 0; i < members_.size(); ++i) restart(i);
  Index goal;
  for (int round = 0; round < 200 && violations_.empty(); ++round) {
    settle();
    for (std::size_t i = 0; i < members_.size(); ++i) tick(i);
    settle();
    stop_removed();
    const StormMember* leads = leader();
    if (leads == nullptr) continue;
    // Who stopped at its removal and was added again is started again.
    for (const NodeId id : leads->raft.cluster().members()) restart(id.value() - 1);
    if (round == 120) {
      goal = leads->raft.log().last_index() + 1;
      propose(leads->raft.id().value() - 1);
    }
    if (round <= 120) continue;
    bool all = true;
    for (const NodeId id : leads->raft.cluster().members()) {
      all &= members_[id.value() - 1].raft.log().applied() >= goal;
    }
    if (all) return "";
  }
  if (!violations_.empty()) return "a claim broke";
  return text("index {} was not applied everywhere\n", goal.value()) + members_text();
}

std::string Storm::members_text() const {
  std::string out;
  for (const StormMember& member : members_) {
    out +=
        text("{} {} term {} lead {} {} {}\n", member.raft.id().value(), to_text(member.raft.role()),
             member.raft.term().value(), member.raft.leader().value(), to_text(member.raft.log()),
             to_text(member.raft.cluster()));
    if (member.raft.progress() != nullptr) out += to_text(*member.raft.progress());
  }
  return out;
}

}  // namespace orrery::raft
