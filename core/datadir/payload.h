// The payload of a Raft entry, by release: in 3.4 what a member publishes of itself, and the cluster's version, are
// PUTs of the v2 store; everything else is etcdserverpb.InternalRaftRequest in every release.
//   used by: records.h, server, lang    uses: proto (rpc_codec.h, v2_request.h), v2_store.h
//   from: etcd 3.4 etcdserver/server.go (publish, updateClusterVersion), apply_v2.go (Put), membership/store.go;
//         facts "formats" 2.4
#pragma once

#include "base/blob.h"
#include "base/result.h"
#include "datadir/release.h"
#include "proto/rpc.h"

namespace orrery::datadir {

Bytes encode_payload(Release release, const rpc::InternalRequest& request);
// Whatever release wrote it. Errors: Errc::WrongUse, a request of the v2 store that says nothing about members;
// Errc::Corrupt, no request.
Result<rpc::InternalRequest> decode_payload(BytesView payload);
// A request of the v2 store by itself, not inside a v3 one.
bool is_v2_request(BytesView payload);

}  // namespace orrery::datadir
