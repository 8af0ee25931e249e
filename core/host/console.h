// Console: lines from a person, with editing, history and Tab; or plain lines from a pipe.
//   used by: cli (orrery console)      uses: libedit, inside console.cc alone
//   ideas:   what Tab offers is the caller's (lang/completion.h). Without a terminal lines are read as they
//            come, without prompt and editing. libedit keeps one state per process, so a program
//            has one Console at a time.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"

namespace orrery::host {

// What may stand where the cursor is.
struct Candidates {
  std::size_t begin = 0;           // of the word under the cursor
  std::vector<std::string> words;  // that complete it
  std::string hint;                // shown when there are none
};

using CompleteLine = std::function<Candidates(const std::string& line)>;
// May the line be written into the history?
using KeepLine = std::function<bool(const std::string& line)>;

// Somebody else who may come while a line is awaited.
struct Bell {
  int descriptor = -1;  // to be read from when it rings
  // What has happened, in whole lines, to be shown above the line being typed. Asked when the bell rings, and now and
  // then besides.
  std::function<std::string()> look;
};

class Console {
 public:
  // `history` is a file to keep lines in between sessions; empty = none. A missing one is fine.
  Console(std::string history, CompleteLine complete, KeepLine keep = {});
  Console(const Console&) = delete;
  Console& operator=(const Console&) = delete;
  // Writes the history back.
  ~Console();

  // The next line without its newline; none at the end of input (Ctrl-D). Ctrl-C gives an empty line.
  std::optional<std::string> read_line(const std::string& prompt);

  // From now on read_line() hears this bell, too, or none.
  void hear(std::optional<Bell> bell);

  bool is_interactive() const { return interactive_; }

 private:
  std::optional<std::string> piped_line();
  bool wait_for_input();

  bool interactive_;
  std::optional<Bell> bell_;
  std::string piped_;  // read from the pipe and not yet given out
  std::string history_;
};

}  // namespace orrery::host
