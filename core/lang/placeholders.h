// Placeholders: the kinds of argument that a usage line may name.
//   used by: matcher.cc, completion.cc, help.cc, docs/language.md      uses: scanner.h
//   ideas:   each has the words that follow "expected", and a test whether a raw word can be one, by which
//            an optional part is taken or left.
#pragma once

#include <span>
#include <string>
#include <string_view>

namespace orrery::lang {

struct Placeholder {
  std::string_view name;      // as it stands in usage lines
  std::string_view expected;  // "a member (n1, n2, ...)"
  bool (*fits)(std::string_view raw);
};

std::span<const Placeholder> placeholders();
// requires: the name is one of the table's
const Placeholder& placeholder(std::string_view name);

// n1, n2, ...
bool is_member_name(std::string_view word);
// A letter, then letters, digits, '-', '_' or '.'.
bool is_name(std::string_view word);
bool is_count(std::string_view word);
// Decimal, with a sign; fits 64 bits.
bool is_integer(std::string_view word);
bool is_link(std::string_view word);

}  // namespace orrery::lang
