#include "base/overloaded.h"
#include "proto/mvccpb_wire.h"
#include "proto/rpc_wire.h"

namespace orrery::rpc {
namespace {

using rpc::from_wire;  // the ones of the header, beside those below

template <class Repeated>
std::vector<KeyValue> key_values(const Repeated& kvs, wire::Faults& faults) {
  std::vector<KeyValue> out;
  out.reserve(static_cast<std::size_t>(kvs.size()));
  for (const auto& kv : kvs) out.push_back(mvccpb::from_wire(kv, faults));
  return out;
}

void to_wire(const ResponseOp& op, etcdserverpb::ResponseOp* out) {
  std::visit(
      Overloaded{
          [](std::monostate) {},
          [&](const RangeResponse& r) { to_wire(r, out->mutable_response_range()); },
          [&](const PutResponse& r) { to_wire(r, out->mutable_response_put()); },
          [&](const DeleteRangeResponse& r) { to_wire(r, out->mutable_response_delete_range()); },
          [&](const TxnResponse& r) { to_wire(r, out->mutable_response_txn()); },
      },
      op.response);
}

ResponseOp from_wire(const etcdserverpb::ResponseOp& in, wire::Faults& faults) {
  switch (in.response_case()) {
    case etcdserverpb::ResponseOp::kResponseRange:
      return ResponseOp{from_wire(in.response_range(), faults)};
    case etcdserverpb::ResponseOp::kResponsePut:
      return ResponseOp{from_wire(in.response_put(), faults)};
    case etcdserverpb::ResponseOp::kResponseDeleteRange:
      return ResponseOp{from_wire(in.response_delete_range(), faults)};
    case etcdserverpb::ResponseOp::kResponseTxn:
      return ResponseOp{from_wire(in.response_txn(), faults)};
    case etcdserverpb::ResponseOp::RESPONSE_NOT_SET: return ResponseOp{};
  }
  return ResponseOp{};
}

}  // namespace

void to_wire(const ResponseHeader& header, etcdserverpb::ResponseHeader* out) {
  out->set_cluster_id(header.cluster_id);
  out->set_member_id(header.member_id);
  out->set_revision(header.revision);
  out->set_raft_term(header.raft_term);
}

ResponseHeader from_wire(const etcdserverpb::ResponseHeader& in, wire::Faults&) {
  return ResponseHeader{.cluster_id = in.cluster_id(),
                        .member_id = in.member_id(),
                        .revision = in.revision(),
                        .raft_term = in.raft_term()};
}

void to_wire(const RangeResponse& response, etcdserverpb::RangeResponse* out) {
  to_wire(response.header, out->mutable_header());
  for (const KeyValue& kv : response.kvs) mvccpb::to_wire(kv, out->add_kvs());
  out->set_more(response.more);
  out->set_count(response.count);
}

RangeResponse from_wire(const etcdserverpb::RangeResponse& in, wire::Faults& faults) {
  return RangeResponse{.header = from_wire(in.header(), faults),
                       .kvs = key_values(in.kvs(), faults),
                       .more = in.more(),
                       .count = in.count()};
}

void to_wire(const PutResponse& response, etcdserverpb::PutResponse* out) {
  to_wire(response.header, out->mutable_header());
  if (response.prev_kv) mvccpb::to_wire(*response.prev_kv, out->mutable_prev_kv());
}

PutResponse from_wire(const etcdserverpb::PutResponse& in, wire::Faults& faults) {
  PutResponse out{.header = from_wire(in.header(), faults), .prev_kv = {}};
  if (in.has_prev_kv()) out.prev_kv = mvccpb::from_wire(in.prev_kv(), faults);
  return out;
}

void to_wire(const DeleteRangeResponse& response, etcdserverpb::DeleteRangeResponse* out) {
  to_wire(response.header, out->mutable_header());
  out->set_deleted(response.deleted);
  for (const KeyValue& kv : response.prev_kvs) mvccpb::to_wire(kv, out->add_prev_kvs());
}

DeleteRangeResponse from_wire(const etcdserverpb::DeleteRangeResponse& in, wire::Faults& faults) {
  return DeleteRangeResponse{.header = from_wire(in.header(), faults),
                             .deleted = in.deleted(),
                             .prev_kvs = key_values(in.prev_kvs(), faults)};
}

void to_wire(const TxnResponse& response, etcdserverpb::TxnResponse* out) {
  to_wire(response.header, out->mutable_header());
  out->set_succeeded(response.succeeded);
  for (const ResponseOp& op : response.responses) to_wire(op, out->add_responses());
}

TxnResponse from_wire(const etcdserverpb::TxnResponse& in, wire::Faults& faults) {
  TxnResponse out{
      .header = from_wire(in.header(), faults), .succeeded = in.succeeded(), .responses = {}};
  for (const auto& op : in.responses()) out.responses.push_back(from_wire(op, faults));
  return out;
}

void to_wire(const CompactionResponse& response, etcdserverpb::CompactionResponse* out) {
  to_wire(response.header, out->mutable_header());
}

CompactionResponse from_wire(const etcdserverpb::CompactionResponse& in, wire::Faults& faults) {
  return CompactionResponse{.header = from_wire(in.header(), faults)};
}

void to_wire(const WatchResponse& response, etcdserverpb::WatchResponse* out) {
  to_wire(response.header, out->mutable_header());
  out->set_watch_id(response.watch_id);
  out->set_created(response.created);
  out->set_canceled(response.canceled);
  out->set_compact_revision(response.compact_revision);
  out->set_cancel_reason(response.cancel_reason);
  out->set_fragment(response.fragment);
  for (const Event& event : response.events) mvccpb::to_wire(event, out->add_events());
}

WatchResponse from_wire(const etcdserverpb::WatchResponse& in, wire::Faults& faults) {
  WatchResponse out{.header = from_wire(in.header(), faults),
                    .watch_id = in.watch_id(),
                    .created = in.created(),
                    .canceled = in.canceled(),
                    .compact_revision = in.compact_revision(),
                    .cancel_reason = in.cancel_reason(),
                    .fragment = in.fragment(),
                    .events = {}};
  for (const auto& event : in.events()) out.events.push_back(mvccpb::from_wire(event, faults));
  return out;
}

}  // namespace orrery::rpc
