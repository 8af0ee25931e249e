// Terms: the facts of the world that an expression may ask for, in one table.
//   used by: expression_check.cc, completion.cc, help.cc, the binding that answers them
//   ideas:   a term has parameters of fixed kinds and one kind of result. The first parameter may stand
//            before a dot (n2.applied) and the last after an @ (hashkv(n1)@7). Names of members, clients,
//            watches and roles are words: they stand without quotes.
//   invariant: a term's name is unique, and no reserved word is one.
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

namespace orrery::lang {

enum class Kind : std::uint8_t {
  None,  // no such parameter
  Integer,
  Boolean,
  Text,
  Duration,
  Member,
  Client,
  Watch,
  Link,
  MessageType,
  Role,
  Pool,
  Status,
  List,
};

struct Type {
  Kind kind = Kind::None;
  Kind element = Kind::None;  // of a List; None = of an empty one

  friend bool operator==(const Type&, const Type&) = default;
};

struct TermRow {
  std::string_view name;
  std::array<Kind, 3> parameters;  // None at the end
  std::uint8_t required;           // how many of them must be given
  Type result;
  std::string_view help;
  std::string_view example;  // an expression
};

std::span<const TermRow> term_table();
// Null when there is none.
const TermRow* find_term(std::string_view name);
std::size_t parameter_count(const TermRow& row);

// "a number", "a member (n1, none)", ...
std::string to_text(const Type& type);
// Can the bare word stand for a value of this kind? ("leader" for a Role, "n2" for a Member)
bool is_word_of(Kind kind, std::string_view word);
// and, or, not, ...
bool is_reserved(std::string_view word);

}  // namespace orrery::lang
