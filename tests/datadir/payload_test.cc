// Payloads of Raft entries, by release.
#include "datadir/payload.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/text.h"
#include "proto/rpc_codec.h"
#include "proto/v2_request.h"

namespace orrery::datadir {
namespace {

rpc::InternalRequest inside(rpc::ClusterRequest request) {
  return {.id = 0x1234, .username = {}, .auth_revision = 0, .request = std::move(request)};
}

const rpc::ClusterMemberAttrSetRequest kPublish{NodeId(0x8e9e05c52164694d),
                                                {"n1", {"http://127.0.0.1:2379"}}};

// From 3.5 on they are requests of their own, at which a member of 3.4 panics.
TEST(Payload, OnlyIn34AMemberIsPublishedThroughTheV2Store) {
  const auto request = inside(kPublish);

  const Bytes old = encode_payload(Release::V3_4, request);
  const auto v2 = rpc::decode_v2_request(old);

  ASSERT_TRUE(v2);
  EXPECT_EQ(*v2,
            (rpc::V2Request{.id = 0x1234,
                            .method = "PUT",
                            .path = "/0/members/8e9e05c52164694d/attributes",
                            .value = R"({"name":"n1","clientURLs":["http://127.0.0.1:2379"]})"}));
  EXPECT_EQ(encode_payload(Release::V3_5, request), rpc::encode(request));
  EXPECT_EQ(encode_payload(Release::V3_6, request), rpc::encode(request));
}

TEST(Payload, WhatEachReleaseWritesReadsAsTheSameRequest) {
  for (const auto& request : {inside(kPublish), inside(rpc::ClusterVersionSetRequest{"3.4.0"})}) {
    for (const Release release : {Release::V3_4, Release::V3_5, Release::V3_6}) {
      const auto again = decode_payload(encode_payload(release, request));
      ASSERT_TRUE(again) << again.error().detail;
      EXPECT_EQ(*again, request);
    }
  }
}

// gogo-protobuf writes the fields of this message even when they are zero.
TEST(Payload, AV2RequestHasEveryField) {
  const Bytes bytes = encode_payload(Release::V3_4, inside(rpc::ClusterVersionSetRequest{"3.4.0"}));

  EXPECT_EQ(hex(bytes),
            "08b424"
            "1203505554"
            "1a0a2f302f76657273696f6e"
            "2205332e342e30"
            "280032003800480050005800600068007000780080010"
            "0");
}

TEST(Payload, WhatUsersAskedOfTheV2StoreIsRefusedByName) {
  const auto request = decode_payload(
      rpc::encode(rpc::V2Request{.id = 1, .method = "DELETE", .path = "/1/foo", .value = {}}));

  ASSERT_FALSE(request);
  EXPECT_EQ(request.error().code, Errc::WrongUse);
  EXPECT_THAT(request.error().detail, testing::HasSubstr("DELETE /1/foo"));
}

TEST(Payload, DamagedAttributesAreCorrupt) {
  for (const char* value : {"", "[]", "{\"name\":1}", "{\"name\""}) {
    const auto request = decode_payload(rpc::encode(rpc::V2Request{
        .id = 1, .method = "PUT", .path = "/0/members/1/attributes", .value = value}));
    ASSERT_FALSE(request) << value;
    EXPECT_EQ(request.error().code, Errc::Corrupt) << value;
  }
}

}  // namespace
}  // namespace orrery::datadir
