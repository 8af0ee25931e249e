// The two loops of a stream, one rule each.
// from: etcd server/etcdserver/api/v3rpc/watch.go; facts "Watch" of the API surface, "serverWatchStream"
#include <gtest/gtest.h>

#include "member.h"

namespace orrery::watch {
namespace {

using rpc::WatchResponse;

rpc::WatchCreateRequest with_id(rpc::WatchCreateRequest request, WatchId id) {
  request.watch_id = id;
  return request;
}

void expect_refused(const WatchResponse& response, const std::string& reason) {
  EXPECT_TRUE(response.created);
  EXPECT_TRUE(response.canceled);
  EXPECT_EQ(response.watch_id, kInvalidWatchId);
  EXPECT_EQ(response.cancel_reason, reason);
}

TEST(WatchStream, CreatedCarriesTheStoresRevision) {
  Member member = member_with_stream();
  member.put("a");

  const WatchResponse created = member.watch(1, create("a"));

  EXPECT_TRUE(created.created);
  EXPECT_FALSE(created.canceled);
  EXPECT_EQ(created.header.revision, 2);
  EXPECT_EQ(created.header.member_id, 8U);
}

TEST(WatchStream, AutomaticIdsCountUpFromZeroSkipUsedOnesAndNeverGoBack) {
  Member member = member_with_stream();
  EXPECT_EQ(member.watch(1, create("a")).watch_id, 0);
  EXPECT_EQ(member.watch(1, with_id(create("a"), 2)).watch_id, 2);
  EXPECT_EQ(member.watch(1, create("a")).watch_id, 1);
  member.request(1, rpc::WatchCancelRequest{0});
  member.read(1);

  EXPECT_EQ(member.watch(1, create("a")).watch_id, 3);
}

TEST(WatchStream, IdsAreCountedPerStream) {
  Member member = member_with_stream();
  member.open(2);
  member.watch(1, create("a"));

  EXPECT_EQ(member.watch(2, create("a")).watch_id, 0);
}

TEST(WatchStream, AnIdInUseIsRefused) {
  Member member = member_with_stream();
  member.watch(1, with_id(create("a"), 7));

  expect_refused(member.watch(1, with_id(create("b"), 7)),
                 "mvcc: duplicate watch ID provided on the WatchStream");
}

TEST(WatchStream, AnEmptyRangeIsRefused) {
  Member member = member_with_stream();

  expect_refused(member.watch(1, create_range("b", "b")), "mvcc: watcher range is empty");
  expect_refused(member.watch(1, create_range("b", "a")), "mvcc: watcher range is empty");
  EXPECT_TRUE(member.store.watchers().empty());
}

TEST(WatchStream, ANegativeStartRevisionIsRefusedAsCompacted) {
  Member member = member_with_stream();

  expect_refused(member.watch(1, create("a", -1)),
                 "etcdserver: mvcc: required revision has been compacted");
}

TEST(WatchStream, ARefusedUserGetsTheReasonAsItIs) {
  Member member = member_with_stream();
  StreamContext context = member.context();
  context.permission_error =
      "rpc error: code = PermissionDenied desc = etcdserver: permission denied";

  on_request(member.clients[1].stream, member.store, create("a"), context, kQuiet);

  expect_refused(*member.clients[1].stream.unsent, context.permission_error);
}

TEST(WatchStream, TheEmptyKeyIsTheSmallestAndAZeroByteEndIsNoEnd) {
  Member member = member_with_stream();
  member.watch(1, create_range("", kOpenEnd));
  member.watch(1, create_range("b", kOpenEnd));

  member.put("a");
  member.put("\xff");

  EXPECT_EQ(brief(member.read(1)), "PUT a@2, PUT \xff@3, PUT \xff@3");
}

TEST(WatchStream, EventsThatOvertakeCreatedWaitForIt) {
  Member member = member_with_stream();
  member.request(1, create("a"));
  member.put("a");
  Stream& stream = member.clients[1].stream;

  ASSERT_TRUE(member.choose_event(1));
  EXPECT_TRUE(stream.outbox.empty());
  EXPECT_EQ(stream.pending.size(), 1U);

  const auto responses = member.read(1);
  ASSERT_EQ(responses.size(), 2U);
  EXPECT_TRUE(responses[0].created);
  EXPECT_EQ(responses[1].events.size(), 1U);
  EXPECT_TRUE(stream.pending.empty());
}

TEST(WatchStream, CancelOfAKnownIdIsAnsweredAndOfAnUnknownOneIgnored) {
  Member member = member_with_stream();
  member.watch(1, create("a"));

  member.request(1, rpc::WatchCancelRequest{5});
  EXPECT_TRUE(member.read(1).empty());
  member.request(1, rpc::WatchCancelRequest{0});

  const auto responses = member.read(1);
  ASSERT_EQ(responses.size(), 1U);
  EXPECT_TRUE(responses[0].canceled);
  EXPECT_EQ(responses[0].header.revision, 1);
  member.put("a");
  EXPECT_TRUE(member.read(1).empty());
}

TEST(WatchStream, WhatWasInTheChannelWhenTheWatchWasCanceledIsNotSent) {
  Member member = member_with_stream();
  member.watch(1, create("a"));
  member.put("a");
  member.request(1, rpc::WatchCancelRequest{0});

  const auto responses = member.read(1);

  ASSERT_EQ(responses.size(), 1U);
  EXPECT_TRUE(responses[0].canceled);
}

TEST(WatchStream, AnIdAskedForAgainBringsOutWhatItsPredecessorLeft) {
  Member member = member_with_stream();
  member.watch(1, with_id(create("a"), 7));
  member.put("a");
  member.request(1, rpc::WatchCancelRequest{7});
  member.read(1);

  member.request(1, with_id(create("b"), 7));

  EXPECT_EQ(brief(member.read(1)), "PUT a@2");
}

TEST(WatchStream, ACancelWaitsWhileItsWatcherIsBeingRetried) {
  Member member = member_with_stream({.event_slots = 1});
  member.watch(1, create("a"));
  member.put("a");
  member.put("a");
  VictimRound round = member.store.take_victims();

  EXPECT_EQ(member.request(1, rpc::WatchCancelRequest{0}), Received::Busy);
  member.store.retry_one(round, kQuiet);
  member.store.put_back(round);

  EXPECT_EQ(member.request(1, rpc::WatchCancelRequest{0}), Received::Done);
}

TEST(WatchStream, ACompactedWatchIsAnsweredAgainWhenTheClientCancelsIt) {
  Member member = member_with_stream();
  for (int i = 0; i < 4; ++i) member.put("a");
  member.history.compact(4);
  member.watch(1, create("a", 2));
  member.sync_round();
  ASSERT_EQ(member.read(1).back().compact_revision, 4);

  member.request(1, rpc::WatchCancelRequest{0});

  const auto responses = member.read(1);
  ASSERT_EQ(responses.size(), 1U);
  EXPECT_TRUE(responses[0].canceled);
  EXPECT_EQ(responses[0].compact_revision, 0);
}

TEST(WatchStream, ProgressOnRequestGoesThroughTheEventChannelWithIdMinusOne) {
  Member member = member_with_stream();
  member.watch(1, create("a"));
  member.put("a");

  member.request(1, rpc::WatchProgressRequest{});

  EXPECT_TRUE(member.clients[1].stream.control.empty());
  const auto responses = member.read(1);
  ASSERT_EQ(responses.size(), 2U);
  EXPECT_EQ(responses[0].events.size(), 1U);
  EXPECT_EQ(responses[1].watch_id, kInvalidWatchId);
  EXPECT_EQ(responses[1].header.revision, 2);
}

TEST(WatchStream, ProgressThatCannotBeGivenNowIsNotGivenLater) {
  Member member = member_with_stream();
  member.put("a");
  member.watch(1, create("b", 1));

  member.request(1, rpc::WatchProgressRequest{});
  member.settle();
  member.put("b");

  const auto responses = member.read(1);
  ASSERT_EQ(responses.size(), 1U);
  EXPECT_EQ(brief(responses), "PUT b@3");
}

TEST(WatchStream, TheTickerReportsOnlyWhoWasIdleForAWholeInterval) {
  Member member = member_with_stream();
  rpc::WatchCreateRequest request = create("a");
  request.progress_notify = true;
  member.watch(1, request);
  member.watch(1, create("b"));
  Stream& stream = member.clients[1].stream;
  const auto tick = [&] { tick_progress(stream, member.store, member.context(), kQuiet); };

  tick();
  const auto idle = member.read(1);
  ASSERT_EQ(idle.size(), 1U);
  EXPECT_EQ(idle[0].watch_id, 0);
  EXPECT_TRUE(idle[0].events.empty());

  member.put("a");
  member.read(1);
  tick();
  EXPECT_TRUE(member.read(1).empty()) << "an event was sent since the last tick";
  tick();
  EXPECT_EQ(member.read(1).size(), 1U);
}

TEST(WatchStream, TheTickerIsTenMinutesAndAtMostATenthMore) {
  const Nanos base = seconds(600);

  EXPECT_EQ(progress_interval(base, 0), base);
  EXPECT_LT(progress_interval(base, ~std::uint64_t{0}), seconds(660));
  EXPECT_EQ(progress_interval(millis(1), 0), millis(100));
}

TEST(WatchStream, TheValueBeforeIsAddedForUpdatesAndDeletionsOnly) {
  Member member = member_with_stream();
  rpc::WatchCreateRequest request = create("a");
  request.prev_kv = true;
  member.watch(1, request);
  member.watch(1, create("a"));

  member.put("a", "one");
  member.put("a", "two");
  member.del("a");

  const auto responses = member.read(1);
  ASSERT_EQ(responses.size(), 6U);
  EXPECT_FALSE(responses[0].events[0].prev_kv);
  EXPECT_EQ(responses[2].events[0].prev_kv->value, Blob("one"));
  EXPECT_EQ(responses[4].events[0].prev_kv->value, Blob("two"));
  for (const std::size_t other : {1U, 3U, 5U}) EXPECT_FALSE(responses[other].events[0].prev_kv);
}

TEST(WatchStream, TheValueBeforeIsMissingOnceItIsCompacted) {
  Member member = member_with_stream();
  rpc::WatchCreateRequest request = create("a", 3);
  request.prev_kv = true;
  member.put("a", "one");
  member.put("a", "two");
  member.history.compact(3);
  member.watch(1, request);

  member.settle();

  const auto responses = member.clients[1].responses();
  ASSERT_EQ(brief(responses), "PUT a@3");
  EXPECT_FALSE(responses.back().events[0].prev_kv);
}

TEST(WatchStream, AFullControlChannelHoldsTheReceiveLoopUp) {
  Member member = member_with_stream();
  for (std::uint64_t i = 0; i < kControlSlots; ++i) member.request(1, create("a"));
  Stream& stream = member.clients[1].stream;
  on_request(stream, member.store, create("a"), member.context(), kQuiet);

  EXPECT_FALSE(push_control(stream));
  EXPECT_TRUE(stream.unsent);
  take_control(stream, kQuiet);

  EXPECT_TRUE(push_control(stream));
  EXPECT_FALSE(stream.unsent);
}

TEST(WatchStream, OneRevisionIsOneMessageUnlessFragmentsWereAskedFor) {
  Member member = member_with_stream();
  rpc::WatchCreateRequest request = create_range("a", "z");
  member.watch(1, request);
  request.fragment = true;
  member.watch(1, request);
  member.clients[1].stream.fragment_bytes = 300;
  const std::string large(100, 'x');

  member.commit({{"a", large}, {"b", large}, {"c", large}, {"d", large}, {"e", large}});

  const auto responses = member.read(1);
  ASSERT_EQ(responses.size(), 4U);
  EXPECT_EQ(responses[0].events.size(), 5U);
  EXPECT_FALSE(responses[0].fragment);
  EXPECT_TRUE(responses[1].fragment);
  EXPECT_TRUE(responses[2].fragment);
  EXPECT_FALSE(responses[3].fragment);
}

}  // namespace
}  // namespace orrery::watch
