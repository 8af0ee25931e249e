// The Raft paper's sentences, continued: 5.4 (safety), 6 (membership), 7 (compaction), 8 (clients).
// from: Ongaro, Ousterhout: In Search of an Understandable Consensus Algorithm (extended version)
#include <gtest/gtest.h>

#include "tests/raft/desk.h"

namespace orrery::raft {
namespace {

raftpb::ConfChangeV2 change(const char* words, raftpb::ConfChangeTransition transition = {}) {
  raftpb::ConfChangeV2 out;
  out.changes = *parse_changes(words);
  out.transition = transition;
  return out;
}

constexpr auto kExplicit = raftpb::ConfChangeTransition::JointExplicit;

// ---- 5.4.1 election restriction

// from: raft paper 5.4.1: the request tells about the candidate's log
TEST(Paper541, ARequestForAVoteTellsTheLastEntry) {
  Raft raft = member({.log = {1, 3}, .term = 3});
  raft.campaign(Io{});

  const auto sent = drain(raft);

  ASSERT_EQ(sent.size(), 2U);
  EXPECT_EQ(sent[0].index, Index(2));
  EXPECT_EQ(sent[0].log_term, Term(3));
}

struct Candidacy {
  const char* name;
  EntryId last;
  bool granted;
};

// from: raft paper 5.4.1: the voter denies its vote if its own log is more up-to-date: later last term, then longer
TEST(Paper541, AVoteGoesOnlyToALogThatIsAsUpToDate) {
  const std::vector<Candidacy> rows{
      {"equal", at(2, 2), true},
      {"longer", at(2, 3), true},
      {"later term, shorter", at(3, 1), true},
      {"shorter", at(2, 1), false},
      {"earlier term, longer", at(1, 9), false},
      {"empty", at(0, 0), false},
  };
  for (const Candidacy& row : rows) {
    SCOPED_TRACE(row.name);
    Raft raft = member({.log = {1, 2}, .term = 3});

    const auto sent = answers(raft, vote_request(2, 4, row.last));

    ASSERT_EQ(sent.size(), 1U);
    EXPECT_EQ(sent[0].reject, !row.granted);
    EXPECT_EQ(raft.vote(), NodeId(row.granted ? 2 : 0));
  }
}

// from: raft paper 5.4.1, 5.4.3: a candidate without a committed entry cannot win
TEST(Paper541, ALogWithoutACommittedEntryCannotWin) {
  std::vector<Raft> group{member({.id = 1, .log = {1}, .term = 1, .commit = 1}),
                          member({.id = 2, .log = {1}, .term = 1, .commit = 1}),
                          member({.id = 3, .term = 1})};

  group[2].campaign(Io{});
  settle(group);

  EXPECT_EQ(group[2].role(), RoleName::Follower);
}

// ---- 5.4.2 committing entries from previous terms

// from: raft paper 5.4.2, Figure 8: only entries of the leader's current term are committed by counting replicas
TEST(Paper542, AnEarlierTermIsNotCommittedByCounting) {
  Raft raft = leader({.log = {1, 2}, .term = 2});

  answers(raft, acknowledgement(2, 3, 1));
  answers(raft, acknowledgement(3, 3, 2));
  answers(raft, acknowledgement(2, 3, 2));
  EXPECT_EQ(raft.log().committed(), Index(0));  // on all three members, and still not safe
  answers(raft, acknowledgement(2, 3, 3));

  EXPECT_EQ(raft.log().committed(), Index(3));
}

// ---- Figure 3

// from: raft paper Figure 3: a leader never overwrites or deletes entries in its own log
TEST(PaperFigure3, ALeaderOnlyAppends) {
  Raft raft = leader({.log = {1}, .term = 1});
  const Terms before = log_of(raft);

  answers(raft, append(2, 1, at(0, 0), {}, 0));
  answers(raft, acknowledgement(2, 2, 2));

  EXPECT_EQ(log_of(raft), before);
}

// A member that finds a committed entry overwritten stops: the state machines would part.
TEST(PaperFigure3, ACommittedEntryIsNeverOverwritten) {
  Raft raft = member({.log = {1, 1}, .term = 1, .commit = 2});

  answers(raft, append(2, 2, at(0, 0), {2, 2}, 2));

  EXPECT_EQ(log_of(raft), (Terms{1, 1}));
}

TEST(PaperFigure3, ALostCommittedEntryIsTheMembersEnd) {
  Raft raft = member({.log = {1}, .term = 1});
  Message beat = message(MessageType::Heartbeat, 2, 1, 1);
  beat.commit = Index(5);

  EXPECT_THROW(answers(raft, beat), Panic);
}

// ---- 6 cluster membership changes

// from: raft paper 6: agreement during the transition needs majorities of both configurations
TEST(Paper6, AJointConfigurationNeedsBothMajoritiesToCommit) {
  Raft raft = leader({});
  answers(raft, acknowledgement(2, 1, 1));
  raft.apply_conf_change(Io{}, change("r1 r2 r3 v4 v5 v6", kExplicit));
  propose(raft, "x");
  drain(raft);

  for (const auto id : {4, 5, 6})
    answers(raft, acknowledgement(static_cast<std::uint64_t>(id), 1, 2));
  EXPECT_EQ(raft.log().committed(), Index(1));  // all of the new, one of the old
  answers(raft, acknowledgement(2, 1, 2));

  EXPECT_EQ(raft.log().committed(), Index(2));
}

TEST(Paper6, AJointConfigurationNeedsBothMajoritiesToElect) {
  Raft raft = member({});
  raft.apply_conf_change(Io{}, change("r2 r3 v4 v5", kExplicit));
  raft.campaign(Io{});
  drain(raft);

  answers(raft, message(MessageType::VoteResp, 4, 1, 1));
  answers(raft, message(MessageType::VoteResp, 5, 1, 1));
  EXPECT_EQ(raft.role(), RoleName::Candidate);
  answers(raft, message(MessageType::VoteResp, 3, 1, 1));

  EXPECT_EQ(raft.role(), RoleName::Leader);
}

// from: raft paper 6: new servers join as non-voting members first
TEST(Paper6, ALearnerGetsEntriesAndDoesNotCount) {
  Raft raft = leader({.voters = {1, 2}, .learners = {3}});

  propose(raft, "x");
  const auto sent = only(MessageType::App, drain(raft));
  answers(raft, acknowledgement(3, 1, 2));

  EXPECT_FALSE(sent.empty() && raft.progress()->find(NodeId(3)) == nullptr);
  EXPECT_TRUE(raft.progress()->find(NodeId(3))->is_learner);
  EXPECT_EQ(raft.progress()->find(NodeId(3))->match, Index(2));
  EXPECT_EQ(raft.log().committed(), Index(0));
}

TEST(Paper6, ALearnerDoesNotCampaign) {
  Raft raft = member({.id = 3, .voters = {1, 2}, .learners = {3}});

  ticks(raft, 40);
  raft.campaign(Io{});

  EXPECT_EQ(raft.role(), RoleName::Follower);
}

// from: raft paper 6: a leader that is not in the new configuration steps down once it is committed
TEST(Paper6, ARemovedLeaderStepsDown) {
  Raft raft = leader({.config = {.step_down_on_removal = true}});

  raft.apply_conf_change(Io{}, change("r1"));

  EXPECT_EQ(raft.role(), RoleName::Follower);
  EXPECT_EQ(raft.propose(Io{}, Blob("x")).error().code, Errc::ProposalDropped);
}

// from: raft paper 6: it manages a cluster that does not include itself: it does not count itself in majorities
TEST(Paper6, ARemovedLeaderDoesNotCountItself) {
  Raft raft = leader({});
  propose(raft, "x");
  drain(raft);
  raft.apply_conf_change(Io{}, change("r1"));

  answers(raft, acknowledgement(2, 1, 2));
  EXPECT_EQ(raft.log().committed(), Index(0));
  answers(raft, acknowledgement(3, 1, 2));

  EXPECT_EQ(raft.log().committed(), Index(2));
}

// from: raft paper 6: requests for votes within the minimum election timeout of a leader are disregarded
TEST(Paper6, AServerThatHearsALeaderDisregardsRequestsForVotes) {
  Raft raft = member({.term = 1, .config = {.check_quorum = true}});
  answers(raft, message(MessageType::Heartbeat, 2, 1, 1));

  EXPECT_TRUE(answers(raft, vote_request(3, 9, at(9, 9))).empty());
  EXPECT_EQ(raft.term(), Term(1));
  ticks(raft, 10, 5);  // its own timeout is longer than the minimum
  EXPECT_FALSE(answers(raft, vote_request(3, 9, at(9, 9))).empty());

  EXPECT_EQ(raft.term(), Term(9));
}

// from: raft paper 6 (thesis 4.1): a change begins only after the one before it is done
TEST(Paper6, ASecondChangeWaitsForTheFirst) {
  Raft raft = leader({});
  answers(raft, acknowledgement(2, 1, 1));
  static_cast<void>(raft.propose_conf_change(Io{}, change("v4")));

  static_cast<void>(raft.propose_conf_change(Io{}, change("v5")));

  EXPECT_EQ(raft.log().at(Index(2)).type, raftpb::EntryType::ConfChangeV2);
  EXPECT_EQ(raft.log().at(Index(3)).type, raftpb::EntryType::Normal);
}

// A new leader cannot know whether its log holds a change: the first one waits for everything before its term.
TEST(Paper6, AFreshLeadersFirstChangeWaitsForItsLog) {
  Raft raft = leader({.log = {1}, .term = 1});

  static_cast<void>(raft.propose_conf_change(Io{}, change("v4")));

  EXPECT_EQ(raft.log().at(Index(3)).type, raftpb::EntryType::Normal);
}

// from: raft paper 6: once C-old,new is committed, the leader moves on to C-new
TEST(Paper6, AnImplicitJointConfigurationIsLeftByItself) {
  std::vector<Raft> group;
  for (std::uint64_t id = 1; id <= 3; ++id) group.push_back(member({.id = id}));
  group[0].campaign(Io{});
  settle(group);
  static_cast<void>(group[0].propose_conf_change(
      Io{}, change("l3", raftpb::ConfChangeTransition::JointImplicit)));

  settle(group);

  for (const Raft& each : group) {
    EXPECT_FALSE(each.cluster().voters.is_joint());
    EXPECT_TRUE(each.cluster().is_learner(NodeId(3)));
  }
}

// It could count with voters that have left, or without those that came.
TEST(Paper6, ACandidateAppliesCommittedChangesFirst) {
  Raft raft = leader({});
  static_cast<void>(raft.propose_conf_change(Io{}, change("v4")));
  answers(raft, acknowledgement(2, 1, 1));
  static_cast<void>(raft.propose_conf_change(Io{}, change("v4")));
  drain(raft);
  static_cast<void>(raft.step(Io{}, acknowledgement(2, 1, 3)));
  static_cast<void>(raft.step(Io{}, message(MessageType::Heartbeat, 3, 1, 5)));
  ASSERT_LT(raft.log().applied(), raft.log().committed());

  raft.campaign(Io{});
  EXPECT_EQ(raft.role(), RoleName::Follower);
  drain(raft);
  raft.campaign(Io{});

  EXPECT_EQ(raft.role(), RoleName::Candidate);
  EXPECT_TRUE(raft.cluster().is_voter(NodeId(4)));
}

// ---- 7 log compaction

Raft compacted_leader() {
  Raft raft = leader({});
  for (int i = 0; i < 3; ++i) propose(raft, "x");
  drain(raft);
  answers(raft, acknowledgement(2, 1, 4));
  static_cast<void>(
      raft.storage().create_snapshot(Index(4), raft.cluster().conf_state(), Blob("state")));
  static_cast<void>(raft.storage().compact(Index(4)));
  return raft;
}

// from: raft paper 7: a snapshot goes to a follower whose next entry is compacted
TEST(Paper7, AFollowerBehindTheLogIsSentTheSnapshot) {
  Raft raft = compacted_leader();
  Message no = acknowledgement(3, 1, 0);
  no.reject = true;

  const auto sent = answers(raft, message(MessageType::HeartbeatResp, 3, 1, 1));

  ASSERT_EQ(only(MessageType::Snap, sent).size(), 1U);
  EXPECT_EQ(sent[0].snapshot.index, Index(4));
  EXPECT_EQ(raft.progress()->find(NodeId(3))->state, ProgressState::Snapshot);
}

// from: raft paper 7, Figure 13: the snapshot replaces a log that conflicts or is shorter
TEST(Paper7, ASnapshotReplacesTheLog) {
  Raft raft = member({.log = {1, 1}, .term = 1});
  Message m = message(MessageType::Snap, 2, 1, 3);
  m.snapshot = {Blob("state"), raft.cluster().conf_state(), Index(5), Term(3)};

  const auto sent = answers(raft, m);

  EXPECT_EQ(raft.log().committed(), Index(5));
  EXPECT_EQ(raft.log().applied(), Index(5));
  EXPECT_EQ(raft.log().first_index(), Index(6));
  ASSERT_EQ(sent.size(), 1U);
  EXPECT_EQ(sent[0].index, Index(5));
}

// from: raft paper 7, Figure 13: a snapshot of a prefix of the log leaves what follows it
TEST(Paper7, ASnapshotOfAPrefixKeepsTheRest) {
  Raft raft = member({.log = {1, 1, 1}, .term = 1});
  Message m = message(MessageType::Snap, 2, 1, 1);
  m.snapshot = {Blob("state"), raft.cluster().conf_state(), Index(2), Term(1)};

  answers(raft, m);

  EXPECT_EQ(log_of(raft), (Terms{1, 1, 1}));
  EXPECT_EQ(raft.log().committed(), Index(2));
}

// A snapshot that overtakes a configuration change on its way to the state machine: what it brought is newer.
TEST(Paper7, AChangeBelowASnapshotChangesNothing) {
  Raft raft = member({.voters = {1, 2, 3, 4}, .log = {1, 1}, .term = 1, .commit = 2});
  Message m = message(MessageType::Snap, 2, 1, 1);
  m.snapshot = {Blob("state"), raft.cluster().conf_state(), Index(5), Term(1)};
  m.snapshot.conf_state.voters = {NodeId(1), NodeId(2), NodeId(3)};
  static_cast<void>(raft.step(Io{}, m));
  ASSERT_FALSE(raft.cluster().is_member(NodeId(4)));

  const auto late = raft.apply_conf_change(Io{}, Index(2), change("v4"));
  EXPECT_EQ(late, m.snapshot.conf_state);
  EXPECT_FALSE(raft.cluster().is_member(NodeId(4)));
  const auto next = raft.apply_conf_change(Io{}, Index(6), change("v4"));

  EXPECT_EQ(next.voters.size(), 4U);
  EXPECT_TRUE(raft.cluster().is_member(NodeId(4)));
}

// The leader waits for the transport's word on a snapshot: nothing is sent meanwhile, not even after heartbeats.
TEST(Paper7, ALostSnapshotIsSentAgainOnceItIsReported) {
  Raft raft = compacted_leader();
  const Message alive = message(MessageType::HeartbeatResp, 3, 1, 1);
  ASSERT_EQ(only(MessageType::Snap, answers(raft, alive)).size(), 1U);
  EXPECT_TRUE(answers(raft, alive).empty());

  raft.report_snapshot(Io{}, NodeId(3), false);
  EXPECT_EQ(raft.progress()->find(NodeId(3))->state, ProgressState::Probe);
  EXPECT_TRUE(drain(raft).empty());
  const auto sent = answers(raft, alive);

  ASSERT_EQ(only(MessageType::Snap, sent).size(), 1U);
  EXPECT_EQ(sent[0].snapshot.index, Index(4));
}

TEST(Paper7, AMemberThatGotItsSnapshotIsSentWhatFollows) {
  Raft raft = compacted_leader();
  const Message alive = message(MessageType::HeartbeatResp, 3, 1, 1);
  answers(raft, alive);
  propose(raft, "y");
  EXPECT_TRUE(only(MessageType::Snap, drain(raft)).empty());

  raft.report_snapshot(Io{}, NodeId(3), true);
  EXPECT_EQ(raft.progress()->find(NodeId(3))->next, Index(5));
  const auto sent = only(MessageType::App, answers(raft, alive));

  ASSERT_EQ(sent.size(), 1U);
  EXPECT_EQ(sent[0].index, Index(4));
  EXPECT_EQ(sent[0].entries.size(), 1U);
}

// A report comes once; a second one, or one about somebody else, moves nothing.
TEST(Paper7, AReportWithoutASnapshotUnderWayChangesNothing) {
  Raft raft = compacted_leader();
  const Raft before = raft;

  raft.report_snapshot(Io{}, NodeId(2), false);
  raft.report_snapshot(Io{}, NodeId(3), true);
  raft.report_snapshot(Io{}, NodeId(9), true);

  EXPECT_EQ(raft, before);
}

// ---- 8 client interaction

// from: raft paper 8: a leader commits a blank entry at the start of its term
TEST(Paper8, ANewLeaderAppendsABlankEntry) {
  const Raft raft = leader({.log = {1}, .term = 1});

  ASSERT_EQ(log_of(raft), (Terms{1, 2}));
  EXPECT_TRUE(raft.log().at(Index(2)).data.empty());
}

std::vector<ReadState> reads_of(Raft& raft) {
  std::vector<ReadState> out;
  while (raft.has_ready()) {
    Ready ready = raft.take_ready();
    out.insert(out.end(), ready.read_states.begin(), ready.read_states.end());
    raft.storage().append(ready.entries);
    raft.advance(Io{});
  }
  return out;
}

// from: raft paper 8: before a read the leader exchanges heartbeats with a majority
TEST(Paper8, AReadWaitsForAMajorityOfHeartbeatAnswers) {
  Raft raft = leader({.voters = {1, 2, 3, 4, 5}});
  answers(raft, acknowledgement(2, 1, 1));
  answers(raft, acknowledgement(3, 1, 1));
  Message beat = message(MessageType::HeartbeatResp, 2, 1, 1);
  beat.context = Blob("r");

  raft.read_index(Io{}, Blob("r"));
  EXPECT_TRUE(reads_of(raft).empty());
  static_cast<void>(raft.step(Io{}, beat));
  EXPECT_TRUE(reads_of(raft).empty());
  beat.from = NodeId(4);
  static_cast<void>(raft.step(Io{}, beat));

  EXPECT_EQ(reads_of(raft), (std::vector<ReadState>{{Index(1), Blob("r")}}));
}

// from: raft paper 8: a leader must have the latest information on which entries are committed
TEST(Paper8, AReadWaitsForTheFirstCommitOfTheTerm) {
  Raft raft = leader({.log = {1}, .term = 1});
  Message beat = message(MessageType::HeartbeatResp, 2, 1, 2);
  beat.context = Blob("r");

  raft.read_index(Io{}, Blob("r"));
  static_cast<void>(raft.step(Io{}, beat));
  EXPECT_TRUE(reads_of(raft).empty());
  static_cast<void>(raft.step(Io{}, acknowledgement(2, 2, 2)));
  EXPECT_TRUE(reads_of(raft).empty());
  static_cast<void>(raft.step(Io{}, beat));

  EXPECT_EQ(reads_of(raft), (std::vector<ReadState>{{Index(2), Blob("r")}}));
}

// An answer to an earlier heartbeat proves nothing about a later read.
TEST(Paper8, OnlyAnswersWithTheReadsOwnContextCount) {
  Raft raft = leader({});
  answers(raft, acknowledgement(2, 1, 1));
  raft.read_index(Io{}, Blob("r"));

  static_cast<void>(raft.step(Io{}, message(MessageType::HeartbeatResp, 2, 1, 1)));

  EXPECT_TRUE(reads_of(raft).empty());
}

TEST(Paper8, AFollowersReadIsAnsweredThroughTheLeader) {
  std::vector<Raft> group;
  for (std::uint64_t id = 1; id <= 3; ++id) group.push_back(member({.id = id}));
  group[0].campaign(Io{});
  settle(group);

  group[1].read_index(Io{}, Blob("r"));
  const auto sent = drain(group[1]);

  ASSERT_EQ(sent.size(), 1U);
  EXPECT_EQ(sent[0].type, MessageType::ReadIndex);
  EXPECT_EQ(sent[0].to, NodeId(1));
  static_cast<void>(group[0].step(Io{}, sent[0]));
  const auto beats = drain(group[0]);
  const auto back = answers(group[0], answers(group[2], beats[1])[0]);
  ASSERT_EQ(back.size(), 1U);
  static_cast<void>(group[1].step(Io{}, back[0]));
  EXPECT_EQ(reads_of(group[1]), (std::vector<ReadState>{{Index(1), Blob("r")}}));
}

// from: raft paper 8, thesis 6.2: a leader that cannot reach a majority stops being one
TEST(Paper8, ALeaderWithoutAMajorityStepsDown) {
  Raft raft = leader({.config = {.check_quorum = true}});

  ticks(raft, 9);
  EXPECT_EQ(raft.role(), RoleName::Leader);
  ticks(raft, 1);

  EXPECT_EQ(raft.role(), RoleName::Follower);
}

}  // namespace
}  // namespace orrery::raft
