// Grammar: a command's usage line, as the table holds it, taken apart.
//   used by: matcher.h, help.cc      uses: nothing
//   ideas:   the usage that `help` prints is the grammar itself:
//                step [phase | event | round] [N]      words as they are, blanks for choices
//                deliver LINK [TYPE] [#K]              UPPER CASE: a placeholder (placeholders.h)
//                crash PARTY [keep (all | none | torn N)] [at POINT]
//                heal PARTY...                         one or more of the element before
//   invariant: every usage of the table parses (a test goes through it).
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace orrery::lang {

enum class ElementKind : std::uint8_t { Word, Placeholder, Optional, Choice, Repeat };

struct Element {
  ElementKind kind = ElementKind::Word;
  std::string text;                            // Word, Placeholder
  std::vector<std::vector<Element>> branches;  // Optional, Choice: several; Repeat: one
};

using Pattern = std::vector<Element>;

// requires: a well-formed usage (a broken one is a fault of the table: check() throws)
Pattern parse_usage(std::string_view usage);

}  // namespace orrery::lang
