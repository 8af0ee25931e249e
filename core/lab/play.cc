#include "lab/play.h"

#include <utility>

#include "base/check.h"
#include "host/files.h"

namespace orrery::lab {

namespace {

bool is_claim(const lang::CommandBody& body) {
  return std::holds_alternative<lang::Expect>(body) ||
         std::holds_alternative<lang::ExpectOutput>(body) ||
         std::holds_alternative<lang::Until>(body);
}

}  // namespace

Result<Play> Play::open(const std::string& file) {
  const auto bytes = host::read_file(file);
  if (!bytes) return fail(bytes.error());
  auto script = lang::read_script(file, *bytes);
  if (!script) return fail(script.error());
  Play play(std::move(*script));
  play.skip_empty_blocks();
  return play;
}

void Play::skip_empty_blocks() {
  while (block_ < script_.blocks.size() && command_ == script_.blocks[block_].commands.size()) {
    ++block_;
    command_ = 0;
    output_.clear();
  }
}

Scene Play::next() {
  skip_empty_blocks();
  check(!done(), "the play has another scene");
  const lang::ScriptBlock& block = script_.blocks[block_];
  Scene scene{.command = block.commands[command_], .line = {}, .outcome = {}};
  scene.line = lang::to_text(scene.command.body);
  scene.outcome = session_.execute(scene.command, scene.line);
  if (std::holds_alternative<lang::Door>(scene.outcome.demand)) {
    scene.outcome.error = lang::fail_at(scene.command.place,
                                        "a script lets nobody in: `orrery console` and the "
                                        "debugger have a door")
                              .value();
  }
  output_ += lang::output_of(scene.outcome);
  if (!scene.outcome.error && ++command_ == block.commands.size()) {
    const auto same = lang::compare_output(script_.file, block, output_);
    if (!same) scene.outcome.error = same.error();
    if (same && block.has_expectation) ++held_;
  }
  ended_ = scene.outcome.error || std::holds_alternative<lang::Quit>(scene.outcome.demand);
  if (!scene.outcome.error && is_claim(scene.command.body)) ++held_;
  skip_empty_blocks();
  return scene;
}

Result<lang::Script> rewrite(lang::Script script) {
  Session session;
  return lang::play_script(std::move(script), lang::PlayMode::Rewrite,
                           [&](const lang::Command& command) -> Result<std::string> {
                             const lang::Outcome outcome =
                                 session.execute(command, lang::to_text(command.body));
                             if (outcome.error) return fail(*outcome.error);
                             return lang::output_of(outcome);
                           });
}

}  // namespace orrery::lab
