// wire_tree: protobuf messages read by a table of their fields, whatever Orrery itself can act on.
//   used by: records.h (payload of entries), rows.h (leases, users, roles, alarms)    uses: tree.h
//   ideas:   dumps must name every field of every request a stock etcd may have logged, also of those that no lane
//            of ours carries out. The table says number, name and kind; what it does not know is shown as
//            "field N", so nothing is left out in silence.
//   from: etcd api/etcdserverpb/rpc.proto, raft_internal.proto, etcdserver.proto; server/lease/leasepb; api/authpb
#pragma once

#include <cstdint>

#include "base/blob.h"
#include "base/result.h"
#include "datadir/tree.h"

namespace orrery::datadir {

enum class Schema : std::uint8_t {
  Unknown,
  Internal,  // etcdserverpb.InternalRaftRequest
  Header,
  V2Request,  // etcdserverpb.Request, 3.4's membership writes
  Range,
  Put,
  DeleteRange,
  Compare,
  Operation,
  Txn,
  Compaction,
  LeaseGrant,
  LeaseRevoke,
  Checkpoint,
  Checkpoints,
  AlarmRequest,
  Empty,
  Authenticate,
  UserOptions,
  UserAdd,
  NameOnly,
  UserPassword,
  UserRole,
  RoleUser,
  RoleName,
  Permission,
  RoleGrant,
  RoleRevoke,
  VersionSet,
  MemberAttributes,
  MemberAttrSet,
  DowngradeSet,
  DowngradeTest,
  Lease,     // leasepb.Lease
  AuthUser,  // authpb.User
  AuthRole,  // authpb.Role
  AlarmMember,
  KeyValue,  // mvccpb.KeyValue
};

// The fields in the order of the bytes. Errc::Corrupt with the offset when they are no message.
Result<Tree> decode_wire(std::string name, BytesView bytes, Schema schema);

}  // namespace orrery::datadir
