// Scripts: their form, their places, and playing them.
#include "lang/script.h"

#include <string>

#include <gtest/gtest.h>

namespace orrery::lang {
namespace {

constexpr std::string_view kStory =
    R"(# A candidate cut off from the majority asks for votes but never leads.
cluster 3
partition n1 | n2 n3
# inside
until n1.role == candidate
----
n1@1 follower -> candidate
n1@1 x n2 MsgVote last=0@0

put hello world1

txn
mod("hello") > "0"

get hello

get other

----
----
SUCCESS

hello
world1
----
----

expect output
SUCCESS

# the end
)";

Script read(std::string_view text) {
  auto script = read_script("story.crank", text);
  EXPECT_TRUE(script) << script.error().detail;
  return script ? *script : Script{};
}

TEST(Script, ABlockIsCommandsAndWhatTheyPrint) {
  const Script script = read(kStory);

  ASSERT_EQ(script.blocks.size(), 4U);
  EXPECT_EQ(script.blocks[0].commands.size(), 3U);
  EXPECT_EQ(script.blocks[0].expected.size(), 2U);
  EXPECT_EQ(script.blocks[0].expected_line, 7U);
  EXPECT_FALSE(script.blocks[1].has_expectation);
  EXPECT_EQ(std::get<Txn>(script.blocks[2].commands[0].body).failure.size(), 1U);
  EXPECT_EQ(script.blocks[2].expected,
            (std::vector<std::string>{"SUCCESS", "", "hello", "world1"}));
  EXPECT_EQ(std::get<ExpectOutput>(script.blocks[3].commands[0].body).lines,
            std::vector<std::string>{"SUCCESS"});
  EXPECT_EQ(script.end_comments, std::vector<std::string>{"# the end"});
  EXPECT_EQ(script.blocks[0].commands[2].place, (Place{.file = "story.crank", .line = 5}));
}

TEST(Script, ItsTextReadsBackToIt) {
  const Script script = read(kStory);

  EXPECT_EQ(read(to_text(script)), script);
  EXPECT_EQ(to_text(script), kStory);
}

TEST(Script, TheFirstErrorHasItsPlace) {
  const auto error_of = [](std::string_view text) {
    const auto script = read_script("s.crank", text);
    return script ? "no error" : script.error().detail;
  };

  EXPECT_EQ(error_of("put k v\n\nstep fast\n"),
            "s.crank:3:6: expected phase, event, round or a "
            "positive number, found \"fast\"");
  EXPECT_EQ(error_of("\n----\nx\n"), "s.crank:2:1: expected commands above this line");
  EXPECT_EQ(error_of("step\n----\n----\nx\n"),
            "s.crank:3:1: expected two lines of ---- at the end of this output");
}

TEST(Script, CarriageReturnsAreNoPartOfALine) {
  EXPECT_EQ(read("put k v\r\n----\r\nOK\r\n"), read("put k v\n----\nOK\n"));
}

TEST(Script, PlayingComparesEachBlock) {
  const Script script = read("put a 1\nput b 2\n----\nOK\nOK\n\nstep\n");
  const auto good = [](const Command&) -> Result<std::string> { return std::string("OK\n"); };
  const auto bad = [](const Command& command) -> Result<std::string> {
    return std::string(command.place.line == 2 ? "KO\n" : "OK\n");
  };

  EXPECT_TRUE(play_script(script, PlayMode::Compare, good));
  const auto played = play_script(script, PlayMode::Compare, bad);

  ASSERT_FALSE(played);
  EXPECT_EQ(played.error().detail, "story.crank:5:1: expected \"OK\", found \"KO\"");
  EXPECT_EQ(exit_status(played.error()), 1);
}

TEST(Script, RewritingTakesTheOutputOver) {
  const auto perform = [](const Command&) -> Result<std::string> {
    return std::string("one\n\ntwo\n");
  };

  const auto played = play_script(read("step\n----\nold\n"), PlayMode::Rewrite, perform);

  ASSERT_TRUE(played);
  EXPECT_EQ(to_text(*played), "step\n----\n----\none\n\ntwo\n----\n----\n");
}

}  // namespace
}  // namespace orrery::lang
