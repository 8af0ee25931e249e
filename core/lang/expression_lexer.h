// Lexer: the tokens of an expression.
//   used by: expression_parser.cc      uses: scanner.h
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

#include "lang/scanner.h"

namespace orrery::lang {

enum class TokenKind : std::uint8_t { End, Name, Number, Duration, Text, Link, Symbol, Bad };

struct Token {
  TokenKind kind = TokenKind::End;
  std::string text;        // a Text's content; otherwise as it stands
  std::size_t offset = 0;  // of its first character in the line
  std::size_t end = 0;     // behind its last
};

// The token that begins at or after the offset; a comment is the end. A Bad one holds the character, or, for
// a text that is not closed, the error's words.
Token next_token(const SourceLine& line, std::size_t offset);

}  // namespace orrery::lang
