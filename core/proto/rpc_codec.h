// The bytes of KV and Watch calls and of a Raft entry's payload, exactly as etcd writes them.
//   used by: server (payload of entries), door    uses: rpc.h    schema: rpc.proto, raft_internal.proto
//   ideas:   zero and empty fields are left out, except what etcd always sets: a response's header, and the member of
//            a Compare's oneof that its target names. What cannot be read is Errc::Corrupt; a sort
//            order or target outside its enum is Errc::InvalidSortOption, as etcd answers it.
//   differs: a payload of etcd's v2 store is Errc::WrongUse.
//   from: etcd api/etcdserverpb/rpc.pb.go, raft_internal.pb.go
#pragma once

#include "base/blob.h"
#include "base/result.h"
#include "proto/rpc.h"

namespace orrery::rpc {

Bytes encode(const ResponseHeader& header);
Bytes encode(const RangeRequest& request);
Bytes encode(const RangeResponse& response);
Bytes encode(const PutRequest& request);
Bytes encode(const PutResponse& response);
Bytes encode(const DeleteRangeRequest& request);
Bytes encode(const DeleteRangeResponse& response);
Bytes encode(const TxnRequest& request);
Bytes encode(const TxnResponse& response);
Bytes encode(const CompactionRequest& request);
Bytes encode(const CompactionResponse& response);
Bytes encode(const WatchRequest& request);
Bytes encode(const WatchResponse& response);
Bytes encode(const InternalRequest& request);

Result<ResponseHeader> decode_response_header(BytesView bytes);
Result<RangeRequest> decode_range_request(BytesView bytes);
Result<RangeResponse> decode_range_response(BytesView bytes);
Result<PutRequest> decode_put_request(BytesView bytes);
Result<PutResponse> decode_put_response(BytesView bytes);
Result<DeleteRangeRequest> decode_delete_range_request(BytesView bytes);
Result<DeleteRangeResponse> decode_delete_range_response(BytesView bytes);
Result<TxnRequest> decode_txn_request(BytesView bytes);
Result<TxnResponse> decode_txn_response(BytesView bytes);
Result<CompactionRequest> decode_compaction_request(BytesView bytes);
Result<CompactionResponse> decode_compaction_response(BytesView bytes);
Result<WatchRequest> decode_watch_request(BytesView bytes);
Result<WatchResponse> decode_watch_response(BytesView bytes);
Result<InternalRequest> decode_internal_request(BytesView bytes);

}  // namespace orrery::rpc
