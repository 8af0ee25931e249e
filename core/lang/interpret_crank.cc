// Commands that turn the crank: step, perform, next, enabled, run, settle, until.
#include <utility>

#include "base/text.h"
#include "lang/describe.h"
#include "lang/duration.h"
#include "lang/evaluate.h"
#include "lang/interpreter.h"
#include "lang/parser.h"
#include "lang/secrets.h"
#include "lang/settled.h"
#include "lang/submission.h"
#include "lang/world_terms.h"

namespace orrery::lang {

namespace {

// How long settle waits: beyond a client's deadline and some elections.
constexpr Nanos kSettleTime = seconds(30);

// The party in which an action takes place.
server::Address place_of_action(const sim::Action& action) {
  if (const auto* lane = std::get_if<sim::RunLane>(&action)) {
    return server::member_address(lane->member);
  }
  if (const auto* deliver = std::get_if<sim::Deliver>(&action)) return deliver->message.to;
  if (const auto* timeout = std::get_if<sim::ClientTimeout>(&action)) {
    return server::client_address(timeout->client);
  }
  if (const auto* wake = std::get_if<sim::ClientWake>(&action)) {
    return server::client_address(wake->client);
  }
  return {};
}

bool is_tick(const sim::Action& action) {
  const auto* lane = std::get_if<sim::RunLane>(&action);
  return lane != nullptr && lane->lane.kind == server::LaneKind::Node;
}

// The first action of this party's own that needs no time and is no tick.
std::optional<sim::Action> next_at(const sim::World& world, const server::Address& party) {
  for (const sim::EnabledAction& enabled : world.enabled()) {
    if (enabled.due > world.now()) break;
    if (enabled.held || is_tick(enabled.action)) continue;
    const auto* lane = std::get_if<sim::RunLane>(&enabled.action);
    if (lane != nullptr && server::member_address(lane->member) == party) return enabled.action;
  }
  return std::nullopt;
}

std::string steps_text(std::uint64_t steps) {
  return text("{} step{}", steps, steps == 1 ? "" : "s");
}

}  // namespace

// "   123 1.204567s  run n1 raft (wal-sync)", what it did below it.
Result<void> Interpreter::perform_aloud(const sim::Action& action) {
  const std::string what = describe(world(), action);
  std::vector<std::string> notes;
  const std::size_t at = outcome_.pieces.size();
  const auto done = perform(action, &notes);
  std::string lines = text("{:>6} {}  {}\n", timeline_.position(), clock_text(world().now()), what);
  for (const std::string& one : notes) lines += text("{:>18}- {}\n", "", one);
  // Before what it made clients print.
  const bool happened = done || break_met_ || outcome_.pieces.size() > at;
  if (happened) {
    outcome_.pieces.insert(outcome_.pieces.begin() + static_cast<std::ptrdiff_t>(at),
                           Piece{Piece::Kind::Output, std::move(lines)});
  }
  return done;
}

Result<bool> Interpreter::step_event() {
  const auto first = world().next();
  if (!first) return false;
  const server::Address party = place_of_action(*first);
  auto done = perform_aloud(*first);
  while (done && !break_met_) {
    const auto more = next_at(world(), party);
    if (!more) break;
    done = perform_aloud(*more);
  }
  if (!done) return fail(done.error());
  return true;
}

Result<bool> Interpreter::step_round() {
  auto next = world().next();
  if (!next) return false;
  auto done = perform_aloud(*next);
  while (done && !break_met_) {
    next = world().next();
    if (!next || *world().next_due() > world().now()) break;
    done = perform_aloud(*next);
  }
  if (!done) return fail(done.error());
  return true;
}

Result<void> Interpreter::act(const Step& step) {
  for (std::uint64_t i = 0; i < step.count && !break_met_; ++i) {
    Result<bool> stepped = true;
    if (step.unit == StepUnit::Event) {
      stepped = step_event();
    } else if (step.unit == StepUnit::Round) {
      stepped = step_round();
    } else if (const auto next = world().next()) {
      const auto done = perform_aloud(*next);
      if (!done) return done;
    } else {
      stepped = false;
    }
    if (!stepped) return fail(stepped.error());
    if (!*stepped) {
      note("nothing will happen by itself");
      return {};
    }
  }
  return {};
}

Result<void> Interpreter::act(const Perform& wanted) {
  if (const auto* number = std::get_if<std::uint64_t>(&wanted.action)) {
    const auto enabled = world().enabled();
    if (*number > enabled.size()) {
      return fail(Errc::WrongUse,
                  text("only {} actions are enabled; `enabled` lists them", enabled.size()));
    }
    return perform_aloud(enabled[*number - 1].action);
  }
  const auto action = parse_any_action(action_text(std::get<std::string>(wanted.action)), world());
  if (!action) return fail(action.error());
  return perform_aloud(*action);
}

Result<void> Interpreter::act(const Next&) {
  const auto next = world().next();
  if (!next) {
    print("nothing will happen by itself");
    return {};
  }
  print(text("{}  {}", clock_text(*world().next_due()), describe(world(), *next)));
  return {};
}

Result<void> Interpreter::act(const Enabled& enabled) {
  std::size_t number = 0;
  for (const sim::EnabledAction& one : world().enabled()) {
    print(text("{:>4} {}  {}{}", ++number, clock_text(one.due), describe(world(), one.action),
               one.held ? " [held]" : ""));
  }
  if (!enabled.why_not) return {};
  for (const sim::BlockedAction& one : world().blocked()) {
    print(text("     not        {}: {}", one.subject,
               one.reasons.empty() ? "nothing to do" : to_text(one.reasons.back())));
  }
  return {};
}

Result<void> Interpreter::act(const Run& run) {
  const std::uint64_t before = world().steps();
  const auto stop = advance(Never{}, world().now() + run.duration.value());
  if (!stop) return fail(stop.error());
  if (*stop == Stop::Budget) return out_of_budget("run " + duration_text(run.duration));
  note(text("{}, the clock shows {}", steps_text(world().steps() - before),
            clock_text(world().now())));
  return {};
}

// Each turn is a line of its own in the timeline.
Result<void> Interpreter::act(const Repeat& repeat) {
  const Outcome before = outcome_;
  const std::string whole = std::exchange(line_, {});
  Result<void> done;
  for (std::uint64_t turn = 1; done && turn <= repeat.count; ++turn) {
    outcome_ = before;
    line_ = repeat.line;
    for (std::size_t at = line_.find('%'); at != std::string::npos; at = line_.find('%', at)) {
      line_.replace(at, 1, std::to_string(turn));
    }
    line_marked_ = false;
    const auto command = parse_command_text("", line_);
    if (!command) return fail(command.error());
    const auto hidden = without_passwords(command->body, world());
    if (!hidden) return fail(hidden.error());
    if (*hidden != command->body) line_ = to_text(*hidden);
    done = std::visit([&](const auto& body) { return act(body); }, *hidden);
  }
  line_ = whole;
  return done;
}

Result<void> Interpreter::act(const Settle&) {
  const std::uint64_t before = world().steps();
  const auto stop = advance(Settled{}, world().now() + kSettleTime.value());
  if (!stop) return fail(stop.error());
  if (*stop == Stop::TimeUp || *stop == Stop::NothingLeft || *stop == Stop::Budget) {
    return fail(Errc::Budget, text("not settled within {}: {}", duration_text(kSettleTime),
                                   why_unsettled(world()).value_or("")));
  }
  note(text("settled after {}, the clock shows {}", steps_text(world().steps() - before),
            clock_text(world().now())));
  return {};
}

Result<void> Interpreter::act(const Until& until) {
  const std::uint64_t before = world().steps();
  const std::optional<Nanos> end =
      until.within ? std::optional(world().now() + until.within->value()) : std::nullopt;
  const auto stop = advance(Holds{until.goal}, end);
  if (!stop) return fail(stop.error());
  const std::string goal = to_text(until.goal);
  if (*stop == Stop::TimeUp || *stop == Stop::NothingLeft) {
    const auto truth = holds(until.goal, WorldTerms(world(), broken_claims(until.goal)));
    const std::string why = truth ? "" : " (" + truth.error().detail + ")";
    const std::string when =
        *stop == Stop::TimeUp ? "within " + duration_text(*until.within) : "and nothing is left";
    return fail(Errc::Expectation, text("it did not come to {} {}{}", goal, when, why));
  }
  if (*stop == Stop::Budget) return out_of_budget("until " + goal);
  note(text("{}: after {}, the clock shows {}", goal, steps_text(world().steps() - before),
            clock_text(world().now())));
  return {};
}

}  // namespace orrery::lang
