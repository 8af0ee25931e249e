#include "mvcc/request.h"

#include <algorithm>
#include <map>
#include <set>
#include <string>

#include "base/overloaded.h"

namespace orrery::mvcc {
namespace {

Result<void> validate_range(const rpc::RangeRequest& range, const Guards& guards) {
  if (!guards(!range.key.empty(), "the range names a key")) return fail(Errc::EmptyKey);
  if (range.sort_order > rpc::SortOrder::Descend) return fail(Errc::InvalidSortOption);
  if (range.sort_target > rpc::SortTarget::Value) return fail(Errc::InvalidSortOption);
  return {};
}

Result<void> validate_put(const rpc::PutRequest& put, const Guards& guards) {
  if (!guards(!put.key.empty(), "the put names a key")) return fail(Errc::EmptyKey);
  if (put.ignore_value && !guards(put.value.empty(), "ignore_value comes without a value")) {
    return fail(Errc::ValueProvided);
  }
  if (put.ignore_lease && !guards(put.lease == LeaseId(), "ignore_lease comes without a lease")) {
    return fail(Errc::LeaseProvided);
  }
  return {};
}

Result<void> validate_delete(const rpc::DeleteRangeRequest& erase, const Guards& guards) {
  if (!guards(!erase.key.empty(), "the delete names a key")) return fail(Errc::EmptyKey);
  return {};
}

Result<void> validate_ops(const rpc::TxnRequest& txn, std::size_t max_ops, const Guards& guards);

Result<void> validate_op(const rpc::RequestOp& op, std::size_t max_ops, const Guards& guards) {
  return std::visit(
      Overloaded{
          [](std::monostate) -> Result<void> { return fail(Errc::KeyNotFound); },  // as etcd says
          [&](const rpc::RangeRequest& range) { return validate_range(range, guards); },
          [&](const rpc::PutRequest& put) { return validate_put(put, guards); },
          [&](const rpc::DeleteRangeRequest& erase) { return validate_delete(erase, guards); },
          [&](const rpc::TxnRequest& txn) { return validate_ops(txn, max_ops, guards); },
      },
      op.request);
}

// The longest list counts; an inner transaction may use what it leaves of the limit.
Result<void> validate_ops(const rpc::TxnRequest& txn, std::size_t max_ops, const Guards& guards) {
  const std::size_t longest =
      std::max({txn.compare.size(), txn.success.size(), txn.failure.size()});
  if (!guards(longest <= max_ops, "the longest list of the transaction fits the limit",
              {{"operations", longest}, {"limit", max_ops}})) {
    return fail(Errc::TooManyOps);
  }
  for (const rpc::Compare& compare : txn.compare) {
    if (!guards(!compare.key.empty(), "the compare names a key")) return fail(Errc::EmptyKey);
  }
  for (const auto* branch : {&txn.success, &txn.failure}) {
    for (const rpc::RequestOp& op : *branch) {
      const Result<void> valid = validate_op(op, max_ops - longest, guards);
      if (!valid) return valid;
    }
  }
  return {};
}

// The keys that the deletes of a branch cover, as disjoint intervals.
// note: "\0" as range_end is an ordinary bound here, as in etcd, so a from-key delete covers nothing.
class DeletedKeys {
 public:
  void add(const rpc::DeleteRangeRequest& erase) {
    std::string end(erase.range_end.view());
    if (end.empty()) end = std::string(erase.key.view()) + '\0';
    add(std::string(erase.key.view()), std::move(end));
  }

  void add(const DeletedKeys& other) {
    for (const auto& [begin, end] : other.ends_) add(begin, end);
  }

  bool contains(BytesView key) const {
    const auto after = ends_.upper_bound(key);
    return after != ends_.begin() && key < std::prev(after)->second;
  }

 private:
  void add(std::string begin, std::string end) {
    if (begin >= end) return;
    auto it = ends_.upper_bound(begin);
    if (it != ends_.begin() && std::prev(it)->second >= begin) --it;
    while (it != ends_.end() && it->first <= end) {  // swallow what it touches
      begin = std::min(begin, it->first);
      end = std::max(end, it->second);
      it = ends_.erase(it);
    }
    ends_.emplace(std::move(begin), std::move(end));
  }

