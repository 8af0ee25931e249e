// A write transaction, change by change. etcd: storeTxnWrite.put, deleteRange, End; executeTxn.
#include <utility>

#include "base/check.h"
#include "base/overloaded.h"
#include "mvcc/store.h"
#include "proto/mvccpb_codec.h"

namespace orrery::mvcc {
namespace {

using mvccpb::KeyValue;

bool is_marker(const PlannedOp& op) {
  return std::holds_alternative<EnterTxn>(op.op) || std::holds_alternative<LeaveTxn>(op.op);
}

// Moves on to the next range, put or delete. True = there is none.
bool skip_markers(TxnCursor& cursor) {
  const std::vector<PlannedOp>& ops = cursor.plan->ops;
  while (cursor.next_op < ops.size() && is_marker(ops[cursor.next_op])) ++cursor.next_op;
  return cursor.next_op == ops.size();
}

void write_row(Backend& backend, const KeyValue& row, Revision revision, bool tombstone) {
  backend.put(backend::Bucket::Key, BucketKeyBytes(revision, tombstone), Blob(mvccpb::encode(row)));
}

// The operation's answer is complete.
void finish_op(TxnCursor& cursor, rpc::ResponseOp piece) {
  cursor.pieces.push_back(std::move(piece));
  ++cursor.next_op;
}

// Walks the plan and its pieces in step, building the tree of answers.
class Assembler {
 public:
  explicit Assembler(const TxnCursor& cursor) : cursor_(cursor), ops_(cursor.plan->ops) {}

  rpc::ResponseOp next() {
    const PlannedOp& op = ops_[op_++];
    const auto* enter = std::get_if<EnterTxn>(&op.op);
    if (enter == nullptr) return cursor_.pieces[piece_++];
    rpc::TxnResponse txn;
    txn.succeeded = enter->succeeded;
    while (!std::holds_alternative<LeaveTxn>(ops_[op_].op)) txn.responses.push_back(next());
    ++op_;
    return {std::move(txn)};
  }

