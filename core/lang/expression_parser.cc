// The expression grammar by recursive descent, one function per rule of docs/language.md; a name without
// arguments stays a StateTerm until the checker says what it is.
#include <algorithm>
#include <array>
#include <charconv>
#include <utility>

#include "base/text.h"
#include "lang/duration.h"
#include "lang/expression.h"
#include "lang/expression_check.h"
#include "lang/expression_lexer.h"
#include "lang/expression_terms.h"

namespace orrery::lang {

namespace {

// So that neither "((((..." nor "1 + 1 + ..." can fill the stack.
constexpr int kDepthMax = 100;
constexpr std::size_t kNodesMax = 1000;

class ExpressionParser {
 public:
  explicit ExpressionParser(const Scanner& scanner)
      : line_(scanner.line()), token_(next_token(line_, scanner.offset())) {}

  // root = ["eventually" "within" DURATION [":"]] or
  Result<NodeIndex> root() {
    const std::size_t at = token_.offset;
    if (!take_word("eventually")) return disjunction();
    if (!take_word("within")) return expected("\"within\" and a duration");
    const auto within = parse_duration(token_.text);
    if (token_.kind != TokenKind::Duration || !within) return expected("a duration (3s)");
    advance();
    take_symbol(":");
    const auto body = disjunction();
    if (!body) return body;
    return add(Eventually{.within = *within, .body = *body}, at);
  }

  Expression take() { return std::move(out_); }

  // Where the expression ends and something else may begin.
  std::size_t offset() const { return token_.offset; }

 private:
  void advance() { token_ = next_token(line_, token_.end); }

  bool is_symbol(std::string_view symbol) const {
    return token_.kind == TokenKind::Symbol && token_.text == symbol;
  }

  bool is_word(std::string_view word) const {
    return token_.kind == TokenKind::Name && token_.text == word;
  }

  bool take_symbol(std::string_view symbol) {
    const bool found = is_symbol(symbol);
    if (found) advance();
    return found;
  }

  bool take_word(std::string_view word) {
    const bool found = is_word(word);
    if (found) advance();
    return found;
  }

  NodeIndex add(decltype(ExpressionNode::what) what, std::size_t offset) {
    out_.nodes.push_back(
        {.what = std::move(what), .column = static_cast<std::uint32_t>(offset + 1)});
    return out_.root();
  }

  tl::unexpected<Error> expected(std::string_view what) const {
    if (token_.kind == TokenKind::Bad && !token_.text.empty()) {
      return fail(Errc::Syntax, token_.text);
    }
    const std::string found =
        token_.kind == TokenKind::End
            ? "the end of the line"
            : quoted(
                  std::string_view(line_.text)
                      .substr(token_.offset, std::max<std::size_t>(1, token_.end - token_.offset)));
    return fail_at(line_.place(token_.offset), text("expected {}, found {}", what, found));
  }

  // or = and {"or" and}
  Result<NodeIndex> disjunction() {
    const Deeper deeper(depth_);
    if (depth_ > kDepthMax) return expected("less nesting");
    auto left = conjunction();
    while (left && is_word("or"))
      left = binary(BinaryOp::Or, *left, &ExpressionParser::conjunction);
    return left;
  }

  // and = not {"and" not}
  Result<NodeIndex> conjunction() {
    auto left = negation();
    while (left && is_word("and")) left = binary(BinaryOp::And, *left, &ExpressionParser::negation);
    return left;
  }

  Result<NodeIndex> binary(BinaryOp op, NodeIndex left,
                           Result<NodeIndex> (ExpressionParser::*rule)()) {
    const std::size_t at = token_.offset;
    if (out_.nodes.size() > kNodesMax) return expected("a shorter expression");
    advance();
    const auto right = (this->*rule)();
    if (!right) return right;
    return add(Binary{.op = op, .left = left, .right = *right}, at);
  }

  // not = "not" not | ("all" | "any") NAME ["in" sum] ":" or | comparison
  Result<NodeIndex> negation() {
    const Deeper deeper(depth_);
    const std::size_t at = token_.offset;
    if (depth_ > kDepthMax) return expected("less nesting");
    if (take_word("not")) {
      const auto operand = negation();
      if (!operand) return operand;
      return add(Unary{.op = UnaryOp::Not, .operand = *operand}, at);
    }
    if (is_word("all") || is_word("any")) return quantified();
    return comparison();
  }

