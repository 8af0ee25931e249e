// A write transaction as values: what it has changed so far, and how far a request has come.
//   used by: Store (makes and drives them), server frames (hold them between two phases)
//   ideas:   a request becomes a Plan: compares decided, everything checked, a flat list of operations.
//            A TxnCursor walks the plan, one change per step; each step leaves a piece of the answer.
//   invariant: a plan that was made is applied whole; only a member's panic ends it early.
//   from: etcd server/etcdserver/txn/txn.go; server/storage/mvcc/kvstore_txn.go (storeTxnWrite)
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <variant>
#include <vector>

#include "base/sequence.h"
#include "base/shared.h"
#include "mvcc/revision.h"
#include "proto/rpc.h"

namespace orrery::mvcc {

// The changes of one transaction; all get the revision begin + 1, with sub 0, 1, 2, ...
struct WriteTxn {
  std::int64_t begin_revision = 0;     // the store's when the transaction began
  Sequence<mvccpb::KeyValue> changes;  // in order; a tombstone has only key and mod_revision

  // What a read inside sees: its own changes too.
  std::int64_t revision() const { return changes.empty() ? begin_revision : begin_revision + 1; }

  Revision next_change() const {
    return {begin_revision + 1, static_cast<std::int64_t>(changes.size())};
  }

  template <class F>
  void fields(F&& f) const {
    f("begin_revision", begin_revision), f("changes", changes);
  }

  friend bool operator==(const WriteTxn&, const WriteTxn&) = default;
};

inline bool is_tombstone(const mvccpb::KeyValue& change) {
  return change.create_revision == 0;
}

// The events of a finished transaction, in order, without prev_kv.
std::vector<mvccpb::Event> events_of(const WriteTxn& txn);

// An inner transaction begins and ends here; they shape the answer and change nothing.
struct EnterTxn {
  bool succeeded = false;

  template <class F>
  void fields(F&& f) const {
    f("succeeded", succeeded);
  }

  friend bool operator==(const EnterTxn&, const EnterTxn&) = default;
};

struct LeaveTxn {
  template <class F>
  void fields(F&&) const {}

  friend bool operator==(const LeaveTxn&, const LeaveTxn&) = default;
};

struct PlannedOp {
  std::variant<rpc::RangeRequest, rpc::PutRequest, rpc::DeleteRangeRequest, EnterTxn, LeaveTxn> op;

  template <class F>
  void fields(F&& f) const {
    f("op", op);
  }

  friend bool operator==(const PlannedOp&, const PlannedOp&) = default;
};

// The operations that a request comes down to on the state before it. A transaction is wrapped in
// EnterTxn ... LeaveTxn; a single put, delete or range is one operation.
struct Plan {
  std::vector<PlannedOp> ops;

  template <class F>
  void fields(F&& f) const {
    f("ops", ops);
  }

  friend bool operator==(const Plan&, const Plan&) = default;
};

// A delete range under way: each key's tombstone is one change.
struct DeleteCursor {
  Sequence<Blob> keys;                  // what was visible when the operation began
  std::size_t next = 0;                 // position in keys
  Sequence<mvccpb::KeyValue> prev_kvs;  // empty unless asked for

  template <class F>
  void fields(F&& f) const {
    f("keys", keys), f("next", next), f("prev_kvs", prev_kvs);
  }

  friend bool operator==(const DeleteCursor&, const DeleteCursor&) = default;
};

struct TxnCursor {
  Shared<Plan> plan;
  std::size_t next_op = 0;               // position in plan.ops
  std::optional<DeleteCursor> deleting;  // inside a delete range
  WriteTxn txn;
  Sequence<rpc::ResponseOp> pieces;  // one answer per range, put and delete done

  template <class F>
  void fields(F&& f) const {
    f("plan", plan), f("next_op", next_op), f("deleting", deleting), f("txn", txn);
    f("pieces", pieces);
  }

  friend bool operator==(const TxnCursor&, const TxnCursor&) = default;
};

// The whole answer, headers' revisions filled in. requires: every operation done
rpc::Response assemble(const TxnCursor& cursor);

}  // namespace orrery::mvcc
