// "Why?" on a dozen situations: each answer names the guard that decided, with its numbers and its place in the source.
#include <algorithm>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <gtest/gtest.h>

#include "base/text.h"
#include "tests/sim/cluster.h"

namespace orrery::sim {
namespace {

using namespace testing;
using Records = std::vector<GuardRecord>;

const GuardRecord* find(const Records& records, std::string_view claim, bool held) {
  const auto at = std::ranges::find_if(records, [&](const GuardRecord& record) {
    return record.held == held && record.claim.find(claim) != std::string::npos;
  });
  return at == records.end() ? nullptr : &*at;
}

std::string listing(const Records& records) {
  std::string out;
  for (const GuardRecord& record : records) out += to_text(record) + "\n";
  return out;
}

// The claim was decided so, in this file, and the record has this number under this name.
void expect_decided(const Records& records, std::string_view claim, bool held,
                    std::string_view file, std::string_view number = "") {
  const GuardRecord* record = find(records, claim, held);
  ASSERT_NE(record, nullptr) << "no such guard among\n" << listing(records);
  EXPECT_TRUE(record->file.starts_with(file)) << record->file;
  EXPECT_GT(record->line, 0U);
  if (number.empty()) return;
  const bool named =
      std::ranges::any_of(record->facts, [&](const auto& fact) { return fact.first == number; });
  EXPECT_TRUE(named) << to_text(*record);
}

// Default steps until the next one is a message of this kind to this member; its explanation.
Records explain_next(World& world, raftpb::MessageType type, std::uint32_t to) {
  const auto is_wanted = [&](const World& w) {
    const auto action = w.next();
    const auto* deliver = action ? std::get_if<Deliver>(&*action) : nullptr;
    if (deliver == nullptr || deliver->message.to != server::member_address(to)) return false;
    const auto* in_flight = w.network().find(deliver->message);
    const auto* message = std::get_if<raftpb::Message>(&in_flight->payload);
    return message != nullptr && message->type == type;
  };
  if (!run_until(world, is_wanted)) return {};
  return world.explain(*world.next()).guards;
}

Records reasons(const World& world, std::string_view subject) {
  for (const BlockedAction& blocked : world.blocked()) {
    if (blocked.subject == subject) return blocked.reasons;
  }
  return {};
}

Records explain_handler(World& world, std::uint32_t member, server::HandlerLane::Phase phase) {
  std::optional<RunLane> found;
  run_until(world, [&](const World& w) {
    for (const auto& [no, handler] : w.member(member).running().handlers) {
      if (handler.phase == phase) found = RunLane{member, {server::LaneKind::Handler, no, 0}};
    }
    return found.has_value();
  });
  return found ? world.explain(*found).guards : Records{};
}

void cut_off(World& world, std::uint32_t member) {
  for (std::uint32_t other = 1; other <= world.member_count(); ++other) {
    if (other == member) continue;
    ASSERT_TRUE(world.perform(Cut{server::member_address(member), server::member_address(other)}));
    ASSERT_TRUE(world.perform(Cut{server::member_address(other), server::member_address(member)}));
  }
}

TEST(Why, APreVoteIsRefusedWhileALeaderIsHeard) {
  World world = elected();
  const std::uint32_t leader = leader_of(world);
  const std::uint32_t lonely = leader % 3 + 1;
  const std::uint32_t third = lonely % 3 + 1;
  ASSERT_TRUE(world.perform(Cut{server::member_address(leader), server::member_address(lonely)}));

  const Records why = explain_next(world, raftpb::MessageType::PreVote, third);

  expect_decided(why, "a leader was heard from within the election timeout", true, "core/raft/");
}

TEST(Why, AVoteIsRefusedToALogThatIsBehind) {
  World world = elected();
  const std::uint32_t leader = leader_of(world);
  const std::uint32_t behind = leader % 3 + 1;
  const std::uint32_t other = behind % 3 + 1;
  cut_off(world, behind);
  ASSERT_TRUE(world.perform(put("a", "1", 1, leader)));
  ASSERT_TRUE(run_until(world, [](const World& w) { return answered(w); }));
  ASSERT_TRUE(world.perform(Crash{.member = leader, .survivors = {}}));
  const Nanos later = world.now() + 5'000'000'000;
  ASSERT_TRUE(run_until(world, [&](const World& w) {
    return w.now() > later && w.member(other).running().raft.leader() == NodeId(0);
  }));
  ASSERT_TRUE(world.perform(Hold{RunLane{other, {server::LaneKind::Node, 0, 0}}}));
  ASSERT_TRUE(world.perform(Mend{server::member_address(behind), server::member_address(other)}));
  ASSERT_TRUE(world.perform(Mend{server::member_address(other), server::member_address(behind)}));

  const Records why = explain_next(world, raftpb::MessageType::PreVote, other);

  expect_decided(why, "log is at least as up to date", false, "core/raft/");
}

TEST(Why, AnEntryIsNotCommittedByOneAcknowledgement) {
  Config five;
  five.members = 5;
  World world = elected(five);
  const std::uint32_t leader = leader_of(world);
  ASSERT_TRUE(world.perform(put("a", "1", 1, leader)));
  ASSERT_TRUE(run_until(world, [&](const World& w) {
    return w.member(leader).running().raft.log().last_index() == Index(7);
  }));

  Records why = explain_next(world, raftpb::MessageType::AppResp, leader);
  while (find(why, "a majority has an entry beyond the commit", false) == nullptr) {
    ASSERT_FALSE(why.empty());
    ASSERT_TRUE(world.perform(*world.next()));
    why = explain_next(world, raftpb::MessageType::AppResp, leader);
  }

  expect_decided(why, "a majority has an entry beyond the commit", false, "core/raft/");
}

TEST(Why, AnAppendIsRejectedByALogWithAGap) {
  World world = elected();
  const std::uint32_t leader = leader_of(world);
  const std::uint32_t behind = leader % 3 + 1;
  ASSERT_TRUE(world.perform(put("a", "1", 1, leader)));
  ASSERT_TRUE(run_until(world, [&](const World& w) {
    const auto* head = w.network().front(
        {server::member_address(leader), server::member_address(behind), server::Channel::Append});
    return head != nullptr;
  }));
  const ChannelId append{server::member_address(leader), server::member_address(behind),
                         server::Channel::Append};
  ASSERT_TRUE(world.perform(
      Drop{{append.from, append.to, append.channel, world.network().front(append)->number}}));

  const Records why = explain_next(world, raftpb::MessageType::App, behind);

  expect_decided(why, "the log holds the entry before the new ones", false, "core/raft/");
}

TEST(Why, AProposalWaitsForALeader) {
  World world;
  ASSERT_TRUE(world.perform(put("a", "1")));

  const Records why = explain_handler(world, 1, server::HandlerLane::Phase::Propose);

  expect_decided(why, "a leader is known", false, "core/server/handler_lane.cc", "term");
}

TEST(Why, AMessageIsHeldByACutLink) {
  World world = elected();
  ASSERT_TRUE(run_until(world, [](const World& w) { return w.network().in_flight() > 0; }));
  ChannelId busy;
  for (const auto& [id, channel] : world.network().channels()) {
    if (!channel.queue.empty()) busy = id;
  }
  ASSERT_TRUE(world.perform(Cut{busy.from, busy.to}));

  const Deliver deliver{{busy.from, busy.to, busy.channel, world.network().front(busy)->number}};
  const Records why = world.explain(deliver).guards;

  expect_decided(why, "the link carries", false, "core/sim/world.cc");
  EXPECT_FALSE(reasons(world, to_text(Action(deliver))).empty());
}

TEST(Why, AWatcherFromThePastIsUnsynced) {
  World world = elected();
  ASSERT_TRUE(world.perform(put("a", "1")));
  ASSERT_TRUE(run_until(world, [](const World& w) { return answered(w); }));
  ASSERT_TRUE(world.perform(watch("a", 1, "w1")));
  ASSERT_TRUE(run_until(
      world, [](const World& w) { return !w.member(1).running().waiting_streams.empty(); }));

  const Records why = world.explain(RunLane{1, {server::LaneKind::StreamRecv, 1, 0}}).guards;

  expect_decided(why, "the watch asks for nothing that has happened already", false, "core/watch/",
                 "current revision");
}

TEST(Why, AnEntryIsSkippedAtOrBelowTheConsistentIndex) {
  World world = elected();
  ASSERT_TRUE(world.perform(put("a", "1")));
  ASSERT_TRUE(run_until(world, [](const World& w) {
    return answered(w) && w.member(1).running().consistent_on_disk >= Index(5);
  }));
  ASSERT_TRUE(world.perform(Crash{.member = 1, .survivors = {}}));
  ASSERT_TRUE(world.perform(Restart{.member = 1}));
  ASSERT_TRUE(
      run_until(world, [](const World& w) { return !w.member(1).running().apply.jobs.empty(); }));

  const Records why = world.explain(RunLane{1, {server::LaneKind::Apply, 0, 0}}).guards;

  expect_decided(why, "the entry is newer than the consistent index", false,
                 "core/server/apply_lane.cc", "consistent index");
}

TEST(Why, TheCommitLaneHasNothingPending) {
  World world = elected();
  ASSERT_TRUE(run_until(
      world, [](const World& w) { return w.member(1).running().backend.pending() == 0; }));

  expect_decided(reasons(world, "n1 commit"), "changes are pending in the batch", false,
                 "core/server/commit_lane.cc", "pending");
}

TEST(Why, ApplyWaitsForTheBatchTxLock) {
  World world = elected();
  ASSERT_TRUE(world.perform(put("a", "1")));
  ASSERT_TRUE(run_until(
      world, [](const World& w) { return w.member(1).running().commit.commit.has_value(); }));
  ASSERT_TRUE(world.perform(Hold{RunLane{1, {server::LaneKind::Commit, 0, 0}}}));
  ASSERT_TRUE(world.perform(put("b", "2")));
  ASSERT_TRUE(run_until(world, [](const World& w) {
    return w.member(1).running().apply.phase == server::ApplyLane::Phase::TakeTx;
  }));

  expect_decided(reasons(world, "n1 apply"), "the batch tx lock is free", false,
                 "core/server/locks.cc", "owner lane");
}

TEST(Why, AReadOfACompactedRevisionIsRefused) {
  World world = elected();
  for (int i = 0; i < 3; ++i) ASSERT_TRUE(world.perform(put("a", text("{}", i))));
  ASSERT_TRUE(run_until(world, [](const World& w) { return answered(w) && caught_up(w); }));
  ASSERT_TRUE(world.perform(compact(3)));
  ASSERT_TRUE(run_until(world, [](const World& w) { return answered(w) && caught_up(w); }));
  Submit old = get("a", 1, 1, true);
  std::get<rpc::RangeRequest>(std::get<client::BeginCall>(old.command).request).revision = 2;
  ASSERT_TRUE(world.perform(old));

  const Records why = explain_handler(world, 1, server::HandlerLane::Phase::Serve);

  expect_decided(why, "the revision is not compacted", false, "core/mvcc/");
}

TEST(Why, ALinearizableReadWaitsUntilItsIndexIsApplied) {
  World world = elected();
  const std::uint32_t follower = leader_of(world) % 3 + 1;
  ASSERT_TRUE(world.perform(put("a", "1")));
  ASSERT_TRUE(run_until(world, [](const World& w) { return answered(w); }));
  ASSERT_TRUE(world.perform(Hold{RunLane{follower, {server::LaneKind::Apply, 0, 0}}}));
  ASSERT_TRUE(world.perform(put("a", "2")));
  ASSERT_TRUE(run_until(world, [](const World& w) { return answered(w); }));
  ASSERT_TRUE(world.perform(get("a", 2, follower)));
  ASSERT_TRUE(run_until(world, [&](const World& w) {
    return w.member(follower).running().read.phase == server::ReadLane::Phase::WaitApplied;
  }));

  expect_decided(reasons(world, text("n{} read", follower)),
                 "the applied index has reached the read index", false, "core/server/read_lane.cc",
                 "read index");
}

TEST(Why, ExplainingChangesNothing) {
  World world = elected();
  ASSERT_TRUE(world.perform(put("a", "1")));

  for (int i = 0; i < 200; ++i) {
    const Digest before = world.digest();
    const Explanation explanation = world.explain(*world.next());
    ASSERT_TRUE(explanation.outcome);
    ASSERT_EQ(world.digest(), before);
    ASSERT_TRUE(world.perform(*world.next()));
  }
}

}  // namespace
}  // namespace orrery::sim
