#include "base/text.h"

#include <array>
#include <cstddef>
#include <cstdint>

namespace orrery {

namespace {

// One character at the front of some bytes.
struct Rune {
  std::uint32_t code = 0;
  std::size_t length = 0;  // in bytes; 0 = these bytes are no UTF-8
};

Rune first_rune(std::string_view bytes) {
  const auto byte = [&](std::size_t i) {
    return std::uint32_t{static_cast<std::uint8_t>(bytes[i])};
  };
  const std::uint32_t head = byte(0);
  if (head < 0x80) return {head, 1};
  const std::size_t length = head >= 0xf0 ? 4 : head >= 0xe0 ? 3 : 2;
  if (head < 0xc2 || head > 0xf4 || bytes.size() < length) return {};
  std::uint32_t code = head & (0x7fU >> length);
  for (std::size_t i = 1; i < length; ++i) {
    if ((byte(i) & 0xc0U) != 0x80) return {};
    code = (code << 6) | (byte(i) & 0x3fU);
  }
  constexpr std::array<std::uint32_t, 5> kLeast{0, 0, 0x80, 0x800, 0x10000};
  const bool surrogate = code >= 0xd800 && code <= 0xdfff;
  if (code < kLeast[length] || surrogate || code > 0x10ffff) return {};
  return {code, length};
}

// Spaces other than ' ', controls, format and private characters.
bool is_invisible(std::uint32_t code) {
  struct Span {
    std::uint32_t first, last;
  };
  constexpr std::array kSpans{
      Span{0x00, 0x1f},     Span{0x7f, 0xa0},     Span{0xad, 0xad},       Span{0x61c, 0x61c},
      Span{0x1680, 0x1680}, Span{0x180e, 0x180e}, Span{0x2000, 0x200f},   Span{0x2028, 0x202f},
      Span{0x205f, 0x206f}, Span{0x3000, 0x3000}, Span{0xe000, 0xf8ff},   Span{0xfeff, 0xfeff},
      Span{0xfff0, 0xfffb}, Span{0xfffe, 0xffff}, Span{0xe0000, 0xe0fff}, Span{0xf0000, 0x10ffff}};
  for (const Span& span : kSpans) {
    if (code >= span.first && code <= span.last) return true;
  }
  return false;
}

// The letter after the backslash; 0 = none.
char escape_letter(std::uint32_t code) {
  constexpr std::string_view kCodes = "\a\b\f\n\r\t\v\"\\";
  constexpr std::string_view kLetters = "abfnrtv\"\\";
  const auto at = code < 0x80 ? kCodes.find(static_cast<char>(code)) : kCodes.npos;
  return at == kCodes.npos ? '\0' : kLetters[at];
}

}  // namespace

std::string quoted(std::string_view bytes) {
  std::string out = "\"";
  while (!bytes.empty()) {
    const Rune rune = first_rune(bytes);
    const std::size_t length = rune.length == 0 ? 1 : rune.length;
    if (const char letter = rune.length == 0 ? '\0' : escape_letter(rune.code); letter != '\0') {
      out += '\\';
      out += letter;
    } else if (rune.length == 0 || (rune.code < 0x80 && is_invisible(rune.code))) {
      out += text("\\x{:02x}", static_cast<std::uint8_t>(bytes[0]));
    } else if (is_invisible(rune.code)) {
      out += rune.code < 0x10000 ? text("\\u{:04x}", rune.code) : text("\\U{:08x}", rune.code);
    } else {
      out += bytes.substr(0, length);
    }
    bytes.remove_prefix(length);
  }
  return out + '"';
}

std::string hex(std::string_view bytes) {
  std::string out;
  out.reserve(bytes.size() * 2);
  for (const char c : bytes) out += text("{:02x}", static_cast<std::uint8_t>(c));
  return out;
}

std::string base64(std::string_view bytes) {
  static constexpr std::string_view kAlphabet =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::string out;
  for (std::size_t i = 0; i < bytes.size(); i += 3) {
    const std::size_t have = bytes.size() - i < 3 ? bytes.size() - i : 3;
    std::uint32_t group = 0;
    for (std::size_t k = 0; k < 3; ++k) {
      group = (group << 8) | (k < have ? static_cast<std::uint8_t>(bytes[i + k]) : 0U);
    }
    for (std::size_t k = 0; k < 4; ++k) {
      out += k <= have ? kAlphabet[(group >> (18 - 6 * k)) & 63U] : '=';
    }
  }
  return out;
}

std::optional<std::string> from_base64(std::string_view text) {
  static constexpr std::string_view kAlphabet =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  if (text.size() % 4 != 0) return std::nullopt;
  while (!text.empty() && text.back() == '=') text.remove_suffix(1);
  std::string out;
  std::uint32_t group = 0;
  unsigned bits = 0;
  for (const char c : text) {
    const std::size_t at = kAlphabet.find(c);
    if (at == std::string_view::npos) return std::nullopt;
    group = (group << 6U) | static_cast<std::uint32_t>(at);
    bits += 6;
    if (bits < 8) continue;
    bits -= 8;
    out += static_cast<char>((group >> bits) & 0xffU);
  }
  return out;
}

}  // namespace orrery
