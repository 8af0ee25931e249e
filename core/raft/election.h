// Elections: campaigning, answering requests for votes, counting answers.
//   used by: step, candidate, follower, raft    uses: state.h
//   from: raft paper 5.2, 5.4.1, thesis 4.2.3 (leases), 9.6 (pre-vote), 3.10 (transfer);
//         etcd raft raft.go (hup, campaign, poll, Step)
#pragma once

#include "raft/state.h"

namespace orrery::raft {

enum class Campaign : std::uint8_t {
  PreElection,  // ask first; the term stays
  Election,
  Transfer  // at the leader's wish: voters do not insist on its lease
};

// What a transfer's request for a vote carries as context.
inline constexpr std::string_view kTransferContext = "CampaignTransfer";

// The election timer ran out, or somebody asks for an election.
void hup(State& raft, const Io& io, Campaign kind);

// Requests the votes of all voters, its own too. Who stopped being promotable since it asked for pre-votes
// campaigns all the same: it lacks its own vote.
void campaign(State& raft, const Io& io, Campaign kind);

// Answers MsgVote and MsgPreVote of a term that is not lower than ours.
void on_vote_request(State& raft, const Io& io, const Message& m);

// A request that would depose a leader we heard of within the election timeout is not even answered.
bool is_within_lease(const State& raft, const Io& io, const Message& m);

// The (pre-)candidate's rules.
Result<void> step_candidate(State& raft, const Io& io, const Message& m);

}  // namespace orrery::raft
