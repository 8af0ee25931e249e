// Rules of everything that is read beside the code: links lead somewhere, scripts say why they exist.
#include <array>
#include <filesystem>
#include <regex>
#include <set>
#include <string>

#include <gtest/gtest.h>

#include "tests/tidy/tree.h"

namespace orrery::tidy {
namespace {

namespace fs = std::filesystem;

// Calls visit(place, match) for each match of the pattern in each Markdown file.
template <class Visit>
void each_match(const std::regex& pattern, Visit visit) {
  for (const File& file : files()) {
    if (!file.is_markdown()) continue;
    for (std::size_t i = 0; i < file.lines.size(); ++i) {
      const std::string& line = file.lines[i];
      for (std::sregex_iterator it(line.begin(), line.end(), pattern), end; it != end; ++it) {
        visit(file, i, *it);
      }
    }
  }
}

TEST(Documents, LinksLeadToFilesThatExist) {
  static const std::regex link(R"(\]\(([^)#\s]+)(#[^)]*)?\))");
  each_match(link, [](const File& file, std::size_t i, const std::smatch& match) {
    const std::string target = match[1];
    if (target.find("://") != std::string::npos) return;
    const fs::path from = fs::path(file.path).parent_path();
    EXPECT_TRUE(exists((from / target).lexically_normal().generic_string()))
        << place(file, i) << ": " << target;
  });
}

// `core/raft/log.h` is a path; `core/raft/log.h: Log, last_term` points at symbols in it.
TEST(Documents, PointersIntoTheTreeHold) {
  static const std::regex pointer(
      R"(`((core|gui|labs|tests|docs)/[\w./-]+)(: ([\w:~]+(, [\w:~]+)*))?`)");
  static const std::regex symbol(R"([\w:~]+)");
  each_match(pointer, [](const File& file, std::size_t i, const std::smatch& match) {
    const std::string path = match[1];
    EXPECT_TRUE(exists(path)) << place(file, i) << ": no " << path;
    const File* target = find_file(path);
    const std::string symbols = match[4];
    for (std::sregex_iterator it(symbols.begin(), symbols.end(), symbol), end; it != end; ++it) {
      const std::string name = it->str().substr(it->str().rfind(':') + 1);
      bool found = false;
      if (target != nullptr) {
        for (const std::string& line : target->lines) found = found || has_word(line, name);
      }
      EXPECT_TRUE(found) << place(file, i) << ": no " << name << " in " << path;
    }
  });
}

TEST(Documents, EveryScriptSaysFirstWhyItMatters) {
  for (const File& file : files()) {
    if (!file.is_script() || file.lines.empty()) continue;
    const std::string& first = file.lines.front();
    EXPECT_TRUE(first.starts_with("# ") && first.size() >= 20)
        << file.path << ": the first line is a comment that says why the script matters";
  }
}

TEST(Documents, EveryLabHasItsTextAndItsScenario) {
  static const std::regex lab(R"(^\d\d-[a-z0-9-]+$)");
  for (const auto& entry : fs::directory_iterator(fs::path(root()) / "labs")) {
    if (!entry.is_directory()) continue;
    const std::string name = entry.path().filename().string();
    EXPECT_TRUE(std::regex_match(name, lab)) << "labs/" << name;
    EXPECT_TRUE(fs::exists(entry.path() / "lab.md")) << "labs/" << name;
    EXPECT_TRUE(fs::exists(entry.path() / "scenario.crank")) << "labs/" << name;
  }
}

TEST(Documents, NoFileKnowsTheMachineItWasWrittenOn) {
  const std::array<std::string, 3> homes{
      "/wo"
      "rk/",
      "/ho"
      "me/",
      "/Us"
      "ers/"};
  for (const File& file : files()) {
    if (file.path == "tests/fresh-debian") continue;  // makes a home of its own
    for (std::size_t i = 0; i < file.lines.size(); ++i) {
      for (const std::string& home : homes) {
        EXPECT_EQ(file.lines[i].find(home), std::string::npos) << place(file, i);
      }
    }
  }
}

TEST(Documents, TheTopLevelIsAsAgreed) {
  static const std::set<std::string> agreed{
      "CMakeLists.txt", "CMakePresets.json", "LICENSE", "README.md", "core", "docs", "gui", "labs",
      "tests"};
  static const std::set<std::string> not_kept{"build", "compile_commands.json"};
  for (const auto& entry : fs::directory_iterator(root())) {
    const std::string name = entry.path().filename().string();
    const bool known = name.starts_with(".") || not_kept.contains(name);
    EXPECT_TRUE(known || agreed.contains(name)) << name;
  }
}

}  // namespace
}  // namespace orrery::tidy
