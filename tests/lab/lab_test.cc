// Labs are found, play to their end, and are told in the shape that was asked for.
#include <unistd.h>

#include <gtest/gtest.h>

#include "base/text.h"
#include "host/files.h"
#include "lab/labs.h"
#include "lab/narration.h"
#include "lab/play.h"
#include "lang/run_file.h"
#include "source_dir.h"

namespace orrery::lab {
namespace {

const std::string kRoot = ORRERY_SOURCE_DIR;

Play open(const std::string& file) {
  auto play = Play::open(file);
  EXPECT_TRUE(play) << play.error().detail;
  return std::move(*play);
}

Play play_text(std::string_view text) {
  auto script = lang::read_script("t.crank", text);
  EXPECT_TRUE(script) << script.error().detail;
  return Play(std::move(*script));
}

struct Told {
  std::string output;
  std::string json;
  std::string narration;
  std::optional<Error> error;
};

Told tell(Play& play) {
  Told told;
  while (!play.done()) {
    const Scene scene = play.next();
    told.output += lang::output_of(scene.outcome);
    told.narration += narrate(scene, {.colour = false, .width = 80});
    told.json += json_line(scene, play.session().interpreter().world());
    told.error = scene.outcome.error;
  }
  return told;
}

TEST(Labs, AreFoundByNumberNameAndFolder) {
  ASSERT_EQ(::chdir((kRoot + "/tests").c_str()), 0);

  for (const std::string wanted : {"1", "01", "first-watch", "01-first-watch",
                                   "../labs/01-first-watch", "../labs/01-first-watch/"}) {
    const auto lab = find_lab(wanted);
    ASSERT_TRUE(lab) << wanted << ": " << lab.error().detail;
    EXPECT_EQ(lab->number, 1);
    EXPECT_EQ(lab->name, "first-watch");
    EXPECT_TRUE(host::file_exists(lab->text()));
  }
  const auto none = find_lab("second-watch");
  ASSERT_FALSE(none);
  EXPECT_NE(none.error().detail.find("second-watch: no such script and no such lab; the labs are "
                                     "01-first-watch"),
            std::string::npos);
}

TEST(Labs, EachPlaysToItsEnd) {
  ASSERT_EQ(::chdir(kRoot.c_str()), 0);
  ASSERT_FALSE(all_labs().empty());
  for (const Lab& lab : all_labs()) {
    Play play = open(lab.scenario());
    const Told told = tell(play);
    EXPECT_FALSE(told.error) << told.error->detail;
    EXPECT_GT(play.held(), 0U) << lab.folder;
  }
}

TEST(FirstWatch, PrintsTheTwoEventsAndThenTheLiveOne) {
  Play play = open(kRoot + "/labs/01-first-watch/scenario.crank");

  const Told told = tell(play);

  const std::string first =
      R"("Events":[{"kv":{"key":"aGVsbG8=","create_revision":2,"mod_revision":2,"version":1,"value":"d29ybGQx"}},)"
      R"({"kv":{"key":"aGVsbG8=","create_revision":2,"mod_revision":3,"version":2,"value":"d29ybGQy"}}])";
  const std::string live =
      R"("Events":[{"kv":{"key":"aGVsbG8=","create_revision":2,"mod_revision":4,"version":3,"value":"d29ybGQz"}}])";
  const std::size_t at = told.output.find(first);
  ASSERT_NE(at, std::string::npos) << told.output;
  EXPECT_NE(told.output.find(live, at), std::string::npos) << told.output;
  EXPECT_NE(told.json.find(first), std::string::npos);
}

TEST(FirstWatch, SavedTwiceIsTheSameFileAndReplays) {
  const auto saved = [] {
    Play play = open(kRoot + "/labs/01-first-watch/scenario.crank");
    tell(play);
    return lang::to_text(lang::record(play.session().interpreter().timeline()));
  };
  const std::string text = saved();
  EXPECT_EQ(saved(), text);

  const auto run = lang::read_run("a.orrery", text);
  ASSERT_TRUE(run) << run.error().detail;
  const auto again = lang::replay("a.orrery", *run);
  EXPECT_TRUE(again) << again.error().detail;
}

TEST(Play, EndsAtTheFirstErrorWithItsPlace) {
  Play play = play_text("cluster 3\nuntil leader != none\nexpect rev(n1) == 9\nput a b\n");

  const Told told = tell(play);

  ASSERT_TRUE(told.error);
  EXPECT_EQ(told.error->detail, "t.crank:3:1: it does not hold that n1.rev == 9: 1 against 9");
  EXPECT_EQ(told.output, "");
}

TEST(Play, ComparesTheOutputOfABlock) {
  Play good = play_text("cluster 3\nput a b\nget a\n----\nOK\na\nb\n");
  EXPECT_FALSE(tell(good).error);

  Play bad = play_text("cluster 3\nput a b\nget a\n----\nOK\na\nc\n");
  const Told told = tell(bad);
  ASSERT_TRUE(told.error);
  EXPECT_EQ(told.error->detail, "t.crank:7:1: expected \"c\", found \"b\"");
}

TEST(Play, SavesAndLoadsFiles) {
  const std::string file = testing::TempDir() + "orrery-lab-test.orrery";
  Play play =
      play_text(text("cluster 3 --seed 4\nput a b\nsettle\nsave {0}\ncluster 1\nload {0}\n"
                     "expect count(members) == 3 and all m: m.value(\"a\") == \"b\"\n",
                     file));

  const Told told = tell(play);

  EXPECT_FALSE(told.error) << told.error->detail;
  ASSERT_EQ(::unlink(file.c_str()), 0);
  Play missing = play_text("load " + file);
  const Told none = tell(missing);
  ASSERT_TRUE(none.error);
  EXPECT_EQ(none.error->detail.find("t.crank:1:1: " + file + ": cannot read"), 0U);
}

TEST(Narration, WrapsWhatIsSaidAndKeepsWhatIsPrinted) {
  Play play = play_text("cluster 3\nsay " + std::string(30, 'a') + " " + std::string(30, 'b') +
                        " " + std::string(30, 'c') + "\nput a b\n");

  const Told told = tell(play);

  EXPECT_NE(told.narration.find(std::string(30, 'b') + "\n" + std::string(30, 'c')),
            std::string::npos);
  EXPECT_NE(told.narration.find("> put a b\nOK\n"), std::string::npos);
}

TEST(Narration, QuestionsShowTheirAnswer) {
  const lang::Ask ask{
      .question = "Which?", .choices = {"this", "that"}, .right = 2, .explanation = "Because."};
  const Style plain;

  EXPECT_NE(question_text(ask, plain).find("2) that"), std::string::npos);
  EXPECT_NE(answer_text(ask, std::nullopt, plain).find("The answer is 2) that"), std::string::npos);
  EXPECT_NE(answer_text(ask, 2, plain).find("Right: 2) that"), std::string::npos);
  EXPECT_NE(answer_text(ask, 1, plain).find("Not so. It is 2) that"), std::string::npos);
}

TEST(Narration, JsonStringsAreEscaped) {
  EXPECT_EQ(json_string("a\"b\\c\n\x01"), R"("a\"b\\c\u000a\u0001")");
}

}  // namespace
}  // namespace orrery::lab
