#include "lang/interpreter.h"

#include <gtest/gtest.h>

#include "base/text.h"
#include "lang/expression_terms.h"
#include "lang/parser.h"
#include "lang/world_terms.h"

namespace orrery::lang {
namespace {

// A session that takes lines.
class Crank {
 public:
  // What the lines printed; a failure of the test when one of them stops with an error.
  std::string run(std::string_view lines) {
    std::string out;
    for (const SourceLine& line : lines_of("t.crank", lines)) {
      if (line.text.empty()) continue;
      const Outcome outcome = execute(line.text);
      EXPECT_FALSE(outcome.error) << line.text << ": " << outcome.error->detail;
      out += output_of(outcome);
    }
    return out;
  }

  // The error of one line; empty = there was none.
  std::string error(std::string_view line) {
    const Outcome outcome = execute(line);
    return outcome.error ? outcome.error->detail : "";
  }

  Outcome execute(std::string_view line) {
    const auto command = parse_command_text("t.crank", line);
    EXPECT_TRUE(command) << command.error().detail;
    return command ? interpreter.execute(*command) : Outcome{};
  }

  Interpreter interpreter;
};

Crank elected() {
  Crank crank;
  crank.run("cluster 3 --seed 1\nuntil leader != none within 5s\nsettle");
  return crank;
}

TEST(Interpreter, ADefectIsSwitchedOnWithAFittingReleaseOrRefused) {
  Crank crank;
  crank.run("cluster 2 --quirk auth_ops_skip_ci_save");
  EXPECT_EQ(crank.interpreter.world().config().version, server::Version::V3_4);
  EXPECT_EQ(crank.run("print n1.quirks"), "[\"auth_ops_skip_ci_save\"]\n");
  crank.run("crash n2\nrestart n2 --quirk none");
  EXPECT_EQ(crank.run("print n2.quirks"), "[]\n");
  crank.run("crash n2\nrestart n2 --preset v3.5.16");
  EXPECT_EQ(crank.interpreter.world().member(2).plan().version, server::Version::V3_5);
  EXPECT_EQ(crank.run("print \"mvcc_restore_ignores_lone_tombstone\" in n2.quirks"), "true\n");

  EXPECT_EQ(crank.error("cluster 3 --as v3.6.0 --quirk auth_ops_skip_ci_save"),
            "t.crank:1:1: auth_ops_skip_ci_save is a defect of v3.4, not of v3.6");
  EXPECT_EQ(crank.error("cluster 3 --as v3.6.0 --preset v3.4.23"),
            "t.crank:1:1: --preset v3.4.23 is v3.4, --as says v3.6.0");
  EXPECT_NE(
      crank.error("cluster 3 --quirk auth_ops_skip_ci").find("the nearest is auth_ops_skip_ci"),
      std::string::npos);
  EXPECT_NE(crank.error("cluster 3 --preset v2.3").find("there is no preset \"v2.3\""),
            std::string::npos);
  crank.run("crash n2");
  EXPECT_EQ(crank.error("restart n2 --quirk auth_ops_skip_ci_save"),
            "t.crank:1:1: auth_ops_skip_ci_save is a defect of v3.4, not of v3.5");
}

TEST(Interpreter, CallsRunUntilTheirAnswerAndPrintWhatEtcdctlPrints) {
  Crank crank = elected();

  EXPECT_EQ(crank.run("put hello world1"), "OK\n");
  EXPECT_EQ(crank.run("get hello"), "hello\nworld1\n");
  EXPECT_EQ(crank.run("del hello"), "1\n");
  EXPECT_EQ(crank.run("txn if ver(\"hello\") = \"0\" then put hello again; get hello"),
            "SUCCESS\n\nOK\n\nhello\nagain\n");
  EXPECT_EQ(crank.run("compact 3"), "compacted revision 3\n");
  EXPECT_EQ(crank.run("get hello --rev=1"),
            "Error: etcdserver: mvcc: required revision has been compacted\n");
  EXPECT_EQ(crank.run("as c2: put a b -w json --endpoints n2").substr(0, 11), "{\"header\":{");
}

TEST(Interpreter, ACallInTheBackgroundMovesNothing) {
  Crank crank = elected();
  const auto steps = crank.interpreter.world().steps();

  EXPECT_EQ(crank.run("put hello world1 &"), "");
  EXPECT_EQ(crank.interpreter.world().steps(), steps + 1);
  EXPECT_EQ(crank.run("print c1.calls"), "1\n");
  EXPECT_EQ(crank.run("settle"), "OK\n");
  EXPECT_EQ(crank.run("print c1.calls"), "0\n");
}

TEST(Interpreter, AWatchFromThePastPrintsItsHistoryAndThenLives) {
  Crank crank = elected();
  crank.run("put hello world1\nput hello world2");

  EXPECT_EQ(crank.run("watch hello --rev=1 --name w1\nsettle"),
            "PUT\nhello\nworld1\nPUT\nhello\nworld2\n");
  EXPECT_EQ(crank.run("put hello world3\nsettle"), "OK\nPUT\nhello\nworld3\n");
  EXPECT_EQ(crank.error("expect output w1\nPUT\nhello\nworld1\nPUT\nhello\nworld2\nPUT\nhello\n"
                        "world3"),
            "");
  EXPECT_EQ(crank.run("print w1.revisions"), "[2, 3, 4]\n");
  crank.run("expect w1.pool == synced\ncancel w1\nexpect w1.canceled");
}

TEST(Interpreter, AWatchWithoutANameGetsTheNextFreeOne) {
  Crank crank = elected();
  crank.run("watch a\nwatch b\nwatch c --name mine\nwatch d");

  EXPECT_EQ(crank.run("print watches"), "[\"w1\", \"w2\", \"mine\", \"w3\"]\n");
  EXPECT_EQ(crank.error("watch e --name w1"), "t.crank:1:1: there is a watch named w1 already");
}

TEST(Interpreter, ProgressIsAnsweredByTheStream) {
  Crank crank = elected();
  crank.run("put a 1\nwatch a -w json --name w1\nprogress w1");

  EXPECT_NE(crank.run("settle").find("\"revision\":2"), std::string::npos);
}

TEST(Interpreter, BackAndForwardOnlyLookAndActingInThePastBranches) {
  Crank crank = elected();
  crank.run("mark before\nput hello world1\nsettle\nexpect rev(n1) == 2");
  const Digest after = crank.interpreter.world().digest();
  const std::size_t position = crank.interpreter.timeline().position();

  crank.run("jump before\nexpect rev(n1) == 1\nback 3\nforward 3");
  EXPECT_EQ(crank.interpreter.timeline().branches().size(), 1U);

  EXPECT_EQ(crank.run("put hello other"), "OK\n");
  EXPECT_EQ(crank.interpreter.timeline().branches().size(), 2U);
  EXPECT_EQ(crank.run("get hello"), "hello\nother\n");

  crank.run("switch main");
  EXPECT_EQ(crank.interpreter.timeline().position(), position);
  EXPECT_EQ(crank.interpreter.world().digest(), after);
  EXPECT_EQ(crank.run("branches").substr(0, 6), "* main");
}

TEST(Interpreter, LookingLeavesNoMarkInTheTimeline) {
  Crank crank = elected();
  const auto marks = crank.interpreter.timeline().branches()[0].commands.size();

  crank.run(
      "show\nshow n1 raft\nshow n2 log\nshow n1 lanes\nshow network\nnext\nenabled --why-not\n"
      "why\nhistory 3\ndiff 2\nprint leader\nexpect leader != none\nclaims\nhelp put");

  EXPECT_EQ(crank.interpreter.timeline().branches()[0].commands.size(), marks);
}

TEST(Interpreter, AlwaysStopsAtTheStepThatBreaksIt) {
  Crank crank = elected();
  crank.run("always young: all m: rev(m) < 2");

  const Outcome outcome = crank.execute("put hello world1");

  ASSERT_TRUE(outcome.error);
  EXPECT_EQ(outcome.error->code, Errc::Expectation);
  EXPECT_EQ(crank.interpreter.violations(), 1U);
  const auto step = crank.interpreter.timeline().position();
  EXPECT_NE(outcome.error->detail.find(text("does not hold after step {} (run n", step)),
            std::string::npos)
      << outcome.error->detail;
  // Broken once, it is not reported again until it has held.
  EXPECT_EQ(crank.run("settle"), "OK\n");
  EXPECT_NE(crank.run("claims").find("does not hold, broken at step"), std::string::npos);
  crank.run("expect violations == 1\nforget young");
  EXPECT_EQ(crank.run("claims"), "");
}

TEST(Interpreter, ABreakpointStopsWhenItsConditionBecomesTrue) {
  Crank crank = elected();
  crank.run("break rev(n2) == 2\nput hello world1 &\nsettle\nexpect rev(n2) == 2");

  EXPECT_EQ(crank.run("print settled"), "false\n");
  crank.run("settle\nexpect settled");
}

TEST(Interpreter, ExpectSaysWhatItFound) {
  Crank crank = elected();

  EXPECT_EQ(crank.error("expect rev(n1) == 7"),
            "t.crank:1:1: it does not hold that n1.rev == 7: 1 against 7");
  EXPECT_EQ(crank.error("expect events(w9) == 1"),
            "t.crank:1:1: cannot say w9.events == 1: there is no watch w9");
  EXPECT_EQ(crank.error("until rev(n1) == 7 within 200ms"),
            "t.crank:1:1: it did not come to n1.rev == 7 within 200ms");
  EXPECT_EQ(crank.error("expect eventually within 1s: now > 9s").empty(), false);
  crank.run("expect eventually within 2s: now > 2s");
}

TEST(Interpreter, ACrashLosesWhatWasNotSyncedAndARestartReadsTheDisk) {
  Crank crank = elected();
  crank.run("put hello world1\nsettle\ncrash n1\nexpect n1.status == down");
  EXPECT_EQ(crank.error("expect rev(n1) == 2"),
            "t.crank:1:1: cannot say n1.rev == 2: n1 is not up");
  crank.run("restart n1\nsettle\nexpect rev(n1) == 2 and n1.value(\"hello\") == \"world1\"");
}

TEST(Interpreter, EveryNamedCrashPointOfAPutIsReached) {
  for (const std::string_view point :
       {"raftBeforeSave", "walBeforeSync", "walAfterSync", "raftAfterSave", "raftBeforeAdvance",
        "beforeApplyOneEntryNormal", "beforeWritebackBuf", "afterWritebackBuf",
        "commitBeforePreCommitHook", "commitAfterPreCommitHook", "beforeCommit",
        "raftBeforeFollowerSend", "apply.take-tx", "apply.change", "commit.write-meta"}) {
    SCOPED_TRACE(point);
    Crank crank = elected();
    crank.run("put hello world1 &");

    crank.run(text("crash n1 at {}\nexpect n1.status == down\nrestart n1\nsettle", point));

    crank.run("expect all m: hashkv(m) == hashkv(leader)");
  }
}

TEST(Interpreter, EveryNamedCrashPointOfACompactionIsReached) {
  for (const std::string_view point :
       {"compactBeforeCommitScheduledCompact", "compactAfterCommitScheduledCompact",
        "compactAfterAcquiredBatchTxLock", "compactBeforeSetFinishedCompact",
        "compactAfterSetFinishedCompact"}) {
    SCOPED_TRACE(point);
    Crank crank = elected();
    crank.run("put a 1\nput a 2\nput a 3\ncompact 3 &");

    crank.run(text("crash n2 at {}\nrestart n2\nsettle", point));

    crank.run("expect all m: m.compacted == 3 and hashkv(m) == hashkv(leader)");
  }
}

TEST(Interpreter, AnUnknownCrashPointIsAnsweredWithTheKnownOnes) {
  Crank crank = elected();

  const std::string error = crank.error("crash n1 at raftBeforSave");

  EXPECT_EQ(error.find("t.crank:1:1: there is no crash point raftBeforSave; there are raft"), 0U);
  EXPECT_NE(error.find("compactBeforeSetFinishedCompact"), std::string::npos);
}

TEST(Interpreter, PartitionCutsAndHealMends) {
  Crank crank = elected();
  crank.run("partition n1 n3 | n2");
  EXPECT_NE(crank.run("show network").find("cut n1->n2: yes"), std::string::npos);
  crank.run("put hello world1\nsettle\nexpect rev(n1) == 2 and rev(n2) == 1");
  EXPECT_EQ(crank.error("cut n1->n2"), "t.crank:1:1: n1->n2 is cut already");

  crank.run("heal\nsettle\nexpect rev(n2) == 2");

  EXPECT_EQ(crank.error("heal"), "t.crank:1:1: nothing of that is cut");
}

TEST(Interpreter, HeldMessagesWaitAndReleasedOnesGoOn) {
  Crank crank = elected();
  crank.run("hold n3->n1 MsgApp\nput hello world1\nsettle\nexpect rev(n2) == 2 and rev(n1) == 1");
  crank.run("release\nsettle\nexpect rev(n1) == 2");
  crank.run("hold n2 apply\nput hello world2\nsettle\nexpect rev(n2) == 2");
  crank.run("release n2 apply\nsettle\nexpect rev(n2) == 3");
}

TEST(Interpreter, MessagesAreFoundByLinkTypeAndOrdinal) {
  Crank crank = elected();
  crank.run("put hello world1 &\nuntil messages(n3->n1, MsgApp) == 1 within 1s");

  EXPECT_NE(crank.run("deliver n3->n1 MsgApp").find("deliver n3->n1 append#"), std::string::npos);
  EXPECT_EQ(crank.error("deliver n3->n1 MsgApp"),
            "t.crank:1:1: 0 messages are of type MsgApp on the way from n3 to n1");
  crank.run("drop n3->n2 MsgApp\nsettle\nexpect all m: rev(m) == 2");
}

TEST(Interpreter, StepsPrintWhatHappenedAndPerformTakesWhatEnabledPrints) {
  Crank crank = elected();
  crank.run("put hello world1 &");

  EXPECT_NE(crank.run("step event").find("deliver c1->n1 calls#1 (put request, call 1)"),
            std::string::npos);
  const auto enabled = crank.interpreter.world().enabled();
  const std::string action = sim::to_text(enabled.front().action);
  EXPECT_NE(crank.run("perform " + action + " (what it is about)").find(action), std::string::npos);
  EXPECT_NE(crank.error("perform 999").find("actions are enabled"), std::string::npos);
  crank.run("step round\nstep phase 3\nperform 1\nrun 50ms\nsettle");
}

TEST(Interpreter, WhyPrintsTheGuardWithItsNumbersAndItsPlace) {
  Crank crank = elected();
  crank.run(
      "put hello world1\nwatch hello --rev=1 --name w1 &\n"
      "until n1.watchers(unsynced) == 1 within 1s");

  const std::string watch = crank.run("why");
  EXPECT_NE(
      watch.find("no: the watch asks for nothing that has happened already (start revision 1, "
                 "current revision 2)  [core/watch/store.cc:"),
      std::string::npos)
      << watch;

  const std::string blocked = crank.run("why n1 compact");
  EXPECT_NE(blocked.find("n1 compact cannot go on"), std::string::npos);
  EXPECT_NE(blocked.find("no: a compaction is scheduled"), std::string::npos);
  EXPECT_NE(crank.error("why whatever").find("expected a step's number"), std::string::npos);
}

TEST(Interpreter, FireLetsATimerRunOut) {
  Crank crank = elected();
  const Nanos before = crank.interpreter.world().now();

  EXPECT_NE(crank.run("fire n1 tick").find("run n1 node"), std::string::npos);
  EXPECT_GT(crank.interpreter.world().now(), before);
  EXPECT_EQ(crank.error("fire n1 tock"),
            "t.crank:1:1: there is no timer tock; there are tick, commit, sync-watchers, "
            "sync-victims, compact");
}

TEST(Interpreter, SettleGivesUpAndSaysWhatItWaitsFor) {
  Crank crank = elected();
  crank.run("crash n1\ncrash n2\nrun 3s");

  const Outcome outcome = crank.execute("settle");

  ASSERT_TRUE(outcome.error);
  EXPECT_EQ(outcome.error->code, Errc::Budget);
  EXPECT_EQ(exit_status(*outcome.error), 3);
  EXPECT_NE(outcome.error->detail.find("there is no leader"), std::string::npos);
}

TEST(Interpreter, EveryTermOfTheTableHasAnAnswer) {
  Crank crank = elected();
  crank.run("put hello world1\nput hello world2\nwatch hello --rev=1 --name w1\nsettle");
  for (const TermRow& row : term_table()) {
    SCOPED_TRACE(row.name);
    const auto expression = parse_claim(row.example);
    ASSERT_TRUE(expression) << expression.error().detail;
    const std::string error = crank.error("print " + std::string(row.example));
    // Some examples speak of another moment; none may be unknown.
    const bool of_another_moment = error.find("does not lead") != std::string::npos ||
                                   error.find("future revision") != std::string::npos ||
                                   error.find("does not exist yet") != std::string::npos ||
                                   error.find("no lock and no candidate") != std::string::npos;
    EXPECT_TRUE(error.empty() || of_another_moment) << error;
  }
}

TEST(Interpreter, AnswersTellRightFromWrong) {
  Crank crank;
  EXPECT_EQ(crank.error("answer 1"), "t.crank:1:1: no question has been asked");
  const Outcome asked = crank.execute("ask What?\n- this\n+ that\n= Because.");
  EXPECT_TRUE(std::holds_alternative<Ask>(asked.demand));

  EXPECT_EQ(crank.execute("answer 2").pieces.front().text, "Right.\n");
  EXPECT_EQ(crank.execute("answer 1").pieces.front().text, "Not so: it is 2, that.\n");
  EXPECT_EQ(crank.error("answer 3"), "t.crank:1:1: the choices are 1 to 2");
}

TEST(Interpreter, EqualLinesGiveEqualWorlds) {
  const auto digest = [] {
    Crank crank = elected();
    crank.run(
        "put a 1\ncrash n2 keep torn 1\nput b 2\nrestart n2\npartition n1\nrun 2s\nheal\nsettle");
    return crank.interpreter.world().digest();
  };
  EXPECT_EQ(digest(), digest());
}

TEST(Interpreter, EveryLinePrintsTheClockInOneForm) {
  Crank crank;
  crank.run("run 50ms");

  for (const char* line : {"back", "show", "history 2", "next", "enabled"}) {
    std::string printed;
    for (const Piece& piece : crank.execute(line).pieces) printed += piece.text;
    EXPECT_NE(printed.find("0."), std::string::npos) << line << ": " << printed;
    EXPECT_EQ(printed.find("0us"), std::string::npos) << line << ": " << printed;
  }
}

TEST(Violations, CountWhatTheBuiltInChecksFindAndForgetItInThePast) {
  Crank crank = elected();
  crank.run("watch k --name w1\nsettle");
  EXPECT_EQ(crank.run("print violations"), "0\n");
  crank.run("hold n1->c1\nput k 1 &\nput k 2 &\nrun 1s");
  // In the middle of a connection: no network of etcd's loses just that.
  crank.run("drop n1->c1 #2\nrelease\nsettle");

  EXPECT_NE(crank.run("print violations"), "0\n");
  const std::string now = crank.run("print steps");
  crank.run("jump 10");
  EXPECT_EQ(crank.run("print violations"), "0\n");
  crank.run("jump " + now);
  EXPECT_NE(crank.run("print violations"), "0\n");
  crank.run("back 2\nbranch other\nsettle");
  EXPECT_EQ(crank.run("print violations > 0"), "true\n");
}

TEST(Violations, CountBrokenAlwaysClaimsToo) {
  Crank crank = elected();
  crank.run("always few: steps < 1000000");
  EXPECT_EQ(crank.run("print violations"), "0\n");
  const std::string steps = crank.run("print steps");
  EXPECT_NE(crank.error("always fewer: steps < " + steps.substr(0, steps.size() - 1)), "");

  EXPECT_EQ(crank.run("print violations"), "1\n");
}

}  // namespace
}  // namespace orrery::lang
