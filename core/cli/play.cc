// orrery play: a script or a lab, told on a terminal, printed into a pipe, or as JSON lines.
#include "lab/play.h"

#include <charconv>

#include "base/text.h"
#include "cli/commands.h"
#include "cli/print.h"
#include "host/console.h"
#include "host/files.h"
#include "host/terminal.h"
#include "lab/labs.h"
#include "lab/narration.h"

namespace orrery::cli {

namespace {

using lab::Play;
using lab::Scene;
using lab::Style;

Style style_here() {
  return {.colour = host::wants_colour(host::Stream::Out),
          .width = host::terminal_width(host::Stream::Out)};
}

// The reader's choice; none at the end of input or when the reader only pressed Enter.
std::optional<std::uint32_t> choose(host::Console& reader, const lang::Ask& ask) {
  while (const auto line = reader.read_line(
             text("  your choice (1-{}, Enter to see it): ", ask.choices.size()))) {
    std::uint32_t choice = 0;
    const auto read = std::from_chars(line->data(), line->data() + line->size(), choice);
    if (line->empty()) return std::nullopt;
    if (read.ec == std::errc{} && choice >= 1 && choice <= ask.choices.size()) return choice;
  }
  return std::nullopt;
}

void ask(const lang::Ask& question, const Style& style) {
  out(lab::question_text(question, style));
  std::optional<std::uint32_t> chosen;
  if (host::is_terminal(host::Stream::In) && host::is_terminal(host::Stream::Out)) {
    host::Console reader("", {});
    chosen = choose(reader, question);
  }
  out(lab::answer_text(question, chosen, style));
}

void show(const Scene& scene, const Play& play, const PlayOptions& options, const Style& style) {
  if (options.json) {
    out(lab::json_line(scene, play.session().interpreter().world()));
    return;
  }
  if (options.quiet) {
    for (const lang::Piece& piece : scene.outcome.pieces) {
      if (piece.kind == lang::Piece::Kind::Output) out(piece.text);
      if (piece.kind == lang::Piece::Kind::Error) err(piece.text);
    }
    return;
  }
  out(lab::narrate(scene, style));
  const auto* question = std::get_if<lang::Ask>(&scene.outcome.demand);
  if (question != nullptr) ask(*question, style);
}

int finish(const Play& play, const std::optional<Error>& error, const PlayOptions& options) {
  const sim::World& world = play.session().interpreter().world();
  const int status = error ? stopped(*error) : kHolds;
  if (!options.save.empty()) {
    const auto saved = play.session().save(options.save);
    if (!saved) return stopped(saved.error());
  }
  if (options.json) {
    out(text("{{\"holds\":{},\"claims_held\":{},\"steps\":{},\"clock_ns\":{}}}\n", status == kHolds,
             play.held(), world.steps(), world.now().value()));
  } else if (!options.quiet && status == kHolds) {
    err(text("It holds: {} expectation{}, {} steps, {} ms of virtual time.\n", play.held(),
             play.held() == 1 ? "" : "s", world.steps(), world.now().value() / 1'000'000));
  }
  return status;
}

int rewrite(const std::string& file) {
  const auto bytes = host::read_file(file);
  if (!bytes) return stopped(bytes.error());
  auto script = lang::read_script(file, *bytes);
  if (!script) return stopped(script.error());
  const auto played = lab::rewrite(std::move(*script));
  if (!played) return stopped(played.error());
  const auto written = host::write_file(file, lang::to_text(*played));
  return written ? kHolds : stopped(written.error());
}

}  // namespace

int play(const PlayOptions& options) {
  const auto file = lab::find_script(options.what);
  if (!file) return stopped(file.error());
  if (options.rewrite) return rewrite(*file);
  auto play = Play::open(*file);
  if (!play) return stopped(play.error());
  const Style style = style_here();
  std::optional<Error> error;
  while (!play->done()) {
    const Scene scene = play->next();
    show(scene, *play, options, style);
    error = scene.outcome.error;
  }
  return finish(*play, error, options);
}

}  // namespace orrery::cli
