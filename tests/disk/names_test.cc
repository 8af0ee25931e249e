// Directory changes: durable by sync_dir, or by the file's own fsync.
#include <gtest/gtest.h>

#include "disk/disk.h"

namespace orrery::disk {
namespace {

using Paths = std::vector<std::string>;

Paths after_crash(Disk disk, std::optional<std::uint32_t> names = {}) {
  disk.crash(Survivors{.writes = KeepNone{}, .files = {}, .names = names});
  return disk.paths();
}

TEST(Names, AnUnsyncedNameIsLost) {
  Disk disk;
  ASSERT_TRUE(disk.create("d/a"));

  EXPECT_TRUE(disk.exists("d/a"));
  EXPECT_TRUE(disk.exists("d"));
  EXPECT_EQ(disk.unsynced_names(), 1U);
  EXPECT_EQ(after_crash(disk), Paths{});
  EXPECT_EQ(after_crash(disk, 1), Paths{"d/a"});

  disk.sync_dir("d");
  EXPECT_EQ(after_crash(disk), Paths{"d/a"});
}

TEST(Names, AFilesFsyncMakesItsNameDurable) {
  Disk disk;
  ASSERT_TRUE(disk.create("d/a"));
  ASSERT_TRUE(disk.write("d/a", 0, "x"));
  ASSERT_TRUE(disk.create("d/b"));

  ASSERT_TRUE(disk.fsync("d/a"));

  EXPECT_EQ(after_crash(disk), Paths{"d/a"});
}

TEST(Names, ARenameReplacesAndIsUndoneUnlessSynced) {
  Disk disk;
  disk.install("d/db", "old");
  disk.install("d/db.tmp", "new");
  ASSERT_TRUE(disk.rename("d/db.tmp", "d/db"));
  EXPECT_EQ(*disk.read_all("d/db"), "new");

  Disk crashed = disk;
  crashed.crash(Survivors{});
  EXPECT_EQ(crashed.paths(), (Paths{"d/db", "d/db.tmp"}));
  EXPECT_EQ(*crashed.read_all("d/db"), "old");

  disk.sync_dir("d");
  disk.crash(Survivors{});
  EXPECT_EQ(disk.paths(), Paths{"d/db"});
  EXPECT_EQ(*disk.read_all("d/db"), "new");
}

TEST(Names, ADirectoryIsRenamedWhole) {
  Disk disk;
  ASSERT_TRUE(disk.create("m/wal.tmp/0.wal"));
  ASSERT_TRUE(disk.create("m/wal.tmp/1.wal"));
  ASSERT_TRUE(disk.rename("m/wal.tmp", "m/wal"));

  EXPECT_EQ(disk.list("m/wal"), (Paths{"0.wal", "1.wal"}));
  EXPECT_FALSE(disk.exists("m/wal.tmp"));
  EXPECT_EQ(after_crash(disk, 2), (Paths{"m/wal.tmp/0.wal", "m/wal.tmp/1.wal"}));
  EXPECT_EQ(after_crash(disk, 3), (Paths{"m/wal/0.wal", "m/wal/1.wal"}));

  disk.sync_dir("m");
  EXPECT_EQ(after_crash(disk), (Paths{"m/wal/0.wal", "m/wal/1.wal"}));
}

TEST(Names, ARemovedFileComesBackUnlessSynced) {
  Disk disk;
  disk.install("d/a", "kept");
  ASSERT_TRUE(disk.remove("d/a"));
  EXPECT_FALSE(disk.exists("d/a"));

  Disk crashed = disk;
  crashed.crash(Survivors{});
  EXPECT_EQ(*crashed.read_all("d/a"), "kept");

  disk.sync_dir("d");
  EXPECT_EQ(after_crash(disk), Paths{});
  EXPECT_EQ(disk.used_bytes(), 0U);
}

TEST(Names, AListNamesTheFilesDirectlyInADirectory) {
  Disk disk;
  for (const char* path : {"m/snap/db", "m/snap/a.snap", "m/snap.x", "m/wal/0", "m/snap/sub/z"}) {
    ASSERT_TRUE(disk.create(path));
  }

  EXPECT_EQ(disk.list("m/snap"), (Paths{"a.snap", "db"}));
  EXPECT_EQ(disk.list("m"), Paths{"snap.x"});
  EXPECT_EQ(disk.list("nowhere"), Paths{});
}

TEST(Names, MissingFilesAreErrorsWithOperationAndPath) {
  Disk disk;
  EXPECT_EQ(disk.read_all("x").error(), (Error{Errc::Io, "open x: no such file or directory"}));
  EXPECT_EQ(disk.write("x", 0, "y").error(),
            (Error{Errc::Io, "write x: no such file or directory"}));
  EXPECT_EQ(disk.fsync("x").error().detail, "fsync x: no such file or directory");
  EXPECT_EQ(disk.rename("x", "y").error().detail, "rename x: no such file or directory");
  EXPECT_EQ(disk.remove("x").error().detail, "remove x: no such file or directory");
  EXPECT_EQ(disk.truncate("x", 1).error().detail, "truncate x: no such file or directory");
  ASSERT_TRUE(disk.create("d/f"));
  EXPECT_EQ(disk.create("d").error().detail, "open d: is a directory");
}

TEST(Names, CreatingAFileThatExistsEmptiesIt) {
  Disk disk;
  disk.install("a", "bytes");
  ASSERT_TRUE(disk.create("a"));

  EXPECT_EQ(*disk.size("a"), 0U);
  disk.crash(Survivors{});
  EXPECT_EQ(*disk.read_all("a"), "bytes");
}

TEST(Names, ARemovedFileComesBackEvenWhenAnotherWasSyncedMeanwhile) {
  Disk disk;
  ASSERT_TRUE(disk.create("d/b"));
  ASSERT_TRUE(disk.write("d/b", 0, "kept"));
  ASSERT_TRUE(disk.fsync("d/b"));
  ASSERT_TRUE(disk.create("d/a"));
  ASSERT_TRUE(disk.remove("d/b"));

  ASSERT_TRUE(disk.fsync("d/a"));
  disk.crash(Survivors{});

  EXPECT_EQ(disk.read_all("d/b").value_or("gone"), "kept");
  EXPECT_TRUE(disk.exists("d/a"));
}

TEST(Names, SyncingEitherDirectoryMakesARenameBetweenThemDurable) {
  for (const char* dir : {"from", "to"}) {
    Disk disk;
    ASSERT_TRUE(disk.create("from/a"));
    ASSERT_TRUE(disk.fsync("from/a"));
    ASSERT_TRUE(disk.rename("from/a", "to/a"));

    disk.sync_dir(dir);
    disk.crash(Survivors{});

    EXPECT_TRUE(disk.exists("to/a")) << dir;
    EXPECT_FALSE(disk.exists("from/a")) << dir;
  }
}

}  // namespace
}  // namespace orrery::disk
