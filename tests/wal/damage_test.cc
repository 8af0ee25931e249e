// A log or .snap file that was cut or bent is repaired or refused with a reason, and never makes anything up.
#include <set>

#include <gtest/gtest.h>

#include "base/text.h"
#include "tests/wal/log_bench.h"

namespace orrery::wal {
namespace {

// A log of a few records in one segment without preallocated rest.
LogBench small_log() {
  LogBench log(1'000'000);
  log.save({entry(1, 1, "")}, state(1, 9, 0));
  log.save({entry(1, 2, "hello"), entry(1, 3, Bytes(300, 'y'))}, state(1, 9, 1));
  log.save({entry(2, 3, "world")}, state(2, 8, 2));
  EXPECT_TRUE(log.disk.truncate(kFirst, log.wal.offset()));
  EXPECT_TRUE(log.disk.fsync(kFirst));
  return log;
}

TEST(WalDamage, TruncatedAnywhereItIsRepairedToAPrefix) {
  const LogBench log = small_log();
  const auto size = *log.disk.size(kFirst);
  const Segment whole = decode_wal(*log.disk.read_all(kFirst));
  const std::uint64_t head = whole.records[3].offset;  // chain, metadata, snapshot
  int repaired = 0;

  for (std::uint64_t cut = 0; cut < size; ++cut) {
    LogBench copy = log;
    ASSERT_TRUE(copy.disk.truncate(kFirst, cut));
    const auto opened = copy.reopen();
    if (cut < head) {
      ASSERT_FALSE(opened.has_value()) << cut;
      EXPECT_NE(opened.error().detail.find("snapshot not found"), std::string::npos)
          << opened.error().detail;
      continue;
    }
    ASSERT_TRUE(opened.has_value()) << cut << ": " << opened.error().detail;
    EXPECT_GE(log.prefix_of(*opened), 0) << cut;
    EXPECT_EQ(copy.disk.exists(text("{}.broken", kFirst)), opened->repaired);
    repaired += opened->repaired ? 1 : 0;
  }
  EXPECT_GT(repaired, 300);
}

// Bytes that no checksum covers: a record's tag and type. There a bent bit may make one kind of another.
std::set<std::uint64_t> unprotected(const Segment& segment) {
  std::set<std::uint64_t> out;
  for (const Located& located : segment.records)
    out.insert({located.offset + 8, located.offset + 9});
  return out;
}

TEST(WalDamage, AnyFlippedBitIsRefusedOrLeavesAPrefix) {
  const LogBench log = small_log();
  const Bytes bytes = *log.disk.read_all(kFirst);
  const auto types = unprotected(decode_wal(bytes));
  int refused = 0;

  for (std::uint64_t at = 0; at < bytes.size(); ++at) {
    for (unsigned bit = 0; bit < 8; ++bit) {
      LogBench copy = log;
      ASSERT_TRUE(copy.disk.flip_bit(kFirst, at, bit));
      const auto opened = copy.reopen();
      if (!opened) {
        ++refused;
        EXPECT_FALSE(opened.error().detail.empty());
      } else if (!types.contains(at)) {
        EXPECT_GE(log.prefix_of(*opened), 0) << "byte " << at << " bit " << bit;
      }
    }
  }
  EXPECT_GT(refused, static_cast<int>(bytes.size()) * 4);
}

TEST(WalDamage, DamageInTheMiddleIsRefusedWithFileOffsetAndReason) {
  LogBench log = small_log();
  const Segment whole = decode_wal(*log.disk.read_all(kFirst));
  const Located& hello = whole.records[5];
  ASSERT_TRUE(log.disk.flip_bit(kFirst, hello.offset + 20, 1));

  const auto opened = log.reopen();

  ASSERT_FALSE(opened.has_value());
  EXPECT_EQ(opened.error().code, Errc::Corrupt);
  EXPECT_TRUE(opened.error().detail.starts_with(
      text("{}: offset {}: crc mismatch: the entry record says", kFirst, hello.offset)))
      << opened.error().detail;
  EXPECT_FALSE(log.disk.exists(text("{}.broken", kFirst)));
}

TEST(WalDamage, ATornEndIsRepairedOnceAndTheBrokenFileKept) {
  LogBench log = small_log();
  const Bytes bytes = *log.disk.read_all(kFirst);
  ASSERT_TRUE(log.disk.truncate(kFirst, bytes.size() - 20));

  EXPECT_EQ(Wal::open(log.disk, kDir, {}, log.options).error().code, Errc::Torn);
  const auto opened = log.reopen();

  ASSERT_TRUE(opened.has_value());
  EXPECT_TRUE(opened->repaired);
  EXPECT_EQ(*log.disk.read_all(text("{}.broken", kFirst)), bytes.substr(0, bytes.size() - 20));
  EXPECT_FALSE(log.reopen()->repaired);
}

TEST(WalDamage, ATornSegmentThatIsNotTheLastIsNotRepaired) {
  LogBench log(1);
  for (std::uint64_t i = 1; i <= 3; ++i) log.save({entry(1, i, "x")}, state(1, 1, i));
  ASSERT_TRUE(log.disk.truncate(kFirst, *log.disk.size(kFirst) - 1));

  const auto opened = log.reopen();

  ASSERT_FALSE(opened.has_value());
  EXPECT_EQ(opened.error().code, Errc::Torn);
  EXPECT_NE(opened.error().detail.find(kFirst), std::string::npos);
}

TEST(WalDamage, LeftoversBehindTheEndAreZeroedBeforeAppending) {
  LogBench log(20'000);
  log.save({entry(1, 1, "a")}, state(1, 1, 0));
  const auto end = log.wal.offset();
  ASSERT_TRUE(log.disk.write(kFirst, end + 512, Bytes(3000, 'z')));
  ASSERT_TRUE(log.disk.fsync(kFirst));

  const auto opened = log.reopen();

  ASSERT_TRUE(opened.has_value()) << opened.error().detail;
  EXPECT_EQ(*log.disk.size(kFirst), 20'000U);
  EXPECT_EQ(log.disk.read(kFirst, end, 5000)->find_first_not_of('\0'), Bytes::npos);
  log.disk.crash(disk::Survivors{});
  EXPECT_EQ(log.disk.read(kFirst, end, 5000)->find_first_not_of('\0'), Bytes::npos);
}

TEST(WalDamage, AnotherClustersSegmentIsRefused) {
  LogBench log(1);
  log.save({entry(1, 1, "x")}, state(1, 1, 1));
  const std::string second = log.wal.tail_path();
  Bytes out;
  std::uint32_t chain = decode_wal(*log.disk.read_all(kFirst)).chain;
  append_record(out, chain, walpb::RecordType::Crc, {});
  append_record(out, chain, walpb::RecordType::Metadata, "other");
  log.disk.install(second, out);

  EXPECT_EQ(log.reopen().error(),
            (Error{Errc::Corrupt, text("{}: offset 16: wal: conflicting metadata found", second)}));
}

TEST(WalDamage, AGapInTheEntriesIsRefused) {
  LogBench log(kSegmentBytes);
  ASSERT_TRUE(log.wal.write(log.disk, std::vector{entry(1, 1, "a"), entry(1, 3, "c")}, {}));
  ASSERT_TRUE(log.wal.sync(log.disk));

  EXPECT_NE(
      log.reopen().error().detail.find("wal: slice bounds out of range: entry 3 follows entry 1"),
      std::string::npos);
}

}  // namespace
}  // namespace orrery::wal
