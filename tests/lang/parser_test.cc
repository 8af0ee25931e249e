// The parser against the table: every row's example, and errors with their places.
#include "lang/parser.h"

#include <gtest/gtest.h>

namespace orrery::lang {
namespace {

Result<Command> parsed(std::string_view text) {
  return parse_command_text("t.crank", text);
}

TEST(Parser, EachExampleOfTheTableParses) {
  for (const CommandRow& row : command_table()) {
    SCOPED_TRACE(row.name);

    const auto command = parsed(row.example);

    ASSERT_TRUE(command) << command.error().detail;
  }
}

}  // namespace
}  // namespace orrery::lang
