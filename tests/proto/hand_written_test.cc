// The hot encoders write the bytes that libprotobuf writes.
#include <mvccpb.pb.h>
#include <raftpb.pb.h>
#include <walpb.pb.h>

#include <gtest/gtest.h>

#include "proto/mvccpb_codec.h"
#include "proto/raftpb_codec.h"
#include "proto/walpb_codec.h"
#include "tests/proto/random_values.h"

namespace orrery {
namespace {

std::string str(const Blob& blob) {
  return std::string(blob.view());
}

Bytes by_protobuf(const raftpb::Entry& entry) {
  ::raftpb::Entry out;
  out.set_type(static_cast<::raftpb::EntryType>(entry.type));
  out.set_term(entry.term.value());
  out.set_index(entry.index.value());
  if (!entry.data.empty()) out.set_data(str(entry.data));
  return out.SerializeAsString();
}

Bytes by_protobuf(const raftpb::HardState& state) {
  ::raftpb::HardState out;
  out.set_term(state.term.value());
  out.set_vote(state.vote.value());
  out.set_commit(state.commit.value());
  return out.SerializeAsString();
}

Bytes by_protobuf(const mvccpb::KeyValue& kv) {
  ::mvccpb::KeyValue out;
  out.set_key(str(kv.key));
  out.set_create_revision(kv.create_revision);
  out.set_mod_revision(kv.mod_revision);
  out.set_version(kv.version);
  out.set_value(str(kv.value));
  out.set_lease(kv.lease.value());
  return out.SerializeAsString();
}

Bytes by_protobuf(const walpb::Record& record) {
  ::walpb::Record out;
  out.set_type(static_cast<std::int64_t>(record.type));
  out.set_crc(record.crc);
  if (!record.data.empty()) out.set_data(str(record.data));
  return out.SerializeAsString();
}

TEST(HandWrittenCodec, WritesProtobufsBytesAndKnowsTheirLength) {
  RandomValues random(6);

  for (int i = 0; i < 3000; ++i) {
    const auto entry = random.entry();
    EXPECT_EQ(encode(entry), by_protobuf(entry));
    EXPECT_EQ(encoded_size(entry), encode(entry).size());
    const auto state = random.hard_state();
    EXPECT_EQ(encode(state), by_protobuf(state));
    EXPECT_EQ(encoded_size(state), encode(state).size());
    const auto kv = random.key_value();
    EXPECT_EQ(encode(kv), by_protobuf(kv));
    EXPECT_EQ(encoded_size(kv), encode(kv).size());
    const auto event = random.event();
    EXPECT_EQ(encoded_size(event), encode(event).size());
    const walpb::Record record{.type = static_cast<walpb::RecordType>(1 + random.below_bound(5)),
                               .crc = static_cast<std::uint32_t>(random.number()),
                               .data = random.bytes()};
    EXPECT_EQ(encode(record), by_protobuf(record));
    EXPECT_EQ(walpb::encoded_record_size(record.crc, record.data.size()), encode(record).size());
  }
}

mvccpb::KeyValue read_by_protobuf(const ::mvccpb::KeyValue& in) {
  return {.key = Blob(in.key()),
          .create_revision = in.create_revision(),
          .mod_revision = in.mod_revision(),
          .version = in.version(),
          .value = Blob(in.value()),
          .lease = LeaseId(in.lease())};
}

// Bytes as they are written, and the same with something changed, left out or added.
TEST(HandWrittenCodec, ReadsAKeyValueAsProtobufDoes) {
  RandomValues random(7);

  for (int i = 0; i < 30'000; ++i) {
    Bytes bytes = encode(random.key_value());
    const std::uint64_t change = random.below_bound(4);
    const std::size_t at = random.below_bound(bytes.size() + 1);
    if (change == 1) bytes.resize(at);
    if (change == 2 && at < bytes.size()) bytes[at] = static_cast<char>(random.below_bound(256));
    if (change == 3) bytes.insert(at, 1, static_cast<char>(random.below_bound(256)));
    ::mvccpb::KeyValue wanted;
    const bool readable = wanted.ParseFromString(bytes);

    const auto read = mvccpb::decode_key_value(bytes);

    ASSERT_EQ(read.has_value(), readable);
    if (readable) {
      ASSERT_EQ(*read, read_by_protobuf(wanted));
    }
  }
}

}  // namespace
}  // namespace orrery
