#include "model/model.h"

#include <algorithm>
#include <compare>
#include <utility>
#include <vector>

#include "base/overloaded.h"
#include "model/refuse.h"

namespace orrery::model {
namespace {

using mvccpb::KeyValue;

// ---- which keys a request means

bool is_inside(BytesView key, BytesView begin, BytesView end) {
  if (end.empty()) return key == begin;
  if (end == BytesView("\0", 1)) return key >= begin;
  return key >= begin && key < end;
}

std::vector<KeyValue> select(const Keys& keys, BytesView begin, BytesView end) {
  std::vector<KeyValue> out;
  for (auto it = keys.lower_bound(begin); it != keys.end(); ++it) {
    if (!is_inside(it->first, begin, end)) break;
    out.push_back(it->second);
  }
  return out;
}

// ---- a transaction under way

// Changes gather here; `before` is what compares and checks look at.
struct Draft {
  const State& before;
  Keys keys;
  Sequence<mvccpb::Event> events;

  explicit Draft(const State& state) : before(state), keys(state.keys) {}

  std::int64_t next_revision() const { return before.revision + 1; }
  std::int64_t revision() const { return events.empty() ? before.revision : next_revision(); }

  void put(KeyValue kv) {
    const KeyValue* old = keys.find(kv.key);
    kv.create_revision = old == nullptr ? next_revision() : old->create_revision;
    kv.version = old == nullptr ? 1 : old->version + 1;
    kv.mod_revision = next_revision();
    events.push_back({.type = mvccpb::EventType::Put, .kv = kv, .prev_kv = {}});
    keys.put(kv.key, kv);
  }

