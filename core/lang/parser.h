// Parser: lines of the command language to commands.
//   used by: script.cc, cli's console, the debugger, labs      uses: table.h, matcher.h
//   ideas:   command = ["as" CLIENT ":"] NAME arguments; the row of the table says the rest. Some commands own
//            the lines after them (table.h, Block); whoever reads lines one at a time asks block_of().
#pragma once

#include <vector>

#include "lang/command.h"
#include "lang/source.h"
#include "lang/table.h"

namespace orrery::lang {

// Nothing but blanks or a comment.
bool is_empty_line(const SourceLine& line);

// The block that the line's command owns; None for a line that cannot be read.
Block block_of(const SourceLine& line);
// Do the lines, gathered so far behind the command's own, make up the whole block?
bool is_whole_block(Block block, const std::vector<SourceLine>& lines);

// requires: not is_empty_line(line); the block is whole, or the file ended
Result<Command> parse_command(const SourceLine& line, const std::vector<SourceLine>& block = {});
// One command alone in a text, block and all: what a button or a lab holds.
Result<Command> parse_command_text(std::string_view file, std::string_view text);

}  // namespace orrery::lang
