// Several files synced at once.
#include "host/sync_crew.h"

#include <array>
#include <cstdio>
#include <unistd.h>

#include <gtest/gtest.h>

namespace orrery::host {
namespace {

using File = std::shared_ptr<const Descriptor>;

File temporary_file() {
  std::string name = testing::TempDir() + "crew-XXXXXX";
  const int number = ::mkstemp(name.data());
  ::unlink(name.c_str());
  return std::make_shared<const Descriptor>(number);
}

// One that no system can sync.
File pipe_end() {
  std::array<int, 2> ends{};
  if (::pipe(ends.data()) != 0) return nullptr;
  ::close(ends[0]);
  return std::make_shared<const Descriptor>(ends[1]);
}

TEST(SyncCrew, IsReadyForTheNextRoundWhenAllAreSynced) {
  SyncCrew crew;
  for (std::size_t round = 0; round < 200; ++round) {
    for (std::size_t i = 0; i < round % 12; ++i) crew.add(temporary_file(), "a file");
    ASSERT_TRUE(crew.finish());
    ASSERT_TRUE(crew.empty());
  }
}

TEST(SyncCrew, NamesTheFileThatCouldNotBeSynced) {
  SyncCrew crew;
  crew.add(temporary_file(), "a/file");
  crew.add(pipe_end(), "the/pipe");
  crew.add(temporary_file(), "another/file");

  const auto done = crew.finish();

  ASSERT_FALSE(done);
  EXPECT_EQ(done.error().code, Errc::Io);
  EXPECT_NE(done.error().detail.find("the/pipe: cannot sync: "), std::string::npos);
  crew.add(temporary_file(), "a/file");
  EXPECT_TRUE(crew.finish()) << "the failure was told";
}

TEST(SyncCrew, LetsGoOfAFileThatItHasSynced) {
  SyncCrew crew;
  const File file = temporary_file();
  crew.add(file, "a/file");
  crew.add(file, "a/file");
  EXPECT_EQ(file.use_count(), 2) << "it waits once";

  ASSERT_TRUE(crew.finish());

  EXPECT_EQ(file.use_count(), 1);
}

}  // namespace
}  // namespace orrery::host
