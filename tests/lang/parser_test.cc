// The parser against the table: every row, and every command back to its text.
#include "lang/parser.h"

#include <set>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "base/draws.h"
#include "base/text.h"

namespace orrery::lang {
namespace {

Result<Command> parsed(std::string_view text) {
  return parse_command_text("t.crank", text);
}

template <class T>
T body(std::string_view text) {
  const auto command = parsed(text);
  EXPECT_TRUE(command) << command.error().detail;
  return command ? std::get<T>(command->body) : T{};
}

TEST(Parser, EachExampleOfTheTableParsesToAStructOfItsOwn) {
  std::set<std::size_t> kinds;
  for (const CommandRow& row : command_table()) {
    SCOPED_TRACE(row.name);

    const auto command = parsed(row.example);

    ASSERT_TRUE(command) << command.error().detail;
    const bool is_new = kinds.insert(command->body.index()).second;
    EXPECT_TRUE(is_new || std::holds_alternative<RunProgram>(command->body));
  }
  // "expect output" shares its row with "expect", a run's "load" with a member's, "snapshot status" with "save".
  EXPECT_EQ(kinds.size() + 3, std::variant_size_v<CommandBody>);
}

TEST(Parser, EachCommandBecomesTextThatParsesBackToIt) {
  const std::vector<std::string> more{
      "put k \"\" --lease=2a --prev-kv --client=c2",
      "put \"a b\" \"-v\" -w fields --hex",
      "put k --ignore-value --lease=2a",
      "get a b --rev=3 --limit=2 --sort-by=modify --order descend --consistency=s --keys-only",
      "get \"\" --from-key --print-value-only",
      "get k --prefix --count-only -w json --endpoints n2",
      "del a b --prev-kv",
      (R"(txn if value("k") = "then" and lease("k") = "2a" then put "else" "; x"; get k --prefix )"
       R"(else del "and" --prev-kv; put a b)"),
      "txn -w json if then get k",
      "txn\nmod(\"k\") > \"0\"\n\nput k v\nget k\n\ndel k\n",
      "watch k z --rev=4 --prev-kv --progress-notify --name all -w fields",
      "compact 7 --physical --client=c3",
      "compact -- -5",
      "lease grant -- -5",
      "step",
      "step round 7",
      "perform deliver n1->n2 MsgApp #1",
      "until count(members) == 3 and now < 3s",
      "delay n1->n2 #4 1m30s",
      "hold n1->n2 MsgApp",
      "hold n3 raft",
      "release",
      "release n1->n2",
      "restart n2 --as=v3.4.23 --quirk=none",
      "restart n2 --preset=v3.5.16",
      "cluster 3 --preset=mixed-3.2-3.3 --quirk=auth_ops_skip_ci_save",
      "cluster 1 --quirk=auth_ops_skip_ci_save,compact_drops_tombstone_at_rev "
      "--compaction-batch-limit=5",
      "crash n2",
      "crash n1 keep all",
      "put k v &",
      "put k \"&\" --client=c2 &",
      "txn if then get k &",
      "crash n2 keep torn 3 at walBeforeSync",
      "partition n1",
      "partition n1 c1 | n2 | n3",
      "heal",
      "heal n2",
      "jump before-election",
      "why",
      "why deliver n1->n2 MsgApp #1",
      "show",
      "show raft",
      "show n2",
      "expect eventually within 3s: leader != none",
      "expect output w1\nPUT\nhello",
      "forget 2",
      "cluster 5 --seed 9 --as v3.4.23",
      "say",
      "say # not a comment",
      "help",
  };
  std::vector<std::string> all = more;
  for (const CommandRow& row : command_table()) all.emplace_back(row.example);
  for (const std::string& line : all) {
    SCOPED_TRACE(line);
    const auto first = parsed(line);
    ASSERT_TRUE(first) << first.error().detail;

    const auto second = parsed(to_text(first->body));

    ASSERT_TRUE(second) << to_text(first->body) << "\n" << second.error().detail;
    EXPECT_EQ(first->body, second->body) << to_text(first->body);
  }
}

TEST(Parser, FlagsStandAnywhereAndInEveryFormEtcdctlTakes) {
  const Get want = body<Get>("get k --prefix --rev=3 -w json");

  EXPECT_EQ(body<Get>("get --prefix --rev 3 -w=json k"), want);
  EXPECT_EQ(body<Get>("get -wjson k --prefix=true --rev=3"), want);
  EXPECT_EQ(
      body<Get>("get --write-out json --prefix k --keys-only --rev 2 --rev 3 --keys-only=false"),
      want);
}

TEST(Parser, TwoDashesEndTheFlags) {
  EXPECT_EQ(body<Put>("put -- -k --v").key, "-k");
  EXPECT_EQ(body<Put>("put k -- -v").value, "-v");
}

TEST(Parser, APrefixNamesTheClient) {
  EXPECT_EQ(body<Put>("as c2: put k v").call.client, "c2");
  EXPECT_EQ(body<Put>("put k v --client c2"), body<Put>("as c2: put k v"));
}

TEST(Parser, QuotesKeepBlanksAndBytes) {
  EXPECT_EQ(body<Put>(R"(put "a b" 'c\d "e"')").value, "c\\d \"e\"");
  EXPECT_EQ(body<Put>(R"(put k "\x00\xff\n\t\"\\")").value, std::string("\0\xff\n\t\"\\", 6));
  EXPECT_EQ(body<Put>(R"(put pre"fix ed"post v)").key, "prefix edpost");
}

TEST(Parser, ACommentBeginsTheLineOrStandsAlone) {
  EXPECT_EQ(body<Put>("put k v # a remark").value, "v");
  EXPECT_EQ(body<Deliver>("deliver n1->n2 MsgApp #2 # the second").message.ordinal, 2U);
  EXPECT_EQ(body<Put>("put k v#w").value, "v#w");
  EXPECT_EQ(body<Say>("say 1 # 2").words, "1 # 2");
  EXPECT_EQ(body<Expect>("expect leader == n1 # at last").claim,
            body<Expect>("expect leader == n1").claim);
}

TEST(Parser, ATransactionOnOneLineEqualsItsThreeSections) {
  const Txn line =
      body<Txn>("txn if mod(\"k\") > \"0\" and version(k) = 1 then put k v; get k else get other");
  const Txn block =
      body<Txn>("txn\nmod(\"k\") > \"0\"\nver(k) = \"1\"\n\nput k v\nget k\n\nget other\n");

  EXPECT_EQ(line, block);
  EXPECT_EQ(line.compares.size(), 2U);
  EXPECT_EQ(line.success.size(), 2U);
}

TEST(Parser, AQuestionHoldsItsChoices) {
  const Ask ask = body<Ask>("ask Which?\n- one\n+ two\n- three\n= Because.\n= Really.");

  EXPECT_EQ(ask.choices, (std::vector<std::string>{"one", "two", "three"}));
  EXPECT_EQ(ask.right, 2U);
  EXPECT_EQ(ask.explanation, "Because.\nReally.");
}

// Whatever stands on a line: a command or an error with its place, never a crash.
TEST(Parser, RandomChangesOfExamplesGiveACommandOrAPlace) {
  std::vector<std::string> lines;
  for (const CommandRow& row : command_table()) lines.emplace_back(row.example);
  const std::string letters = " \t\"'\\#-=<>()[]|:;.,@&x19n\n\xff";
  for (std::uint64_t round = 0; round < 20'000; ++round) {
    const auto draw = [&](std::uint64_t what, std::uint64_t below) {
      return static_cast<std::size_t>(mix(round * 16 + what) % below);
    };
    std::string line = lines[draw(0, lines.size())];
    for (std::uint64_t change = 0; change <= draw(1, 4); ++change) {
      const std::size_t at = draw(2 + 3 * change, line.size() + 1);
      if (draw(3 + 3 * change, 2) == 0) {
        line.insert(at, 1, letters[draw(4 + 3 * change, letters.size())]);
      } else {
        line.erase(at, 1 + draw(4 + 3 * change, 3));
      }
    }

    const auto command = parsed(line);

    if (command) {
      const auto again = parsed(to_text(command->body));
      ASSERT_TRUE(again) << line << "\n" << to_text(command->body) << again.error().detail;
      ASSERT_EQ(again->body, command->body) << line << "\n" << to_text(command->body);
    } else {
      ASSERT_TRUE(place_of(command.error())) << line << "\n" << command.error().detail;
    }
  }
}

}  // namespace
}  // namespace orrery::lang
