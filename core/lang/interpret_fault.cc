// Commands about messages and faults.
#include "base/text.h"
#include "lang/fault_actions.h"
#include "lang/interpreter.h"
#include "lang/world_terms.h"

namespace orrery::lang {

Result<void> Interpreter::inflict(const CommandBody& fault) {
  const auto actions = fault_actions(world(), fault);
  if (!actions) return fail(actions.error());
  for (const sim::Action& action : *actions) {
    auto done = perform_aloud(action);
    if (!done) return done;
  }
  return {};
}

Result<void> Interpreter::act(const Crash& crash) {
  if (crash.point.empty()) return inflict(crash);
  const std::uint32_t member = member_number(world(), crash.member);
  if (member == 0) return fail(Errc::WrongUse, text("there is no member {}", crash.member));
  const auto point = server::find_crash_point(crash.point);
  if (!point) return fail(point.error());
  const auto stop = advance(AtPoint{member, *point}, world().now() + seconds(30).value());
  if (!stop) return fail(stop.error());
  if (*stop == Stop::Break) return {};
  if (*stop != Stop::Reached) {
    return fail(Errc::Budget, text("{} did not come to {} within 30s", crash.member, crash.point));
  }
  Crash now = crash;
  now.point.clear();
  return inflict(now);
}

}  // namespace orrery::lang
