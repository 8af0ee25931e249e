#include "raft/script/datadriven.h"

#include <algorithm>
#include <charconv>
#include <optional>

#include "base/text.h"

namespace orrery::raft::script {

namespace {

constexpr std::string_view kBlanks = " \t\r\n";
constexpr std::string_view kRule = "----";

std::string_view trimmed(std::string_view line) {
  const std::size_t begin = line.find_first_not_of(kBlanks);
  if (begin == std::string_view::npos) return {};
  return line.substr(begin, line.find_last_not_of(kBlanks) - begin + 1);
}

// Walks over the lines of a text.
class Lines {
 public:
  explicit Lines(std::string_view text) : text_(text) {}

  bool done() const { return at_ >= text_.size(); }

  std::size_t position() const { return at_; }

  int number() const { return number_; }

  std::string_view peek() const {
    return text_.substr(at_, std::min(text_.find('\n', at_), text_.size()) - at_);
  }

  std::string_view next() {
    const std::string_view line = peek();
    at_ = std::min(at_ + line.size() + 1, text_.size());
    ++number_;
    return line;
  }

 private:
  std::string_view text_;
  std::size_t at_ = 0;
  int number_ = 0;
};

// The end of a word: a blank, or the closing parenthesis of its value.
std::size_t word_end(std::string_view line, std::size_t begin) {
  int depth = 0;
  for (std::size_t i = begin; i < line.size(); ++i) {
    if (line[i] == '(') ++depth;
    if (line[i] == ')') --depth;
    if (depth == 0 && kBlanks.find(line[i]) != std::string_view::npos) return i;
  }
  return depth == 0 ? line.size() : std::string_view::npos;
}

std::vector<std::string> split_values(std::string_view inside) {
  std::vector<std::string> out;
  int depth = 0;
  std::size_t begin = 0;
  for (std::size_t i = 0; i <= inside.size(); ++i) {
    if (i < inside.size() && inside[i] == '(') ++depth;
    if (i < inside.size() && inside[i] == ')') --depth;
    if (i < inside.size() && (inside[i] != ',' || depth > 0)) continue;
    out.emplace_back(trimmed(inside.substr(begin, i - begin)));
    begin = i + 1;
  }
  return out;
}

Argument parse_argument(std::string_view word) {
  const std::size_t equals = word.find('=');
  if (equals == std::string_view::npos) return {std::string(word), {}};
  Argument out{std::string(word.substr(0, equals)), {}};
  std::string_view value = word.substr(equals + 1);
  if (value.size() < 2 || value.front() != '(' || value.back() != ')') {
    out.values.emplace_back(value);
    return out;
  }
  value = value.substr(1, value.size() - 2);
  if (!trimmed(value).empty()) out.values = split_values(value);
  return out;
}

std::optional<std::vector<std::string>> split_words(std::string_view line) {
  std::vector<std::string> out;
  std::size_t at = 0;
  while ((at = line.find_first_not_of(kBlanks, at)) != std::string_view::npos) {
    const std::size_t end = word_end(line, at);
    if (end == std::string_view::npos) return std::nullopt;
    out.emplace_back(line.substr(at, end - at));
    at = end;
  }
  return out;
}

// A directive may go on after a backslash.
std::string joined_line(Lines& lines) {
  std::string out(trimmed(lines.next()));
  while (!out.empty() && out.back() == '\\' && !lines.done()) {
    out.pop_back();
    out = std::string(trimmed(out)) + " " + std::string(trimmed(lines.next()));
  }
  return out;
}

std::string read_input(Lines& lines) {
  std::string out;
  while (!lines.done() && lines.peek() != kRule) out += std::string(lines.next()) + "\n";
  return std::string(trimmed(out));
}

std::string read_expected(Lines& lines) {
  std::string out;
  if (!lines.done() && lines.peek() == kRule) {
    lines.next();
    while (!lines.done()) {
      const std::string_view line = lines.next();
      if (line == kRule && !lines.done() && lines.peek() == kRule) {
        lines.next();
        return out;
      }
      out += std::string(line) + "\n";
    }
    return out;
  }
  while (!lines.done() && !trimmed(lines.peek()).empty()) out += std::string(lines.next()) + "\n";
  return out;
}

}  // namespace

const Argument* Directive::find(std::string_view key) const {
  const auto found = std::ranges::find(arguments, key, &Argument::key);
  return found == arguments.end() ? nullptr : &*found;
}

const std::string* Directive::value(std::string_view key) const {
  const Argument* argument = find(key);
  return argument == nullptr || argument->values.empty() ? nullptr : &argument->values.front();
}

std::vector<std::string> Directive::words() const {
  std::vector<std::string> out;
  for (const Argument& argument : arguments) {
    if (argument.values.empty()) out.push_back(argument.key);
  }
  return out;
}

Result<std::vector<Directive>> parse(std::string_view file, std::string_view content) {
  std::vector<Directive> out;
  Lines lines(content);
  while (!lines.done()) {
    const std::string_view line = trimmed(lines.peek());
    if (line.empty() || line.front() == '#') {
      lines.next();
      continue;
    }
    Directive directive;
    directive.line = lines.number() + 1;
    const auto words = split_words(joined_line(lines));
    if (!words) {
      return fail(Errc::Syntax, text("{}:{}: a parenthesis is not closed", file, directive.line));
    }
    directive.command = words->front();
    std::transform(words->begin() + 1, words->end(), std::back_inserter(directive.arguments),
                   parse_argument);
    directive.input = read_input(lines);
    if (lines.done()) {
      return fail(Errc::Syntax, text("{}:{}: no ---- follows", file, directive.line));
    }
    directive.answer_begin = lines.position();
    lines.next();
    directive.expected = read_expected(lines);
    directive.answer_end = lines.position();
    out.push_back(std::move(directive));
  }
  return out;
}

std::string answer_block(std::string_view answer) {
  bool has_blank_line = answer.starts_with(kRule);
  Lines lines(answer);
  while (!lines.done()) has_blank_line |= trimmed(lines.next()).empty();
  const std::string rule = std::string(kRule) + "\n";
  if (!has_blank_line) return rule + std::string(answer);
  return rule + rule + std::string(answer) + rule + rule;
}

Result<std::uint64_t> parse_number(std::string_view word) {
  std::uint64_t out = 0;
  const auto [end, error] = std::from_chars(word.data(), word.data() + word.size(), out);
  if (error == std::errc() && end == word.data() + word.size()) return out;
  return fail(Errc::Syntax, text("not a number: {}", word));
}

}  // namespace orrery::raft::script
