// etcd-io/raft's own scripts, and recorded random programs in the same form: every answer byte for byte.
#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "raft/script.h"
#include "source_dir.h"

namespace orrery::raft {
namespace {

namespace fs = std::filesystem;

const fs::path kScripts = fs::path(ORRERY_SOURCE_DIR) / "../shared/raft-scripts";
const fs::path kGolden = fs::path(ORRERY_SOURCE_DIR) / "tests/golden/raft";

std::string read(const fs::path& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

std::vector<fs::path> scripts_in(const fs::path& folder) {
  std::vector<fs::path> out;
  if (!fs::exists(folder)) return out;
  for (const auto& file : fs::directory_iterator(folder)) out.push_back(file.path());
  std::ranges::sort(out);
  return out;
}

class GivenScripts : public testing::TestWithParam<const char*> {};

TEST_P(GivenScripts, AreAnsweredByteForByte) {
  const auto scripts = scripts_in(kScripts / GetParam());
  if (scripts.empty()) GTEST_SKIP() << "no scripts at " << kScripts / GetParam();

  for (const fs::path& path : scripts) {
    const std::string content = read(path);
    const auto report = run_script(path.filename().string(), content);

    ASSERT_TRUE(report.has_value()) << report.error().detail;
    EXPECT_TRUE(report->ok()) << report->diff;
    EXPECT_GT(report->directives, 0) << path;
    EXPECT_EQ(report->rewritten, content) << path;
  }
}

INSTANTIATE_TEST_SUITE_P(Folders, GivenScripts,
                         testing::Values("interaction", "quorum", "confchange", "traces"));

// Our own stories. ORRERY_REWRITE=1 writes what we answer now into the files; read the difference.
TEST(Scripts, OurOwnAreAnsweredAsWritten) {
  const auto scripts = scripts_in(kGolden);
  ASSERT_FALSE(scripts.empty());

  for (const fs::path& path : scripts) {
    const auto report = run_script(path.filename().string(), read(path));

    ASSERT_TRUE(report.has_value()) << report.error().detail;
    if (std::getenv("ORRERY_REWRITE") != nullptr) {
      std::ofstream(path, std::ios::binary) << report->rewritten;
      continue;
    }
    EXPECT_TRUE(report->ok()) << report->diff;
  }
}

TEST(Scripts, ShowAWrongAnswerWithItsPlaceAndRewriteIt) {
  const std::string script = "# Why.\n\nvote cfg=(1,2,3) votes=(y,y,_)\n----\nVoteLost\n\n# End.\n";

  const auto report = run_script("why.txt", script);

  ASSERT_TRUE(report.has_value());
  EXPECT_EQ(report->mismatches, 1);
  EXPECT_EQ(report->diff, "why.txt:3: vote\n  -VoteLost\n  +VoteWon\n");
  EXPECT_EQ(report->rewritten,
            "# Why.\n\nvote cfg=(1,2,3) votes=(y,y,_)\n----\nVoteWon\n\n# End.\n");
}

TEST(Scripts, RefuseTextThatIsNoScript) {
  const auto unclosed = run_script("a.txt", "vote cfg=(1,2\n----\n");
  const auto endless = run_script("b.txt", "vote cfg=(1)\n");

  ASSERT_FALSE(unclosed.has_value());
  EXPECT_EQ(unclosed.error().detail, "a.txt:1: a parenthesis is not closed");
  ASSERT_FALSE(endless.has_value());
  EXPECT_EQ(endless.error().detail, "b.txt:1: no ---- follows");
}

struct BadDirective {
  const char* name;
  const char* directive;
  const char* answer;
};

class BadDirectives : public testing::TestWithParam<BadDirective> {};

TEST_P(BadDirectives, AreAnsweredWithWhatIsWrong) {
  const auto report = run_script("bad.txt", std::string(GetParam().directive) + "\n----\n");

  ASSERT_TRUE(report.has_value());
  EXPECT_EQ(report->rewritten,
            std::string(GetParam().directive) + "\n----\n" + GetParam().answer + "\n");
}

INSTANTIATE_TEST_SUITE_P(
    All, BadDirectives,
    testing::Values(BadDirective{"unknown", "fly 1", "unknown command"},
                    BadDirective{"node", "campaign 1", "no node 1"},
                    BadDirective{"word", "campaign x", "not a number: x"},
                    BadDirective{"missing", "campaign", "campaign needs a node"},
                    BadDirective{"index", "add-nodes 1 voters=(1) index=1",
                                 "index must be specified as > 1 due to bootstrap"},
                    BadDirective{"type", "deliver-msgs 1 type=MsgNo", "unknown message type MsgNo"},
                    BadDirective{"level", "log-level loud",
                                 "log levels must be either of [DEBUG INFO WARN ERROR FATAL NONE]"},
                    BadDirective{
                        "votes", "vote cfg=(1,2) votes=(y)",
                        "error: mismatched input (explicit or _) for voters map[1:{} 2:{}]: [2]"},
                    BadDirective{"change", "simple\nx1", "unknown input: x1"}),
    [](const auto& row) { return row.param.name; });

}  // namespace
}  // namespace orrery::raft
