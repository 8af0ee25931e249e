// From a request to a plan: every compare decided on the state before, every operation checked, so that
// what is applied afterwards is applied whole.
#include <algorithm>
#include <compare>
#include <utility>

#include "base/check.h"
#include "base/overloaded.h"
#include "mvcc/store.h"

namespace orrery::mvcc {
namespace {

using mvccpb::KeyValue;

bool satisfies(std::strong_ordering order, rpc::CompareResult wanted) {
  switch (wanted) {
    case rpc::CompareResult::Equal: return order == 0;
    case rpc::CompareResult::Greater: return order > 0;
    case rpc::CompareResult::Less: return order < 0;
    case rpc::CompareResult::NotEqual: return order != 0;
  }
  return true;  // an unknown result on the wire never stands in the way, as in etcd
}

bool holds(const rpc::Compare& compare, const KeyValue& kv) {
  switch (compare.target) {
    case rpc::CompareTarget::Version:
      return satisfies(kv.version <=> compare.number, compare.result);
    case rpc::CompareTarget::Create:
      return satisfies(kv.create_revision <=> compare.number, compare.result);
    case rpc::CompareTarget::Mod:
      return satisfies(kv.mod_revision <=> compare.number, compare.result);
    case rpc::CompareTarget::Value:
      return satisfies(kv.value.view() <=> compare.value.view(), compare.result);
    case rpc::CompareTarget::Lease:
      return satisfies(kv.lease.value() <=> compare.number, compare.result);
  }
  return satisfies(std::strong_ordering::equal, compare.result);
}

// Makes one plan; lives for the call.
class Planner {
 public:
  Planner(const Store& store, const Backend& backend, const LeaseKnown& lease_known,
          const Guards& guards)
      : store_(store), backend_(backend), lease_known_(lease_known), guards_(guards) {}

  Result<Plan> make(const rpc::Request& request) {
    const Result<void> added = std::visit(
        Overloaded{
            [&](const rpc::RangeRequest& range) { return add_range(range, range.revision <= 0); },
            [&](const rpc::PutRequest& put) { return add_put(put); },
            [&](const rpc::DeleteRangeRequest& erase) { return add_delete(erase); },
            [&](const rpc::TxnRequest& txn) { return add_txn(txn); },
            [](const rpc::CompactionRequest&) {
              return Result<void>(fail(Errc::WrongUse, "a compaction is scheduled, not planned"));
            },
            [](const auto& /*other_service*/) {
              return Result<void>(fail(Errc::WrongUse, "no request of the KV service"));
            },
        },
        request);
    if (!added) return fail(added.error());
    return std::move(plan_);
  }

 private:
  Result<void> add_range(const rpc::RangeRequest& range, bool at_current) {
    const std::int64_t now = store_.current_revision();
    if (!guards_(at_current || range.revision <= now, "the revision has been reached",
                 {{"asked", range.revision}, {"current", now}})) {
      return fail(Errc::FutureRev);
    }
    const std::int64_t oldest = store_.compact_revision();
    if (!guards_(at_current || range.revision >= oldest, "the revision is not compacted",
                 {{"asked", range.revision}, {"compacted", oldest}})) {
      return fail(Errc::Compacted);
    }
    plan_.ops.push_back({range});
    return {};
  }

  // Alone, a put's lease is looked at first.
  Result<void> add_put(const rpc::PutRequest& put) {
    Result<void> valid = check_lease(put);
    if (valid) valid = check_ignored(put);
    if (valid) plan_.ops.push_back({put});
    return valid;
  }

  // In a transaction, the key is.
  Result<void> add_inner_put(const rpc::PutRequest& put) {
    Result<void> valid = check_ignored(put);
    if (valid) valid = check_lease(put);
    if (valid) plan_.ops.push_back({put});
    return valid;
  }

  Result<void> add_delete(const rpc::DeleteRangeRequest& erase) {
    plan_.ops.push_back({erase});
    return {};
  }

  Result<void> add_txn(const rpc::TxnRequest& txn) {
    const bool succeeded =
        std::ranges::all_of(txn.compare, [&](const rpc::Compare& one) { return is_true(one); });
    plan_.ops.push_back({EnterTxn{.succeeded = succeeded}});
    for (const rpc::RequestOp& op : succeeded ? txn.success : txn.failure) {
      const Result<void> added = add_op(op);
      if (!added) return added;
    }
    plan_.ops.push_back({LeaveTxn{}});
    return {};
  }

  Result<void> add_op(const rpc::RequestOp& op) {
    return std::visit(
        Overloaded{
            [](std::monostate) { return Result<void>(fail(Errc::KeyNotFound)); },
            // Only 0 means "now" here: a negative revision is held against the bounds, as in etcd.
            [&](const rpc::RangeRequest& range) { return add_range(range, range.revision == 0); },
            [&](const rpc::PutRequest& put) { return add_inner_put(put); },
            [&](const rpc::DeleteRangeRequest& erase) { return add_delete(erase); },
            [&](const rpc::TxnRequest& txn) { return add_txn(txn); },
        },
        op.request);
  }

  Result<void> check_lease(const rpc::PutRequest& put) const {
    const bool known = put.lease == LeaseId() || lease_known_(put.lease);
    if (!guards_(known, "the lease of the put exists", {{"lease", put.lease}})) {
      return fail(Errc::LeaseNotFound);
    }
    return {};
  }

  Result<void> check_ignored(const rpc::PutRequest& put) const {
    if (!put.ignore_value && !put.ignore_lease) return {};
    const auto now = store_.current_revision();
    const bool exists = store_.index().find(put.key, now, guards_).has_value();
    if (!guards_(exists, "there is a value or lease to keep")) return fail(Errc::KeyNotFound);
    return {};
  }

  // Every key of the interval must satisfy it. With no key, a value is never equal to anything, not even
  // unequal; the numbers of a missing key are zero.
  bool is_true(const rpc::Compare& compare) const {
    const Interval interval = Interval::of(compare.key, compare.range_end);
    const auto found = store_.index().range(interval, store_.current_revision(), 0, guards_);
    if (found.hits.empty()) {
      const bool comparable = compare.target != rpc::CompareTarget::Value;
      return guards_(comparable && holds(compare, {}), "the compare holds for a missing key");
    }
    for (const TreeIndex::Hit& hit : found.hits) {
      const auto kv = store_.find(backend_, View::Read, hit.key, store_.current_revision());
      if (!kv || !*kv) return false;
      if (!guards_(holds(compare, **kv), "the compare holds for the key's row",
                   {{"mod revision", hit.modified.main}, {"compared with", compare.number}})) {
        return false;
      }
    }
    return true;
  }

  const Store& store_;
  const Backend& backend_;
  const LeaseKnown& lease_known_;
  const Guards& guards_;
  Plan plan_;
};

}  // namespace

Result<Plan> Store::plan(const Backend& backend, const rpc::Request& request,
                         const LeaseKnown& lease_known, const Guards& guards) const {
  return Planner(*this, backend, lease_known, guards).make(request);
}

}  // namespace orrery::mvcc
