// Printing: the two streams, nothing else.
//   used by: the commands    uses: the C library
#pragma once

#include <string>

#include "base/result.h"

namespace orrery::cli {

void out(const std::string& words);
void err(const std::string& words);
// "orrery: file:line:column: ..." on stderr; gives the exit status for it.
int stopped(const Error& error);

}  // namespace orrery::cli
