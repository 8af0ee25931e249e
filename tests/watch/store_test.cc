// The rules of the watch store, one sentence each.
// from: etcd server/storage/mvcc/watchable_store.go; facts "Watcher groups and the watch store"
#include <gtest/gtest.h>

#include "member.h"

namespace orrery::watch {
namespace {

Place place_of(const Member& member, WatchId id, std::uint64_t stream = 1) {
  return member.store.find({StreamId(stream), id})->place;
}

std::int64_t min_revision_of(const Member& member, WatchId id, std::uint64_t stream = 1) {
  return member.store.find({StreamId(stream), id})->min_revision;
}

TEST(WatchStore, AWatchFromNowIsBornSyncedBehindTheCurrentRevision) {
  Member member = member_with_stream();
  member.put("a");

  member.watch(1, create("a"));

  EXPECT_EQ(place_of(member, 0), Place::Synced);
  EXPECT_EQ(min_revision_of(member, 0), 3);
}

TEST(WatchStore, AWatchFromTheCurrentRevisionIsUnsynced) {
  Member member = member_with_stream();
  member.put("a");

  member.watch(1, create("a", 2));

  EXPECT_EQ(place_of(member, 0), Place::Unsynced);
  EXPECT_EQ(min_revision_of(member, 0), 2);
}

TEST(WatchStore, AWatchOfTheFutureIsSyncedAndWaits) {
  Member member = member_with_stream();
  member.watch(1, create("a", 4));
  EXPECT_EQ(place_of(member, 0), Place::Synced);
  EXPECT_EQ(min_revision_of(member, 0), 4);

  member.put("a");
  member.put("a");
  member.put("a");

  EXPECT_EQ(brief(member.read(1)), "PUT a@4");
}

TEST(WatchStore, NotifyTellsOnlySyncedWatchersOfTheKeyOnceEach) {
  Member member = member_with_stream();
  member.put("a");
  member.watch(1, create("a"));
  member.watch(1, create("b"));
  member.watch(1, create_range("a", "c"));
  member.watch(1, create("a", 1));

  NotifyPlan plan = member.begin(member.history.commit({{"a", "x"}}));

  ASSERT_EQ(plan.sends.size(), 2U);
  EXPECT_EQ(plan.sends[0].who.id, 0);
  EXPECT_EQ(plan.sends[1].who.id, 2);
}

TEST(WatchStore, WatchersOfTheSameEventsShareOneList) {
  Member member = member_with_stream();
  for (int i = 0; i < 3; ++i) member.watch(1, create("a"));

  const NotifyPlan plan = member.begin(member.history.commit({{"a", "x"}}));

  EXPECT_TRUE(plan.sends[0].events.same_box(plan.sends[2].events));
}

TEST(WatchStore, EachSendOfANotifyIsItsOwnStep) {
  Member member = member_with_stream();
  member.watch(1, create("a"));
  member.watch(1, create("a"));
  NotifyPlan plan = member.begin(member.history.commit({{"a", "x"}}));

  member.store.send_one(plan, kQuiet);

  EXPECT_EQ(min_revision_of(member, 0), 3);
  EXPECT_EQ(min_revision_of(member, 1), 2);
  EXPECT_EQ(member.read(1).size(), 1U);
}

TEST(WatchStore, ALiveBatchIsOneRevisionWithThatRevisionInItsHeader) {
  Member member = member_with_stream();
  member.watch(1, create_range("a", "z"));

  member.commit({{"a", "1"}, {"b", "2"}});

  const auto responses = member.read(1);
  ASSERT_EQ(responses.size(), 1U);
  EXPECT_EQ(responses[0].header.revision, 2);
  EXPECT_EQ(brief(responses), "PUT a@2, PUT b@2");
}

TEST(WatchStore, TheResponseThatFindsAllSlotsTakenMakesAVictim) {
  Member member = member_with_stream();
  member.watch(1, create("a"));
  for (std::uint64_t i = 0; i < kEventSlots; ++i) member.put("a");
  EXPECT_EQ(place_of(member, 0), Place::Synced);

  member.put("a");

  EXPECT_EQ(place_of(member, 0), Place::Victim);
  EXPECT_EQ(member.store.victims().size(), 1U);
  EXPECT_EQ(min_revision_of(member, 0), 131);
  EXPECT_TRUE(violations(member.store, member.revision).empty());
}

TEST(WatchStore, AVictimThatMissedNothingMoreBecomesSyncedWithTheRevisionBeforeItsMinRev) {
  Member member = member_with_stream({.event_slots = 1});
  member.watch(1, create("a"));
  member.put("a");
  member.put("a");
  member.put("b");  // raises the store's revision: the victim is behind by it
  member.read(1);

  EXPECT_TRUE(member.victims_round());

  EXPECT_EQ(place_of(member, 0), Place::Unsynced);
  const auto responses = member.read(1);
  EXPECT_EQ(brief(responses), "PUT a@3");
  EXPECT_EQ(responses[0].header.revision, 3);
  member.sync_round();
  EXPECT_EQ(place_of(member, 0), Place::Synced);
}

TEST(WatchStore, AVictimWithoutMissedWritesGoesStraightToSynced) {
  Member member = member_with_stream({.event_slots = 1});
  member.watch(1, create("a"));
  member.put("a");
  member.put("a");
  member.read(1);

  member.victims_round();

  EXPECT_EQ(place_of(member, 0), Place::Synced);
}

TEST(WatchStore, AVictimWhoseChannelIsStillFullStaysOne) {
  Member member = member_with_stream({.event_slots = 1});
  member.watch(1, create("a"));
  member.put("a");
  member.put("a");

  EXPECT_FALSE(member.victims_round());

  EXPECT_EQ(place_of(member, 0), Place::Victim);
  EXPECT_TRUE(violations(member.store, member.revision).empty());
}

TEST(WatchStore, AWriteBetweenRetryAndSettleSendsTheVictimToUnsynced) {
  Member member = member_with_stream({.event_slots = 1});
  member.watch(1, create("a"));
  member.put("a");
  member.put("a");
  member.read(1);
  VictimRound round = member.store.take_victims();
  EXPECT_EQ(place_of(member, 0), Place::Moving);
  member.store.retry_one(round, kQuiet);

  member.put("a");
  member.store.settle(round, member.revision, kQuiet);

  EXPECT_EQ(place_of(member, 0), Place::Unsynced);
  member.settle();
  EXPECT_EQ(brief(member.clients[1].responses()), "PUT a@2, PUT a@3, PUT a@4");
}

TEST(WatchStore, CancelWorksInEveryPlaceAndWaitsWhileTheWatcherIsBeingRetried) {
  Member member = member_with_stream({.event_slots = 1});
  member.put("a");
  member.watch(1, create("a"));     // 0: to be a victim
  member.watch(1, create("b"));     // 1: synced
  member.watch(1, create("a", 1));  // 2: unsynced
  member.put("a");
  member.put("a");
  ASSERT_EQ(place_of(member, 0), Place::Victim);

  VictimRound round = member.store.take_victims();
  EXPECT_EQ(member.store.cancel({StreamId(1), 0}, kQuiet), Canceled::Busy);
  member.store.retry_one(round, kQuiet);
  member.store.put_back(round);

  for (WatchId id = 0; id < 3; ++id) {
    EXPECT_EQ(member.store.cancel({StreamId(1), id}, kQuiet), Canceled::Done) << id;
    EXPECT_EQ(member.store.cancel({StreamId(1), id}, kQuiet), Canceled::Unknown) << id;
  }
  EXPECT_FALSE(member.store.has_victims());
  EXPECT_TRUE(violations(member.store, member.revision).empty());
}

TEST(WatchStore, ACatchUpBatchHoldsAtMostAThousandRevisionsAndTheCurrentOneInItsHeader) {
  Member member = member_with_stream();
  for (int i = 0; i < 1'500; ++i) member.put("a");
  member.watch(1, create("a", 1));

  member.sync_round();

  EXPECT_EQ(place_of(member, 0), Place::Unsynced);
  EXPECT_EQ(min_revision_of(member, 0), 1'002);
  const auto first = member.read(1);
  EXPECT_EQ(first[0].events.size(), 1'000U);
  EXPECT_EQ(first[0].header.revision, 1'501);
  member.sync_round();
  EXPECT_EQ(place_of(member, 0), Place::Synced);
  EXPECT_EQ(member.read(1)[0].events.size(), 500U);
}

TEST(WatchStore, ACutBatchEndsOnTheBorderOfARevision) {
  Member member = member_with_stream({.revisions_per_batch = 2});
  for (int i = 0; i < 3; ++i) member.commit({{"a", "1"}, {"b", "1"}});
  member.watch(1, create_range("a", "c", 1));

  member.sync_round();

  EXPECT_EQ(brief(member.read(1)), "PUT a@2, PUT b@2, PUT a@3, PUT b@3");
}

TEST(WatchStore, OneRoundTakesAtMost512AndTheNextOneBeginsAfterThem) {
  Member member = member_with_stream();
  member.put("a");
  for (int i = 0; i < 600; ++i) member.watch(1, create("b", 1));

  member.sync_round();
  EXPECT_EQ(member.store.unsynced().size(), 88U);
  member.sync_round();

  EXPECT_TRUE(member.store.unsynced().empty());
}

TEST(WatchStore, WatchersThatCannotMoveOnDoNotStarveTheOthers) {
  Member member = member_with_stream({.event_slots = 1, .watchers_per_sync = 2});
  member.open(2);
  for (int i = 0; i < 5; ++i) member.put("a");
  for (int i = 0; i < 4; ++i) member.watch(1, create("a", 1));
  member.watch(2, create("a", 5));
  member.history.compact(4);

  for (int i = 0; i < 3; ++i) member.sync_round();

  EXPECT_EQ(brief(member.read(2)), "PUT a@5, PUT a@6");
}

TEST(WatchStore, AWatcherWithoutEventsIsSyncedWithoutASend) {
  Member member = member_with_stream();
  member.put("a");
  member.watch(1, create("b", 1));

  SyncRound round = member.choose();
  const Sent sent = member.store.send_one(round, kQuiet);

  EXPECT_EQ(sent.kind, SendKind::NothingToSend);
  EXPECT_EQ(place_of(member, 0), Place::Synced);
  EXPECT_TRUE(member.read(1).empty());
}

TEST(WatchStore, WhoAsksForTheCompactedPastIsToldOnceWithoutARevision) {
  Member member = member_with_stream();
  for (int i = 0; i < 5; ++i) member.put("a");
  member.history.compact(4);
  member.watch(1, create("a", 3));

  member.sync_round();
  member.sync_round();

  const auto responses = member.read(1);
  ASSERT_EQ(responses.size(), 1U);
  EXPECT_TRUE(responses[0].canceled);
  EXPECT_EQ(responses[0].compact_revision, 4);
  EXPECT_EQ(responses[0].header.revision, 0);
  EXPECT_EQ(responses[0].cancel_reason, "");
  EXPECT_EQ(place_of(member, 0), Place::Compacted);
}

TEST(WatchStore, TheCompactRevisionItselfCanStillBeWatched) {
  Member member = member_with_stream();
  for (int i = 0; i < 3; ++i) member.put("a");
  member.history.compact(3);
  member.watch(1, create("a", 3));

  member.settle();

  EXPECT_EQ(brief(member.clients[1].responses()), "PUT a@3, PUT a@4");
}

TEST(WatchStore, ASnapshotMovesTheSyncedToUnsyncedAndNothingComesTwice) {
  Member member = member_with_stream();
  member.watch(1, create("a"));
  member.put("a");
  member.read(1);
  member.put_elsewhere("a");
  member.put_elsewhere("a");

  member.install_snapshot();
  EXPECT_EQ(place_of(member, 0), Place::Unsynced);
  EXPECT_TRUE(member.store.find({StreamId(1), 0})->restore);
  member.settle();

  EXPECT_EQ(brief(member.clients[1].responses()), "PUT a@2, PUT a@3, PUT a@4");
}

TEST(WatchStore, ProgressForAllNeedsEveryWatcherOfTheStreamInSync) {
  Member member = member_with_stream();
  member.open(2);
  member.put("a");
  EXPECT_FALSE(member.store.progress_all(StreamId(1), 2, kQuiet)) << "no watcher";
  member.watch(1, create("a"));
  member.watch(2, create("a", 1));  // another stream's does not count
  EXPECT_TRUE(member.store.progress_all(StreamId(1), 2, kQuiet));
  member.watch(1, create("a", 1));

  EXPECT_FALSE(member.store.progress_all(StreamId(1), 2, kQuiet));

  member.settle();
  EXPECT_TRUE(member.store.progress_all(StreamId(1), 2, kQuiet));
}

TEST(WatchStore, AWatchOfTheFutureKeepsItsStreamFromProgress) {
  Member member = member_with_stream();
  member.watch(1, create("a"));
  member.watch(1, create("a", 9));

  EXPECT_FALSE(member.store.progress_all(StreamId(1), member.revision, kQuiet));
  EXPECT_TRUE(member.store.progress({StreamId(1), 0}, member.revision, kQuiet));
}

TEST(WatchStore, AFullChannelSwallowsProgressAndNobodyBecomesAVictim) {
  Member member = member_with_stream({.event_slots = 1});
  member.watch(1, create("a"));
  member.put("a");

  EXPECT_TRUE(member.store.progress({StreamId(1), 0}, member.revision, kQuiet));

  EXPECT_EQ(place_of(member, 0), Place::Synced);
  EXPECT_EQ(brief(member.read(1)), "PUT a@2");
}

TEST(WatchStore, AFullyFilteredBatchIsSilentAndStillRaisesMinRev) {
  Member member = member_with_stream();
  rpc::WatchCreateRequest request = create("a");
  request.filters = {rpc::WatchFilter::NoPut};
  member.watch(1, request);

  member.put("a");
  EXPECT_TRUE(member.read(1).empty());
  EXPECT_EQ(min_revision_of(member, 0), 3);
  member.del("a");

  EXPECT_EQ(brief(member.read(1)), "DELETE a@3");
}

TEST(WatchStore, AMatchSaysWhyItIsNone) {
  Watcher watcher;
  watcher.key = Blob("a");
  watcher.range_end = Blob("c");
  watcher.min_revision = 12;
  watcher.no_delete = true;
  Event event;
  event.kv.key = Blob("b");
  event.kv.mod_revision = 10;

  EXPECT_EQ(explain_match(watcher, event).reason, "minRev 12 > 10");
  event.kv.mod_revision = 12;
  EXPECT_TRUE(explain_match(watcher, event).accepted());
  event.type = EventType::Delete;
  EXPECT_EQ(explain_match(watcher, event).reason, "the watch has the filter NODELETE");
  event.kv.key = Blob("c");
  EXPECT_EQ(explain_match(watcher, event).reason, "\"c\" is not in [\"a\", \"c\")");
}

TEST(WatchStore, ClosingAStreamCancelsItsWatchersAndWaitsForTheOneBeingRetried) {
  Member member = member_with_stream({.event_slots = 1});
  member.watch(1, create("a"));
  member.watch(1, create("b"));
  member.put("a");
  member.put("a");
  VictimRound round = member.store.take_victims();

  EXPECT_FALSE(member.store.close_stream(StreamId(1), kQuiet));
  EXPECT_FALSE(member.store.watch(StreamId(1), create("c"), 3, kQuiet));
  member.store.retry_one(round, kQuiet);
  member.store.put_back(round);

  EXPECT_TRUE(member.store.close_stream(StreamId(1), kQuiet));
  EXPECT_TRUE(member.store.watchers().empty());
  EXPECT_TRUE(member.store.streams().empty());
}

TEST(WatchStore, GuardsNameTheNumbersThatDecided) {
  Member member = member_with_stream();
  member.watch(1, create("a", 5));
  std::vector<GuardRecord> records;

  const auto events = member.history.commit({{"a", "1"}});
  member.store.begin_notify(2, events, Guards(&records));

  ASSERT_EQ(records.size(), 1U);
  EXPECT_FALSE(records[0].held);
  EXPECT_EQ(records[0].facts[2], (std::pair<std::string, std::int64_t>("minRev", 5)));
  EXPECT_EQ(records[0].facts[3], (std::pair<std::string, std::int64_t>("event revision", 2)));
}

TEST(WatchStore, ACopyGivenTheSameStepsStaysEqual) {
  Member member = member_with_stream({.event_slots = 2});
  for (int i = 0; i < 5; ++i) member.watch(1, create("a", i));
  Member copy = member;
  EXPECT_EQ(copy.store, member.store);

  for (Member* each : {&member, &copy}) {
    each->put("a");
    each->sync_round();
    each->victims_round();
  }

  EXPECT_EQ(copy.store, member.store);
  EXPECT_EQ(digest_of(copy.store), digest_of(member.store));
  copy.put("a");
  EXPECT_NE(digest_of(copy.store), digest_of(member.store));
}

}  // namespace
}  // namespace orrery::watch