  std::map<std::string, std::string, std::less<>> ends_;  // begin -> end, disjoint
};

// What a branch and the transactions inside it write.
struct Writes {
  std::set<BytesView> puts;
  DeletedKeys deletes;
};

Result<Writes> writes_of(const std::vector<rpc::RequestOp>& branch, const Guards& guards);

Result<void> add_put(Writes& writes, BytesView key, bool may_repeat, const Guards& guards) {
  const bool fresh = writes.puts.insert(key).second;
  if (!guards(fresh || may_repeat, "the branch puts the key once") ||
      !guards(!writes.deletes.contains(key), "the branch does not delete a key it puts")) {
    return fail(Errc::DuplicateKey);
  }
  return {};
}

// note: a sibling's deletes join only after its puts were checked, so they are not held against the puts
// of a sibling before it (etcd's order; a put and then a sibling's delete pass).
Result<void> add_inner(Writes& writes, const rpc::TxnRequest& inner, const Guards& guards) {
  const Result<Writes> then_writes = writes_of(inner.success, guards);
  if (!then_writes) return fail(then_writes.error());
  const Result<Writes> else_writes = writes_of(inner.failure, guards);
  if (!else_writes) return fail(else_writes.error());
  for (const BytesView key : then_writes->puts) {
    const Result<void> added = add_put(writes, key, false, guards);
    if (!added) return added;
  }
  for (const BytesView key : else_writes->puts) {
    const Result<void> added = add_put(writes, key, then_writes->puts.contains(key), guards);
    if (!added) return added;
  }
  writes.deletes.add(then_writes->deletes);
  writes.deletes.add(else_writes->deletes);
  return {};
}

// Deletes of this level first, then inner transactions, then the puts of this level.
Result<Writes> writes_of(const std::vector<rpc::RequestOp>& branch, const Guards& guards) {
  Writes writes;
  for (const rpc::RequestOp& op : branch) {
    const auto* erase = std::get_if<rpc::DeleteRangeRequest>(&op.request);
    if (erase != nullptr) writes.deletes.add(*erase);
  }
  for (const rpc::RequestOp& op : branch) {
    const auto* inner = std::get_if<rpc::TxnRequest>(&op.request);
    if (inner == nullptr) continue;
    const Result<void> added = add_inner(writes, *inner, guards);
    if (!added) return fail(added.error());
  }
  for (const rpc::RequestOp& op : branch) {
    const auto* put = std::get_if<rpc::PutRequest>(&op.request);
    if (put == nullptr) continue;
    const Result<void> added = add_put(writes, put->key, false, guards);
    if (!added) return fail(added.error());
  }
  return writes;
}

Result<void> validate_txn(const rpc::TxnRequest& txn, std::size_t max_ops, const Guards& guards) {
  const Result<void> valid = validate_ops(txn, max_ops, guards);
  if (!valid) return valid;
  for (const auto* branch : {&txn.success, &txn.failure}) {
    const Result<Writes> writes = writes_of(*branch, guards);
    if (!writes) return fail(writes.error());
  }
  return {};
}

template <class Claim>
bool all_ops(const rpc::TxnRequest& txn, Claim&& claim) {
  return std::ranges::all_of(txn.success, claim) && std::ranges::all_of(txn.failure, claim);
}

}  // namespace

Result<void> validate(const rpc::Request& request, std::size_t max_txn_ops, const Guards& guards) {
  return std::visit(
      Overloaded{
          [&](const rpc::RangeRequest& range) { return validate_range(range, guards); },
          [&](const rpc::PutRequest& put) { return validate_put(put, guards); },
          [&](const rpc::DeleteRangeRequest& erase) { return validate_delete(erase, guards); },
          [&](const rpc::TxnRequest& txn) { return validate_txn(txn, max_txn_ops, guards); },
          [](const rpc::CompactionRequest&) { return Result<void>(); },
          [](const auto& /*other_service*/) { return Result<void>(); },
      },
      request);
}

bool is_read_only(const rpc::TxnRequest& txn) {
  return all_ops(txn, [](const rpc::RequestOp& op) {
    return std::holds_alternative<rpc::RangeRequest>(op.request);
  });
}

bool is_serializable(const rpc::TxnRequest& txn) {
  return all_ops(txn, [](const rpc::RequestOp& op) {
    const auto* range = std::get_if<rpc::RangeRequest>(&op.request);
    return range != nullptr && range->serializable;
  });
}

bool has_put(const rpc::TxnRequest& txn) {
  return !all_ops(txn, [](const rpc::RequestOp& op) {
    const auto* inner = std::get_if<rpc::TxnRequest>(&op.request);
    if (inner != nullptr) return !has_put(*inner);
    return !std::holds_alternative<rpc::PutRequest>(op.request);
  });
}

}  // namespace orrery::mvcc
