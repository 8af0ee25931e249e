// Bytes that a stock etcd writes, and what they mean here.
#include <gtest/gtest.h>

#include "base/text.h"
#include "proto/mvccpb_codec.h"
#include "proto/raftpb_codec.h"
#include "proto/rpc_codec.h"
#include "proto/walpb_codec.h"

namespace orrery {
namespace {

template <class T>
std::string hex_of(const T& value) {
  return hex(encode(value));
}

TEST(GoldenBytes, KeyValueLeavesOutZeroFields) {
  const mvccpb::KeyValue kv{.key = Blob("a"),
                            .create_revision = 2,
                            .mod_revision = 2,
                            .version = 1,
                            .value = Blob("1"),
                            .lease = {}};

  EXPECT_EQ(hex_of(kv),
            "0a0161"
            "1002"
            "1802"
            "2001"
            "2a0131");
  EXPECT_EQ(hex_of(mvccpb::KeyValue{}), "");
}

TEST(GoldenBytes, ATombstoneIsItsKeyAlone) {
  mvccpb::KeyValue tombstone;
  tombstone.key = Blob("a");

  EXPECT_EQ(hex_of(tombstone), "0a0161");
}

TEST(GoldenBytes, AnEntryAlwaysHasTypeTermAndIndex) {
  EXPECT_EQ(hex_of(raftpb::Entry{}), "080010001800");
  EXPECT_EQ(hex_of(raftpb::Entry{.type = raftpb::EntryType::ConfChange,
                                 .term = Term(1),
                                 .index = Index(300),
                                 .data = Blob("xy")}),
            "0801"
            "1001"
            "18ac02"
            "22027879");
}

TEST(GoldenBytes, AHardStateAlwaysHasAllThree) {
  EXPECT_EQ(hex_of(raftpb::HardState{}), "080010001800");
  EXPECT_EQ(hex_of(raftpb::HardState{Term(2), NodeId(3), Index(4)}), "080210031804");
}

TEST(GoldenBytes, AConfStateRepeatsItsTagPerVoterAndAlwaysSaysAutoLeave) {
  raftpb::ConfState state;
  state.voters = {NodeId(1), NodeId(2)};

  EXPECT_EQ(hex_of(state),
            "0801"
            "0802"
            "2800");
}

TEST(GoldenBytes, ASnapshotAlwaysHasItsMetadata) {
  EXPECT_EQ(hex_of(raftpb::Snapshot{}),
            "1208"
            "0a022800"
            "1000"
            "1800");
}

TEST(GoldenBytes, AConfChangeAlwaysHasIdTypeAndNode) {
  EXPECT_EQ(hex_of(raftpb::ConfChange{}), "080010001800");
  raftpb::ConfChangeV2 change;
  change.changes = {{raftpb::ConfChangeType::RemoveNode, NodeId(5)}};
  EXPECT_EQ(hex_of(change),
            "0800"
            "120408011005");
}

TEST(GoldenBytes, AHeartbeatWritesEveryNumberAndNoSnapshot) {
  raftpb::Message beat;
  beat.type = raftpb::MessageType::Heartbeat;
  beat.to = NodeId(2), beat.from = NodeId(1), beat.term = Term(3), beat.commit = Index(9);

  EXPECT_EQ(hex_of(beat),
            "0808"
            "1002"
            "1801"
            "2003"
            "2800"
            "3000"
            "4009"
            "5000"
            "5800"
            "6800");
}

TEST(GoldenBytes, ARecordAlwaysHasTypeAndCrc) {
  EXPECT_EQ(hex_of(walpb::Record{.type = walpb::RecordType::Crc, .crc = 0, .data = {}}),
            "08041000");
  EXPECT_EQ(hex_of(walpb::Snapshot{}), "08001000");
  EXPECT_EQ(hex_of(walpb::Metadata{}), "08001000");
  EXPECT_EQ(hex_of(snappb::Snapshot{}), "0800");
}

TEST(GoldenBytes, APayloadCarriesItsHeaderInField100) {
  rpc::InternalRequest put;
  put.id = 7;
  rpc::PutRequest ask;
  ask.key = Blob("k"), ask.value = Blob("v");
  put.request = ask;

  EXPECT_EQ(hex_of(put),
            "2206"
            "0a016b"
            "120176"
            "a20602"
            "0807");
}

TEST(GoldenBytes, ACompareSetsTheMemberItsTargetNamesEvenWhenZero) {
  rpc::TxnRequest txn;
  txn.compare.push_back(rpc::Compare{.result = rpc::CompareResult::Equal,
                                     .target = rpc::CompareTarget::Create,
                                     .key = Blob("k"),
                                     .number = 0,
                                     .value = {},
                                     .range_end = {}});

  EXPECT_EQ(hex_of(txn),
            "0a07"
            "1001"
            "1a016b"
            "2800");
}

TEST(GoldenBytes, AResponseAlwaysHasItsHeader) {
  EXPECT_EQ(hex_of(rpc::PutResponse{}), "0a00");
  EXPECT_EQ(hex_of(rpc::ResponseHeader{1, 2, 3, 4}),
            "0801"
            "1002"
            "1803"
            "2004");
}

struct Malformed {
  const char* name;
  Bytes bytes;
  Errc code;
  const char* detail;
};

TEST(MalformedBytes, ARangeRequestSaysWhatIsWrong) {
  for (const Malformed& row : {
           Malformed{"cut", Bytes("\x0a\x05zz", 4), Errc::Corrupt, "4 bytes are no RangeRequest"},
           Malformed{"order", Bytes("\x28\x09", 2), Errc::InvalidSortOption,
                     "RangeRequest: sort order 9 is unknown"},
           Malformed{"target", Bytes("\x30\x05", 2), Errc::InvalidSortOption,
                     "RangeRequest: sort target 5 is unknown"},
       }) {
    SCOPED_TRACE(row.name);
    const auto read = rpc::decode_range_request(row.bytes);
    ASSERT_FALSE(read.has_value());
    EXPECT_EQ(read.error(), (Error{row.code, row.detail}));
  }
}

TEST(MalformedBytes, UnknownEnumNumbersAreCorrupt) {
  EXPECT_EQ(raftpb::decode_entry(Bytes("\x08\x03", 2)).error(),
            (Error{Errc::Corrupt, "raftpb.Entry: entry type 3 is unknown"}));
  EXPECT_EQ(raftpb::decode_message(Bytes("\x08\x18", 2)).error().code, Errc::Corrupt);
  EXPECT_EQ(walpb::decode_record(Bytes("\x08\x06", 2)).error(),
            (Error{Errc::Corrupt, "walpb.Record: record type 6 is unknown"}));
  EXPECT_EQ(mvccpb::decode_event(Bytes("\x08\x02", 2)).error().code, Errc::Corrupt);
}

TEST(MalformedBytes, APayloadOfAnotherServiceIsNamed) {
  EXPECT_EQ(rpc::decode_internal_request(Bytes("\x12\x00", 2)).error(),
            (Error{Errc::WrongUse, "InternalRaftRequest: the request v2 cannot be carried out"}));
  EXPECT_EQ(rpc::decode_internal_request("").error().code, Errc::Corrupt);
}

TEST(MalformedBytes, UnknownFieldsAreSkipped) {
  const auto read =
      mvccpb::decode_key_value(Bytes("\x0a\x01"
                                     "a"
                                     "\x78\x05",
                                     5));
  ASSERT_TRUE(read.has_value());
  EXPECT_EQ(read->key, Blob("a"));
}

}  // namespace
}  // namespace orrery
