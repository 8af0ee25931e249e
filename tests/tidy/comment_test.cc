// Rules of the comments: the map at the top of each header, and tags that other pages are made from.
#include <algorithm>
#include <array>
#include <cstdlib>
#include <fstream>
#include <regex>
#include <string>

#include <gtest/gtest.h>

#include "tests/tidy/tree.h"

namespace orrery::tidy {
namespace {

bool is_ours(const File& file) {
  return file.in("core") || file.in("gui");
}

TEST(Comments, EveryHeaderOpensWithItsMap) {
  for (const File& file : files()) {
    if (!file.is_header() || !is_ours(file)) continue;
    const auto head = file.head_comment();
    ASSERT_FALSE(head.empty()) << file.path << ": no map";
    const bool says_where = std::ranges::any_of(head, [](const std::string& line) {
      return line.find("used by:") != std::string::npos || line.find("from:") != std::string::npos;
    });
    EXPECT_TRUE(says_where) << file.path << ": the map says neither \"used by:\" nor \"from:\"";
    const std::size_t after = head.size();
    EXPECT_TRUE(after < file.lines.size() && file.lines[after] == "#pragma once") << file.path;
  }
}

// The words that pages and tests look for, and how they come to be misspelt.
TEST(Comments, TagsAreSpeltAsAgreed) {
  static const std::regex wrong(
      R"(//\s*(From|FROM|source|sources|Differs|differ|difference|differences|Invariant|invariants|)"
      R"(Units|unit|Note|NOTE|notes|Requires|require|precondition):( |$))");
  for (const File& file : files()) {
    if (!file.is_code()) continue;
    for (std::size_t i = 0; i < file.lines.size(); ++i) {
      std::smatch match;
      const std::string& line = file.lines[i];
      if (line.find("//") == std::string::npos || !std::regex_search(line, match, wrong)) continue;
      ADD_FAILURE() << place(file, i) << ": \"" << match[1]
                    << ":\" is no tag; these are: from: differs: invariant: units: note: requires:";
    }
  }
}

// Lines move; a symbol can be looked for.
TEST(Comments, SourcesAreNamedBySymbol) {
  static const std::regex by_line(R"(//.*from:.*(\.(go|proto|cc|h):\d|\blines? \d|#L\d))");
  for (const File& file : files()) {
    if (!file.is_code()) continue;
    for (std::size_t i = 0; i < file.lines.size(); ++i) {
      const std::string& line = file.lines[i];
      if (line.find("from:") == std::string::npos) continue;
      EXPECT_FALSE(std::regex_search(line, by_line)) << place(file, i) << ": " << line;
    }
  }
}

TEST(Comments, NothingIsLeftForLater) {
  const std::array<std::string, 4> words{
      "TO"
      "DO",
      "FIX"
      "ME",
      "XX"
      "X",
      "not "
      "implemented"};
  for (const File& file : files()) {
    for (std::size_t i = 0; i < file.lines.size(); ++i) {
      for (const std::string& word : words) {
        EXPECT_FALSE(has_word(file.lines[i], word)) << place(file, i) << ": " << word;
      }
    }
  }
}

// The text behind a tag, with the lines that go on with it: deeper, and no tag of their own.
std::string tagged_text(const std::vector<std::string>& comment, std::size_t& i, std::size_t at) {
  static const std::regex new_tag(R"(^\s*[a-z][a-z ]*( \d+)?:( |$))");
  const std::size_t indent = comment[i].find_first_not_of(' ');
  std::string out = comment[i].substr(at);
  while (i + 1 < comment.size()) {
    const std::string& next = comment[i + 1];
    const std::size_t start = next.find_first_not_of(' ');
    if (start == std::string::npos || start <= indent || std::regex_search(next, new_tag)) break;
    out += " " + next.substr(start);
    ++i;
  }
  return out.substr(std::min(out.find_first_not_of(' '), out.size()));
}

std::vector<std::string> comments_of(const File& file) {
  std::vector<std::string> out;
  for (const std::string& line : file.lines) {
    const std::size_t at = line.find("//");
    out.push_back(at == std::string::npos ? "" : line.substr(at + 2));
  }
  return out;
}

std::string differences_page() {
  std::string out =
      "# Where Orrery differs from etcd\n\n"
      "Made from the `differs:` lines of the code; a test compares. To make it anew:\n"
      "`ORRERY_REWRITE=1 build/bin/tidy_test --gtest_filter='*DifferencesPage*'`.\n";
  static const std::string tag = "differs:";
  for (const File& file : files()) {
    if (!file.is_code() || !is_ours(file)) continue;
    const auto comments = comments_of(file);
    std::string items;
    for (std::size_t i = 0; i < comments.size(); ++i) {
      const std::size_t at = comments[i].find(tag);
      if (at == std::string::npos) continue;
      items += "- " + tagged_text(comments, i, at + tag.size()) + "\n";
    }
    if (!items.empty()) out += "\n## `" + file.path + "`\n\n" + items;
  }
  return out;
}

TEST(Comments, DifferencesPageIsWhatTheCodeSays) {
  const std::string path = root() + "/docs/differences.md";
  const std::string wanted = differences_page();
  if (std::getenv("ORRERY_REWRITE") != nullptr) {
    std::ofstream(path) << wanted;
    return;
  }
  const File* page = find_file("docs/differences.md");
  std::string found;
  if (page != nullptr) {
    for (const std::string& line : page->lines) found += line + "\n";
  }
  EXPECT_EQ(found, wanted) << "rewrite with ORRERY_REWRITE=1";
}

}  // namespace
}  // namespace orrery::tidy
