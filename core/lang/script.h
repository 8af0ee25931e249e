// Script: a *.crank file, read into blocks; and how a block's output is compared with what it expects.
//   used by: cli (play), lab, tests/golden, gui      uses: parser.h
//   ideas:   command lines, then, if the output matters, "----" and the expected lines up to an empty line; an
//            output that has empty lines itself stands between two pairs of "----" lines. Comments and empty
//            lines separate. A script without "----" is simply commands. Every command knows its
//            place, so that whoever performs it can say file, line and column.
//   invariant: read_script(to_text(s)) is s, places apart.
//   from: the golden form of etcd's datadriven tests
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "lang/command.h"
#include "lang/source.h"

namespace orrery::lang {

// Commands whose output is compared as one text.
struct ScriptBlock {
  std::vector<std::string> comments;  // the lines above it, with their #
  std::vector<Command> commands;
  std::vector<std::string> source;  // the commands' lines as written
  bool has_expectation = false;     // "----" stood below
  std::vector<std::string> expected;
  std::uint32_t expected_line = 0;  // line number of the first expected line

  friend bool operator==(const ScriptBlock& a, const ScriptBlock& b) {
    return a.comments == b.comments && a.commands == b.commands && a.source == b.source &&
           a.has_expectation == b.has_expectation && a.expected == b.expected;
  }
};

struct Script {
  std::string file;
  std::vector<ScriptBlock> blocks;
  std::vector<std::string> end_comments;  // behind the last block

  friend bool operator==(const Script&, const Script&) = default;
};

// The first error, with its place.
Result<Script> read_script(std::string_view file, std::string_view text);
// The script as a file.
std::string to_text(const Script& script);

// Nothing when the output is what the block expects, or it expects nothing; otherwise an error of code
// Expectation with the place of the first line that differs, and both lines.
Result<void> compare_output(std::string_view file, const ScriptBlock& block,
                            std::string_view output);

enum class PlayMode : std::uint8_t { Compare, Rewrite };

// Performs every command and compares, or takes over, what each block prints. perform(command) gives
// Result<std::string>: what the command printed, in whole lines. Returns the script as played.
template <class Perform>
Result<Script> play_script(Script script, PlayMode mode, Perform&& perform) {
  for (ScriptBlock& block : script.blocks) {
    std::string output;
    for (const Command& command : block.commands) {
      auto printed = perform(command);
      if (!printed) return fail(printed.error());
      output += *printed;
    }
    if (mode == PlayMode::Compare) {
      const auto same = compare_output(script.file, block, output);
      if (!same) return fail(same.error());
      continue;
    }
    block.expected.clear();
    for (SourceLine& line : lines_of("", output)) block.expected.push_back(std::move(line.text));
    block.has_expectation = block.has_expectation || !block.expected.empty();
  }
  return script;
}

}  // namespace orrery::lang
