// What is encoded and decoded again is the same value; what is cut or bent is refused, never a crash.
#include <gtest/gtest.h>

#include "proto/mvccpb_codec.h"
#include "proto/raftpb_codec.h"
#include "proto/rpc_codec.h"
#include "proto/walpb_codec.h"
#include "tests/proto/random_values.h"

namespace orrery {
namespace {

constexpr int kRounds = 400;

// Decodes what was encoded, and then every kind of damage: it must answer with a value or an error.
template <class Value, class Decode>
void expect_round_trip(const Value& value, Decode decode, RandomValues& random) {
  const Bytes bytes = encode(value);
  const Result<Value> back = decode(bytes);
  ASSERT_TRUE(back.has_value()) << back.error().detail;
  EXPECT_EQ(*back, value);
  EXPECT_EQ(encode(*back), bytes);
  if (bytes.empty()) return;

  Bytes bent = bytes;
  bent[random.below_bound(bent.size())] ^= static_cast<char>(1U << random.below_bound(8));
  const Result<Value> read = decode(bent);
  EXPECT_TRUE(read.has_value() || !read.error().detail.empty());
}

TEST(Codec, RaftMessagesSurviveTheRoundTrip) {
  RandomValues random(1);
  for (int i = 0; i < kRounds; ++i) {
    expect_round_trip(random.entry(), raftpb::decode_entry, random);
    expect_round_trip(random.hard_state(), raftpb::decode_hard_state, random);
    expect_round_trip(random.conf_state(), raftpb::decode_conf_state, random);
    expect_round_trip(random.snapshot(), raftpb::decode_snapshot, random);
    expect_round_trip(random.conf_change(), raftpb::decode_conf_change, random);
    expect_round_trip(random.conf_change_v2(), raftpb::decode_conf_change_v2, random);
    expect_round_trip(random.message(2), raftpb::decode_message, random);
  }
}

TEST(Codec, KeyValuesAndEventsSurviveTheRoundTrip) {
  RandomValues random(2);
  for (int i = 0; i < kRounds; ++i) {
    expect_round_trip(random.key_value(), mvccpb::decode_key_value, random);
    expect_round_trip(random.event(), mvccpb::decode_event, random);
  }
}

TEST(Codec, RequestsSurviveTheRoundTrip) {
  RandomValues random(3);
  for (int i = 0; i < kRounds; ++i) {
    expect_round_trip(random.range_request(), rpc::decode_range_request, random);
    expect_round_trip(random.put_request(), rpc::decode_put_request, random);
    expect_round_trip(random.delete_range_request(), rpc::decode_delete_range_request, random);
    expect_round_trip(random.txn_request(3), rpc::decode_txn_request, random);
    expect_round_trip(random.compaction_request(), rpc::decode_compaction_request, random);
    expect_round_trip(random.watch_request(), rpc::decode_watch_request, random);
    expect_round_trip(random.internal_request(), rpc::decode_internal_request, random);
  }
}

TEST(Codec, ResponsesSurviveTheRoundTrip) {
  RandomValues random(4);
  for (int i = 0; i < kRounds; ++i) {
    expect_round_trip(random.header(), rpc::decode_response_header, random);
    expect_round_trip(random.range_response(), rpc::decode_range_response, random);
    expect_round_trip(random.put_response(), rpc::decode_put_response, random);
    expect_round_trip(random.delete_range_response(), rpc::decode_delete_range_response, random);
    expect_round_trip(random.txn_response(3), rpc::decode_txn_response, random);
    expect_round_trip(rpc::CompactionResponse{random.header()}, rpc::decode_compaction_response,
                      random);
    expect_round_trip(random.watch_response(), rpc::decode_watch_response, random);
  }
}

TEST(Codec, LogRecordsSurviveTheRoundTrip) {
  RandomValues random(5);
  for (int i = 0; i < kRounds; ++i) {
    const auto type = static_cast<walpb::RecordType>(1 + random.below_bound(5));
    const auto crc = static_cast<std::uint32_t>(random.number());
    const walpb::Record record{.type = type, .crc = crc, .data = random.bytes()};
    expect_round_trip(record, walpb::decode_record, random);
    walpb::Snapshot mark{
        .index = Index(random.number()), .term = Term(random.number()), .conf_state = {}};
    if (random.flag()) mark.conf_state = random.conf_state();
    expect_round_trip(mark, walpb::decode_snapshot, random);
    expect_round_trip(walpb::Metadata{NodeId(random.number()), random.number()},
                      walpb::decode_metadata, random);
    expect_round_trip(snappb::Snapshot{crc, random.bytes()}, snappb::decode_snapshot, random);
  }
}

TEST(Codec, ATruncatedMessageIsCorruptOrAShorterOne) {
  const raftpb::Entry entry{
      .type = {}, .term = Term(300), .index = Index(7), .data = Blob("hello")};
  const Bytes bytes = encode(entry);
  int refused = 0;

  for (std::size_t size = 0; size < bytes.size(); ++size) {
    const auto read = raftpb::decode_entry(BytesView(bytes).substr(0, size));
    if (read) {
      EXPECT_NE(*read, entry);
      continue;
    }
    EXPECT_EQ(read.error().code, Errc::Corrupt);
    EXPECT_NE(read.error().detail.find("raftpb.Entry"), std::string::npos);
    ++refused;
  }
  EXPECT_EQ(refused, 10);  // all but the five borders between fields, the empty message among them
}

}  // namespace
}  // namespace orrery
