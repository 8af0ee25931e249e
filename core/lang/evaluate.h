// evaluate(): an expression against a world that the caller answers for.
//   used by: whoever binds lang to the World (checks, breakpoints, until, labs)      uses: expression.h
//   ideas:   lookup(name, arguments) -> Result<Value> is asked for each state term as the table of
//            expression_terms.h names it, with the subject first: n2.applied asks ("applied", {"n2"}). Lists
//            of members come from the term "members". and, or, all, any stop as soon as they know.
#pragma once

#include <algorithm>
#include <cstdint>
#include <ranges>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "base/check.h"
#include "base/result.h"
#include "base/text.h"
#include "lang/expression.h"

namespace orrery::lang {

// Is it one of the functions that need no world? (count, min, max)
bool is_list_function(std::string_view name);
// requires: is_list_function(name)
Result<Value> list_function(std::string_view name, const Value& list);
Result<Value> apply_unary(UnaryOp op, const Value& operand);
// requires: op is neither Or nor And
Result<Value> apply_binary(BinaryOp op, const Value& left, const Value& right);
// requires: the checker has passed it as a condition
bool truth(const Value& value);

namespace evaluate_detail {

template <class Lookup>
class Evaluator {
 public:
  Evaluator(const Expression& expression, const Lookup& lookup)
      : expression_(expression), lookup_(lookup) {}

  Result<Value> at(NodeIndex index) {
    return std::visit([&](const auto& node) { return value(node); }, expression_.nodes[index].what);
  }

 private:
  Result<Value> value(const Literal& literal) { return literal.value; }

  Result<Value> value(const ListOf& list) {
    auto items = all_of(list.items);
    if (!items) return fail(items.error());
    return Value(std::move(*items));
  }

  Result<std::vector<Value>> all_of(const std::vector<NodeIndex>& indexes) {
    std::vector<Value> out;
    for (const NodeIndex index : indexes) {
      auto one = at(index);
      if (!one) return fail(one.error());
      out.push_back(std::move(*one));
    }
    return out;
  }

  Result<Value> value(const Variable& variable) {
    for (const auto& [name, value] : std::views::reverse(bound_)) {
      if (name == variable.name) return value;
    }
    check(false, "the checker lets only bound names pass");
    return Value();
  }

  Result<Value> value(const StateTerm& term) {
    const auto arguments = all_of(term.arguments);
    if (!arguments) return fail(arguments.error());
    if (is_list_function(term.name)) return list_function(term.name, arguments->front());
    return lookup_(std::string_view(term.name), *arguments);
  }

  Result<Value> value(const Unary& unary) {
    const auto operand = at(unary.operand);
    if (!operand) return operand;
    return apply_unary(unary.op, *operand);
  }

  Result<Value> value(const Binary& binary) {
    const auto left = at(binary.left);
    if (!left) return left;
    if (binary.op == BinaryOp::Or && truth(*left)) return left;
    if (binary.op == BinaryOp::And && !truth(*left)) return left;
    const auto right = at(binary.right);
    if (!right || binary.op == BinaryOp::Or || binary.op == BinaryOp::And) return right;
    return apply_binary(binary.op, *left, *right);
  }

  Result<Value> value(const Quantified& quantified) {
    const auto over = quantified.over ? at(*quantified.over)
                                      : Result<Value>(lookup_(std::string_view("members"), {}));
    if (!over) return over;
    for (const Value& item : std::get<std::vector<Value>>(over->held)) {
      bound_.emplace_back(quantified.variable, item);
      const auto body = at(quantified.body);
      bound_.pop_back();
      if (!body || truth(*body) != quantified.all) return body;
    }
    return Value(quantified.all);
  }

  // What must hold in the end; the waiting is the caller's.
  Result<Value> value(const Eventually& eventually) { return at(eventually.body); }

  const Expression& expression_;
  const Lookup& lookup_;
  std::vector<std::pair<std::string, Value>> bound_;  // innermost last
};

}  // namespace evaluate_detail

// requires: not empty
template <class Lookup>
Result<Value> evaluate(const Expression& expression, const Lookup& lookup) {
  return evaluate_detail::Evaluator<Lookup>(expression, lookup).at(expression.root());
}

// For conditions.
template <class Lookup>
Result<bool> holds(const Expression& expression, const Lookup& lookup) {
  const auto value = evaluate(expression, lookup);
  if (!value) return fail(value.error());
  return truth(*value);
}

}  // namespace orrery::lang
