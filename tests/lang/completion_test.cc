// Tab and help come from the table.
#include "lang/completion.h"

#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "lang/help.h"

namespace orrery::lang {
namespace {

using Words = std::vector<std::string>;

CompletionNames names() {
  CompletionNames out;
  out.members = {"n1", "n2"};
  out.clients = {"c1"};
  out.watches = {"w1", "w2"};
  out.branches = {"main", "what-if"};
  out.lanes = {"apply", "raft"};
  out.points = {"raftAfterSave", "raftBeforeSave"};
  out.types = {"MsgApp", "MsgVote"};
  return out;
}

Words words(std::string_view line) {
  return complete(line, names()).words;
}

TEST(Completion, OffersWhatMayStandAtTheCursor) {
  EXPECT_EQ(words("par"), Words{"partition"});
  EXPECT_EQ(words("step "), (Words{"event", "phase", "round"}));
  EXPECT_EQ(words("step ev"), Words{"event"});
  EXPECT_EQ(words("cancel "), (Words{"w1", "w2"}));
  EXPECT_EQ(words("cluster 3 --quirk auth"), Words{"auth_ops_skip_ci_save"});
  EXPECT_EQ(words("cluster 3 --preset mixed"), Words{"mixed-3.2-3.3"});
  EXPECT_EQ(words("restart n"), (Words{"n1", "n2"}));
  EXPECT_EQ(words("deliver n1"), (Words{"n1->c1", "n1->n2"}));
  EXPECT_EQ(words("deliver n1->n2 "), (Words{"MsgApp", "MsgVote"}));
  EXPECT_EQ(words("hold n1 "), (Words{"apply", "raft"}));
  EXPECT_EQ(words("crash n1 "), (Words{"at", "keep"}));
  EXPECT_EQ(words("crash n1 keep "), (Words{"all", "none", "torn"}));
  EXPECT_EQ(words("crash n1 at raftB"), Words{"raftBeforeSave"});
  EXPECT_EQ(words("switch "), (Words{"main", "what-if"}));
  EXPECT_EQ(words("help watc"), Words{"watch"});
  EXPECT_EQ(words("get k --pre"), Words{"--prefix"});
  EXPECT_EQ(words("get k -w "), (Words{"fields", "json", "simple", "table"}));
  EXPECT_EQ(words("get k --via n"), (Words{"n1", "n2"}));
  EXPECT_EQ(words("as c1: wa"), Words{"watch"});
}

TEST(Completion, KnowsTheTermsOfExpressions) {
  EXPECT_EQ(words("until set"), Words{"settled"});
  EXPECT_EQ(words("expect n1.appl"), Words{"applied"});
  EXPECT_EQ(words("expect n1.role == lead"), (Words{"lead", "leader"}));
  EXPECT_EQ(words("expect out"), Words{"output"});
  EXPECT_EQ(words("always safe: count(mem"), Words{"members"});
  EXPECT_EQ(complete("expect n1.appl", names()).begin, 10U);
}

TEST(Completion, HintsWhereNothingCanBeListed) {
  EXPECT_EQ(complete("run ", names()).hint, "a duration (2s, 150ms)");
  EXPECT_EQ(complete("put ", names()).hint, "a key");
  EXPECT_EQ(complete("bogus ", names()).hint, "no such command");
}

TEST(Help, ShowsEachCommandWithItsExample) {
  const std::string all = help_text();
  for (const CommandRow& row : command_table()) {
    const std::string own = help_text(row);
    const std::string first_line(row.example.substr(0, row.example.find('\n')));
    EXPECT_NE(all.find("\n  " + std::string(row.name)), std::string::npos) << row.name;
    EXPECT_NE(own.find(first_line), std::string::npos) << own;
    EXPECT_NE(own.find(row.help), std::string::npos) << own;
  }
}

}  // namespace
}  // namespace orrery::lang
