// Help: the table as text, for one command or all.
//   used by: cli, gui, tests of docs/language.md      uses: table.h
#pragma once

#include <string>

#include "lang/table.h"

namespace orrery::lang {

// "watch KEY [RANGE_END]", with "[flags]" when it has any.
std::string usage_line(const CommandRow& row);
// Every command by its group, a line each.
std::string help_text();
// One command: usage, help, arguments, flags, example.
std::string help_text(const CommandRow& row);
// Every term of the expression language, a line each.
std::string terms_text();

}  // namespace orrery::lang
