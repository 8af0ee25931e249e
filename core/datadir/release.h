// Release: the line of etcd whose layout a data directory follows.
//   used by: restore.h    uses: nothing
//   from: facts "etcd" C.14
#pragma once

#include <cstdint>

namespace orrery::datadir {

enum class Release : std::uint8_t {
  V3_4,  // membership in the v2 store inside .snap
  V3_5,  // the same, and in the bucket `members`; term and confState in `meta`
  V3_6,  // the same; .snap without what users wrote
};

}  // namespace orrery::datadir