  void erase(const Blob& key) {
    mvccpb::Event event{.type = mvccpb::EventType::Delete, .kv = {}, .prev_kv = {}};
    event.kv.key = key;
    event.kv.mod_revision = next_revision();
    events.push_back(std::move(event));
    keys.erase(key);
  }
};

State finish(State state, Draft draft) {
  if (draft.events.empty()) return state;
  ++state.revision;
  state.keys = draft.keys;
  state.history.put(state.revision, {std::move(draft.keys), std::move(draft.events)});
  return state;
}

// ---- range

bool passes(const rpc::RangeRequest& range, const KeyValue& kv) {
  const auto within = [](std::int64_t rev, std::int64_t least, std::int64_t most) {
    return (least == 0 || rev >= least) && (most == 0 || rev <= most);
  };
  return within(kv.mod_revision, range.min_mod_revision, range.max_mod_revision) &&
         within(kv.create_revision, range.min_create_revision, range.max_create_revision);
}

std::strong_ordering compare_by(rpc::SortTarget target, const KeyValue& a, const KeyValue& b) {
  switch (target) {
    case rpc::SortTarget::Key: return a.key.view() <=> b.key.view();
    case rpc::SortTarget::Version: return a.version <=> b.version;
    case rpc::SortTarget::Create: return a.create_revision <=> b.create_revision;
    case rpc::SortTarget::Mod: return a.mod_revision <=> b.mod_revision;
    case rpc::SortTarget::Value: return a.value.view() <=> b.value.view();
  }
  return std::strong_ordering::equal;
}

rpc::RangeResponse answer(const rpc::RangeRequest& range, const Keys& keys, std::int64_t revision) {
  rpc::RangeResponse response;
  response.header.revision = revision;
  std::vector<KeyValue> kvs = select(keys, range.key, range.range_end);
  response.count = static_cast<std::int64_t>(kvs.size());
  if (range.count_only) return response;

  const bool filters = range.min_mod_revision != 0 || range.max_mod_revision != 0 ||
                       range.min_create_revision != 0 || range.max_create_revision != 0;
  const auto limit = static_cast<std::size_t>(std::max<std::int64_t>(range.limit, 0));
  const auto cut_to = [&](std::size_t most) {
    if (kvs.size() > most) kvs.erase(kvs.begin() + static_cast<std::ptrdiff_t>(most), kvs.end());
  };
  // Without an order and a filter, the limit (and one more) cuts before the sort.
  const bool cuts_first = limit > 0 && range.sort_order == rpc::SortOrder::None && !filters;
  if (cuts_first) cut_to(limit + 1);
  std::erase_if(kvs, [&](const KeyValue& kv) { return !passes(range, kv); });
  const bool descending = range.sort_order == rpc::SortOrder::Descend;
  std::ranges::stable_sort(kvs, [&](const KeyValue& a, const KeyValue& b) {
    const auto order = compare_by(range.sort_target, a, b);
    return descending ? order > 0 : order < 0;
  });
  response.more = limit > 0 && kvs.size() > limit;
  if (response.more) cut_to(limit);
  if (range.keys_only) {
    for (KeyValue& kv : kvs) kv.value = Blob();
  }
  response.kvs = std::move(kvs);
  return response;
}

Result<void> check_revision(const State& state, std::int64_t revision) {
  if (revision > state.revision) return fail(Errc::FutureRev);
  if (revision < state.compact_revision) return fail(Errc::Compacted);
  return {};
}

rpc::RangeResponse run(const Draft& draft, const rpc::RangeRequest& range) {
  const bool now = range.revision <= 0 || range.revision > draft.before.revision;
  if (now) return answer(range, draft.keys, draft.revision());
  return answer(range, draft.before.history.find(range.revision)->keys, draft.revision());
}

// ---- put and delete

Result<void> check_lease(const State& state, const rpc::PutRequest& put) {
  const bool known = put.lease == LeaseId() || state.leases.contains(put.lease);
  return known ? Result<void>() : fail(Errc::LeaseNotFound);
}

Result<void> check_kept(const Keys& keys, const rpc::PutRequest& put) {
  const bool keeps = put.ignore_value || put.ignore_lease;
  return !keeps || keys.contains(put.key) ? Result<void>() : fail(Errc::KeyNotFound);
}

// An error here: the transaction itself has deleted what the put wants to keep. A member of etcd's panics.
Result<rpc::PutResponse> run(Draft& draft, const rpc::PutRequest& put) {
  const Result<void> kept = check_kept(draft.keys, put);
  if (!kept) return fail(kept.error());
  const KeyValue* old = draft.keys.find(put.key);
  rpc::PutResponse response;
  response.header.revision = draft.next_revision();
  if (put.prev_kv && old != nullptr) response.prev_kv = *old;
  KeyValue kv;
  kv.key = put.key;
  kv.value = put.ignore_value ? old->value : put.value;
  kv.lease = put.ignore_lease ? old->lease : put.lease;
  draft.put(std::move(kv));
  return response;
}

rpc::DeleteRangeResponse run(Draft& draft, const rpc::DeleteRangeRequest& erase) {
  const std::vector<KeyValue> doomed = select(draft.keys, erase.key, erase.range_end);
  for (const KeyValue& kv : doomed) draft.erase(kv.key);
  rpc::DeleteRangeResponse response;
  response.header.revision = draft.revision();
  response.deleted = static_cast<std::int64_t>(doomed.size());
  if (erase.prev_kv) response.prev_kvs = doomed;
  return response;
}

// ---- transactions

bool is_as_wanted(std::strong_ordering order, rpc::CompareResult wanted) {
  switch (wanted) {
    case rpc::CompareResult::Equal: return order == 0;
    case rpc::CompareResult::Greater: return order > 0;
    case rpc::CompareResult::Less: return order < 0;
    case rpc::CompareResult::NotEqual: return order != 0;
  }
  return true;
}

std::strong_ordering compare_with(const KeyValue& kv, const rpc::Compare& compare) {
  switch (compare.target) {
    case rpc::CompareTarget::Version: return kv.version <=> compare.number;
    case rpc::CompareTarget::Create: return kv.create_revision <=> compare.number;
    case rpc::CompareTarget::Mod: return kv.mod_revision <=> compare.number;
    case rpc::CompareTarget::Value: return kv.value.view() <=> compare.value.view();
    case rpc::CompareTarget::Lease: return kv.lease.value() <=> compare.number;
  }
  return std::strong_ordering::equal;
}

// A missing key counts as zeros, but has no value that could be compared.
bool holds(const State& state, const rpc::Compare& compare) {
  std::vector<KeyValue> kvs = select(state.keys, compare.key, compare.range_end);
  if (kvs.empty() && compare.target == rpc::CompareTarget::Value) return false;
  if (kvs.empty()) kvs.emplace_back();
  return std::ranges::all_of(kvs, [&](const KeyValue& kv) {
    return is_as_wanted(compare_with(kv, compare), compare.result);
  });
}

bool succeeds(const State& before, const rpc::TxnRequest& txn) {
  return std::ranges::all_of(txn.compare,
                             [&](const rpc::Compare& compare) { return holds(before, compare); });
}

// Everything that can go wrong is looked for before anything is done.
Result<void> check_txn(const State& before, const rpc::TxnRequest& txn) {
  const auto check_op = Overloaded{
      [](std::monostate) -> Result<void> { return fail(Errc::KeyNotFound); },
      [&](const rpc::RangeRequest& range) {
        return range.revision == 0 ? Result<void>() : check_revision(before, range.revision);
      },
      [&](const rpc::PutRequest& put) {
        const Result<void> kept = check_kept(before.keys, put);
        return kept ? check_lease(before, put) : kept;
      },
      [](const rpc::DeleteRangeRequest&) { return Result<void>(); },
      [&](const rpc::TxnRequest& inner) { return check_txn(before, inner); },
  };
  for (const rpc::RequestOp& op : succeeds(before, txn) ? txn.success : txn.failure) {
    const Result<void> valid = std::visit(check_op, op.request);
    if (!valid) return valid;
  }
  return {};
}

Result<rpc::TxnResponse> run(Draft& draft, const rpc::TxnRequest& txn) {
  rpc::TxnResponse response;
  response.succeeded = succeeds(draft.before, txn);  // compares look at the state before, always
  for (const rpc::RequestOp& op : response.succeeded ? txn.success : txn.failure) {
    rpc::ResponseOp& out = response.responses.emplace_back();
    const Result<void> done =
        std::visit(Overloaded{
                       [](std::monostate) -> Result<void> { return fail(Errc::KeyNotFound); },
                       [&](const rpc::RangeRequest& range) -> Result<void> {
                         out.response = run(draft, range);
                         return {};
                       },
                       [&](const rpc::DeleteRangeRequest& erase) -> Result<void> {
                         out.response = run(draft, erase);
                         return {};
                       },
                       [&](const auto& put_or_txn) -> Result<void> {
                         auto part = run(draft, put_or_txn);
                         if (!part) return fail(part.error());
                         out.response = *std::move(part);
                         return {};
                       },
                   },
                   op.request);
    if (!done) return fail(done.error());
  }
  return response;
}

// ---- one request

Result<void> check_request(const State& state, const rpc::Request& request) {
  return std::visit(Overloaded{
                        [&](const rpc::RangeRequest& range) {
                          return range.revision <= 0 ? Result<void>()
                                                     : check_revision(state, range.revision);
                        },
                        [&](const rpc::PutRequest& put) {
                          const Result<void> leased = check_lease(state, put);
                          return leased ? check_kept(state.keys, put) : leased;
                        },
                        [](const rpc::DeleteRangeRequest&) { return Result<void>(); },
                        [&](const rpc::TxnRequest& txn) { return check_txn(state, txn); },
                        [&](const rpc::CompactionRequest& compaction) -> Result<void> {
                          if (compaction.revision <= state.compact_revision)
                            return fail(Errc::Compacted);
                          return check_revision(state, compaction.revision);
                        },
                        [](const auto& /*other_service*/) -> Result<void> {
                          return fail(Errc::WrongUse, "no request of the KV service");
                        },
                    },
                    request);
}

State compact(State state, std::int64_t revision) {
  state.compact_revision = revision;
  while (!state.history.empty() && state.history.begin()->first < revision) {
    const std::int64_t oldest = state.history.begin()->first;
    state.history.erase(oldest);
  }
  return state;
}

}  // namespace

State initial() {
  State state;
  state.history.put(state.revision, {});
  return state;
}

Outcome apply(State state, const rpc::Request& request, std::size_t max_txn_ops) {
  if (const auto refusal = refuse(request, max_txn_ops)) return {state, fail(*refusal)};
  const Result<void> valid = check_request(state, request);
  if (!valid) return {state, fail(valid.error())};
  if (const auto* compaction = std::get_if<rpc::CompactionRequest>(&request)) {
    rpc::CompactionResponse response;
    response.header.revision = state.revision;
    return {compact(std::move(state), compaction->revision), response};
  }
  Draft draft(state);
  Result<rpc::Response> answer = std::visit(
      Overloaded{
          [&](const auto& operation) -> Result<rpc::Response> {
            if constexpr (requires { run(draft, operation); }) return run(draft, operation);
            return {};  // refused above, or done
          },
      },
      request);
  if (!answer) return {state, fail(answer.error())};
  rpc::edit_header(*answer)->revision = draft.revision();
  return {finish(state, std::move(draft)), std::move(answer)};
}

State revoke(const State& state, LeaseId lease) {
  Draft draft(state);
  for (const auto& [key, kv] : state.keys) {
    if (kv.lease == lease) draft.erase(key);
  }
  State after = finish(state, std::move(draft));
  after.leases.erase(lease);
  return after;
}

}  // namespace orrery::model
