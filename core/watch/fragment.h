// Cutting one large watch response into several that fit.
//   used by: stream.cc, the front door     uses: proto/rpc.h
//   ideas:   cut on event borders, fill greedily, at least one event in each; all but the last say
//            fragment = true. A response below the limit, or with one event, stays whole.
//   from: etcd server/etcdserver/api/v3rpc/watch.go (sendFragments)
#pragma once

#include <cstdint>
#include <vector>

#include "proto/rpc.h"

namespace orrery::watch {

// The length of the response on the wire. units: bytes
std::uint64_t wire_size(const rpc::WatchResponse& response);

std::vector<rpc::WatchResponse> fragments(rpc::WatchResponse response, std::uint64_t limit_bytes);

}  // namespace orrery::watch
