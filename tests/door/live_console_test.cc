// Lines on the standard input of `orrery serve`: faults and looks in a world that runs.
#include <string>

#include <gtest/gtest.h>

#include "tests/door/programs.h"

namespace orrery::door {
namespace {

using testing::Output;
using testing::shell;
using testing::Terminal;

std::string serve_running(const std::string& arguments) {
  return std::string("'") + ORRERY_PROGRAM + "' serve --listen-client-port 0,0,0 " + arguments;
}

TEST(LiveConsole, FaultsHappenAndLooksShowThem) {
  Terminal console(serve_running("--members 3"));
  ASSERT_TRUE(console.shows("Ctrl-C ends")) << console.shown();

  console.type("crash n2");
  EXPECT_TRUE(console.shows("crash n2 keep none")) << console.shown();
  console.type("show");
  EXPECT_TRUE(console.shows("n2   down")) << console.shown();
  console.type("print n2.role");
  EXPECT_TRUE(console.shows("n2 is not up")) << console.shown();
  console.type("restart n2");
  EXPECT_TRUE(console.shows("restart n2\r\n")) << console.shown();
  EXPECT_TRUE(console.shows("restart n2\r\n")) << console.shown();
  console.type("partition n1");
  EXPECT_TRUE(console.shows("cut n1->n2\r\ncut n1->n3")) << console.shown();
  console.type("heal n1");
  EXPECT_TRUE(console.shows("mend n1->n2")) << console.shown();
  console.type("hold n3 apply");
  EXPECT_TRUE(console.shows("hold n3 apply\r\n")) << console.shown();
  EXPECT_TRUE(console.shows("hold n3 apply")) << console.shown();
  console.type("show n2 disk");
  EXPECT_TRUE(console.shows(".wal")) << console.shown();
  console.type("help");
  EXPECT_TRUE(console.shows("starts a crashed member again")) << console.shown();
  console.type("quit");
  EXPECT_EQ(console.end(), 0) << console.shown();
}

TEST(LiveConsole, WhatCannotBeIsSaidAndTheClusterGoesOn) {
  Terminal console(serve_running("--members 3"));
  ASSERT_TRUE(console.shows("Ctrl-C ends")) << console.shown();

  console.type("crash n9");
  EXPECT_TRUE(console.shows("there is no member n9")) << console.shown();
  console.type("restart n1");
  EXPECT_TRUE(console.shows("n1 is up already")) << console.shown();
  console.type("crash n1 at raftBeforeSave");
  EXPECT_TRUE(console.shows("whoever does not turn the crank cannot wait")) << console.shown();
  console.type("settle");
  EXPECT_TRUE(console.shows("not in a world that runs")) << console.shown();
  console.type("show violations");
  EXPECT_TRUE(console.shows("replay --checks")) << console.shown();
  console.type("heal");
  EXPECT_TRUE(console.shows("nothing of that is cut")) << console.shown();
  console.type("no such command");
  EXPECT_TRUE(console.shows("console:1")) << console.shown();
  console.type("print 1 + 1 == 2");
  EXPECT_TRUE(console.shows("true")) << console.shown();
}

// timeout's own status says that it had to end the cluster.
TEST(LiveConsole, APipeIsReadIfThatIsMeantAndItsEndEndsNothing) {
  constexpr int kTimeoutEnded = 124;
  const std::string script = "echo 'crash n2' | timeout -s TERM 2 ";

  const Output meant = shell(script + serve_running("--members 3 --console"));
  EXPECT_EQ(meant.status, kTimeoutEnded);
  EXPECT_NE(meant.words.find("crash n2 keep none"), std::string::npos) << meant.words;
  const Output other = shell(script + serve_running("--members 3"));
  EXPECT_EQ(other.status, kTimeoutEnded);
  EXPECT_EQ(other.words.find("crash n2"), std::string::npos) << other.words;
}

}  // namespace
}  // namespace orrery::door
