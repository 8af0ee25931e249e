// A client as etcdctl is one: which endpoint it asks, what it tries again, and when it stops waiting.
#include "client/client.h"

#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "tests/client/desk.h"
#include "tests/sim/cluster.h"

namespace orrery::client {
namespace {

using server::CallAnswer;
using server::CallRequest;
using server::ConnectionReset;

CallAnswer answer_to(std::uint64_t call) {
  return {.call = call, .error = {}, .response = rpc::PutResponse{}};
}

using sim::testing::get;
using sim::testing::put;
using sim::testing::watch;

TEST(Client, ACallGoesToTheFirstEndpoint) {
  Desk desk;

  desk.submit(put("a", "1"));

  ASSERT_EQ(desk.sent().size(), 1U);
  EXPECT_EQ(desk.asked(), 1U);
  const auto& request = std::get<CallRequest>(desk.sent()[0].payload);
  EXPECT_EQ(std::get<rpc::PutRequest>(request.request).key.view(), "a");
}

TEST(Client, ARefusedConnectionIsTriedAtTheNextEndpoint) {
  Desk desk;
  desk.submit(put("a", "1"));

  desk.from_member(1, ConnectionReset{.refused = true});
  EXPECT_EQ(desk.asked(), 2U);
  desk.from_member(2, ConnectionReset{.refused = true});
  EXPECT_EQ(desk.asked(), 3U);

  desk.from_member(3, answer_to(1));
  EXPECT_EQ(desk.word(), "ok");
  EXPECT_EQ(desk.call().attempts, 3U);
}

TEST(Client, WhenEveryEndpointRefusesTheCallWaitsForItsDeadline) {
  Desk desk;
  desk.submit(put("a", "1"));

  for (std::uint32_t no = 1; no <= 3; ++no) desk.from_member(no, ConnectionReset{.refused = true});

  EXPECT_EQ(desk.sent().size(), 3U);
  EXPECT_EQ(desk.word(), "waiting");
  desk.time_out(1);
  EXPECT_EQ(desk.word(), "context deadline exceeded");
}

TEST(Client, AChosenEndpointIsTheOnlyOneAsked) {
  Desk desk;
  desk.submit(put("a", "1", 1, 2));
  EXPECT_EQ(desk.asked(), 2U);

  desk.from_member(2, ConnectionReset{.refused = true});

  EXPECT_EQ(desk.sent().size(), 1U);
  EXPECT_EQ(desk.word(), "waiting");
}

TEST(Client, ABrokenConnectionTriesAReadAgain) {
  Desk desk;
  desk.submit(get("a"));

  desk.from_member(1, ConnectionReset{});

  EXPECT_EQ(desk.asked(), 2U);
  EXPECT_EQ(desk.word(), "waiting");
}

TEST(Client, ABrokenConnectionEndsAWriteThatMayHaveHappened) {
  Desk desk;
  desk.submit(put("a", "1"));

  desk.from_member(1, ConnectionReset{});

  EXPECT_EQ(desk.sent().size(), 1U);
  ASSERT_TRUE(desk.call().answer);
  EXPECT_EQ(desk.call().answer->error->code, Errc::Unavailable);
}

TEST(Client, AnAnswerAfterTheDeadlineFindsNobody) {
  Desk desk;
  desk.submit(put("a", "1"));
  desk.now = desk.call().deadline;
  desk.time_out(1);
  const Call before = desk.call();

  desk.now = desk.now + 1;
  desk.from_member(1, answer_to(1));

  EXPECT_EQ(desk.call(), before);
  EXPECT_EQ(desk.word(), "context deadline exceeded");
}

TEST(Client, AnAnswerOfAnEndpointGivenUpIsIgnored) {
  Desk desk;
  desk.submit(get("a"));
  desk.from_member(1, ConnectionReset{});

  desk.from_member(1, answer_to(1));

  EXPECT_EQ(desk.word(), "waiting");
}

TEST(Client, ASecondAnswerChangesNothing) {
  Desk desk;
  desk.submit(put("a", "1"));
  desk.from_member(1, answer_to(1));
  const Call before = desk.call();

  CallAnswer other = answer_to(1);
  other.error = fail(Errc::Timeout).value();
  desk.from_member(1, other);

  EXPECT_EQ(desk.call(), before);
}

TEST(Client, AnswersOfOneMemberDoNotEndCallsAtAnother) {
  Desk desk;
  desk.submit(put("a", "1", 1, 1));
  desk.submit(put("b", "2", 1, 2));

  desk.from_member(1, ConnectionReset{});

  EXPECT_NE(desk.word(1), "waiting");
  EXPECT_EQ(desk.word(2), "waiting");
  EXPECT_EQ(desk.client.open_calls().size(), 1U);
}

TEST(Client, TheDeadlineIsTheCommandTimeout) {
  Desk desk;

  desk.submit(put("a", "1"));

  EXPECT_EQ(desk.call().deadline, desk.now + seconds(5).value());
  EXPECT_EQ(desk.call().invoked, desk.now);
}

TEST(Client, AWatchIsOpenOnceItsCreationArrives) {
  Desk desk;
  desk.submit(watch("a", 0, "w1"));
  ASSERT_EQ(desk.client.find_watch("w1")->state, Watch::State::Opening);

  rpc::WatchResponse created;
  created.created = true;
  created.watch_id = 7;
  desk.from_member(1, server::WatchAnswer{.stream = 1, .response = created});

  EXPECT_EQ(desk.client.find_watch("w1")->state, Watch::State::Open);
  EXPECT_EQ(desk.client.find_watch("w1")->watch_id, 7);
}

rpc::WatchResponse creation(std::int64_t id, std::int64_t revision) {
  rpc::WatchResponse out;
  out.created = true;
  out.watch_id = id;
  out.header.revision = revision;
  return out;
}

rpc::WatchResponse event_at(std::int64_t id, std::int64_t revision) {
  rpc::WatchResponse out;
  out.watch_id = id;
  out.header.revision = revision;
  out.events.resize(1);
  out.events[0].kv.mod_revision = revision;
  return out;
}

const rpc::WatchCreateRequest& created_last(const Desk& desk) {
  const auto& call = std::get<server::WatchCall>(desk.sent().back().payload);
  return std::get<rpc::WatchCreateRequest>(call.request);
}

TEST(Client, ABrokenConnectionMakesItsWatchesResumeBehindWhatTheyHaveSeen) {
  Desk desk;
  desk.submit(watch("a", 0, "w1"));
  desk.from_member(1, server::WatchAnswer{.stream = 1, .response = creation(0, 4)});
  desk.from_member(1, server::WatchAnswer{.stream = 1, .response = event_at(0, 7)});

  desk.from_member(1, ConnectionReset{});

  EXPECT_EQ(desk.client.find_watch("w1")->state, Watch::State::Resuming);
  EXPECT_EQ(desk.asked(), 2U);
  EXPECT_EQ(created_last(desk).start_revision, 8);
  const std::uint64_t stream = std::get<server::WatchCall>(desk.sent().back().payload).stream;
  EXPECT_NE(stream, 1U) << "the first question may still be answered, and is nobody's";
  desk.from_member(2, server::WatchAnswer{.stream = 1, .response = creation(2, 9)});
  desk.from_member(2, server::WatchAnswer{.stream = stream, .response = creation(3, 9)});
  desk.from_member(2, server::WatchAnswer{.stream = stream, .response = event_at(3, 9)});
  const Watch& watch = *desk.client.find_watch("w1");
  EXPECT_EQ(watch.state, Watch::State::Open);
  EXPECT_EQ(watch.events, 2U);
  EXPECT_EQ(watch.responses.size(), 3U) << "the second creation is nobody's affair";
}

TEST(Client, AWatchWithoutAnEventResumesAtTheRevisionOfItsCreation) {
  Desk desk;
  desk.submit(watch("a", 0, "w1"));
  desk.from_member(1, server::WatchAnswer{.stream = 1, .response = creation(0, 4)});

  desk.from_member(1, ConnectionReset{});

  EXPECT_EQ(created_last(desk).start_revision, 4);
}

TEST(Client, AWatchAtOneEndpointWaitsForIt) {
  Desk desk;
  desk.submit(watch("a", 0, "w1", 1, 1));
  desk.submit(watch("a", 0, "w2", 1, 2));

  desk.from_member(1, ConnectionReset{});

  EXPECT_EQ(desk.sent().size(), 2U) << "not at once";
  EXPECT_EQ(desk.client.find_watch("w2")->state, Watch::State::Opening);
  const TimerId timer{TimerId::Kind::Watch, 1};
  ASSERT_TRUE(desk.client.timers().contains(timer));
  desk.wake(timer);
  EXPECT_EQ(desk.asked(), 1U);
}

TEST(Client, WatchesOnOneStreamAreToldApartByTheirIds) {
  Desk desk;
  desk.submit(watch("a", 0, "w1"));
  desk.from_member(1, server::WatchAnswer{.stream = 1, .response = creation(0, 4)});
  sim::Submit second = watch("b", 0, "w2");
  std::get<BeginWatch>(second.command).shares = "w1";
  desk.submit(second);
  desk.from_member(1, server::WatchAnswer{.stream = 1, .response = creation(1, 4)});

  desk.from_member(1, server::WatchAnswer{.stream = 1, .response = event_at(1, 5)});
  desk.from_member(1, server::WatchAnswer{.stream = 1, .response = event_at(0, 6)});
  desk.from_member(1, server::WatchAnswer{.stream = 1, .response = event_at(1, 7)});

  EXPECT_EQ(desk.client.find_watch("w1")->events, 1U);
  EXPECT_EQ(desk.client.find_watch("w2")->events, 2U);
  EXPECT_EQ(desk.client.new_traffic().opened, 1U);
  desk.from_member(1, ConnectionReset{});
  EXPECT_EQ(desk.client.find_watch("w1")->next_revision, 7);
  EXPECT_EQ(desk.client.find_watch("w2")->next_revision, 8);
}

CallAnswer unavailable(std::uint64_t call) {
  CallAnswer out{.call = call, .error = {}, .response = {}};
  out.error = fail(Errc::NoLeader).value();
  return out;
}

TEST(Client, AReadThatFoundNoLeaderIsAskedElsewhere) {
  Desk desk;
  desk.submit(get("a"));

  desk.from_member(1, unavailable(1));

  EXPECT_EQ(desk.asked(), 2U);
  EXPECT_EQ(desk.word(), "waiting");
}

TEST(Client, AWriteThatFoundNoLeaderIsNotAskedAgain) {
  Desk desk;
  desk.submit(put("a", "1"));

  desk.from_member(1, unavailable(1));

  EXPECT_EQ(desk.sent().size(), 1U);
  EXPECT_EQ(desk.word(), "etcdserver: no leader");
}

TEST(Client, AfterARoundOfAQuorumTheClientPauses) {
  Desk desk;
  desk.submit(get("a"));

  desk.from_member(1, unavailable(1));
  desk.from_member(2, unavailable(1));

  EXPECT_EQ(desk.sent().size(), 2U);
  const TimerId timer{TimerId::Kind::Call, 1};
  ASSERT_TRUE(desk.client.timers().contains(timer));
  EXPECT_EQ(*desk.client.timers().find(timer), desk.now + millis(25).value());
  desk.wake(timer);
  EXPECT_EQ(desk.asked(), 3U);
}

TEST(Client, EachOfSeveralEndpointsIsAskedForItself) {
  Desk desk;
  sim::Submit all = get("health");
  auto& call = std::get<BeginCall>(all.command);
  call.among = {3, 1};
  call.each = true;
  desk.submit(all);

  EXPECT_EQ(desk.asked(), 3U);
  desk.from_member(3, answer_to(1));
  EXPECT_EQ(desk.asked(), 1U);
  desk.from_member(1, ConnectionReset{.refused = true});

  ASSERT_EQ(desk.call().parts.size(), 2U);
  EXPECT_FALSE(desk.call().parts[0].answer.error);
  EXPECT_EQ(desk.call().parts[1].answer.error->detail, "context deadline exceeded");
}

const rpc::WatchCancelRequest& canceled_last(const Desk& desk) {
  const auto& call = std::get<server::WatchCall>(desk.sent().back().payload);
  return std::get<rpc::WatchCancelRequest>(call.request);
}

TEST(Client, AWatchCancelledBeforeItIsOpenIsCancelledOnceItsIdIsKnown) {
  Desk desk;
  desk.submit(watch("a", 0, "w1"));

  desk.submit(sim::Submit{1, CancelWatch{.line = "cancel w1", .name = "w1"}});
  EXPECT_EQ(desk.sent().size(), 1U) << "its id is not known yet";
  EXPECT_EQ(desk.client.find_watch("w1")->state, Watch::State::Leaving);
  desk.from_member(1, server::WatchAnswer{.stream = 1, .response = creation(7, 4)});
  ASSERT_EQ(desk.sent().size(), 2U);
  EXPECT_EQ(canceled_last(desk).watch_id, 7);
  desk.from_member(1, server::WatchAnswer{.stream = 1, .response = event_at(7, 5)});
  rpc::WatchResponse canceled;
  canceled.watch_id = 7;
  canceled.canceled = true;
  desk.from_member(1, server::WatchAnswer{.stream = 1, .response = canceled});

  const Watch& watch = *desk.client.find_watch("w1");
  EXPECT_EQ(watch.state, Watch::State::Canceled);
  EXPECT_TRUE(watch.responses.empty()) << "nobody reads them";
}

TEST(Client, AWatchCancelledWhileItResumesStaysCancelled) {
  Desk desk;
  desk.submit(watch("a", 0, "w1"));
  desk.from_member(1, server::WatchAnswer{.stream = 1, .response = creation(0, 4)});
  desk.from_member(1, server::WatchAnswer{.stream = 1, .response = event_at(0, 7)});
  desk.from_member(1, ConnectionReset{});

  desk.submit(sim::Submit{1, CancelWatch{.line = "cancel w1", .name = "w1"}});
  desk.from_member(2, server::WatchAnswer{.stream = 2, .response = creation(3, 9)});

  EXPECT_EQ(canceled_last(desk).watch_id, 3);
  EXPECT_EQ(desk.client.find_watch("w1")->state, Watch::State::Leaving);
  EXPECT_EQ(desk.client.find_watch("w1")->responses.size(), 2U);
  desk.from_member(2, ConnectionReset{});
  EXPECT_EQ(desk.client.find_watch("w1")->state, Watch::State::Canceled);
}

TEST(Client, AWatchWhoseCancelIsUnansweredDoesNotResume) {
  Desk desk;
  desk.submit(watch("a", 0, "w1"));
  desk.from_member(1, server::WatchAnswer{.stream = 1, .response = creation(0, 4)});
  desk.submit(sim::Submit{1, CancelWatch{.line = "cancel w1", .name = "w1"}});

  desk.from_member(1, ConnectionReset{});

  EXPECT_EQ(desk.client.find_watch("w1")->state, Watch::State::Canceled);
  EXPECT_EQ(desk.sent().size(), 2U) << "nothing after the cancel";
}

TEST(Client, AWatchCancelledBetweenTwoTriesAsksForNothingMore) {
  Desk desk;
  desk.submit(watch("a", 0, "w1", 1, 1));
  desk.from_member(1, ConnectionReset{});

  desk.submit(sim::Submit{1, CancelWatch{.line = "cancel w1", .name = "w1"}});

  EXPECT_EQ(desk.client.find_watch("w1")->state, Watch::State::Canceled);
  EXPECT_FALSE(desk.client.timers().contains(TimerId{TimerId::Kind::Watch, 1}));
}

TEST(Client, WhatAPausedWatchHasNotReadIsLostWithItsConnectionAndAskedForAgain) {
  Desk desk;
  desk.submit(watch("a", 0, "w1"));
  desk.from_member(1, server::WatchAnswer{.stream = 1, .response = creation(0, 4)});
  desk.submit(sim::Submit{1, PauseWatch{.line = "pause w1", .name = "w1", .paused = true}});
  desk.from_member(1, server::WatchAnswer{.stream = 1, .response = event_at(0, 7)});
  desk.from_member(1, ConnectionReset{});
  EXPECT_EQ(created_last(desk).start_revision, 4);
  desk.from_member(2, server::WatchAnswer{.stream = 2, .response = creation(3, 7)});
  desk.from_member(2, server::WatchAnswer{.stream = 2, .response = event_at(3, 7)});

  desk.submit(sim::Submit{1, PauseWatch{.line = "resume w1", .name = "w1", .paused = false}});

  EXPECT_EQ(desk.client.find_watch("w1")->events, 1U);
}

// -- in a world

using sim::testing::answered;
using sim::testing::elected;
using sim::testing::leader_of;
using sim::testing::run_until;

const Call& first_call(const sim::World& world) {
  return *(*world.clients().find(1))->calls().find(1);
}

TEST(ClientInAWorld, FindsTheMemberThatIsUp) {
  sim::World world = elected();
  ASSERT_TRUE(world.perform(sim::Crash{.member = 1, .survivors = {}}));
  ASSERT_TRUE(run_until(world, [](const sim::World& w) { return leader_of(w) > 1; }));

  ASSERT_TRUE(world.perform(put("a", "1")));
  ASSERT_TRUE(run_until(world, [](const sim::World& w) { return answered(w); }));

  EXPECT_FALSE(first_call(world).answer->error);
  EXPECT_EQ(first_call(world).via, 2U);
}

TEST(ClientInAWorld, AWriteAtADyingMemberIsUnknownAndMayHaveHappened) {
  sim::World world = elected();
  const std::uint32_t leader = leader_of(world);
  ASSERT_TRUE(world.perform(put("a", "1", 1, leader)));
  ASSERT_TRUE(run_until(world, [&](const sim::World& w) {
    return w.member(leader).running().store.current_revision() == 2;
  }));

  ASSERT_TRUE(world.perform(sim::Crash{.member = leader, .survivors = {}}));
  ASSERT_TRUE(run_until(world, [](const sim::World& w) { return answered(w); }));

  EXPECT_EQ(first_call(world).answer->error->code, Errc::Unavailable);
  ASSERT_TRUE(run_until(world, [&](const sim::World& w) {
    const std::uint32_t next = leader_of(w);
    return next != 0 && w.member(next).running().store.current_revision() == 2;
  }));
}

TEST(ClientInAWorld, ACallWithoutAnAnswerEndsAtItsDeadline) {
  sim::World world = elected();
  ASSERT_TRUE(world.perform(sim::Cut{server::client_address(1), server::member_address(1)}));

  ASSERT_TRUE(world.perform(put("a", "1", 1, 1)));
  ASSERT_TRUE(run_until(world, [](const sim::World& w) { return answered(w); }));

  EXPECT_EQ(first_call(world).answer->error->detail, "context deadline exceeded");
  EXPECT_EQ(*first_call(world).returned, first_call(world).deadline);
}

}  // namespace
}  // namespace orrery::client
