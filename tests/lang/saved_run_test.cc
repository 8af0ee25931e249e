// Saved runs: bytes, round trips, and the line of whatever is wrong.
#include "lang/saved_run.h"

#include <string>

#include <gtest/gtest.h>

#include "base/text.h"

namespace orrery::lang {
namespace {

SavedRun head() {
  SavedRun run;
  run.release = "0.1.0";
  run.configuration = {{"version", "v3.6.0"}, {"seed", "7"}, {"members", "3"}};
  return run;
}

SavedRun small_run() {
  RunRecorder recorder(head());
  recorder.command("put hello world1");
  recorder.action("deliver c1->n1 #1", false, 0x123456781f3a9c02U);
  recorder.action("fsync n1 wal", true, 0x77aa0011U);
  recorder.command("txn\nmod(\"k\") > \"0\"\n\nput k v");
  for (std::uint64_t i = 0; i < 300; ++i) recorder.action("tick", true, i);
  recorder.action("drop n1->n2 #1", false, 0xabcU);
  recorder.command("step");
  return recorder.take();
}

constexpr std::string_view kSmallText = R"(orrery 1
release 0.1.0
schedule 1
set version v3.6.0
set seed 7
set members 3

> put hello world1
  deliver c1->n1 #1  1f3a9c02
  fsync n1 wal  77aa0011

> txn
| mod("k") > "0"
| 
| put k v
  next x256  000000ff
  next x44  0000012b
  drop n1->n2 #1  00000abc

> step

end 303
)";

TEST(SavedRun, LongStretchesOfDefaultActionsFold) {
  EXPECT_EQ(to_text(small_run()), kSmallText);
}

TEST(SavedRun, ReadsBackToWhatWasWritten) {
  const auto read = read_run("a.orrery", kSmallText);

  ASSERT_TRUE(read) << read.error().detail;
  EXPECT_EQ(*read, small_run());
  EXPECT_EQ(to_text(*read), kSmallText);
  EXPECT_EQ(read->commands[1].line, 12U);
  EXPECT_EQ(read->commands[1].actions[2].line, 18U);
}

// requires: `line` counts from 1
std::string with_line(std::uint32_t line, std::string_view replacement) {
  std::string out;
  std::uint32_t number = 0;
  std::string_view rest = kSmallText;
  while (!rest.empty()) {
    const std::size_t end = rest.find('\n');
    out += text("{}\n", ++number == line ? replacement : rest.substr(0, end));
    rest.remove_prefix(end + 1);
  }
  return out;
}

TEST(SavedRun, WhatIsWrongHasItsLine) {
  struct Row {
    std::uint32_t line;
    std::string text;
    std::string error;
  };
  const Row rows[] = {
      {1, "orery 1", "1:1: expected \"orrery 1\", as a saved run begins, found \"orery 1\""},
      {1, "orrery 2",
       "1:8: expected format 1 or earlier (a later release saved this), found \"2\""},
      {2, "0.1.0", "2:1: expected \"release\" and a version, found \"0.1.0\""},
      {3, "schedule x", "3:1: expected \"schedule\" and a number, found \"schedule x\""},
      {4, "set version", "4:5: expected a name and a value, found \"version\""},
      {4, "  tick  00000000",
       "4:1: expected \"set\" or a command (\"> \"), found \"  tick  00000000\""},
      {9, "  deliver c1->n1 #1  1f3a9c0",
       "9:1: expected an action, two blanks and 8 hexadecimal digits, "
       "found \"  deliver c1->n1 #1  1f3a9c0\""},
      {9, "  deliver c1->n1 #1  1F3A9C02",
       "9:1: expected an action, two blanks and 8 hexadecimal "
       "digits, found \"  deliver c1->n1 #1  1F3A9C02\""},
      {10, "fsync",
       "10:1: expected a command (\"> \"), an action (two blanks) or \"end\", found "
       "\"fsync\""},
      {10, "| more", "10:1: expected an action: the command above is complete, found \"| more\""},
      {16, "  next x257  000000ff",
       "16:9: expected a number of steps from 1 to 256, found \"257  "
       "000000ff\""},
      {18, "set seed 8",
       "18:1: expected the configuration above the first command, found \"set seed 8\""},
      {22, "end 302", "22:5: expected 303 here, as there are so many actions above, found \"302\""},
  };
  for (const Row& row : rows) {
    const auto read = read_run("a.orrery", with_line(row.line, row.text));
    ASSERT_FALSE(read) << row.text;
    EXPECT_EQ(read.error().detail, "a.orrery:" + row.error);
  }
}

TEST(SavedRun, AFileCutShortIsNoticed) {
  for (std::size_t size = 0; size + 1 < kSmallText.size(); ++size) {
    EXPECT_FALSE(read_run("a.orrery", kSmallText.substr(0, size))) << size;
  }
}

}  // namespace
}  // namespace orrery::lang
