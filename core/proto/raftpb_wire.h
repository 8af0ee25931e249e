// Between raftpb's values and libprotobuf's classes, for walpb_codec.cc, which stores a ConfState
// too. Only the .cc files of this folder include it.
#pragma once

#include "proto/raftpb.h"
#include "proto/wire.h"

namespace raftpb {
class ConfState;
}

namespace orrery::raftpb {

void to_wire(const ConfState& state, ::raftpb::ConfState* out);
ConfState from_wire(const ::raftpb::ConfState& in, wire::Faults& faults);

}  // namespace orrery::raftpb
