// The program as a person or a script meets it: arguments, streams, exit statuses.
#include <filesystem>
#include <string>
#include <unistd.h>

#include <gtest/gtest.h>

#include "base/text.h"
#include "host/files.h"
#include "tests/cli/program.h"

namespace orrery {
namespace {

TEST(Program, EveryCommandHelpsWithAnExample) {
  for (const std::string command : {"", "play ", "console ", "replay ", "raft-script ", "sweep ",
                                    "dump-logs ", "dump-db ", "diff-db ", "check-db ", "snapshot ",
                                    "snapshot save ", "snapshot status ", "snapshot restore "}) {
    const Ran ran = orrery(command + "--help");
    EXPECT_EQ(ran.status, 0);
    EXPECT_NE(ran.out.find("example: orrery "), std::string::npos) << command;
  }
}

TEST(Program, WrongArgumentsAreStatus2) {
  for (const std::string arguments : {"", "fly", "play", "play --fast labs/01-first-watch",
                                      "play nothing-here", "replay nothing-here"}) {
    const Ran ran = orrery(arguments);
    EXPECT_EQ(ran.status, 2) << arguments;
    EXPECT_NE(ran.err, "") << arguments;
    EXPECT_EQ(ran.out, "") << arguments;
  }
}

TEST(Program, PlaysTheFirstLabInEveryShape) {
  const Ran told = orrery("play labs/01-first-watch");
  EXPECT_EQ(told.status, 0) << told.err;
  EXPECT_NE(told.out.find("Predict:"), std::string::npos);
  EXPECT_EQ(told.out.find('\x1b'), std::string::npos);
  EXPECT_EQ(told.err.find("It holds: "), 0U);

  const Ran quiet = orrery("play 1 --quiet");
  EXPECT_EQ(quiet.status, 0);
  EXPECT_EQ(quiet.err, "");
  EXPECT_EQ(quiet.out.find("Predict"), std::string::npos);
  EXPECT_NE(quiet.out.find("\"value\":\"d29ybGQz\""), std::string::npos);

  const Ran json = orrery("play first-watch --json");
  EXPECT_EQ(json.status, 0);
  EXPECT_EQ(json.out.find("{\"line\":2,\"command\":\"cluster 3"), 0U);
  EXPECT_NE(json.out.find("{\"holds\":true,"), std::string::npos);
}

TEST(Program, SavesEqualFilesAndNamesAnAlteredLine) {
  const std::string a = scratch("a.orrery");
  const std::string b = scratch("b.orrery");
  ASSERT_EQ(orrery("play 1 --quiet --save " + a).status, 0);
  ASSERT_EQ(orrery("play 1 --quiet --save " + b).status, 0);
  std::string bytes = host::read_file(a).value_or("");
  EXPECT_EQ(host::read_file(b).value_or("?"), bytes);
  const Ran accepted = orrery("replay " + a);
  EXPECT_EQ(accepted.status, 0) << accepted.err;

  const std::string line = "c1 put hello world2";
  const std::size_t at = bytes.find("  " + line + "  ");
  ASSERT_NE(at, std::string::npos);
  bytes.replace(at + 2, line.size(), "c1 put hello worldX");
  const auto number = 1 + std::count(bytes.begin(), bytes.begin() + static_cast<long>(at), '\n');
  ASSERT_TRUE(host::write_file(b, bytes));
  const Ran refused = orrery("replay " + b);

  EXPECT_EQ(refused.status, 1);
  EXPECT_NE(refused.err.find(
                text("{}:{}:3: the run departs here, at \"c1 put hello worldX\"", b, number)),
            std::string::npos)
      << refused.err;
  EXPECT_EQ(refused.out, "");
  ::unlink(a.c_str());
  ::unlink(b.c_str());
}

TEST(Program, AScriptThatCannotBeReadNamesThePlace) {
  const std::string file = scratch("bad.crank");
  ASSERT_TRUE(host::write_file(file, "cluster 3\nstep fast\n"));

  const Ran ran = orrery("play " + file);

  EXPECT_EQ(ran.status, 2);
  EXPECT_EQ(ran.err, "orrery: " + file +
                         ":2:6: expected phase, event, round or a positive number, found "
                         "\"fast\"\n");
  ::unlink(file.c_str());
}

TEST(Program, StatusTellsWhatDoesNotHoldFromWhatRanOut) {
  const std::string file = scratch("s.crank");
  ASSERT_TRUE(host::write_file(file, "cluster 3\nexpect leader != none\n"));
  EXPECT_EQ(orrery("play " + file).status, 1);
  ASSERT_TRUE(host::write_file(file, "cluster 3\nsettle\ncrash n1\ncrash n2\nrun 3s\nsettle\n"));
  EXPECT_EQ(orrery("play " + file).status, 3);
  ASSERT_TRUE(host::write_file(file, "cluster 3\nrestart n1\n"));
  EXPECT_EQ(orrery("play " + file).status, 2);
  ::unlink(file.c_str());
}

TEST(Program, ListsTheDefectsAndNamesTheNearest) {
  const Ran all = orrery("quirks");
  EXPECT_EQ(all.status, 0);
  EXPECT_NE(
      all.out.find("A2   auth_ops_skip_ci_save\n     issue #11651, fix #11652, critical; 3.0"),
      std::string::npos)
      << all.out;
  EXPECT_NE(all.out.find("     breaks CiCoupled\n"), std::string::npos);
  const Ran json = orrery("quirks compact_drops_tombstone_at_rev --json");
  EXPECT_EQ(json.status, 0);
  EXPECT_NE(json.out.find(R"("issue":"#18089","fix":"#18274","severity":"high")"),
            std::string::npos)
      << json.out;
  const Ran unknown = orrery("quirks auth_ops");
  EXPECT_EQ(unknown.status, 2);
  EXPECT_NE(unknown.err.find("there is no quirk \"auth_ops\""), std::string::npos);
}

TEST(Program, HuntsUntilAClaimBreaksAndSavesTheRun) {
  const std::string folder = scratch("found");
  const Ran found =
      orrery("hunt --quirk auth_ops_skip_ci_save --seeds 1..2 --save '" + folder + "'");
  EXPECT_EQ(found.status, 1);
  EXPECT_TRUE(found.out.starts_with("seed 1, step ")) << found.out;
  EXPECT_NE(found.out.find(": CiCoupled: n"), std::string::npos) << found.out;
  const Ran replayed = orrery("replay --checks '" + folder + "/CiCoupled-seed1.orrery'");
  EXPECT_EQ(replayed.status, 1) << replayed.err;
  EXPECT_NE(replayed.out.find("CiCoupled: n"), std::string::npos) << replayed.out;
  EXPECT_EQ(orrery("hunt --seeds 1..2 --budget 500").status, 0);
  EXPECT_EQ(orrery("hunt --seeds 5..2").status, 2);
  std::filesystem::remove_all(folder);
}

TEST(Program, TheConsoleTakesLinesFromAPipe) {
  const Ran ran = orrery("console", "put hello world1\nget hello\n");
  EXPECT_EQ(ran.status, 0) << ran.err;
  EXPECT_EQ(ran.out, "OK\nhello\nworld1\n");

  const Ran wrong = orrery("console", "put hello world1\nputt\nget hello\n");
  EXPECT_EQ(wrong.status, 2);
  EXPECT_EQ(wrong.out, "OK\n");
  EXPECT_EQ(wrong.err.find("orrery: console:2:1: "), 0U) << wrong.err;
}

TEST(Program, RunsRaftScriptsAndRewritesThem) {
  const std::string file = scratch("why.txt");
  ASSERT_TRUE(host::write_file(file, "vote cfg=(1,2,3) votes=(y,y,_)\n----\nVoteLost\n"));

  const Ran ran = orrery("raft-script " + file);
  EXPECT_EQ(ran.status, 1);
  EXPECT_NE(ran.out.find("+VoteWon"), std::string::npos);
  EXPECT_EQ(orrery("raft-script --rewrite " + file).status, 0);
  EXPECT_EQ(orrery("raft-script " + file).status, 0);
  ::unlink(file.c_str());
}

}  // namespace
}  // namespace orrery
