// Majority: the arithmetic of one quorum. Pure functions of numbers.
//   used by: joint.h                uses: id_map.h
//   ideas:   an index is committed once n/2+1 voters have it (paper 5.3); an election is won by n/2+1 votes
//            and lost once that many cannot come any more (paper 5.2).
//   from: raft paper 5.2, 5.3; etcd raft quorum/majority.go, quorum/quorum.go
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

#include "base/strong.h"

namespace orrery::raft {

// The answer of an empty half of a joint configuration: it holds nothing back.
inline constexpr Index kEverything{~std::uint64_t{0}};

enum class VoteResult : std::uint8_t { Pending, Lost, Won };

// "VoteWon"
std::string_view to_text(VoteResult result);

constexpr std::size_t majority_of(std::size_t voters) {
  return voters / 2 + 1;
}

// The largest index that a majority has; one number for each voter, 0 where none is known.
// Reorders `acked`. An empty quorum answers kEverything.
Index committed_index(std::span<Index> acked);

// An empty quorum has won: elections with an empty second half are decided by the first.
VoteResult vote_result(std::size_t voters, std::size_t granted, std::size_t rejected);

}  // namespace orrery::raft
