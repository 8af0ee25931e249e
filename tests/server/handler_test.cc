// A call from its arrival to its answer: what is refused, with etcd's words, and what waits.
#include <algorithm>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "base/text.h"
#include "tests/server/kit.h"

namespace orrery::server {
namespace {

using namespace testing;
using HandlerPhase = HandlerLane::Phase;

bool every_handler_at(const World& world, std::uint32_t no, HandlerPhase phase) {
  const auto& handlers = memory(world, no).handlers;
  if (handlers.empty()) return false;
  for (const auto& [number, handler] : handlers) {
    if (handler.phase != phase) return false;
  }
  return true;
}

TEST(Handler, AWriteIsRefusedWhenApplyIsTooFarBehind) {
  Timing timing;
  timing.apply_gap = 5;
  World world = alone(timing);
  hold(world, lane(1, LaneKind::Apply));
  for (int i = 0; i < 6; ++i) ASSERT_TRUE(world.perform(put(text("k{}", i), "v", 1)));
  ASSERT_TRUE(run_until(world, [](const World& w) {
    return memory(w, 1).raft.log().committed() == memory(w, 1).applied + 6;
  }));

  ASSERT_TRUE(world.perform(put("one more", "v", 2)));
  ASSERT_TRUE(run_until(world, [](const World& w) { return answered(w, 2); }));

  EXPECT_EQ(last_word(world, 2), "etcdserver: too many requests");
}

TEST(Handler, AtTheGapsLimitAWriteIsStillTaken) {
  Timing timing;
  timing.apply_gap = 5;
  World world = alone(timing);
  hold(world, lane(1, LaneKind::Apply));
  for (int i = 0; i < 5; ++i) ASSERT_TRUE(world.perform(put(text("k{}", i), "v", 1)));
  ASSERT_TRUE(run_until(world, [](const World& w) {
    return memory(w, 1).raft.log().committed() == memory(w, 1).applied + 5;
  }));

  ASSERT_TRUE(world.perform(put("one more", "v", 2)));
  ASSERT_TRUE(run_until(world, [](const World& w) { return memory(w, 1).waiters.size() == 6; }));
  unhold(world, lane(1, LaneKind::Apply));
  ASSERT_TRUE(run_until(world, [](const World& w) { return answered(w, 2); }));

  EXPECT_EQ(last_word(world, 2), "ok");
}

TEST(Handler, ARequestOverTheLimitIsTooLarge) {
  World world = alone();

  ASSERT_TRUE(world.perform(put("a", std::string(1'572'864, 'x'))));
  ASSERT_TRUE(run_until(world, [](const World& w) { return answered(w); }));

  EXPECT_EQ(last_word(world), "etcdserver: request is too large");
  EXPECT_EQ(memory(world, 1).store.current_revision(), 1);
}

TEST(Handler, ARequestJustBelowTheLimitIsTaken) {
  World world = alone();

  ASSERT_TRUE(world.perform(put("a", std::string(1'572'864 - 64, 'x'))));
  ASSERT_TRUE(run_until(world, [](const World& w) { return answered(w); }));

  EXPECT_EQ(last_word(world), "ok");
}

TEST(Handler, AnEmptyKeyIsRefusedBeforeRaftHearsOfIt) {
  World world = alone();
  const Index last = memory(world, 1).raft.log().last_index();

  ASSERT_TRUE(world.perform(put("", "v")));
  ASSERT_TRUE(run_until(world, [](const World& w) { return answered(w); }));

  EXPECT_EQ(last_word(world), "etcdserver: key is not provided");
  EXPECT_EQ(memory(world, 1).raft.log().last_index(), last);
}

TEST(Handler, AProposalThatIsNeverCommittedTimesOut) {
  sim::Config config;
  config.timing.call_timeout = seconds(20);
  World world = elected(config);
  const std::uint32_t leader = leader_of(world);
  cut_off(world, leader);
  const Nanos asked = world.now();

  ASSERT_TRUE(world.perform(put("a", "1", 1, leader)));
  ASSERT_TRUE(run_until(world, [](const World& w) { return answered(w); }));

  EXPECT_EQ(last_word(world), "etcdserver: request timed out");
  EXPECT_GE(world.now(), asked + seconds(7).value());
  EXPECT_TRUE(memory(world, leader).waiters.empty());
}

TEST(Handler, AProposalWaitsUntilThereIsALeader) {
  World world;
  ASSERT_TRUE(world.perform(put("a", "1", 1, 2)));
  ASSERT_TRUE(run_until(
      world, [](const World& w) { return every_handler_at(w, 2, HandlerPhase::Propose); }));
  EXPECT_EQ(leader_of(world), 0U);

  ASSERT_TRUE(run_until(world, [](const World& w) { return answered(w); }));

  EXPECT_EQ(last_word(world), "ok");
}

TEST(Handler, AProposalGivesUpWhenNoLeaderComes) {
  sim::Config config;
  config.timing.call_timeout = seconds(20);
  World world(config);
  cut_off(world, 2);

  ASSERT_TRUE(world.perform(put("a", "1", 1, 2)));
  ASSERT_TRUE(run_until(world, [](const World& w) { return answered(w); }));

  EXPECT_EQ(last_word(world), "etcdserver: request timed out");
}

TEST(Handler, ATimeoutDoesNotMeanThatNothingHappens) {
  sim::Config config;
  config.timing.call_timeout = seconds(20);
  config.members = 1;
  World world = elected(config);
  hold(world, lane(1, LaneKind::Apply));
  ASSERT_TRUE(world.perform(put("a", "1")));
  ASSERT_TRUE(run_until(world, [](const World& w) { return answered(w); }));
  ASSERT_EQ(last_word(world), "etcdserver: request timed out");

  unhold(world, lane(1, LaneKind::Apply));
  ASSERT_TRUE(run_until(world, [](const World& w) { return caught_up(w); }));

  EXPECT_EQ(memory(world, 1).store.current_revision(), 2);
}

TEST(Handler, ManyCallsAreInFlightAtOnceAndEachGetsItsOwnAnswer) {
  World world = elected();
  for (std::uint32_t client = 1; client <= 5; ++client) {
    ASSERT_TRUE(world.perform(put("k", text("v{}", client), client, client % 3 + 1)));
  }
  ASSERT_TRUE(run_until(world, [](const World& w) {
    for (std::uint32_t client = 1; client <= 5; ++client) {
      if (!answered(w, client)) return false;
    }
    return true;
  }));

  std::vector<std::int64_t> revisions;
  for (std::uint32_t client = 1; client <= 5; ++client) {
    const auto& call = *(*world.clients().find(client))->calls().find(1);
    ASSERT_FALSE(call.answer->error);
    revisions.push_back(std::get<rpc::PutResponse>(call.answer->response).header.revision);
  }
  std::ranges::sort(revisions);
  EXPECT_EQ(revisions, (std::vector<std::int64_t>{2, 3, 4, 5, 6}));
}

TEST(Handler, ACompactionThatWaitsForItsRowsAnswersWhenTheyAreGone) {
  Timing timing;
  timing.compaction_batch = 2;
  World world = alone(timing);
  for (int i = 0; i < 6; ++i) ASSERT_TRUE(world.perform(put("k", text("v{}", i))));
  ASSERT_TRUE(run_until(world, [](const World& w) { return answered(w); }));
  rpc::CompactionRequest request;
  request.revision = 6;
  request.physical = true;

  hold(world, lane(1, LaneKind::Compact));
  ASSERT_TRUE(world.perform(
      sim::Submit{1, client::BeginCall{.line = "compact", .via = 1, .request = request}}));
  ASSERT_TRUE(run_until(world, [](const World& w) { return caught_up(w); }));
  EXPECT_FALSE(answered(world));
  unhold(world, lane(1, LaneKind::Compact));
  ASSERT_TRUE(run_until(world, [](const World& w) { return answered(w); }));

  EXPECT_EQ(last_word(world), "ok");
  EXPECT_EQ(rows(memory(world, 1).backend, backend::Bucket::Key), 2U);
}

}  // namespace
}  // namespace orrery::server
