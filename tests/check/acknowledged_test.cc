// Which events an acknowledged write vouches for.
#include "check/acknowledged.h"

#include <gtest/gtest.h>

namespace orrery::checks {
namespace {

rpc::ResponseHeader at(std::int64_t revision) {
  rpc::ResponseHeader header;
  header.revision = revision;
  return header;
}

rpc::PutRequest put(std::string_view key, std::string_view value) {
  rpc::PutRequest request;
  request.key = Blob(key);
  request.value = Blob(value);
  return request;
}

rpc::DeleteRangeRequest erase(std::string_view key) {
  rpc::DeleteRangeRequest request;
  request.key = Blob(key);
  return request;
}

rpc::DeleteRangeResponse erased(std::int64_t deleted, std::int64_t revision) {
  rpc::DeleteRangeResponse response;
  response.header = at(revision);
  response.deleted = deleted;
  return response;
}

TEST(Acknowledged, APutVouchesForItsValueAndItsLease) {
  rpc::PutRequest request = put("a", "1");
  request.lease = LeaseId(7);
  rpc::PutResponse response;
  response.header = at(5);

  const auto events = events_told_of(request, response);

  ASSERT_EQ(events.size(), 1U);
  EXPECT_EQ(events[0].kv.lease, LeaseId(7));
  EXPECT_EQ(events[0].kv.mod_revision, 5);
  EXPECT_EQ(events[0].kv.value, Blob("1"));
}

TEST(Acknowledged, APutThatKeepsWhatItDoesNotNameVouchesForNothing) {
  rpc::PutRequest request = put("a", "");
  request.ignore_value = true;
  EXPECT_TRUE(events_told_of(request, rpc::PutResponse{}).empty());
}

TEST(Acknowledged, ADeleteVouchesForItsKeyIfThereWasOne) {
  const auto events = events_told_of(erase("a"), erased(1, 6));

  ASSERT_EQ(events.size(), 1U);
  EXPECT_EQ(events[0].type, mvccpb::EventType::Delete);
  EXPECT_TRUE(events_told_of(erase("a"), erased(0, 6)).empty());
}

TEST(Acknowledged, OfATransactionTheBranchTakenCounts) {
  rpc::TxnRequest inner;
  inner.success = {{put("c", "3")}};
  rpc::TxnRequest txn;
  txn.success = {{put("never", "0")}};
  txn.failure = {{put("a", "1")}, {erase("b")}, {inner}};
  rpc::TxnResponse inner_answer;
  inner_answer.succeeded = true;
  inner_answer.responses = {{rpc::PutResponse{}}};
  rpc::TxnResponse answer;
  answer.header = at(9);
  answer.responses = {{rpc::PutResponse{}}, {erased(1, 0)}, {inner_answer}};

  const auto events = events_told_of(txn, answer);

  ASSERT_EQ(events.size(), 3U);
  EXPECT_EQ(events[0].kv.key, Blob("a"));
  EXPECT_EQ(events[1].type, mvccpb::EventType::Delete);
  EXPECT_EQ(events[2].kv.key, Blob("c"));
  for (const mvccpb::Event& event : events) EXPECT_EQ(event.kv.mod_revision, 9);
}

}  // namespace
}  // namespace orrery::checks