  Result<NodeIndex> quantified() {
    const std::size_t at = token_.offset;
    Quantified node{.all = is_word("all"), .variable = {}, .over = {}, .body = 0};
    advance();
    if (token_.kind != TokenKind::Name || is_reserved(token_.text)) {
      return expected("a name for what is looked at (m)");
    }
    node.variable = token_.text;
    advance();
    if (take_word("in")) {
      const auto over = sum();
      if (!over) return over;
      node.over = *over;
    }
    if (!take_symbol(":")) return expected(node.over ? "\":\"" : R"(":" or "in")");
    const auto body = disjunction();
    if (!body) return body;
    node.body = *body;
    return add(std::move(node), at);
  }

  std::optional<BinaryOp> comparison_op() const {
    static constexpr std::array<std::pair<std::string_view, BinaryOp>, 6> kOps{
        {{"==", BinaryOp::Equal},
         {"!=", BinaryOp::NotEqual},
         {"<", BinaryOp::Less},
         {"<=", BinaryOp::LessEqual},
         {">", BinaryOp::Greater},
         {">=", BinaryOp::GreaterEqual}}};
    if (is_word("in")) return BinaryOp::In;
    for (const auto& [symbol, op] : kOps) {
      if (is_symbol(symbol)) return op;
    }
    return std::nullopt;
  }

  // comparison = sum [("==" | "!=" | "<" | "<=" | ">" | ">=" | "in") sum]
  Result<NodeIndex> comparison() {
    auto left = sum();
    if (!left) return left;
    const auto op = comparison_op();
    if (!op && token_.kind == TokenKind::Bad && line_.text[token_.offset] == '=') {
      return expected("== between what is compared");
    }
    if (!op) return left;
    left = binary(*op, *left, &ExpressionParser::sum);
    if (left && comparison_op()) return expected("\"and\" between two comparisons");
    return left;
  }

  // sum = operand {("+" | "-") operand}
  Result<NodeIndex> sum() {
    auto left = operand();
    while (left && (is_symbol("+") || is_symbol("-"))) {
      const BinaryOp op = is_symbol("+") ? BinaryOp::Add : BinaryOp::Subtract;
      left = binary(op, *left, &ExpressionParser::operand);
    }
    return left;
  }

  // operand = ["-"] primary {"." NAME [arguments]} ["@" primary]
  Result<NodeIndex> operand() {
    const std::size_t at = token_.offset;
    const bool is_negated = take_symbol("-");
    auto node = primary();
    while (node && is_symbol(".")) node = member_of(*node);
    if (node && is_symbol("@")) node = at_revision(*node);
    if (!node || !is_negated) return node;
    return add(Unary{.op = UnaryOp::Negate, .operand = *node}, at);
  }

  Result<NodeIndex> member_of(NodeIndex subject) {
    advance();
    const std::size_t at = token_.offset;
    if (token_.kind != TokenKind::Name) return expected("a term after the dot (n1.applied)");
    StateTerm node{.name = token_.text, .arguments = {subject}};
    advance();
    const auto more = arguments();
    if (!more) return fail(more.error());
    node.arguments.insert(node.arguments.end(), more->begin(), more->end());
    return add(std::move(node), at);
  }

  Result<NodeIndex> at_revision(NodeIndex node) {
    if (!std::holds_alternative<StateTerm>(out_.nodes[node].what)) {
      return expected("@ only after a term (hashkv(n1)@7)");
    }
    advance();
    // The term is the last node; it goes behind its new argument.
    ExpressionNode term = std::move(out_.nodes.back());
    out_.nodes.pop_back();
    const auto revision = primary();
    if (!revision) return revision;
    std::get<StateTerm>(term.what).arguments.push_back(*revision);
    out_.nodes.push_back(std::move(term));
    return out_.root();
  }

  // arguments = ["(" [or {"," or}] ")"]
  Result<std::vector<NodeIndex>> arguments() {
    if (!take_symbol("(")) return std::vector<NodeIndex>{};
    return items(")");
  }

  // requires: the opening bracket is taken
  Result<std::vector<NodeIndex>> items(std::string_view close) {
    std::vector<NodeIndex> out;
    if (take_symbol(close)) return out;
    while (true) {
      const auto item = disjunction();
      if (!item) return fail(item.error());
      out.push_back(*item);
      if (take_symbol(close)) return out;
      if (!take_symbol(",")) return expected(text("\",\" or {}", quoted(close)));
    }
  }

