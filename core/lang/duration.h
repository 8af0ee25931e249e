// Duration: "2s", "150ms", "1m30s" to virtual nanoseconds and back.
//   used by: matcher.cc, expression_parser.cc, command_text.cc, whoever prints the clock      uses: base/strong.h
//   ideas:   Go's units (h m s ms us ns), whole numbers only, largest first when printed.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/strong.h"

namespace orrery::lang {

// None when the text is no duration or does not fit 64 bits of nanoseconds.
std::optional<Nanos> parse_duration(std::string_view text);
// The shortest text that parse_duration reads back: "1m30s", "150ms", "0s".
std::string duration_text(Nanos duration);
// A moment, as every line prints it: "1.054208s" since the beginning.
std::string clock_text(Nanos moment);

}  // namespace orrery::lang
