// Store: etcd's multi-version key-value store: an index in memory over rows in the backend.
//   used by: server (apply, reads, compact lane), watch (events_in, prev_kv), sim (a World's value)
//   uses:    TreeIndex, txn.h, compaction.h, backend/backend.h
//   ideas:   nothing is overwritten: each change is a new row under a new revision, and the index knows which
//            revisions a key has. A read at revision r sees what was newest at r. Rows stand in the Backend
//            that the caller passes; the Store holds only what can be rebuilt from it.
//   write:   plan (checks, decides) -> begin -> step ... step (one change each) -> [notify watchers with
//            events_of(cursor.txn)] -> finish -> caller: backend.end_tx(), in the same phase as
//            finish, so that nobody sees the new revision without its rows.
//   invariant 1: compact_revision <= current_revision.
//             2: every revision in the index has its row in the bucket `key`.
//   from: etcd server/storage/mvcc/kvstore.go, kvstore_txn.go, kvstore_compaction.go
//   differs: leases are the caller's: each change is handed back, restore lists what is attached.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "backend/backend.h"
#include "base/guards.h"
#include "base/result.h"
#include "base/sequence.h"
#include "base/violation.h"
#include "mvcc/compaction.h"
#include "mvcc/request.h"
#include "mvcc/rules.h"
#include "mvcc/tree_index.h"
#include "mvcc/txn.h"
#include "proto/rpc.h"

namespace orrery::mvcc {

using backend::Backend;
using backend::View;

inline constexpr std::size_t kStoredHashes = 10;  // of compactions, the newest

// Does the lessor know this lease? A call's parameter, never a member.
using LeaseKnown = std::function<bool(LeaseId)>;

class Store {
 public:
  Store() = default;

  explicit Store(Rules rules) : rules_(rules) {}

  // The main revision of the last change; 1 in an empty store.
  std::int64_t current_revision() const { return current_revision_; }

  // Reads below it are refused; -1 = never compacted.
  std::int64_t compact_revision() const { return compact_revision_; }

  const TreeIndex& index() const { return index_; }

  const Rules& rules() const { return rules_; }

  // -- reads (store_range.cc)
  // At `now` = what the reader takes for the current revision: current_revision() outside, the
  // transaction's revision() inside one. Errors: FutureRev, Compacted; Corrupt = an index entry
  // without its row, where etcd panics.
  Result<rpc::RangeResponse> range(const Backend& backend, View view,
                                   const rpc::RangeRequest& request, std::int64_t now,
                                   const Guards& guards = {}) const;

  Result<rpc::RangeResponse> range(const Backend& backend, const rpc::RangeRequest& request,
                                   const Guards& guards = {}) const {
    return range(backend, View::Read, request, current_revision_, guards);
  }

  // requires: is_read_only(request)
  Result<rpc::TxnResponse> read_txn(const Backend& backend, const rpc::TxnRequest& request,
                                    const Guards& guards = {}) const;
  // One key as it was at revision `at`.
  Result<std::optional<mvccpb::KeyValue>> find(const Backend& backend, View view, BytesView key,
                                               std::int64_t at, const Guards& guards = {}) const;

  // -- for watch (store_events.cc)
  // The changes of revisions [from, to), in order, without prev_kv: a scan of the rows that are there.
  Result<std::vector<mvccpb::Event>> events_in(const Backend& backend, std::int64_t from,
                                               std::int64_t to) const;
  // The key before the event; nothing for a creation, or when that state was compacted away.
  std::optional<mvccpb::KeyValue> prev_kv(const Backend& backend, const mvccpb::Event& event) const;

  // -- writes, operation by operation (store_txn.cc)
  // Decides every compare, inner ones too, on the state now, and checks what can fail: revisions of
  // ranges, leases, ignore_value and ignore_lease. An error means nothing is applied.
  Result<Plan> plan(const Backend& backend, const rpc::Request& request,
                    const LeaseKnown& lease_known, const Guards& guards = {}) const;
  TxnCursor begin(Plan plan) const;

  struct Step {
    bool done = false;  // no operation is left; finish() next
    std::optional<mvccpb::KeyValue>
        change;  // what was written: attach its lease, detach the key's old one
  };

