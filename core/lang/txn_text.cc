#include "lang/txn_text.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <utility>

#include "base/text.h"
#include "lang/parser.h"
#include "lang/scanner.h"

namespace orrery::lang {

namespace {

constexpr std::array<std::pair<std::string_view, rpc::CompareTarget>, 9> kTargets{
    {{"version", rpc::CompareTarget::Version},
     {"ver", rpc::CompareTarget::Version},
     {"create", rpc::CompareTarget::Create},
     {"c", rpc::CompareTarget::Create},
     {"mod", rpc::CompareTarget::Mod},
     {"m", rpc::CompareTarget::Mod},
     {"value", rpc::CompareTarget::Value},
     {"val", rpc::CompareTarget::Value},
     {"lease", rpc::CompareTarget::Lease}}};

constexpr std::array<std::pair<std::string_view, rpc::CompareResult>, 4> kResults{
    {{"=", rpc::CompareResult::Equal},
     {"!=", rpc::CompareResult::NotEqual},
     {">", rpc::CompareResult::Greater},
     {"<", rpc::CompareResult::Less}}};

template <class Table, class Value>
std::string_view name_of(const Table& table, Value value) {
  for (const auto& [name, one] : table) {
    if (one == value) return name;
  }
  return {};
}

// The parts of `target("key") op "value"`, found before they are judged.
struct CompareParts {
  std::string_view target;
  Word key;
  Word op;
  Word value;
};

// The line's text with the parenthesis as a blank, so that the scanner's quoting applies to the key.
SourceLine opened(const SourceLine& line, std::size_t open) {
  SourceLine out = line;
  out.text[open] = ' ';
  bool in_quotes = false;
  for (std::size_t i = open; i < out.text.size(); ++i) {
    if (out.text[i] == '\\' && in_quotes) {
      ++i;
    } else if (out.text[i] == '"') {
      in_quotes = !in_quotes;
    } else if (out.text[i] == ')' && !in_quotes) {
      out.text[i] = ' ';
      break;
    }
  }
  return out;
}

Result<CompareParts> compare_parts(const SourceLine& line, const SourceLine& plain,
                                   std::size_t begin, std::size_t open) {
  Scanner scanner(plain, open);
  CompareParts parts{.target = std::string_view(line.text).substr(begin, open - begin),
                     .key = {},
                     .op = {},
                     .value = {}};
  for (Word* word : {&parts.key, &parts.op, &parts.value}) {
    if (scanner.at_end()) {
      return fail_at(scanner.place(),
                     "expected a comparison like value(\"key\") = \"text\", found the end of the "
                     "line");
    }
    auto read = scanner.word();
    if (!read) return fail(read.error());
    *word = std::move(*read);
  }
  if (!scanner.at_end()) {
    return fail_at(scanner.place(),
                   text("expected the end of the comparison, found {}", quoted(scanner.peek())));
  }
  return parts;
}

Result<rpc::Compare> compare_of(const SourceLine& line, std::size_t begin,
                                const CompareParts& parts) {
  rpc::Compare compare;
  compare.key = Blob(parts.key.text);
  const auto* target = std::ranges::find(kTargets, parts.target,
                                         &std::pair<std::string_view, rpc::CompareTarget>::first);
  if (target == kTargets.end()) {
    return fail_at(
        line.place(begin),
        text("expected version, create, mod, value or lease, found {}", quoted(parts.target)));
  }
  const auto* result = std::ranges::find(kResults, parts.op.text,
                                         &std::pair<std::string_view, rpc::CompareResult>::first);
  if (result == kResults.end()) {
    return fail_at(line.place(parts.op.offset),
                   text("expected =, !=, > or <, found {}", quoted(parts.op.text)));
  }
  compare.target = target->second;
  compare.result = result->second;
  if (compare.target == rpc::CompareTarget::Value) {
    compare.value = Blob(parts.value.text);
    return compare;
  }
  const int base = compare.target == rpc::CompareTarget::Lease ? 16 : 10;
  const char* end = parts.value.text.data() + parts.value.text.size();
  const auto read = std::from_chars(parts.value.text.data(), end, compare.number, base);
  if (read.ec != std::errc{} || read.ptr != end) {
    return fail_at(line.place(parts.value.offset),
                   text("expected a number, found {}", quoted(parts.value.text)));
  }
  return compare;
}

Result<TxnOp> parse_op(const SourceLine& line) {
  auto command = parse_command(line);
  if (!command) return fail(command.error());
  const auto as_op = [&](auto& body) -> Result<TxnOp> {
    using T = std::decay_t<decltype(body)>;
    if constexpr (std::is_same_v<T, Put> || std::is_same_v<T, Get> || std::is_same_v<T, Del>) {
      if (!(body.call == CallOptions{})) {
        return fail_at(command->place, "expected no client, endpoints or output format inside txn");
      }
      return TxnOp(std::move(body));
    } else {
      return fail_at(command->place, "expected put, get or del inside txn");
    }
  };
  return std::visit(as_op, command->body);
}

// Sections of the one-line form: words in quotes never divide.
struct Divided {
  std::vector<SourceLine> parts;
  std::size_t stop = 0;        // offset of the word that ended the last part
  std::string_view stop_word;  // empty = the end
};

// requires: separators are words between blanks, except ";", which also ends a word
Divided divide(const SourceLine& line, std::size_t offset, std::string_view separator,
               std::string_view stop_word) {
  Divided out;
  const std::string& text = line.text;
  std::size_t begin = offset;
  const auto part = [&](std::size_t end) {
    std::string padded = std::string(begin, ' ') + text.substr(begin, end - begin);
    out.parts.push_back({.file = line.file, .number = line.number, .text = std::move(padded)});
  };
  char quote = '\0';
  for (std::size_t i = offset; i < text.size(); ++i) {
    if (quote != '\0') {
      if (text[i] == '\\' && quote == '"') {
        ++i;
      } else if (text[i] == quote) {
        quote = '\0';
      }
      continue;
    }
    if (text[i] == '"' || text[i] == '\'') quote = text[i];
    const bool word_begins = i == offset || text[i - 1] == ' ' || text[i - 1] == '\t';
    const auto is_word = [&](std::string_view word) {
      const std::size_t end = i + word.size();
      return word_begins && !word.empty() && text.compare(i, word.size(), word) == 0 &&
             (end == text.size() || text[end] == ' ');
    };
    if (is_word(stop_word)) {
      part(i);
      out.stop = i + stop_word.size();
      out.stop_word = stop_word;
      return out;
    }
    if (separator == ";" ? text[i] == ';' : is_word(separator)) {
      part(i);
      begin = i + separator.size();
    }
  }
  part(text.size());
  out.stop = text.size();
  return out;
}

bool is_blank(const SourceLine& line) {
  return line.text.find_first_not_of(" \t") == std::string::npos;
}

Result<void> add_ops(const std::vector<SourceLine>& lines, std::vector<TxnOp>& ops) {
  for (const SourceLine& line : lines) {
    if (is_blank(line)) continue;
    auto op = parse_op(line);
    if (!op) return fail(op.error());
    ops.push_back(std::move(*op));
  }
  return {};
}

Result<void> add_compares(const std::vector<SourceLine>& lines,
                          std::vector<rpc::Compare>& compares) {
  for (const SourceLine& line : lines) {
    if (is_blank(line)) continue;
    auto compare = parse_compare(line);
    if (!compare) return fail(compare.error());
    compares.push_back(std::move(*compare));
  }
  return {};
}

}  // namespace

Result<rpc::Compare> parse_compare(const SourceLine& line) {
  const std::size_t begin = std::min(line.text.find_first_not_of(" \t"), line.text.size());
  const std::size_t open = line.text.find('(', begin);
  if (open == std::string::npos) {
    return fail_at(line.place(begin), text("expected a comparison like value(\"key\") = \"text\", "
                                           "found {}",
                                           quoted(line.text.substr(begin))));
  }
  const SourceLine plain = opened(line, open);
  const auto parts = compare_parts(line, plain, begin, open);
  if (!parts) return fail(parts.error());
  return compare_of(line, begin, *parts);
}

Result<TxnParts> parse_txn_block(const std::vector<SourceLine>& lines) {
  std::array<std::vector<SourceLine>, 3> sections;
  std::size_t section = 0;
  for (const SourceLine& line : lines) {
    if (is_blank(line)) {
      ++section;
    } else if (section < sections.size()) {
      sections.at(section).push_back(line);
    }
  }
  TxnParts parts;
  const auto done = add_compares(sections[0], parts.compares)
                        .and_then([&] { return add_ops(sections[1], parts.success); })
                        .and_then([&] { return add_ops(sections[2], parts.failure); });
  if (!done) return fail(done.error());
  return parts;
}

Result<TxnParts> parse_txn_line(const std::string& text, const Place& place) {
  const std::size_t begin = place.column - 1;
  const SourceLine line{
      .file = place.file, .number = place.line, .text = std::string(begin, ' ') + text};
  const Divided compares = divide(line, begin, "and", "then");
  if (compares.stop_word.empty()) {
    return fail_at(line.place(line.text.size()),
                   "expected \"then\" and requests (put, get, del), found the end of the line");
  }
  const Divided success = divide(line, compares.stop, ";", "else");
  TxnParts parts;
  auto done = add_compares(compares.parts, parts.compares).and_then([&] {
    return add_ops(success.parts, parts.success);
  });
  if (done && !success.stop_word.empty()) {
    done = add_ops(divide(line, success.stop, ";", "").parts, parts.failure);
  }
  if (!done) return fail(done.error());
  return parts;
}

std::string to_text(const rpc::Compare& compare) {
  const bool is_value = compare.target == rpc::CompareTarget::Value;
  const std::string number = compare.target == rpc::CompareTarget::Lease
                                 ? text("{:x}", compare.number)
                                 : text("{}", compare.number);
  return text("{}({}) {} {}", name_of(kTargets, compare.target), quoted(compare.key.view()),
              name_of(kResults, compare.result),
              is_value ? quoted(compare.value.view()) : quoted(number));
}

}  // namespace orrery::lang
