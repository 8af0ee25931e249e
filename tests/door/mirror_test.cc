// orrery mirror-script: scripts played against a stock etcd and against `orrery serve`, each answer beside the model's.
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "cli/mirror_script.h"
#include "host/files.h"
#include "lang/script.h"
#include "tests/door/programs.h"
#include "tests/stock/stock.h"

namespace orrery::door {
namespace {

using testing::Output;
using testing::Scratch;
using testing::Serving;
using testing::shell;

Output mirror(const std::string& file, const std::string& endpoints, const std::string& more = "") {
  return shell(std::string("'") + ORRERY_PROGRAM + "' mirror-script '" + file + "' --endpoints " +
               endpoints + " " + more);
}

std::string plain(const std::string& url) {
  const std::size_t at = url.find("//");
  return at == std::string::npos ? url : url.substr(at + 2);
}

// A script of this test's own, in a file.
class Mirrored : public ::testing::Test {
 protected:
  void SetUp() override { std::filesystem::create_directories(folder_.path()); }

  std::string script(const std::string& lines) const {
    const std::string file = folder_.path() + "/script.crank";
    EXPECT_TRUE(host::write_file(file, lines));
    return file;
  }

  Scratch folder_;
};

// All scripts of tests/golden and labs.
std::vector<std::string> all_scripts() {
  std::vector<std::string> out;
  const std::string root = ORRERY_SOURCE_DIR;
  for (const std::string folder : {"/tests/golden", "/tests/golden/museum", "/labs"}) {
    for (const auto& entry : std::filesystem::recursive_directory_iterator(root + folder)) {
      const bool is_nested =
          folder == "/tests/golden" && entry.path().parent_path() != root + folder;
      if (entry.path().extension() == ".crank" && !is_nested) out.push_back(entry.path().string());
    }
  }
  return out;
}

// How long it takes about: the time that it lets pass, and calls by the hundred. units: seconds
std::int64_t patience_for(const lang::Command& command) {
  if (const auto* run = std::get_if<lang::Run>(&command.body)) {
    return run->duration.value() / seconds(1).value();
  }
  const auto* repeat = std::get_if<lang::Repeat>(&command.body);
  return repeat == nullptr ? 0 : static_cast<std::int64_t>(repeat->count / 100);
}

// What its cluster wants; none = it is not of clients alone, has defects, or takes long. How full a file is when is a
// matter of time: a script with a quota is none of these either.
std::optional<lang::Cluster> wishes_of(const std::string& file) {
  const auto words = host::read_file(file);
  const auto script = words ? lang::read_script(file, *words) : fail(words.error());
  if (!script || !cli::is_of_clients_alone(*script)) return std::nullopt;
  constexpr std::int64_t kLongest = 15;
  std::int64_t patience = 0;
  lang::Cluster out;
  for (const lang::ScriptBlock& block : script->blocks) {
    for (const lang::Command& command : block.commands) {
      if (const auto* wanted = std::get_if<lang::Cluster>(&command.body)) out = *wanted;
      patience += patience_for(command);
    }
  }
  const bool has_defects = !out.preset.empty() || !out.quirks.empty();
  const bool is_left_out = has_defects || out.quota_bytes != 0 || patience > kLongest;
  return is_left_out ? std::nullopt : std::optional(out);
}

bool wants_release(const lang::Cluster& wanted, std::string_view line) {
  return wanted.version.empty() || wanted.version.starts_with(line);
}

class MirroredByStock : public Mirrored {
 protected:
  void SetUp() override {
    if (const std::string why = stock::unavailable(); !why.empty()) GTEST_SKIP() << why;
    Mirrored::SetUp();
  }

