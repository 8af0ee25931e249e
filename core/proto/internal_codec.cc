// InternalRaftRequest: the payload of a Raft entry.
#include <array>
#include <raft_internal.pb.h>

#include "base/check.h"
#include "base/overloaded.h"
#include "proto/rpc_codec.h"
#include "proto/rpc_wire.h"
#include "proto/services_codec.h"
#include "proto/wire.h"

namespace orrery::rpc {
namespace {

using Wire = etcdserverpb::InternalRaftRequest;

// One of the services' requests among the payload's fields.
struct Row {
  bool (*has)(const Wire& in);
  Result<Request> (*read)(const Wire& in);
};

template <class Group, class M>
Result<Request> read_as(const std::string& bytes) {
  auto message = decode_message<M>(bytes);
  if (!message) return fail(message.error());
  return Request(Group(std::move(*message)));
}

constexpr std::array kRows{
    Row{[](const Wire& in) { return in.has_lease_grant(); },
        [](const Wire& in) { return read_as<LeaseRequest, LeaseGrantRequest>(in.lease_grant()); }},
    Row{[](const Wire& in) { return in.has_lease_revoke(); },
        [](const Wire& in) {
          return read_as<LeaseRequest, LeaseRevokeRequest>(in.lease_revoke());
        }},
    Row{[](const Wire& in) { return in.has_lease_checkpoint(); },
        [](const Wire& in) {
          return read_as<LeaseRequest, LeaseCheckpointRequest>(in.lease_checkpoint());
        }},
    Row{[](const Wire& in) { return in.has_alarm(); },
        [](const Wire& in) { return read_as<MaintenanceRequest, AlarmRequest>(in.alarm()); }},
    Row{[](const Wire& in) { return in.has_auth_enable(); },
        [](const Wire& in) { return read_as<AuthRequest, AuthEnableRequest>(in.auth_enable()); }},
    Row{[](const Wire& in) { return in.has_auth_disable(); },
        [](const Wire& in) { return read_as<AuthRequest, AuthDisableRequest>(in.auth_disable()); }},
    Row{[](const Wire& in) { return in.has_authenticate(); },
        [](const Wire& in) {
          return read_as<AuthRequest, InternalAuthenticateRequest>(in.authenticate());
        }},
    Row{[](const Wire& in) { return in.has_auth_status(); },
        [](const Wire& in) { return read_as<AuthRequest, AuthStatusRequest>(in.auth_status()); }},
    Row{[](const Wire& in) { return in.has_auth_user_add(); },
        [](const Wire& in) {
          return read_as<AuthRequest, AuthUserAddRequest>(in.auth_user_add());
        }},
    Row{[](const Wire& in) { return in.has_auth_user_delete(); },
        [](const Wire& in) {
          return read_as<AuthRequest, AuthUserDeleteRequest>(in.auth_user_delete());
        }},
    Row{[](const Wire& in) { return in.has_auth_user_get(); },
        [](const Wire& in) {
          return read_as<AuthRequest, AuthUserGetRequest>(in.auth_user_get());
        }},
    Row{[](const Wire& in) { return in.has_auth_user_change_password(); },
        [](const Wire& in) {
          return read_as<AuthRequest, AuthUserChangePasswordRequest>(
              in.auth_user_change_password());
        }},
    Row{[](const Wire& in) { return in.has_auth_user_grant_role(); },
        [](const Wire& in) {
          return read_as<AuthRequest, AuthUserGrantRoleRequest>(in.auth_user_grant_role());
        }},
    Row{[](const Wire& in) { return in.has_auth_user_revoke_role(); },
        [](const Wire& in) {
          return read_as<AuthRequest, AuthUserRevokeRoleRequest>(in.auth_user_revoke_role());
        }},
    Row{[](const Wire& in) { return in.has_auth_user_list(); },
        [](const Wire& in) {
          return read_as<AuthRequest, AuthUserListRequest>(in.auth_user_list());
        }},
    Row{[](const Wire& in) { return in.has_auth_role_list(); },
        [](const Wire& in) {
          return read_as<AuthRequest, AuthRoleListRequest>(in.auth_role_list());
        }},
    Row{[](const Wire& in) { return in.has_auth_role_add(); },
        [](const Wire& in) {
          return read_as<AuthRequest, AuthRoleAddRequest>(in.auth_role_add());
        }},
    Row{[](const Wire& in) { return in.has_auth_role_delete(); },
        [](const Wire& in) {
          return read_as<AuthRequest, AuthRoleDeleteRequest>(in.auth_role_delete());
        }},
    Row{[](const Wire& in) { return in.has_auth_role_get(); },
        [](const Wire& in) {
          return read_as<AuthRequest, AuthRoleGetRequest>(in.auth_role_get());
        }},
    Row{[](const Wire& in) { return in.has_auth_role_grant_permission(); },
        [](const Wire& in) {
          return read_as<AuthRequest, AuthRoleGrantPermissionRequest>(
              in.auth_role_grant_permission());
        }},
    Row{[](const Wire& in) { return in.has_auth_role_revoke_permission(); },
        [](const Wire& in) {
          return read_as<AuthRequest, AuthRoleRevokePermissionRequest>(
              in.auth_role_revoke_permission());
        }},
    Row{[](const Wire& in) { return in.has_cluster_version_set(); },
        [](const Wire& in) {
          return read_as<ClusterRequest, ClusterVersionSetRequest>(in.cluster_version_set());
        }},
    Row{[](const Wire& in) { return in.has_cluster_member_attr_set(); },
        [](const Wire& in) {
          return read_as<ClusterRequest, ClusterMemberAttrSetRequest>(in.cluster_member_attr_set());
        }},
    Row{[](const Wire& in) { return in.has_downgrade_info_set(); },
        [](const Wire& in) {
          return read_as<ClusterRequest, DowngradeInfoSetRequest>(in.downgrade_info_set());
        }},
};

Request request_from_wire(const etcdserverpb::InternalRaftRequest& in, wire::Faults& faults) {
  if (in.has_range()) return from_wire(in.range(), faults);
  if (in.has_put()) return from_wire(in.put(), faults);
  if (in.has_delete_range()) return from_wire(in.delete_range(), faults);
  if (in.has_txn()) return from_wire(in.txn(), faults);
  if (in.has_compaction()) return from_wire(in.compaction(), faults);
  for (const Row& row : kRows) {
    if (!row.has(in)) continue;
    auto request = row.read(in);
    if (request) return std::move(*request);
    faults.add(request.error().code, request.error().detail);
    return RangeRequest{};
  }
  const bool other = in.has_v2() || in.has_downgrade_version_test();
  if (other) {
    faults.add(Errc::WrongUse, text("the request {} cannot be carried out",
                                    in.has_v2() ? "v2" : "downgrade_version_test"));
  } else {
    faults.add(Errc::Corrupt, "it holds no request");
  }
  return RangeRequest{};
}

// What a member answers from its own state is never in the log.
struct ToWire {
  Wire& out;

