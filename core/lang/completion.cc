#include "lang/completion.h"

#include <algorithm>
#include <utility>

#include "base/text.h"
#include "lang/expression_terms.h"
#include "lang/matcher.h"
#include "lang/table.h"
#include "server/quirks.h"

namespace orrery::lang {

namespace {

using Words = std::vector<std::string>;

void add(Words& to, const Words& more) {
  to.insert(to.end(), more.begin(), more.end());
}

std::size_t word_begin(std::string_view line, std::string_view separators) {
  const std::size_t at = line.find_last_of(separators);
  return at == std::string_view::npos ? 0 : at + 1;
}

Words links(const CompletionNames& names) {
  Words parties = names.members;
  add(parties, names.clients);
  Words out;
  for (const std::string& from : parties) {
    for (const std::string& to : parties) {
      if (from != to) out.push_back(text("{}->{}", from, to));
    }
  }
  return out;
}

Words command_names() {
  Words out;
  for (const CommandRow& row : command_table()) out.emplace_back(row.name);
  return out;
}

Words quirk_names() {
  Words out;
  for (const server::QuirkRow& row : server::quirk_table()) out.emplace_back(row.name);
  return out;
}

Words words_of(std::string_view placeholder, const CompletionNames& names) {
  if (placeholder == "MEMBER") return names.members;
  if (placeholder == "CLIENT") return names.clients;
  if (placeholder == "WATCH") return names.watches;
  if (placeholder == "LINK") return links(names);
  if (placeholder == "LANE") return names.lanes;
  if (placeholder == "TIMER") return names.timers;
  if (placeholder == "POINT") return names.points;
  if (placeholder == "ASPECT") return names.aspects;
  if (placeholder == "TYPE") return names.types;
  if (placeholder == "VERSION") return names.versions;
  if (placeholder == "PRESET") {
    const auto presets = server::preset_names();
    return {presets.begin(), presets.end()};
  }
  if (placeholder == "QUIRKS") return quirk_names();
  if (placeholder == "COMMAND") return command_names();
  Words out;
  if (placeholder == "PARTY" || placeholder == "GROUPS") {
    out = names.members;
    add(out, names.clients);
  }
  return out;
}

// NAME means something else to each command.
Words named(std::string_view command, const CompletionNames& names) {
  if (command == "switch") return names.branches;
  if (command == "jump") return names.marks;
  if (command == "forget") return names.claims;
  return {};
}

bool is_expression(std::string_view placeholder) {
  return placeholder == "CONDITION" || placeholder == "CLAIM" || placeholder == "EXPR";
}

bool has_expression(const CommandRow& row) {
  return row.usage.ends_with("CONDITION") ||
         row.usage.find("CONDITION ") != std::string_view::npos ||
         row.usage.find("CLAIM") != std::string_view::npos || row.usage == "EXPR";
}

Words expression_words(const CompletionNames& names) {
  Words out = names.members;
  add(out, names.clients);
  add(out, names.watches);
  add(out, {"all", "any", "and", "or", "not", "in", "eventually", "within", "true", "false"});
  for (const TermRow& row : term_table()) out.emplace_back(row.name);
  return out;
}

// Keeps what the word under the cursor begins, sorted.
Completion finish(std::string_view line, std::size_t begin, Words words, std::string hint) {
  const std::string_view typed = line.substr(begin);
  std::erase_if(words, [&](const std::string& one) { return !one.starts_with(typed); });
  std::ranges::sort(words);
  const auto repeated = std::ranges::unique(words);
  words.erase(repeated.begin(), repeated.end());
  return {.begin = begin, .words = std::move(words), .hint = std::move(hint)};
}

Words flag_words(const CommandRow& row, std::span<const FlagRow> common) {
  Words out;
  for (const auto& rows : {row.flags, common}) {
    for (const FlagRow& one : rows) out.push_back("--" + std::string(one.name));
  }
  return out;
}

// requires: the row's name stands before `offset`
Completion complete_arguments(std::string_view line, const CommandRow& row, std::size_t offset,
                              const CompletionNames& names) {
  const auto common = common_flags(row);
  const std::size_t begin = word_begin(line, " \t");
  if (line.substr(begin).starts_with('-')) return finish(line, begin, flag_words(row, common), "");
  const SourceLine before{.file = {}, .number = 1, .text = std::string(line.substr(0, begin))};
  Scanner scanner(before, offset);
  Matcher matcher(scanner, row.flags, common);
  // Whether it matches does not matter: what could have come next does.
  (void)matcher.match(parse_usage(row.usage));
  const Expected& expected = matcher.expected();
  Words words = expected.words;
  bool in_expression = has_expression(row);
  for (const std::string& placeholder : expected.placeholders) {
    in_expression = in_expression && is_expression(placeholder);
    add(words, placeholder == "NAME" ? named(row.name, names) : words_of(placeholder, names));
  }
  if (!in_expression) return finish(line, begin, std::move(words), to_text(expected));
  add(words, expression_words(names));
  return finish(line, word_begin(line, " \t.()[],@+-<>="), std::move(words), to_text(expected));
}

}  // namespace

Completion complete(std::string_view line, const CompletionNames& names) {
  const SourceLine whole{.file = {}, .number = 1, .text = std::string(line)};
  Scanner scanner(whole);
  if (scanner.peek() == "as" && scanner.offset() + 2 < line.size()) {
    (void)scanner.word();
    scanner.jump(scanner.offset() + scanner.peek().size());
  }
  const std::size_t at = scanner.offset();
  const std::string_view name = scanner.peek();
  const bool is_whole = at + name.size() < line.size();
  if (!is_whole) return finish(line, at, command_names(), "a command");
  const CommandRow* row = find_command(name);
  if (row == nullptr) return {.begin = line.size(), .words = {}, .hint = "no such command"};
  return complete_arguments(line, *row, at + name.size(), names);
}

}  // namespace orrery::lang
