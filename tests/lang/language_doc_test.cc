// docs/language.md names each command, term and placeholder, and its examples parse.
#include <fstream>
#include <sstream>
#include <string>

#include <gtest/gtest.h>

#include "lang/expression_terms.h"
#include "lang/help.h"
#include "lang/parser.h"
#include "lang/placeholders.h"
#include "lang/script.h"
#include "source_dir.h"

namespace orrery::lang {
namespace {

std::string manual() {
  std::ifstream file(ORRERY_SOURCE_DIR "/docs/language.md");
  std::stringstream out;
  out << file.rdbuf();
  return out.str();
}

// `|` ends a cell of a Markdown table.
std::string cell(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (c == '|') out += '\\';
    out += c;
  }
  return out;
}

TEST(LanguageManual, NamesEachCommandWithItsUsageHelpAndExample) {
  const std::string text = manual();
  for (const CommandRow& row : command_table()) {
    const std::string first_line(row.example.substr(0, row.example.find('\n')));
    for (const std::string& part :
         {"| `" + cell(usage_line(row)) + "` |", cell(row.help), "`" + cell(first_line) + "`"}) {
      EXPECT_NE(text.find(part), std::string::npos) << part;
    }
  }
}

TEST(LanguageManual, NamesEachTermAndPlaceholder) {
  const std::string text = manual();
  for (const TermRow& row : term_table()) {
    EXPECT_NE(text.find("| `" + std::string(row.name) + "` |"), std::string::npos) << row.name;
    EXPECT_NE(text.find("`" + cell(row.example) + "`"), std::string::npos) << row.example;
  }
  for (const Placeholder& one : placeholders()) {
    EXPECT_NE(text.find("| `" + std::string(one.name) + "` |"), std::string::npos) << one.name;
  }
}

TEST(LanguageManual, ItsScriptsParse) {
  const std::string text = manual();
  constexpr std::string_view kOpen = "```crank\n";
  std::size_t found = 0;
  for (std::size_t at = text.find(kOpen); at != std::string::npos; at = text.find(kOpen, at)) {
    at += kOpen.size();
    const std::size_t end = text.find("```", at);
    const auto script = read_script("language.md", text.substr(at, end - at));
    EXPECT_TRUE(script) << script.error().detail;
    ++found;
  }
  EXPECT_GE(found, 3U);
}

}  // namespace
}  // namespace orrery::lang
