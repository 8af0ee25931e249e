// What a crash leaves of one file.
#include <gtest/gtest.h>

#include "disk/disk.h"

namespace orrery::disk {
namespace {

constexpr const char* kPath = "member/wal/f";

Disk with_file(BytesView durable) {
  Disk disk;
  disk.install(kPath, durable);
  return disk;
}

Bytes after(Disk disk, const Keep& keep) {
  disk.crash(Survivors{.writes = keep, .files = {}, .names = {}});
  return *disk.read_all(kPath);
}

TEST(Crash, SyncedBytesSurviveAndUnsyncedOnesAsTold) {
  Disk disk = with_file("old");
  ASSERT_TRUE(disk.write(kPath, 0, "new and longer"));

  EXPECT_EQ(*disk.read_all(kPath), "new and longer");
  EXPECT_EQ(after(disk, KeepNone{}), "old");
  EXPECT_EQ(after(disk, KeepAll{}), "new and longer");

  ASSERT_TRUE(disk.fsync(kPath));
  EXPECT_EQ(after(disk, KeepNone{}), "new and longer");
}

TEST(Crash, AWriteIsTornAtSectorBorders) {
  Disk disk = with_file("");
  ASSERT_TRUE(disk.write(kPath, 500, Bytes(1000, 'x')));  // sectors 0, 1, 2

  ASSERT_EQ(disk.unsynced(), (std::vector<std::pair<std::string, std::uint32_t>>{{kPath, 3}}));
  EXPECT_EQ(after(disk, KeepTorn{0}), "");
  EXPECT_EQ(after(disk, KeepTorn{1}), Bytes(500, '\0') + Bytes(12, 'x'));
  EXPECT_EQ(after(disk, KeepTorn{2}), Bytes(500, '\0') + Bytes(524, 'x'));
  EXPECT_EQ(after(disk, KeepTorn{3}), Bytes(500, '\0') + Bytes(1000, 'x'));
  EXPECT_EQ(after(disk, KeepChosen{{0, 2}}),
            Bytes(500, '\0') + Bytes(12, 'x') + Bytes(512, '\0') + Bytes(476, 'x'));
}

TEST(Crash, PiecesCountOnThroughWritesAndResizes) {
  Disk disk = with_file("abcdef");
  ASSERT_TRUE(disk.write(kPath, 0, "A"));      // piece 0
  ASSERT_TRUE(disk.truncate(kPath, 3));        // piece 1
  ASSERT_TRUE(disk.write(kPath, 1, "B"));      // piece 2
  ASSERT_TRUE(disk.preallocate(kPath, 1000));  // piece 3

  EXPECT_EQ(disk.unsynced()[0].second, 4U);
  EXPECT_EQ(after(disk, KeepTorn{1}), "Abcdef");
  EXPECT_EQ(after(disk, KeepTorn{2}), "Abc");
  EXPECT_EQ(after(disk, KeepTorn{3}), "ABc");
  EXPECT_EQ(after(disk, KeepAll{}), "ABc" + Bytes(997, '\0'));
  EXPECT_EQ(after(disk, KeepChosen{{2}}), "aBcdef");
}

TEST(Crash, EachFileMayHaveItsOwnFate) {
  Disk disk;
  disk.install("a", "1");
  disk.install("b", "1");
  ASSERT_TRUE(disk.write("a", 0, "2"));
  ASSERT_TRUE(disk.write("b", 0, "2"));

  disk.crash(Survivors{.writes = KeepNone{}, .files = {{"b", KeepAll{}}}, .names = {}});

  EXPECT_EQ(*disk.read_all("a"), "1");
  EXPECT_EQ(*disk.read_all("b"), "2");
  EXPECT_TRUE(disk.unsynced().empty());
}

TEST(Crash, AppendsBetweenTwoFsyncsAreFoldedIntoBlocks) {
  Disk disk = with_file("");
  Bytes all;
  for (int i = 0; i < 100; ++i) {
    const Bytes part(static_cast<std::size_t>(i * 7 % 300), static_cast<char>('a' + i % 26));
    ASSERT_TRUE(disk.append(kPath, part));
    all += part;
  }
  EXPECT_EQ(*disk.read_all(kPath), all);

  ASSERT_TRUE(disk.fsync(kPath));

  EXPECT_TRUE(disk.find_file(kPath)->synced());
  EXPECT_EQ(after(disk, KeepNone{}), all);
  EXPECT_EQ(disk.block(kPath, 1)->view(), all.substr(4096, 4096));
}

TEST(Crash, ACopyOfADiskIsAWorldOfItsOwn) {
  Disk disk = with_file("one");
  const Disk before = disk;

  ASSERT_TRUE(disk.write(kPath, 0, "two"));
  EXPECT_NE(disk, before);
  EXPECT_NE(digest_of(disk), digest_of(before));
  EXPECT_EQ(*before.read_all(kPath), "one");

  disk.crash(Survivors{});
  EXPECT_EQ(disk, before);
  EXPECT_EQ(digest_of(disk), digest_of(before));
}

}  // namespace
}  // namespace orrery::disk
