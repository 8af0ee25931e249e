// Source: a line of text and where it stands, so that every error can say file, line and column.
//   used by: the whole of lang, lab, cli     uses: base/result.h
//   ideas:   an error's text begins with "file:line:column: "; place_of() takes it apart again for a
//            window that wants to underline the spot.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace orrery::lang {

// A spot in a text. line and column count from 1; column 0 = the line as a whole.
struct Place {
  std::string file;  // a path, or "console"
  std::uint32_t line = 1;
  std::uint32_t column = 1;

  template <class F>
  void fields(F&& f) const {
    f("file", file), f("line", line), f("column", column);
  }

  friend bool operator==(const Place&, const Place&) = default;
};

// "labs/01/scenario.crank:12:9"
std::string to_text(const Place& place);

struct SourceLine {
  std::string file;
  std::uint32_t number = 1;
  std::string text;  // without its newline

  // The place of the character with this offset.
  Place place(std::size_t offset) const;

  friend bool operator==(const SourceLine&, const SourceLine&) = default;
};

// Cuts a text into lines; a carriage return before the newline is dropped.
std::vector<SourceLine> lines_of(std::string_view file, std::string_view text);

tl::unexpected<Error> fail_at(const Place& place, std::string_view message,
                              Errc code = Errc::Syntax);

// Where the error says it happened; none when its text names no place.
std::optional<Place> place_of(const Error& error);

// The exit status of a program that stops for this error: 1 a claim did not hold, 2 wrong use or
// unreadable input, 3 the budget ran out.
int exit_status(const Error& error);

}  // namespace orrery::lang
