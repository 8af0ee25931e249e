#include "base/overloaded.h"
#include "proto/rpc_wire.h"

namespace orrery::rpc {
namespace {

using rpc::from_wire;  // the ones of the header, beside those below

std::string bytes_of(const Blob& blob) {
  return std::string(blob.view());
}

void to_wire(const Compare& compare, etcdserverpb::Compare* out) {
  out->set_result(static_cast<etcdserverpb::Compare_CompareResult>(compare.result));
  out->set_target(static_cast<etcdserverpb::Compare_CompareTarget>(compare.target));
  out->set_key(bytes_of(compare.key));
  out->set_range_end(bytes_of(compare.range_end));
  switch (compare.target) {
    case CompareTarget::Version: return out->set_version(compare.number);
    case CompareTarget::Create: return out->set_create_revision(compare.number);
    case CompareTarget::Mod: return out->set_mod_revision(compare.number);
    case CompareTarget::Value: return out->set_value(bytes_of(compare.value));
    case CompareTarget::Lease: return out->set_lease(compare.number);
  }
}

// The number that the target names; 0 when the oneof holds another's.
std::int64_t compared_number(const etcdserverpb::Compare& in, CompareTarget target) {
  switch (target) {
    case CompareTarget::Version: return in.version();
    case CompareTarget::Create: return in.create_revision();
    case CompareTarget::Mod: return in.mod_revision();
    case CompareTarget::Lease: return in.lease();
    case CompareTarget::Value: return 0;
  }
  return 0;
}

Compare from_wire(const etcdserverpb::Compare& in, wire::Faults& faults) {
  const auto target = faults.checked(in.target(), CompareTarget::Lease, "compare target");
  return Compare{.result = faults.checked(in.result(), CompareResult::NotEqual, "compare result"),
                 .target = target,
                 .key = Blob(in.key()),
                 .number = compared_number(in, target),
                 .value = target == CompareTarget::Value ? Blob(in.value()) : Blob(),
                 .range_end = Blob(in.range_end())};
}

void to_wire(const RequestOp& op, etcdserverpb::RequestOp* out) {
  std::visit(
      Overloaded{
          [](std::monostate) {},
          [&](const RangeRequest& r) { to_wire(r, out->mutable_request_range()); },
          [&](const PutRequest& r) { to_wire(r, out->mutable_request_put()); },
          [&](const DeleteRangeRequest& r) { to_wire(r, out->mutable_request_delete_range()); },
          [&](const TxnRequest& r) { to_wire(r, out->mutable_request_txn()); },
      },
      op.request);
}

RequestOp from_wire(const etcdserverpb::RequestOp& in, wire::Faults& faults) {
  switch (in.request_case()) {
    case etcdserverpb::RequestOp::kRequestRange:
      return RequestOp{from_wire(in.request_range(), faults)};
    case etcdserverpb::RequestOp::kRequestPut:
      return RequestOp{from_wire(in.request_put(), faults)};
    case etcdserverpb::RequestOp::kRequestDeleteRange:
      return RequestOp{from_wire(in.request_delete_range(), faults)};
    case etcdserverpb::RequestOp::kRequestTxn:
      return RequestOp{from_wire(in.request_txn(), faults)};
    case etcdserverpb::RequestOp::REQUEST_NOT_SET: return RequestOp{};
  }
  return RequestOp{};
}

void to_wire(const WatchCreateRequest& request, etcdserverpb::WatchCreateRequest* out) {
  out->set_key(bytes_of(request.key));
  out->set_range_end(bytes_of(request.range_end));
  out->set_start_revision(request.start_revision);
  out->set_progress_notify(request.progress_notify);
  for (const WatchFilter filter : request.filters) {
    out->add_filters(static_cast<etcdserverpb::WatchCreateRequest_FilterType>(filter));
  }
  out->set_prev_kv(request.prev_kv);
  out->set_watch_id(request.watch_id);
  out->set_fragment(request.fragment);
}

WatchCreateRequest from_wire(const etcdserverpb::WatchCreateRequest& in, wire::Faults& faults) {
  WatchCreateRequest out{.key = Blob(in.key()),
                         .range_end = Blob(in.range_end()),
                         .start_revision = in.start_revision(),
                         .progress_notify = in.progress_notify(),
                         .filters = {},
                         .prev_kv = in.prev_kv(),
                         .watch_id = in.watch_id(),
                         .fragment = in.fragment()};
  for (const int filter : in.filters()) {
    out.filters.push_back(faults.checked(filter, WatchFilter::NoDelete, "watch filter"));
  }
  return out;
}

}  // namespace

void to_wire(const RangeRequest& request, etcdserverpb::RangeRequest* out) {
  out->set_key(bytes_of(request.key));
  out->set_range_end(bytes_of(request.range_end));
  out->set_limit(request.limit);
  out->set_revision(request.revision);
  out->set_sort_order(static_cast<etcdserverpb::RangeRequest_SortOrder>(request.sort_order));
  out->set_sort_target(static_cast<etcdserverpb::RangeRequest_SortTarget>(request.sort_target));
  out->set_serializable(request.serializable);
  out->set_keys_only(request.keys_only);
  out->set_count_only(request.count_only);
  out->set_min_mod_revision(request.min_mod_revision);
  out->set_max_mod_revision(request.max_mod_revision);
  out->set_min_create_revision(request.min_create_revision);
  out->set_max_create_revision(request.max_create_revision);
}

RangeRequest from_wire(const etcdserverpb::RangeRequest& in, wire::Faults& faults) {
  return RangeRequest{.key = Blob(in.key()),
                      .range_end = Blob(in.range_end()),
                      .limit = in.limit(),
                      .revision = in.revision(),
                      .sort_order = faults.checked(in.sort_order(), SortOrder::Descend,
                                                   "sort order", Errc::InvalidSortOption),
                      .sort_target = faults.checked(in.sort_target(), SortTarget::Value,
                                                    "sort target", Errc::InvalidSortOption),
                      .serializable = in.serializable(),
                      .keys_only = in.keys_only(),
                      .count_only = in.count_only(),
                      .min_mod_revision = in.min_mod_revision(),
                      .max_mod_revision = in.max_mod_revision(),
                      .min_create_revision = in.min_create_revision(),
                      .max_create_revision = in.max_create_revision()};
}

void to_wire(const PutRequest& request, etcdserverpb::PutRequest* out) {
  out->set_key(bytes_of(request.key));
  out->set_value(bytes_of(request.value));
  out->set_lease(request.lease.value());
  out->set_prev_kv(request.prev_kv);
  out->set_ignore_value(request.ignore_value);
  out->set_ignore_lease(request.ignore_lease);
}

PutRequest from_wire(const etcdserverpb::PutRequest& in, wire::Faults&) {
  return PutRequest{.key = Blob(in.key()),
                    .value = Blob(in.value()),
                    .lease = LeaseId(in.lease()),
                    .prev_kv = in.prev_kv(),
                    .ignore_value = in.ignore_value(),
                    .ignore_lease = in.ignore_lease()};
}

void to_wire(const DeleteRangeRequest& request, etcdserverpb::DeleteRangeRequest* out) {
  out->set_key(bytes_of(request.key));
  out->set_range_end(bytes_of(request.range_end));
  out->set_prev_kv(request.prev_kv);
}

DeleteRangeRequest from_wire(const etcdserverpb::DeleteRangeRequest& in, wire::Faults&) {
  return DeleteRangeRequest{
      .key = Blob(in.key()), .range_end = Blob(in.range_end()), .prev_kv = in.prev_kv()};
}

void to_wire(const TxnRequest& request, etcdserverpb::TxnRequest* out) {
  for (const Compare& compare : request.compare) to_wire(compare, out->add_compare());
  for (const RequestOp& op : request.success) to_wire(op, out->add_success());
  for (const RequestOp& op : request.failure) to_wire(op, out->add_failure());
}

TxnRequest from_wire(const etcdserverpb::TxnRequest& in, wire::Faults& faults) {
  TxnRequest out;
  for (const auto& compare : in.compare()) out.compare.push_back(from_wire(compare, faults));
  for (const auto& op : in.success()) out.success.push_back(from_wire(op, faults));
  for (const auto& op : in.failure()) out.failure.push_back(from_wire(op, faults));
  return out;
}

void to_wire(const CompactionRequest& request, etcdserverpb::CompactionRequest* out) {
  out->set_revision(request.revision);
  out->set_physical(request.physical);
}

CompactionRequest from_wire(const etcdserverpb::CompactionRequest& in, wire::Faults&) {
  return CompactionRequest{.revision = in.revision(), .physical = in.physical()};
}

void to_wire(const WatchRequest& request, etcdserverpb::WatchRequest* out) {
  std::visit(Overloaded{
                 [&](const WatchCreateRequest& r) { to_wire(r, out->mutable_create_request()); },
                 [&](const WatchCancelRequest& r) {
                   out->mutable_cancel_request()->set_watch_id(r.watch_id);
                 },
                 [&](const WatchProgressRequest&) { out->mutable_progress_request(); },
             },
             request);
}

WatchRequest from_wire(const etcdserverpb::WatchRequest& in, wire::Faults& faults) {
  switch (in.request_union_case()) {
    case etcdserverpb::WatchRequest::kCreateRequest: return from_wire(in.create_request(), faults);
    case etcdserverpb::WatchRequest::kCancelRequest:
      return WatchCancelRequest{.watch_id = in.cancel_request().watch_id()};
    case etcdserverpb::WatchRequest::kProgressRequest: return WatchProgressRequest{};
    case etcdserverpb::WatchRequest::REQUEST_UNION_NOT_SET: break;
  }
  faults.add(Errc::Corrupt, "it asks for nothing");
  return WatchProgressRequest{};
}

}  // namespace orrery::rpc
