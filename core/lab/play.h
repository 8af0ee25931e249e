// Play: a script from its first line to its last, one scene at a time.
//   used by: cli (play), tests/golden    uses: session.h, lang/script.h
//   ideas:   a scene is a command and what came of it. Whoever shows the scenes decides how: on a terminal with colours
//            and questions, in a pipe, as JSON. The first error ends the play; its code says what kind of end it is.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include "lab/session.h"
#include "lang/script.h"

namespace orrery::lab {

struct Scene {
  lang::Command command;
  std::string line;  // the command as text, with the lines that belong to it
  lang::Outcome outcome;
};

class Play {
 public:
  explicit Play(lang::Script script) : script_(std::move(script)) {}

  // Reads the script. Errors name file, line and column.
  static Result<Play> open(const std::string& file);

  bool done() const { return ended_ || block_ == script_.blocks.size(); }

  // Performs the next command, and compares the output where its block ends. requires: !done()
  Scene next();

  const Session& session() const { return session_; }

  // Commands like expect and always that have held so far.
  std::size_t held() const { return held_; }

 private:
  void skip_empty_blocks();

  lang::Script script_;
  Session session_;
  std::size_t block_ = 0;
  std::size_t command_ = 0;  // within the block
  std::string output_;       // of the block so far
  std::size_t held_ = 0;
  bool ended_ = false;
};

// Plays a whole script and gives it back with what it printed in place of what it expected.
Result<lang::Script> rewrite(lang::Script script);

}  // namespace orrery::lab
