#include "door/methods.h"

#include <algorithm>
#include <array>
#include <utility>

#include "proto/rpc_codec.h"
#include "proto/services_codec.h"

namespace orrery::door {
namespace {

template <auto Decode>
Result<rpc::Request> kv(BytesView bytes) {
  auto message = Decode(bytes);
  if (!message) return fail(std::move(message).error());
  return rpc::Request(std::move(*message));
}

template <class Group, class M>
Result<rpc::Request> of(BytesView bytes) {
  auto message = rpc::decode_message<M>(bytes);
  if (!message) return fail(std::move(message).error());
  return rpc::Request(Group(std::move(*message)));
}

template <class M>
constexpr auto kLease = of<rpc::LeaseRequest, M>;
template <class M>
constexpr auto kAuth = of<rpc::AuthRequest, M>;
template <class M>
constexpr auto kCluster = of<rpc::ClusterRequest, M>;
template <class M>
constexpr auto kMaintenance = of<rpc::MaintenanceRequest, M>;

constexpr std::array kMethods{
    Method{"/etcdserverpb.KV/Range", Shape::Unary, kv<rpc::decode_range_request>},
    Method{"/etcdserverpb.KV/Put", Shape::Unary, kv<rpc::decode_put_request>},
    Method{"/etcdserverpb.KV/DeleteRange", Shape::Unary, kv<rpc::decode_delete_range_request>},
    Method{"/etcdserverpb.KV/Txn", Shape::Unary, kv<rpc::decode_txn_request>},
    Method{"/etcdserverpb.KV/Compact", Shape::Unary, kv<rpc::decode_compaction_request>},
    Method{"/etcdserverpb.Watch/Watch", Shape::Watch, nullptr},
    Method{"/etcdserverpb.Lease/LeaseGrant", Shape::Unary, kLease<rpc::LeaseGrantRequest>},
    Method{"/etcdserverpb.Lease/LeaseRevoke", Shape::Unary, kLease<rpc::LeaseRevokeRequest>},
    Method{"/etcdserverpb.Lease/LeaseKeepAlive", Shape::KeepAlive,
           kLease<rpc::LeaseKeepAliveRequest>},
    Method{"/etcdserverpb.Lease/LeaseTimeToLive", Shape::Unary,
           kLease<rpc::LeaseTimeToLiveRequest>},
    Method{"/etcdserverpb.Lease/LeaseLeases", Shape::Unary, kLease<rpc::LeaseLeasesRequest>},
    Method{"/etcdserverpb.Cluster/MemberAdd", Shape::Unary, kCluster<rpc::MemberAddRequest>},
    Method{"/etcdserverpb.Cluster/MemberRemove", Shape::Unary, kCluster<rpc::MemberRemoveRequest>},
    Method{"/etcdserverpb.Cluster/MemberUpdate", Shape::Unary, kCluster<rpc::MemberUpdateRequest>},
    Method{"/etcdserverpb.Cluster/MemberPromote", Shape::Unary,
           kCluster<rpc::MemberPromoteRequest>},
    Method{"/etcdserverpb.Cluster/MemberList", Shape::Unary, kCluster<rpc::MemberListRequest>},
    Method{"/etcdserverpb.Maintenance/Alarm", Shape::Unary, kMaintenance<rpc::AlarmRequest>},
    Method{"/etcdserverpb.Maintenance/Status", Shape::Unary, kMaintenance<rpc::StatusRequest>},
    Method{"/etcdserverpb.Maintenance/Defragment", Shape::Unary,
           kMaintenance<rpc::DefragmentRequest>},
    Method{"/etcdserverpb.Maintenance/Hash", Shape::Unary, kMaintenance<rpc::HashRequest>},
    Method{"/etcdserverpb.Maintenance/HashKV", Shape::Unary, kMaintenance<rpc::HashKVRequest>},
    Method{"/etcdserverpb.Maintenance/Snapshot", Shape::Snapshot,
           kMaintenance<rpc::SnapshotRequest>},
    Method{"/etcdserverpb.Maintenance/MoveLeader", Shape::Unary,
           kMaintenance<rpc::MoveLeaderRequest>},
    Method{"/etcdserverpb.Maintenance/Downgrade", Shape::Unary,
           kMaintenance<rpc::DowngradeRequest>},
    Method{"/etcdserverpb.Auth/AuthEnable", Shape::Unary, kAuth<rpc::AuthEnableRequest>},
    Method{"/etcdserverpb.Auth/AuthDisable", Shape::Unary, kAuth<rpc::AuthDisableRequest>},
    Method{"/etcdserverpb.Auth/AuthStatus", Shape::Unary, kAuth<rpc::AuthStatusRequest>},
    Method{"/etcdserverpb.Auth/Authenticate", Shape::Unary, kAuth<rpc::AuthenticateRequest>},
    Method{"/etcdserverpb.Auth/UserAdd", Shape::Unary, kAuth<rpc::AuthUserAddRequest>},
    Method{"/etcdserverpb.Auth/UserGet", Shape::Unary, kAuth<rpc::AuthUserGetRequest>},
    Method{"/etcdserverpb.Auth/UserList", Shape::Unary, kAuth<rpc::AuthUserListRequest>},
    Method{"/etcdserverpb.Auth/UserDelete", Shape::Unary, kAuth<rpc::AuthUserDeleteRequest>},
    Method{"/etcdserverpb.Auth/UserChangePassword", Shape::Unary,
           kAuth<rpc::AuthUserChangePasswordRequest>},
    Method{"/etcdserverpb.Auth/UserGrantRole", Shape::Unary, kAuth<rpc::AuthUserGrantRoleRequest>},
    Method{"/etcdserverpb.Auth/UserRevokeRole", Shape::Unary,
           kAuth<rpc::AuthUserRevokeRoleRequest>},
    Method{"/etcdserverpb.Auth/RoleAdd", Shape::Unary, kAuth<rpc::AuthRoleAddRequest>},
    Method{"/etcdserverpb.Auth/RoleGet", Shape::Unary, kAuth<rpc::AuthRoleGetRequest>},
    Method{"/etcdserverpb.Auth/RoleList", Shape::Unary, kAuth<rpc::AuthRoleListRequest>},
    Method{"/etcdserverpb.Auth/RoleDelete", Shape::Unary, kAuth<rpc::AuthRoleDeleteRequest>},
    Method{"/etcdserverpb.Auth/RoleGrantPermission", Shape::Unary,
           kAuth<rpc::AuthRoleGrantPermissionRequest>},
    Method{"/etcdserverpb.Auth/RoleRevokePermission", Shape::Unary,
           kAuth<rpc::AuthRoleRevokePermissionRequest>},
};

struct Encoder {
  Bytes operator()(const rpc::RangeResponse& r) const { return rpc::encode(r); }
  Bytes operator()(const rpc::PutResponse& r) const { return rpc::encode(r); }
  Bytes operator()(const rpc::DeleteRangeResponse& r) const { return rpc::encode(r); }
  Bytes operator()(const rpc::TxnResponse& r) const { return rpc::encode(r); }
  Bytes operator()(const rpc::CompactionResponse& r) const { return rpc::encode(r); }

  template <class... Messages>
  Bytes operator()(const std::variant<Messages...>& group) const {
    return std::visit([](const auto& message) { return rpc::encode_message(message); }, group);
  }
};

}  // namespace

std::span<const Method> methods() {
  return kMethods;
}

const Method* find_method(std::string_view path) {
  const auto* found = std::ranges::find(kMethods, path, &Method::path);
  return found == kMethods.end() ? nullptr : found;
}

Bytes encode_response(const rpc::Response& response) {
  return std::visit(Encoder{}, response);
}

}  // namespace orrery::door
