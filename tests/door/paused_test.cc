// A paused world: a stock etcdctl hangs until somebody has cranked its messages through.
#include <cstdlib>
#include <string>

#include <gtest/gtest.h>

#include "tests/door/with_etcdctl.h"

namespace orrery::door {
namespace {

using testing::Background;
using testing::Output;
using testing::Scratch;
using testing::shell;
using testing::Terminal;

std::string serve(const std::string& arguments) {
  return std::string("'") + ORRERY_PROGRAM + "' serve --paused " + arguments;
}

class Paused : public testing::WithEtcdctl {
 protected:
  // etcdctl against the console's endpoints.
  static std::string ctl(const std::string& endpoints, const std::string& arguments) {
    return command(endpoints) + arguments;
  }

  static std::string endpoints_of(Terminal& console) {
    EXPECT_TRUE(console.shows("ETCDCTL_ENDPOINTS=")) << console.shown();
    return console.rest_of_line();
  }
};

constexpr int kMostSteps = 500;
constexpr int kEndMillis = 20'000;  // units: milliseconds

TEST_F(Paused, ACallHangsUntilItsMessagesAreCrankedByHand) {
  const Scratch folder;
  std::filesystem::create_directories(folder.path());
  const std::string file = folder.path() + "/paused.orrery";
  Terminal console(serve("--members 3 --listen-client-port 0,0,0 --record '" + file + "'"));
  const std::string endpoints = endpoints_of(console);

  Background put(ctl(endpoints, "--command-timeout=10m put hello world1"));
  ASSERT_TRUE(console.shows("put \"hello\" \"world1\"")) << console.shown();
  EXPECT_FALSE(put.has_ended(500));
  int steps = 0;
  const auto is_answered = [&] {
    return console.shown().find("has its answer, revision 2") != std::string::npos;
  };
  while (steps < kMostSteps && !is_answered()) {
    EXPECT_FALSE(put.has_ended());
    console.type("step");
    ASSERT_TRUE(console.shows("step\r\n")) << console.shown();
    ASSERT_TRUE(console.shows("> ")) << console.shown();
    ++steps;
  }

  // A put takes a proposal, a write to the log on two members, two messages between them, and an apply.
  EXPECT_GT(steps, 10);
  EXPECT_LT(steps, kMostSteps);
  EXPECT_TRUE(put.has_ended(kEndMillis));
  EXPECT_EQ(put.end().words, "OK\n");
  console.type("get hello");
  EXPECT_TRUE(console.shows("world1")) << console.shown();
  console.type("quit");
  EXPECT_EQ(console.end(), 0) << console.shown();
  const Output replayed = shell(std::string("'") + ORRERY_PROGRAM + "' replay '" + file + "'");
  EXPECT_EQ(replayed.status, 0) << replayed.words;
}

TEST_F(Paused, AnEndedCallAndALateOneAreActionsToo) {
  Terminal console(serve("--listen-client-port 0"));
  const std::string endpoints = endpoints_of(console);

  const Output late = shell(ctl(endpoints, "--command-timeout=1s put a 1"));

  EXPECT_NE(late.words.find("context deadline exceeded"), std::string::npos) << late.words;
  EXPECT_TRUE(console.shows("put \"a\" \"1\"")) << console.shown();
  EXPECT_TRUE(console.shows("waits no longer")) << console.shown();
  // Nobody waits any more, and still it happens.
  console.type("settle");
  console.type("get a");
  EXPECT_TRUE(console.shows("a\r\n1\r\n")) << console.shown();
}

TEST_F(Paused, WhoLooksAtThePastDisturbsNobody) {
  Terminal console(serve("--listen-client-port 0"));
  const std::string endpoints = endpoints_of(console);
  Background first(ctl(endpoints, "--command-timeout=10m put a 1"));
  ASSERT_TRUE(console.shows("put \"a\" \"1\"")) << console.shown();
  console.type("settle");
  ASSERT_TRUE(console.shows("has its answer")) << console.shown();
  EXPECT_EQ(first.end().words, "OK\n");

  console.type("back 3");
  Background second(ctl(endpoints, "--command-timeout=10m put b 2"));
  ASSERT_TRUE(console.shows("put \"b\" \"2\"")) << console.shown();
  // Here a branch begins; the caller is a ghost on it, and hears nothing from it.
  console.type("settle");
  ASSERT_TRUE(console.shows("a new branch")) << console.shown();
  EXPECT_FALSE(second.has_ended(300));

  console.type("switch main");
  console.type("settle");
  EXPECT_TRUE(console.shows("has its answer, revision 3")) << console.shown();
  EXPECT_EQ(second.end().words, "OK\n");
}

TEST_F(Paused, TheDoorMovesAndWhoeverWaitedIsSentAway) {
  Terminal console(serve("--listen-client-port 0"));
  const std::string endpoints = endpoints_of(console);
  // A write is not tried again by clientv3.
  Background put(ctl(endpoints, "--command-timeout=10m put a 1"));
  ASSERT_TRUE(console.shows("put \"a\" \"1\"")) << console.shown();

  console.type("branch other");
  console.type("door here");

  ASSERT_TRUE(console.shows("whoever waited was sent away")) << console.shown();
  const Output sent = put.end();
  EXPECT_NE(sent.status, 0);
  EXPECT_NE(sent.words.find("the door was moved"), std::string::npos) << sent.words;
  Background again(ctl(endpoints, "--command-timeout=10m put a 2"));
  ASSERT_TRUE(console.shows("put \"a\" \"2\"")) << console.shown();
  console.type("settle");
  EXPECT_EQ(again.end().words, "OK\n");
}

TEST_F(Paused, WhereAMemberIsDownNobodyListens) {
  Terminal console(serve("--members 3 --listen-client-port 0,0,0"));
  const std::string endpoints = endpoints_of(console);
  const std::string first = endpoints.substr(0, endpoints.find(','));
  Background put(ctl(first, "--command-timeout=10m put a 1"));
  ASSERT_TRUE(console.shows("put \"a\" \"1\"")) << console.shown();

  console.type("crash n1");
  const Output lost = put.end();
  EXPECT_NE(lost.status, 0) << lost.words;
  const std::string port = first.substr(first.find(':') + 1);
  const Output refused = shell(
      "python3 -c 'import socket; s = socket.socket(); "
      "print(s.connect_ex((\"127.0.0.1\", " +
      port + ")))'");
  EXPECT_EQ(refused.words, std::to_string(ECONNREFUSED) + "\n");

  console.type("restart n1");
  console.type("settle");
  ASSERT_TRUE(console.shows("settle\r\n")) << console.shown();
  Background again(ctl(first, "--command-timeout=10m put a 2"));
  ASSERT_TRUE(console.shows("put \"a\" \"2\"")) << console.shown();
  console.type("settle");
  EXPECT_EQ(again.end().words, "OK\n");
}

TEST_F(Paused, AStreamThatWantsALeaderEndsWhenThereIsNone) {
  Terminal console(serve("--as v3.4.23 --members 3 --listen-client-port 0,0,0"));
  const std::string endpoints = endpoints_of(console);
  const std::string first = endpoints.substr(0, endpoints.find(','));
  // etcdctl asks for a leader.
  Background watch(ctl(first, "watch a"));
  ASSERT_TRUE(console.shows("watch \"a\"")) << console.shown();
  console.type("settle");

  console.type("crash n2");
  console.type("crash n3");
  for (int second = 0; second < 12 && !watch.has_ended(); ++second) {
    console.type("run 1s");
    (void)watch.has_ended(200);
  }

  const Output ended = watch.end();
  EXPECT_NE(ended.words.find("etcdserver: no leader"), std::string::npos) << ended.words;
}

TEST_F(Paused, AConsoleOpensAndClosesADoor) {
  Terminal console(std::string("'") + ORRERY_PROGRAM + "' console");
  console.type("settle");
  console.type("door close");
  EXPECT_TRUE(console.shows("no door is open")) << console.shown();
  console.type("door open");
  const std::string endpoints = endpoints_of(console);
  Background put(ctl(endpoints, "--command-timeout=10m put a 1"));
  ASSERT_TRUE(console.shows("put \"a\" \"1\"")) << console.shown();
  console.type("settle");
  EXPECT_EQ(put.end().words, "OK\n");
  console.type("cluster 1");
  EXPECT_TRUE(console.shows("the door is closed")) << console.shown();
}

TEST(PausedServe, KeepsNoFilesOfTheHosts) {
  const Output ran = shell(serve("--data-dir /nonexistent --listen-client-port 0"));
  EXPECT_EQ(ran.status, 2);
  EXPECT_NE(ran.words.find("--data-dir"), std::string::npos) << ran.words;
}

}  // namespace
}  // namespace orrery::door
