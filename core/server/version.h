// Version: which release line a member is.
//   used by: member.h, sim (restart with another binary)
#pragma once

#include <cstdint>
#include <string_view>

namespace orrery::server {

// Release line: surface, layouts, constants. Which differences are honoured so far: docs/decisions.md.
enum class Version : std::uint8_t { V3_4, V3_5, V3_6 };
std::string_view to_text(Version version);

}  // namespace orrery::server
