// Frames and the chain of checksums.
#include "wal/record.h"

#include <gtest/gtest.h>

#include "base/crc32c.h"
#include "base/text.h"
#include "tests/wal/log_bench.h"

namespace orrery::wal {
namespace {

TEST(Record, TheFirstFrameOfALogIsAnEmptyChain) {
  Bytes out;
  std::uint32_t chain = 0;

  append_record(out, chain, walpb::RecordType::Crc, {});

  EXPECT_EQ(hex(out),
            "0400000000000084"
            "08041000"
            "00000000");
  EXPECT_EQ(chain, 0U);
}

TEST(Record, FramesAreMultiplesOfEightAndSayTheirPadding) {
  for (std::size_t size = 0; size < 40; ++size) {
    Bytes out;
    std::uint32_t chain = 0;
    append_record(out, chain, walpb::RecordType::Entry, Bytes(size, 'x'));

    EXPECT_EQ(out.size() % 8, 0U);
    const Segment read = decode_wal(out);
    ASSERT_EQ(read.records.size(), 1U);
    EXPECT_EQ(read.records[0].record.data, Blob(Bytes(size, 'x')));
    EXPECT_EQ(read.records[0].size, out.size());
    EXPECT_EQ(read.ending, Ending::EndOfFile);
    const auto pad = static_cast<unsigned char>(out[7]);
    EXPECT_EQ(pad == 0, (8 + static_cast<unsigned char>(out[0])) % 8 == 0);
  }
}

TEST(Record, TheChainCoversTheDataOfAllRecords) {
  Bytes out;
  std::uint32_t chain = 0;
  append_record(out, chain, walpb::RecordType::Metadata, "ab");
  append_record(out, chain, walpb::RecordType::Entry, "cde");

  EXPECT_EQ(chain, crc32c(0, "abcde"));
  EXPECT_EQ(decode_wal(out).chain, chain);
}

TEST(Record, AChainFromAnotherFileIsRefused) {
  Bytes out;
  std::uint32_t chain = 77;
  append_record(out, chain, walpb::RecordType::Crc, {});

  EXPECT_EQ(decode_segment({.stored = out, .file_size = out.size(), .chain = 77, .last = true}).end,
            16U);
  const Segment read =
      decode_segment({.stored = out, .file_size = out.size(), .chain = 78, .last = true});
  EXPECT_EQ(read.ending, Ending::Damaged);
  EXPECT_EQ(read.reason,
            "offset 0: crc mismatch: the crc record says 0000004d, the chain is 0000004e");
}

TEST(Record, ZerosEndTheData) {
  Bytes out;
  std::uint32_t chain = 0;
  append_record(out, chain, walpb::RecordType::Metadata, "ab");
  const std::size_t end = out.size();
  out.append(4096, '\0');

  const Segment read = decode_wal(out);

  EXPECT_EQ(read.ending, Ending::Zeros);
  EXPECT_EQ(read.end, end);
}

TEST(Record, WhatIsNotStoredIsZero) {
  Bytes out;
  std::uint32_t chain = 0;
  append_record(out, chain, walpb::RecordType::Metadata, "ab");

  const Segment read =
      decode_segment({.stored = out, .file_size = 64'000'000, .chain = 0, .last = true});

  EXPECT_EQ(read.ending, Ending::Zeros);
  EXPECT_EQ(read.records.size(), 1U);
}

TEST(Record, AWholeZeroSectorInsideTheLastRecordIsATornWrite) {
  Bytes out;
  std::uint32_t chain = 0;
  append_record(out, chain, walpb::RecordType::Metadata, "ab");
  const std::size_t start = out.size();
  append_record(out, chain, walpb::RecordType::Entry, Bytes(2000, 'x'));
  Bytes torn = out;
  std::fill(torn.begin() + 512, torn.begin() + 1024, '\0');
  Bytes half = out;
  std::fill(half.begin() + 513, half.begin() + 1024, '\0');

  EXPECT_EQ(decode_wal(torn).ending, Ending::Torn);
  EXPECT_EQ(decode_wal(torn).end, start);
  EXPECT_EQ(decode_wal(half).ending, Ending::Damaged);
  EXPECT_EQ(
      decode_segment({.stored = torn, .file_size = torn.size(), .chain = 0, .last = false}).ending,
      Ending::Damaged);
}

}  // namespace
}  // namespace orrery::wal
