// Moments at which calls took effect.
#include "check/linearization.h"

#include <gtest/gtest.h>

namespace orrery::checks {
namespace {

Effect write_of(std::int64_t revision, std::int64_t invoked, std::int64_t returned) {
  return {Nanos(invoked), Nanos(returned), revision, true};
}

Effect read_of(std::int64_t revision, std::int64_t invoked, std::int64_t returned) {
  return {Nanos(invoked), Nanos(returned), revision, false};
}

rpc::PutRequest put_request(std::string_view key) {
  rpc::PutRequest request;
  request.key = Blob(key);
  return request;
}

TEST(Linearization, CallsOneAfterTheOtherTakeEffectWhenTheyAreInvoked) {
  const std::vector effects{write_of(2, 10, 20), read_of(2, 30, 40), write_of(3, 50, 60)};

  EXPECT_EQ(linearization_points(effects),
            (std::vector<std::optional<Nanos>>{Nanos(10), Nanos(30), Nanos(50)}));
}

TEST(Linearization, AnOverlappingReadMayStandOnEitherSideOfAWrite) {
  const std::vector before{write_of(2, 10, 50), read_of(1, 20, 30)};
  const std::vector after{write_of(2, 10, 50), read_of(2, 20, 30)};

  EXPECT_EQ(linearization_points(before),
            (std::vector<std::optional<Nanos>>{Nanos(20), Nanos(20)}));
  EXPECT_EQ(linearization_points(after), (std::vector<std::optional<Nanos>>{Nanos(10), Nanos(20)}));
}

TEST(Linearization, AStaleReadHasNoMoment) {
  const std::vector effects{write_of(2, 10, 20), read_of(1, 30, 40)};

  const auto points = linearization_points(effects);

  // The read of revision 1 stands before the write, which had returned when the read began.
  EXPECT_EQ(points[1], Nanos(30));
  EXPECT_FALSE(points[0]) << "the write would have to take effect after the read that missed it";
}

TEST(Linearization, AReadOfTheFutureHasNoMoment) {
  const std::vector effects{write_of(2, 30, 40), read_of(2, 10, 20)};

  const auto points = linearization_points(effects);

  EXPECT_EQ(points[0], Nanos(30));
  EXPECT_FALSE(points[1]);
}

TEST(Linearization, OnlyCallsThatPromiseAnOrderHaveAnEffect) {
  rpc::RangeRequest read;
  rpc::RangeResponse answer;
  answer.header.revision = 7;
  const auto effect = effect_of(read, answer, Nanos(1), Nanos(2));
  ASSERT_TRUE(effect);
  EXPECT_EQ(effect->revision, 7);
  EXPECT_FALSE(effect->writes);
  read.serializable = true;
  EXPECT_FALSE(effect_of(read, answer, Nanos(1), Nanos(2)));
  EXPECT_FALSE(effect_of(rpc::CompactionRequest{}, rpc::CompactionResponse{}, Nanos(1), Nanos(2)));
}

TEST(Linearization, WhatChangedNothingIsARead) {
  rpc::PutResponse written;
  written.header.revision = 4;
  EXPECT_TRUE(effect_of(put_request("a"), written, Nanos(1), Nanos(2))->writes);
  rpc::DeleteRangeResponse erased;
  EXPECT_FALSE(effect_of(rpc::DeleteRangeRequest{}, erased, Nanos(1), Nanos(2))->writes);
  erased.deleted = 2;
  EXPECT_TRUE(effect_of(rpc::DeleteRangeRequest{}, erased, Nanos(1), Nanos(2))->writes);
  rpc::TxnRequest txn;
  txn.success.push_back({put_request("a")});
  rpc::TxnResponse done;
  EXPECT_FALSE(effect_of(txn, done, Nanos(1), Nanos(2))->writes) << "the branch without writes";
  rpc::TxnResponse inner;
  inner.responses.push_back({written});
  done.responses.push_back({inner});
  EXPECT_TRUE(effect_of(txn, done, Nanos(1), Nanos(2))->writes);
}

}  // namespace
}  // namespace orrery::checks
