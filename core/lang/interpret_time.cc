// Commands about time and branches. They only look: acting in the past begins a branch (perform() sees to it).
#include <algorithm>

#include "base/text.h"
#include "lang/describe.h"
#include "lang/duration.h"
#include "lang/interpreter.h"

namespace orrery::lang {

Result<void> Interpreter::go_to(std::size_t position) {
  const auto gone = timeline_.jump(position);
  if (!gone) return gone;
  relight();
  const std::size_t length = timeline_.branches()[timeline_.branch()].length();
  note(text("step {} of {}, the clock shows {}", position, length, clock_text(world().now())));
  return {};
}

Result<void> Interpreter::act(const Back& back) {
  if (back.count > timeline_.position()) {
    return fail(Errc::WrongUse,
                text("there are only {} steps before this place", timeline_.position()));
  }
  return go_to(timeline_.position() - back.count);
}

Result<void> Interpreter::act(const Forward& forward) {
  const std::size_t length = timeline_.branches()[timeline_.branch()].length();
  if (forward.count > length - timeline_.position()) {
    return fail(Errc::WrongUse, text("there are only {} steps after this place; `step` makes new "
                                     "ones",
                                     length - timeline_.position()));
  }
  return go_to(timeline_.position() + forward.count);
}

Result<void> Interpreter::act(const Jump& jump) {
  if (const auto* position = std::get_if<std::uint64_t>(&jump.to)) return go_to(*position);
  const auto& name = std::get<std::string>(jump.to);
  const auto* mark = marks_.find(name);
  if (mark == nullptr) return fail(Errc::WrongUse, text("there is no mark {}", name));
  if (timeline_.branches()[timeline_.branch()].name != mark->first) {
    const auto switched = timeline_.switch_to(mark->first);
    if (!switched) return switched;
  }
  return go_to(mark->second);
}

Result<void> Interpreter::act(const Mark& mark) {
  marks_.put(mark.name, {timeline_.branches()[timeline_.branch()].name, timeline_.position()});
  note(text("{} is step {}", mark.name, timeline_.position()));
  return {};
}

Result<void> Interpreter::act(const Branch& branch) {
  const auto begun = timeline_.start_branch(branch.name);
  if (!begun) return begun;
  note(text("a new branch: {}", timeline_.branches()[timeline_.branch()].name));
  return {};
}

Result<void> Interpreter::act(const Switch& other) {
  const auto switched = timeline_.switch_to(other.name);
  if (!switched) return switched;
  relight();
  note(text("branch {}, step {}", other.name, timeline_.position()));
  return {};
}

Result<void> Interpreter::act(const Branches&) {
  const auto& branches = timeline_.branches();
  for (sim::BranchNo no = 0; no < branches.size(); ++no) {
    const sim::Branch& branch = branches[no];
    const std::string origin =
        branch.parent == no
            ? ""
            : text(", from {} at step {}", branches[branch.parent].name, branch.fork);
    print(text("{} {}: {} steps{}", no == timeline_.branch() ? "*" : " ", branch.name,
               branch.length(), origin));
  }
  return {};
}

}  // namespace orrery::lang
