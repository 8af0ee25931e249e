// Leases: who counts their time, what a renewal does, when one is handed out as expired.
#include "lease/lessor.h"

#include <gtest/gtest.h>

namespace orrery::lease {
namespace {

constexpr LeaseId kId(7);

class LessorTest : public testing::Test {
 protected:
  void grant(LeaseId id, std::int64_t ttl, Nanos now = Nanos(0)) {
    ASSERT_TRUE(lessor.may_grant(id, ttl));
    lessor.grant(backend, id, ttl, now);
    ASSERT_TRUE(violations(lessor).empty());
  }

  Backend backend = Backend::create();
  Lessor lessor;
};

TEST_F(LessorTest, ATtlBelowTheMinimumIsRaisedToIt) {
  EXPECT_EQ(lessor.grant(backend, kId, 1, Nanos(0)), 2);
  EXPECT_EQ(lessor.grant(backend, LeaseId(8), -5, Nanos(0)), 2);
  EXPECT_EQ(lessor.grant(backend, LeaseId(9), 3, Nanos(0)), 3);
}

TEST_F(LessorTest, WhatCannotBeGrantedIsRefusedWithEtcdsErrors) {
  grant(kId, 5);
  EXPECT_EQ(lessor.may_grant(kId, 5).error().code, Errc::LeaseExist);
  EXPECT_EQ(lessor.may_grant(LeaseId(0), 5).error().code, Errc::LeaseNotFound);
  EXPECT_EQ(lessor.may_grant(LeaseId(8), 9'000'000'001).error().code, Errc::LeaseTtlTooLarge);
  EXPECT_TRUE(lessor.may_grant(LeaseId(8), 9'000'000'000));
}

TEST_F(LessorTest, WithoutAPrimaryALeaseLastsForEver) {
  grant(kId, 5);
  EXPECT_FALSE(lessor.is_expired(kId, seconds(1'000'000)));
  EXPECT_TRUE(lessor.take_expired(seconds(1'000'000)).empty());
  EXPECT_EQ(lessor.time_to_live(kId, seconds(1'000'000)), 5);
}

TEST_F(LessorTest, ThePrimaryHandsOutALeaseAtItsEndAndNotBefore) {
  lessor.promote(Nanos(0), Nanos(0));
  grant(kId, 5);
  EXPECT_EQ(lessor.next_expiry(), seconds(5));
  EXPECT_TRUE(lessor.take_expired(seconds(5) - 1).empty());
  EXPECT_EQ(lessor.take_expired(seconds(5)), std::vector{kId});
}

TEST_F(LessorTest, AnExpiredLeaseIsHandedOutAgainUntilItIsRevoked) {
  lessor.promote(Nanos(0), Nanos(0));
  grant(kId, 5);
  ASSERT_EQ(lessor.take_expired(seconds(5)).size(), 1U);
  EXPECT_TRUE(lessor.take_expired(seconds(8) - 1).empty());
  EXPECT_EQ(lessor.take_expired(seconds(8)).size(), 1U);
  lessor.erase(backend, kId);
  EXPECT_TRUE(lessor.take_expired(seconds(20)).empty());
  EXPECT_TRUE(violations(lessor).empty());
}

TEST_F(LessorTest, ARenewedLeaseHasItsWholeTimeAgain) {
  lessor.promote(Nanos(0), Nanos(0));
  grant(kId, 5);
  ASSERT_EQ(lessor.finish_renew(kId, seconds(4)), 5);
  EXPECT_EQ(lessor.next_expiry(), seconds(9));
  EXPECT_EQ(lessor.time_to_live(kId, seconds(5)), 4);
}

TEST_F(LessorTest, OnlyThePrimaryRenews) {
  grant(kId, 5);
  EXPECT_EQ(lessor.finish_renew(kId, Nanos(0)).error().code, Errc::NotLeader);
  lessor.promote(Nanos(0), Nanos(0));
  EXPECT_EQ(lessor.finish_renew(LeaseId(8), Nanos(0)).error().code, Errc::LeaseNotFound);
}

TEST_F(LessorTest, PromotionGivesTheWholeTimeAnewAndMore) {
  grant(kId, 5);
  lessor.promote(seconds(100), seconds(1));
  EXPECT_EQ(lessor.next_expiry(), seconds(106));
  EXPECT_TRUE(violations(lessor).empty());
  lessor.demote();
  EXPECT_FALSE(lessor.next_expiry());
  EXPECT_TRUE(violations(lessor).empty());
}

TEST_F(LessorTest, AfterPromotionNoMoreThanThreeQuartersOfTheRateEndInOneSecond) {
  for (int i = 1; i <= 2000; ++i) grant(LeaseId(i), 10);
  lessor.promote(Nanos(0), Nanos(0));
  std::size_t all = 0;
  for (std::int64_t second = 10; second < 20; ++second) {
    std::size_t ended = 0;
    for (const auto& [id, lease] : lessor.leases()) {
      if (*lease.expiry >= seconds(second) && *lease.expiry < seconds(second + 1)) ++ended;
    }
    EXPECT_LE(ended, 751U) << second;
    all += ended;
  }
  EXPECT_EQ(all, 2000U);
  EXPECT_TRUE(violations(lessor).empty());
}

TEST_F(LessorTest, HalfASecondsWorthOfLeasesAreHandedOutAtOnce) {
  lessor = Lessor(Rules{.revoke_rate = 10});
  lessor.promote(Nanos(0), Nanos(0));
  for (int i = 1; i <= 12; ++i) grant(LeaseId(i), 5);
  EXPECT_EQ(lessor.take_expired(seconds(5)).size(), 5U);
  EXPECT_EQ(lessor.take_expired(seconds(5)).size(), 5U);
  EXPECT_EQ(lessor.take_expired(seconds(5)).size(), 2U);
}

TEST_F(LessorTest, AKeyIsAttachedToOneLeaseAtATime) {
  grant(kId, 5);
  grant(LeaseId(8), 5);
  lessor.attach(Blob("b"), kId);
  lessor.attach(Blob("a"), kId);
  EXPECT_EQ(lessor.keys_of(kId), (std::vector{Blob("a"), Blob("b")}));
  lessor.attach(Blob("a"), LeaseId(8));
  EXPECT_EQ(lessor.keys_of(kId), std::vector{Blob("b")});
  EXPECT_EQ(lessor.lease_of(Blob("a")), LeaseId(8));
  lessor.attach(Blob("a"), LeaseId(0));
  EXPECT_EQ(lessor.lease_of(Blob("a")), LeaseId(0));
  EXPECT_TRUE(violations(lessor).empty());
}

TEST_F(LessorTest, RestartFindsTheRowsAndLetsNobodyExpire) {
  lessor.promote(Nanos(0), Nanos(0));
  grant(kId, 600);
  grant(LeaseId(8), 5);
  lessor.erase(backend, LeaseId(8));
  Lessor again;
  ASSERT_TRUE(again.restore(backend, {{Blob("k"), kId}, {Blob("orphan"), LeaseId(8)}}));
  ASSERT_EQ(again.leases().size(), 1U);
  EXPECT_EQ(again.find(kId)->ttl, 600);
  EXPECT_EQ(again.keys_of(kId), std::vector{Blob("k")});
  EXPECT_EQ(again.lease_of(Blob("orphan")), LeaseId(0));
  EXPECT_FALSE(again.is_primary());
  EXPECT_TRUE(violations(again).empty());
}

TEST_F(LessorTest, ARowThatIsNoLeaseIsNamed) {
  backend.put(backend::Bucket::Lease, "12345678", Blob("\x08"));
  EXPECT_EQ(lessor.restore(backend, {}).error().detail,
            "lease 3132333435363738: 1 bytes are no message");
}

TEST_F(LessorTest, WithCheckpointsANewPrimaryKnowsWhatIsLeft) {
  lessor = Lessor(Rules{.checkpoints = true, .persist_checkpoints = true});
  lessor.promote(Nanos(0), Nanos(0));
  grant(kId, 1000);
  EXPECT_EQ(lessor.next_checkpoint(), seconds(300));
  const auto due = lessor.take_due_checkpoints(seconds(300));
  ASSERT_EQ(due.size(), 1U);
  EXPECT_EQ(due[0].remaining_ttl, 700);
  EXPECT_TRUE(lessor.set_checkpoint(backend, kId, 700, seconds(300)));

  Lessor again(lessor.rules());
  ASSERT_TRUE(again.restore(backend, {}));
  again.promote(seconds(2000), Nanos(0));
  EXPECT_EQ(again.next_expiry(), seconds(2700));
  EXPECT_TRUE(again.must_clear_checkpoint(kId));
  ASSERT_TRUE(again.finish_renew(kId, seconds(2000)));
  EXPECT_EQ(again.next_expiry(), seconds(3000));
}

TEST_F(LessorTest, AShortLeaseNeedsNoCheckpoint) {
  lessor = Lessor(Rules{.checkpoints = true});
  lessor.promote(Nanos(0), Nanos(0));
  grant(kId, 300);
  EXPECT_FALSE(lessor.next_checkpoint());
}

TEST_F(LessorTest, TheLongestTtlDoesNotOverflowTheClock) {
  lessor.promote(seconds(1000), seconds(1));
  grant(kId, kMaxTtl, seconds(1000));
  EXPECT_FALSE(lessor.is_expired(kId, seconds(1'000'000'000)));
}

}  // namespace
}  // namespace orrery::lease
