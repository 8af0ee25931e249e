// Builders of the commands that turn the crank, and of faults.
#include <set>
#include <utility>

#include "base/check.h"
#include "lang/builders.h"

namespace orrery::lang {

namespace {

Link link_of(std::string_view word) {
  const std::size_t arrow = word.find("->");
  check(arrow != std::string_view::npos, "the placeholder has tested the link");
  const bool both_ways = word[arrow - 1] == '<';
  return Link{.from = std::string(word.substr(0, arrow - (both_ways ? 1 : 0))),
              .to = std::string(word.substr(arrow + 2)),
              .both_ways = both_ways};
}

// Messages travel one way, and are counted from 1.
Result<MessageChoice> message_of(const Arguments& arguments) {
  MessageChoice choice{.link = link_of(arguments.text("LINK")), .type = arguments.text("TYPE")};
  choice.ordinal = arguments.count("#K", 1);
  if (choice.link.both_ways) {
    return fail_at(arguments.find("LINK")->place, "expected one direction (n1->n2)");
  }
  if (choice.ordinal == 0) return fail_at(arguments.find("#K")->place, "expected #1, #2, ...");
  return choice;
}

template <class T>
Result<CommandBody> on_message(const Arguments& arguments) {
  auto choice = message_of(arguments);
  if (!choice) return fail(choice.error());
  return T{.message = std::move(*choice)};
}

// A message or a lane, for hold and release.
template <class T>
Result<CommandBody> on_held(const Arguments& arguments) {
  if (arguments.has("LANE")) {
    return T{LaneChoice{.member = arguments.text("MEMBER"), .lane = arguments.text("LANE")}};
  }
  auto choice = message_of(arguments);
  if (!choice) return fail(choice.error());
  return T{std::move(*choice)};
}

std::vector<std::vector<std::string>> groups_of(std::string_view words) {
  std::vector<std::vector<std::string>> out(1);
  while (!words.empty()) {
    const std::size_t blank = words.find(' ');
    const std::string_view word = words.substr(0, blank);
    if (word == "|") {
      out.emplace_back();
    } else {
      out.back().emplace_back(word);
    }
    words.remove_prefix(blank == std::string_view::npos ? words.size() : blank + 1);
  }
  return out;
}

}  // namespace

Result<CommandBody> build_step(const Arguments& arguments) {
  Step step{.unit = StepUnit::Phase, .count = arguments.count("N", 1)};
  if (arguments.has("event")) step.unit = StepUnit::Event;
  if (arguments.has("round")) step.unit = StepUnit::Round;
  return step;
}

Result<CommandBody> build_perform(const Arguments& arguments) {
  if (arguments.has("N")) return Perform{arguments.count("N", 1)};
  return Perform{arguments.text("ACTION")};
}

Result<CommandBody> build_next(const Arguments&) {
  return Next{};
}

Result<CommandBody> build_enabled(const Arguments& arguments) {
  return Enabled{.why_not = arguments.is_on("--why-not")};
}

Result<CommandBody> build_run(const Arguments& arguments) {
  return Run{.duration = arguments.duration("DURATION").value_or(Nanos(0))};
}

Result<CommandBody> build_repeat(const Arguments& arguments) {
  return Repeat{.count = static_cast<std::uint64_t>(arguments.integer("COUNT", 1)),
                .line = arguments.text("TEXT")};
}

Result<CommandBody> build_settle(const Arguments&) {
  return Settle{};
}

Result<CommandBody> build_until(const Arguments& arguments) {
  return Until{.goal = arguments.expression("CONDITION"), .within = arguments.duration("DURATION")};
}

Result<CommandBody> build_deliver(const Arguments& arguments) {
  return on_message<Deliver>(arguments);
}

Result<CommandBody> build_drop(const Arguments& arguments) {
  return on_message<Drop>(arguments);
}

Result<CommandBody> build_duplicate(const Arguments& arguments) {
  return on_message<Duplicate>(arguments);
}

Result<CommandBody> build_delay(const Arguments& arguments) {
  auto choice = message_of(arguments);
  if (!choice) return fail(choice.error());
  return Delay{.message = std::move(*choice),
               .by = arguments.duration("DURATION").value_or(Nanos(0))};
}

Result<CommandBody> build_hold(const Arguments& arguments) {
  return on_held<Hold>(arguments);
}

Result<CommandBody> build_release(const Arguments& arguments) {
  if (!arguments.has("LINK") && !arguments.has("MEMBER")) return Release{};
  return on_held<Release>(arguments);
}

Result<CommandBody> build_fire(const Arguments& arguments) {
  return Fire{.member = arguments.text("MEMBER"), .timer = arguments.text("TIMER")};
}

Result<CommandBody> build_crash(const Arguments& arguments) {
  Crash crash;
  crash.member = arguments.text("MEMBER");
  if (arguments.has("all")) crash.keep = Keep::All;
  if (arguments.has("torn")) crash.keep = Keep::Torn;
  crash.torn = arguments.count("N", 0);
  crash.point = arguments.text("POINT");
  return crash;
}

Result<CommandBody> build_restart(const Arguments& arguments) {
  return Restart{.member = arguments.text("MEMBER"),
                 .version = arguments.text("--as"),
                 .preset = arguments.text("--preset"),
                 .quirks = arguments.text("--quirk")};
}

Result<CommandBody> build_join(const Arguments& arguments) {
  return Join{.member = arguments.text("MEMBER")};
}

Result<CommandBody> build_clock(const Arguments& arguments) {
  return SetClock{.member = arguments.text("MEMBER"), .pace = arguments.count("COUNT", 100)};
}

Result<CommandBody> build_partition(const Arguments& arguments) {
  Partition partition{.groups = groups_of(arguments.text("GROUPS"))};
  std::set<std::string> seen;
  for (const auto& group : partition.groups) {
    for (const std::string& party : group) {
      if (seen.insert(party).second) continue;
      return fail_at(arguments.find("GROUPS")->place, "expected " + party + " in one group only");
    }
  }
  return partition;
}

Result<CommandBody> build_cut(const Arguments& arguments) {
  return Cut{.link = link_of(arguments.text("LINK"))};
}

Result<CommandBody> build_heal(const Arguments& arguments) {
  if (arguments.has("LINK")) return Heal{link_of(arguments.text("LINK"))};
  if (arguments.has("PARTY")) return Heal{arguments.text("PARTY")};
  return Heal{};
}

}  // namespace orrery::lang
