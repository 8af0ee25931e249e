#include "lang/run_file.h"

#include <gtest/gtest.h>

#include "lang/interpreter.h"
#include "lang/parser.h"

namespace orrery::lang {
namespace {

sim::Timeline played(std::string_view lines) {
  Interpreter interpreter;
  for (const SourceLine& line : lines_of("t.crank", lines)) {
    const auto command = parse_command(line);
    EXPECT_TRUE(command) << command.error().detail;
    const Outcome outcome = interpreter.execute(*command);
    EXPECT_FALSE(outcome.error) << outcome.error->detail;
  }
  return interpreter.timeline();
}

constexpr std::string_view kStory =
    "cluster 3 --seed 5\nuntil leader != none within 5s\nput hello world1\n"
    "txn if ver(\"x y\") = \"0\" then put \"x y\" \"1\\n2\"; get hello\n"
    "watch hello --rev=1 -w json &\nas c2: del hello\ncrash n2 keep torn 2\nput a b --endpoints "
    "n1\n"
    "restart n2\nsettle\nprogress w1\ncancel w1";

TEST(RunFile, ReplayGivesTheSameWorldAndTheSameFile) {
  const sim::Timeline timeline = played(kStory);
  const std::string text = to_text(record(timeline));

  const auto run = read_run("a.orrery", text);
  ASSERT_TRUE(run) << run.error().detail;
  const auto again = replay("a.orrery", *run);

  ASSERT_TRUE(again) << again.error().detail;
  EXPECT_EQ(again->world().digest(), timeline.world().digest());
  EXPECT_EQ(again->world(), timeline.world());
  EXPECT_EQ(to_text(record(*again)), text);
}

TEST(RunFile, HoldsEachCommandWithItsActionsAndFoldsLongStretches) {
  const std::string text =
      to_text(record(played("cluster 3 --seed 1\nuntil leader != none\n"
                            "put hello world1 &")));

  EXPECT_NE(text.find("set seed 1\nset members 3\nset version v3.6\n"), std::string::npos) << text;
  EXPECT_NE(text.find("\n> until leader != none\n  next x"), std::string::npos) << text;
  EXPECT_NE(text.find("\n> put hello world1 &\n  c1 put hello world1  "), std::string::npos)
      << text;
}

TEST(RunFile, HoldsTheDefectsOfEachMember) {
  const sim::Timeline timeline = played(
      "cluster 3 --preset mixed-3.2-3.3 --compaction-batch-limit 5\nuntil leader != none within "
      "5s\n"
      "crash n2\nrestart n2 --quirk none\nsettle");
  const std::string text = to_text(record(timeline));
  EXPECT_NE(text.find("set quirk n3 auth_ops_skip_ci_save,apply_checks_lease_perm,"),
            std::string::npos)
      << text;
  EXPECT_NE(text.find("  restart n2 quirks none  "), std::string::npos) << text;

  const auto run = read_run("a.orrery", text);
  ASSERT_TRUE(run) << run.error().detail;
  const auto again = replay("a.orrery", *run);

  ASSERT_TRUE(again) << again.error().detail;
  EXPECT_EQ(again->world(), timeline.world());
  EXPECT_EQ(to_text(record(*again)), text);
}

// What `orrery etcd` and `orrery serve` can be told.
TEST(RunFile, HoldsWhatTheFrontDoorsFlagsSet) {
  sim::Config config;
  config.timing.jwt_tokens = true;
  config.timing.token_ttl = 17;
  config.timing.strict_reconfig = false;
  config.timing.bcrypt_cost = 5;
  config.timing.election_ticks = 7;
  config.timing.auto_compact_revisions = 9;
  const SavedRun run = record(sim::Timeline(config));

  const auto again = replay("file", run);

  ASSERT_TRUE(again) << again.error().detail;
  EXPECT_EQ(again->config().timing, config.timing);
  for (const Setting& wrong : {Setting{"jwt-tokens", "2"}, Setting{"strict-reconfig", "yes"},
                               Setting{"election-ticks", "x"}, Setting{"bcrypt-cost", ""}}) {
    SavedRun broken = run;
    broken.configuration.push_back(wrong);
    EXPECT_FALSE(replay("file", broken)) << wrong.name;
  }
}

TEST(RunFile, NamesTheLineThatDeparts) {
  const std::string text = to_text(record(played(kStory)));
  const auto lines = lines_of("a.orrery", text);
  std::size_t altered = 0;
  for (const SourceLine& line : lines) {
    if (!line.text.starts_with("  ")) continue;
    ++altered;
    // Any hexadecimal digit of the digest, changed.
    std::string other = text;
    const std::size_t at = other.find(line.text + "\n") + line.text.size() - 1;
    other[at] = other[at] == '0' ? '1' : '0';
    const auto run = read_run("a.orrery", other);
    ASSERT_TRUE(run) << run.error().detail;

    const auto again = replay("a.orrery", *run);

    ASSERT_FALSE(again) << line.text;
    const auto place = place_of(again.error());
    ASSERT_TRUE(place) << again.error().detail;
    EXPECT_EQ(place->line, line.number) << again.error().detail;
    EXPECT_EQ(exit_status(again.error()), 1);
  }
  EXPECT_GT(altered, 10U);
}

TEST(RunFile, AnActionThatCannotHappenIsNamed) {
  std::string text = to_text(record(played("cluster 3 --seed 1\nuntil leader != none\nput a b &")));
  text.replace(text.find("c1 put a b  "), 10, "restart n1");
  const auto run = read_run("a.orrery", text);
  ASSERT_TRUE(run) << run.error().detail;

  const auto again = replay("a.orrery", *run);

  ASSERT_FALSE(again);
  EXPECT_NE(again.error().detail.find("the run departs here, at \"restart n1\": n1 is up already"),
            std::string::npos)
      << again.error().detail;
}

TEST(RunFile, ABranchIsSavedWithWhatItSharesWithItsParents) {
  const sim::Timeline timeline = played(
      "cluster 3 --seed 1\nuntil leader != none\nsettle\nmark here\nput a 1\njump here\nput a 2\n"
      "settle\nback 2\nput a 3\nsettle");
  ASSERT_EQ(timeline.branches().size(), 3U);

  const auto again = replay("a.orrery", record(timeline));

  ASSERT_TRUE(again) << again.error().detail;
  EXPECT_EQ(again->world().digest(), timeline.world().digest());
}

TEST(RunFile, RefusesSettingsItDoesNotKnow) {
  SavedRun run = record(played("cluster 3"));
  run.configuration.push_back({"gravity", "9"});

  const auto again = replay("a.orrery", run);

  ASSERT_FALSE(again);
  EXPECT_EQ(again.error().detail, "a.orrery:1:1: cannot read the setting gravity 9");
}

}  // namespace
}  // namespace orrery::lang
