#include "lang/parser.h"

#include <algorithm>
#include <utility>

#include "base/text.h"
#include "lang/matcher.h"
#include "lang/placeholders.h"
#include "lang/scanner.h"

namespace orrery::lang {

namespace {

bool is_blank_line(const SourceLine& line) {
  return line.text.find_first_not_of(" \t") == std::string::npos;
}

// "as c2:" before a client command; empty when it is not there.
Result<std::string> client_prefix(Scanner& scanner) {
  if (scanner.peek() != "as") return std::string();
  (void)scanner.word();
  std::string client(scanner.peek());
  if (!client.ends_with(':') || !is_name(client.substr(0, client.size() - 1))) {
    return fail_at(scanner.place(),
                   text("expected a client and a colon (c2:), found {}",
                        scanner.at_end() ? "the end of the line" : quoted(client)));
  }
  scanner.jump(scanner.offset() + client.size());
  client.pop_back();
  return client;
}

// How many letters differ: "wacth" is near "watch".
std::size_t distance(std::string_view a, std::string_view b) {
  std::vector<std::size_t> row(b.size() + 1);
  for (std::size_t j = 0; j <= b.size(); ++j) row[j] = j;
  for (std::size_t i = 1; i <= a.size(); ++i) {
    std::size_t diagonal = row[0];
    row[0] = i;
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const std::size_t above = row[j];
      row[j] = std::min({row[j] + 1, row[j - 1] + 1, diagonal + (a[i - 1] == b[j - 1] ? 0 : 1)});
      diagonal = above;
    }
  }
  return row[b.size()];
}

std::string unknown_command(std::string_view name) {
  std::string out = text("expected a command (try help), found {}", quoted(name));
  if (name.size() > 30) return out;
  for (const CommandRow& row : command_table()) {
    if (distance(row.name, name) <= 2) return out + text("; did you mean {}?", row.name);
  }
  return out;
}

struct Head {
  const CommandRow* row = nullptr;
  std::string client;
  Place place;
};

Result<Head> parse_head(Scanner& scanner) {
  Head head;
  head.place = scanner.place();
  auto client = client_prefix(scanner);
  if (!client) return fail(client.error());
  head.client = std::move(*client);
  const Place at = scanner.place();
  const std::string name(scanner.peek());
  head.row = find_command(name);
  if (head.row == nullptr) {
    return fail_at(at, scanner.at_end() ? "expected a command, found the end of the line"
                                        : unknown_command(name));
  }
  if (!head.client.empty() && !head.row->is_call) {
    return fail_at(at, text("expected a client's command (put, get, ...) after \"as\", found {}",
                            quoted(name)));
  }
  scanner.jump(scanner.offset() + name.size());
  return head;
}

// A flag of every call that takes no value: "--hex".
bool is_switch(std::string_view word) {
  return std::ranges::any_of(client_flags(), [&](const FlagRow& row) {
    return row.value.empty() && row.choices.empty() && "--" + std::string(row.name) == word;
  });
}

// As etcdctl takes them: its own name first, and flags before the command. Both are moved out of the way.
SourceLine in_order(const SourceLine& line) {
  Scanner scanner(line);
  if (scanner.peek() == "etcdctl") scanner.jump(scanner.offset() + scanner.peek().size());
  const std::size_t begin = scanner.offset();
  while (scanner.peek().size() > 1 && scanner.peek_char() == '-') {
    const bool joined =
        scanner.peek().find('=') != std::string_view::npos || is_switch(scanner.peek());
    scanner.jump(scanner.offset() + scanner.peek().size());
    if (!joined && !scanner.at_end()) scanner.jump(scanner.offset() + scanner.peek().size());
  }
  const std::size_t name = scanner.offset();
  if (begin == name) return {line.file, line.number, line.text.substr(begin)};
  const std::size_t end = name + scanner.peek().size();
  SourceLine out = line;
  out.text = line.text.substr(name, end - name) + " " + line.text.substr(begin, name - begin) +
             line.text.substr(end);
  return out;
}

bool is_as_etcdctl(const SourceLine& line) {
  const Scanner scanner(line);
  return scanner.peek() == "etcdctl" || scanner.peek().starts_with("--");
}

}  // namespace

bool is_empty_line(const SourceLine& line) {
  return Scanner(line).at_end();
}

Block block_of(const SourceLine& line) {
  if (is_as_etcdctl(line)) {
    const SourceLine ordered = in_order(line);
    return is_as_etcdctl(ordered) ? Block::None : block_of(ordered);
  }
  Scanner scanner(line);
  const auto head = parse_head(scanner);
  if (!head) return Block::None;
  const bool says_output = scanner.peek() == "output";
  if (head->row->block == Block::Output && !says_output) return Block::None;
  if (head->row->block != Block::Txn) return head->row->block;
  while (!scanner.at_end()) {
    if (scanner.peek() == "if") return Block::None;
    scanner.jump(scanner.offset() + scanner.peek().size());
  }
  return Block::Txn;
}

bool is_whole_block(Block block, const std::vector<SourceLine>& lines) {
  const std::size_t sections = block == Block::None ? 0 : block == Block::Txn ? 3 : 1;
  return static_cast<std::size_t>(std::ranges::count_if(lines, is_blank_line)) >= sections;
}

Result<Command> parse_command(const SourceLine& line, const std::vector<SourceLine>& block) {
  if (is_as_etcdctl(line)) {
    const SourceLine ordered = in_order(line);
    // What is left begins with no flag and is not called etcdctl, or it is an error as it stands.
    if (!is_as_etcdctl(ordered)) return parse_command(ordered, block);
  }
  Scanner scanner(line);
  const auto head = parse_head(scanner);
  if (!head) return fail(head.error());
  const auto common = common_flags(*head->row);
  Matcher matcher(scanner, head->row->flags, common);
  auto captures = matcher.match(parse_usage(head->row->usage));
  if (!captures) return fail(captures.error());
  if (!head->client.empty()) {
    captures->insert(
        captures->begin(),
        Capture{.name = "--client", .text = head->client, .place = head->place, .expression = {}});
  }
  auto body = head->row->build(Arguments(head->place, std::move(*captures), block));
  if (!body) return fail(body.error());
  return Command{.place = head->place, .body = std::move(*body)};
}

Result<Command> parse_command_text(std::string_view file, std::string_view text) {
  const std::vector<SourceLine> lines = lines_of(file, text);
  const auto first = std::ranges::find_if_not(lines, is_empty_line);
  if (first == lines.end()) {
    return fail_at({.file = std::string(file)}, "expected a command, found nothing");
  }
  const Block block = block_of(*first);
  const std::vector<SourceLine> rest(first + 1, lines.end());
  const auto stray = std::ranges::find_if_not(rest, is_empty_line);
  if (block == Block::None && stray != rest.end()) {
    return fail_at(stray->place(0), "expected one command alone");
  }
  return parse_command(*first, block == Block::None ? std::vector<SourceLine>{} : rest);
}

}  // namespace orrery::lang
