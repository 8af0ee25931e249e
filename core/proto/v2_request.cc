#include "proto/v2_request.h"

#include <raft_internal.pb.h>

#include "proto/wire.h"

namespace orrery::rpc {

Bytes encode(const V2Request& request) {
  etcdserverpb::Request out;
  out.set_id(request.id);
  out.set_method(request.method);
  out.set_path(request.path);
  out.set_val(request.value);
  out.set_dir(false);
  out.set_prev_value("");
  out.set_prev_index(0);
  out.set_expiration(0);
  out.set_wait(false);
  out.set_since(0);
  out.set_recursive(false);
  out.set_sorted(false);
  out.set_quorum(false);
  out.set_time(0);
  out.set_stream(false);
  return wire::serialized(out);
}

Result<V2Request> decode_v2_request(BytesView bytes) {
  return wire::parsed<etcdserverpb::Request>(
      bytes, "etcdserverpb.Request", [](const etcdserverpb::Request& in, wire::Faults& /*faults*/) {
        return V2Request{
            .id = in.id(), .method = in.method(), .path = in.path(), .value = in.val()};
      });
}

}  // namespace orrery::rpc
