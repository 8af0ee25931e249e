// Between raftpb's values and libprotobuf's classes.
//   used by: this folder's .cc files alone; walpb_codec.cc, because a snapshot record holds a ConfState too
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
