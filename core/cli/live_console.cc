#include "cli/live_console.h"

#include <array>
#include <poll.h>
#include <unistd.h>
#include <utility>

#include "base/text.h"
#include "cli/print.h"
#include "host/terminal.h"
#include "lang/evaluate.h"
#include "lang/fault_actions.h"
#include "lang/help.h"
#include "lang/parser.h"
#include "lang/show.h"
#include "lang/world_terms.h"

namespace orrery::cli {

namespace {

constexpr int kLookMillis = 200;  // units: milliseconds between two looks at whether it is over

std::string help() {
  std::string out = "In a world that runs:\n";
  for (const lang::CommandRow& row : lang::command_table()) {
    const bool is_more = row.name == "show" || row.name == "print" || row.name == "quit";
    if (row.group != lang::Group::Fault && !is_more) continue;
    out += text("  {:<52} {}\n", lang::usage_line(row), row.help);
  }
  return out;
}

Result<std::string> look(const sim::World& world, const lang::Show& show) {
  if (show.party.empty() && show.aspect == "violations") {
    return fail(Errc::WrongUse,
                "show violations: of a run that --record has saved: `orrery replay --checks`");
  }
  return lang::shown(world, show);
}

Result<std::string> look(const sim::World& world, const lang::Print& print) {
  const auto value = lang::evaluate(print.expression, lang::WorldTerms(world));
  if (!value) return fail(value.error());
  return lang::to_text(*value) + "\n";
}

// What happened, a line each: the words of a saved run.
Result<std::string> inflict(door::LiveWorld& live, const lang::CommandBody& body) {
  const auto actions = lang::fault_actions(live.world(), body);
  if (!actions) return fail(actions.error());
  std::string out;
  for (const sim::Action& action : *actions) {
    const auto done = live.act(action);
    if (!done) return fail(done.error());
    out += sim::to_text(action) + "\n";
  }
  return out;
}

bool is_understood(const lang::CommandBody& body, const std::string& line) {
  const lang::CommandRow* row = lang::find_command(line.substr(0, line.find(' ')));
  const bool is_fault = row != nullptr && row->group == lang::Group::Fault;
  return is_fault || std::holds_alternative<lang::Show>(body) ||
         std::holds_alternative<lang::Print>(body);
}

void carry_out(door::LiveWorld& live, const lang::CommandBody& body) {
  Result<std::string> said = std::string();
  if (const auto* show = std::get_if<lang::Show>(&body)) {
    said = look(live.world(), *show);
  } else if (const auto* print = std::get_if<lang::Print>(&body)) {
    said = look(live.world(), *print);
  } else {
    said = inflict(live, body);
  }
  if (said) out(*said);
  if (!said) (void)stopped(said.error());
}

// Of a terminal only the foreground may read.
bool may_read() {
  return !host::is_terminal(host::Stream::In) || ::tcgetpgrp(STDIN_FILENO) == ::getpgrp();
}

}  // namespace

LiveConsole::LiveConsole(door::FrontDoor& door) : door_(&door), thread_([this] { read(); }) {}

LiveConsole::~LiveConsole() {
  over_ = true;
  thread_.join();
}

void LiveConsole::read() {
  std::string waiting;
  while (!over_) {
    pollfd input{.fd = STDIN_FILENO, .events = POLLIN, .revents = 0};
    if (::poll(&input, 1, kLookMillis) <= 0) continue;
    if (!may_read()) {
      (void)::poll(nullptr, 0, kLookMillis);
      continue;
    }
    std::array<char, 4096> buffer{};
    const ssize_t got = ::read(STDIN_FILENO, buffer.data(), buffer.size());
    if (got <= 0) return take(waiting);
    waiting.append(buffer.data(), static_cast<std::size_t>(got));
    for (std::size_t end = waiting.find('\n'); end != std::string::npos; end = waiting.find('\n')) {
      take(waiting.substr(0, end));
      waiting.erase(0, end + 1);
    }
  }
}

void LiveConsole::take(const std::string& line) {
  const lang::SourceLine source{.file = "console", .number = 1, .text = line};
  if (lang::is_empty_line(source)) return;
  auto command = lang::parse_command(source);
  if (!command) {
    (void)stopped(command.error());
  } else if (std::holds_alternative<lang::Quit>(command->body)) {
    door_->stop();
  } else if (std::holds_alternative<lang::Help>(command->body)) {
    out(help());
  } else if (is_understood(command->body, line)) {
    door_->order(
        [body = std::move(command->body)](door::LiveWorld& live) { carry_out(live, body); });
  } else {
    err(text("orrery: {}: not in a world that runs; `help` says what is\n", line));
  }
}

}  // namespace orrery::cli
