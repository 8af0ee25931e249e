// A log is made, written, cut, read again, released.
#include "wal/wal.h"

#include <gtest/gtest.h>

#include "base/text.h"
#include "tests/wal/log_bench.h"

namespace orrery::wal {
namespace {

using Names = std::vector<std::string>;

TEST(Wal, ANewLogHasChainMetadataAndTheEmptySnapshot) {
  LogBench log(kSegmentBytes);

  EXPECT_EQ(log.disk.list(kDir), (Names{"0.tmp", "0000000000000000-0000000000000000.wal"}));
  EXPECT_EQ(*log.disk.size(kFirst), 64'000'000U);
  const Segment read = decode_wal(*log.disk.read(kFirst, 0, 4096));
  ASSERT_EQ(read.records.size(), 3U);
  EXPECT_EQ(read.records[0].record.type, walpb::RecordType::Crc);
  EXPECT_EQ(read.records[1].record.data, Blob(some_metadata()));
  EXPECT_EQ(hex(read.records[2].record.data.view()), "08001000");
  EXPECT_EQ(hex(*log.disk.read(kFirst, 0, 8)), "0400000000000084");
}

TEST(Wal, ANewLogSurvivesACrashAsAWhole) {
  LogBench log(kSegmentBytes);
  log.disk.crash(disk::Survivors{});

  const auto opened = log.reopen();

  ASSERT_TRUE(opened.has_value()) << opened.error().detail;
  EXPECT_EQ(opened->metadata, some_metadata());
  EXPECT_TRUE(opened->entries.empty());
  EXPECT_TRUE(opened->hard_state.empty());
  EXPECT_FALSE(log.disk.exists("member/wal.tmp"));
}

TEST(Wal, ALogIsNotMadeOverAnother) {
  LogBench log(kSegmentBytes);

  EXPECT_EQ(Wal::create(log.disk, kDir, some_metadata()).error(),
            (Error{Errc::Io, "create member/wal: file already exists"}));
}

TEST(Wal, WhatWasSavedIsReadAgain) {
  LogBench log(kSegmentBytes);
  log.save({entry(1, 1, "a"), entry(1, 2, "b")}, state(1, 7, 1));
  log.save({}, state(2, 0, 1));
  log.save({entry(2, 3, "")}, {});

  log.disk.crash(disk::Survivors{});
  const auto opened = log.reopen();

  ASSERT_TRUE(opened.has_value()) << opened.error().detail;
  EXPECT_EQ(opened->entries, (std::vector{entry(1, 1, "a"), entry(1, 2, "b"), entry(2, 3, "")}));
  EXPECT_EQ(opened->hard_state, state(2, 0, 1));
  EXPECT_EQ(opened->wal.last_index(), Index(3));
  EXPECT_FALSE(opened->repaired);
}

TEST(Wal, ALaterEntryOfAnIndexMakesTheEarlierOnesVoid) {
  LogBench log(kSegmentBytes);
  log.save({entry(1, 1, "a"), entry(1, 2, "b"), entry(1, 3, "c")}, state(1, 1, 1));
  log.save({entry(2, 2, "B")}, state(2, 2, 1));

  const auto opened = log.reopen();

  EXPECT_EQ(opened->entries, (std::vector{entry(1, 1, "a"), entry(2, 2, "B")}));
}

TEST(Wal, OnlyAMovedCommitMayWait) {
  LogBench log(kSegmentBytes);
  EXPECT_EQ(log.write({}, {}), Next::Done);
  EXPECT_EQ(log.write({}, state(1, 1, 0)), Next::Sync);
  log.sync();
  const auto offset = log.wal.offset();

  EXPECT_EQ(log.write({}, state(1, 1, 5)), Next::Done);
  EXPECT_EQ(log.wal.offset(), offset);
  EXPECT_EQ(log.reopen()->hard_state, state(1, 1, 0));

  log.save({entry(1, 1, "x")}, {});
  EXPECT_EQ(log.reopen()->hard_state, state(1, 1, 5));
}

TEST(Wal, AVoteInATermThatIsKnownMayNotWait) {
  LogBench log(kSegmentBytes);
  log.save({}, state(2, 0, 0));

  EXPECT_EQ(log.write({}, state(2, 3, 0)), Next::Sync);
  log.sync();

  EXPECT_EQ(log.reopen()->hard_state, state(2, 3, 0));
}

TEST(Wal, TheBufferIsWrittenWhenItIsFull) {
  LogBench log(kSegmentBytes);
  log.save({}, state(1, 1, 0));
  const auto before = log.wal.offset();

  for (std::uint64_t commit = 1; commit < 6000; ++commit) {
    ASSERT_EQ(log.write({}, state(1, 1, commit)), Next::Done);
  }

  EXPECT_GT(log.wal.offset(), before);
  EXPECT_EQ(log.wal.offset() % 4096, 0U);
  log.save({entry(1, 1, "x")}, {});
  EXPECT_EQ(log.reopen()->hard_state, state(1, 1, 5999));
}

TEST(Wal, ASegmentIsCutOnceItIsPassed) {
  LogBench log(1000);
  std::uint64_t index = 0;
  while (log.wal.offset() < 1000) log.save({entry(1, ++index, Bytes(100, 'x'))}, state(1, 1, 0));
  EXPECT_EQ(log.disk.list(kDir).size(), 2U);
  const auto cut_at = ++index;

  log.save({entry(1, cut_at, "first over")}, {});

  EXPECT_EQ(log.wal.tail_path(), text("member/wal/{}", segment_name(1, Index(cut_at + 1))));
  EXPECT_EQ(log.disk.list(kDir),
            (Names{segment_name(0, Index(0)), segment_name(1, Index(cut_at + 1)), "1.tmp"}));
  log.save({entry(1, cut_at + 1, "in the second")}, {});
  const auto opened = log.reopen();
  ASSERT_TRUE(opened.has_value()) << opened.error().detail;
  EXPECT_EQ(opened->entries.size(), cut_at + 1);
  EXPECT_EQ(opened->wal.tail_path(), log.wal.tail_path());
  EXPECT_EQ(opened->wal.offset(), log.wal.offset());
}

TEST(Wal, EverySegmentBeginsWithChainMetadataAndState) {
  LogBench log(1);
  log.save({entry(1, 1, "a")}, state(1, 1, 0));  // the new log is over a byte already: cut at once

  const Segment second = decode_wal(*log.disk.read_all(log.wal.tail_path()));
  ASSERT_EQ(second.records.size(), 3U);
  EXPECT_EQ(second.records[0].record.type, walpb::RecordType::Crc);
  EXPECT_NE(second.records[0].record.crc, 0U);
  EXPECT_EQ(second.records[1].record.type, walpb::RecordType::Metadata);
  EXPECT_EQ(second.records[2].record.type, walpb::RecordType::State);
}

TEST(Wal, OpeningFromASnapshotSkipsWhatItReplaces) {
  LogBench log(300);
  for (std::uint64_t i = 1; i <= 20; ++i) log.save({entry(1, i, Bytes(40, 'x'))}, state(1, 1, i));
  const walpb::Snapshot mark{.index = Index(15), .term = Term(1), .conf_state = {}};
  ASSERT_TRUE(log.wal.write_snapshot(log.disk, mark));
  log.sync();

  const auto opened = Wal::open(log.disk, kDir, mark, log.options);

  ASSERT_TRUE(opened.has_value()) << opened.error().detail;
  ASSERT_EQ(opened->entries.size(), 5U);
  EXPECT_EQ(opened->entries.front().index, Index(16));
  EXPECT_EQ(opened->wal.last_index(), Index(20));
}

// Entries 2 to 4 were nobody's in the end; the snapshot was taken before another entry came after the new 2.
TEST(Wal, WhatASnapshotReplacesTakesItsOldFollowersAlong) {
  LogBench log(kSegmentBytes);
  log.save({entry(1, 1, "a"), entry(1, 2, "b"), entry(1, 3, "c"), entry(1, 4, "d")},
           state(1, 1, 1));
  log.save({entry(2, 2, "B")}, state(2, 2, 2));
  const walpb::Snapshot mark{.index = Index(2), .term = Term(2), .conf_state = {}};
  ASSERT_TRUE(log.wal.write_snapshot(log.disk, mark));
  log.sync();

  const auto opened = Wal::open(log.disk, kDir, mark, log.options);

  ASSERT_TRUE(opened.has_value()) << opened.error().detail;
  EXPECT_TRUE(opened->entries.empty());
  EXPECT_EQ(opened->wal.last_index(), Index(2));
}

// The leader's log went another way; a snapshot of one's own leaves what follows it alone.
TEST(Wal, ASnapshotFromTheLeaderReplacesTheWholeLog) {
  for (const std::uint64_t committed : {1U, 2U}) {
    LogBench log(kSegmentBytes);
    log.save({entry(1, 1, "a"), entry(1, 2, "b"), entry(1, 3, "c")}, state(1, 1, committed));
    const walpb::Snapshot mark{.index = Index(2), .term = Term(1), .conf_state = {}};
    ASSERT_TRUE(log.wal.write_snapshot(log.disk, mark));
    log.sync();

    const auto opened = Wal::open(log.disk, kDir, mark, log.options);

    ASSERT_TRUE(opened.has_value()) << opened.error().detail;
    EXPECT_EQ(opened->entries.empty(), committed == 1) << committed;
  }
}

TEST(Wal, ASnapshotMustBeKnownToTheLog) {
  LogBench log(kSegmentBytes);
  log.save({entry(1, 1, "a")}, state(1, 1, 1));
  ASSERT_TRUE(log.wal.write_snapshot(log.disk, {Index(1), Term(1), {}}));
  log.sync();

  EXPECT_EQ(Wal::open(log.disk, kDir, {Index(1), Term(2), {}}).error().detail,
            text("{}: offset 128: wal: snapshot mismatch: index 1 has term 1, not 2", kFirst));
  EXPECT_EQ(Wal::open(log.disk, kDir, {Index(2), Term(1), {}}).error().detail,
            "member/wal: wal: snapshot not found: no record of index 2 term 1");
}

TEST(Wal, AMissingSegmentIsNamed) {
  LogBench log(1);
  for (std::uint64_t i = 1; i <= 3; ++i) log.save({entry(1, i, "x")}, state(1, 1, i));
  const Names names = log.wal.locked();
  ASSERT_EQ(names.size(), 4U);
  ASSERT_TRUE(log.disk.remove(text("{}/{}", kDir, names[1])));

  EXPECT_EQ(
      log.reopen().error().detail,
      text("wal: file not found: member/wal has no segment between {} and {}", names[0], names[2]));
  EXPECT_EQ(Wal::open(log.disk, "nowhere", {}).error().code, Errc::Io);
}

TEST(Wal, ValidSnapshotsAreThoseUpToTheLastCommit) {
  LogBench log(kSegmentBytes);
  log.save({entry(1, 1, "a"), entry(1, 2, "b")}, state(1, 1, 1));
  for (std::uint64_t i = 1; i <= 2; ++i) {
    ASSERT_TRUE(log.wal.write_snapshot(log.disk, {Index(i), Term(1), {}}));
    log.sync();
  }

  EXPECT_EQ(*valid_snapshots(log.disk, kDir),
            (std::vector<walpb::Snapshot>{{}, {Index(1), Term(1), {}}}));
}

TEST(Wal, ReleasedSegmentsArePurgedButTheLastFive) {
  LogBench log(1);
  for (std::uint64_t i = 1; i <= 9; ++i) log.save({entry(1, i, "x")}, state(1, 1, i));
  const Names names = log.wal.locked();
  ASSERT_EQ(names.size(), 10U);
  EXPECT_EQ(log.wal.purge(log.disk), Names{});

  log.wal.release_to(Index(4));  // segment 2 begins with entry 3, segment 3 with entry 4
  EXPECT_EQ(log.wal.locked().front(), names[2]);
  EXPECT_EQ(log.wal.purge(log.disk), (Names{names[0], names[1]}));

  log.wal.release_to(Index(9));
  EXPECT_EQ(log.wal.purge(log.disk), (Names{names[2], names[3], names[4]}));
  EXPECT_EQ(log.disk.list(kDir).size(), 6U);
  log.wal.release_to(Index(100));
  EXPECT_EQ(log.wal.locked(), Names{names[9]});
}

TEST(Wal, NamesOfSegmentsAreReadStrictly) {
  EXPECT_EQ(segment_name(16, Index(255)), "0000000000000010-00000000000000ff.wal");
  EXPECT_EQ(*parse_segment_name("0000000000000010-00000000000000ff.wal"),
            (SegmentName{16, Index(255)}));
  for (const char* name :
       {"0.tmp", "0000000000000010-00000000000000ff.wal.broken", "",
        "000000000000001g-00000000000000ff.wal", "0000000000000010_00000000000000ff.wal"}) {
    EXPECT_FALSE(parse_segment_name(name).has_value()) << name;
  }
}

TEST(Wal, AFullDiskIsAnErrorOfTheWrite) {
  LogBench log(1000);
  log.disk.set_capacity(log.disk.used_bytes());

  const auto written =
      log.wal.write(log.disk, std::vector{entry(1, 1, Bytes(5000, 'x'))}, state(1, 1, 0));

  ASSERT_FALSE(written.has_value());
  EXPECT_EQ(written.error(), (Error{Errc::Io, text("write {}: no space left on device", kFirst)}));
}

TEST(Wal, TwoEqualHistoriesAreEqualValues) {
  LogBench a(500);
  LogBench b(500);
  for (std::uint64_t i = 1; i <= 9; ++i) {
    a.save({entry(1, i, "x")}, state(1, 1, i));
    b.save({entry(1, i, "x")}, state(1, 1, i));
  }
  EXPECT_EQ(a.wal, b.wal);
  EXPECT_EQ(digest_of(a.wal), digest_of(b.wal));
  a.save({}, state(1, 1, 10));
  EXPECT_NE(a.wal, b.wal);
  EXPECT_NE(digest_of(a.wal), digest_of(b.wal));
}

}  // namespace
}  // namespace orrery::wal
