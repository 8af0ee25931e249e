#include "proto/methods.h"

#include <algorithm>
#include <array>
#include <utility>

#include "proto/rpc_codec.h"
#include "proto/services_codec.h"

namespace orrery::rpc {
namespace {

template <class M, Result<M> (*Decode)(BytesView)>
constexpr Method kv(std::string_view path) {
  return {.path = path,
          .shape = Shape::Unary,
          .decode = [](BytesView bytes) -> Result<Request> {
            auto message = Decode(bytes);
            if (!message) return fail(std::move(message).error());
            return Request(std::move(*message));
          },
          .matches = [](const Request& request) { return std::holds_alternative<M>(request); },
          .encode = [](const Request& request) { return rpc::encode(std::get<M>(request)); }};
}

template <class Group, class M>
constexpr Method of(std::string_view path, Shape shape = Shape::Unary) {
  return {.path = path,
          .shape = shape,
          .decode = [](BytesView bytes) -> Result<Request> {
            auto message = decode_message<M>(bytes);
            if (!message) return fail(std::move(message).error());
            return Request(Group(std::move(*message)));
          },
          .matches =
              [](const Request& request) {
                const auto* group = std::get_if<Group>(&request);
                return group != nullptr && std::holds_alternative<M>(*group);
              },
          .encode =
              [](const Request& request) {
                return encode_message(std::get<M>(std::get<Group>(request)));
              }};
}

constexpr std::array kMethods{
    kv<RangeRequest, decode_range_request>("/etcdserverpb.KV/Range"),
    kv<PutRequest, decode_put_request>("/etcdserverpb.KV/Put"),
    kv<DeleteRangeRequest, decode_delete_range_request>("/etcdserverpb.KV/DeleteRange"),
    kv<TxnRequest, decode_txn_request>("/etcdserverpb.KV/Txn"),
    kv<CompactionRequest, decode_compaction_request>("/etcdserverpb.KV/Compact"),
    Method{.path = "/etcdserverpb.Watch/Watch", .shape = Shape::Watch},
    of<LeaseRequest, LeaseGrantRequest>("/etcdserverpb.Lease/LeaseGrant"),
    of<LeaseRequest, LeaseRevokeRequest>("/etcdserverpb.Lease/LeaseRevoke"),
    of<LeaseRequest, LeaseKeepAliveRequest>("/etcdserverpb.Lease/LeaseKeepAlive", Shape::KeepAlive),
    of<LeaseRequest, LeaseTimeToLiveRequest>("/etcdserverpb.Lease/LeaseTimeToLive"),
    of<LeaseRequest, LeaseLeasesRequest>("/etcdserverpb.Lease/LeaseLeases"),
    of<ClusterRequest, MemberAddRequest>("/etcdserverpb.Cluster/MemberAdd"),
    of<ClusterRequest, MemberRemoveRequest>("/etcdserverpb.Cluster/MemberRemove"),
    of<ClusterRequest, MemberUpdateRequest>("/etcdserverpb.Cluster/MemberUpdate"),
    of<ClusterRequest, MemberPromoteRequest>("/etcdserverpb.Cluster/MemberPromote"),
    of<ClusterRequest, MemberListRequest>("/etcdserverpb.Cluster/MemberList"),
    of<MaintenanceRequest, AlarmRequest>("/etcdserverpb.Maintenance/Alarm"),
    of<MaintenanceRequest, StatusRequest>("/etcdserverpb.Maintenance/Status"),
    of<MaintenanceRequest, DefragmentRequest>("/etcdserverpb.Maintenance/Defragment"),
    of<MaintenanceRequest, HashRequest>("/etcdserverpb.Maintenance/Hash"),
    of<MaintenanceRequest, HashKVRequest>("/etcdserverpb.Maintenance/HashKV"),
    of<MaintenanceRequest, SnapshotRequest>("/etcdserverpb.Maintenance/Snapshot", Shape::Snapshot),
    of<MaintenanceRequest, MoveLeaderRequest>("/etcdserverpb.Maintenance/MoveLeader"),
    of<MaintenanceRequest, DowngradeRequest>("/etcdserverpb.Maintenance/Downgrade"),
    of<AuthRequest, AuthEnableRequest>("/etcdserverpb.Auth/AuthEnable"),
    of<AuthRequest, AuthDisableRequest>("/etcdserverpb.Auth/AuthDisable"),
    of<AuthRequest, AuthStatusRequest>("/etcdserverpb.Auth/AuthStatus"),
    of<AuthRequest, AuthenticateRequest>("/etcdserverpb.Auth/Authenticate"),
    of<AuthRequest, AuthUserAddRequest>("/etcdserverpb.Auth/UserAdd"),
    of<AuthRequest, AuthUserGetRequest>("/etcdserverpb.Auth/UserGet"),
    of<AuthRequest, AuthUserListRequest>("/etcdserverpb.Auth/UserList"),
    of<AuthRequest, AuthUserDeleteRequest>("/etcdserverpb.Auth/UserDelete"),
    of<AuthRequest, AuthUserChangePasswordRequest>("/etcdserverpb.Auth/UserChangePassword"),
    of<AuthRequest, AuthUserGrantRoleRequest>("/etcdserverpb.Auth/UserGrantRole"),
    of<AuthRequest, AuthUserRevokeRoleRequest>("/etcdserverpb.Auth/UserRevokeRole"),
    of<AuthRequest, AuthRoleAddRequest>("/etcdserverpb.Auth/RoleAdd"),
    of<AuthRequest, AuthRoleGetRequest>("/etcdserverpb.Auth/RoleGet"),
    of<AuthRequest, AuthRoleListRequest>("/etcdserverpb.Auth/RoleList"),
    of<AuthRequest, AuthRoleDeleteRequest>("/etcdserverpb.Auth/RoleDelete"),
    of<AuthRequest, AuthRoleGrantPermissionRequest>("/etcdserverpb.Auth/RoleGrantPermission"),
    of<AuthRequest, AuthRoleRevokePermissionRequest>("/etcdserverpb.Auth/RoleRevokePermission"),
};

struct Encoder {
  Bytes operator()(const RangeResponse& r) const { return encode(r); }
  Bytes operator()(const PutResponse& r) const { return encode(r); }
  Bytes operator()(const DeleteRangeResponse& r) const { return encode(r); }
  Bytes operator()(const TxnResponse& r) const { return encode(r); }
  Bytes operator()(const CompactionResponse& r) const { return encode(r); }

  template <class... Messages>
  Bytes operator()(const std::variant<Messages...>& group) const {
    return std::visit([](const auto& message) { return encode_message(message); }, group);
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

const Method* method_of(const Request& request) {
  const auto* found = std::ranges::find_if(kMethods, [&](const Method& method) {
    return method.matches != nullptr && method.matches(request);
  });
  return found == kMethods.end() ? nullptr : found;
}

Bytes encode_response(const Response& response) {
  return std::visit(Encoder{}, response);
}

}  // namespace orrery::rpc
