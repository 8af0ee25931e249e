// Session: an interpreter and the host's files: `save`, `load`, `eject` and `snapshot` are done here.
//   used by: play.h, cli (console)    uses: lang, host
#pragma once

#include <string>

#include "lang/interpreter.h"

namespace orrery::lab {

class Session {
 public:
  // What it still demands (a question, the end) is the caller's.
  lang::Outcome execute(const lang::Command& command, std::string line);

  Result<void> save(const std::string& file) const;

  const lang::Interpreter& interpreter() const { return interpreter_; }

  // For whoever lets callers in beside the commands.
  lang::Interpreter& interpreter() { return interpreter_; }

 private:
  Result<void> load(const std::string& file);
  Result<void> eject(const lang::Eject& eject) const;
  lang::Outcome load_member(const lang::LoadMember& load);
  static Result<void> snapshot_status(const lang::SnapshotStatus& asked, lang::Outcome& outcome);

  lang::Interpreter interpreter_;
};

// Reads a saved run and performs it anew. Errors name the file and the line.
Result<sim::Timeline> read_and_replay(const std::string& file);

}  // namespace orrery::lab
