// V2Request: a request of the v2 store, which 3.4 and before propose beside v3's.
//   used by: datadir (payload.h)    schema: raft_internal.proto (Request)
//   differs: only what a PUT of a member needs is kept; the other fields are written as zero, as etcd does.
//   from: etcd 3.4 etcdserver/etcdserverpb/etcdserver.proto; facts "formats" 2.4
#pragma once

#include <cstdint>
#include <string>

#include "base/blob.h"
#include "base/result.h"

namespace orrery::rpc {

struct V2Request {
  std::uint64_t id = 0;
  std::string method;  // "PUT"
  std::string path;    // "/0/version"
  std::string value;

  friend bool operator==(const V2Request&, const V2Request&) = default;
};

Bytes encode(const V2Request& request);
// Errors: Errc::Corrupt, no such message.
Result<V2Request> decode_v2_request(BytesView bytes);

}  // namespace orrery::rpc
