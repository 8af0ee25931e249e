// In words: what callers ask for, for a reader.
//   used by: cranked_door.h, gui    uses: client (guests), proto
#pragma once

#include <string>

#include "client/guests.h"
#include "proto/rpc.h"

namespace orrery::door {

// `put "hello" "world1"`, `get "a" to "b"`, `Lease/LeaseGrant`
std::string in_words(const rpc::Request& request);
std::string in_words(const rpc::WatchRequest& request);
// `guest 17 at n1: put "hello" "world1"`
std::string in_words(const client::GuestCommand& command);

}  // namespace orrery::door
