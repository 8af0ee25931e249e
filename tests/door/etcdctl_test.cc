// A stock etcdctl against `orrery serve`: the recorded conversations.
#include <csignal>
#include <filesystem>
#include <string>
#include <unistd.h>

#include <gtest/gtest.h>

#include "source_dir.h"
#include "tests/door/with_etcdctl.h"

namespace orrery::door {
namespace {

using testing::etcdctl;
using testing::Output;
using testing::Scratch;
using testing::Serving;
using testing::shell;

const std::string kCases = std::string(ORRERY_SOURCE_DIR) + "/../shared/etcdctl-cases";

class Etcdctl : public testing::WithEtcdctl {
 protected:
  void SetUp() override {
    WithEtcdctl::SetUp();
    if (IsSkipped()) return;
    if (!std::filesystem::exists(kCases)) GTEST_SKIP() << "no recorded conversations at " << kCases;
  }

  static Output cases(const Serving& serving) {
    return shell("python3 '" + kCases + "/run.py' -q --etcdctl '" + etcdctl() + "' --endpoints " +
                 serving.endpoints() + " '" + kCases + "/give'");
  }
};

TEST_F(Etcdctl, HearsFromOneMemberWhatEtcdSays) {
  Serving serving("--as v3.4.23 --listen-client-port 0");

  const Output ran = cases(serving);

  EXPECT_EQ(ran.status, 0) << ran.words;
  EXPECT_NE(ran.words.find("30 passed, 0 failed"), std::string::npos) << ran.words;
  EXPECT_EQ(serving.end(), 0);
}

TEST_F(Etcdctl, HearsFromThreeMembersWhatEtcdSaysAndTheSessionPlaysAgain) {
  const std::string file =
      (std::filesystem::temp_directory_path() / ("door-" + std::to_string(::getpid()))).string() +
      ".orrery";
  Serving serving("--as v3.4.23 --members 3 --listen-client-port 0,0,0", file);

  const Output ran = cases(serving);

  EXPECT_EQ(ran.status, 0) << ran.words;
  EXPECT_NE(ran.words.find("30 passed, 0 failed"), std::string::npos) << ran.words;
  EXPECT_EQ(serving.end(), 0);
  const Output replayed = shell(std::string("'") + ORRERY_PROGRAM + "' replay '" + file + "'");
  EXPECT_EQ(replayed.status, 0) << replayed.words;
  std::filesystem::remove(file);
}

TEST_F(Etcdctl, WhatWasAcknowledgedIsThereAfterAKillAndARestart) {
  const Scratch folder;
  const std::string arguments =
      "--as v3.4.23 --listen-client-port 0 --data-dir '" + folder.path() + "'";
  {
    Serving serving(arguments);
    EXPECT_EQ(ctl(serving, "put a 1").words, "OK\n");
    EXPECT_EQ(ctl(serving, "put b 2").words, "OK\n");
    EXPECT_NE(ctl(serving, "lease grant 600").words.find("granted"), std::string::npos);
    (void)serving.end(SIGKILL);
  }

  Serving again(arguments);

  EXPECT_EQ(ctl(again, "get --prefix ''").words, "a\n1\nb\n2\n");
  EXPECT_NE(ctl(again, "lease list").words.find("found 1 leases"), std::string::npos);
  EXPECT_NE(ctl(again, "lease grant 600").words.find("granted"), std::string::npos);
  EXPECT_NE(ctl(again, "member list").words.find(again.endpoints()), std::string::npos);
  EXPECT_EQ(ctl(again, "put a 3").words, "OK\n");
}

TEST_F(Etcdctl, AStockEtcdGoesOnFromTheDataDirectory) {
  const Scratch folder;
  Serving serving("--as v3.4.23 --listen-client-port 0 --data-dir '" + folder.path() + "'");
  EXPECT_EQ(ctl(serving, "put a 1").words, "OK\n");
  const std::string endpoint = serving.endpoints();
  EXPECT_EQ(serving.end(), 0);

  const Output stock = shell(
      "'" + std::string(ORRERY_STOCK_FOLDER) + "/usr/bin/etcd' --name n1 --data-dir '" +
      folder.path() + "' --listen-client-urls http://" + endpoint +
      " --advertise-client-urls http://" + endpoint +
      " --listen-peer-urls http://127.0.0.1:0 >/dev/null 2>&1 & pid=$!; "
      "for i in 1 2 3 4 5 6 7 8 9 10; do sleep 0.5; ETCDCTL_API=3 '" +
      etcdctl() + "' --endpoints " + endpoint + " get a 2>/dev/null && break; done; kill $pid");

  EXPECT_NE(stock.words.find("a\n1\n"), std::string::npos) << stock.words;
}

Output monitor_once(const std::string& endpoints) {
  return shell(std::string("'") + ORRERY_PROGRAM + "' monitor --once --endpoints " + endpoints);
}

TEST_F(Etcdctl, TheMonitorTellsMembersThatAgreeFromOthers) {
  Serving three("--members 3 --listen-client-port 0,0,0");
  Serving other("--listen-client-port 0");
  EXPECT_EQ(ctl(three, "put a 1").words, "OK\n");
  EXPECT_EQ(ctl(other, "put a 2").words, "OK\n");

  const Output agree = monitor_once(three.endpoints());
  EXPECT_EQ(agree.status, 0) << agree.words;
  const Output differ = monitor_once(three.endpoints() + "," + other.endpoints());
  EXPECT_EQ(differ.status, 1) << differ.words;
  EXPECT_NE(differ.words.find("DIFFER at revision 2"), std::string::npos) << differ.words;
  EXPECT_EQ(monitor_once("127.0.0.1:1").status, 2);
}

TEST(ProgramEtcd, SeveralNamesInOneProcessAreRefused) {
  const Output ran = shell(std::string("'") + ORRERY_PROGRAM +
                           "' etcd --initial-cluster a=http://127.0.0.1:1,b=http://127.0.0.1:2");
  EXPECT_EQ(ran.status, 2);
  EXPECT_NE(ran.words.find("--members 2"), std::string::npos) << ran.words;
}

TEST(ProgramEtcd, AnAddressForOthersIsRefusedUnlessItIsMeant) {
  for (const char* command :
       {"etcd --listen-client-urls http://0.0.0.0:0", "serve --listen-host 0.0.0.0"}) {
    const Output ran = shell(std::string("'") + ORRERY_PROGRAM + "' " + command);
    EXPECT_EQ(ran.status, 2) << command;
    EXPECT_NE(ran.words.find("--listen-any"), std::string::npos) << ran.words;
  }
}

TEST(ProgramEtcd, UnderItsNameItSaysWhatTestSuitesWaitFor) {
  const Scratch folder;
  std::filesystem::create_directories(folder.path());
  std::filesystem::create_symlink(ORRERY_PROGRAM, folder.path() + "/etcd");

  const Output ran =
      shell("cd '" + folder.path() +
            "' && ETCD_NAME=one ETCD_DATA_DIR=data ORRERY_AS=v3.4.23 timeout -s TERM 3 "
            "./etcd -listen-client-urls http://127.0.0.1:0 "
            "--advertise-client-urls=http://127.0.0.1:1234");

  for (const char* line :
       {"etcdserver: published {Name:one ClientURLs:[http://127.0.0.1:1234]} to cluster",
        "embed: ready to serve client requests", "enabled capabilities for version 3.4",
        "received terminated signal"}) {
    EXPECT_NE(ran.words.find(line), std::string::npos) << line << " in\n" << ran.words;
  }
  EXPECT_TRUE(std::filesystem::exists(folder.path() + "/data/member/snap/db"));
}

}  // namespace
}  // namespace orrery::door
