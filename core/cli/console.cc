// orrery console: the command language, line by line.
#include "host/console.h"

#include <cstdlib>
#include <utility>

#include "base/text.h"
#include "cli/commands.h"
#include "cli/print.h"
#include "door/cranked_door.h"
#include "host/files.h"
#include "host/terminal.h"
#include "lab/labs.h"
#include "lab/narration.h"
#include "lang/completion.h"
#include "lang/parser.h"
#include "lang/password_prompt.h"
#include "lang/secrets.h"

namespace orrery::cli {

namespace {

using lab::Session;
using lab::Style;

// Lines of a command that owns some, until its block is whole or the input ends.
std::vector<lang::SourceLine> own_lines(host::Console& reader, lang::Block block,
                                        std::uint32_t& number) {
  std::vector<lang::SourceLine> out;
  while (block != lang::Block::None && !lang::is_whole_block(block, out)) {
    const auto more = reader.read_line("  ... ");
    if (!more) break;
    out.push_back({.file = "console", .number = ++number, .text = *more});
  }
  return out;
}

std::string prompt_of(const lang::Interpreter& interpreter) {
  const sim::Timeline& timeline = interpreter.timeline();
  const sim::Branch& branch = timeline.branches()[timeline.branch()];
  const std::string where = timeline.at_tip() ? "" : text("/{}", branch.length());
  const std::string name = timeline.branch() == 0 ? "" : branch.name + " ";
  return text("{}{}{}> ", name, timeline.position(), where);
}

// What the line lacks is asked for. False = not given, or not twice the same.
bool ask_passwords(lang::SourceLine& source) {
  while (const auto prompt = lang::missing_password(source)) {
    const auto password = host::read_hidden(prompt->ask);
    if (!password) return false;
    if (!prompt->again.empty() && host::read_hidden(prompt->again) != password) {
      err("Error: given passwords are different\n");
      return false;
    }
    source.text = lang::answered_line(source.text, *prompt, *password);
  }
  return true;
}

class Talk {
 public:
  explicit Talk(Style style) : style_(style) {}

  const Session& session() const { return session_; }

  void begin(const sim::Config& config) { session_.interpreter().adopt(sim::Timeline(config)); }

  Result<void> open(std::unique_ptr<door::CrankedDoor> door) {
    door_ = std::move(door);
    return door_->open(session_.interpreter());
  }

  // Null = none is open.
  const door::CrankedDoor* door() const { return door_.get(); }

  // What has happened at the door, in whole lines.
  std::string attend() {
    std::string out;
    for (const std::string& line : door::attend(door_, session_.interpreter())) out += line + "\n";
    return out;
  }

  // False = the reader wants to end.
  bool take(host::Console& reader, const std::string& line) {
    lang::SourceLine source{.file = "console", .number = ++number_, .text = line};
    if (reader.is_interactive() && !ask_passwords(source)) return true;
    if (lang::is_empty_line(source)) return true;
    const auto command =
        lang::parse_command(source, own_lines(reader, lang::block_of(source), number_));
    if (!command) {
      status_ = stopped(command.error());
      return true;
    }
    return show(session_.execute(*command, lang::to_text(command->body)));
  }

  // A line that is a whole command. False = an error.
  bool take(const std::string& line) {
    const auto command = lang::parse_command_text("console", line);
    if (!command) status_ = stopped(command.error());
    if (command) show(session_.execute(*command, line));
    return status_ == kHolds;
  }

  // A script's commands, as if they had been typed. False = the first error.
  bool take(const lang::Script& script) {
    for (const lang::ScriptBlock& block : script.blocks) {
      for (const lang::Command& command : block.commands) {
        show(session_.execute(command, lang::to_text(command.body)));
        if (status_ != kHolds) return false;
      }
    }
    return true;
  }

  int status() const { return status_; }

 private:
  bool show(const lang::Outcome& outcome) {
    out(lab::narrate(outcome, style_));
    if (const auto* ask = std::get_if<lang::Ask>(&outcome.demand)) {
      out(lab::question_text(*ask, style_));
    }
    status_ = outcome.error ? stopped(*outcome.error) : kHolds;
    if (const auto* wish = std::get_if<lang::Door>(&outcome.demand)) obey(*wish);
    out(attend());
    return !std::holds_alternative<lang::Quit>(outcome.demand);
  }

