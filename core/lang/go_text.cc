#include "lang/go_text.h"

#include <cstdint>

#include "base/text.h"

namespace orrery::lang {

namespace {

struct Rune {
  char32_t value = 0;
  std::size_t size = 0;  // bytes; 0 = the first byte begins no rune
};

std::uint8_t byte_at(std::string_view bytes, std::size_t i) {
  return i < bytes.size() ? static_cast<std::uint8_t>(bytes[i]) : std::uint8_t{0};
}

// The rune at the start, if it is encoded in the shortest form and no surrogate.
Rune rune_at(std::string_view bytes) {
  const std::uint8_t lead = byte_at(bytes, 0);
  if (lead < 0x80) return {.value = lead, .size = 1};
  const std::size_t size = lead >= 0xf0 ? 4 : lead >= 0xe0 ? 3 : 2;
  if (lead < 0xc2 || lead > 0xf4 || bytes.size() < size) return {};
  char32_t value = lead & (0x7fU >> size);
  for (std::size_t i = 1; i < size; ++i) {
    const std::uint8_t next = byte_at(bytes, i);
    if ((next & 0xc0U) != 0x80U) return {};
    value = (value << 6U) | (next & 0x3fU);
  }
  const bool is_shortest = value >= (size == 2 ? 0x80U : size == 3 ? 0x800U : 0x10000U);
  const bool is_surrogate = value >= 0xd800U && value <= 0xdfffU;
  if (!is_shortest || is_surrogate || value > 0x10ffffU) return {};
  return {.value = value, .size = size};
}

// \a \b \f \n \r \t \v, a quote or a backslash; empty for others.
std::string_view by_letter(char32_t rune) {
  switch (rune) {
    case '\a': return "\\a";
    case '\b': return "\\b";
    case '\f': return "\\f";
    case '\n': return "\\n";
    case '\r': return "\\r";
    case '\t': return "\\t";
    case '\v': return "\\v";
    case '"': return "\\\"";
    case '\\': return "\\\\";
    default: return {};
  }
}

std::string by_number(char32_t rune) {
  const auto number = static_cast<std::uint32_t>(rune);
  if (number < 0x80) return text("\\x{:02x}", number);
  return number < 0x10000 ? text("\\u{:04x}", number) : text("\\U{:08x}", number);
}

}  // namespace

std::string go_quoted(std::string_view bytes) {
  std::string out = "\"";
  while (!bytes.empty()) {
    const Rune rune = rune_at(bytes);
    if (rune.size == 0) {
      out += text("\\x{:02x}", byte_at(bytes, 0));
      bytes.remove_prefix(1);
      continue;
    }
    const std::string_view letter = by_letter(rune.value);
    if (!letter.empty()) {
      out += letter;
    } else if (is_go_printable(rune.value)) {
      out += bytes.substr(0, rune.size);
    } else {
      out += by_number(rune.value);
    }
    bytes.remove_prefix(rune.size);
  }
  return out + '"';
}

std::string hex_escaped(std::string_view bytes) {
  std::string out;
  for (const char c : bytes) out += text("\\x{:02x}", static_cast<std::uint8_t>(c));
  return out;
}

}  // namespace orrery::lang
