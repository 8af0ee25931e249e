// Expressions and values back to text.
#include <cstdint>

#include "base/text.h"
#include "lang/duration.h"
#include "lang/expression.h"
#include "lang/expression_terms.h"

namespace orrery::lang {

namespace {

// How tightly a node binds: a child that binds less than its place wants needs parentheses.
enum class Strength : std::uint8_t { Or, And, Not, Comparison, Sum, Operand };

std::string_view symbol(BinaryOp op) {
  switch (op) {
    case BinaryOp::Or: return "or";
    case BinaryOp::And: return "and";
    case BinaryOp::Equal: return "==";
    case BinaryOp::NotEqual: return "!=";
    case BinaryOp::Less: return "<";
    case BinaryOp::LessEqual: return "<=";
    case BinaryOp::Greater: return ">";
    case BinaryOp::GreaterEqual: return ">=";
    case BinaryOp::In: return "in";
    case BinaryOp::Add: return "+";
    case BinaryOp::Subtract: return "-";
  }
  return {};
}

Strength strength(BinaryOp op) {
  if (op == BinaryOp::Or) return Strength::Or;
  if (op == BinaryOp::And) return Strength::And;
  return op == BinaryOp::Add || op == BinaryOp::Subtract ? Strength::Sum : Strength::Comparison;
}

class Writer {
 public:
  explicit Writer(const Expression& expression) : expression_(expression) {}

  std::string at(NodeIndex index, Strength wanted) const {
    return std::visit([&](const auto& node) { return written(node, wanted); },
                      expression_.nodes[index].what);
  }

 private:
  static std::string in_parentheses(bool needed, const std::string& inner) {
    return needed ? text("({})", inner) : inner;
  }

  std::string written(const Literal& literal, Strength) const {
    if (literal.is_duration)
      return duration_text(Nanos(std::get<std::int64_t>(literal.value.held)));
    if (!literal.is_word) return to_text(literal.value);
    const auto& word = std::get<std::string>(literal.value.held);
    return word.empty() ? "none" : word;
  }

  std::string listed(const std::vector<NodeIndex>& items, std::size_t from) const {
    std::string out;
    for (std::size_t i = from; i < items.size(); ++i) {
      out += (i == from ? "" : ", ") + at(items[i], Strength::Or);
    }
    return out;
  }

  std::string written(const ListOf& list, Strength) const {
    return text("[{}]", listed(list.items, 0));
  }

  std::string written(const Variable& variable, Strength) const { return variable.name; }

  // Subjects that are parties or watches stand before the dot.
  std::string written(const StateTerm& term, Strength) const {
    if (term.arguments.empty()) return term.name;
    const TermRow* row = find_term(term.name);
    const Kind first = row == nullptr ? Kind::None : row->parameters.front();
    if (first == Kind::Member || first == Kind::Client || first == Kind::Watch) {
      const std::string rest = listed(term.arguments, 1);
      return text("{}.{}{}", at(term.arguments.front(), Strength::Operand), term.name,
                  rest.empty() ? "" : text("({})", rest));
    }
    return text("{}({})", term.name, listed(term.arguments, 0));
  }

  std::string written(const Unary& unary, Strength wanted) const {
    if (unary.op == UnaryOp::Negate) {
      return in_parentheses(wanted > Strength::Sum, "-" + at(unary.operand, Strength::Operand));
    }
    return in_parentheses(wanted > Strength::Not, "not " + at(unary.operand, Strength::Not));
  }

  std::string written(const Binary& binary, Strength wanted) const {
    const Strength own = strength(binary.op);
    // Left to right; comparisons do not chain.
    const Strength left = own == Strength::Comparison ? Strength::Sum : own;
    const auto right = static_cast<Strength>(static_cast<int>(own) + 1);
    return in_parentheses(wanted > own, at(binary.left, left) + " " +
                                            std::string(symbol(binary.op)) + " " +
                                            at(binary.right, right));
  }

  std::string written(const Quantified& quantified, Strength wanted) const {
    const std::string over = quantified.over ? " in " + at(*quantified.over, Strength::Sum) : "";
    return in_parentheses(wanted > Strength::Or, (quantified.all ? "all " : "any ") +
                                                     quantified.variable + over + ": " +
                                                     at(quantified.body, Strength::Or));
  }

  std::string written(const Eventually& eventually, Strength) const {
    return "eventually within " + duration_text(eventually.within) + ": " +
           at(eventually.body, Strength::Or);
  }

  const Expression& expression_;
};

struct ValueText {
  std::string operator()(std::int64_t number) const { return std::to_string(number); }

  std::string operator()(bool truth) const { return truth ? "true" : "false"; }

  std::string operator()(const std::string& words) const { return quoted(words); }

  std::string operator()(const std::vector<Value>& items) const {
    std::string out;
    for (const Value& item : items) out += (out.empty() ? "" : ", ") + to_text(item);
    return text("[{}]", out);
  }
};

}  // namespace

std::string to_text(const Value& value) {
  return std::visit(ValueText{}, value.held);
}

std::string to_text(const Expression& expression) {
  return expression.empty() ? "" : Writer(expression).at(expression.root(), Strength::Or);
}

}  // namespace orrery::lang
