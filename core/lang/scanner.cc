#include "lang/scanner.h"

#include <algorithm>

#include "base/text.h"

namespace orrery::lang {

namespace {

bool is_blank(char c) {
  return c == ' ' || c == '\t';
}

int hex_digit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

}  // namespace

Scanner::Scanner(const SourceLine& line, std::size_t offset) : line_(line) {
  jump(offset);
}

void Scanner::jump(std::size_t offset) {
  offset_ = std::min(offset, line_.text.size());
  while (offset_ < line_.text.size() && is_blank(line_.text[offset_])) ++offset_;
}

// A comment can only begin where a word can: the next word decides, so looking at it is enough.
std::size_t Scanner::end() const {
  const std::string& text = line_.text;
  if (offset_ >= text.size() || text[offset_] != '#') return text.size();
  const bool first = text.find_first_not_of(" \t") == offset_;
  const bool alone = offset_ + 1 == text.size() || is_blank(text[offset_ + 1]);
  return first || alone ? offset_ : text.size();
}

std::string_view Scanner::peek() const {
  if (at_end()) return {};
  std::size_t stop = offset_;
  while (stop < line_.text.size() && !is_blank(line_.text[stop])) ++stop;
  return std::string_view(line_.text).substr(offset_, stop - offset_);
}

char Scanner::peek_char() const {
  return at_end() ? '\0' : line_.text[offset_];
}

std::string Scanner::rest() {
  std::string out = line_.text.substr(offset_);
  while (!out.empty() && is_blank(out.back())) out.pop_back();
  offset_ = line_.text.size();
  return out;
}

// requires: line_.text[at] is the backslash; leaves `at` behind the escape
Result<char> Scanner::escaped(std::size_t& at) const {
  const std::string& text = line_.text;
  const std::size_t start = at++;
  const char kind = at < text.size() ? text[at++] : '\0';
  switch (kind) {
    case 'n': return '\n';
    case 't': return '\t';
    case 'r': return '\r';
    case '\\':
    case '"': return kind;
    case 'x': {
      const int high = at < text.size() ? hex_digit(text[at]) : -1;
      const int low = at + 1 < text.size() ? hex_digit(text[at + 1]) : -1;
      if (high < 0 || low < 0) break;
      at += 2;
      return static_cast<char>(static_cast<unsigned char>(high * 16 + low));
    }
    default: break;
  }
  return fail_at(line_.place(start), R"(expected \n, \t, \r, \\, \" or \xNN after a backslash)");
}

// requires: line_.text[at] is a quote; leaves `at` behind the closing one
Result<std::string> Scanner::quoted_part(std::size_t& at) const {
  const std::string& text = line_.text;
  const std::size_t start = at;
  const char quote = text[at++];
  std::string out;
  while (at < text.size() && text[at] != quote) {
    if (quote == '"' && text[at] == '\\') {
      const auto c = escaped(at);
      if (!c) return fail(c.error());
      out += *c;
    } else {
      out += text[at++];
    }
  }
  if (at == text.size()) {
    return fail_at(line_.place(start), orrery::text("expected a closing {} for this one", quote));
  }
  ++at;
  return out;
}

Result<Word> Scanner::word() {
  Word word{.text = {}, .offset = offset_};
  std::size_t at = offset_;
  while (at < line_.text.size() && !is_blank(line_.text[at])) {
    if (line_.text[at] == '"' || line_.text[at] == '\'') {
      const auto part = quoted_part(at);
      if (!part) return fail(part.error());
      word.text += *part;
      word.quoted = true;
    } else {
      word.text += line_.text[at++];
    }
  }
  jump(at);
  return word;
}

}  // namespace orrery::lang
