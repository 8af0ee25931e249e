// Each historic defect of watch: the schedule in which it bites, and the same schedule without it.
// from: the museum's cards B10 to B14, whose observed values stand in its table C.2
#include <set>

#include <gtest/gtest.h>

#include "member.h"

namespace orrery::watch {
namespace {

// The claims that the stream's watches find broken, once all is quiet.
std::set<std::string> broken_claims(Member& member, std::uint64_t client) {
  member.settle();
  std::set<std::string> out;
  const auto& history = member.history.values();
  for (const auto& watch : checks::watches_of(member.clients[client].transcript, "s")) {
    for (const Violation& violation : checks::watch_violations(watch, history)) {
      out.insert(violation.claim);
    }
    for (const Violation& violation : checks::watch_complete(watch, history, member.revision)) {
      out.insert(violation.claim);
    }
  }
  return out;
}

using Claims = std::set<std::string>;

Member b10(WatchQuirks quirks) {
  Member member({}, quirks);
  member.open(1);
  member.watch(1, create("a"));
  for (int i = 0; i < 3; ++i) member.put("a");
  member.read(1);
  member.put_elsewhere("b");
  member.install_snapshot();
  member.settle();
  return member;
}

TEST(WatchQuirk, StaleMinRevReplaysTheSeenAfterASnapshot) {
  Member with = b10({.min_revision_stale_when_synced = true});
  Member without = b10({});

  EXPECT_EQ(brief(with.clients[1].responses()),
            "PUT a@2, PUT a@3, PUT a@4, PUT a@2, PUT a@3, PUT a@4");
  EXPECT_EQ(brief(without.clients[1].responses()), "PUT a@2, PUT a@3, PUT a@4");
  EXPECT_TRUE(broken_claims(with, 1).contains("WatchUnique"));
  EXPECT_EQ(broken_claims(without, 1), Claims());
}

Member b11(WatchQuirks quirks) {
  Member member({}, quirks);
  member.open(1);
  member.put("b");
  member.watch(1, create("a", 10));
  member.install_snapshot();
  member.sync_round();
  return member;
}

TEST(WatchQuirk, RestoreLowersAWatchOfTheFuture) {
  Member with = b11({.restore_lowers_min_revision = true});
  Member without = b11({});
  EXPECT_EQ(with.store.find({StreamId(1), 0})->min_revision, 3);
  EXPECT_EQ(without.store.find({StreamId(1), 0})->min_revision, 10);

  with.put("a");
  without.put("a");

  EXPECT_EQ(brief(with.read(1)), "PUT a@3");
  EXPECT_EQ(brief(without.read(1)), "");
  EXPECT_EQ(broken_claims(with, 1), Claims{"WatchFilter"});
  EXPECT_EQ(broken_claims(without, 1), Claims());
}

TEST(WatchQuirk, ProgressForAWatchOfTheFutureTakesItsClientBack) {
  for (const bool quirk : {true, false}) {
    Member member({}, {.progress_for_future_watch = quirk});
    member.open(1);
    member.put("b");
    member.watch(1, create("a", 10));

    member.request(1, rpc::WatchProgressRequest{});

    EXPECT_EQ(member.read(1).size(), quirk ? 1U : 0U);
    EXPECT_EQ(broken_claims(member, 1), quirk ? Claims{"WatchBookmarkable"} : Claims());
  }
}

Member b12(WatchQuirks quirks) {
  Member member({.event_slots = 1}, quirks);
  member.open(1);
  for (int i = 0; i < 10; ++i) member.put("foo");
  member.history.compact(5);
  member.watch(1, create("foo", 1));
  member.watch(1, create("foo", 1));
  member.sync_round();
  member.read(1);
  member.put("foo");
  member.settle();
  return member;
}

TEST(WatchQuirk, AWatcherThatCouldNotBeToldOfTheCompactionCountsAsSynced) {
  Member with = b12({.sync_marks_uncancelled_compacted = true});
  Member without = b12({});

  EXPECT_EQ(brief(with.clients[1].responses()), "PUT foo@12");
  EXPECT_EQ(brief(without.clients[1].responses()), "");
  EXPECT_EQ(without.clients[1].responses().back().compact_revision, 5);
  EXPECT_EQ(broken_claims(with, 1), (Claims{"WatchComplete", "WatchResumable"}));
  EXPECT_EQ(broken_claims(without, 1), Claims());
}

TEST(WatchQuirk, ProgressOvertakesTheEventsItSpeaksFor) {
  for (const bool quirk : {true, false}) {
    Member member({}, {.progress_bypasses_event_channel = quirk});
    member.open(1);
    for (int i = 0; i < 99; ++i) member.put("a");
    member.watch(1, create("a", 1));

    member.request(1, rpc::WatchProgressRequest{});

    const auto responses = member.read(1);
    EXPECT_EQ(responses.size(), quirk ? 1U : 0U);
    if (quirk) {
      EXPECT_EQ(responses[0].header.revision, 100);
    }
    EXPECT_EQ(broken_claims(member, 1), quirk ? Claims{"WatchBookmarkable"} : Claims());
  }
}

TEST(WatchQuirk, DeferredProgressNeverComesForAWatchWithoutEvents) {
  Member member({}, {.progress_deferred_to_next_event = true});
  member.open(1);
  member.put("a");
  member.watch(1, create("b", 1));
  member.request(1, rpc::WatchProgressRequest{});
  member.settle();

  member.request(1, rpc::WatchProgressRequest{});
  EXPECT_TRUE(member.read(1).empty()) << "in sync, asked again, and still no answer";

  member.put("b");
  EXPECT_EQ(member.read(1).size(), 2U) << "the event, and progress at last";
}

Member b14(WatchQuirks quirks) {
  Member member({}, quirks);
  member.open(1);
  for (int i = 0; i < 3; ++i) member.put("a");
  member.watch(1, create("a", 2));
  member.watch(1, create("zz", -1));
  member.settle();
  member.put("a");
  member.settle();
  return member;
}

TEST(WatchQuirk, AWatchAtMinusOneBlindsTheOthersOfItsRound) {
  Member with = b14({.accepts_negative_start = true});
  Member without = b14({});

  EXPECT_EQ(brief(with.clients[1].responses()), "PUT a@5");
  EXPECT_EQ(brief(without.clients[1].responses()), "PUT a@2, PUT a@3, PUT a@4, PUT a@5");
  EXPECT_EQ(broken_claims(with, 1), (Claims{"WatchComplete", "WatchResumable"}));
  EXPECT_EQ(broken_claims(without, 1), Claims());
}

// Not in the museum: progress for the whole stream (id -1) names no watches. One that is created while the
// answer waits in the event channel is announced through the control channel before it.
TEST(WatchQuirk, ProgressForTheStreamIsReadAsSpeakingForAWatchCreatedMeanwhile) {
  Member member;
  member.open(1);
  member.put("a");
  member.watch(1, create("b"));
  member.request(1, rpc::WatchProgressRequest{});

  member.watch(1, create("a", 1));

  EXPECT_EQ(broken_claims(member, 1), Claims{"WatchBookmarkable"});
}

}  // namespace
}  // namespace orrery::watch
