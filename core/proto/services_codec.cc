#include "proto/services_codec.h"

#include "proto/field_codec.h"

namespace orrery::wire {

bool take_field(BytesView& rest, RawField& out) {
  const auto varint = [&](std::uint64_t& value) {
    value = 0;
    for (unsigned shift = 0; shift < 64 && !rest.empty(); shift += 7) {
      const auto byte = static_cast<std::uint8_t>(rest.front());
      rest.remove_prefix(1);
      value |= static_cast<std::uint64_t>(byte & 0x7fU) << shift;
      if (byte < 0x80) return true;
    }
    return false;
  };
  std::uint64_t tag = 0;
  if (!varint(tag) || tag >> 3U == 0) return false;
  out.field = tag >> 3U;
  const std::uint64_t type = tag & 7U;
  if (type == 0) return varint(out.number);
  std::uint64_t size = type == 1 ? 8 : 4;
  if (type == 2) {
    if (!varint(size)) return false;
  } else if (type != 1 && type != 5) {
    return false;
  }
  if (size > rest.size()) return false;
  out.is_bytes = true;
  out.bytes = rest.substr(0, size);
  rest.remove_prefix(size);
  return true;
}

}  // namespace orrery::wire

namespace orrery::rpc {

template <class M>
Bytes encode_message(const M& message) {
  return wire::encode_fields(message);
}

template <class M>
Result<M> decode_message(BytesView bytes) {
  M message;
  wire::Faults faults;
  if (!wire::decode_fields(bytes, message, faults)) {
    return fail(Errc::Corrupt, text("{} bytes are no message", bytes.size()));
  }
  if (faults.any()) return fail(faults.error());
  return message;
}

// -- lease
template Bytes encode_message(const LeaseGrantRequest&);
template Result<LeaseGrantRequest> decode_message(BytesView);
template Bytes encode_message(const LeaseGrantResponse&);
template Result<LeaseGrantResponse> decode_message(BytesView);
template Bytes encode_message(const LeaseRevokeRequest&);
template Result<LeaseRevokeRequest> decode_message(BytesView);
template Bytes encode_message(const LeaseRevokeResponse&);
template Result<LeaseRevokeResponse> decode_message(BytesView);
template Bytes encode_message(const LeaseKeepAliveRequest&);
template Result<LeaseKeepAliveRequest> decode_message(BytesView);
template Bytes encode_message(const LeaseKeepAliveResponse&);
template Result<LeaseKeepAliveResponse> decode_message(BytesView);
template Bytes encode_message(const LeaseTimeToLiveRequest&);
template Result<LeaseTimeToLiveRequest> decode_message(BytesView);
template Bytes encode_message(const LeaseTimeToLiveResponse&);
template Result<LeaseTimeToLiveResponse> decode_message(BytesView);
template Bytes encode_message(const LeaseLeasesRequest&);
template Result<LeaseLeasesRequest> decode_message(BytesView);
template Bytes encode_message(const LeaseLeasesResponse&);
template Result<LeaseLeasesResponse> decode_message(BytesView);
template Bytes encode_message(const LeaseCheckpointRequest&);
template Result<LeaseCheckpointRequest> decode_message(BytesView);
template Bytes encode_message(const LeaseCheckpointResponse&);
template Result<LeaseCheckpointResponse> decode_message(BytesView);
template Bytes encode_message(const LeaseRow&);
template Result<LeaseRow> decode_message(BytesView);
// -- auth
template Bytes encode_message(const AuthEnableRequest&);
template Result<AuthEnableRequest> decode_message(BytesView);
template Bytes encode_message(const AuthDisableRequest&);
template Result<AuthDisableRequest> decode_message(BytesView);
template Bytes encode_message(const AuthStatusRequest&);
template Result<AuthStatusRequest> decode_message(BytesView);
template Bytes encode_message(const AuthenticateRequest&);
template Result<AuthenticateRequest> decode_message(BytesView);
template Bytes encode_message(const AuthUserAddRequest&);
template Result<AuthUserAddRequest> decode_message(BytesView);
template Bytes encode_message(const AuthUserGetRequest&);
template Result<AuthUserGetRequest> decode_message(BytesView);
template Bytes encode_message(const AuthUserListRequest&);
template Result<AuthUserListRequest> decode_message(BytesView);
template Bytes encode_message(const AuthUserDeleteRequest&);
template Result<AuthUserDeleteRequest> decode_message(BytesView);
template Bytes encode_message(const AuthUserChangePasswordRequest&);
template Result<AuthUserChangePasswordRequest> decode_message(BytesView);
template Bytes encode_message(const AuthUserGrantRoleRequest&);
template Result<AuthUserGrantRoleRequest> decode_message(BytesView);
template Bytes encode_message(const AuthUserRevokeRoleRequest&);
template Result<AuthUserRevokeRoleRequest> decode_message(BytesView);
template Bytes encode_message(const AuthRoleAddRequest&);
template Result<AuthRoleAddRequest> decode_message(BytesView);
template Bytes encode_message(const AuthRoleGetRequest&);
template Result<AuthRoleGetRequest> decode_message(BytesView);
template Bytes encode_message(const AuthRoleListRequest&);
template Result<AuthRoleListRequest> decode_message(BytesView);
template Bytes encode_message(const AuthRoleDeleteRequest&);
template Result<AuthRoleDeleteRequest> decode_message(BytesView);
template Bytes encode_message(const AuthRoleGrantPermissionRequest&);
template Result<AuthRoleGrantPermissionRequest> decode_message(BytesView);
template Bytes encode_message(const AuthRoleRevokePermissionRequest&);
template Result<AuthRoleRevokePermissionRequest> decode_message(BytesView);
template Bytes encode_message(const AuthEnableResponse&);
template Result<AuthEnableResponse> decode_message(BytesView);
template Bytes encode_message(const AuthDisableResponse&);
template Result<AuthDisableResponse> decode_message(BytesView);
template Bytes encode_message(const AuthStatusResponse&);
template Result<AuthStatusResponse> decode_message(BytesView);
template Bytes encode_message(const AuthenticateResponse&);
template Result<AuthenticateResponse> decode_message(BytesView);
template Bytes encode_message(const AuthUserAddResponse&);
template Result<AuthUserAddResponse> decode_message(BytesView);
template Bytes encode_message(const AuthUserGetResponse&);
template Result<AuthUserGetResponse> decode_message(BytesView);
template Bytes encode_message(const AuthUserListResponse&);
template Result<AuthUserListResponse> decode_message(BytesView);
template Bytes encode_message(const AuthUserDeleteResponse&);
template Result<AuthUserDeleteResponse> decode_message(BytesView);
template Bytes encode_message(const AuthUserChangePasswordResponse&);
template Result<AuthUserChangePasswordResponse> decode_message(BytesView);
template Bytes encode_message(const AuthUserGrantRoleResponse&);
template Result<AuthUserGrantRoleResponse> decode_message(BytesView);
template Bytes encode_message(const AuthUserRevokeRoleResponse&);
template Result<AuthUserRevokeRoleResponse> decode_message(BytesView);
template Bytes encode_message(const AuthRoleAddResponse&);
template Result<AuthRoleAddResponse> decode_message(BytesView);
template Bytes encode_message(const AuthRoleGetResponse&);
template Result<AuthRoleGetResponse> decode_message(BytesView);
template Bytes encode_message(const AuthRoleListResponse&);
template Result<AuthRoleListResponse> decode_message(BytesView);
template Bytes encode_message(const AuthRoleDeleteResponse&);
template Result<AuthRoleDeleteResponse> decode_message(BytesView);
template Bytes encode_message(const AuthRoleGrantPermissionResponse&);
template Result<AuthRoleGrantPermissionResponse> decode_message(BytesView);
template Bytes encode_message(const AuthRoleRevokePermissionResponse&);
template Result<AuthRoleRevokePermissionResponse> decode_message(BytesView);
template Bytes encode_message(const InternalAuthenticateRequest&);
template Result<InternalAuthenticateRequest> decode_message(BytesView);
template Bytes encode_message(const Permission&);
template Result<Permission> decode_message(BytesView);
template Bytes encode_message(const UserRow&);
template Result<UserRow> decode_message(BytesView);
template Bytes encode_message(const RoleRow&);
template Result<RoleRow> decode_message(BytesView);
// -- cluster
template Bytes encode_message(const MemberAddRequest&);
template Result<MemberAddRequest> decode_message(BytesView);
template Bytes encode_message(const MemberAddResponse&);
template Result<MemberAddResponse> decode_message(BytesView);
template Bytes encode_message(const MemberRemoveRequest&);
template Result<MemberRemoveRequest> decode_message(BytesView);
template Bytes encode_message(const MemberRemoveResponse&);
template Result<MemberRemoveResponse> decode_message(BytesView);
template Bytes encode_message(const MemberUpdateRequest&);
template Result<MemberUpdateRequest> decode_message(BytesView);
template Bytes encode_message(const MemberUpdateResponse&);
template Result<MemberUpdateResponse> decode_message(BytesView);
template Bytes encode_message(const MemberPromoteRequest&);
template Result<MemberPromoteRequest> decode_message(BytesView);
template Bytes encode_message(const MemberPromoteResponse&);
template Result<MemberPromoteResponse> decode_message(BytesView);
template Bytes encode_message(const MemberListRequest&);
template Result<MemberListRequest> decode_message(BytesView);
template Bytes encode_message(const MemberListResponse&);
template Result<MemberListResponse> decode_message(BytesView);
template Bytes encode_message(const ClusterVersionSetRequest&);
template Result<ClusterVersionSetRequest> decode_message(BytesView);
template Bytes encode_message(const ClusterMemberAttrSetRequest&);
template Result<ClusterMemberAttrSetRequest> decode_message(BytesView);
template Bytes encode_message(const DowngradeInfoSetRequest&);
template Result<DowngradeInfoSetRequest> decode_message(BytesView);
template Bytes encode_message(const ClusterChangeResponse&);
template Result<ClusterChangeResponse> decode_message(BytesView);
// -- maintenance
template Bytes encode_message(const AlarmRequest&);
template Result<AlarmRequest> decode_message(BytesView);
template Bytes encode_message(const StatusRequest&);
template Result<StatusRequest> decode_message(BytesView);
template Bytes encode_message(const DefragmentRequest&);
template Result<DefragmentRequest> decode_message(BytesView);
template Bytes encode_message(const HashRequest&);
template Result<HashRequest> decode_message(BytesView);
template Bytes encode_message(const HashKVRequest&);
template Result<HashKVRequest> decode_message(BytesView);
template Bytes encode_message(const SnapshotRequest&);
template Result<SnapshotRequest> decode_message(BytesView);
template Bytes encode_message(const MoveLeaderRequest&);
template Result<MoveLeaderRequest> decode_message(BytesView);
template Bytes encode_message(const DowngradeRequest&);
template Result<DowngradeRequest> decode_message(BytesView);
template Bytes encode_message(const AlarmResponse&);
template Result<AlarmResponse> decode_message(BytesView);
template Bytes encode_message(const StatusResponse&);
template Result<StatusResponse> decode_message(BytesView);
template Bytes encode_message(const DefragmentResponse&);
template Result<DefragmentResponse> decode_message(BytesView);
template Bytes encode_message(const HashResponse&);
template Result<HashResponse> decode_message(BytesView);
template Bytes encode_message(const HashKVResponse&);
template Result<HashKVResponse> decode_message(BytesView);
template Bytes encode_message(const SnapshotResponse&);
template Result<SnapshotResponse> decode_message(BytesView);
template Bytes encode_message(const MoveLeaderResponse&);
template Result<MoveLeaderResponse> decode_message(BytesView);
template Bytes encode_message(const DowngradeResponse&);
template Result<DowngradeResponse> decode_message(BytesView);
template Bytes encode_message(const AlarmMember&);
template Result<AlarmMember> decode_message(BytesView);

}  // namespace orrery::rpc
