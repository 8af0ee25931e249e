// Shows: a defect of the release that Debian has, provoked from outside; ours has it with that release's preset, and
// not without.
#include <string>

#include <gtest/gtest.h>

#include "lang/interpreter.h"
#include "lang/parser.h"
#include "tests/stock/stock.h"

namespace orrery::stock {
namespace {

class Defects : public BesideStock {};

constexpr const char* kStory[] = {"put k 1", "put k 2",   "put k 3", "del k",
                                  "put k 4", "compact 5", nullptr};

// What a watch from the revision of the deletion prints.
std::string watched_on_ours(const std::string& cluster) {
  lang::Interpreter crank;
  const auto run = [&](const std::string& line) {
    const auto command = lang::parse_command_text("t.crank", line);
    EXPECT_TRUE(command) << command.error().detail;
    const lang::Outcome outcome = crank.execute(*command);
    EXPECT_FALSE(outcome.error) << line << ": " << outcome.error->detail;
    return lang::output_of(outcome);
  };
  run(cluster);
  run("until leader != none within 5s");
  for (const char* const* line = kStory; *line != nullptr; ++line) run(*line);
  run("settle");
  const std::string printed = run("watch k --rev=5 --name w");
  return printed + run("run 2s");
}

std::string watched_on_stock(const Stock& etcd) {
  for (const char* const* line = kStory; *line != nullptr; ++line) (void)etcd.etcdctl(*line);
  (void)shell("sleep 1");
  return etcd.etcdctl("watch k --rev=5 & sleep 2; kill $!").out;
}

TEST_F(Defects, AWatchFromTheCompactionMissesTheDeletionHereAndThere) {
  const Scratch scratch("defects");
  const Stock etcd({.data_dir = scratch / "b1", .peer_url = "", .more = {}});
  ASSERT_TRUE(etcd.healthy()) << etcd.log();
  const std::string stock = watched_on_stock(etcd);

  EXPECT_EQ(stock, "PUT\nk\n4\n");
  EXPECT_EQ(watched_on_ours("cluster 1 --preset v3.4.23"), stock);
  EXPECT_EQ(watched_on_ours("cluster 1 --preset fixed"), "DELETE\nk\n\n" + stock);
}

}  // namespace
}  // namespace orrery::stock
