// Requests: from etcdctl's commands to etcd's wire requests.
//   used by: the client that performs a command      uses: client_command.h, proto/rpc.h
//   ideas:   --prefix and --from-key become a range end; an empty key with either becomes "\0", the whole
//            key space; sorting by key upwards is not asked for, since answers come so anyway.
//   from: etcd clientv3/op.go (WithPrefix, WithFromKey, WithSort), etcdctl/ctlv3/command
#pragma once

#include <string>
#include <string_view>

#include "lang/client_command.h"
#include "proto/rpc.h"

namespace orrery::lang {

rpc::PutRequest request_of(const Put& put);
rpc::RangeRequest request_of(const Get& get);
rpc::DeleteRangeRequest request_of(const Del& del);
rpc::TxnRequest request_of(const Txn& txn);
rpc::CompactionRequest request_of(const Compact& compact);
rpc::WatchCreateRequest request_of(const Watch& watch);
rpc::Request request_of(const SaveSnapshot& save);

template <class Tag>
const rpc::Request& request_of(const ServiceCall<Tag>& service) {
  return service.request;
}

// The first key behind all that begin with the prefix; "\0" when there is none.
std::string prefix_end(std::string_view prefix);

}  // namespace orrery::lang
