// refuse(): the requests that are wrong in themselves, whatever the state.
//   used by: model.cc
//   from: etcd.md B.1 (validation before Raft)
#pragma once

#include <cstddef>
#include <optional>

#include "base/result.h"
#include "proto/rpc.h"

namespace orrery::model {

// Nothing = the request may go on to the state.
std::optional<Errc> refuse(const rpc::Request& request, std::size_t max_txn_ops);

}  // namespace orrery::model
