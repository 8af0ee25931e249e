#include "lang/help.h"

#include <algorithm>
#include <vector>

#include "base/text.h"
#include "lang/expression_terms.h"
#include "lang/grammar.h"
#include "lang/placeholders.h"

namespace orrery::lang {

namespace {

void collect(const Pattern& pattern, std::vector<std::string>& names) {
  for (const Element& element : pattern) {
    const bool is_new = std::ranges::find(names, element.text) == names.end();
    if (element.kind == ElementKind::Placeholder && is_new) names.push_back(element.text);
    for (const Pattern& branch : element.branches) collect(branch, names);
  }
}

std::string indented(std::string_view lines, std::string_view by) {
  std::string out;
  for (const SourceLine& line : lines_of("", lines)) out += std::string(by) + line.text + "\n";
  return out;
}

std::string flag_lines(std::span<const FlagRow> flags) {
  std::string out;
  for (const FlagRow& flag : flags) {
    std::string name = flag.letter == '\0' ? text("    --{}", flag.name)
                                           : text("-{}, --{}", flag.letter, flag.name);
    if (!flag.value.empty()) name += text("={}", flag.value);
    if (!flag.choices.empty()) name += text("=({})", flag.choices);
    out += text("  {:<34} {}\n", name, flag.help);
  }
  return out;
}

}  // namespace

std::string usage_line(const CommandRow& row) {
  std::string out(row.name);
  if (!row.usage.empty()) out += " " + std::string(row.usage);
  const bool has_flags = !row.flags.empty() || row.is_call;
  return has_flags ? out + " [flags]" : out;
}

std::string help_text() {
  std::string out;
  std::string_view group;
  for (const CommandRow& row : command_table()) {
    if (to_text(row.group) != group) {
      group = to_text(row.group);
      out += text("{}{}\n", out.empty() ? "" : "\n", group);
    }
    out += text("  {:<12} {}\n", row.name, row.help);
  }
  return out + "\nhelp COMMAND explains one of them; a line that begins with # is a comment.\n";
}

std::string help_text(const CommandRow& row) {
  std::string out = text("{}\n  {}\n", usage_line(row), row.help);
  if (!row.alias.empty()) out += text("  {} is the same\n", row.alias);
  std::vector<std::string> names;
  collect(parse_usage(row.usage), names);
  if (!names.empty()) out += "\n";
  for (const std::string& name : names) {
    out += text("  {:<12} {}\n", name, placeholder(name).expected);
  }
  const auto common = common_flags(row);
  const std::string flags = flag_lines(row.flags) + flag_lines(common);
  if (!flags.empty()) out += "\n" + flags;
  return out + text("\nexample\n{}", indented(row.example, "  "));
}

std::string terms_text() {
  std::string out;
  for (const TermRow& row : term_table()) {
    out += text("  {:<16} {} ({})\n", row.name, row.help, row.example);
  }
  return out;
}

}  // namespace orrery::lang
