// The live line: callers from outside act at its tip, wherever the cursor looks.
#include <utility>

#include "base/check.h"
#include "lang/interpreter.h"

namespace orrery::lang {

Result<void> Interpreter::begin_live_line() {
  if (!timeline_.at_tip()) {
    const auto forked = timeline_.start_branch("");
    if (!forked) return forked;
  }
  live_line_ = timeline_.branch();
  told_.clear();
  return {};
}

void Interpreter::end_live_line() {
  live_line_.reset();
  told_.clear();
}

sim::World Interpreter::live_world() const {
  check(live_line_.has_value(), "there is a live line");
  const sim::Branch& live = timeline_.branches()[*live_line_];
  if (timeline_.branch() == *live_line_ && timeline_.at_tip()) return world();
  sim::Timeline copy = timeline_;
  check(copy.switch_to(live.name).has_value(), "the live line is a branch");
  return copy.world();
}

Outcome Interpreter::let_in(const sim::Action& action, std::string line) {
  check(live_line_.has_value(), "there is a live line");
  outcome_ = {};
  line_ = std::move(line);
  line_marked_ = false;
  break_met_ = false;
  const bool is_there = timeline_.branch() == *live_line_ && timeline_.at_tip();
  const std::string here = timeline_.branches()[timeline_.branch()].name;
  const std::size_t position = timeline_.position();
  if (!is_there) {
    const std::string& live = timeline_.branches()[*live_line_].name;
    check(timeline_.switch_to(live).has_value(), "the live line is a branch");
  }
  const auto done = perform(action);
  if (!done) outcome_.error = done.error();
  if (!is_there) {
    check(timeline_.switch_to(here) && timeline_.jump(position),
          "the cursor's place is still there");
    relight();
  }
  return std::move(outcome_);
}

std::vector<client::Told> Interpreter::take_told() {
  return std::exchange(told_, {});
}

}  // namespace orrery::lang
