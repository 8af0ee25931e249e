// apply, the consistent index and the commit: what the file says is true, at every moment.
#include <gtest/gtest.h>

#include "base/text.h"
#include "mvcc/meta_rows.h"
#include "tests/server/kit.h"

namespace orrery::server {
namespace {

using namespace testing;
using sim::testing::compact;
using ApplyPhase = ApplyLane::Phase;

void answer_puts(World& world, int count) {
  for (int i = 0; i < count; ++i) {
    ASSERT_TRUE(world.perform(put(text("k{}", i % 3), text("v{}", i))));
  }
  ASSERT_TRUE(run_until(world, [](const World& w) { return answered(w); }));
}

bool settled_on_disk(const World& world, std::uint32_t no) {
  const Running& run = memory(world, no);
  return run.backend.pending() == 0 && !run.commit.commit && run.batch_tx.free();
}

TEST(ConsistentIndex, IsSavedWithTheDataByTheCommit) {
  World world = alone();
  answer_puts(world, 3);
  ASSERT_TRUE(run_until(world, [](const World& w) { return settled_on_disk(w, 1); }));

  const backend::Backend file = file_after_crash(world, 1);

  EXPECT_EQ(consistent_index(file), memory(world, 1).applied);
  EXPECT_EQ(rows(file, backend::Bucket::Key), 3U);
}

TEST(ConsistentIndex, NeverPartsFromTheDataWhereverACrashFalls) {
  World world = alone();
  const Index before = memory(world, 1).applied;
  for (int i = 0; i < 5; ++i) ASSERT_TRUE(world.perform(put("k", text("v{}", i))));
  Index last;

  for (int step = 0; step < 400; ++step) {
    for (const disk::Keep& keep : {disk::Keep(disk::KeepNone{}), disk::Keep(disk::KeepAll{}),
                                   disk::Keep(disk::KeepTorn{.pieces = 3})}) {
      World copy = world;
      ASSERT_TRUE(copy.perform(
          sim::Crash{.member = 1, .survivors = {.writes = keep, .files = {}, .names = {}}}));
      const backend::Backend file = file_of(copy.member(1));
      const std::size_t changes = rows(file, backend::Bucket::Key);
      const Index index = consistent_index(file);
      if (changes > 0) {
        EXPECT_EQ(index, before + changes) << "step " << step;
      }
    }
    const Index kept = consistent_index(file_after_crash(world, 1));
    EXPECT_GE(kept, last) << "it fell at step " << step;
    last = kept;
    ASSERT_TRUE(world.perform(*world.next()));
  }
  EXPECT_EQ(last, before + 5);
}

TEST(ConsistentIndex, AnEntryAtOrBelowItIsSkippedOnReplay) {
  World world = alone();
  answer_puts(world, 4);
  ASSERT_TRUE(run_until(world, [](const World& w) { return settled_on_disk(w, 1); }));
  const std::int64_t revision = memory(world, 1).store.current_revision();
  const Index applied = memory(world, 1).applied;

  ASSERT_TRUE(world.perform(sim::Crash{.member = 1, .survivors = {}}));
  ASSERT_TRUE(world.perform(sim::Restart{.member = 1}));
  EXPECT_EQ(memory(world, 1).consistent, applied);
  EXPECT_EQ(memory(world, 1).applied, Index(0)) << "the log is handed to apply from its beginning";
  int skipped = 0;
  ASSERT_TRUE(run_until(world, [&](const World& w) {
    const auto why = w.explain(lane(1, LaneKind::Apply));
    for (const GuardRecord& guard : why.guards) {
      if (guard.claim == "the entry is newer than the consistent index" && !guard.held) ++skipped;
    }
    return memory(w, 1).applied >= applied;
  }));

  EXPECT_GE(skipped, 4);
  EXPECT_EQ(memory(world, 1).store.current_revision(), revision);
}

TEST(ConsistentIndex, WhatWasNotCommittedIsAppliedAgain) {
  World world = alone();
  hold(world, lane(1, LaneKind::Commit));
  answer_puts(world, 4);
  ASSERT_EQ(rows(file_after_crash(world, 1), backend::Bucket::Key), 0U);

  ASSERT_TRUE(world.perform(sim::Crash{.member = 1, .survivors = {}}));
  ASSERT_TRUE(world.perform(sim::Restart{.member = 1}));
  EXPECT_EQ(memory(world, 1).store.current_revision(), 1);
  ASSERT_TRUE(run_until(world, [](const World& w) { return leader_of(w) == 1 && caught_up(w); }));

  EXPECT_EQ(memory(world, 1).store.current_revision(), 5);
}

TEST(ConsistentIndex, ARefusedEntryCountsAsApplied) {
  World world = alone();
  const Index before = memory(world, 1).applied;

  ASSERT_TRUE(world.perform(compact(100)));
  ASSERT_TRUE(run_until(world, [](const World& w) { return answered(w); }));

  EXPECT_EQ(last_word(world), "etcdserver: mvcc: required revision is a future revision");
  EXPECT_EQ(memory(world, 1).applied, before + 1);
  EXPECT_EQ(memory(world, 1).consistent, before + 1);
}

TEST(Apply, ACompactionsEntryForcesACommitBeforeItsRowsGo) {
  World world = alone();
  answer_puts(world, 6);
  hold(world, lane(1, LaneKind::Commit));
  hold(world, lane(1, LaneKind::Compact));

  ASSERT_TRUE(world.perform(compact(5)));
  ASSERT_TRUE(run_until(world, [](const World& w) { return answered(w); }));

  const backend::Backend file = file_after_crash(world, 1);
  EXPECT_TRUE(file.get(backend::View::Batch, backend::Bucket::Meta, mvcc::kScheduledCompactRev));
  EXPECT_FALSE(file.get(backend::View::Batch, backend::Bucket::Meta, mvcc::kFinishedCompactRev));
  EXPECT_EQ(consistent_index(file), memory(world, 1).applied);
  EXPECT_EQ(rows(file, backend::Bucket::Key), 6U) << "no row has gone yet";
}

TEST(Apply, AFullBatchIsCommittedInsideApply) {
  World world = alone();
  hold(world, lane(1, LaneKind::Commit));
  rpc::TxnRequest txn;
  for (int i = 0; i < 125; ++i) {
    rpc::PutRequest one;
    one.key = Blob(text("k{}", i));
    txn.success.push_back({one});
  }
  for (int i = 0; i < 80; ++i) {
    ASSERT_TRUE(
        world.perform(sim::Submit{1, client::BeginCall{.line = "txn", .via = 1, .request = txn}}));
  }

  ASSERT_TRUE(run_until(
      world, [](const World& w) { return apply_at(w, 1, ApplyPhase::Commit); }, 1'000'000));
  EXPECT_GE(memory(world, 1).backend.pending(), backend::kBatchLimit);
  EXPECT_EQ(memory(world, 1).batch_tx.owner, LaneKind::Apply);
  ASSERT_TRUE(run_until(world, [](const World& w) { return !apply_at(w, 1, ApplyPhase::Commit); }));

  EXPECT_EQ(memory(world, 1).backend.pending(), 0U);
  EXPECT_GE(rows(file_after_crash(world, 1), backend::Bucket::Key), 9'900U);
}

TEST(Apply, TheAnswerComesBeforeTheFileHasTheData) {
  World world = alone();
  hold(world, lane(1, LaneKind::Commit));

  answer_puts(world, 1);

  EXPECT_EQ(last_word(world), "ok");
  EXPECT_EQ(rows(file_of(world.member(1)), backend::Bucket::Key), 0U);
}

TEST(Apply, ChangesAreSeenByReadersOnlyWhenTheTransactionEnds) {
  World world = alone();
  hold(world, lane(1, LaneKind::Apply));
  ASSERT_TRUE(world.perform(put("a", "1")));
  ASSERT_TRUE(run_until(world, [](const World& w) { return !memory(w, 1).apply.jobs.empty(); }));
  const auto readable = [&] {
    const Running& run = memory(world, 1);
    rpc::RangeRequest request;
    request.key = Blob("a");
    return run.store.range(run.backend, request, Guards())->count;
  };

  ASSERT_TRUE(step_until(world, lane(1, LaneKind::Apply),
                         [](const Running& run) { return run.apply.phase == ApplyPhase::Notify; }));
  EXPECT_EQ(readable(), 0);
  ASSERT_TRUE(step_until(world, lane(1, LaneKind::Apply), [](const Running& run) {
    return run.apply.phase == ApplyPhase::Applied;
  }));

  EXPECT_EQ(readable(), 1);
}

}  // namespace
}  // namespace orrery::server
