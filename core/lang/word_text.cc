// A word as it must be typed: in quotes where it would not be read as one plain word.
#include <array>
#include <string>
#include <string_view>

#include "base/text.h"
#include "lang/command.h"

namespace orrery::lang {

std::string word_text(std::string_view raw) {
  constexpr std::array<std::string_view, 6> kDividers{"if", "then", "else", "and", "output", "&"};
  bool plain = !raw.empty() && raw.front() != '-' && raw.front() != '#';
  for (const char c : raw) {
    const bool special = c == ' ' || c == '"' || c == '\'' || c == '\\' || c == ';' || c == '\x7f';
    plain = plain && !special && static_cast<unsigned char>(c) > ' ';
  }
  for (const std::string_view divider : kDividers) plain = plain && raw != divider;
  return plain ? std::string(raw) : quoted(raw);
}

}  // namespace orrery::lang
