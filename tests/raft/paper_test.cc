// One test for each sentence of the Raft paper that can be tested: Figure 2, sections 5.1 to 5.4, 6, 7 and 8.
// from: Ongaro, Ousterhout: In Search of an Understandable Consensus Algorithm (extended version)
#include <set>

#include <gtest/gtest.h>

#include "tests/raft/desk.h"

namespace orrery::raft {
namespace {

// ---- 5.1 basics

// from: raft paper 5.1: a smaller current term is updated to the larger one
TEST(Paper51, AnyRoleTakesOnALargerTermAndFollows) {
  for (Raft raft : {member({.term = 2}), leader({.term = 1})}) {
    answers(raft, append(2, 5, at(0, 0), {}, 0));

    EXPECT_EQ(raft.term(), Term(5));
    EXPECT_EQ(raft.role(), RoleName::Follower);
    EXPECT_EQ(raft.leader(), NodeId(2));
  }
}

// from: raft paper 5.1: a candidate or leader that finds its term out of date becomes a follower
TEST(Paper51, ACandidateWithAStaleTermFollows) {
  Raft raft = member({});
  raft.campaign(Io{});

  answers(raft, message(MessageType::Heartbeat, 2, 1, 4));

  EXPECT_EQ(raft.role(), RoleName::Follower);
  EXPECT_EQ(raft.term(), Term(4));
}

// from: raft paper 5.1: a request with a stale term is rejected
TEST(Paper51, ARequestOfAStaleTermChangesNothing) {
  Raft raft = member({.log = {1}, .term = 3});
  const Raft before = raft;

  EXPECT_TRUE(answers(raft, append(2, 2, at(1, 1), {2}, 2)).empty());
  EXPECT_TRUE(answers(raft, vote_request(2, 2, at(9, 9))).empty());

  EXPECT_EQ(raft, before);
}

// from: raft paper 5.1, Figure 2: current term survives a restart
TEST(Paper51, TermVoteAndLogSurviveARestart) {
  Raft raft = member({.term = 3});
  answers(raft, vote_request(2, 4, at(0, 0)));
  answers(raft, append(2, 4, at(0, 0), {4}, 0));

  const Raft again(raft.state().config, raft.storage(), Io{});

  EXPECT_EQ(again.term(), Term(4));
  EXPECT_EQ(again.vote(), NodeId(2));
  EXPECT_EQ(log_of(again), Terms{4});
}

// ---- 5.2 leader election

// from: raft paper 5.2: servers start as followers
TEST(Paper52, StartsAsAFollower) {
  EXPECT_EQ(member({}).role(), RoleName::Follower);
}

// from: raft paper 5.2: a follower stays one while it hears from a leader
TEST(Paper52, StaysAFollowerWhileItHearsFromALeader) {
  Raft raft = member({.term = 1});
  for (int i = 0; i < 10; ++i) {
    ticks(raft, 9);
    answers(raft, message(MessageType::Heartbeat, 2, 1, 1));
  }

  EXPECT_EQ(raft.role(), RoleName::Follower);
  EXPECT_EQ(raft.term(), Term(1));
}

// from: raft paper 5.2: leaders send periodic heartbeats to all followers
TEST(Paper52, ALeaderSendsHeartbeatsToAllFollowers) {
  Raft raft = leader({.voters = {1, 2, 3, 4}, .config = {.heartbeat_ticks = 2}});

  ticks(raft, 1);
  EXPECT_TRUE(drain(raft).empty());
  ticks(raft, 1);
  const auto sent = only(MessageType::Heartbeat, drain(raft));

  ASSERT_EQ(sent.size(), 3U);
  EXPECT_EQ(sent[0].to, NodeId(2));
  EXPECT_EQ(sent[2].to, NodeId(4));
  EXPECT_EQ(sent[2].term, raft.term());
}

// from: raft paper 5.2: it increments its term, becomes candidate, votes for itself, asks all others in parallel
TEST(Paper52, AnElectionTimeoutStartsAnElection) {
  Raft raft = member({.log = {1, 2}, .term = 2});

  ticks(raft, 10);
  const auto sent = drain(raft);

  EXPECT_EQ(raft.role(), RoleName::Candidate);
  EXPECT_EQ(raft.term(), Term(3));
  EXPECT_EQ(raft.vote(), NodeId(1));
  ASSERT_EQ(sent.size(), 2U);
  EXPECT_EQ(sent[0].type, MessageType::Vote);
  EXPECT_EQ(sent[0].to, NodeId(2));
  EXPECT_EQ(sent[1].to, NodeId(3));
  EXPECT_EQ(sent[0].term, Term(3));
}

struct Ballot {
  const char* name;
  std::size_t voters;
  std::vector<std::uint64_t> granted;
  std::vector<std::uint64_t> rejected;
  RoleName then;
};

// from: raft paper 5.2: it wins with votes of a majority of the full cluster for the same term
TEST(Paper52, AMajorityOfVotesWinsAndNothingLess) {
  const std::vector<Ballot> ballots{
      {"alone", 1, {}, {}, RoleName::Leader},
      {"two of three", 3, {2}, {}, RoleName::Leader},
      {"two of three, one against", 3, {2}, {3}, RoleName::Leader},
      {"one of three", 3, {}, {}, RoleName::Candidate},
      {"all against", 3, {}, {2, 3}, RoleName::Follower},
      {"two of four", 4, {2}, {}, RoleName::Candidate},
      {"three of five", 5, {2, 4}, {}, RoleName::Leader},
      {"two of five", 5, {2}, {3, 4}, RoleName::Candidate},
      {"lost in five", 5, {2}, {3, 4, 5}, RoleName::Follower},
  };
  for (const Ballot& ballot : ballots) {
    SCOPED_TRACE(ballot.name);
    MemberSpec spec;
    spec.voters.resize(ballot.voters);
    for (std::size_t i = 0; i < ballot.voters; ++i) spec.voters[i] = i + 1;
    Raft raft = member(spec);
    raft.campaign(Io{});
    drain(raft);
    for (const auto id : ballot.granted) answers(raft, message(MessageType::VoteResp, id, 1, 1));
    for (const auto id : ballot.rejected) {
      Message no = message(MessageType::VoteResp, id, 1, 1);
      no.reject = true;
      answers(raft, no);
    }

    EXPECT_EQ(raft.role(), ballot.then);
  }
}

// A vote that is counted twice is still one.
TEST(Paper52, AVoterIsCountedOnce) {
  Raft raft = member({.voters = {1, 2, 3, 4, 5}});
  raft.campaign(Io{});
  drain(raft);

  answers(raft, message(MessageType::VoteResp, 2, 1, 1));
  answers(raft, message(MessageType::VoteResp, 2, 1, 1));

  EXPECT_EQ(raft.role(), RoleName::Candidate);
}

// from: raft paper 5.2: at most one vote in a term, first-come-first-served
TEST(Paper52, VotesForOneCandidateInATerm) {
  Raft raft = member({});

  const auto first = answers(raft, vote_request(2, 1, at(0, 0)));
  const auto second = answers(raft, vote_request(3, 1, at(5, 5)));
  const auto repeated = answers(raft, vote_request(2, 1, at(0, 0)));

  ASSERT_EQ(first.size(), 1U);
  EXPECT_FALSE(first[0].reject);
  ASSERT_EQ(second.size(), 1U);
  EXPECT_TRUE(second[0].reject);
  ASSERT_EQ(repeated.size(), 1U);
  EXPECT_FALSE(repeated[0].reject);
  EXPECT_EQ(raft.vote(), NodeId(2));
}

// from: raft paper Figure 2: persistent state is updated on stable storage before responding to RPCs
TEST(Paper52, TheVoteIsOnDiskBeforeTheAnswerLeaves) {
  Raft raft = member({});
  static_cast<void>(raft.step(Io{}, vote_request(2, 1, at(0, 0))));

  const Ready ready = raft.take_ready();

  ASSERT_TRUE(ready.hard_state.has_value());
  EXPECT_EQ(*ready.hard_state, (raftpb::HardState{Term(1), NodeId(2), Index(0)}));
  EXPECT_TRUE(ready.must_sync);
  ASSERT_EQ(ready.messages.size(), 1U);  // in the same Ready: sent after it is written
  EXPECT_EQ(ready.messages[0].type, MessageType::VoteResp);
}

// The term is on disk already; the vote alone is worth a write.
TEST(Paper52, AVoteInAKnownTermIsOnDiskToo) {
  Raft raft = member({.log = {1}, .term = 1});
  answers(raft, vote_request(2, 2, at(0, 0)));
  static_cast<void>(raft.step(Io{}, vote_request(3, 2, at(1, 1))));

  const Ready ready = raft.take_ready();

  ASSERT_TRUE(ready.hard_state.has_value());
  EXPECT_EQ(ready.hard_state->vote, NodeId(3));
  EXPECT_TRUE(ready.must_sync);
}

TEST(Paper52, TheCommitIndexAloneMayBeWrittenLater) {
  Raft raft = member({.log = {1}, .term = 1});
  answers(raft, message(MessageType::Heartbeat, 2, 1, 1));
  static_cast<void>(raft.step(Io{}, append(2, 1, at(1, 1), {}, 1)));

  const Ready ready = raft.take_ready();

  EXPECT_TRUE(ready.hard_state.has_value());
  EXPECT_FALSE(ready.must_sync);
}

TEST(Paper52, TheOwnVoteCountsOnceItIsOnDisk) {
  Raft raft = member({.voters = {1}});
  raft.campaign(Io{});
  EXPECT_EQ(raft.role(), RoleName::Candidate);

  static_cast<void>(raft.take_ready());
  EXPECT_EQ(raft.role(), RoleName::Candidate);
  raft.advance(Io{});

  EXPECT_EQ(raft.role(), RoleName::Leader);
}

// from: raft paper 5.2: a leader of the same or a later term ends the candidacy
TEST(Paper52, ACandidateYieldsToALeaderOfItsTerm) {
  for (const std::uint64_t term : Terms{1, 2}) {
    Raft raft = member({});
    raft.campaign(Io{});
    drain(raft);

    answers(raft, append(3, term, at(0, 0), {term}, 0));

    EXPECT_EQ(raft.role(), RoleName::Follower);
    EXPECT_EQ(raft.leader(), NodeId(3));
    EXPECT_EQ(log_of(raft), Terms{term});
  }
}

// from: raft paper 5.2: with a smaller term the request is rejected and the candidate continues
TEST(Paper52, ACandidateIgnoresALeaderOfAnEarlierTerm) {
  Raft raft = member({.term = 2});
  raft.campaign(Io{});
  drain(raft);

  EXPECT_TRUE(answers(raft, append(3, 2, at(0, 0), {2}, 0)).empty());

  EXPECT_EQ(raft.role(), RoleName::Candidate);
  EXPECT_TRUE(log_of(raft).empty());
}

// from: raft paper 5.2: a candidate whose vote is split starts a new election after a timeout
TEST(Paper52, ASplitVoteStartsANewElection) {
  Raft raft = member({});
  ticks(raft, 10);
  drain(raft);

  ticks(raft, 10);

  EXPECT_EQ(raft.role(), RoleName::Candidate);
  EXPECT_EQ(raft.term(), Term(2));
}

// from: raft paper 5.2: election timeouts are chosen randomly from a fixed interval
TEST(Paper52, TimeoutsSpreadOverTheWholeInterval) {
  std::set<int> seen;
  for (std::uint64_t entropy = 0; entropy < 30; ++entropy) {
    Raft raft = member({});
    answers(raft, message(MessageType::Heartbeat, 2, 1, 1));
    static_cast<void>(
        raft.step(Io{no_guards(), entropy, nullptr}, message(MessageType::Heartbeat, 2, 1, 2)));
    int waited = 0;
    for (; raft.role() == RoleName::Follower; ++waited) ticks(raft, 1);
    seen.insert(waited);
  }

  EXPECT_EQ(*seen.begin(), 10);
  EXPECT_EQ(*seen.rbegin(), 19);
  EXPECT_EQ(seen.size(), 10U);
}

// from: raft paper 5.2, Figure 2: granting a vote restarts the timer, refusing one does not
TEST(Paper52, OnlyAGrantedVoteRestartsTheTimer) {
  Raft granting = member({.term = 1});
  Raft refusing = member({.log = {1}, .term = 1});
  ticks(granting, 9);
  ticks(refusing, 9);

  answers(granting, vote_request(2, 1, at(0, 0)));
  answers(refusing, vote_request(2, 1, at(0, 0)));
  ticks(granting, 1);
  ticks(refusing, 1);

  EXPECT_EQ(granting.role(), RoleName::Follower);
  EXPECT_EQ(refusing.role(), RoleName::Candidate);
}

// ---- 5.3 log replication

// from: raft paper 5.3: the leader appends the command and sends it to all others in parallel
TEST(Paper53, AProposalIsAppendedAndSentToAll) {
  Raft raft = leader({});
  answers(raft, acknowledgement(2, 1, 1));
  answers(raft, acknowledgement(3, 1, 1));

  propose(raft, "x");
  const auto sent = only(MessageType::App, drain(raft));

  EXPECT_EQ(log_of(raft), (Terms{1, 1}));
  ASSERT_EQ(sent.size(), 2U);
  for (const Message& m : sent) {
    EXPECT_EQ(m.index, Index(1));
    EXPECT_EQ(m.log_term, Term(1));
    ASSERT_EQ(m.entries.size(), 1U);
    EXPECT_EQ(m.entries[0].data.view(), "x");
  }
}

struct Replication {
  const char* name;
  std::vector<std::uint64_t> voters;
  std::vector<std::uint64_t> have_it;
  bool committed;
};

// from: raft paper 5.3: an entry is committed once it is on a majority of the servers
TEST(Paper53, AMajorityCommits) {
  const std::vector<Replication> rows{
      {"one", {1}, {}, true},
      {"one of three", {1, 2, 3}, {}, false},
      {"two of three", {1, 2, 3}, {3}, true},
      {"two of four", {1, 2, 3, 4}, {2}, false},
      {"three of four", {1, 2, 3, 4}, {2, 4}, true},
      {"two of five", {1, 2, 3, 4, 5}, {5}, false},
      {"three of five", {1, 2, 3, 4, 5}, {4, 5}, true},
  };
  for (const Replication& row : rows) {
    SCOPED_TRACE(row.name);
    Raft raft = leader({.voters = row.voters});
    for (const auto id : row.have_it) answers(raft, acknowledgement(id, 1, 1));

    EXPECT_EQ(raft.log().committed(), Index(row.committed ? 1 : 0));
  }
}

// The leader's own disk is one of the majority, no more and no less.
TEST(Paper53, TheLeaderCountsItselfOnceItsDiskIsDone) {
  Raft raft = leader({.voters = {1, 2}});
  answers(raft, acknowledgement(2, 1, 1));
  propose(raft, "x");
  const Ready ready = raft.take_ready();
  static_cast<void>(raft.step(Io{}, acknowledgement(2, 1, 2)));
  EXPECT_EQ(raft.log().committed(), Index(1));

  raft.storage().append(ready.entries);
  raft.advance(Io{});

  EXPECT_EQ(raft.log().committed(), Index(2));
}

// from: raft paper 5.3: this commits all preceding entries too, those of previous leaders included
TEST(Paper53, CommittingCommitsWhatPrecedes) {
  Raft raft = leader({.log = {1, 2, 2}, .term = 2});

  answers(raft, acknowledgement(2, 3, 4));

  EXPECT_EQ(raft.log().committed(), Index(4));
  EXPECT_EQ(raft.log().applied(), Index(4));
}

// from: raft paper 5.3: the commit index goes along with later appends and heartbeats
TEST(Paper53, FollowersLearnTheCommitIndex) {
  Raft raft = leader({});

  const auto sent = answers(raft, acknowledgement(2, 1, 1));
  const auto to_two = only(MessageType::App, sent);
  ticks(raft, 1);
  const auto beats = only(MessageType::Heartbeat, drain(raft));

  ASSERT_FALSE(to_two.empty());
  EXPECT_EQ(to_two[0].commit, Index(1));
  ASSERT_EQ(beats.size(), 2U);
  EXPECT_EQ(beats[0].commit, Index(1));  // it has it
  EXPECT_EQ(beats[1].commit, Index(0));  // 3 may lack it
}

// from: raft paper 5.3: a follower applies committed entries in log order
TEST(Paper53, AFollowerAppliesInOrder) {
  Raft raft = member({.term = 1});
  static_cast<void>(raft.step(Io{}, append(2, 1, at(0, 0), {1, 1, 1}, 2)));

  const Ready ready = raft.take_ready();

  ASSERT_EQ(ready.committed_entries.size(), 2U);
  EXPECT_EQ(ready.committed_entries[0].index, Index(1));
  EXPECT_EQ(ready.committed_entries[1].index, Index(2));
}

// from: raft paper Figure 2: commitIndex = min(leaderCommit, index of last new entry)
TEST(Paper53, AFollowerCommitsNoFurtherThanTheLastNewEntry) {
  Raft raft = member({.log = {1, 1, 1}, .term = 1});

  answers(raft, append(2, 2, at(1, 1), {}, 3));
  EXPECT_EQ(raft.log().committed(), Index(1));
  answers(raft, append(2, 2, at(1, 1), {1}, 3));
  EXPECT_EQ(raft.log().committed(), Index(2));
}

// from: raft paper 5.3, Figure 2: false if the log has no entry at prevLogIndex with prevLogTerm
TEST(Paper53, AFollowerRefusesWhatDoesNotFitItsLog) {
  for (const EntryId previous : {at(1, 3), at(2, 2), at(3, 9)}) {
    Raft raft = member({.log = {1, 1}, .term = 3});

    const auto sent = answers(raft, append(2, 3, previous, {3}, 0));

    ASSERT_EQ(sent.size(), 1U);
    EXPECT_TRUE(sent[0].reject);
    EXPECT_EQ(sent[0].index, previous.index);
    EXPECT_EQ(log_of(raft), (Terms{1, 1}));
  }
}

struct Conflict {
  const char* name;
  EntryId previous;
  Terms sent;
  Terms then;
};

// from: raft paper Figure 2: delete a conflicting entry and all that follow; append what is not there
TEST(Paper53, AFollowerReplacesFromTheFirstConflict) {
  const std::vector<Conflict> rows{
      {"appends", at(2, 2), {3}, {1, 2, 3}},
      {"replaces the last", at(1, 1), {3, 4}, {1, 3, 4}},
      {"replaces all", at(0, 0), {3}, {3}},
      {"nothing new keeps what follows", at(0, 0), {1}, {1, 2}},
      {"nothing at all keeps what follows", at(1, 1), {}, {1, 2}},
  };
  for (const Conflict& row : rows) {
    SCOPED_TRACE(row.name);
    Raft raft = member({.log = {1, 2}, .term = 2});

    answers(raft, append(2, 4, row.previous, row.sent, 0));

    EXPECT_EQ(log_of(raft), row.then);
  }
}

// from: raft paper 5.3, 5.5: Raft's RPCs are idempotent
TEST(Paper53, AnAppendTwiceIsAnAppendOnce) {
  Raft raft = member({.log = {1}, .term = 1});
  const Message m = append(2, 1, at(1, 1), {1, 1}, 1);
  const auto first = answers(raft, m);
  const Raft once = raft;

  const auto second = answers(raft, m);

  EXPECT_EQ(first, second);
  EXPECT_EQ(raft, once);
}

// from: raft paper 5.3, Figure 7: whatever the followers' logs are, they become the leader's
TEST(Paper53, EveryFollowerOfFigure7IsBroughtInLine) {
  const std::vector<Terms> followers{
      {1, 1, 1, 4, 4, 5, 5, 6, 6},           // a: lacks one
      {1, 1, 1, 4},                          // b: lacks many
      {1, 1, 1, 4, 4, 5, 5, 6, 6, 6, 6},     // c: has one too many
      {1, 1, 1, 4, 4, 5, 5, 6, 6, 6, 7, 7},  // d: entries of a later term
      {1, 1, 1, 4, 4, 4, 4},                 // e: lacks some, has others
      {1, 1, 1, 2, 2, 2, 3, 3, 3, 3, 3},     // f: likewise
  };
  for (const Terms& log : followers) {
    std::vector<Raft> group{member({.id = 1, .log = {1, 1, 1, 4, 4, 5, 5, 6, 6, 6}, .term = 7}),
                            member({.id = 2, .log = log, .term = 7}), member({.id = 3, .term = 7})};
    group[0].campaign(Io{});
    settle(group);

    EXPECT_EQ(group[0].role(), RoleName::Leader);
    EXPECT_EQ(log_of(group[1]), (Terms{1, 1, 1, 4, 4, 5, 5, 6, 6, 6, 8}));
    EXPECT_EQ(log_of(group[1]), log_of(group[2]));
  }
}

// from: raft paper 5.3: nextIndex starts just after the leader's last entry
TEST(Paper53, ANewLeaderGuessesThatAllHaveItsLog) {
  const Raft raft = leader({.log = {1, 1}, .term = 1});

  EXPECT_EQ(raft.progress()->find(NodeId(2))->next, Index(3));
  EXPECT_EQ(raft.progress()->find(NodeId(2))->match, Index(0));
}

// from: raft paper 5.3: after a rejection the leader decrements nextIndex and retries
TEST(Paper53, ARejectionMovesNextBackAndIsRetried) {
  Raft raft = leader({.log = {1, 1, 1}, .term = 1});
  Message no = acknowledgement(2, 2, 3);
  no.reject = true;
  no.reject_hint = Index(1);
  no.log_term = Term(1);

  const auto sent = only(MessageType::App, answers(raft, no));

  EXPECT_EQ(raft.progress()->find(NodeId(2))->next, Index(2));
  ASSERT_EQ(sent.size(), 1U);
  EXPECT_EQ(sent[0].index, Index(1));
}

// from: raft paper 5.3, end: a rejection may name a term, so that one is enough for a whole term of conflicts
TEST(Paper53, ARejectionSkipsAWholeTerm) {
  Raft raft = member({.log = {1, 2, 2, 2, 2}, .term = 2});

  const auto sent = answers(raft, append(2, 5, at(1, 5), {5}, 0));

  ASSERT_EQ(sent.size(), 1U);
  EXPECT_TRUE(sent[0].reject);
  EXPECT_EQ(sent[0].reject_hint, Index(1));
  EXPECT_EQ(sent[0].log_term, Term(1));
}

// from: raft paper 5.3: it retries indefinitely until all followers store all entries
TEST(Paper53, AHeartbeatAnswerOfALaggardBringsTheEntriesAgain) {
  Raft raft = leader({});
  answers(raft, message(MessageType::HeartbeatResp, 3, 1, 1));

  const auto sent =
      only(MessageType::App, answers(raft, message(MessageType::HeartbeatResp, 3, 1, 1)));

  ASSERT_EQ(sent.size(), 1U);
  EXPECT_EQ(sent[0].to, NodeId(3));
  EXPECT_EQ(sent[0].entries.size(), 1U);
}

// from: raft paper 5.1: a follower redirects clients to the leader
TEST(Paper51, AFollowerForwardsProposalsAndDropsThemWithoutALeader) {
  Raft raft = member({.term = 1});
  EXPECT_EQ(raft.propose(Io{}, Blob("x")).error().code, Errc::ProposalDropped);

  answers(raft, message(MessageType::Heartbeat, 2, 1, 1));
  propose(raft, "x");
  const auto sent = drain(raft);

  ASSERT_EQ(sent.size(), 1U);
  EXPECT_EQ(sent[0].type, MessageType::Prop);
  EXPECT_EQ(sent[0].to, NodeId(2));
  EXPECT_TRUE(log_of(raft).empty());
}

}  // namespace
}  // namespace orrery::raft
