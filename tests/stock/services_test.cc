// Shows: disks that hold leases, users, roles, alarms, learners and members that came and went, carried between our
// members and stock etcds; both then answer the same to the same commands.
#include <map>
#include <memory>
#include <regex>
#include <set>

#include <gtest/gtest.h>

#include "base/text.h"
#include "host/data_dir.h"
#include "lang/interpreter.h"
#include "lang/parser.h"
#include "tests/stock/ours.h"
#include "tests/stock/stock.h"

namespace orrery::stock {
namespace {

class Services : public BesideStock {};

// Our side: a world that is told things in etcdctl's own lines.
class Ours {
 public:
  explicit Ours(const std::string& cluster) {
    say("cluster " + cluster + " --as=v3.4.23 --quota-backend-bytes=600000");
    say("until leader != none within 5s");
    say("settle");
  }

  std::string say(const std::string& line) {
    const auto command = lang::parse_command_text("test", line);
    if (!command) return command.error().detail;
    const lang::Outcome outcome = interpreter_.execute(*command);
    if (outcome.error) return outcome.error->detail;
    return lang::output_of(outcome);
  }

  void load(const disk::Disk& disk) {
    const auto outcome = interpreter_.install({.member = "n1", .folder = "theirs"}, disk);
    EXPECT_FALSE(outcome.error) << outcome.error->detail;
    say("until leader != none within 5s");
    say("settle");
  }

  void eject(std::uint32_t no, const std::string& folder) const {
    const auto done = host::write_data_dir(world().member(no).disk(), folder);
    EXPECT_TRUE(done) << done.error().detail;
  }

  const sim::World& world() const { return interpreter_.world(); }

