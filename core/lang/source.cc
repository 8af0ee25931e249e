#include "lang/source.h"

#include <charconv>

#include "base/text.h"

namespace orrery::lang {

namespace {

// Reads the number that ends `text` after a colon, and cuts both off.
std::optional<std::uint32_t> take_number(std::string_view& text) {
  const std::size_t colon = text.rfind(':');
  if (colon == std::string_view::npos || colon + 1 == text.size()) return std::nullopt;
  std::uint32_t number = 0;
  const char* end = text.data() + text.size();
  const auto read = std::from_chars(text.data() + colon + 1, end, number);
  if (read.ec != std::errc{} || read.ptr != end) return std::nullopt;
  text = text.substr(0, colon);
  return number;
}

}  // namespace

std::string to_text(const Place& place) {
  return text("{}:{}:{}", place.file, place.line, place.column);
}

Place SourceLine::place(std::size_t offset) const {
  return Place{.file = file, .line = number, .column = static_cast<std::uint32_t>(offset + 1)};
}

std::vector<SourceLine> lines_of(std::string_view file, std::string_view text) {
  std::vector<SourceLine> lines;
  std::uint32_t number = 0;
  while (!text.empty()) {
    const std::size_t end = text.find('\n');
    std::string_view line = text.substr(0, end);
    text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
    if (line.ends_with('\r')) line.remove_suffix(1);
    lines.push_back({.file = std::string(file), .number = ++number, .text = std::string(line)});
  }
  return lines;
}

tl::unexpected<Error> fail_at(const Place& place, std::string_view message, Errc code) {
  return fail(code, text("{}: {}", to_text(place), message));
}

std::optional<Place> place_of(const Error& error) {
  const std::size_t end = error.detail.find(": ");
  if (end == std::string::npos) return std::nullopt;
  std::string_view where = std::string_view(error.detail).substr(0, end);
  const auto column = take_number(where);
  if (!column) return std::nullopt;
  const auto line = take_number(where);
  if (!line || where.empty()) return std::nullopt;
  return Place{.file = std::string(where), .line = *line, .column = *column};
}

int exit_status(const Error& error) {
  if (error.code == Errc::Budget) return 3;
  return error.code == Errc::Expectation ? 1 : 2;
}

}  // namespace orrery::lang
