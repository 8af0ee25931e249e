// Desk: a vocabulary for tests of one member or a few: make one with a given log, hand it messages, see what it sends.
//   used by: paper_test.cc and its neighbours    uses: core/raft
#pragma once

#include <cstdint>
#include <functional>
#include <vector>

#include "raft/raft.h"

namespace orrery::raft {

using Terms = std::vector<std::uint64_t>;

struct MemberSpec {
  std::uint64_t id = 1;
  std::vector<std::uint64_t> voters = {1, 2, 3};
  std::vector<std::uint64_t> learners = {};
  Terms log = {};  // the term of each entry, from index 1
  std::uint64_t term = 0;
  std::uint64_t vote = 0;
  std::uint64_t commit = 0;
  Config config = {};  // id is set from above
};

Raft member(const MemberSpec& spec);

// A member that was elected, with its first entry stored but not acknowledged by anybody else. Its term is one more
// than the specified.
Raft leader(const MemberSpec& spec);

// Obeys every Ready: writes, applies, advances. What was to be sent, in order.
std::vector<Message> drain(Raft& raft);

// Steps a message and drains.
std::vector<Message> answers(Raft& raft, const Message& m);

std::vector<Message> only(MessageType type, const std::vector<Message>& messages);

// The terms of all entries in the log.
Terms log_of(const Raft& raft);

Message message(MessageType type, std::uint64_t from, std::uint64_t to, std::uint64_t term);
Message append(std::uint64_t from, std::uint64_t term, EntryId previous, const Terms& entries,
               std::uint64_t commit);
Message vote_request(std::uint64_t from, std::uint64_t term, EntryId last);
Message acknowledgement(std::uint64_t from, std::uint64_t term, std::uint64_t index);

inline EntryId at(std::uint64_t term, std::uint64_t index) {
  return {Term(term), Index(index)};
}

void propose(Raft& raft, const char* data);

void ticks(Raft& raft, int count, std::uint64_t entropy = 0);

// Delivers everything among the members until nothing moves. `passes`: which messages the network lets through.
void settle(
    std::vector<Raft>& members,
    const std::function<bool(const Message&)>& passes = [](const Message&) { return true; });

}  // namespace orrery::raft
