// SavedRun: a run as readable text (*.orrery), read and written as plain data.
//   used by: sim's timeline (through cli, gui), lab      uses: source.h
//   ideas:   orrery 1                                  the format
//            release 0.1.0                             that recorded it
//            schedule 1                                the version of the default schedule's order
//            set seed 7                                the configuration, one line each, in order
//
//            > put hello world1                        a command; "| " continues one of several lines
//              deliver c1->n1 #1  1f3a9c02             an action it became; the low half of the world's digest after it
//              next x256  77aa0011                     so many actions of the default schedule
//            end 257                                   actions in all: a file cut short is noticed
//            Actions are opaque here: whoever replays gives them meaning and names the line that departs.
//   invariant: read_run(to_text(r)) is r, line numbers apart; equal runs give equal bytes.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/digest.h"
#include "base/result.h"

namespace orrery::lang {

// The format that this release writes, and the newest it reads.
constexpr std::uint32_t kRunFormat = 1;
// The most actions that one "next" line stands for.
constexpr std::uint64_t kFoldMax = 256;
// Shorter stretches of default actions are written one by one.
constexpr std::uint64_t kFoldMin = 16;

struct Setting {
  std::string name;   // "seed", "version", "members", "quirk", ...; may come more than once
  std::string value;  // one line

  friend bool operator==(const Setting&, const Setting&) = default;
};

struct RecordedAction {
  std::string text;          // empty = `times` actions of the default schedule
  std::uint64_t times = 1;   // 1 for an action with a text
  std::uint32_t digest = 0;  // low 32 bits of the world's, after the last of them
  std::uint32_t line = 0;    // in the file it was read from; no part of its meaning

  friend bool operator==(const RecordedAction& a, const RecordedAction& b) {
    return a.text == b.text && a.times == b.times && a.digest == b.digest;
  }
};

struct RecordedCommand {
  std::string text;  // may have several lines
  std::vector<RecordedAction> actions;
  std::uint32_t line = 0;

  friend bool operator==(const RecordedCommand& a, const RecordedCommand& b) {
    return a.text == b.text && a.actions == b.actions;
  }
};

struct SavedRun {
  std::string release;         // of Orrery
  std::uint32_t schedule = 1;  // version of the default schedule
  std::vector<Setting> configuration;
  std::vector<RecordedCommand> commands;

  friend bool operator==(const SavedRun&, const SavedRun&) = default;
};

// Actions in all.
std::uint64_t action_count(const SavedRun& run);
std::uint32_t low_digest(Digest digest);

// requires: no setting, command or action text has a line break where one line is meant
std::string to_text(const SavedRun& run);
// The first error, as "file:line:column: expected ...".
Result<SavedRun> read_run(std::string_view file, std::string_view text);

// Gathers a run as it happens and folds long stretches of default actions.
class RunRecorder {
 public:
  RunRecorder() = default;
  // The run so far, without its commands: release, schedule, configuration.
  explicit RunRecorder(SavedRun head) : run_(std::move(head)) {}

  void command(std::string text);
  // requires: a command came before
  void action(std::string text, bool is_default, Digest digest_after);
  SavedRun take();

 private:
  void flush();

  SavedRun run_;
  std::vector<RecordedAction> pending_;  // default actions not yet folded
};

}  // namespace orrery::lang
