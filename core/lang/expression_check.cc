#include "lang/expression_check.h"

#include <algorithm>
#include <ranges>
#include <string>
#include <utility>
#include <vector>

#include "base/text.h"

namespace orrery::lang {

namespace {

constexpr Type kBoolean{Kind::Boolean};
constexpr Type kInteger{Kind::Integer};

using Wanted = std::optional<Type>;

// Kinds whose values are names; "" and another text may be compared with them.
bool is_name_kind(Kind kind) {
  switch (kind) {
    case Kind::Text:
    case Kind::Member:
    case Kind::Client:
    case Kind::Watch:
    case Kind::Link:
    case Kind::MessageType:
    case Kind::Role:
    case Kind::Pool:
    case Kind::Status: return true;
    case Kind::None:
    case Kind::Integer:
    case Kind::Boolean:
    case Kind::Duration:
    case Kind::List: return false;
  }
  return false;
}

bool fits_kind(Kind given, Kind wanted) {
  if (given == wanted || wanted == Kind::None || given == Kind::None) return true;
  return is_name_kind(wanted) && given == Kind::Text;
}

bool fits(const Type& given, const Type& wanted) {
  return fits_kind(given.kind, wanted.kind) &&
         (given.kind != Kind::List || fits_kind(given.element, wanted.element));
}

bool is_ordered(Kind kind) {
  return kind == Kind::Integer || kind == Kind::Duration;
}

class Checker {
 public:
  Checker(Expression& expression, const SourceLine& line) : expression_(expression), line_(line) {}

  // The node's type; an error when it is not the wanted one.
  Result<Type> check(NodeIndex index, Wanted wanted) {
    auto type = std::visit([&](const auto& node) { return check_node(index, node, wanted); },
                           std::decay_t<decltype(node(index).what)>(node(index).what));
    if (type && wanted && !fits(*type, *wanted)) {
      return wrong(index, text("expected {}, found {}", to_text(*wanted), to_text(*type)));
    }
    return type;
  }

 private:
  ExpressionNode& node(NodeIndex index) { return expression_.nodes[index]; }

  tl::unexpected<Error> wrong(NodeIndex index, std::string_view message) {
    return fail_at(line_.place(node(index).column - 1), message);
  }

  Result<Type> check_node(NodeIndex, const Literal& literal, const Wanted& wanted) {
    if (literal.is_duration) return Type{Kind::Duration};
    if (literal.is_word) return wanted && wanted->kind != Kind::None ? *wanted : Type{Kind::Link};
    if (std::holds_alternative<bool>(literal.value.held)) return kBoolean;
    if (std::holds_alternative<std::int64_t>(literal.value.held)) return kInteger;
    return Type{Kind::Text};
  }

  Result<Type> check_node(NodeIndex, const ListOf& list, const Wanted& wanted) {
    Type type{Kind::List, wanted && wanted->kind == Kind::List ? wanted->element : Kind::None};
    for (const NodeIndex item : list.items) {
      const auto one = check(item, type.element == Kind::None ? Wanted{} : Type{type.element});
      if (!one) return one;
      if (one->kind == Kind::List) return wrong(item, "expected no list inside a list");
      if (type.element == Kind::None) type.element = one->kind;
    }
    return type;
  }

  Result<Type> check_node(NodeIndex index, const Variable& variable, const Wanted&) {
    const Type* bound = find_bound(variable.name);
    if (bound == nullptr) return wrong(index, "expected a bound name");
    return *bound;
  }

  const Type* find_bound(std::string_view name) const {
    for (const auto& it : std::ranges::reverse_view(bound_)) {
      if (it.first == name) return &it.second;
    }
    return nullptr;
  }

  Result<Type> check_node(NodeIndex index, const StateTerm& term, const Wanted& wanted) {
    if (term.arguments.empty()) {
      const auto word = bare_word(index, term.name, wanted);
      if (word) return *word;
    }
    const TermRow* row = find_term(term.name);
    if (row == nullptr) return wrong(index, unknown(term));
    const std::size_t most = parameter_count(*row);
    if (term.arguments.size() < row->required || term.arguments.size() > most) {
      return wrong(index, count_message(*row, most, term.arguments.size()));
    }
    for (std::size_t i = 0; i < term.arguments.size(); ++i) {
      const bool of_numbers = row->name == "min" || row->name == "max";
      const Type parameter{row->parameters.at(i), of_numbers ? Kind::Integer : Kind::None};
      const auto argument = check(term.arguments[i], parameter);
      if (!argument) return argument;
    }
    return row->result;
  }

  // A name that stands alone: a bound one, else a word of the wanted kind, else a member or a watch that no
  // term is called like. None = it is a term.
  std::optional<Type> bare_word(NodeIndex index, const std::string& name, const Wanted& wanted) {
    if (const Type* bound = find_bound(name)) {
      node(index).what = Variable{.name = name};
      return *bound;
    }
    const TermRow* row = find_term(name);
    const bool term_fits = row != nullptr && wanted && fits(row->result, *wanted);
    const bool loose = wanted && (wanted->kind == Kind::Client || wanted->kind == Kind::Watch);
    if (wanted && is_word_of(wanted->kind, name) && !(loose && term_fits)) {
      return word(index, name, *wanted);
    }
    if (row == nullptr && is_word_of(Kind::Member, name)) return word(index, name, {Kind::Member});
    return std::nullopt;
  }

