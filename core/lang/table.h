// The table of commands: one row feeds parser, help, completion, error columns and the manual.
//   used by: parser.cc, help.cc, completion.cc, tests (docs/language.md names each row)
//   uses:    grammar.h, arguments.h, command.h
//   invariant: one row per struct of CommandBody; every example parses to the row's struct.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

#include "lang/arguments.h"
#include "lang/command.h"

namespace orrery::lang {

enum class Group : std::uint8_t { Client, Crank, Fault, Time, Look, Claim, Session, Lab };

std::string_view to_text(Group group);

struct FlagRow {
  std::string_view name;     // without its dashes
  char letter;               // '\0' = none
  std::string_view value;    // the placeholder of its value; empty = a switch
  std::string_view choices;  // instead: the words it may have, separated by blanks
  std::string_view help;
};

// Lines that follow the command's own line and belong to it.
enum class Block : std::uint8_t {
  None,
  Txn,     // three sections of lines, each ended by an empty line: only after a bare `txn`
  Ask,     // lines beginning with - + = until an empty line
  Output,  // lines until an empty line
};

struct CommandRow {
  std::string_view name;
  std::string_view alias;  // empty = none
  Group group;
  std::string_view usage;  // its arguments, without the name: see grammar.h
  std::span<const FlagRow> flags;
  Block block;
  std::string_view help;
  std::string_view example;  // may have several lines
  Result<CommandBody> (*build)(const Arguments& arguments);
  bool is_call = false;  // takes client_flags() too
};

std::span<const CommandRow> command_table();
// By name or alias; null when there is none.
const CommandRow* find_command(std::string_view name);

// Flags that every call has: who calls whom, and how the answer is printed.
std::span<const FlagRow> client_flags();
// Those that the row has besides its own.
std::span<const FlagRow> common_flags(const CommandRow& row);

}  // namespace orrery::lang
