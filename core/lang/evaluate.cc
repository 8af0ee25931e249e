#include "lang/evaluate.h"

namespace orrery::lang {

namespace {

std::int64_t number(const Value& value) {
  return std::get<std::int64_t>(value.held);
}

const std::vector<Value>& items(const Value& value) {
  return std::get<std::vector<Value>>(value.held);
}

Result<Value> sum(std::int64_t left, std::int64_t right, bool adds) {
  std::int64_t out = 0;
  const bool overflows =
      adds ? __builtin_add_overflow(left, right, &out) : __builtin_sub_overflow(left, right, &out);
  if (overflows) return fail(Errc::OutOfRange, "a sum does not fit 64 bits");
  return Value(out);
}

}  // namespace

bool truth(const Value& value) {
  return std::get<bool>(value.held);
}

bool is_list_function(std::string_view name) {
  return name == "count" || name == "min" || name == "max";
}

Result<Value> list_function(std::string_view name, const Value& list) {
  const auto& all = items(list);
  if (name == "count") return Value(static_cast<std::int64_t>(all.size()));
  if (all.empty()) {
    return fail(Errc::WrongUse, text("{} of an empty list", name));
  }
  const auto less = [](const Value& a, const Value& b) { return number(a) < number(b); };
  return name == "min" ? *std::ranges::min_element(all, less)
                       : *std::ranges::max_element(all, less);
}

Result<Value> apply_unary(UnaryOp op, const Value& operand) {
  switch (op) {
    case UnaryOp::Not: return Value(!truth(operand));
    case UnaryOp::Negate: return sum(0, number(operand), false);
  }
  return Value();
}

Result<Value> apply_binary(BinaryOp op, const Value& left, const Value& right) {
  switch (op) {
    case BinaryOp::Equal: return Value(left == right);
    case BinaryOp::NotEqual: return Value(left != right);
    case BinaryOp::Less: return Value(number(left) < number(right));
    case BinaryOp::LessEqual: return Value(number(left) <= number(right));
    case BinaryOp::Greater: return Value(number(left) > number(right));
    case BinaryOp::GreaterEqual: return Value(number(left) >= number(right));
    case BinaryOp::Add: return sum(number(left), number(right), true);
    case BinaryOp::Subtract: return sum(number(left), number(right), false);
    case BinaryOp::In: return Value(std::ranges::count(items(right), left) > 0);
    case BinaryOp::Or:
    case BinaryOp::And: break;
  }
  check(false, "and, or are decided by the evaluator");
  return Value();
}

}  // namespace orrery::lang