  // Exactly one put row, one tombstone row or one range. An error is a panic of the member's with
  // this text; the transaction must then not be finished.
  Result<Step> step(Backend& backend, TxnCursor& cursor, const Guards& guards = {});

  struct Finished {
    rpc::Response response;     // header: only the revision
    std::int64_t revision = 0;  // the store's now
    bool changed = false;
  };

  // The revision moves on if there were changes. requires: the last step said done
  Finished finish(const TxnCursor& cursor);

  struct Applied {
    rpc::Response response;
    std::vector<mvccpb::Event> events;
    std::int64_t revision = 0;
  };

  // plan, begin, every step, finish, end_tx; a CompactionRequest is scheduled and run to its end.
  Result<Applied> apply(Backend& backend, const rpc::Request& request,
                        const LeaseKnown& lease_known, const Guards& guards = {});

  // -- writes, change by change: for transactions that no request describes (a lease's revocation)
  WriteTxn begin_write() const { return {.begin_revision = current_revision_, .changes = {}}; }

  // Writes the next row of the key. Value and lease are final here.
  mvccpb::KeyValue put(Backend& backend, WriteTxn& txn, const Blob& key, const Blob& value,
                       LeaseId lease);
  // False = the key does not exist.
  bool delete_key(Backend& backend, WriteTxn& txn, const Blob& key);
  void end_write(const WriteTxn& txn);

  // -- compaction (store_compact.cc); phases in compaction.h
  // Errors: Compacted (wait for the running job, then answer), FutureRev.
  Result<CompactionJob> schedule_compaction(Backend& backend, std::int64_t revision,
                                            const Guards& guards = {});
  void compact_index(CompactionJob& job);
  // requires: compact_index was called
  CompactionBatch compact_batch(Backend& backend, CompactionJob& job,
                                std::size_t limit = kCompactionBatchLimit);
  bool is_compaction_finished(const Backend& backend) const;

  // -- restart (store_restore.cc)
  struct Restored {
    std::vector<std::pair<Blob, LeaseId>> leases;  // every key that has one, in key order
    std::optional<CompactionJob> resume;  // scheduled again: commit the backend, then run it
    std::string warning;                  // etcd's log line when resuming is not possible
  };

  // Everything anew from the rows; hashes of compactions stay. Error: Corrupt, naming the row.
  Result<Restored> restore(Backend& backend, const Guards& guards = {});

  // -- HashKV (store_hash.cc)
  // revision 0 = now. Errors: Compacted, FutureRev.
  Result<KeyValueHash> hash_kv(const Backend& backend, std::int64_t revision,
                               const Guards& guards = {}) const;

  // Of finished compactions, oldest first, at most kStoredHashes.
  const Sequence<KeyValueHash>& compaction_hashes() const { return hashes_; }

  template <class F>
  void fields(F&& f) const {
    f("rules", rules_), f("index", index_), f("current_revision", current_revision_);
    f("compact_revision", compact_revision_), f("hashes", hashes_);
  }

  friend bool operator==(const Store&, const Store&) = default;

 private:
  Result<mvccpb::KeyValue> read_row(const Backend& backend, View view, Revision revision) const;
  Result<Step> step_range(const Backend& backend, View view, TxnCursor& cursor,
                          const rpc::RangeRequest& op, const Guards& guards) const;
  Result<Step> step_put(Backend& backend, TxnCursor& cursor, const rpc::PutRequest& op,
                        const Guards& guards);
  Result<Step> step_delete(Backend& backend, TxnCursor& cursor, const rpc::DeleteRangeRequest& op,
                           const Guards& guards);
  Result<DeleteCursor> begin_delete(const Backend& backend, const TxnCursor& cursor,
                                    const rpc::DeleteRangeRequest& op, const Guards& guards) const;
  Result<Applied> apply_compaction(Backend& backend, const rpc::CompactionRequest& request);
  void store_hash(const KeyValueHash& hash);

  Rules rules_;                         // set once, by the member's version and quirks
  TreeIndex index_;                     // all keys with revisions that are not compacted
  std::int64_t current_revision_ = 1;   // never falls while the member runs
  std::int64_t compact_revision_ = -1;  // likewise
  Sequence<KeyValueHash> hashes_;       // ascending revisions
};

// Of the store and its rows together.
Violations violations(const Store& store, const Backend& backend);

}  // namespace orrery::mvcc
