// Programs: locks, elections, keepers of leases, transfers, agents, informers and the monkey, in a whole world.
#include <gtest/gtest.h>

#include "base/text.h"
#include "check/world_checks.h"
#include "lang/interpreter.h"
#include "lang/parser.h"
#include "lang/world_terms.h"

namespace orrery::client {
namespace {

class Crank {
 public:
  explicit Crank(const std::string& cluster = "cluster 3 --seed 1") {
    run(cluster + "\nuntil leader != none within 5s\nsettle");
  }

  // What the lines printed; a failure of the test when one of them stops with an error.
  std::string run(std::string_view lines) {
    std::string out;
    for (const lang::SourceLine& line : lang::lines_of("t", lines)) {
      if (line.text.empty()) continue;
      const auto command = lang::parse_command_text("t", line.text);
      EXPECT_TRUE(command) << command.error().detail;
      if (!command) return out;
      const lang::Outcome outcome = interpreter.execute(*command);
      EXPECT_FALSE(outcome.error) << line.text << ": " << outcome.error->detail;
      out += lang::output_of(outcome);
    }
    return out;
  }

  const Program& program(std::string_view name) const {
    return *lang::find_program(interpreter.world(), name).program;
  }

  template <class W>
  const W& work(std::string_view name) const {
    return std::get<W>(program(name).work);
  }

