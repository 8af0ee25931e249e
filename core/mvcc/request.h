// What can be said of a KV request before the store is looked at.
//   used by: server (the API's door), model    uses: proto/rpc.h
//   ideas:   validate() is everything etcd refuses before Raft, with its error and in its order.
//            Duplicate rule of transactions: within one branch a key is put at most once and not deleted as
//            well; the then and else of an inner transaction exclude each other.
//   from: etcd server/etcdserver/api/v3rpc/key.go (checkTxnRequest, checkIntervals, ...)
//   note: two gaps of etcd's duplicate rule are kept on purpose; request.cc says which.
#pragma once

#include <cstddef>

#include "base/guards.h"
#include "base/result.h"
#include "proto/rpc.h"

namespace orrery::mvcc {

inline constexpr std::size_t kMaxTxnOps = 128;

Result<void> validate(const rpc::Request& request, std::size_t max_txn_ops = kMaxTxnOps,
                      const Guards& guards = {});

// Only ranges in both branches (an inner transaction counts as a write): answered without Raft.
bool is_read_only(const rpc::TxnRequest& txn);
// Every range of both branches is serializable: answered without asking the leader.
bool is_serializable(const rpc::TxnRequest& txn);
// Is there a put in it, at any depth? (Refused while the space alarm is on.)
bool has_put(const rpc::TxnRequest& txn);

}  // namespace orrery::mvcc
