// Messages of the services beside KV: their bytes as protobuf's rules and etcd's field numbers give them.
#include <gtest/gtest.h>

#include "base/text.h"
#include "proto/rpc_codec.h"
#include "proto/services_codec.h"

namespace orrery::rpc {
namespace {

template <class M>
void expect_bytes(const M& message, const Bytes& bytes) {
  EXPECT_EQ(orrery::hex(encode_message(message)), orrery::hex(bytes));
  const Result<M> back = decode_message<M>(bytes);
  ASSERT_TRUE(back) << back.error().detail;
  EXPECT_EQ(*back, message);
}

TEST(ServiceMessages, ALeaseRowIsLeasepbs) {
  expect_bytes(LeaseRow{.id = LeaseId(300), .ttl = 60, .remaining_ttl = 0},
               Bytes("\x08\xac\x02\x10\x3c"));
}

TEST(ServiceMessages, NegativeNumbersTakeTenBytes) {
  LeaseTimeToLiveResponse response;
  response.ttl = -1;
  expect_bytes(response, Bytes("\x0a\x00\x18\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01", 13));
}

TEST(ServiceMessages, APermissionOfReadingLeavesItsTypeOut) {
  expect_bytes(Permission{.type = PermissionType::Read, .key = Blob("k1"), .range_end = Blob()},
               Bytes("\x12\x02k1"));
}

TEST(ServiceMessages, ARoleHoldsItsPermissionsInOrder) {
  RoleRow row;
  row.name = Blob("r");
  row.permissions = {{PermissionType::Write, Blob("a"), Blob("b")},
                     {PermissionType::ReadWrite, Blob("c"), Blob()}};
  expect_bytes(row, Bytes("\x0a\x01r\x12\x08\x08\x01\x12\x01"
                          "a\x1a\x01"
                          "b\x12\x05\x08\x02\x12\x01"
                          "c"));
}

TEST(ServiceMessages, AnEmptyNameInAListIsWritten) {
  AuthUserListResponse response;
  response.users = {"", "a"};
  expect_bytes(response, Bytes("\x0a\x00\x12\x00\x12\x01"
                               "a",
                               7));
}

TEST(ServiceMessages, OptionsThatAreThereAreWrittenEvenWhenEmpty) {
  AuthUserAddRequest request;
  request.name = "u";
  request.options = UserAddOptions{};
  expect_bytes(request, Bytes("\x0a\x01u\x1a\x00", 5));
}

TEST(ServiceMessages, FieldsNobodyKnowsAreSkipped) {
  const auto back = decode_message<LeaseRevokeRequest>(Bytes("\x7a\x02hi\x08\x05"));
  ASSERT_TRUE(back);
  EXPECT_EQ(back->id, LeaseId(5));
}

TEST(ServiceMessages, BentBytesAreRefused) {
  EXPECT_FALSE(decode_message<LeaseGrantRequest>(Bytes("\x08")));
  EXPECT_FALSE(decode_message<LeaseGrantRequest>(Bytes("\x0a\x05hello")));
  EXPECT_FALSE(decode_message<AlarmRequest>(Bytes("\x18\x09")));
  EXPECT_FALSE(decode_message<AuthUserGetRequest>(Bytes("\x0a\x09u")));
}

void expect_in_log(const Request& request) {
  const InternalRequest out{.id = 7, .username = "u", .auth_revision = 3, .request = request};
  const auto back = decode_internal_request(encode(out));
  ASSERT_TRUE(back) << back.error().detail;
  EXPECT_EQ(*back, out);
}

TEST(ServiceMessages, WhatChangesEveryMemberGoesThroughTheLog) {
  expect_in_log(LeaseRequest(LeaseGrantRequest{.ttl = 5, .id = LeaseId(9)}));
  expect_in_log(LeaseRequest(LeaseRevokeRequest{.id = LeaseId(9)}));
  expect_in_log(LeaseRequest(LeaseCheckpointRequest{{{LeaseId(9), 3}}}));
  expect_in_log(AuthRequest(AuthEnableRequest{}));
  expect_in_log(AuthRequest(InternalAuthenticateRequest{"u", "", "abc"}));
  expect_in_log(AuthRequest(AuthRoleAddRequest{"r"}));
  expect_in_log(
      MaintenanceRequest(AlarmRequest{AlarmAction::Activate, NodeId(5), AlarmType::Corrupt}));
  expect_in_log(ClusterRequest(ClusterVersionSetRequest{"3.5.0"}));
  expect_in_log(ClusterRequest(ClusterMemberAttrSetRequest{NodeId(5), {"n1", {"http://a"}}}));
}

TEST(ServiceMessages, APayloadsFieldNumberTellsItsKind) {
  InternalRequest request;
  request.id = 1;
  request.request = LeaseRequest(LeaseRevokeRequest{.id = LeaseId(2)});
  // lease_revoke = 9, header = 100
  EXPECT_EQ(orrery::hex(encode(request)), "4a020802a206020801");
}

}  // namespace
}  // namespace orrery::rpc