  Type word(NodeIndex index, const std::string& name, const Type& type) {
    const std::string value = name == "none" ? "" : name;
    node(index).what = Literal{.value = Value(value), .is_duration = false, .is_word = true};
    return type;
  }

  static std::string unknown(const StateTerm& term) {
    const TermRow* best = nullptr;
    for (const TermRow& row : term_table()) {
      if (row.name.starts_with(term.name) || term.name.starts_with(row.name)) best = &row;
    }
    std::string out = text("expected a term, found {}", quoted(term.name));
    if (best != nullptr) out += text("; did you mean {}?", best->name);
    return out;
  }

  static std::string count_message(const TermRow& row, std::size_t most, std::size_t given) {
    const std::string wanted =
        row.required == most ? text("{}", most) : text("{} to {}", row.required, most);
    return text("expected {} argument{} of {} (as in {}), found {}", wanted, most == 1 ? "" : "s",
                row.name, row.example, given);
  }

  Result<Type> check_node(NodeIndex, const Unary& unary, const Wanted&) {
    return check(unary.operand, unary.op == UnaryOp::Not ? kBoolean : kInteger);
  }

  Result<Type> check_node(NodeIndex index, const Binary& binary, const Wanted& wanted) {
    switch (binary.op) {
      case BinaryOp::Or:
      case BinaryOp::And: {
        const auto left = check(binary.left, kBoolean);
        if (!left) return left;
        return check(binary.right, kBoolean);
      }
      case BinaryOp::Add:
      case BinaryOp::Subtract: return arithmetic(index, binary, wanted);
      case BinaryOp::In: return membership(binary);
      case BinaryOp::Equal:
      case BinaryOp::NotEqual: return comparison(binary, false);
      case BinaryOp::Less:
      case BinaryOp::LessEqual:
      case BinaryOp::Greater:
      case BinaryOp::GreaterEqual: return comparison(binary, true);
    }
    return kBoolean;
  }

  Result<Type> arithmetic(NodeIndex index, const Binary& binary, const Wanted&) {
    const auto left = check(binary.left, std::nullopt);
    if (!left) return left;
    if (!is_ordered(left->kind)) {
      return wrong(binary.left, text("expected a number or a duration, found {}", to_text(*left)));
    }
    const auto right = check(binary.right, *left);
    if (!right) return right;
    node(index).column = node(binary.left).column;
    return *left;
  }

  // The side that can only be one thing tells what the other means.
  Result<Type> comparison(const Binary& binary, bool needs_order) {
    const NodeIndex first =
        is_ambiguous(binary.left) && !is_ambiguous(binary.right) ? binary.right : binary.left;
    const NodeIndex second = first == binary.left ? binary.right : binary.left;
    const auto known = check(first, std::nullopt);
    if (!known) return known;
    if (needs_order && !is_ordered(known->kind)) {
      return wrong(first, text("expected a number or a duration, found {}", to_text(*known)));
    }
    const bool is_text = known->kind == Kind::Text;
    const auto other = check(second, is_text ? Wanted{} : Wanted{*known});
    if (!other) return other;
    if (!fits(*other, *known) && !fits(*known, *other)) {
      return wrong(second, text("expected {}, found {}", to_text(*known), to_text(*other)));
    }
    return kBoolean;
  }

  // A bare word that is no term, or also a role's, pool's or status's name.
  bool is_ambiguous(NodeIndex index) {
    const auto* term = std::get_if<StateTerm>(&node(index).what);
    if (term == nullptr || !term->arguments.empty()) return false;
    return find_term(term->name) == nullptr || is_word_of(Kind::Role, term->name) ||
           is_word_of(Kind::Pool, term->name) || is_word_of(Kind::Status, term->name);
  }

  Result<Type> membership(const Binary& binary) {
    const auto list = check(binary.right, Type{Kind::List});
    if (!list) return list;
    const auto item = check(binary.left, Type{list->element});
    if (!item) return item;
    return kBoolean;
  }

  Result<Type> check_node(NodeIndex index, const Quantified& quantified, const Wanted&) {
    Type element{Kind::Member};
    if (quantified.over) {
      const auto list = check(*quantified.over, Type{Kind::List});
      if (!list) return list;
      element = Type{list->element};
    }
    if (find_term(quantified.variable) != nullptr ||
        is_word_of(Kind::Member, quantified.variable)) {
      return wrong(index, text("expected a new name, found {}, which means something already",
                               quoted(quantified.variable)));
    }
    bound_.emplace_back(quantified.variable, element);
    const auto body = check(quantified.body, kBoolean);
    bound_.pop_back();
    return body;
  }

  Result<Type> check_node(NodeIndex, const Eventually& eventually, const Wanted&) {
    return check(eventually.body, kBoolean);
  }

  Expression& expression_;
  const SourceLine& line_;
  std::vector<std::pair<std::string, Type>> bound_;  // innermost last
};

}  // namespace

Result<Type> check_expression(Expression& expression, const SourceLine& line,
                              std::optional<Type> wanted, Temporal temporal) {
  const bool is_temporal = eventually_within(expression).has_value();
  if (is_temporal && temporal == Temporal::Forbidden) {
    return fail_at(line.place(expression.nodes.back().column - 1),
                   "expected a condition, found \"eventually\", which stands only after expect; "
                   "until ... within 3s waits");
  }
  return Checker(expression, line).check(expression.root(), wanted);
}

}  // namespace orrery::lang
