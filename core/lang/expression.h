// Expression: the one language of expect, always, until, breakpoints, goals and grading.
//   used by: command.h, lab, gui     uses: value.h
//   ideas:   the tree is a vector of nodes that name each other by index, children first, the root
//            last, so an expression is a plain value. parse_expression() returns only what the checker
//            has passed: every name is resolved, every type fits (expression_terms.h lists the terms).
//            "n2.applied", "applied(n2)" are the same node, and so are "hashkv(n1)@7", "hashkv(n1, 7)".
//   grammar: docs/language.md
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "base/strong.h"
#include "lang/scanner.h"
#include "lang/value.h"

namespace orrery::lang {

using NodeIndex = std::uint32_t;

enum class UnaryOp : std::uint8_t { Not, Negate };
enum class BinaryOp : std::uint8_t {
  Or,
  And,
  Equal,
  NotEqual,
  Less,
  LessEqual,
  Greater,
  GreaterEqual,
  In,
  Add,
  Subtract
};

// 5, true, "text", 3s; also a name the checker took as itself: n2, w1, follower.
struct Literal {
  Value value;
  bool is_duration = false;  // print as 3s
  bool is_word = false;      // print without quotes

  template <class F>
  void fields(F&& f) const {
    f("value", value), f("is_duration", is_duration), f("is_word", is_word);
  }

  friend bool operator==(const Literal&, const Literal&) = default;
};

struct ListOf {
  std::vector<NodeIndex> items;

  template <class F>
  void fields(F&& f) const {
    f("items", items);
  }

  friend bool operator==(const ListOf&, const ListOf&) = default;
};

// The name that an enclosing all/any binds.
struct Variable {
  std::string name;

  template <class F>
  void fields(F&& f) const {
    f("name", name);
  }

  friend bool operator==(const Variable&, const Variable&) = default;
};

// A fact of the world, or one of the few functions of lists (count, min, max).
struct StateTerm {
  std::string name;
  std::vector<NodeIndex> arguments;

  template <class F>
  void fields(F&& f) const {
    f("name", name), f("arguments", arguments);
  }

  friend bool operator==(const StateTerm&, const StateTerm&) = default;
};

struct Unary {
  UnaryOp op = UnaryOp::Not;
  NodeIndex operand = 0;

  template <class F>
  void fields(F&& f) const {
    f("op", op), f("operand", operand);
  }

  friend bool operator==(const Unary&, const Unary&) = default;
};

struct Binary {
  BinaryOp op = BinaryOp::Or;
  NodeIndex left = 0;
  NodeIndex right = 0;

  template <class F>
  void fields(F&& f) const {
    f("op", op), f("left", left), f("right", right);
  }

  friend bool operator==(const Binary&, const Binary&) = default;
};

struct Quantified {
  bool all = true;  // otherwise any
  std::string variable;
  std::optional<NodeIndex> over;  // the list; none = the members
  NodeIndex body = 0;

  template <class F>
  void fields(F&& f) const {
    f("all", all), f("variable", variable), f("over", over), f("body", body);
  }

  friend bool operator==(const Quantified&, const Quantified&) = default;
};

// Only as the root, and only under expect: whoever turns the crank runs until the body holds.
struct Eventually {
  Nanos within;
  NodeIndex body = 0;

  template <class F>
  void fields(F&& f) const {
    f("within", within), f("body", body);
  }

  friend bool operator==(const Eventually&, const Eventually&) = default;
};

struct ExpressionNode {
  std::variant<Literal, ListOf, Variable, StateTerm, Unary, Binary, Quantified, Eventually> what;
  std::uint32_t column = 1;  // where it begins in its line; no part of its meaning

  template <class F>
  void fields(F&& f) const {
    f("what", what);
  }

  friend bool operator==(const ExpressionNode& a, const ExpressionNode& b) {
    return a.what == b.what;
  }
};

struct Expression {
  std::vector<ExpressionNode> nodes;  // children before parents; the last is the root

  bool empty() const { return nodes.empty(); }

  NodeIndex root() const { return static_cast<NodeIndex>(nodes.size() - 1); }

  template <class F>
  void fields(F&& f) const {
    f("nodes", nodes);
  }

  friend bool operator==(const Expression&, const Expression&) = default;
};

enum class Temporal : std::uint8_t { Forbidden, AllowedAtRoot };

// Reads and checks the longest expression at the scanner, and leaves the scanner behind it. Its type is
// boolean.
Result<Expression> parse_claim(Scanner& scanner, Temporal temporal = Temporal::Forbidden);
// The same for an expression of any type, as "show EXPR" takes it.
Result<Expression> parse_any(Scanner& scanner);
// Over a whole text, for callers with no script: labs, breakpoints, search goals.
Result<Expression> parse_claim(std::string_view text, Temporal temporal = Temporal::Forbidden);

// In canonical form: subjects before a dot, parentheses only where they are needed.
std::string to_text(const Expression& expression);

// The time limit of "eventually within 3s: ..."; none for other expressions.
std::optional<Nanos> eventually_within(const Expression& expression);

}  // namespace orrery::lang
