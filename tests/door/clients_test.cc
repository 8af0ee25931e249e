// Clients of others' making, unchanged, against `orrery etcd` in the place of etcd.
#include <filesystem>
#include <string>

#include <gtest/gtest.h>

#include "tests/door/programs.h"

namespace orrery::door {
namespace {

using testing::Output;
using testing::Scratch;
using testing::Serving;
using testing::shell;

const std::string kHere = std::string(ORRERY_SOURCE_DIR) + "/tests/door/";

class Etcd3OfNpm : public ::testing::Test {
 protected:
  void SetUp() override {
    const Output fetched = shell("'" + kHere + "npm/fetch' '" + ORRERY_NPM_FOLDER + "'");
    if (fetched.status != 0) GTEST_SKIP() << fetched.words;
    std::filesystem::create_directories(folder_.path());
  }

  Output play(const std::string& scenario) const {
    return shell(std::string("NODE_PATH='") + ORRERY_NPM_FOLDER +
                 "/node_modules' timeout 120 node '" + kHere + "npm/etcd3.js' '" + ORRERY_PROGRAM +
                 "' '" + folder_.path() + "' " + scenario);
  }

  Scratch folder_;
};

TEST_F(Etcd3OfNpm, PutsGetsAndMakesTransactions) {
  const Output ran = play("kv");
  EXPECT_EQ(ran.status, 0) << ran.words;
}

TEST_F(Etcd3OfNpm, AWatcherHearsEveryEventOnceThoughTheProcessIsKilledThreeTimes) {
  const Output ran = play("watch");
  EXPECT_EQ(ran.status, 0) << ran.words;
}

TEST_F(Etcd3OfNpm, LeasesAreKeptAliveExpireAndAreTakenBack) {
  const Output ran = play("lease");
  EXPECT_EQ(ran.status, 0) << ran.words;
}

TEST_F(Etcd3OfNpm, LocksExclude) {
  const Output ran = play("lock");
  EXPECT_EQ(ran.status, 0) << ran.words;
}

TEST_F(Etcd3OfNpm, ElectionsAreWonObservedAndResigned) {
  const Output ran = play("election");
  EXPECT_EQ(ran.status, 0) << ran.words;
}

TEST_F(Etcd3OfNpm, UsersLogIn) {
  const Output ran = play("auth");
  EXPECT_EQ(ran.status, 0) << ran.words;
}

TEST(Etcd3OfPython, DoesWhatItsUsersDo) {
  if (shell("/usr/bin/python3 -c 'import etcd3'").status != 0) {
    GTEST_SKIP() << "python3-etcd3 is not installed";
  }
  const Serving serving("--as v3.4.23 --listen-client-port 0");

  const Output ran =
      shell("timeout 60 /usr/bin/python3 '" + kHere + "with_etcd3.py' " + serving.endpoints());

  EXPECT_EQ(ran.status, 0) << ran.words;
}

}  // namespace
}  // namespace orrery::door
