// What a client knows its acknowledged writes to have done.
//   used by: world_checks.cc    uses: proto
//   ideas:   an answer names its revision; with the request it says which events must stand in every history at it.
//   limits:  a put that keeps a value or a lease it does not name, and a delete of a range, say too little: left out.
#pragma once

#include <vector>

#include "proto/mvccpb.h"
#include "proto/rpc.h"

namespace orrery::checks {

// Empty: the request wrote nothing, or nothing that it names.
std::vector<mvccpb::Event> events_told_of(const rpc::Request& request,
                                          const rpc::Response& response);

}  // namespace orrery::checks
