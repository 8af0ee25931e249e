// Between rpc's values and libprotobuf's classes.
//   used by: this folder's .cc files alone
//   ideas: requests in rpc_request_wire.cc, responses in rpc_response_wire.cc; from_wire collects what is wrong
//          inside a message in Faults, so that nested ones need no plumbing.
#pragma once

#include <rpc.pb.h>

#include "proto/rpc.h"
#include "proto/wire.h"

namespace orrery::rpc {

void to_wire(const RangeRequest& request, etcdserverpb::RangeRequest* out);
void to_wire(const PutRequest& request, etcdserverpb::PutRequest* out);
void to_wire(const DeleteRangeRequest& request, etcdserverpb::DeleteRangeRequest* out);
void to_wire(const TxnRequest& request, etcdserverpb::TxnRequest* out);
void to_wire(const CompactionRequest& request, etcdserverpb::CompactionRequest* out);
void to_wire(const WatchRequest& request, etcdserverpb::WatchRequest* out);

RangeRequest from_wire(const etcdserverpb::RangeRequest& in, wire::Faults& faults);
PutRequest from_wire(const etcdserverpb::PutRequest& in, wire::Faults& faults);
DeleteRangeRequest from_wire(const etcdserverpb::DeleteRangeRequest& in, wire::Faults& faults);
TxnRequest from_wire(const etcdserverpb::TxnRequest& in, wire::Faults& faults);
CompactionRequest from_wire(const etcdserverpb::CompactionRequest& in, wire::Faults& faults);
WatchRequest from_wire(const etcdserverpb::WatchRequest& in, wire::Faults& faults);

void to_wire(const ResponseHeader& header, etcdserverpb::ResponseHeader* out);
void to_wire(const RangeResponse& response, etcdserverpb::RangeResponse* out);
void to_wire(const PutResponse& response, etcdserverpb::PutResponse* out);
void to_wire(const DeleteRangeResponse& response, etcdserverpb::DeleteRangeResponse* out);
void to_wire(const TxnResponse& response, etcdserverpb::TxnResponse* out);
void to_wire(const CompactionResponse& response, etcdserverpb::CompactionResponse* out);
void to_wire(const WatchResponse& response, etcdserverpb::WatchResponse* out);

ResponseHeader from_wire(const etcdserverpb::ResponseHeader& in, wire::Faults& faults);
RangeResponse from_wire(const etcdserverpb::RangeResponse& in, wire::Faults& faults);
PutResponse from_wire(const etcdserverpb::PutResponse& in, wire::Faults& faults);
DeleteRangeResponse from_wire(const etcdserverpb::DeleteRangeResponse& in, wire::Faults& faults);
TxnResponse from_wire(const etcdserverpb::TxnResponse& in, wire::Faults& faults);
CompactionResponse from_wire(const etcdserverpb::CompactionResponse& in, wire::Faults& faults);
WatchResponse from_wire(const etcdserverpb::WatchResponse& in, wire::Faults& faults);

}  // namespace orrery::rpc