 private:
  lang::Interpreter interpreter_;
};

std::unique_ptr<Stock> stock_on(const std::string& folder) {
  return std::make_unique<Stock>(Options{
      .name = "n1", .data_dir = folder, .peer_url = "", .more = {"--quota-backend-bytes=600000"}});
}

// Leases, users and roles, a role and a user that are gone again; whoever carries it out.
template <class Say>
void use_services(const Say& say) {
  for (const char* line : {"put plain 1",
                           "put plain 2",
                           "del plain",
                           "put kept here",
                           "user add root:secret",
                           "user add alice:wonder",
                           "user add bob:builder",
                           "role add reader",
                           "role add gone",
                           "role grant-permission reader read /task/ --prefix",
                           "role grant-permission reader readwrite x y",
                           "role grant-permission reader write one",
                           "role revoke-permission reader one",
                           "user grant-role alice reader",
                           "user grant-role bob gone",
                           "user grant-role root root",
                           "user delete bob",
                           "role delete gone",
                           "put /task/1 sweep",
                           "compact 3"}) {
    const std::string out = say(line);
    EXPECT_EQ(out.find("Error"), std::string::npos) << line << ": " << out;
  }
  std::vector<std::string> leases;
  for (int i = 0; i < 3; ++i) {
    const std::string out = say(text("lease grant {}", 5000 + i));
    std::smatch found;
    ASSERT_TRUE(std::regex_search(out, found, std::regex("lease ([0-9a-f]+) granted"))) << out;
    leases.push_back(found[1]);
  }
  say(text("put leased/a 1 --lease={}", leases[0]));
  say(text("put leased/b 2 --lease={}", leases[0]));
  say(text("put leased/c 3 --lease={}", leases[1]));
  say(text("put leased/d 4 --lease={}", leases[2]));
  say(text("lease revoke {}", leases[2]));
}

// Puts until there is no space, which raises the alarm.
template <class Say>
void fill(const Say& say) {
  const std::string big(20'000, 'x');
  for (int i = 0; i < 60; ++i) {
    if (say(text("put big{} {}", i % 5, big)).find("space exceeded") != std::string::npos) return;
  }
  FAIL() << "the quota was never exceeded";
}

// Without what differs by nature: the time that is left, the order of a lease's keys (a map of Go's), a started
// member's client address.
std::string plain(std::string words) {
  words = std::regex_replace(words, std::regex("leased/b leased/a"), "leased/a leased/b");
  words = std::regex_replace(words, std::regex("remaining\\([0-9]+s\\)"), "remaining(..)");
  words = std::regex_replace(words, std::regex(", http://[^, ]*, (true|false)\n"), ", $1\n");
  return std::regex_replace(words, std::regex(", , (true|false)\n"), ", $1\n");
}

// One answer a command, in one text. `ask` gives etcdctl's output.
template <class Ask>
std::string answers(const Ask& ask, const std::string& user) {
  std::string out;
  std::vector<std::string> lines = {"user list",     "user get alice", "user get root",
                                    "user get bob",  "role list",      "role get reader",
                                    "role get gone", "alarm list",     "member list",
                                    "get kept",      "get plain"};
  // Sorted: they are listed by the time left, which is the same for all until a leader has renewed them.
  std::set<std::string> leases;
  std::smatch found;
  for (std::string rest = ask("lease list" + user);
       std::regex_search(rest, found, std::regex("\n([0-9a-f]+)")); rest = found.suffix()) {
    leases.insert(found[1]);
  }
  for (const std::string& lease : leases) {
    out += text("lease {}\n", lease);
    lines.push_back(text("lease timetolive {} --keys", lease));
  }
  for (const std::string& line : lines) {
    out += text("> {}\n{}", line, plain(ask(line + user)));
  }
  return out;
}

std::string answers_of(Ours& ours, const std::string& user = "") {
  return answers([&](const std::string& line) { return ours.say(line); }, user);
}

// Our errors stand on their own line as etcdctl's do; its log lines before them are left out.
std::string answers_of(const Stock& stock, const std::string& user = "") {
  return answers(
      [&](const std::string& line) {
        const std::string out = stock.etcdctl(line).out;
        return std::regex_replace(out, std::regex("\\{\"level\":[^\n]*\n"), "");
      },
      user);
}

// `endpoint health` asks as nobody, whom a cluster with auth refuses.
bool lets_in(const Stock& stock, const std::string& line) {
  for (int i = 0; i < 100; ++i) {
    if (stock.etcdctl(line).status == 0) return true;
    (void)shell("sleep 0.2");
  }
  return false;
}

void expect_equal_stores(const Stock& stock, const sim::World& world, std::uint32_t no = 1) {
  EXPECT_EQ(stock.revision(), revision(world, no));
  EXPECT_EQ(stock.hash_kv(), hash_kv(world, no));
  EXPECT_EQ(stock.all_keys(), all_keys(world, no));
}

TEST_F(Services, AStockEtcdAnswersFromOurDiskAsOurMemberDoes) {
  const Scratch scratch("services-eject");
  Ours ours("1");
  const auto say = [&](const std::string& line) { return ours.say(line); };
  use_services(say);
  // The file grows with each commit, and those come by the clock.
  fill([&](const std::string& line) {
    const std::string out = ours.say(line);
    ours.say("run 200ms");
    return out;
  });
  const std::string added =
      ours.say("member add later --learner --peer-urls=http://127.0.0.1:42380");
  ASSERT_NE(added.find("added as learner"), std::string::npos) << added;
  ours.say("settle");
  ours.eject(1, scratch / "open");
  ASSERT_EQ(ours.say("auth enable"), "Authentication Enabled\n");
  ours.say("settle");
  ours.eject(1, scratch / "closed");

  const std::string as_root = " --user=root:secret";
  {
    const auto closed = stock_on(scratch / "closed");
    ASSERT_TRUE(lets_in(*closed, "get kept" + as_root)) << closed->log();
    EXPECT_EQ(answers_of(*closed, as_root), answers_of(ours, as_root));
    EXPECT_EQ(closed->etcdctl("get kept --user=alice:wonder").out.find("kept\n"),
              std::string::npos);
    EXPECT_NE(closed->etcdctl("get /task/1 --user=alice:wonder").out.find("sweep"),
              std::string::npos);
  }
  ASSERT_EQ(ours.say("auth disable" + as_root), "Authentication Disabled\n");

  const auto open = stock_on(scratch / "open");
  ASSERT_TRUE(open->healthy()) << open->log();
  EXPECT_EQ(answers_of(*open), answers_of(ours));
  EXPECT_NE(answers_of(ours).find("alarm:NOSPACE"), std::string::npos);
  EXPECT_NE(answers_of(ours).find("42380"), std::string::npos);
  expect_equal_stores(*open, ours.world());
  EXPECT_NE(open->etcdctl("put more 1").out.find("space exceeded"), std::string::npos);
}

TEST_F(Services, OurMemberGoesOnFromAStockEtcdsDisk) {
  const Scratch scratch("services-load");
  std::string theirs;
  {
    const auto stock = stock_on(scratch / "theirs");
    ASSERT_TRUE(stock->healthy()) << stock->log();
    const auto say = [&](const std::string& line) { return stock->etcdctl(line).out; };
    use_services(say);
    fill(say);
    stock->etcdctl("member add later --learner --peer-urls=http://127.0.0.1:42380");
    theirs = answers_of(*stock);
    stock->kill_hard();
  }
  const auto disk = host::read_data_dir(scratch / "theirs");
  ASSERT_TRUE(disk) << disk.error().detail;
  Ours ours("1");

  ours.load(*disk);

  EXPECT_EQ(answers_of(ours), theirs);
  EXPECT_NE(ours.say("put more 1").find("space exceeded"), std::string::npos);
  ours.say("del big --prefix");
  ours.say(text("compact {}", revision(ours.world())));
  ours.say("run 1s");
  for (const char* line : {"defrag", "alarm disarm", "put more 2", "user add carl:carl",
                           "user grant-role carl reader", "role add another"}) {
    ours.say(line);
  }
  ours.say("settle");
  ours.eject(1, scratch / "ours");
  const auto last = stock_on(scratch / "ours");
  ASSERT_TRUE(last->healthy()) << last->log();
  EXPECT_EQ(answers_of(*last), answers_of(ours));
  expect_equal_stores(*last, ours.world());
  EXPECT_EQ(last->etcdctl("get more").out, "more\n2\n");
}

TEST_F(Services, MembersThatCameAndWentBootAsAStockCluster) {
  const Scratch scratch("services-members");
  Ours ours("3");
  use_services([&](const std::string& line) { return ours.say(line); });
  ours.say("run 5s");
  const std::string joined = ours.say("member add n4 --peer-urls=http://127.0.0.1:42380");
  ASSERT_NE(joined.find("added to cluster"), std::string::npos) << joined;
  ours.say("join n4");
  ours.say("run 5s");
  const std::string added =
      ours.say("member add later --learner --peer-urls=http://127.0.0.1:52380");
  ASSERT_NE(added.find("added as learner"), std::string::npos) << added;
  const std::string n2 = text("{:x}", ours.world().member(2).id().value());
  ASSERT_NE(ours.say("member remove " + n2).find("removed"), std::string::npos);
  ours.say("run 2s");
  std::map<std::uint32_t, std::unique_ptr<Stock>> members;
  for (const std::uint32_t no : {1U, 3U, 4U}) {
    const std::string folder = scratch / text("n{}", no);
    ours.eject(no, folder);
    members[no] = std::make_unique<Stock>(Options{.name = text("n{}", no),
                                                  .data_dir = folder,
                                                  .peer_url = server::peer_url_of(no),
                                                  .listens_there = true,
                                                  .more = {}});
  }

  for (const auto& [no, stock] : members) {
    ASSERT_TRUE(stock->healthy()) << stock->log();
    EXPECT_EQ(answers_of(*stock), answers_of(ours)) << "n" << no;
    expect_equal_stores(*stock, ours.world(), no);
  }
  EXPECT_EQ(answers_of(ours).find(n2), std::string::npos);
  EXPECT_EQ(members[1]->etcdctl("put after boot").out, "OK\n");
  EXPECT_NE(answers_of(ours).find("n4, http://127.0.0.1:42380"), std::string::npos);
  EXPECT_EQ(members[4]->etcdctl("get after").out, "after\nboot\n");
}

}  // namespace
}  // namespace orrery::stock
