// The bytes of the Lease, Auth, Cluster and Maintenance services' messages, exactly as etcd writes them.
//   used by: internal_codec.cc, lease and auth (rows), server, door
//   uses:    lease_messages.h, auth_messages.h, cluster_messages.h, maintenance_messages.h
//   ideas:   one template for all; services_codec.cc makes it for every message. What cannot be read is Errc::Corrupt.
//   from: etcd api/etcdserverpb/rpc.pb.go, api/authpb, api/membershippb, server/lease/leasepb
#pragma once

#include "base/blob.h"
#include "base/result.h"
#include "proto/auth_messages.h"
#include "proto/cluster_messages.h"
#include "proto/lease_messages.h"
#include "proto/maintenance_messages.h"

namespace orrery::rpc {

template <class M>
Bytes encode_message(const M& message);
template <class M>
Result<M> decode_message(BytesView bytes);

}  // namespace orrery::rpc
