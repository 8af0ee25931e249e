// From 3.5 on no password that was typed is anywhere: not in the world, not on a disk, not in a saved run. 3.4 keeps
// it.
#include "lang/secrets.h"

#include <gtest/gtest.h>

#include "auth/bcrypt.h"
#include "lang/interpreter.h"
#include "lang/parser.h"
#include "lang/run_file.h"

namespace orrery::lang {
namespace {

class Talk {
 public:
  explicit Talk(const std::string& version) {
    run("cluster 1 --seed 3 --as " + version);
    run("settle");
  }

  std::string run(const std::string& line) {
    const auto command = parse_command_text("t", line);
    EXPECT_TRUE(command) << command.error().detail;
    if (!command) return {};
    const Outcome outcome = interpreter.execute(*command);
    EXPECT_FALSE(outcome.error) << line << ": " << outcome.error->detail;
    return output_of(outcome);
  }

  bool disk_holds(const std::string& word) const {
    const disk::Disk& disk = interpreter.world().member(1).disk();
    for (const std::string& path : disk.paths()) {
      const auto bytes = disk.read(path, 0, disk.size(path).value_or(0));
      if (bytes && std::string(bytes->begin(), bytes->end()).find(word) != std::string::npos) {
        return true;
      }
    }
    return false;
  }

  Interpreter interpreter;
};

Talk with_users(const std::string& version) {
  Talk talk(version);
  talk.run("user add root:topsecret");
  talk.run("user grant-role root root");
  talk.run("user add alice --new-user-password=wonderland");
  talk.run("auth enable");
  talk.run("put a 1 --user root:topsecret");
  talk.run("user passwd alice looking-glass --user root:topsecret");
  talk.run("run 1s");
  return talk;
}

TEST(Secrets, NoPasswordIsInASavedRunOrOnADisk) {
  for (const std::string version : {"v3.5.29", "v3.6.0"}) {
    const Talk talk = with_users(version);
    const std::string saved = to_text(record(talk.interpreter.timeline()));
    for (const std::string word : {"topsecret", "wonderland", "looking-glass"}) {
      EXPECT_EQ(saved.find(word), std::string::npos) << word;
      EXPECT_FALSE(talk.disk_holds(word)) << word;
    }
  }
}

TEST(Secrets, WhatWasHiddenStillLogsIn) {
  Talk talk = with_users("v3.6.0");

  EXPECT_EQ(talk.run("get a --user root:topsecret"), "a\n1\n");
  EXPECT_EQ(talk.run("get a --user root:guess"),
            "Error: etcdserver: authentication failed, invalid user ID or password\n");
  EXPECT_EQ(talk.run("get a --user alice:looking-glass"), "Error: etcdserver: permission denied\n");
  EXPECT_EQ(talk.run("get a --user alice:wonderland"),
            "Error: etcdserver: authentication failed, invalid user ID or password\n");
}

TEST(Secrets, ARunWithLoginsReplaysToTheSameDigests) {
  const Talk talk = with_users("v3.6.0");
  const SavedRun saved = record(talk.interpreter.timeline());

  const auto again = replay("t", saved);

  ASSERT_TRUE(again) << again.error().detail;
  EXPECT_EQ(again->world().digest(), talk.interpreter.world().digest());
}

TEST(Secrets, Release34WritesPasswordsIntoItsLog) {
  const Talk talk = with_users("v3.4.23");

  EXPECT_TRUE(talk.disk_holds("topsecret"));
  EXPECT_TRUE(talk.disk_holds("looking-glass"));
}

TEST(Secrets, HidingTwiceIsHidingOnce) {
  const Talk talk("v3.6.0");
  const auto typed = parse_command_text("t", "put a 1 --user alice:pw");
  ASSERT_TRUE(typed);

  const auto once = without_passwords(typed->body, talk.interpreter.world());
  ASSERT_TRUE(once);
  const auto twice = without_passwords(*once, talk.interpreter.world());

  ASSERT_TRUE(twice);
  EXPECT_EQ(*once, *twice);
  const std::string user = std::get<Put>(*once).call.user;
  EXPECT_TRUE(auth::is_hash(user.substr(user.find(':') + 1)));
}

TEST(Secrets, APasswordThatBcryptRefusesIsAnErrorAndNotKept) {
  Talk talk("v3.6.0");
  const auto command = parse_command_text("t", "user add bob:" + std::string(80, 'x'));
  ASSERT_TRUE(command);

  const Outcome outcome = talk.interpreter.execute(*command);

  ASSERT_TRUE(outcome.error);
  EXPECT_NE(outcome.error->detail.find("72 bytes"), std::string::npos);
}

TEST(Secrets, LinesThatNameAPasswordAreKnown) {
  EXPECT_TRUE(names_a_password("user add bob:pw"));
  EXPECT_TRUE(names_a_password("get a --user bob:pw"));
  EXPECT_FALSE(names_a_password("put user bob"));
}

}  // namespace
}  // namespace orrery::lang
