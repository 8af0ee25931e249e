// Host files: whole or not at all.
#include "host/files.h"

#include <cstdlib>
#include <filesystem>
#include <string>
#include <sys/stat.h>

#include <gtest/gtest.h>

namespace orrery::host {
namespace {

class Folder {
 public:
  Folder() {
    std::string name = testing::TempDir() + "orrery-XXXXXX";
    path_ = ::mkdtemp(name.data());
  }
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;

  ~Folder() { std::filesystem::remove_all(path_); }

  std::string file(const std::string& name) const { return path_ + "/" + name; }

  std::size_t count() const {
    std::size_t count = 0;
    for ([[maybe_unused]] const auto& one : std::filesystem::directory_iterator(path_)) ++count;
    return count;
  }

 private:
  std::string path_;
};

TEST(Files, WhatIsWrittenIsRead) {
  const Folder folder;
  const std::string path = folder.file("a");
  const std::string bytes = std::string(200'000, 'x') + std::string("\0\r\n", 3);

  ASSERT_TRUE(write_file(path, bytes));
  ASSERT_TRUE(write_file(path, bytes + "more"));

  EXPECT_EQ(read_file(path), bytes + "more");
  EXPECT_EQ(folder.count(), 1U);
}

TEST(Files, AnErrorNamesThePathAndTheReason) {
  const Folder folder;
  const auto missing = read_file(folder.file("missing"));
  const auto unwritable = write_file(folder.file("no/such/folder"), "x");

  ASSERT_FALSE(missing);
  EXPECT_EQ(missing.error().detail,
            folder.file("missing") + ": cannot read: No such file or directory");
  ASSERT_FALSE(unwritable);
  EXPECT_EQ(unwritable.error().code, Errc::Io);
  EXPECT_FALSE(read_file(folder.file("")));
}

TEST(Files, AFailedWriteLeavesTheOldFileAlone) {
  const Folder folder;
  const std::string path = folder.file("a");
  ASSERT_TRUE(write_file(path, "old"));
  std::filesystem::create_directory(folder.file("b"));

  const auto onto_folder = write_file(folder.file("b"), "new");

  EXPECT_FALSE(onto_folder);
  EXPECT_EQ(read_file(path), "old");
  EXPECT_EQ(folder.count(), 2U);
}

TEST(Files, ARewriteKeepsTheRights) {
  const Folder folder;
  const std::string path = folder.file("a");
  ASSERT_TRUE(write_file(path, "old"));
  ASSERT_EQ(::chmod(path.c_str(), 0640), 0);

  ASSERT_TRUE(write_file(path, "new"));

  struct stat facts = {};
  ASSERT_EQ(::stat(path.c_str(), &facts), 0);
  EXPECT_EQ(facts.st_mode & 0777U, 0640U);
}

TEST(Files, AFolderIsWhatStandsBeforeTheLastSlash) {
  EXPECT_EQ(folder_of("a/b/c"), "a/b/");
  EXPECT_EQ(folder_of("c"), "");
}

}  // namespace
}  // namespace orrery::host