 private:
  const TxnCursor& cursor_;
  const std::vector<PlannedOp>& ops_;
  std::size_t op_ = 0;
  std::size_t piece_ = 0;
};

}  // namespace

rpc::Response assemble(const TxnCursor& cursor) {
  check(cursor.next_op == cursor.plan->ops.size(), "every operation is done");
  rpc::ResponseOp root = Assembler(cursor).next();
  return std::visit(Overloaded{
                        [](std::monostate) -> rpc::Response { return rpc::RangeResponse(); },
                        [&](auto& response) -> rpc::Response {
                          response.header.revision = cursor.txn.revision();
                          return std::move(response);
                        },
                    },
                    root.response);
}

TxnCursor Store::begin(Plan plan) const {
  TxnCursor cursor;
  cursor.plan = Shared<Plan>(std::move(plan));
  cursor.txn = begin_write();
  return cursor;
}

KeyValue Store::put(Backend& backend, WriteTxn& txn, const Blob& key, const Blob& value,
                    LeaseId lease) {
  const Revision revision = txn.next_change();
  const std::optional<KeyIndex::Found> before = index_.find(key, revision.main);
  const KeyValue row{.key = key,
                     .create_revision = before ? before->created.main : revision.main,
                     .mod_revision = revision.main,
                     .version = before ? before->version + 1 : 1,
                     .value = value,
                     .lease = lease};
  write_row(backend, row, revision, false);
  index_.put(key, revision);
  txn.changes.push_back(row);
  return row;
}

bool Store::delete_key(Backend& backend, WriteTxn& txn, const Blob& key) {
  const Revision revision = txn.next_change();
  if (!index_.tombstone(key, revision)) return false;
  KeyValue row;
  row.key = key;
  write_row(backend, row, revision, true);
  row.mod_revision = revision.main;  // for the event; the row's key says it on disk
  txn.changes.push_back(std::move(row));
  return true;
}

void Store::end_write(const WriteTxn& txn) {
  check(txn.begin_revision == current_revision_, "one write transaction is open at a time");
  current_revision_ = txn.revision();
}

Result<Store::Step> Store::step(Backend& backend, TxnCursor& cursor, const Guards& guards) {
  if (skip_markers(cursor)) return Step{.done = true, .change = {}};
  const Shared<Plan> plan = cursor.plan;  // stays while the cursor changes
  Result<Step> stepped = std::visit(
      Overloaded{
          [&](const rpc::RangeRequest& op) {
            return step_range(backend, View::Batch, cursor, op, guards);
          },
          [&](const rpc::PutRequest& op) { return step_put(backend, cursor, op, guards); },
          [&](const rpc::DeleteRangeRequest& op) {
            return step_delete(backend, cursor, op, guards);
          },
          [](EnterTxn) { return Result<Step>(Step{}); },
          [](LeaveTxn) { return Result<Step>(Step{}); },
      },
      plan->ops[cursor.next_op].op);
  if (stepped) stepped->done = !cursor.deleting && skip_markers(cursor);
  return stepped;
}

Result<Store::Step> Store::step_range(const Backend& backend, View view, TxnCursor& cursor,
                                      const rpc::RangeRequest& op, const Guards& guards) const {
  Result<rpc::RangeResponse> piece = range(backend, view, op, cursor.txn.revision(), guards);
  if (!piece) return fail(piece.error());
  finish_op(cursor, {*std::move(piece)});
  return Step{};
}

// ignore_value on a key that this very transaction has deleted finds nothing: etcd panics there.
Result<Store::Step> Store::step_put(Backend& backend, TxnCursor& cursor, const rpc::PutRequest& op,
                                    const Guards& guards) {
  rpc::PutResponse response;
  response.header.revision = cursor.txn.begin_revision + 1;
  Blob value = op.value;
  LeaseId lease = op.lease;
  if (op.prev_kv || op.ignore_value || op.ignore_lease) {
    const auto before = find(backend, View::Batch, op.key, cursor.txn.revision(), guards);
    if (!before) return fail(before.error());
    const bool must_exist = op.ignore_value || op.ignore_lease;
    if (must_exist && !*before) return fail(Errc::KeyNotFound);
    if (op.ignore_value) value = (*before)->value;
    if (op.ignore_lease) lease = (*before)->lease;
    if (op.prev_kv) response.prev_kv = *before;
  }
  KeyValue change = put(backend, cursor.txn, op.key, value, lease);
  finish_op(cursor, {std::move(response)});
  return Step{.done = false, .change = std::move(change)};
}

Result<DeleteCursor> Store::begin_delete(const Backend& backend, const TxnCursor& cursor,
                                         const rpc::DeleteRangeRequest& op,
                                         const Guards& guards) const {
  DeleteCursor deleting;
  const Interval interval = Interval::of(op.key, op.range_end);
  const std::int64_t at = cursor.txn.revision();
  for (const TreeIndex::Hit& hit : index_.range(interval, at, 0, guards).hits) {
    deleting.keys.push_back(hit.key);
    if (!op.prev_kv) continue;
    Result<KeyValue> before = read_row(backend, View::Batch, hit.modified);
    if (!before) return fail(before.error());
    deleting.prev_kvs.push_back(*std::move(before));
  }
  return deleting;
}

Result<Store::Step> Store::step_delete(Backend& backend, TxnCursor& cursor,
                                       const rpc::DeleteRangeRequest& op, const Guards& guards) {
  if (!cursor.deleting) {
    Result<DeleteCursor> begun = begin_delete(backend, cursor, op, guards);
    if (!begun) return fail(begun.error());
    cursor.deleting = *std::move(begun);
  }
  DeleteCursor& deleting = *cursor.deleting;
  Step out;
  if (deleting.next < deleting.keys.size()) {
    const bool deleted = delete_key(backend, cursor.txn, deleting.keys[deleting.next++]);
    check(deleted, "a key visible to the transaction can be deleted");
    out.change = cursor.txn.changes.back();
  }
  if (deleting.next < deleting.keys.size()) return out;
  rpc::DeleteRangeResponse response;
  response.header.revision = cursor.txn.revision();
  response.deleted = static_cast<std::int64_t>(deleting.keys.size());
  response.prev_kvs.assign(deleting.prev_kvs.begin(), deleting.prev_kvs.end());
  cursor.deleting.reset();
  finish_op(cursor, {std::move(response)});
  return out;
}

Result<rpc::TxnResponse> Store::read_txn(const Backend& backend, const rpc::TxnRequest& request,
                                         const Guards& guards) const {
  const auto no_lease = [](LeaseId) { return false; };
  Result<Plan> planned = plan(backend, request, no_lease, guards);
  if (!planned) return fail(planned.error());
  TxnCursor cursor = begin(*std::move(planned));
  while (!skip_markers(cursor)) {
    const auto* op = std::get_if<rpc::RangeRequest>(&cursor.plan->ops[cursor.next_op].op);
    check(op != nullptr, "a read-only transaction has ranges only");
    const Result<Step> stepped = step_range(backend, View::Read, cursor, *op, guards);
    if (!stepped) return fail(stepped.error());
  }
  return std::get<rpc::TxnResponse>(assemble(cursor));
}

Store::Finished Store::finish(const TxnCursor& cursor) {
  end_write(cursor.txn);
  return {.response = assemble(cursor),
          .revision = current_revision_,
          .changed = !cursor.txn.changes.empty()};
}

}  // namespace orrery::mvcc
