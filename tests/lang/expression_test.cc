// The expression language: shapes, types, values.
#include "lang/expression.h"

#include <map>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "lang/evaluate.h"
#include "lang/expression_terms.h"

namespace orrery::lang {
namespace {

using Values = std::vector<Value>;

// A world of three members, of which n1 leads; n3 lags. Terms are answered by their text.
Result<Value> lookup(std::string_view name, const std::vector<Value>& arguments) {
  static const std::map<std::string, Value> kFacts{
      {"leader", "n1"},
      {"members", Values{"n1", "n2", "n3"}},
      {"now", std::int64_t{2'000'000'000}},
      {"settled", false},
      {"messages", std::int64_t{4}},
      {"messages n1->n2", std::int64_t{2}},
      {"messages n1->n2 MsgApp", std::int64_t{1}},
      {"applied n1", std::int64_t{5}},
      {"applied n2", std::int64_t{5}},
      {"applied n3", std::int64_t{3}},
      {"role n1", "leader"},
      {"role n2", "follower"},
      {"role n3", "follower"},
      {"hashkv n1 7", std::int64_t{99}},
      {"value n1 k", "v"},
      {"value n1 k 2", "u"},
      {"values w1", Values{"a", "b"}},
      {"revisions w1", Values{std::int64_t{2}, std::int64_t{3}}},
      {"events w1", std::int64_t{2}},
  };
  std::string key(name);
  for (const Value& argument : arguments) {
    const auto* words = std::get_if<std::string>(&argument.held);
    key += " " + (words != nullptr ? *words : to_text(argument));
  }
  const auto found = kFacts.find(key);
  if (found == kFacts.end()) return fail(Errc::WrongUse, "no fact " + key);
  return found->second;
}

std::string value_of(std::string_view text) {
  const auto expression = parse_claim(text, Temporal::AllowedAtRoot);
  if (!expression) return expression.error().detail;
  const auto value = evaluate(*expression, lookup);
  return value ? to_text(*value) : value.error().detail;
}

struct ExpressionRow {
  std::string text;
  std::string result;
};

TEST(Expression, ComesToItsValue) {
  const ExpressionRow rows[] = {
      {"n1.applied == 5", "true"},
      {"applied(n1) == n1.applied", "true"},
      {"applied(leader) - 2 == n3.applied", "true"},
      {"n3.applied + 1 + 1 >= 5", "true"},
      {"10 - 3 - 2 == 5", "true"},
      {"-n3.applied < 0", "true"},
      {"leader == n1 and not leader == n2", "true"},
      {"leader != none", "true"},
      {"leader == \"n1\"", "true"},
      {"n1.role == leader", "true"},
      {"n2.role == leader or n2.role == follower", "true"},
      {"all m: m.applied == 5", "false"},
      {"any m: m.applied == 3", "true"},
      {"all m: all o: m.applied - o.applied <= 2", "true"},
      {"any v in values(w1): v == \"b\"", "true"},
      {"all r in w1.revisions: r > 2", "false"},
      {"\"a\" in w1.values", "true"},
      {"n2 in members", "true"},
      {"leader in [n2, n3]", "false"},
      {"w1.revisions == [2, 3]", "true"},
      {"values(w1) == [\"a\"]", "false"},
      {"count(members) == 3 and max(w1.revisions) == 3", "true"},
      {"hashkv(n1)@7 == 99", "true"},
      {"n1.hashkv(7) == 99", "true"},
      {"n1.value(\"k\")@2 == \"u\" and n1.value(\"k\") == 'v'", "true"},
      {"messages == 4", "true"},
      {"messages(n1->n2) == 2", "true"},
      {"messages(n1->n2, MsgApp) == 1", "true"},
      {"now < 3s", "true"},
      {"now + 500ms == 2s500ms", "true"},
      {"settled", "false"},
      {"not settled and true", "true"},
      {"false and n9.applied == 1", "false"},
      {"true or n9.applied == 1", "true"},
      {"n9.applied == 1", "no fact applied n9"},
      {"eventually within 3s: n1.applied == 5", "true"},
      {"9223372036854775807 + 1 > 0", "a sum does not fit 64 bits"},
  };
  for (const ExpressionRow& row : rows) {
    EXPECT_EQ(value_of(row.text), row.result) << row.text;
  }
}

TEST(Expression, BareWordsFollowTheOtherSide) {
  EXPECT_EQ(value_of("leader == n1.role"), "true");
  EXPECT_EQ(value_of("follower == n2.role"), "true");
  EXPECT_EQ(value_of("n1 == leader"), "true");
}

TEST(Expression, AndBindsTighterThanOrAndNotTighterThanAnd) {
  EXPECT_EQ(value_of("true or false and false"), "true");
  EXPECT_EQ(value_of("(true or false) and false"), "false");
  EXPECT_EQ(value_of("not true or true"), "true");
  EXPECT_EQ(value_of("not (true or true)"), "false");
  EXPECT_EQ(value_of("(all m: m.applied == 9) or true"), "true");
}

TEST(Expression, ErrorsNameTheColumnAndWhatWasExpected) {
  const ExpressionRow rows[] = {
      {"n1.aplied == 3", "expression:1:4: expected a term, found \"aplied\""},
      {"n1.app == 3", "expression:1:4: expected a term, found \"app\"; did you mean applied?"},
      {"bogus == 3", "expression:1:1: expected a term, found \"bogus\""},
      {"n1.applied = 3", "expression:1:12: expected == between what is compared, found \"=\""},
      {"n1.applied", "expression:1:4: expected a condition, found a number"},
      {"n1.applied == ",
       "expression:1:15: expected a term (n1.applied), a number, a text or \"(\", "
       "found the end of the line"},
      {"n1.applied == leader", "expression:1:15: expected a number, found a member"},
      {"n1.applied == \"3\"", "expression:1:15: expected a number, found a text"},
      {"n1.role == n2", "expression:1:12: expected a role, found a member"},
      {"n1.role < follower", "expression:1:4: expected a number or a duration, found a role"},
      {"now == 3", "expression:1:8: expected a duration, found a number"},
      {"1 < 2 < 3", "expression:1:7: expected \"and\" between two comparisons, found \"<\""},
      {"applied == 3",
       "expression:1:1: expected 1 argument of applied (as in n2.applied == 5), found "
       "0"},
      {"applied(n1, 2) == 3",
       "expression:1:1: expected 1 argument of applied (as in n2.applied == 5), "
       "found 2"},
      {"applied(w1) == 3", "expression:1:9: expected a term, found \"w1\""},
      {"rev(3) == 3", "expression:1:5: expected a member, found a number"},
      {"(true", "expression:1:6: expected \")\", found the end of the line"},
      {"count(members == 3", "expression:1:19: expected \",\" or \")\", found the end of the line"},
      {"all m m.applied == 3", "expression:1:7: expected \":\" or \"in\", found \"m\""},
      {"all leader: true",
       "expression:1:1: expected a new name, found \"leader\", which means "
       "something already"},
      {"all m in 3: true", "expression:1:10: expected a list, found a number"},
      {"[1, n1] == [1]", "expression:1:5: expected a number, found a member"},
      {"min(members) == 1", "expression:1:5: expected a list of numbers, found a list of members"},
      {"3m5 == now", "expression:1:1: expected a number, or a duration (3s, 150ms), found \"3m5\""},
      {"99999999999999999999 == 1",
       "expression:1:1: expected a number below 9223372036854775808, "
       "found \"99999999999999999999\""},
      {"n1.value(\"k) == 3", "expression:1:10: expected a closing \" for this one"},
      {"not eventually within 3s: true",
       "expression:1:5: expected a term (n1.applied), found "
       "\"eventually\""},
      {"$", "expression:1:1: expected a term (n1.applied), a number, a text or \"(\", found \"$\""},
      {"",
       "expression:1:1: expected a term (n1.applied), a number, a text or \"(\", found the end of "
       "the line"},
  };
  for (const ExpressionRow& row : rows) EXPECT_EQ(value_of(row.text), row.result) << row.text;
}

TEST(Expression, EventuallyStandsOnlyWhereSomebodyWaits) {
  const auto refused = parse_claim("eventually within 3s: settled", Temporal::Forbidden);
  const auto taken = parse_claim("eventually within 3s: settled", Temporal::AllowedAtRoot);

  ASSERT_FALSE(refused);
  ASSERT_TRUE(taken);
  EXPECT_EQ(eventually_within(*taken), seconds(3));
}

TEST(Expression, DeepOrLongInputIsAnError) {
  const std::string deep = std::string(10'000, '(') + "true" + std::string(10'000, ')');
  std::string lengthy = "1";
  for (int i = 0; i < 10'000; ++i) lengthy += " + 1";

  EXPECT_FALSE(parse_claim(deep));
  EXPECT_FALSE(parse_claim(lengthy + " == 1"));
  EXPECT_FALSE(parse_claim(std::string(10'000, '[')));
  std::string nots;
  for (int i = 0; i < 10'000; ++i) nots += "not ";
  EXPECT_FALSE(parse_claim(nots + "true"));
}

TEST(Expression, EachTermsExampleParsesAndItsTextParsesBack) {
  for (const TermRow& row : term_table()) {
    SCOPED_TRACE(row.name);
    const auto first = parse_claim(row.example);
    ASSERT_TRUE(first) << first.error().detail;

    const auto second = parse_claim(to_text(*first));

    ASSERT_TRUE(second) << to_text(*first);
    EXPECT_EQ(*first, *second);
    EXPECT_FALSE(is_reserved(row.name));
  }
}

TEST(Expression, TextKeepsTheShape) {
  const ExpressionRow rows[] = {
      {"applied(n1)==5", "n1.applied == 5"},
      {"hashkv(n1)@7 == 1", "n1.hashkv(7) == 1"},
      {"(true or false) and not (true and false)", "(true or false) and not (true and false)"},
      {"1-(2-3) == 2", "1 - (2 - 3) == 2"},
      {"(1-2)-3 == -4", "1 - 2 - 3 == -4"},
      {"not (all m: m.term == 1)", "not (all m: m.term == 1)"},
      {"(true == false) == true", "(true == false) == true"},
      {"leader == none", "leader == none"},
      {"eventually within 90s leader == n1", "eventually within 1m30s: leader == n1"},
      {"messages(n1->n2,MsgApp)>0", "messages(n1->n2, MsgApp) > 0"},
  };
  for (const ExpressionRow& row : rows) {
    const auto expression = parse_claim(row.text, Temporal::AllowedAtRoot);
    ASSERT_TRUE(expression) << expression.error().detail;
    EXPECT_EQ(to_text(*expression), row.result);
  }
}

}  // namespace
}  // namespace orrery::lang
