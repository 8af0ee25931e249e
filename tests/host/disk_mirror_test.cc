// A folder that follows a simulated disk.
#include "host/disk_mirror.h"

#include <filesystem>

#include <gtest/gtest.h>

#include "base/draws.h"
#include "disk/survivors.h"
#include "host/data_dir.h"

namespace orrery::host {
namespace {

class MirrorFolder {
 public:
  explicit MirrorFolder(const std::string& name)
      : path_(testing::TempDir() + "mirror-" + name + "-" + std::to_string(::getpid())) {
    std::filesystem::remove_all(path_);
  }
  MirrorFolder(const MirrorFolder&) = delete;
  MirrorFolder& operator=(const MirrorFolder&) = delete;
  ~MirrorFolder() { std::filesystem::remove_all(path_); }

  const std::string& path() const { return path_; }

 private:
  std::string path_;
};

// What a crash would leave of the disk, as "path: bytes" lines.
std::string after_a_crash(disk::Disk disk) {
  disk.crash({});
  std::string out;
  for (const std::string& path : disk.paths()) {
    out += path + ": " + disk.read_all(path).value_or("unreadable") + "\n";
  }
  return out;
}

std::string found_in(const std::string& folder) {
  const auto disk = read_data_dir(folder);
  return disk ? after_a_crash(*disk) : disk.error().detail;
}

Result<void> follow(DiskMirror& mirror, const disk::Disk& disk) {
  SyncCrew crew;
  const auto written = mirror.follow(disk, crew);
  return written ? crew.finish() : written;
}

TEST(DiskMirror, OnlyWhatIsSyncedReachesTheHost) {
  const MirrorFolder folder("synced");
  const auto mirror = DiskMirror::open(folder.path());
  ASSERT_TRUE(mirror) << mirror.error().detail;
  disk::Disk disk;
  ASSERT_TRUE(disk.create("member/snap/db"));
  ASSERT_TRUE(disk.write("member/snap/db", 0, "first"));
  ASSERT_TRUE(follow(**mirror, disk));
  EXPECT_FALSE((*mirror)->has_member());

  ASSERT_TRUE(disk.fsync("member/snap/db"));
  ASSERT_TRUE(follow(**mirror, disk));
  ASSERT_TRUE(disk.write("member/snap/db", 0, "later"));
  ASSERT_TRUE(follow(**mirror, disk));

  EXPECT_TRUE((*mirror)->has_member());
  EXPECT_EQ(found_in(folder.path()), "member/snap/db: first\n");
}

TEST(DiskMirror, AFileThatIsReplacedIsTheNewOne) {
  const MirrorFolder folder("replaced");
  const auto mirror = DiskMirror::open(folder.path());
  ASSERT_TRUE(mirror);
  disk::Disk disk;
  for (const char* path : {"member/snap/db", "member/snap/db.tmp"}) {
    ASSERT_TRUE(disk.create(path));
    ASSERT_TRUE(disk.write(path, 0, path));
    ASSERT_TRUE(disk.fsync(path));
    ASSERT_TRUE(follow(**mirror, disk));
  }

  ASSERT_TRUE(disk.rename("member/snap/db.tmp", "member/snap/db"));
  disk.sync_dir("member/snap");
  ASSERT_TRUE(follow(**mirror, disk));

  EXPECT_EQ(found_in(folder.path()), "member/snap/db: member/snap/db.tmp\n");
}

TEST(DiskMirror, ASecondProcessIsKeptOut) {
  const MirrorFolder folder("locked");
  const auto first = DiskMirror::open(folder.path());
  ASSERT_TRUE(first);

  const auto second = DiskMirror::open(folder.path());

  ASSERT_FALSE(second);
  EXPECT_NE(second.error().detail.find("another process"), std::string::npos);
}

// Random work on a few files: the folder is always what a crash would leave.
class Work {
 public:
  explicit Work(std::uint64_t seed) : seed_(seed) {}

  void one_deed(disk::Disk& disk) {
    const std::string path = "member/wal/" + std::to_string(number(4));
    const std::string other = "member/snap/" + std::to_string(number(4));
    switch (number(9)) {
      case 0: (void)disk.create(path); break;
      case 1:
      case 2:
        (void)disk.write(path, number(9'000), std::string(number(6'000) + 1, letter()));
        break;
      case 3: (void)disk.truncate(path, number(12'000)); break;
      case 4:
      case 5: (void)disk.fsync(path); break;
      case 6: (void)disk.rename(path, other); break;
      case 7: (void)disk.remove(other); break;
      default: disk.sync_dir(number(2) == 0 ? "member/wal" : "member/snap");
    }
  }

 private:
  std::uint64_t number(std::uint64_t limit) {
    return below(draw(seed_, Purpose::Schedule, std::uint64_t{1}, count_++), limit);
  }

  char letter() { return static_cast<char>('a' + number(26)); }

  std::uint64_t seed_;
  std::uint64_t count_ = 0;
};

TEST(DiskMirror, RandomWorkIsFollowed) {
  for (std::uint64_t seed = 1; seed <= 6; ++seed) {
    SCOPED_TRACE(seed);
    const MirrorFolder folder("random");
    const auto mirror = DiskMirror::open(folder.path());
    ASSERT_TRUE(mirror);
    disk::Disk disk;
    Work work(seed);
    for (int i = 0; i < 300; ++i) {
      work.one_deed(disk);
      const auto followed = follow(**mirror, disk);
      ASSERT_TRUE(followed) << followed.error().detail;
      if (i % 10 != 0 || !(*mirror)->has_member()) continue;
      ASSERT_EQ(found_in(folder.path()), after_a_crash(disk)) << "after deed " << i;
    }
  }
}

}  // namespace
}  // namespace orrery::host
