// Pairs of steps that must not be merged: for each, somebody else acts between the two.
//   from: facts, section "Order of steps the model must not merge"; the names of the defects that merging would hide
//         stand at each test.
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "base/text.h"
#include "mvcc/meta_rows.h"
#include "tests/server/kit.h"

namespace orrery::server {
namespace {

using namespace testing;
using sim::testing::compact;

void answer_puts(World& world, int count) {
  for (int i = 0; i < count; ++i) ASSERT_TRUE(world.perform(put("k", text("v{}", i))));
  ASSERT_TRUE(run_until(world, [](const World& w) { return answered(w); }));
}

void step_apply_to(World& world, ApplyLane::Phase phase) {
  ASSERT_TRUE(step_until(world, lane(1, LaneKind::Apply),
                         [&](const Running& run) { return run.apply.phase == phase; }))
      << "apply did not come to " << to_text(phase);
}

// A put whose entry is committed, with apply standing before it.
World with_waiting_entry() {
  World world = alone();
  answer_puts(world, 1);
  hold(world, lane(1, LaneKind::Apply));
  EXPECT_TRUE(world.perform(put("k", "next")));
  EXPECT_TRUE(run_until(world, [](const World& w) { return !memory(w, 1).apply.jobs.empty(); }));
  return world;
}

// B4: consistent index durable before its effects.
TEST(NotMerged, ApplyingIndexIsSetThenACommitFallsBeforeTheBatchTxIsTaken) {
  World world = with_waiting_entry();
  const Index before = memory(world, 1).applied;
  step_apply_to(world, ApplyLane::Phase::TakeTx);
  ASSERT_EQ(memory(world, 1).applying, before + 1);

  ASSERT_TRUE(step_until(world, lane(1, LaneKind::Commit),
                         [](const Running& run) { return run.commit.commit.has_value(); }));
  EXPECT_FALSE(world.perform(lane(1, LaneKind::Apply))) << "the commit holds the batch tx";
  ASSERT_TRUE(step_until(world, lane(1, LaneKind::Commit),
                         [](const Running& run) { return !run.commit.commit; }));

  const backend::Backend file = file_after_crash(world, 1);
  EXPECT_EQ(consistent_index(file), before);
  EXPECT_EQ(rows(file, backend::Bucket::Key), 1U);
}

// A2, B4, B5, B7: batch and file are two things.
TEST(NotMerged, ABatchIsWrittenThenTheMemberDiesBeforeTheCommit) {
  World world = with_waiting_entry();
  step_apply_to(world, ApplyLane::Phase::Applied);
  ASSERT_EQ(memory(world, 1).store.current_revision(), 3);

  ASSERT_TRUE(world.perform(sim::Crash{.member = 1, .survivors = {}}));

  const backend::Backend file = file_of(world.member(1));
  EXPECT_EQ(rows(file, backend::Bucket::Key), consistent_index(file).value() == 0 ? 0U : 1U);
  ASSERT_TRUE(world.perform(sim::Restart{.member = 1}));
  unhold(world, lane(1, LaneKind::Apply));
  ASSERT_TRUE(run_until(world, [](const World& w) { return leader_of(w) == 1 && caught_up(w); }));
  EXPECT_EQ(memory(world, 1).store.current_revision(), 3);
}

// A1, B2, B27: scheduled revision, each batch and the finished revision are separate commits.
TEST(NotMerged, ACompactionIsInterruptedAtEachOfItsCommits) {
  Timing timing;
  timing.compaction_batch = 2;
  World world = alone(timing);
  answer_puts(world, 7);
  hold(world, lane(1, LaneKind::Compact));
  ASSERT_TRUE(world.perform(compact(7)));
  ASSERT_TRUE(run_until(world, [](const World& w) { return answered(w); }));

  int interrupted = 0;
  while (!memory(world, 1).compact.jobs.empty()) {
    World crashed = world;
    ASSERT_TRUE(crashed.perform(sim::Crash{.member = 1, .survivors = {}}));
    const std::size_t left = rows(file_of(crashed.member(1)), backend::Bucket::Key);
    EXPECT_LE(left, 7U);
    ASSERT_TRUE(crashed.perform(sim::Restart{.member = 1}));
    unhold(crashed, lane(1, LaneKind::Compact));
    ASSERT_TRUE(run_until(crashed, [](const World& w) {
      return leader_of(w) == 1 && caught_up(w) && memory(w, 1).compact.jobs.empty();
    }));
    EXPECT_EQ(memory(crashed, 1).store.current_revision(), 8);
    EXPECT_EQ(memory(crashed, 1).store.compact_revision(), 7);
    EXPECT_EQ(rows(memory(crashed, 1).backend, backend::Bucket::Key), 2U);
    ++interrupted;
    ASSERT_TRUE(world.perform(lane(1, LaneKind::Compact)));
  }

  EXPECT_GT(interrupted, 10);
}

// Between two batches a put is written and committed.
TEST(NotMerged, APutFallsBetweenTwoBatchesOfACompaction) {
  Timing timing;
  timing.compaction_batch = 2;
  World world = alone(timing);
  answer_puts(world, 7);
  hold(world, lane(1, LaneKind::Compact));
  ASSERT_TRUE(world.perform(compact(7)));
  ASSERT_TRUE(run_until(world, [](const World& w) { return answered(w); }));
  ASSERT_TRUE(step_until(world, lane(1, LaneKind::Compact), [](const Running& run) {
    return run.compact.phase == CompactLane::Phase::Sleep;
  }));

  answer_puts(world, 1);
  EXPECT_EQ(memory(world, 1).store.current_revision(), 9);
  unhold(world, lane(1, LaneKind::Compact));
  ASSERT_TRUE(run_until(world, [](const World& w) { return memory(w, 1).compact.jobs.empty(); }));

  EXPECT_EQ(rows(memory(world, 1).backend, backend::Bucket::Key), 3U);
}

// B7: a single member answers before its log holds the commit.
TEST(NotMerged, EntriesAreHandedToApplyThenTheMemberDiesBeforeTheWalWrite) {
  World world = alone();
  hold(world, lane(1, LaneKind::Raft));
  ASSERT_TRUE(world.perform(put("k", "v")));
  ASSERT_TRUE(run_until(world, [](const World& w) { return memory(w, 1).waiters.size() == 1; }));
  ASSERT_TRUE(step_until(world, lane(1, LaneKind::Raft),
                         [](const Running& run) { return !run.apply.jobs.empty(); }));
  ASSERT_TRUE(run_until(world, [](const World& w) { return answered(w); }));
  ASSERT_EQ(last_word(world), "ok");

  ASSERT_TRUE(world.perform(sim::Crash{.member = 1, .survivors = {}}));
  ASSERT_TRUE(world.perform(sim::Restart{.member = 1}));
  unhold(world, lane(1, LaneKind::Raft));
  ASSERT_TRUE(run_until(world, [](const World& w) { return leader_of(w) == 1 && caught_up(w); }));

  EXPECT_EQ(memory(world, 1).store.current_revision(), 2) << "the entry itself was durable";
}

// B23: raft has been told of a configuration change that the server has not applied.
TEST(NotMerged, AConfChangeIsHandedOutThenAMessageArrivesBeforeItIsApplied) {
  World world;
  hold(world, lane(1, LaneKind::Apply));
  ASSERT_TRUE(run_until(world, [](const World& w) { return memory(w, 1).apply.jobs_taken > 0; }));
  EXPECT_EQ(memory(world, 1).applied, Index(0));

  ASSERT_TRUE(run_until(world, [](const World& w) { return leader_of(w) != 0; }));
  EXPECT_NE(leader_of(world), 1U);
  EXPECT_EQ(memory(world, 1).raft_lane.phase, RaftLane::Phase::Append) << "a follower waits here";
  EXPECT_TRUE(memory(world, 1).conf_state.voters.empty());
  unhold(world, lane(1, LaneKind::Apply));
  ASSERT_TRUE(run_until(world, [](const World& w) { return caught_up(w); }));

  EXPECT_EQ(memory(world, 1).conf_state.voters.size(), 3U);
}

// A2, A3: what a proposal was admitted under may have changed when it is applied.
TEST(NotMerged, AnotherWriteIsAppliedBetweenProposeAndApply) {
  World world = alone();
  hold(world, lane(1, LaneKind::Handler, 1));
  ASSERT_TRUE(world.perform(put("k", "slow", 1)));
  ASSERT_TRUE(run_until(world, [](const World& w) { return !memory(w, 1).handlers.empty(); }));
  ASSERT_TRUE(world.perform(lane(1, LaneKind::Handler, 1)));
  ASSERT_EQ(memory(world, 1).handlers.find(1)->phase, HandlerLane::Phase::Propose);

  ASSERT_TRUE(world.perform(put("k", "fast", 2)));
  ASSERT_TRUE(run_until(world, [](const World& w) { return answered(w, 2); }));
  unhold(world, lane(1, LaneKind::Handler, 1));
  ASSERT_TRUE(run_until(world, [](const World& w) { return answered(w, 1); }));

  const auto& slow = *(*world.clients().find(1))->calls().find(1);
  EXPECT_EQ(std::get<rpc::PutResponse>(slow.answer->response).header.revision, 3);
}

// B12: a watcher that was chosen is neither lost nor told twice when a write ends before its send.
TEST(NotMerged, AWriteComesWhileAWatcherIsBeingCaughtUp) {
  World world = alone();
  answer_puts(world, 3);
  hold(world, lane(1, LaneKind::SyncWatchers));
  ASSERT_TRUE(world.perform(sim::testing::watch("k", 2, "w1")));
  ASSERT_TRUE(
      run_until(world, [](const World& w) { return memory(w, 1).watches.unsynced().size() == 1; }));
  ASSERT_TRUE(step_until(world, lane(1, LaneKind::SyncWatchers), [](const Running& run) {
    return run.sync.phase == SyncLane::Phase::Send;
  }));

  ASSERT_TRUE(world.perform(put("k", "during")));
  ASSERT_TRUE(
      run_until(world, [](const World& w) { return apply_at(w, 1, ApplyLane::Phase::Notify); }));
  EXPECT_FALSE(world.perform(lane(1, LaneKind::Apply))) << "the catching up holds the mutex";
  unhold(world, lane(1, LaneKind::SyncWatchers));
  ASSERT_TRUE(run_until(
      world, [](const World& w) { return (*w.clients().find(1))->find_watch("w1")->events == 4; }));

  std::vector<std::int64_t> revisions;
  for (const auto& response : (*world.clients().find(1))->find_watch("w1")->responses) {
    for (const auto& event : response.events) revisions.push_back(event.kv.mod_revision);
  }
  EXPECT_EQ(revisions, (std::vector<std::int64_t>{2, 3, 4, 5}));
}

// B13: events may be chosen before the control response that was there first.
TEST(NotMerged, TheSendLoopTakesEventsBeforeTheCreation) {
  World world = alone();
  for (std::uint8_t choice = 0; choice < 3; ++choice) {
    hold(world, lane(1, LaneKind::StreamSend, 1, choice));
  }
  ASSERT_TRUE(world.perform(sim::testing::watch("k", 0, "w1")));
  ASSERT_TRUE(
      run_until(world, [](const World& w) { return !memory(w, 1).watches.watchers().empty(); }));
  ASSERT_TRUE(run_until(
      world, [](const World& w) { return !memory(w, 1).streams.find(1)->stream.control.empty(); }));
  answer_puts(world, 1);

  ASSERT_TRUE(world.perform(lane(1, LaneKind::StreamSend, 1, 0)));
  EXPECT_TRUE(memory(world, 1).streams.find(1)->stream.outbox.empty()) << "it waits for `created`";
  ASSERT_TRUE(world.perform(lane(1, LaneKind::StreamSend, 1, 1)));
  for (std::uint8_t choice = 0; choice < 3; ++choice) {
    unhold(world, lane(1, LaneKind::StreamSend, 1, choice));
  }
  ASSERT_TRUE(run_until(
      world, [](const World& w) { return (*w.clients().find(1))->find_watch("w1")->events == 1; }));

  const auto& responses = (*world.clients().find(1))->find_watch("w1")->responses;
  ASSERT_EQ(responses.size(), 2U);
  EXPECT_TRUE(responses[0].created);
}

// B15: an acknowledgement counts only for the question it answers.
TEST(NotMerged, ALeadersReadWaitsForTheAcknowledgementOfItsOwnHeartbeat) {
  World world = elected();
  const std::uint32_t leader = leader_of(world);
  const std::uint32_t one = leader % 3 + 1;
  const std::uint32_t two = one % 3 + 1;
  ASSERT_TRUE(world.perform(get("k", 1, leader)));
  ASSERT_TRUE(run_until(world, [&](const World& w) {
    return memory(w, leader).read.phase == ReadLane::Phase::WaitIndex;
  }));
  // The heartbeats of the question are sent; their answers are lost, and older answers do not count.
  ASSERT_TRUE(world.perform(sim::Cut{member_address(one), member_address(leader)}));
  ASSERT_TRUE(world.perform(sim::Cut{member_address(two), member_address(leader)}));
  const Nanos later = world.now() + millis(300).value();
  ASSERT_TRUE(run_until(world, [&](const World& w) { return w.now() > later; }));
  EXPECT_EQ(memory(world, leader).read.phase, ReadLane::Phase::WaitIndex);
  EXPECT_FALSE(answered(world));

  ASSERT_TRUE(world.perform(sim::Mend{member_address(one), member_address(leader)}));
  ASSERT_TRUE(run_until(world, [](const World& w) { return answered(w); }));

  EXPECT_EQ(last_word(world), "ok");
}

// Each phase of a commit is a place where somebody else acts, and where a crash leaves a whole file.
TEST(NotMerged, EveryPhaseOfACommitHasACrashAndAForeignActionInIt) {
  World world = alone();
  hold(world, lane(1, LaneKind::Commit));
  answer_puts(world, 2);
  std::string phases;
  ASSERT_TRUE(world.perform(lane(1, LaneKind::Commit)));
  while (memory(world, 1).commit.commit) {
    phases += std::string(to_text(memory(world, 1).commit.commit->phase)) + " ";
    const std::size_t durable = rows(file_after_crash(world, 1), backend::Bucket::Key);
    EXPECT_EQ(durable, 0U) << phases;
    ASSERT_TRUE(world.perform(lane(1, LaneKind::Node)));
    ASSERT_TRUE(world.perform(lane(1, LaneKind::Commit)));
  }

  EXPECT_EQ(phases, "write-pages sync-pages write-meta sync-meta ");
  EXPECT_EQ(rows(file_after_crash(world, 1), backend::Bucket::Key), 2U);
}

}  // namespace
}  // namespace orrery::server
