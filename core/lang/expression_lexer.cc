#include "lang/expression_lexer.h"

#include <array>
#include <string_view>

namespace orrery::lang {

namespace {

bool is_letter(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
}

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

std::size_t name_end(std::string_view line, std::size_t at) {
  while (at < line.size() && (is_letter(line[at]) || is_digit(line[at]))) ++at;
  return at;
}

// A name, or a link when an arrow and a name follow at once.
Token name_at(std::string_view line, std::size_t at) {
  std::size_t end = name_end(line, at);
  const std::size_t arrow = line.substr(end, 3) == "<->" ? 3 : line.substr(end, 2) == "->" ? 2 : 0;
  TokenKind kind = TokenKind::Name;
  if (arrow > 0 && end + arrow < line.size() && is_letter(line[end + arrow])) {
    end = name_end(line, end + arrow);
    kind = TokenKind::Link;
  }
  return {.kind = kind, .text = std::string(line.substr(at, end - at)), .offset = at, .end = end};
}

Token number_at(std::string_view line, std::size_t at) {
  std::size_t end = at;
  while (end < line.size() && is_digit(line[end])) ++end;
  const std::size_t digits = end;
  end = name_end(line, end);
  return {.kind = end > digits ? TokenKind::Duration : TokenKind::Number,
          .text = std::string(line.substr(at, end - at)),
          .offset = at,
          .end = end};
}

// The scanner's quoting rules, for a text that a bracket or a comma may follow at once.
Token text_at(const SourceLine& line, std::size_t at) {
  const char quote = line.text[at];
  std::size_t end = at + 1;
  while (end < line.text.size() && line.text[end] != quote) {
    end += quote == '"' && line.text[end] == '\\' ? 2U : 1U;
  }
  const SourceLine alone{.file = line.file,
                         .number = line.number,
                         .text = std::string(at, ' ') + line.text.substr(at, end + 1 - at)};
  const auto word = Scanner(alone, at).word();
  if (!word) return {.kind = TokenKind::Bad, .text = word.error().detail, .offset = at, .end = at};
  return {.kind = TokenKind::Text, .text = word->text, .offset = at, .end = end + 1};
}

Token symbol_at(std::string_view line, std::size_t at) {
  static constexpr std::array<std::string_view, 16> kSymbols{
      "==", "!=", "<=", ">=", "<", ">", "+", "-", "(", ")", "[", "]", ",", ".", ":", "@"};
  for (const std::string_view symbol : kSymbols) {
    if (line.substr(at, symbol.size()) == symbol) {
      return {.kind = TokenKind::Symbol,
              .text = std::string(symbol),
              .offset = at,
              .end = at + symbol.size()};
    }
  }
  return {.kind = TokenKind::Bad, .text = {}, .offset = at, .end = at};
}

}  // namespace

Token next_token(const SourceLine& line, std::size_t offset) {
  const Scanner scanner(line, offset);
  const std::size_t at = scanner.offset();
  if (scanner.at_end()) return {.kind = TokenKind::End, .text = {}, .offset = at, .end = at};
  const char c = line.text[at];
  if (is_letter(c)) return name_at(line.text, at);
  if (is_digit(c)) return number_at(line.text, at);
  if (c == '"' || c == '\'') return text_at(line, at);
  return symbol_at(line.text, at);
}

}  // namespace orrery::lang