  // primary = NUMBER | DURATION | TEXT | LINK | "true" | "false" | NAME arguments | "(" or ")" | list
  Result<NodeIndex> primary() {
    const Token token = token_;
    switch (token.kind) {
      case TokenKind::Number: return number();
      case TokenKind::Duration: return duration();
      case TokenKind::Text: return literal({.value = Value(token.text)});
      case TokenKind::Link: return literal({.value = Value(token.text), .is_word = true});
      case TokenKind::Name: return name();
      case TokenKind::Symbol:
        if (token.text == "(" || token.text == "[") return bracket();
        break;
      case TokenKind::End:
      case TokenKind::Bad: break;
    }
    return expected("a term (n1.applied), a number, a text or \"(\"");
  }

  Result<NodeIndex> literal(Literal value) {
    const std::size_t at = token_.offset;
    advance();
    return add(std::move(value), at);
  }

  Result<NodeIndex> number() {
    std::int64_t number = 0;
    const char* end = token_.text.data() + token_.text.size();
    if (std::from_chars(token_.text.data(), end, number).ec != std::errc{}) {
      return expected("a number below 9223372036854775808");
    }
    return literal({.value = Value(number)});
  }

  // "1m30s" is one token: letters and digits.
  Result<NodeIndex> duration() {
    const auto nanos = parse_duration(token_.text);
    if (!nanos) return expected("a number, or a duration (3s, 150ms)");
    return literal({.value = Value(nanos->value()), .is_duration = true});
  }

  Result<NodeIndex> name() {
    const Token token = token_;
    if (token.text == "true" || token.text == "false") {
      return literal({.value = Value(token.text == "true")});
    }
    if (is_reserved(token.text) && token.text != "none") return expected("a term (n1.applied)");
    advance();
    const auto more = arguments();
    if (!more) return fail(more.error());
    return add(StateTerm{.name = token.text, .arguments = *more}, token.offset);
  }

  Result<NodeIndex> bracket() {
    const std::size_t at = token_.offset;
    if (take_symbol("[")) {
      auto list = items("]");
      if (!list) return fail(list.error());
      return add(ListOf{.items = std::move(*list)}, at);
    }
    advance();
    const auto inner = disjunction();
    if (!inner) return inner;
    if (!take_symbol(")")) return expected("\")\"");
    return inner;
  }

  // Counts how deep the descent is.
  class Deeper {
   public:
    explicit Deeper(int& depth) : depth_(++depth) {}

    Deeper(const Deeper&) = delete;
    Deeper& operator=(const Deeper&) = delete;

    ~Deeper() { --depth_; }

   private:
    int& depth_;
  };

  const SourceLine& line_;
  Token token_;
  Expression out_;
  int depth_ = 0;
};

Result<Expression> parse_wanting(Scanner& scanner, std::optional<Type> wanted, Temporal temporal) {
  ExpressionParser parser(scanner);
  const auto root = parser.root();
  if (!root) return fail(root.error());
  Expression expression = parser.take();
  const auto checked = check_expression(expression, scanner.line(), wanted, temporal);
  if (!checked) return fail(checked.error());
  scanner.jump(parser.offset());
  return expression;
}

}  // namespace

Result<Expression> parse_claim(Scanner& scanner, Temporal temporal) {
  return parse_wanting(scanner, Type{Kind::Boolean}, temporal);
}

Result<Expression> parse_any(Scanner& scanner) {
  return parse_wanting(scanner, std::nullopt, Temporal::Forbidden);
}

Result<Expression> parse_claim(std::string_view text, Temporal temporal) {
  const SourceLine line{.file = "expression", .number = 1, .text = std::string(text)};
  Scanner scanner(line);
  auto expression = parse_claim(scanner, temporal);
  if (expression && !scanner.at_end()) {
    return fail_at(scanner.place(), orrery::text("expected the end of the expression, found {}",
                                                 quoted(scanner.peek())));
  }
  return expression;
}

std::optional<Nanos> eventually_within(const Expression& expression) {
  if (expression.empty()) return std::nullopt;
  const auto* node = std::get_if<Eventually>(&expression.nodes.back().what);
  return node == nullptr ? std::nullopt : std::optional(node->within);
}

}  // namespace orrery::lang
