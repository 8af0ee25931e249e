// Group: Raft members in one memory, their messages carried by hand: the least around a Raft that commits.
//   used by: raft_bench.cc, instructions/    uses: core/raft
//   ideas:   no network, no disk, no clock: what is measured is Raft and its storage. The order of everything is
//            fixed, so that peers/raft/main.go can do the very same work; whoever changes one changes the other.
#pragma once

#include <array>
#include <cstdint>
#include <utility>
#include <vector>

#include "base/check.h"
#include "base/digest.h"
#include "raft/membership.h"
#include "raft/raft.h"

namespace orrery::raft::bench {

inline constexpr std::size_t kPayloadBytes = 128;

// The number in the first eight bytes, little end first, then zeros.
inline Blob payload(std::uint64_t number) {
  std::array<char, kPayloadBytes> bytes{};
  for (std::size_t i = 0; i < 8; ++i) bytes[i] = static_cast<char>(number >> (8 * i));
  return Blob(BytesView(bytes.data(), bytes.size()));
}

// A member with an empty log, before any election.
inline Raft fresh(std::uint64_t id, std::uint64_t voters) {
  raftpb::Snapshot origin;
  for (std::uint64_t i = 1; i <= voters; ++i) origin.conf_state.voters.push_back(NodeId(i));
  Storage storage;
  storage.set_snapshot(origin);
  Config config;
  config.id = NodeId(id);
  return {config, storage, Io{}};
}

// What a run did, to be held against the peer's.
struct Work {
  std::uint64_t messages = 0;   // handed out in Readys
  std::uint64_t committed = 0;  // entries, over all members
  std::uint64_t readys = 0;
};

// Obeys every Ready: writes, counts, advances. The messages go to `out`.
inline void drain(Raft& raft, std::vector<Message>& out, Work& work) {
  while (raft.has_ready()) {
    Ready ready = raft.take_ready();
    ++work.readys;
    if (ready.hard_state) raft.storage().set_hard_state(*ready.hard_state);
    raft.storage().append(ready.entries);
    work.messages += ready.messages.size();
    work.committed += ready.committed_entries.size();
    for (Message& m : ready.messages) out.push_back(std::move(m));
    raft.advance(Io{});
  }
}

struct Group {
  std::vector<Raft> members;
  std::vector<Message> network;
  std::vector<Message> arriving;
  Work work;

  // Member 1 leads, and everybody knows it.
  explicit Group(std::uint64_t size) {
    for (std::uint64_t id = 1; id <= size; ++id) members.push_back(fresh(id, size));
    members[0].campaign(Io{});
    settle();
    check(members[0].is_leader(), "member 1 was elected");
    work = {};
  }

  // Everybody's Readys, then everybody's messages, until nothing moves.
  void settle() {
    do {
      std::swap(network, arriving);
      network.clear();
      for (const Message& m : arriving) check_ok(members[m.to.value() - 1].step(Io{}, m));
      for (Raft& each : members) drain(each, network, work);
    } while (!network.empty());
  }

  void propose(std::uint64_t number) { check_ok(members[0].propose(Io{}, payload(number))); }

  static void check_ok(const Result<void>& result) { check(result.has_value(), "accepted"); }
};

// FNV-1a over term, index and payload of the stored log: 32 bits, exact in a benchmark's counter.
inline std::uint32_t log_hash(const Raft& raft) {
  std::uint32_t hash = 2166136261U;
  const auto add = [&hash](std::uint64_t byte) {
    hash = (hash ^ static_cast<std::uint32_t>(byte & 0xff)) * 16777619U;
  };
  const Storage& log = raft.storage();
  for (Index i = log.first_index(); i <= log.last_index(); ++i) {
    const raftpb::Entry& entry = log.at(i);
    for (unsigned shift = 0; shift < 64; shift += 8) add(entry.term.value() >> shift);
    for (unsigned shift = 0; shift < 64; shift += 8) add(entry.index.value() >> shift);
    for (const char byte : entry.data.view()) add(static_cast<unsigned char>(byte));
  }
  return hash;
}

}  // namespace orrery::raft::bench
