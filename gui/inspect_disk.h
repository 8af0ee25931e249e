// Inspect disk: files, records of the log and pages of the store as trees and bytes, for the inspector.
//   used by: inspect.cc    uses: disk_rows.h, page_rows.h, datadir
#pragma once

#include "gui/reflect.h"
#include "sim/world.h"

namespace orrery::gui {

// requires: ref.kind is File, Record or Page. Empty children: the world has no such thing.
Node inspect_disk(const sim::World& world, const Ref& ref);
// The record's frame, the page with its overflow, a small file; empty when there is none.
Bytes disk_bytes(const sim::World& world, const Ref& ref);

}  // namespace orrery::gui
