// Between mvccpb's values and libprotobuf's classes, for the responses that hold them.
//   used by: this folder's .cc files alone
#pragma once

#include "proto/mvccpb.h"
#include "proto/wire.h"

namespace mvccpb {
class KeyValue;
class Event;
}  // namespace mvccpb

namespace orrery::mvccpb {

void to_wire(const KeyValue& kv, ::mvccpb::KeyValue* out);
void to_wire(const Event& event, ::mvccpb::Event* out);
KeyValue from_wire(const ::mvccpb::KeyValue& in, wire::Faults& faults);
Event from_wire(const ::mvccpb::Event& in, wire::Faults& faults);

}  // namespace orrery::mvccpb
