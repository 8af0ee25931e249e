// InternalRaftRequest: the payload of a Raft entry.
#include <raft_internal.pb.h>

#include "base/overloaded.h"
#include "proto/rpc_codec.h"
#include "proto/rpc_wire.h"
#include "proto/wire.h"

namespace orrery::rpc {
namespace {

// The name of the request that Orrery cannot hold; empty = there is none at all.
std::string_view other_request(const etcdserverpb::InternalRaftRequest& in) {
  if (in.has_v2()) return "v2";
  if (in.has_lease_grant()) return "lease_grant";
  if (in.has_lease_revoke()) return "lease_revoke";
  if (in.has_alarm()) return "alarm";
  if (in.has_lease_checkpoint()) return "lease_checkpoint";
  if (in.has_auth_enable()) return "auth_enable";
  if (in.has_auth_disable()) return "auth_disable";
  if (in.has_authenticate()) return "authenticate";
  if (in.has_auth_status()) return "auth_status";
  if (in.has_auth_user_add()) return "auth_user_add";
  if (in.has_auth_user_delete()) return "auth_user_delete";
  if (in.has_auth_user_get()) return "auth_user_get";
  if (in.has_auth_user_change_password()) return "auth_user_change_password";
  if (in.has_auth_user_grant_role()) return "auth_user_grant_role";
  if (in.has_auth_user_revoke_role()) return "auth_user_revoke_role";
  if (in.has_auth_user_list()) return "auth_user_list";
  if (in.has_auth_role_list()) return "auth_role_list";
  if (in.has_auth_role_add()) return "auth_role_add";
  if (in.has_auth_role_delete()) return "auth_role_delete";
  if (in.has_auth_role_get()) return "auth_role_get";
  if (in.has_auth_role_grant_permission()) return "auth_role_grant_permission";
  if (in.has_auth_role_revoke_permission()) return "auth_role_revoke_permission";
  if (in.has_cluster_version_set()) return "cluster_version_set";
  if (in.has_cluster_member_attr_set()) return "cluster_member_attr_set";
  if (in.has_downgrade_info_set()) return "downgrade_info_set";
  if (in.has_downgrade_version_test()) return "downgrade_version_test";
  return "";
}

Request request_from_wire(const etcdserverpb::InternalRaftRequest& in, wire::Faults& faults) {
  if (in.has_range()) return from_wire(in.range(), faults);
  if (in.has_put()) return from_wire(in.put(), faults);
  if (in.has_delete_range()) return from_wire(in.delete_range(), faults);
  if (in.has_txn()) return from_wire(in.txn(), faults);
  if (in.has_compaction()) return from_wire(in.compaction(), faults);
  const std::string_view other = other_request(in);
  if (other.empty()) {
    faults.add(Errc::Corrupt, "it holds no request");
  } else {
    faults.add(Errc::WrongUse, text("the request {} cannot be carried out", other));
  }
  return RangeRequest{};
}

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
