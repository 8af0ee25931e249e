// KV's requests as the gateway's JSON, and its JSON as our answers.
//   used by: gateway.cc    uses: proto/rpc.h
//   from: etcd api/etcdserverpb/rpc.proto (names), protobuf's JSON mapping
#pragma once

#include <nlohmann/json.hpp>

#include "proto/rpc.h"

namespace orrery::stock {

using Json = nlohmann::json;

// requires: a request of the KV service
Json to_json(const rpc::Request& request);
// The answer to `request`, which says of what kind it is.
rpc::Response response_from(const rpc::Request& request, const Json& json);

}  // namespace orrery::stock
