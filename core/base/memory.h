// Memory of a program: what its allocator is asked for at the start.
//   used by: main() of orrery, orrery-gui, orrery-bench
//   uses:    Debian's mimalloc, which stands behind `new` in every program but the sanitized ones
#pragma once

namespace orrery {

// From here on memory comes from the system in pages of 2 MiB where it has them to give: a world's
// nodes lie scattered, and a search waits for its translation of addresses as long as for the nodes.
void ask_for_large_pages();

}  // namespace orrery
