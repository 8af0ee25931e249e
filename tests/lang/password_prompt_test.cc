#include "lang/password_prompt.h"

#include <string>

#include <gtest/gtest.h>

#include "lang/parser.h"

namespace orrery::lang {
namespace {

// The questions, and the line with "pw 1" for an answer to each.
std::string asked(std::string line) {
  std::string out;
  for (int i = 0; i < 3; ++i) {
    const SourceLine source{.file = "console", .number = 1, .text = line};
    const auto prompt = missing_password(source);
    if (!prompt) break;
    out += prompt->ask + "|" + prompt->again + "|";
    line = answered_line(line, *prompt, "pw 1");
  }
  EXPECT_TRUE(parse_command_text("console", line)) << line;
  return out + line;
}

TEST(PasswordPrompt, ANewPasswordIsAskedForTwice) {
  EXPECT_EQ(asked("user add bob"),
            "Password of bob: |Type password of bob again for confirmation: |"
            "user add bob --new-user-password=\"pw 1\"");
  EXPECT_EQ(asked("etcdctl user passwd bob --endpoints n1"),
            "Password of bob: |Type password of bob again for confirmation: |"
            "etcdctl user passwd bob \"pw 1\" --endpoints n1");
}

TEST(PasswordPrompt, ALoginIsAskedForOnce) {
  EXPECT_EQ(asked("put a 1 --user bob"), "Password: ||put a 1 --user \"bob:pw 1\"");
  EXPECT_EQ(asked("put a 1 --user='bob'  # as bob"),
            "Password: ||put a 1 --user=\"bob:pw 1\"  # as bob");
  EXPECT_EQ(asked("user add joe --user root"),
            "Password: ||Password of joe: |Type password of joe again for confirmation: |"
            "user add joe --new-user-password=\"pw 1\" --user \"root:pw 1\"");
}

TEST(PasswordPrompt, NothingIsAskedWhereAllIsSaid) {
  for (const char* line : {"user add bob:pw", "user add bob --no-password", "user passwd bob pw",
                           "user add bob --new-user-password=pw", "put a 1 --user bob:pw",
                           "put user add", "user get bob", "settle"}) {
    EXPECT_EQ(asked(line), line);
  }
}

TEST(PasswordPrompt, ALineThatCannotBeReadIsTheParsersToRefuse) {
  EXPECT_FALSE(missing_password({.file = "console", .number = 1, .text = "user add 'bob"}));
}

}  // namespace
}  // namespace orrery::lang
