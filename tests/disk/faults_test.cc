// Full disk, failing fsync, bits that turn over, writes that go astray.
#include <gtest/gtest.h>

#include "disk/disk.h"

namespace orrery::disk {
namespace {

TEST(Faults, AFullDiskRefusesWhatNeedsRoom) {
  Disk disk;
  disk.install("a", Bytes(4096, 'a'));
  disk.set_capacity(2 * 4096);

  ASSERT_TRUE(disk.append("a", "more"));
  EXPECT_EQ(disk.used_bytes(), 8192U);
  EXPECT_EQ(disk.append("a", Bytes(4093, 'b')).error(),
            (Error{Errc::Io, "write a: no space left on device"}));
  EXPECT_EQ(disk.preallocate("a", 64'000'000).error().code, Errc::Io);
  EXPECT_EQ(*disk.size("a"), 4100U);

  ASSERT_TRUE(disk.write("a", 0, "overwriting needs no room"));
  disk.set_capacity({});
  EXPECT_TRUE(disk.append("a", Bytes(4093, 'b')));
}

TEST(Faults, AFailedFsyncSavesNothingAndIsTold) {
  Disk disk;
  disk.install("a", "old");
  ASSERT_TRUE(disk.write("a", 0, "new"));
  disk.fail_fsyncs("a", 1);

  EXPECT_EQ(disk.fsync("a").error(), (Error{Errc::Io, "fsync a: input/output error"}));
  Disk crashed = disk;
  crashed.crash(Survivors{});
  EXPECT_EQ(*crashed.read_all("a"), "old");

  EXPECT_TRUE(disk.fsync("a"));
  disk.crash(Survivors{});
  EXPECT_EQ(*disk.read_all("a"), "new");
}

TEST(Faults, AFlippedBitIsOnTheMediumAndInNoPendingWrite) {
  Disk disk;
  disk.install("a", "abc");
  ASSERT_TRUE(disk.write("a", 2, "C"));

  ASSERT_TRUE(disk.flip_bit("a", 1, 0));

  EXPECT_EQ(*disk.read_all("a"), "acC");
  EXPECT_EQ(disk.flip_bit("a", 3, 0).error().code, Errc::OutOfRange);
  disk.crash(Survivors{});
  EXPECT_EQ(*disk.read_all("a"), "acc");
}

TEST(Faults, AMisdirectedWriteShowsOnlyAfterARestart) {
  Disk disk;
  disk.install("a", Bytes(3 * 4096, '.'));
  disk.misdirect_next_write("a", 1);
  ASSERT_TRUE(disk.write_block("a", 0, Blob(Bytes(4096, 'x'))));
  ASSERT_TRUE(disk.write_block("a", 2, Blob(Bytes(4096, 'y'))));
  ASSERT_TRUE(disk.fsync("a"));

  EXPECT_EQ(*disk.read("a", 0, 1), "x");
  EXPECT_EQ(*disk.read("a", 4096, 1), ".");
  ASSERT_TRUE(disk.write("a", 1, "z"));
  ASSERT_TRUE(disk.fsync("a"));
  EXPECT_EQ(*disk.read("a", 0, 2), "xz");

  disk.crash(Survivors{});
  EXPECT_EQ(*disk.read("a", 0, 3), ".z.");
  EXPECT_EQ(*disk.read("a", 4096, 1), "x");
  EXPECT_EQ(*disk.read("a", 8192, 1), "y");
}

}  // namespace
}  // namespace orrery::disk
