// Inspect: the selected thing as a tree, with what the last act changed in it.
//   used by: the inspector, tests    uses: reflect.h
#pragma once

#include "gui/reflect.h"
#include "sim/world.h"

namespace orrery::gui {

// Empty children: the world has no such thing.
Node inspect(const sim::World& world, const Ref& ref);
// Marks in `now` what differs from `before`, and adds what went away.
void mark_changes(Node& now, const Node& before);
// "00000000  0a 05 68 65 ...  ..he", 16 bytes a line.
QString hex_dump(BytesView bytes);
// The bytes of the thing: an entry's payload, a message's entries; empty when it has none.
Bytes bytes_of(const sim::World& world, const Ref& ref);

}  // namespace orrery::gui
