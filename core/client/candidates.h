// Candidates: the requests of locks and elections; of all keys below a name, the one created first holds.
//   used by: hold.cc (programs in the world), door (Lock and Election)    uses: proto
//   from: etcd clientv3/concurrency/mutex.go, election.go, key.go (waitDeletes)
#pragma once

#include <cstdint>

#include "base/blob.h"
#include "base/strong.h"
#include "proto/rpc.h"

namespace orrery::client {

// All keys below `name` lie in [below(name), end_below(name)).
Blob below(const Blob& name);
Blob end_below(const Blob& name);

rpc::RangeRequest range_of(const Blob& key);
rpc::RangeRequest oldest_below(const Blob& name);
// Whom the candidate of this create revision waits for.
rpc::RangeRequest newest_below_before(const Blob& name, std::int64_t revision);
// Becomes a candidate, or finds its own key, and asks who holds.
rpc::TxnRequest stand_for(const Blob& name, const Blob& key, const Blob& value, LeaseId lease);

}  // namespace orrery::client