  static stock::Options options(const stock::Scratch& place, const std::string& name) {
    stock::Options out;
    out.data_dir = place / name;
    return out;
  }
};

TEST_F(MirroredByStock, EveryScriptOfClientsAloneIsAnsweredAsByTheModel) {
  std::size_t played = 0;
  for (const std::string& file : all_scripts()) {
    const auto wanted = wishes_of(file);
    if (!wanted || !wants_release(*wanted, "v3.4")) continue;
    SCOPED_TRACE(file);
    const stock::Scratch place("mirror");
    const stock::Stock stock(options(place, "etcd"));
    ASSERT_TRUE(stock.healthy()) << stock.log();

    const Output ran = mirror(file, plain(stock.endpoint()), "--quiet");

    EXPECT_EQ(ran.status, 0) << ran.words;
    EXPECT_NE(ran.words.find(" 0 differ(s)"), std::string::npos) << ran.words;
    ++played;
  }
  EXPECT_GE(played, 4U);
}

// A stock 3.4.23 has this defect (issue 18089): the model with it agrees, the mended model does not.
TEST_F(MirroredByStock, ADefectThatTheClusterHasIsADifferenceUnlessTheModelHasItToo) {
  const std::string story =
      "until leader != none within 5s\nput a 1\ndel a\nput b 1\ncompact 3 --physical\n"
      "watch a --rev=3\nput a 2\n";
  for (const bool has_it : {true, false}) {
    const stock::Scratch place("mirror");
    const stock::Stock stock(options(place, "etcd"));
    ASSERT_TRUE(stock.healthy()) << stock.log();
    const std::string cluster = std::string("cluster 1 --as v3.4.23") +
                                (has_it ? " --quirk compact_drops_tombstone_at_rev\n" : "\n");

    const Output ran = mirror(script(cluster + story), plain(stock.endpoint()));

    EXPECT_EQ(ran.status, has_it ? 0 : 1) << ran.words;
    if (has_it) continue;
    EXPECT_NE(ran.words.find("   7 watch a --rev=3 (2 line(s) heard)\n     DIFFERS\n"),
              std::string::npos)
        << ran.words;
    EXPECT_NE(ran.words.find("! events: type: DELETE"), std::string::npos) << ran.words;
  }
}

TEST_F(Mirrored, OurOwnServersAnswerAsTheModel) {
  std::size_t played = 0;
  for (const std::string& file : all_scripts()) {
    const auto wanted = wishes_of(file);
    if (!wanted) continue;
    SCOPED_TRACE(file);
    std::string flags = "--members " + std::to_string(wanted->members) + " --listen-client-port 0";
    for (std::uint32_t no = 2; no <= wanted->members; ++no) flags += ",0";
    if (!wanted->version.empty()) flags += " --as " + wanted->version;
    const Serving serving(flags);

    const Output ran = mirror(file, serving.endpoints(), "--quiet");

    EXPECT_EQ(ran.status, 0) << ran.words;
    ++played;
  }
  EXPECT_GE(played, 6U);
}

TEST_F(Mirrored, EveryKindOfCallIsCompared) {
  const Serving serving("--as v3.5.9 --members 3 --listen-client-port 0,0,0");
  const Output ran = mirror(
      script(
          "cluster 3 --as v3.5.9\nuntil leader != none within 5s\nput a 1\nput a 2 --prev-kv\n"
          "get a --rev=2\nget a --rev=99\ndel none\ntxn if value(\"a\") = \"2\" then put b 1; get "
          "a "
          "else del a\nlease grant 100\nlease list\nput --lease=77 c 1\nlease revoke 77\nmember "
          "list\n"
          "endpoint status --cluster\nendpoint hashkv --cluster\nendpoint health\ndefrag "
          "--cluster\n"
          "alarm list\nalarm disarm\ncompact 3\nget a --rev=2\nmember remove 1234\nrole add r\n"
          "role grant-permission r read a\nuser add bob:b\nuser grant-role bob r\nuser list\n"
          "user add root:pw\nauth enable\nget a --user bob:b\nput a 3 --user bob:b\nget a --user "
          "bob:no\n"
          "put a 3\nuser get bob --user root:pw\nauth disable --user root:pw\nrepeat 3 put r% %\n"
          "put big 1 &\nget --prefix r\n"),
      serving.endpoints());

  EXPECT_EQ(ran.status, 0) << ran.words;
  EXPECT_NE(ran.words.find("orrery: 44 answer(s)"), std::string::npos) << ran.words;
}

TEST_F(Mirrored, EventsAreComparedInTheirOrderWhenAWatchEnds) {
  const Serving serving("--listen-client-port 0");
  const Output ran =
      mirror(script("cluster 1\nsettle\nwatch k --prefix --name w1\nput k1 1\nput k2 2\ndel k1\n"
                    "watch k --prefix --rev=1 --prev-kv --name w2\ntxn if version(\"z\") = \"0\" "
                    "then put k3 3; put k4 4\ncancel w1\n"
                    "put k5 5\ncompact 4\nwatch k --prefix --rev=2 --name w3\n"),
             serving.endpoints());

  EXPECT_EQ(ran.status, 0) << ran.words;
  EXPECT_NE(ran.words.find("(5 line(s) heard)"), std::string::npos) << ran.words;
  EXPECT_NE(ran.words.find("(6 line(s) heard)"), std::string::npos) << ran.words;
  EXPECT_NE(ran.words.find("--name=w3 (1 line(s) heard)"), std::string::npos) << ran.words;
}

TEST_F(Mirrored, AClusterThatHoldsOtherDataDiffersWithTheLineAndBothSides) {
  const Serving serving("--listen-client-port 0");
  EXPECT_EQ(mirror(script("cluster 1\nput a 1\n"), serving.endpoints()).status, 0);

  const Output ran = mirror(script("cluster 1\nput b 1\nget a\n"), serving.endpoints(), "--quiet");

  EXPECT_EQ(ran.status, 1) << ran.words;
  EXPECT_NE(ran.words.find("   2 put b 1\n     DIFFERS\n"), std::string::npos) << ran.words;
  EXPECT_NE(ran.words.find("! header: revision: 2"), std::string::npos) << ran.words;
  EXPECT_NE(ran.words.find("| kvs: key: \"a\""), std::string::npos) << ran.words;
  EXPECT_NE(ran.words.find("2 answer(s) and watch(es) compared, 2 differ(s)"), std::string::npos)
      << ran.words;
}

TEST_F(Mirrored, WhatIsNoClientsCommandIsNamedAndLeftOutOnBothSides) {
  const Serving serving("--members 3 --listen-client-port 0,0,0");
  const Output ran = mirror(script("cluster 3\nsettle\nput a 1\ncrash n1\ncut n2->n3\nput a 2\n"
                                   "elect e me --name x\nget a\nprint n1.rev\ncluster 1\n"),
                            serving.endpoints(), "--quiet");

  EXPECT_EQ(ran.status, 0) << ran.words;
  for (const char* line :
       {"   4 crash n1\n     left out: no client's command", "   5 cut n2->n3\n     left out",
        "   7 elect e me --name=x\n     left out: it goes on by itself",
        "   9 print n1.rev\n     left out: it only looks",
        "  10 cluster 1\n     left out: the cluster cannot begin anew",
        "3 answer(s) and watch(es) compared, 0 differ(s), 7 command(s) left out"}) {
    EXPECT_NE(ran.words.find(line), std::string::npos) << line << " in\n" << ran.words;
  }
}

TEST_F(Mirrored, ANameForCallsAsNobodyOpensAClusterThatAsksForOne) {
  const Serving serving("--as v3.4.23 --listen-client-port 0");
  const std::string enable =
      "cluster 1 --as v3.4.23\nuser add root:pw\nuser grant-role root root\n"
      "auth enable\n";
  EXPECT_EQ(mirror(script(enable), serving.endpoints()).status, 0);
  const std::string story = script("cluster 1 --as v3.4.23\nput a 1\nget a\n");

  const Output as_nobody = mirror(story, serving.endpoints());
  EXPECT_EQ(as_nobody.status, 1) << as_nobody.words;
  EXPECT_NE(as_nobody.words.find("error 3: etcdserver: user name is empty"), std::string::npos)
      << as_nobody.words;
  const Output as_root = mirror(story, serving.endpoints(), "--user root:pw");
  EXPECT_EQ(as_root.status, 0) << as_root.words;
}

TEST_F(Mirrored, WhatCannotBeBegunSaysWhy) {
  const Output missing = mirror("/nonexistent.crank", "127.0.0.1:1");
  EXPECT_EQ(missing.status, 2);
  EXPECT_NE(missing.words.find("/nonexistent.crank"), std::string::npos) << missing.words;
  const Output unreadable = mirror(script("put a\n"), "127.0.0.1:1");
  EXPECT_EQ(unreadable.status, 2);
  EXPECT_NE(unreadable.words.find("script.crank:1"), std::string::npos) << unreadable.words;
  const Output nobody = mirror(script("put a 1\n"), "127.0.0.1:1");
  EXPECT_EQ(nobody.status, 2);
  EXPECT_NE(nobody.words.find("--endpoints 127.0.0.1:1"), std::string::npos) << nobody.words;
}

}  // namespace
}  // namespace orrery::door
