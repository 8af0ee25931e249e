#include "model/refuse.h"

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "base/overloaded.h"

namespace orrery::model {
namespace {

using Refusal = std::optional<Errc>;
using Ops = std::vector<rpc::RequestOp>;

Refusal refuse_range(const rpc::RangeRequest& range) {
  if (range.key.empty()) return Errc::EmptyKey;
  const bool known =
      range.sort_order <= rpc::SortOrder::Descend && range.sort_target <= rpc::SortTarget::Value;
  return known ? Refusal() : Errc::InvalidSortOption;
}

Refusal refuse_put(const rpc::PutRequest& put) {
  if (put.key.empty()) return Errc::EmptyKey;
  if (put.ignore_value && !put.value.empty()) return Errc::ValueProvided;
  if (put.ignore_lease && put.lease != LeaseId()) return Errc::LeaseProvided;
  return {};
}

Refusal refuse_delete(const rpc::DeleteRangeRequest& erase) {
  return erase.key.empty() ? Errc::EmptyKey : Refusal();
}

// The longest of the three lists counts; inner transactions get what it leaves.
Refusal refuse_shape(const rpc::TxnRequest& txn, std::size_t max_ops) {
  const auto longest = std::max({txn.compare.size(), txn.success.size(), txn.failure.size()});
  if (longest > max_ops) return Errc::TooManyOps;
  for (const auto& compare : txn.compare) {
    if (compare.key.empty()) return Errc::EmptyKey;
  }
  const auto refuse_op = Overloaded{
      [](std::monostate) -> Refusal { return Errc::KeyNotFound; },
      [](const rpc::RangeRequest& range) { return refuse_range(range); },
      [](const rpc::PutRequest& put) { return refuse_put(put); },
      [](const rpc::DeleteRangeRequest& erase) { return refuse_delete(erase); },
      [&](const rpc::TxnRequest& inner) { return refuse_shape(inner, max_ops - longest); },
  };
  for (const Ops* branch : {&txn.success, &txn.failure}) {
    for (const auto& op : *branch) {
      if (const Refusal refusal = std::visit(refuse_op, op.request)) return refusal;
    }
  }
  return {};
}

// What a branch writes: the keys it puts, the intervals it deletes.
struct Writes {
  std::vector<Bytes> puts;
  std::vector<std::pair<Bytes, Bytes>> deletes;  // [begin, end)
};

bool puts(const Writes& writes, const Bytes& key) {
  return std::ranges::find(writes.puts, key) != writes.puts.end();
}

// "\0" as an end is an ordinary bound here, so a from-key delete deletes nothing: a gap of etcd's.
bool deletes(const Writes& writes, const Bytes& key) {
  return std::ranges::any_of(
      writes.deletes, [&](const auto& span) { return span.first <= key && key < span.second; });
}

std::optional<Writes> writes_of(const Ops& branch);

// False = a key would be put twice, or put and deleted. Then and else exclude each other.
bool join(Writes& all, const rpc::TxnRequest& inner) {
  const std::optional<Writes> yes = writes_of(inner.success);
  const std::optional<Writes> no = writes_of(inner.failure);
  if (!yes || !no) return false;
  for (const Bytes& key : yes->puts) {
    if (puts(all, key) || deletes(all, key)) return false;
  }
  for (const Bytes& key : no->puts) {
    if (puts(all, key) || deletes(all, key)) return false;
  }
  for (const Writes* side : {&*yes, &*no}) {
    all.puts.insert(all.puts.end(), side->puts.begin(), side->puts.end());
    all.deletes.insert(all.deletes.end(), side->deletes.begin(), side->deletes.end());
  }
  return true;
}

// Deletes first, then inner transactions in turn, then puts: so a put before a sibling's delete passes,
// another gap of etcd's.
std::optional<Writes> writes_of(const Ops& branch) {
  Writes all;
  for (const auto& op : branch) {
    const auto* erase = std::get_if<rpc::DeleteRangeRequest>(&op.request);
    if (erase == nullptr) continue;
    const Bytes key(erase->key.view());
    all.deletes.emplace_back(
        key, erase->range_end.empty() ? key + '\0' : Bytes(erase->range_end.view()));
  }
  for (const auto& op : branch) {
    const auto* inner = std::get_if<rpc::TxnRequest>(&op.request);
    if (inner != nullptr && !join(all, *inner)) return std::nullopt;
  }
  for (const auto& op : branch) {
    const auto* put = std::get_if<rpc::PutRequest>(&op.request);
    if (put == nullptr) continue;
    const Bytes key(put->key.view());
    if (puts(all, key) || deletes(all, key)) return std::nullopt;
    all.puts.push_back(key);
  }
  return all;
}

Refusal refuse_txn(const rpc::TxnRequest& txn, std::size_t max_ops) {
  if (const Refusal refusal = refuse_shape(txn, max_ops)) return refusal;
  const bool fits = writes_of(txn.success) && writes_of(txn.failure);
  return fits ? Refusal() : Errc::DuplicateKey;
}

}  // namespace

std::optional<Errc> refuse(const rpc::Request& request, std::size_t max_txn_ops) {
  return std::visit(Overloaded{
                        [](const rpc::RangeRequest& range) { return refuse_range(range); },
                        [](const rpc::PutRequest& put) { return refuse_put(put); },
                        [](const rpc::DeleteRangeRequest& erase) { return refuse_delete(erase); },
                        [&](const rpc::TxnRequest& txn) { return refuse_txn(txn, max_txn_ops); },
                        [](const rpc::CompactionRequest&) { return Refusal(); },
                        [](const auto& /*other_service*/) { return Refusal(); },
                    },
                    request);
}

}  // namespace orrery::model
