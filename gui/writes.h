// Writes that clients were told have happened, and where each member has them.
//   used by: evidence view, claim lights    uses: check (acknowledged), sim
#pragma once

#include <cstdint>
#include <vector>

#include "proto/mvccpb.h"
#include "sim/world.h"

namespace orrery::gui {

struct Write {
  mvccpb::Event event;
  std::uint32_t via = 0;
  std::uint32_t client = 0;
};

// By revision; the newest, if there are more than `most`.
std::vector<Write> newest_writes(const sim::World& world, std::size_t most);

enum class Kept : std::uint8_t {
  There,
  Elsewhere,  // the same write, at another revision than its client was told
  Missing,
  NotYet,
  Compacted,
  Down,
};

struct KeptAt {
  Kept kept = Kept::There;
  std::int64_t revision = 0;  // Elsewhere
};

KeptAt find_write(const sim::World& world, std::uint32_t member, const Write& write);

// Every acknowledged write is on every member that is up, if perhaps at another revision than its client was told.
bool every_write_is_kept(const sim::World& world);

}  // namespace orrery::gui
