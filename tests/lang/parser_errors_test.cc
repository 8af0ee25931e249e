// What a wrong line is answered: the place, what was expected, what was found.
#include <string>

#include <gtest/gtest.h>

#include "lang/parser.h"

namespace orrery::lang {
namespace {

struct ErrorRow {
  std::string line;
  std::string error;
};

std::string error_of(const std::string& text) {
  const auto command = parse_command_text("t.crank", text);
  return command ? "no error" : command.error().detail;
}

TEST(ParserErrors, NameThePlaceAndWhatWasExpected) {
  const ErrorRow rows[] = {
      {"wacth k",
       "t.crank:1:1: expected a command (try help), found \"wacth\"; did you mean watch?"},
      {"frobnicate", "t.crank:1:1: expected a command (try help), found \"frobnicate\""},
      {"put", "t.crank:1:4: expected a key, found the end of the line"},
      {"put k",
       "t.crank:1:1: expected put KEY VALUE, found no value (--ignore-value keeps the one it "
       "has)"},
      {"put k v w", "t.crank:1:9: expected the end of the line, found \"w\""},
      {"put k v --lease zz",
       "t.crank:1:17: expected a lease id in hexadecimal for --lease, found "
       "\"zz\""},
      {"put k \"v", "t.crank:1:7: expected a closing \" for this one"},
      {"put k \"a\\q\"",
       "t.crank:1:9: expected \\n, \\t, \\r, \\\\, \\\" or \\xNN after a backslash"},
      {"get k -w xml",
       "t.crank:1:10: expected simple, json, fields or table for --write-out, found \"xml\""},
      {"get k --prefx",
       "t.crank:1:7: unknown flag --prefx; expected --prefix, --from-key, --rev, "
       "--limit, --sort-by, --order, --keys-only, --count-only, --consistency, "
       "--print-value-only, --write-out, --hex, --endpoints, --via, --user, --client or "
       "--background"},
      {"get k --rev",
       "t.crank:1:12: expected a revision (a whole number), found the end of the line"},
      {"get k --prefix --from-key", "t.crank:1:1: expected --prefix or --from-key, found both"},
      {"get k z --prefix", "t.crank:1:7: expected no range end beside --prefix"},
      {"step fast",
       "t.crank:1:6: expected phase, event, round or a positive number, found \"fast\""},
      {"step 0", "t.crank:1:6: expected phase, event, round or a positive number, found \"0\""},
      {"run", "t.crank:1:4: expected a duration (2s, 150ms), found the end of the line"},
      {"run 2", "t.crank:1:5: expected a duration (2s, 150ms), found \"2\""},
      {"deliver n1", "t.crank:1:9: expected a link (n1->n2, n1<->n2), found \"n1\""},
      {"deliver n1<->n2", "t.crank:1:9: expected one direction (n1->n2)"},
      {"deliver n1->n2 App",
       "t.crank:1:16: expected a type of message (MsgApp) or which of them (#1, "
       "#2, ...), found \"App\""},
      {"crash n2 keep some", "t.crank:1:15: expected all, none or torn, found \"some\""},
      {"crash n2 at",
       "t.crank:1:12: expected a crash point (raftBeforeSave, ...), found the end of the "
       "line"},
      {"fire c1 tick", "t.crank:1:6: expected a member (n1, n2, ...), found \"c1\""},
      {"partition n1 |",
       "t.crank:1:15: expected groups of members (n1 | n2 n3), found the end of the "
       "line"},
      {"partition n1 | n2 n1", "t.crank:1:11: expected n1 in one group only"},
      {"until n1.applied == 3 4", "t.crank:1:23: expected within, found \"4\""},
      {"always safe leader == n1",
       "t.crank:1:8: expected a name and a colon (safe:), found \"safe\""},
      {"cluster 12", "t.crank:1:9: expected at most 9 members"},
      {"as c2: crash n1",
       "t.crank:1:8: expected a client's command (put, get, ...) after \"as\", "
       "found \"crash\""},
      {"as: put k v",
       "t.crank:1:1: expected a command (try help), found \"as:\"; did you mean ask?"},
      {"as c2 put", "t.crank:1:4: expected a client and a colon (c2:), found \"c2\""},
      {"ask Which?\n- one\n+ two\n+ three",
       "t.crank:4:1: expected one right choice (+), found another"},
      {"ask Which?\n- one",
       "t.crank:1:1: expected, below the question, two choices or more (-), one of "
       "them right (+)"},
      {"txn if mod(\"k\") > \"0\"",
       "t.crank:1:22: expected \"then\" and requests (put, get, del), found "
       "the end of the line"},
      {"txn if mud(\"k\") > \"0\" then",
       "t.crank:1:8: expected version, create, mod, value or lease, "
       "found \"mud\""},
      {"txn if mod(\"k\") ~ \"0\" then", "t.crank:1:17: expected =, !=, > or <, found \"~\""},
      {"txn\nmod(\"k\") = \"x\"", "t.crank:2:12: expected a number, found \"x\""},
      {"txn\n\nput k",
       "t.crank:3:1: expected put KEY VALUE, found no value (--ignore-value keeps the "
       "one it has)"},
      {"txn\n\nstep", "t.crank:3:1: expected put, get or del inside txn"},
      {"put k v\nput k w", "t.crank:2:1: expected one command alone"},
  };
  for (const ErrorRow& row : rows) EXPECT_EQ(error_of(row.line), row.error);
}

TEST(ParserErrors, APlaceCanBeReadBackOffTheError) {
  const auto command = parse_command_text("dir/a b.crank", "# why\n\n  step fast");

  ASSERT_FALSE(command);
  EXPECT_EQ(place_of(command.error()), (Place{.file = "dir/a b.crank", .line = 3, .column = 8}));
  EXPECT_EQ(exit_status(command.error()), 2);
}

}  // namespace
}  // namespace orrery::lang