  lang::Interpreter interpreter;
};

TEST(Lock, TheSecondWaitsUntilTheFirstIsGone) {
  Crank crank;
  crank.run("as c1: lock m --name a\nas c2: lock m --name b\nas c3: lock m --name c");

  EXPECT_EQ(crank.work<Hold>("a").phase, Hold::Phase::Held);
  EXPECT_EQ(crank.work<Hold>("b").phase, Hold::Phase::WatchOwner);
  crank.run("cancel a\nuntil holds(b) within 5s");
  EXPECT_EQ(crank.run("print holds(c)"), "false\n") << "the queue is in the order of creation";
  crank.run("cancel b\nuntil holds(c) within 5s\ncancel c\nsettle");
  EXPECT_EQ(crank.run("get m --prefix --keys-only"), "");
  EXPECT_EQ(crank.run("lease list"), "found 0 leases\n");
}

// Its lease ends too, and with it the key; but who waits need not wait for that.
TEST(Lock, ItIsGivenBackByTheDeletionOfItsKey) {
  Crank crank;
  crank.run("as c1: lock m --name a");
  const Blob key = crank.work<Hold>("a").key;

  crank.run("cancel a\nsettle");

  std::int64_t deleted = 0;
  for (const auto& [number, call] : (*crank.interpreter.world().clients().find(1))->calls()) {
    const auto* erase = std::get_if<rpc::DeleteRangeRequest>(&call.request);
    if (erase == nullptr || erase->key != key || !call.answer || call.answer->error) continue;
    deleted += std::get<rpc::DeleteRangeResponse>(call.answer->response).deleted;
  }
  EXPECT_EQ(deleted, 1);
}

TEST(Lock, ItIsHeldAroundACommandAndFreeAfterwards) {
  Crank crank;

  const std::string out = crank.run("lock m --name a sh -c \"echo key $ETCD_LOCK_KEY\"");

  EXPECT_EQ(out, text("key {}\n", crank.work<Hold>("a").key.view()));
  EXPECT_TRUE(crank.program("a").over);
  EXPECT_EQ(crank.run("get m --prefix --keys-only"), "");
}

TEST(Lock, AHolderThatSleepsLosesItAndLearnsOfItWhenItWakes) {
  Crank crank;
  crank.run("as c1: lock m --ttl=5 --name a\nas c2: lock m --ttl=5 --name b\npause a");

  crank.run("until holds(b) within 30s");
  EXPECT_EQ(crank.run("print holds(a)"), "true\n") << "it believes so";
  EXPECT_EQ(crank.run("print token(b) > token(a)"), "true\n");
  EXPECT_EQ(crank.run("resume a\nrun 1s"), "Error: session expired\n");
  EXPECT_EQ(crank.program("a").status, 1);
}

TEST(Lock, AHolderThatIsAwakeKeepsIt) {
  Crank crank;
  crank.run("as c1: lock m --ttl=5 --name a\nas c2: lock m --ttl=5 --name b\nrun 60s");

  EXPECT_EQ(crank.run("print holds(a) and not holds(b)"), "true\n");
}

TEST(Election, TheNextCandidateLeadsWhenTheLeaderResigns) {
  Crank crank;
  crank.run("as c1: elect boss alice --name a\nas c2: elect boss bob --name b");
  const std::string eyes = crank.run("as c3: elect boss --listen --name eyes");
  EXPECT_NE(eyes.find("alice\n"), std::string::npos);

  const std::string out = crank.run("cancel a\nuntil holds(b) within 5s\nrun 100ms");

  EXPECT_NE(out.find("bob\n"), std::string::npos);
}

TEST(KeepAlive, ALeaseLivesAsLongAsSomebodyRenewsIt) {
  Crank crank;
  crank.run("lease grant 6");
  const std::string id = crank.run("lease list").substr(15, 16);

  crank.run("lease keep-alive " + id + " --name k\nput a 1 --lease=" + id + "\nrun 30s");
  EXPECT_EQ(crank.run("get a --print-value-only"), "1\n");
  EXPECT_GE(crank.program("k").lines.size(), 14U) << "each third of its time";
  crank.run("cancel k\nrun 10s");
  EXPECT_EQ(crank.run("get a"), "");
}

TEST(Transfer, TwoAtOnceLoseNothing) {
  Crank crank;
  crank.run("put x 100\nput y 0");

  crank.run("as c1: transfer x y 10 --name t1 &\nas c2: transfer x y 5 --name t2 &\nsettle");

  EXPECT_EQ(crank.run("get x --print-value-only\nget y --print-value-only"), "85\n15\n");
  EXPECT_EQ(crank.work<Transfer>("t1").attempts + crank.work<Transfer>("t2").attempts, 3U);
}

TEST(Transfer, ReadCommittedLosesAnUpdate) {
  Crank crank;
  crank.run("put x 100\nput y 0");

  crank.run(
      "as c1: transfer x y 10 --isolation=read-committed --name t1 &\n"
      "as c2: transfer x y 5 --isolation=read-committed --name t2 &\nsettle");

  EXPECT_NE(crank.run("get x --print-value-only\nget y --print-value-only"), "85\n15\n");
}

TEST(Transfer, RepeatableReadsReadAnewWhenSomebodyWrote) {
  Crank crank;
  crank.run("put x 100\nput y 0");
  crank.run(
      "as c1: transfer x y 10 --isolation=repeatable-reads --name t1 &\n"
      "as c2: transfer x y 5 --isolation=repeatable-reads --name t2 &\nsettle");
  EXPECT_EQ(crank.run("get y --print-value-only"), "15\n");
}

TEST(Agent, TheFaultyOneMissesWhatIsWrittenBetweenItsListAndItsWatch) {
  Crank crank;
  crank.run("as c9: put /task/1 a");
  crank.run("as c1: agent /task/ --faulty --name faulty &\nuntil c1.answers == 1 within 1s");
  crank.run("hold c1->n1\nhold c1->n2\nhold c1->n3");
  crank.run("as c2: agent /task/ --name right &\nuntil c2.answers == 1 within 1s");
  crank.run("hold c2->n1\nhold c2->n2\nhold c2->n3");
  crank.run("as c9: put /task/2 b");
  crank.run("release\nsettle\nas c9: put /task/3 c\nsettle");

  EXPECT_EQ(crank.program("right").lines.size(), 3U);
  EXPECT_EQ(crank.program("faulty").lines.size(), 2U);
}

TEST(Informer, ItsCopyIsWhatTheStoreHasAlsoAfterACompaction) {
  Crank crank;
  crank.run("put /p/a 1\nput /p/b 1\nas c2: informer /p/ --name copy\npause copy");
  crank.run("del /p/a\nput /p/b 2\nput /p/c 1\nput other x\ncompact 6\nsettle");

  const std::string out = crank.run("resume copy\nsettle\nrun 1s");

  EXPECT_EQ(crank.work<ListWatch>("copy").known.size(), 2U);
  EXPECT_NE(out.find("copy: DELETED /p/a\n"), std::string::npos);
  EXPECT_NE(out.find("copy: MODIFIED /p/b 2\n"), std::string::npos);
  EXPECT_NE(out.find("copy: ADDED /p/c 1\n"), std::string::npos);
}

TEST(Informer, WhenItsRevisionIsGoneItListsAnew) {
  Crank crank;
  crank.run("put /p/a 1\nas c2: informer /p/ --endpoints=n1 --name copy");
  crank.run(
      "crash n1\nput /p/a 2 --endpoints=n2\nput /p/b 1 --endpoints=n2\ndel /p/a --endpoints=n2");
  crank.run("compact 5 --endpoints=n2\nsettle\nrestart n1");

  const std::string out = crank.run("run 3s\nsettle");

  EXPECT_EQ(crank.work<ListWatch>("copy").lists, 2U) << out;
  EXPECT_NE(out.find("copy: DELETED /p/a\n"), std::string::npos) << out;
  EXPECT_NE(out.find("copy: ADDED /p/b 1\n"), std::string::npos) << out;
}

TEST(Monkey, ItsDeedsAreTheSameInEveryRunAndAllMembersAgreeAfterThem) {
  const std::string deeds = "monkey --deeds=40 --restarts --name m";
  Crank one;
  Crank two;

  const std::string log = one.run(deeds);
  EXPECT_EQ(two.run(deeds), log);

  EXPECT_EQ(one.work<Monkey>("m").done, 40U);
  EXPECT_NE(log.find("restart n"), std::string::npos);
  EXPECT_NE(log.find("role grant-permission"), std::string::npos);
  one.run("run 2s\nsettle\nexpect violations == 0");
  one.run("expect hashkv(n1) == hashkv(n2) and hashkv(n2) == hashkv(n3)");
}

TEST(Program, ItGoesOnWhenTheMemberItAskedDies) {
  Crank crank;
  crank.run("as c1: lock m --name a\nas c2: lock m --name b\ncrash n1\ncancel a");
  crank.run("until holds(b) within 10s");
  EXPECT_EQ(crank.run("print holds(b)"), "true\n");
}

}  // namespace
}  // namespace orrery::client
