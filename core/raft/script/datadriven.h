// The file format of scripts: directives, their input, and the expected answer.
//   used by: script.cc              uses: nothing
//   ideas:   a directive is a command with arguments; input lines up to "----"; then the expected text up to an empty
//            line, or, when it has empty lines itself, between doubled "----" lines.
//   from: cockroachdb datadriven
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace orrery::raft::script {

struct Argument {
  std::string key;
  std::vector<std::string> values;

  friend bool operator==(const Argument&, const Argument&) = default;
};

struct Directive {
  int line = 0;  // where it stands in the file, from 1
  std::string command;
  std::vector<Argument> arguments;
  std::string input;
  std::string expected;
  std::size_t answer_begin = 0;  // the bytes of the file that hold "----" and the expected text
  std::size_t answer_end = 0;

  const Argument* find(std::string_view key) const;
  // The first value of an argument; nothing if it is absent or has none.
  const std::string* value(std::string_view key) const;
  // The arguments without values, in order.
  std::vector<std::string> words() const;
};

Result<std::vector<Directive>> parse(std::string_view file, std::string_view text);

// "----" and the text, in the form that parse() reads back.
std::string answer_block(std::string_view answer);

Result<std::uint64_t> parse_number(std::string_view word);

}  // namespace orrery::raft::script
