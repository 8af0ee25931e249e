// Claims: expect, always, break, and their lights.
#include <algorithm>
#include <charconv>

#include "base/text.h"
#include "lang/describe.h"
#include "lang/duration.h"
#include "lang/evaluate.h"
#include "lang/interpreter.h"
#include "lang/world_terms.h"

namespace orrery::lang {

namespace {

// None = it cannot be said now.
std::optional<bool> light_of(const Expression& claim, const WorldTerms& terms) {
  const auto truth = holds(claim, terms);
  return truth ? std::optional(*truth) : std::nullopt;
}

// The two sides of a comparison that failed, so that a reader sees by how much.
std::string sides(const Expression& claim, const WorldTerms& terms) {
  const auto* comparison = std::get_if<Binary>(&claim.nodes.back().what);
  if (comparison == nullptr || comparison->op == BinaryOp::And || comparison->op == BinaryOp::Or) {
    return {};
  }
  Expression side = claim;
  side.nodes.resize(comparison->left + 1);
  const auto left = evaluate(side, terms);
  side = claim;
  side.nodes.resize(comparison->right + 1);
  const auto right = evaluate(side, terms);
  if (!left || !right) return {};
  return text(": {} against {}", to_text(*left), to_text(*right));
}

std::vector<std::string> without_end(std::vector<std::string> lines) {
  while (!lines.empty() && lines.back().empty()) lines.pop_back();
  return lines;
}

}  // namespace

Result<void> Interpreter::act(const Expect& expect) {
  if (const auto within = eventually_within(expect.claim)) {
    const auto stop = advance(Holds{expect.claim}, world().now() + within->value());
    if (!stop) return fail(stop.error());
    if (*stop == Stop::Reached) return {};
    return fail(Errc::Expectation, text("it did not come to {} within {}", to_text(expect.claim),
                                        duration_text(*within)));
  }
  const WorldTerms terms(world(), broken_claims(expect.claim));
  const auto truth = holds(expect.claim, terms);
  if (!truth) {
    return fail(Errc::Expectation,
                text("cannot say {}: {}", to_text(expect.claim), truth.error().detail));
  }
  if (*truth) return {};
  return fail(Errc::Expectation, text("it does not hold that {}{}", to_text(expect.claim),
                                      sides(expect.claim, terms)));
}

Result<void> Interpreter::act(const ExpectOutput& expect) {
  std::vector<std::string> lines;
  for (SourceLine& line : lines_of("", last_output(expect.watch))) {
    lines.push_back(std::move(line.text));
  }
  lines = without_end(std::move(lines));
  const std::vector<std::string> wanted = without_end(expect.lines);
  if (lines == wanted) return {};
  const auto differ = std::ranges::mismatch(lines, wanted);
  const auto shown = [](auto at, const std::vector<std::string>& all) {
    return at == all.end() ? std::string("the end") : quoted(*at);
  };
  return fail(Errc::Expectation, text("the output differs in line {}: expected {}, found {}",
                                      differ.in1 - lines.begin() + 1, shown(differ.in2, wanted),
                                      shown(differ.in1, lines)));
}

Result<void> Interpreter::act(const Always& always) {
  for (const WatchedClaim& one : claims_) {
    if (one.name == always.name) {
      return fail(Errc::WrongUse, text("there is a claim named {} already", always.name));
    }
  }
  claims_.push_back({.name = always.name,
                     .claim = always.claim,
                     .is_break = false,
                     .light = {},
                     .hits = 0,
                     .broken_at = {}});
  return watch_claims();
}

Result<void> Interpreter::act(const Break& one) {
  WatchedClaim claim{.name = std::to_string(next_break_++),
                     .claim = one.condition,
                     .is_break = true,
                     .light = {},
                     .hits = 0,
                     .broken_at = {}};
  claim.light = light_of(claim.claim, WorldTerms(world(), broken_claims(claim.claim)));
  note(text("breakpoint {}", claim.name));
  claims_.push_back(std::move(claim));
  return {};
}

Result<void> Interpreter::act(const Forget& forget) {
  const auto* number = std::get_if<std::uint64_t>(&forget.what);
  const std::string name =
      number != nullptr ? std::to_string(*number) : std::get<std::string>(forget.what);
  if (std::erase_if(claims_, [&](const WatchedClaim& one) { return one.name == name; }) == 0) {
    return fail(Errc::WrongUse, text("there is no claim or breakpoint {}", name));
  }
  return {};
}

Result<void> Interpreter::act(const Claims&) {
  for (const WatchedClaim& one : claims_) {
    const std::string light = !one.light ? "unknown" : *one.light ? "holds" : "does not hold";
    std::string more = one.broken_at ? text(", broken at step {}", *one.broken_at) : std::string();
    if (one.is_break) more = text(", met {} time{}", one.hits, one.hits == 1 ? "" : "s");
    print(text("{} {}: {} ({}{})", one.is_break ? "break" : "always", one.name, to_text(one.claim),
               light, more));
  }
  return {};
}

std::vector<std::string> Interpreter::broken_claims(const Expression& asking) {
  const bool asked = std::ranges::any_of(asking.nodes, [](const auto& node) {
    const auto* term = std::get_if<StateTerm>(&node.what);
    return term != nullptr && term->name == "violations";
  });
  if (!asked) return {};
  std::vector<std::string> out(violations_, "always");
  for (const Violation& one : ledger_.violations(timeline_)) out.push_back(one.claim);
  return out;
}

// A claim stops the command when it breaks, a breakpoint when it becomes true; then neither does until it has changed.
Result<void> Interpreter::watch_claims() {
  if (claims_.empty()) return {};
  Result<void> out;
  for (WatchedClaim& one : claims_) {
    const WorldTerms terms(world(), broken_claims(one.claim));
    const std::optional<bool> before = one.light;
    one.light = light_of(one.claim, terms);
    if (one.is_break && one.light == true && before != true) {
      break_met_ = true;
      ++one.hits;
      note(
          text("breakpoint {} at step {}: {}", one.name, timeline_.position(), to_text(one.claim)));
    }
    if (one.is_break || one.light != false || before == false) continue;
    ++violations_;
    if (!one.broken_at) one.broken_at = timeline_.position();
    const std::string after = timeline_.position() == 0
                                  ? std::string("at the beginning")
                                  : text("after step {} ({})", timeline_.position(),
                                         to_text(timeline_.action_before(timeline_.position())));
    out = fail(Errc::Expectation, text("always {}: {} does not hold {}{}", one.name,
                                       to_text(one.claim), after, sides(one.claim, terms)));
  }
  return out;
}

void Interpreter::relight() {
  for (WatchedClaim& one : claims_) {
    one.light = light_of(one.claim, WorldTerms(world(), broken_claims(one.claim)));
  }
}

}  // namespace orrery::lang
