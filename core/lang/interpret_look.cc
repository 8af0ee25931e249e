// Commands that look: why, show, print, history, diff.
#include <algorithm>

#include "base/text.h"
#include "lang/describe.h"
#include "lang/duration.h"
#include "lang/evaluate.h"
#include "lang/interpreter.h"
#include "lang/show.h"
#include "lang/submission.h"
#include "lang/world_terms.h"

namespace orrery::lang {

namespace {

std::string guard_lines(const std::vector<GuardRecord>& guards) {
  std::string out;
  for (const GuardRecord& guard : guards) out += "  " + to_text(guard) + "\n";
  return out;
}

std::string explained(std::string_view what, const sim::Explanation& explanation) {
  std::string out = std::string(what) + "\n";
  if (!explanation.outcome) out += "  not possible: " + explanation.outcome.error().detail + "\n";
  for (const std::string& note : explanation.notes) out += "  - " + note + "\n";
  out += guard_lines(explanation.guards);
  if (explanation.guards.empty() && explanation.outcome) out += "  nothing had to be decided\n";
  return out;
}

}  // namespace

Result<void> Interpreter::why_step(std::size_t step) {
  const std::size_t length = timeline_.branches()[timeline_.branch()].length();
  if (step == 0 || step > length) {
    return fail(Errc::WrongUse, text("this branch has the steps 1 to {}", length));
  }
  const sim::World before = timeline_.world_at(step - 1);
  const sim::Action& action = timeline_.action_before(step);
  say(Piece::Kind::Output,
      explained(text("step {}: {}", step, describe(before, action)), before.explain(action)));
  return {};
}

// An action by its text, or a lane by its name: what it would do, or what it waits for.
Result<void> Interpreter::why_action(const std::string& wanted) {
  const std::string line = action_text(wanted);
  for (const sim::BlockedAction& one : world().blocked()) {
    if (one.subject != line && "run " + one.subject != line) continue;
    say(Piece::Kind::Output, text("{} cannot go on:\n", one.subject) + guard_lines(one.reasons));
    return {};
  }
  auto action = parse_any_action(line, world());
  if (!action) action = parse_any_action("run " + line, world());
  if (!action) {
    return fail(Errc::WrongUse,
                text("expected a step's number, an action (deliver n1->n2 append#3) or a lane "
                     "(n1 apply), found {}",
                     quoted(wanted)));
  }
  say(Piece::Kind::Output, explained(sim::to_text(*action), world().explain(*action)));
  return {};
}

Result<void> Interpreter::act(const Why& why) {
  if (const auto* step = std::get_if<std::uint64_t>(&why.what)) return why_step(*step);
  if (const auto* line = std::get_if<std::string>(&why.what)) return why_action(*line);
  if (timeline_.position() == 0) return fail(Errc::WrongUse, "nothing has happened yet");
  return why_step(timeline_.position());
}

Result<void> Interpreter::show_violations() {
  std::string out;
  for (const Violation& one : ledger_.violations(timeline_)) {
    out += text("{}: {}\n", one.claim, one.sentence);
  }
  say(Piece::Kind::Output, out.empty() ? "no claim is broken\n" : out);
  return {};
}

Result<void> Interpreter::act(const Show& show) {
  if (show.party.empty() && show.aspect == "violations") return show_violations();
  auto words = shown(world(), show);
  if (!words) return fail(words.error());
  say(Piece::Kind::Output, std::move(*words));
  return {};
}

Result<void> Interpreter::act(const Print& print_command) {
  const auto value = evaluate(print_command.expression,
                              WorldTerms(world(), broken_claims(print_command.expression)));
  if (!value) return fail(value.error());
  print(to_text(*value));
  return {};
}

Result<void> Interpreter::act(const History& history) {
  const std::size_t end = timeline_.position();
  std::size_t at = end - std::min<std::size_t>(end, history.count);
  sim::World world_then = timeline_.world_at(at);
  for (; at < end; ++at) {
    const sim::Action& action = timeline_.action_before(at + 1);
    const std::string what = describe(world_then, action);
    const auto done = world_then.perform(action);
    if (!done) return done;
    print(text("{:>6} {}  {}", at + 1, clock_text(world_then.now()), what));
  }
  return {};
}

Result<void> Interpreter::act(const Diff& diff) {
  const std::size_t end = timeline_.position();
  if (diff.count > end) {
    return fail(Errc::WrongUse, text("there are only {} steps before this place", end));
  }
  const auto before = state_lines(timeline_.world_at(end - diff.count));
  const auto after = state_lines(world());
  auto old = before.begin();
  for (const auto& [name, value] : after) {
    for (; old != before.end() && old->first < name; ++old) {
      print(text("- {}: {}", old->first, old->second));
    }
    const bool known = old != before.end() && old->first == name;
    if (!known) {
      print(text("+ {}: {}", name, value));
    } else if (old->second != value) {
      print(text("  {}: {} -> {}", name, old->second, value));
    }
    if (known) ++old;
  }
  for (; old != before.end(); ++old) print(text("- {}: {}", old->first, old->second));
  return {};
}

Result<void> Interpreter::act(const Counters&) {
  client::Traffic old;
  client::Traffic now;
  for (const auto& [no, client] : world().clients()) {
    old += client->old_traffic();
    now += client->new_traffic();
  }
  print(text("{:<16}{:>12}{:>12}", "", "v2 polls", "v3 streams"));
  const auto row = [&](std::string_view name, std::uint64_t a, std::uint64_t b) {
    print(text("{:<16}{:>12}{:>12}", name, a, b));
  };
  row("connections", old.connections, now.connections);
  row("opened", old.opened, now.opened);
  row("requests", old.requests, now.requests);
  row("bytes sent", old.bytes_sent, now.bytes_sent);
  row("bytes received", old.bytes_received, now.bytes_received);
  row("events", old.events, now.events);
  row("lost events", old.lost, now.lost);
  return {};
}

}  // namespace orrery::lang
