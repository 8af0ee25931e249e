#include "proto/rpc_codec.h"

#include "proto/rpc_wire.h"
#include "proto/wire.h"

namespace orrery::rpc {
namespace {

template <class Wire, class Value>
Bytes encode_as(const Value& value) {
  Wire out;
  to_wire(value, &out);
  return wire::serialized(out);
}

template <class Wire>
auto decode_as(BytesView bytes, std::string_view name) {
  return wire::parsed<Wire>(
      bytes, name, [](const Wire& in, wire::Faults& faults) { return from_wire(in, faults); });
}

}  // namespace

Bytes encode(const ResponseHeader& header) {
  return encode_as<etcdserverpb::ResponseHeader>(header);
}

Bytes encode(const RangeRequest& request) {
  return encode_as<etcdserverpb::RangeRequest>(request);
}

Bytes encode(const RangeResponse& response) {
  return encode_as<etcdserverpb::RangeResponse>(response);
}

Bytes encode(const PutRequest& request) {
  return encode_as<etcdserverpb::PutRequest>(request);
}

Bytes encode(const PutResponse& response) {
  return encode_as<etcdserverpb::PutResponse>(response);
}

Bytes encode(const DeleteRangeRequest& request) {
  return encode_as<etcdserverpb::DeleteRangeRequest>(request);
}

Bytes encode(const DeleteRangeResponse& response) {
  return encode_as<etcdserverpb::DeleteRangeResponse>(response);
}

Bytes encode(const TxnRequest& request) {
  return encode_as<etcdserverpb::TxnRequest>(request);
}

Bytes encode(const TxnResponse& response) {
  return encode_as<etcdserverpb::TxnResponse>(response);
}

Bytes encode(const CompactionRequest& request) {
  return encode_as<etcdserverpb::CompactionRequest>(request);
}

Bytes encode(const CompactionResponse& response) {
  return encode_as<etcdserverpb::CompactionResponse>(response);
}

Bytes encode(const WatchRequest& request) {
  return encode_as<etcdserverpb::WatchRequest>(request);
}

Bytes encode(const WatchResponse& response) {
  return encode_as<etcdserverpb::WatchResponse>(response);
}

Result<ResponseHeader> decode_response_header(BytesView bytes) {
  return decode_as<etcdserverpb::ResponseHeader>(bytes, "ResponseHeader");
}

Result<RangeRequest> decode_range_request(BytesView bytes) {
  return decode_as<etcdserverpb::RangeRequest>(bytes, "RangeRequest");
}

Result<RangeResponse> decode_range_response(BytesView bytes) {
  return decode_as<etcdserverpb::RangeResponse>(bytes, "RangeResponse");
}

Result<PutRequest> decode_put_request(BytesView bytes) {
  return decode_as<etcdserverpb::PutRequest>(bytes, "PutRequest");
}

Result<PutResponse> decode_put_response(BytesView bytes) {
  return decode_as<etcdserverpb::PutResponse>(bytes, "PutResponse");
}

Result<DeleteRangeRequest> decode_delete_range_request(BytesView bytes) {
  return decode_as<etcdserverpb::DeleteRangeRequest>(bytes, "DeleteRangeRequest");
}

Result<DeleteRangeResponse> decode_delete_range_response(BytesView bytes) {
  return decode_as<etcdserverpb::DeleteRangeResponse>(bytes, "DeleteRangeResponse");
}

Result<TxnRequest> decode_txn_request(BytesView bytes) {
  return decode_as<etcdserverpb::TxnRequest>(bytes, "TxnRequest");
}

Result<TxnResponse> decode_txn_response(BytesView bytes) {
  return decode_as<etcdserverpb::TxnResponse>(bytes, "TxnResponse");
}

Result<CompactionRequest> decode_compaction_request(BytesView bytes) {
  return decode_as<etcdserverpb::CompactionRequest>(bytes, "CompactionRequest");
}

Result<CompactionResponse> decode_compaction_response(BytesView bytes) {
  return decode_as<etcdserverpb::CompactionResponse>(bytes, "CompactionResponse");
}

Result<WatchRequest> decode_watch_request(BytesView bytes) {
  return decode_as<etcdserverpb::WatchRequest>(bytes, "WatchRequest");
}

Result<WatchResponse> decode_watch_response(BytesView bytes) {
  return decode_as<etcdserverpb::WatchResponse>(bytes, "WatchResponse");
}

}  // namespace orrery::rpc
