// Scanner: reads one line word by word and remembers the columns.
//   used by: matcher.cc, expression_parser.cc, txn_text.cc      uses: source.h
//   ideas:   words are separated by blanks; '...' and "..." keep blanks together, a backslash inside
//            "..." stands for \n \t \r \\ \" or \xNN. A '#' at the start of the line, or alone
//            between blanks, begins a comment ("#2" is a word).
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "lang/source.h"

namespace orrery::lang {

struct Word {
  std::string text;        // without its quotes
  std::size_t offset = 0;  // of its first character in the line
  bool quoted = false;     // any part of it stood in quotes
};

class Scanner {
 public:
  // requires: the line outlives the scanner
  explicit Scanner(const SourceLine& line, std::size_t offset = 0);

  const SourceLine& line() const { return line_; }

  // The offset of the next word, or of the end (of the line or its comment-free part).
  std::size_t offset() const { return offset_; }

  Place place() const { return line_.place(offset_); }

  // Nothing but blanks or a comment is left.
  bool at_end() const { return offset_ >= end(); }

  // What stands next, up to a blank, quotes and all; empty at the end.
  std::string_view peek() const;
  // The character at the next word, '\0' at the end.
  char peek_char() const;
  // Takes the next word. An unclosed quote or a bad escape is an error.
  Result<Word> word();
  // Takes everything to the end of the line as it stands, '#' included.
  std::string rest();
  // Goes to an offset, and over the blanks there.
  void jump(std::size_t offset);

 private:
  std::size_t end() const;
  Result<char> escaped(std::size_t& at) const;
  Result<std::string> quoted_part(std::size_t& at) const;

  const SourceLine& line_;
  std::size_t offset_{0};
};

}  // namespace orrery::lang
