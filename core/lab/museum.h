// Museum: the page that names each of etcd's defects, where it is shown, and what to look at there.
//   used by: cli (quirks --page), tests/golden (docs/museum.md is this page)    uses: server/quirks.h, host
//   ideas:   what the table knows comes from the table, what a script shows stands in the script: its first lines are a
//            title and "Look at: ...". NAME-fixed.crank is the same story without the defect.
#pragma once

#include <string>

#include "base/result.h"

namespace orrery::lab {

// `folder`: with the museum's scripts. Errors: a script without a title or without "Look at:".
Result<std::string> museum_page(const std::string& folder);

}  // namespace orrery::lab