  void obey(const lang::Door& wish) {
    const auto done = door::obey(wish, door_, session_.interpreter());
    if (done) out(*done + "\n");
    if (!done) status_ = stopped(done.error());
  }

  Session session_;
  std::unique_ptr<door::CrankedDoor> door_;
  Style style_;
  std::uint32_t number_ = 0;
  int status_ = kHolds;
};

host::Candidates candidates(const Session& session, const std::string& line) {
  lang::Completion found = lang::complete(line, session.interpreter().names());
  return {.begin = found.begin, .words = std::move(found.words), .hint = std::move(found.hint)};
}

// A lab's console begins where its first world begins: with its `cluster` line alone.
Result<lang::Script> beginning(const std::string& what) {
  lang::Script out;
  if (what.empty()) return out;
  if (what.ends_with(".orrery")) {
    auto load = lang::parse_command_text("console", "load '" + what + "'");
    if (!load) return fail(load.error());
    out.blocks.emplace_back().commands.push_back(std::move(*load));
    return out;
  }
  const auto file = lab::find_script(what);
  if (!file) return fail(file.error());
  const auto bytes = host::read_file(*file);
  if (!bytes) return fail(bytes.error());
  auto script = lang::read_script(*file, *bytes);
  if (!script || *file == what) return script;
  for (const lang::ScriptBlock& block : script->blocks) {
    for (const lang::Command& command : block.commands) {
      if (!std::holds_alternative<lang::Cluster>(command.body)) continue;
      out.blocks.emplace_back().commands.push_back(command);
      return out;
    }
  }
  return out;
}

std::string history_file() {
  const char* home = std::getenv("HOME");
  return home == nullptr || *home == '\0' ? "" : std::string(home) + "/.orrery_history";
}

Style console_style() {
  return {.colour = host::wants_colour(host::Stream::Out),
          .width = host::terminal_width(host::Stream::Out)};
}

// Until the reader ends or the input does. A pipe is a script: it ends at its first error. A person goes on.
int converse(Talk& talk, std::string_view greeting) {
  const bool typed = host::is_terminal(host::Stream::In);
  host::Console reader(
      typed ? history_file() : "",
      [&](const std::string& line) { return candidates(talk.session(), line); },
      [](const std::string& line) { return !lang::names_a_password(line); });
  if (reader.is_interactive()) out(std::string(greeting));
  while (true) {
    // The last command may have opened or closed the door.
    if (talk.door() == nullptr) {
      reader.hear(std::nullopt);
    } else {
      reader.hear(host::Bell{.descriptor = talk.door()->descriptor(),
                             .look = [&] { return talk.attend(); }});
    }
    const auto line = reader.read_line(prompt_of(talk.session().interpreter()));
    if (!line || !talk.take(reader, *line)) return kHolds;
    if (!reader.is_interactive() && talk.status() != kHolds) return talk.status();
  }
}

}  // namespace

int console(const std::string& what) {
  const auto script = beginning(what);
  if (!script) return stopped(script.error());
  Talk talk(console_style());
  if (!talk.take(*script)) return talk.status();
  return converse(talk,
                  "Three members wait for you to turn the crank. `help` lists the commands, Tab "
                  "completes them,\n`settle` lets them elect a leader, `quit` ends.\n");
}

int console_with_door(sim::Config config, const std::vector<door::Post>& posts,
                      const std::string& record) {
  auto door = door::CrankedDoor::listen(config, posts);
  if (!door) return stopped(door.error());
  const std::vector<std::string> endpoints = (*door)->endpoints();
  config.places.resize(config.members);
  for (std::size_t i = 0; i < endpoints.size(); ++i) {
    config.places[i].client_url = "http://" + endpoints[i];
  }
  Talk talk(console_style());
  talk.begin(config);
  if (!talk.take("settle")) return talk.status();
  const auto opened = talk.open(std::move(*door));
  if (!opened) return stopped(opened.error());
  out(door::environment_of(endpoints) + "\n");
  const int status = converse(talk,
                              "The world stands still: whoever calls waits until you crank. "
                              "`step`, `next`, `settle`; `help` lists\nthe commands, `quit` "
                              "ends.\n");
  if (record.empty()) return status;
  const auto saved = talk.session().save(record);
  return saved ? status : stopped(saved.error());
}

}  // namespace orrery::cli
