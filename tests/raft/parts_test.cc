// The small parts of Raft by themselves: quorum arithmetic, window, storage, reads, and what a Raft is as a value.
#include <algorithm>
#include <concepts>
#include <deque>

#include <gtest/gtest.h>

#include "base/draws.h"
#include "raft/cluster_claims.h"
#include "raft/raft_invariants.h"
#include "tests/raft/desk.h"

namespace orrery::raft {
namespace {

static_assert(std::regular<Raft>);
static_assert(std::regular<State>);
static_assert(std::regular<Ready>);
static_assert(std::regular<ClusterRecord>);

// Draws for tests, by position.
class Dice {
 public:
  explicit Dice(std::uint64_t seed) : seed_(seed) {}

  std::uint64_t below(std::uint64_t bound) {
    return orrery::below(draw(seed_, Purpose::TestData, 0, count_++), bound);
  }

 private:
  std::uint64_t seed_;
  std::uint64_t count_ = 0;
};

// ---- quorum

TEST(Quorum, TheCommittedIndexIsTheLargestThatAMajorityHas) {
  Dice dice(1);
  for (int round = 0; round < 2000; ++round) {
    std::vector<Index> acked(1 + dice.below(9));
    for (Index& each : acked) each = Index(dice.below(12));
    // The definition, tried for every index.
    Index largest;
    for (Index index; index < Index(12); ++index) {
      const auto have = std::ranges::count_if(acked, [&](Index each) { return each >= index; });
      if (2 * static_cast<std::size_t>(have) > acked.size()) largest = index;
    }

    EXPECT_EQ(committed_index(acked), largest);
  }
}

TEST(Quorum, AVoteIsWonOrLostExactlyWhenTheRestCannotChangeIt) {
  for (std::size_t voters = 1; voters <= 9; ++voters) {
    for (std::size_t yes = 0; yes <= voters; ++yes) {
      for (std::size_t no = 0; yes + no <= voters; ++no) {
        const bool won = 2 * yes > voters;
        const bool can_win = 2 * (voters - no) > voters;
        const VoteResult expected = won       ? VoteResult::Won
                                    : can_win ? VoteResult::Pending
                                              : VoteResult::Lost;

        EXPECT_EQ(vote_result(voters, yes, no), expected);
      }
    }
  }
}

TEST(Quorum, MoreVotersThanTheUsualAreCountedToo) {
  std::vector<NodeId> ids;
  for (std::uint64_t id = 1; id <= 21; ++id) ids.push_back(NodeId(id));

  const Index committed =
      committed_index(IdSet(ids), [](NodeId id) { return Index(id.value() * 10); });

  EXPECT_EQ(committed, Index(110));
}

// ---- window

TEST(Inflights, AgreeWithAQueue) {
  Dice dice(2);
  Inflights window(8, 100);
  std::deque<std::pair<std::uint64_t, std::uint64_t>> model;
  std::uint64_t last = 0;
  for (int round = 0; round < 5000; ++round) {
    std::uint64_t bytes = 0;
    for (const auto& each : model) bytes += each.second;
    ASSERT_EQ(window.count(), model.size());
    ASSERT_EQ(window.bytes(), bytes);
    ASSERT_EQ(window.full(), model.size() >= 8 || bytes >= 100);
    if (!window.full() && dice.below(2) == 0) {
      model.emplace_back(++last, dice.below(30));
      window.add(Index(model.back().first), model.back().second);
    } else {
      const std::uint64_t acked = last - std::min(last, dice.below(6));
      while (!model.empty() && model.front().first <= acked) model.pop_front();
      window.free_to(Index(acked));
    }
  }
}

TEST(Inflights, AreEqualWhateverWasFreedBefore) {
  Inflights used(4, kNoLimit);
  for (std::uint64_t i = 1; i <= 3; ++i) used.add(Index(i), 1);
  used.free_to(Index(1));
  Inflights fresh(4, kNoLimit);
  for (std::uint64_t i = 2; i <= 3; ++i) fresh.add(Index(i), 1);

  EXPECT_EQ(used, fresh);
  EXPECT_EQ(used.digest(), fresh.digest());
}

// ---- storage

Storage five_entries() {
  Storage storage;
  std::vector<raftpb::Entry> entries;
  for (std::uint64_t i = 1; i <= 5; ++i) entries.push_back({{}, Term(i), Index(i), Blob("x")});
  storage.append(entries);
  return storage;
}

TEST(Storage, KeepsTheTermOfTheLastCompactedEntry) {
  Storage storage = five_entries();

  ASSERT_TRUE(storage.compact(Index(3)).has_value());

  EXPECT_EQ(storage.first_index(), Index(4));
  EXPECT_EQ(storage.term(Index(3)), Term(3));
  EXPECT_EQ(storage.term(Index(2)).error().detail,
            "requested index is unavailable due to compaction");
  EXPECT_EQ(storage.term(Index(6)).error().detail, "requested entry at index is unavailable");
  EXPECT_EQ(storage.compact(Index(3)).error().detail,
            "requested index is unavailable due to compaction");
}

TEST(Storage, CutsAPageBeforeTheEntryThatWouldPassTheLimit) {
  const Storage storage = five_entries();
  const std::uint64_t one = encoded_bytes(*storage.entries(Index(1), Index(2), kNoLimit));

  EXPECT_EQ(storage.entries(Index(1), Index(6), 0)->size(), 1U);
  EXPECT_EQ(storage.entries(Index(1), Index(6), 2 * one)->size(), 2U);
  EXPECT_EQ(storage.entries(Index(1), Index(6), 3 * one - 1)->size(), 2U);
  EXPECT_EQ(storage.entries(Index(1), Index(6), kNoLimit)->size(), 5U);
  EXPECT_FALSE(storage.entries(Index(1), Index(7), kNoLimit).has_value());
}

TEST(Storage, TakesOnlyNewerSnapshots) {
  Storage storage = five_entries();
  ASSERT_TRUE(storage.create_snapshot(Index(4), {}, Blob("s")).has_value());

  EXPECT_EQ(storage.snapshot().term, Term(4));
  EXPECT_EQ(storage.create_snapshot(Index(4), {}, Blob("s")).error().detail,
            "requested index is older than the existing snapshot");
  EXPECT_FALSE(storage.apply_snapshot(storage.snapshot()).has_value());
}

TEST(Storage, AGapIsTheMembersEnd) {
  Storage storage = five_entries();

  EXPECT_THROW(storage.append({{{}, Term(9), Index(7), {}}}), Panic);
}

// ---- the unstable end

std::vector<raftpb::Entry> entries_from(std::uint64_t index, const Terms& terms) {
  std::vector<raftpb::Entry> out;
  for (const auto term : terms) out.push_back({{}, Term(term), Index(index++), Blob("x")});
  return out;
}

TEST(Unstable, AReplacedEntryIsHandedOutAgain) {
  Raft raft = member({.term = 1});
  static_cast<void>(raft.step(Io{}, append(2, 1, at(0, 0), {1, 1, 1}, 0)));
  const Ready first = raft.take_ready();
  ASSERT_EQ(first.entries.size(), 3U);

  static_cast<void>(raft.step(Io{}, append(3, 2, at(1, 1), {2, 2}, 0)));
  raft.storage().append(first.entries);
  raft.advance(Io{});
  const Ready second = raft.take_ready();

  ASSERT_EQ(second.entries.size(), 2U);
  EXPECT_EQ(second.entries[0].index, Index(2));
  EXPECT_EQ(second.entries[0].term, Term(2));
}

TEST(Unstable, OnlyTheWriteOfTheSameEntryMakesItStable) {
  Unstable unstable(Index(1));
  unstable.truncate_and_append(Io{}, entries_from(1, {1, 1}));
  unstable.accept_in_progress();
  unstable.truncate_and_append(Io{}, entries_from(1, {2, 2}));
  const Unstable before = unstable;

  unstable.stable_to(Io{}, Index(2), Term(1));
  EXPECT_EQ(unstable, before);
  unstable.stable_to(Io{}, Index(2), Term(2));

  EXPECT_EQ(unstable.offset(), Index(3));
  EXPECT_EQ(unstable.size(), 0U);
}

// The storage worker's own report in the write that a Ready asks for.
Message written(const Ready& ready) {
  for (const Message& m : ready.messages) {
    if (m.type == MessageType::StorageAppend) return m.responses.back();
  }
  return {};
}

// An entry is replaced and comes back with a later leader while its first write is under way. That write will be
// followed on disk by the replacement: only the last one counts.
TEST(Unstable, TheWriteOfAnEarlierTermDoesNotCountThoughTheEntryIsBack) {
  Raft raft = member({.term = 1, .config = {.async_storage_writes = true}});
  static_cast<void>(raft.step(Io{}, append(2, 1, at(0, 0), {1}, 0)));
  const Message first = written(raft.take_ready());
  static_cast<void>(raft.step(Io{}, append(3, 2, at(0, 0), {2}, 0)));
  const Message second = written(raft.take_ready());
  static_cast<void>(raft.step(Io{}, append(2, 3, at(0, 0), {1}, 0)));
  const Message third = written(raft.take_ready());
  ASSERT_EQ(first.type, MessageType::StorageAppendResp);
  ASSERT_EQ(first.log_term, third.log_term);

  for (const Message& early : {first, second}) {
    static_cast<void>(raft.step(Io{}, early));
    EXPECT_EQ(raft.log().unstable().size(), 1U);
  }
  raft.storage().append({raft.log().at(Index(1))});
  static_cast<void>(raft.step(Io{}, third));

  EXPECT_EQ(raft.log().unstable().size(), 0U);
}

// ---- progress

Progress streaming() {
  Progress progress;
  progress.inflights = {4, kNoLimit};
  progress.match = Index(5);
  progress.become_replicate();
  progress.sent_entries(3, 10);
  return progress;
}

TEST(Progress, AnOutdatedRejectionMovesNothing) {
  Progress progress = streaming();
  const Progress before = progress;

  EXPECT_FALSE(progress.maybe_decrease(Index(5), Index(2)));
  EXPECT_EQ(progress, before);
  EXPECT_TRUE(progress.maybe_decrease(Index(8), Index(2)));
  EXPECT_EQ(progress.next, Index(6));
}

TEST(Progress, AProbeBelievesOnlyTheAnswerToItself) {
  Progress progress = streaming();
  progress.become_probe();

  EXPECT_FALSE(progress.maybe_decrease(Index(3), Index(1)));
  EXPECT_TRUE(progress.maybe_decrease(Index(5), Index(1)));
  EXPECT_EQ(progress.next, Index(6));  // never at or below match
}

TEST(Progress, AProbeAfterASnapshotStartsBehindIt) {
  Progress progress = streaming();
  progress.become_snapshot(Index(20));
  EXPECT_TRUE(progress.is_paused());

  progress.become_probe();

  EXPECT_EQ(progress.next, Index(21));
  EXPECT_EQ(progress.pending_snapshot, Index(0));
}

TEST(Progress, AFullWindowIsPokedOnceAndThenWaits) {
  Raft raft = leader({.config = {.max_inflight_msgs = 1}});
  answers(raft, acknowledgement(2, 1, 1));
  answers(raft, acknowledgement(3, 1, 1));
  propose(raft, "a");
  propose(raft, "b");
  EXPECT_EQ(only(MessageType::App, drain(raft)).size(), 2U);  // "a", to each

  const auto poke =
      only(MessageType::App, answers(raft, message(MessageType::HeartbeatResp, 2, 1, 1)));

  ASSERT_EQ(poke.size(), 1U);
  EXPECT_TRUE(poke[0].entries.empty());
  EXPECT_TRUE(raft.progress()->find(NodeId(2))->is_paused());
}

// ---- pre-vote

TEST(PreVote, AsksWithTheNextTermAndKeepsItsOwn) {
  Raft raft = member({.term = 3, .config = {.pre_vote = true}});

  raft.campaign(Io{});
  const auto sent = only(MessageType::PreVote, drain(raft));

  EXPECT_EQ(raft.role(), RoleName::PreCandidate);
  EXPECT_EQ(raft.term(), Term(3));
  EXPECT_EQ(raft.vote(), kNobody);
  ASSERT_EQ(sent.size(), 2U);
  EXPECT_EQ(sent[0].term, Term(4));
}

TEST(PreVote, IsGrantedWithoutAPromise) {
  Raft raft = member({.term = 3, .vote = 3});
  Message m = vote_request(2, 4, at(0, 0));
  m.type = MessageType::PreVote;

  const auto sent = answers(raft, m);

  ASSERT_EQ(sent.size(), 1U);
  EXPECT_FALSE(sent[0].reject);
  EXPECT_EQ(sent[0].term, Term(4));
  EXPECT_EQ(raft.term(), Term(3));
  EXPECT_EQ(raft.vote(), NodeId(3));
}

TEST(PreVote, AMajorityOfGrantsStartsTheRealElection) {
  Raft raft = member({.term = 3, .config = {.pre_vote = true}});
  raft.campaign(Io{});
  drain(raft);

  const auto sent = answers(raft, message(MessageType::PreVoteResp, 2, 1, 4));

  EXPECT_EQ(raft.role(), RoleName::Candidate);
  EXPECT_EQ(raft.term(), Term(4));
  EXPECT_EQ(only(MessageType::Vote, sent).size(), 2U);
}

TEST(Snapshots, AnOldOneIsIgnored) {
  Raft raft = member({.log = {1, 1, 1, 1, 1}, .term = 1, .commit = 5});
  drain(raft);
  ASSERT_TRUE(raft.storage().compact(Index(4)).has_value());
  Message m = message(MessageType::Snap, 2, 1, 1);
  m.snapshot = {Blob("old"), raft.cluster().conf_state(), Index(2), Term(1)};

  const auto sent = answers(raft, m);

  EXPECT_EQ(raft.log().committed(), Index(5));
  EXPECT_EQ(log_of(raft), Terms{1});
  ASSERT_EQ(sent.size(), 1U);
  EXPECT_EQ(sent[0].index, Index(5));
}

// ---- configuration

struct BadConfig {
  const char* name;
  Config config;
};

TEST(Config, SaysWhatIsWrong) {
  const std::vector<BadConfig> rows{
      {"no id", {}},
      {"storage thread", {.id = kAppendThread}},
      {"heartbeat", {.id = NodeId(1), .heartbeat_ticks = 0}},
      {"election", {.id = NodeId(1), .election_ticks = 1}},
      {"window", {.id = NodeId(1), .max_inflight_msgs = 0}},
      {"bytes", {.id = NodeId(1), .max_inflight_bytes = 1}},
      {"lease", {.id = NodeId(1), .read_only = ReadOnlyOption::LeaseBased}},
  };
  for (const BadConfig& row : rows) {
    EXPECT_FALSE(validate(row.config).has_value()) << row.name;
  }
  EXPECT_TRUE(validate({.id = NodeId(1)}).has_value());
}

TEST(Raft, RefusesWhatOnlyTheMemberItselfMaySay) {
  Raft raft = member({});

  EXPECT_EQ(raft.step(Io{}, message(MessageType::Hup, 2, 1, 0)).error().detail,
            "raft: cannot step raft local message");
  EXPECT_EQ(raft.step(Io{}, message(MessageType::AppResp, 9, 1, 1)).error().detail,
            "raft: cannot step as peer not found");
}

TEST(Raft, ANewGroupBeginsWithOneChangeForEachPeer) {
  Raft raft(Config{.id = NodeId(1)}, Storage(), Io{});
  const std::vector<Peer> peers{{NodeId(1), Blob("a")}, {NodeId(2), Blob("b")}};

  raft.bootstrap(Io{}, peers);
  const Ready ready = raft.take_ready();

  EXPECT_EQ(ready.hard_state, (raftpb::HardState{Term(1), kNobody, Index(2)}));
  EXPECT_EQ(ready.entries.size(), 2U);
  EXPECT_EQ(ready.committed_entries, ready.entries);
  EXPECT_TRUE(raft.cluster().is_voter(NodeId(2)));
}

// ---- explaining

TEST(Why, ARefusedVoteNamesTheTwoLogs) {
  Raft raft = member({.log = {1, 2}, .term = 2});
  std::vector<GuardRecord> records;
  const Guards explaining(&records);

  static_cast<void>(raft.step(Io{explaining, 0, nullptr}, vote_request(2, 3, at(1, 9))));

  const auto decided = std::ranges::find(records, "the candidate's log is at least as up to date",
                                         &GuardRecord::claim);
  ASSERT_NE(decided, records.end());
  EXPECT_FALSE(decided->held);
  EXPECT_EQ(decided->facts.front(),
            std::make_pair(std::string("candidate's last term"), std::int64_t{1}));
  EXPECT_EQ(decided->facts.back(), std::make_pair(std::string("last index"), std::int64_t{2}));
}

TEST(Why, AnEntryOfAnEarlierTermNamesBothTerms) {
  Raft raft = leader({.log = {1}, .term = 1});
  std::vector<GuardRecord> records;
  const Guards explaining(&records);

  static_cast<void>(raft.step(Io{explaining, 0, nullptr}, acknowledgement(2, 2, 1)));

  const auto decided =
      std::ranges::find(records, "the entry is of the leader's own term", &GuardRecord::claim);
  ASSERT_NE(decided, records.end());
  EXPECT_FALSE(decided->held);
}

TEST(Why, ExplainingAndLoggingChangeNothing) {
  Raft silent = leader({.log = {1, 1}, .term = 1});
  Raft talking = silent;
  std::vector<GuardRecord> records;
  const Guards explaining(&records);
  LogSink log;
  for (const Message& m : {acknowledgement(2, 2, 3), vote_request(3, 5, at(2, 3))}) {
    static_cast<void>(silent.step(Io{}, m));
    static_cast<void>(talking.step(Io{explaining, 0, &log}, m));
  }

  EXPECT_EQ(silent, talking);
  EXPECT_EQ(digest_of(silent), digest_of(talking));
  EXPECT_FALSE(records.empty());
  EXPECT_FALSE(log.lines.empty());
}

// ---- values and claims

TEST(Raft, ACopyGoesItsOwnWay) {
  Raft raft = leader({});
  const Raft before = raft;

  propose(raft, "x");

  EXPECT_NE(raft, before);
  EXPECT_NE(digest_of(raft), digest_of(before));
  EXPECT_EQ(log_of(before), Terms{1});
}

TEST(Claims, TwoLeadersOfATermAreNoticed) {
  const Raft one = leader({.id = 1});
  const Raft two = leader({.id = 2});
  const std::vector<const Raft*> members{&one, &two};
  ClusterRecord record;
  EXPECT_TRUE(record.observe(Raft(), one).empty());

  const auto at_once = election_safety(members);
  const auto over_time = record.observe(Raft(), two);

  ASSERT_EQ(at_once.size(), 1U);
  EXPECT_EQ(at_once[0].claim, "Election Safety");
  EXPECT_EQ(at_once[0].sentence, "1 and 2 lead term 1");
  ASSERT_EQ(over_time.size(), 1U);
  EXPECT_EQ(over_time[0].claim, "Election Safety");
}

TEST(Claims, DifferentCommittedEntriesAreNoticed) {
  const Raft one = member({.log = {1, 1}, .term = 2, .commit = 2});
  const Raft two = member({.id = 2, .log = {1, 2}, .term = 2, .commit = 2});
  const std::vector<const Raft*> members{&one, &two};
  ClusterRecord record;
  EXPECT_TRUE(record.observe(Raft(), one).empty());

  EXPECT_EQ(state_machine_safety(members).size(), 1U);
  EXPECT_TRUE(log_matching(members).empty());
  EXPECT_EQ(record.observe(Raft(), two).size(), 1U);
}

TEST(Claims, ALeaderWithoutACommittedEntryIsNoticed) {
  const Raft has_it = member({.id = 2, .log = {1, 1}, .term = 1, .commit = 2});
  const Raft leads = leader({.log = {1}, .term = 4});
  const std::vector<const Raft*> members{&has_it, &leads};
  ClusterRecord record;
  EXPECT_TRUE(record.observe(Raft(), has_it).empty());

  EXPECT_EQ(leader_completeness(members).size(), 1U);
  EXPECT_EQ(record.observe(Raft(), leads).front().claim, "Leader Completeness");
}

TEST(Claims, LogsThatPartBeforeACommonEntryAreNoticed) {
  const Raft one = member({.log = {1, 1, 3}, .term = 3});
  const Raft two = member({.id = 2, .log = {1, 2, 3}, .term = 3});
  const std::vector<const Raft*> members{&one, &two};

  EXPECT_EQ(log_matching(members).size(), 1U);
}

TEST(Claims, AVoteThatChangesWithinATermIsNoticed) {
  const Raft before = member({.term = 2, .vote = 1});
  const Raft after = member({.term = 2, .vote = 3});

  ASSERT_EQ(step_violations(before, after).size(), 1U);
  EXPECT_EQ(step_violations(before, after)[0].claim, "one vote in a term");
  EXPECT_EQ(step_violations(before, member({.term = 1}))[0].claim, "the term never falls");
}

}  // namespace
}  // namespace orrery::raft
