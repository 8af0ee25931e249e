#include "raft/majority.h"

#include <algorithm>

namespace orrery::raft {

std::string_view to_text(VoteResult result) {
  switch (result) {
    case VoteResult::Pending: return "VotePending";
    case VoteResult::Lost: return "VoteLost";
    case VoteResult::Won: return "VoteWon";
  }
  return "";
}

Index committed_index(std::span<Index> acked) {
  if (acked.empty()) return kEverything;
  // Ascending: the majority-th from the end is on itself and everything behind it.
  // Example: 3 voters at 4 7 9 -> 7, since two voters have 7.
  std::ranges::sort(acked);
  return acked[acked.size() - majority_of(acked.size())];
}

VoteResult vote_result(std::size_t voters, std::size_t granted, std::size_t rejected) {
  if (voters == 0) return VoteResult::Won;
  const std::size_t needed = majority_of(voters);
  if (granted >= needed) return VoteResult::Won;
  const std::size_t open = voters - granted - rejected;
  return granted + open >= needed ? VoteResult::Pending : VoteResult::Lost;
}

}  // namespace orrery::raft