  template <class M>
  void operator()(const M& /*message*/) const {
    check(false, "only what changes the state of all members is proposed");
  }

  void operator()(const LeaseGrantRequest& m) const { out.set_lease_grant(encode_message(m)); }
  void operator()(const LeaseRevokeRequest& m) const { out.set_lease_revoke(encode_message(m)); }
  void operator()(const LeaseCheckpointRequest& m) const {
    out.set_lease_checkpoint(encode_message(m));
  }
  void operator()(const AlarmRequest& m) const { out.set_alarm(encode_message(m)); }
  void operator()(const AuthEnableRequest& m) const { out.set_auth_enable(encode_message(m)); }
  void operator()(const AuthDisableRequest& m) const { out.set_auth_disable(encode_message(m)); }
  void operator()(const InternalAuthenticateRequest& m) const {
    out.set_authenticate(encode_message(m));
  }
  void operator()(const AuthStatusRequest& m) const { out.set_auth_status(encode_message(m)); }
  void operator()(const AuthUserAddRequest& m) const { out.set_auth_user_add(encode_message(m)); }
  void operator()(const AuthUserDeleteRequest& m) const {
    out.set_auth_user_delete(encode_message(m));
  }
  void operator()(const AuthUserGetRequest& m) const { out.set_auth_user_get(encode_message(m)); }
  void operator()(const AuthUserChangePasswordRequest& m) const {
    out.set_auth_user_change_password(encode_message(m));
  }
  void operator()(const AuthUserGrantRoleRequest& m) const {
    out.set_auth_user_grant_role(encode_message(m));
  }
  void operator()(const AuthUserRevokeRoleRequest& m) const {
    out.set_auth_user_revoke_role(encode_message(m));
  }
  void operator()(const AuthUserListRequest& m) const { out.set_auth_user_list(encode_message(m)); }
  void operator()(const AuthRoleListRequest& m) const { out.set_auth_role_list(encode_message(m)); }
  void operator()(const AuthRoleAddRequest& m) const { out.set_auth_role_add(encode_message(m)); }
  void operator()(const AuthRoleDeleteRequest& m) const {
    out.set_auth_role_delete(encode_message(m));
  }
  void operator()(const AuthRoleGetRequest& m) const { out.set_auth_role_get(encode_message(m)); }
  void operator()(const AuthRoleGrantPermissionRequest& m) const {
    out.set_auth_role_grant_permission(encode_message(m));
  }
  void operator()(const AuthRoleRevokePermissionRequest& m) const {
    out.set_auth_role_revoke_permission(encode_message(m));
  }
  void operator()(const ClusterVersionSetRequest& m) const {
    out.set_cluster_version_set(encode_message(m));
  }
  void operator()(const ClusterMemberAttrSetRequest& m) const {
    out.set_cluster_member_attr_set(encode_message(m));
  }
  void operator()(const DowngradeInfoSetRequest& m) const {
    out.set_downgrade_info_set(encode_message(m));
  }
};

}  // namespace

Bytes encode(const InternalRequest& request) {
  etcdserverpb::InternalRaftRequest out;
  etcdserverpb::RequestHeader* header = out.mutable_header();
  header->set_id(request.id);
  header->set_username(request.username);
  header->set_auth_revision(request.auth_revision);
  std::visit(Overloaded{
                 [&](const RangeRequest& r) { to_wire(r, out.mutable_range()); },
                 [&](const PutRequest& r) { to_wire(r, out.mutable_put()); },
                 [&](const DeleteRangeRequest& r) { to_wire(r, out.mutable_delete_range()); },
                 [&](const TxnRequest& r) { to_wire(r, out.mutable_txn()); },
                 [&](const CompactionRequest& r) { to_wire(r, out.mutable_compaction()); },
                 [&](const auto& group) { std::visit(ToWire{out}, group); },
             },
             request.request);
  return wire::serialized(out);
}

Result<InternalRequest> decode_internal_request(BytesView bytes) {
  return wire::parsed<etcdserverpb::InternalRaftRequest>(
      bytes, "InternalRaftRequest",
      [](const etcdserverpb::InternalRaftRequest& in, wire::Faults& faults) {
        return InternalRequest{.id = in.header().id(),
                               .username = in.header().username(),
                               .auth_revision = in.header().auth_revision(),
                               .request = request_from_wire(in, faults)};
      });
}

}  // namespace orrery::rpc
