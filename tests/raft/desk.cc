#include "tests/raft/desk.h"

#include <algorithm>
#include <iterator>
#include <utility>

namespace orrery::raft {

Raft member(const MemberSpec& spec) {
  Storage storage;
  raftpb::Snapshot origin;
  for (const auto id : spec.voters) origin.conf_state.voters.emplace_back(id);
  for (const auto id : spec.learners) origin.conf_state.learners.emplace_back(id);
  storage.set_snapshot(origin);
  std::vector<raftpb::Entry> entries;
  for (const auto term : spec.log) {
    entries.push_back({{}, Term(term), Index(entries.size() + 1), Blob("old")});
  }
  storage.append(entries);
  storage.set_hard_state({Term(spec.term), NodeId(spec.vote), Index(spec.commit)});
  Config config = spec.config;
  config.id = NodeId(spec.id);
  return {config, storage, Io{}};
}

Raft leader(const MemberSpec& spec) {
  Raft raft = member(spec);
  raft.campaign(Io{});
  drain(raft);
  for (const auto voter : spec.voters) {
    if (raft.is_leader() || voter == spec.id) continue;
    static_cast<void>(
        raft.step(Io{}, message(MessageType::VoteResp, voter, spec.id, raft.term().value())));
  }
  drain(raft);
  return raft;
}

std::vector<Message> drain(Raft& raft) {
  std::vector<Message> out;
  while (raft.has_ready()) {
    Ready ready = raft.take_ready();
    if (ready.hard_state) raft.storage().set_hard_state(*ready.hard_state);
    if (!ready.snapshot.empty()) static_cast<void>(raft.storage().apply_snapshot(ready.snapshot));
    raft.storage().append(ready.entries);
    std::ranges::move(ready.messages, std::back_inserter(out));
    for (const raftpb::Entry& entry : ready.committed_entries) {
      if (is_conf_change(entry.type)) raft.apply_conf_change(Io{}, *change_of(entry));
    }
    raft.advance(Io{});
  }
  return out;
}

std::vector<Message> answers(Raft& raft, const Message& m) {
  static_cast<void>(raft.step(Io{}, m));
  return drain(raft);
}

std::vector<Message> only(MessageType type, const std::vector<Message>& messages) {
  std::vector<Message> out;
  std::ranges::copy_if(messages, std::back_inserter(out),
                       [type](const Message& m) { return m.type == type; });
  return out;
}

Terms log_of(const Raft& raft) {
  Terms out;
  for (Index i = raft.log().first_index(); i <= raft.log().last_index(); ++i) {
    out.push_back(raft.log().at(i).term.value());
  }
  return out;
}

Message message(MessageType type, std::uint64_t from, std::uint64_t to, std::uint64_t term) {
  Message m;
  m.type = type;
  m.from = NodeId(from);
  m.to = NodeId(to);
  m.term = Term(term);
  return m;
}

Message append(std::uint64_t from, std::uint64_t term, EntryId previous, const Terms& entries,
               std::uint64_t commit) {
  Message m = message(MessageType::App, from, 1, term);
  m.index = previous.index;
  m.log_term = previous.term;
  m.commit = Index(commit);
  for (const auto each : entries) {
    m.entries.push_back({{}, Term(each), previous.index + m.entries.size() + 1, Blob("new")});
  }
  return m;
}

Message vote_request(std::uint64_t from, std::uint64_t term, EntryId last) {
  Message m = message(MessageType::Vote, from, 1, term);
  m.index = last.index;
  m.log_term = last.term;
  return m;
}

Message acknowledgement(std::uint64_t from, std::uint64_t term, std::uint64_t index) {
  Message m = message(MessageType::AppResp, from, 1, term);
  m.index = Index(index);
  return m;
}

void propose(Raft& raft, const char* data) {
  static_cast<void>(raft.propose(Io{}, Blob(data)));
}

void ticks(Raft& raft, int count, std::uint64_t entropy) {
  for (int i = 0; i < count; ++i) raft.tick(Io{no_guards(), entropy, nullptr});
}

void settle(std::vector<Raft>& members, const std::function<bool(const Message&)>& passes) {
  std::vector<Message> network;
  do {
    for (const Message& m : std::exchange(network, {})) {
      if (passes(m)) static_cast<void>(members[m.to.value() - 1].step(Io{}, m));
    }
    for (Raft& each : members) std::ranges::move(drain(each), std::back_inserter(network));
  } while (!network.empty());
}

}  // namespace orrery::raft
