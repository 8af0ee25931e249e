// The v2 store as JSON: what a 3.4 member keeps inside its .snap files, and restores its membership from.
//   used by: restore.h, identity.h, payload.h, server (snapshots of 3.4)    uses: identity.h's MemberInfo
//   bytes:   {"Root":NODE,"CurrentIndex":n,"CurrentVersion":2}; NODE = {"Path","CreatedIndex","ModifiedIndex",
//            "ExpireTime","Value","Children"}; members under /0/members/<hex id>/{attributes,raftAttributes},
//            the cluster's version in /0/version, users' v2 keys under /1
//   from: etcd server/etcdserver/api/v2store (store.go Save, Recovery; node.go), membership/store.go
//   differs: no WatcherHub and no Stats, which etcd does not miss.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "datadir/identity.h"
#include "proto/rpc.h"

namespace orrery::datadir {

// `version`: of the cluster, "3.4.0"; empty = not decided yet.
std::string encode_v2_store(const std::vector<MemberInfo>& members, std::string_view version);
// Errors: no JSON, or no v2 store.
Result<std::vector<MemberInfo>> read_v2_members(BytesView json);

// What stands under /0/members/ID/attributes: {"name":"n1","clientURLs":["http://..."]}, empty ones left out.
std::string encode_attributes(const rpc::MemberAttributes& attributes);
// Errors: Errc::Corrupt, no such JSON.
Result<rpc::MemberAttributes> decode_attributes(std::string_view json);

}  // namespace orrery::datadir
