#include "lang/requests.h"

#include <cstdint>
#include <utility>
#include <variant>

namespace orrery::lang {

namespace {

constexpr std::string_view kZero("\0", 1);

struct Bounds {
  std::string key;
  std::string range_end;
};

Bounds bounds_of(const Interval& interval) {
  Bounds out{.key = interval.key, .range_end = interval.range_end.value_or("")};
  if (!interval.prefix && !interval.from_key) return out;
  const bool everything = interval.key.empty();
  if (everything) out.key = kZero;
  out.range_end = everything || interval.from_key ? std::string(kZero) : prefix_end(interval.key);
  return out;
}

rpc::RequestOp op_of(const TxnOp& op) {
  return std::visit([](const auto& one) { return rpc::RequestOp{request_of(one)}; }, op);
}

}  // namespace

std::string prefix_end(std::string_view prefix) {
  std::string end(prefix);
  while (!end.empty()) {
    const auto last = static_cast<std::uint8_t>(end.back());
    if (last < 0xff) {
      end.back() = static_cast<char>(last + 1);
      return end;
    }
    end.pop_back();
  }
  return std::string(kZero);
}

rpc::PutRequest request_of(const Put& put) {
  return {.key = Blob(put.key),
          .value = Blob(put.value),
          .lease = put.lease,
          .prev_kv = put.prev_kv,
          .ignore_value = put.ignore_value,
          .ignore_lease = put.ignore_lease};
}

rpc::RangeRequest request_of(const Get& get) {
  const Bounds bounds = bounds_of(get.interval);
  rpc::RangeRequest request;
  request.key = Blob(bounds.key);
  request.range_end = Blob(bounds.range_end);
  request.limit = get.limit;
  request.revision = get.revision;
  request.sort_target = get.sort_target.value_or(rpc::SortTarget::Key);
  request.sort_order = get.sort_order.value_or(rpc::SortOrder::None);
  if (request.sort_target == rpc::SortTarget::Key && request.sort_order == rpc::SortOrder::Ascend) {
    request.sort_order = rpc::SortOrder::None;
  }
  request.serializable = get.serializable;
  request.keys_only = get.keys_only;
  request.count_only = get.count_only;
  return request;
}

rpc::DeleteRangeRequest request_of(const Del& del) {
  const Bounds bounds = bounds_of(del.interval);
  return {.key = Blob(bounds.key), .range_end = Blob(bounds.range_end), .prev_kv = del.prev_kv};
}

rpc::TxnRequest request_of(const Txn& txn) {
  rpc::TxnRequest request;
  request.compare = txn.compares;
  for (const TxnOp& op : txn.success) request.success.push_back(op_of(op));
  for (const TxnOp& op : txn.failure) request.failure.push_back(op_of(op));
  return request;
}

rpc::CompactionRequest request_of(const Compact& compact) {
  return {.revision = compact.revision, .physical = compact.physical};
}

rpc::Request request_of(const SaveSnapshot& /*save*/) {
  return rpc::MaintenanceRequest(rpc::SnapshotRequest{});
}

rpc::WatchCreateRequest request_of(const Watch& watch) {
  const Bounds bounds = bounds_of(watch.interval);
  rpc::WatchCreateRequest request;
  request.key = Blob(bounds.key);
  request.range_end = Blob(bounds.range_end);
  request.start_revision = watch.revision;
  request.progress_notify = watch.progress_notify;
  request.prev_kv = watch.prev_kv;
  return request;
}

}  // namespace orrery::lang
