// Entries of the Lease, Auth, Cluster and Maintenance services: one change each, made under the batch tx lock.
// from: etcd server/etcdserver/apply/apply.go (applierV3backend), server/auth/store.go; facts D.10, D.13
#include "auth/bcrypt.h"
#include "base/overloaded.h"
#include "base/text.h"
#include "server/context.h"

namespace orrery::server {
namespace {

using Outcome = Result<rpc::Response>;

template <class Response, class Done>
Outcome done(const Done& result) {
  if (!result) return fail(result.error());
  return rpc::Response(rpc::AuthResponse(Response{}));
}

Outcome apply(Context& context, const rpc::LeaseGrantRequest& request) {
  Running& run = context.run;
  const auto allowed = run.lessor.may_grant(request.id, request.ttl, context.step.guards());
  if (!allowed) return fail(allowed.error());
  rpc::LeaseGrantResponse out;
  out.id = request.id;
  out.ttl = run.lessor.grant(run.backend, request.id, request.ttl, context.step.now());
  return rpc::LeaseResponse(out);
}

Outcome apply(Context& context, const rpc::LeaseCheckpointRequest& request) {
  Running& run = context.run;
  for (const rpc::LeaseCheckpoint& one : request.checkpoints) {
    if (run.lessor.set_checkpoint(run.backend, one.id, one.remaining_ttl, context.step.now())) {
      continue;
    }
    return fail(Errc::LeaseNotFound);
  }
  return rpc::Response(rpc::LeaseResponse(rpc::LeaseCheckpointResponse{}));
}

// What the lease's keys needed is done by now; see the apply lane's revocation.
template <class Other>
Outcome apply(Context& /*context*/, const Other& /*request*/) {
  return fail(Errc::WrongUse, "nothing to apply");
}

// 3.4 hashes here, on each member with a salt of its own; later versions find the hash in the entry.
Result<std::string> hash_of(Context& context, const std::string& hashed,
                            const std::string& password) {
  if (!hashed.empty()) return from_base64(hashed).value_or("");
  const std::uint64_t salt = context.step.draw(Purpose::PasswordSalt, context.member.no(),
                                               context.run.applying.value() << 1U);
  return auth::hash_password(password, context.step.timing().bcrypt_cost, salt);
}

Outcome apply_auth(Context& context, const rpc::AuthUserAddRequest& request) {
  Running& run = context.run;
  const bool bare = request.options && request.options->no_password;
  const auto hash =
      bare ? Result<std::string>("") : hash_of(context, request.hashed_password, request.password);
  if (!hash) return fail(hash.error());
  return done<rpc::AuthUserAddResponse>(run.auth.add_user(run.backend, request, *hash));
}

Outcome apply_auth(Context& context, const rpc::AuthUserChangePasswordRequest& request) {
  Running& run = context.run;
  const auto hash = hash_of(context, request.hashed_password, request.password);
  if (!hash) return fail(hash.error());
  return done<rpc::AuthUserChangePasswordResponse>(
      run.auth.change_password(run.backend, request.name, *hash));
}

Outcome apply_auth(Context& context, const rpc::InternalAuthenticateRequest& request) {
  Running& run = context.run;
  auto token = run.auth.assign_token(request.name, request.simple_token, run.applying.value(),
                                     context.step.now());
  if (!token) return fail(token.error());
  return rpc::Response(rpc::AuthResponse(rpc::AuthenticateResponse{{}, std::move(*token)}));
}

template <class Read>
Outcome read_auth(const Read& read) {
  if (!read) return fail(read.error());
  return rpc::Response(rpc::AuthResponse(*read));
}

Outcome apply(Context& context, const rpc::AuthRequest& request) {
  auth::AuthStore& store = context.run.auth;
  backend::Backend& rows = context.run.backend;
  return std::visit(
      Overloaded{
          [&](const rpc::AuthEnableRequest&) {
            context.run.apply.force_commit = true;
            return done<rpc::AuthEnableResponse>(store.enable(rows, context.step.guards()));
          },
          [&](const rpc::AuthDisableRequest&) {
            context.run.apply.force_commit = true;
            store.disable(rows);
            return Outcome(rpc::AuthResponse(rpc::AuthDisableResponse{}));
          },
          [&](const rpc::AuthStatusRequest&) {
            return Outcome(
                rpc::AuthResponse(rpc::AuthStatusResponse{{}, store.enabled(), store.revision()}));
          },
          [&](const rpc::AuthUserGetRequest& r) { return read_auth(store.get_user(r.name)); },
          [&](const rpc::AuthUserListRequest&) {
            return Outcome(rpc::AuthResponse(store.list_users()));
          },
          [&](const rpc::AuthUserDeleteRequest& r) {
            return done<rpc::AuthUserDeleteResponse>(store.delete_user(rows, r.name));
          },
          [&](const rpc::AuthUserGrantRoleRequest& r) {
            return done<rpc::AuthUserGrantRoleResponse>(store.grant_role(rows, r.user, r.role));
          },
          [&](const rpc::AuthUserRevokeRoleRequest& r) {
            return done<rpc::AuthUserRevokeRoleResponse>(store.revoke_role(rows, r.name, r.role));
          },
          [&](const rpc::AuthRoleAddRequest& r) {
            return done<rpc::AuthRoleAddResponse>(store.add_role(rows, r.name));
          },
          [&](const rpc::AuthRoleGetRequest& r) { return read_auth(store.get_role(r.role)); },
          [&](const rpc::AuthRoleListRequest&) {
            return Outcome(rpc::AuthResponse(store.list_roles()));
          },
          [&](const rpc::AuthRoleDeleteRequest& r) {
            return done<rpc::AuthRoleDeleteResponse>(store.delete_role(rows, r.role));
          },
          [&](const rpc::AuthRoleGrantPermissionRequest& r) {
            return done<rpc::AuthRoleGrantPermissionResponse>(store.grant_permission(rows, r));
          },
          [&](const rpc::AuthRoleRevokePermissionRequest& r) {
            return done<rpc::AuthRoleRevokePermissionResponse>(store.revoke_permission(rows, r));
          },
          [&](const rpc::AuthenticateRequest&) {
            return Outcome(fail(Errc::WrongUse, "the log carries no passwords to be checked"));
          },
          [&](const auto& other) { return apply_auth(context, other); },
      },
      request);
}

Outcome apply(Context& context, const rpc::AlarmRequest& request) {
  Running& run = context.run;
  rpc::AlarmResponse out;
  if (context.member.plan().version != Version::V3_4) out.header = rpc::ResponseHeader{};
  switch (request.action) {
    case rpc::AlarmAction::Get: out.alarms = run.alarms.list(request.alarm); break;
    case rpc::AlarmAction::Activate:
      if (request.alarm == rpc::AlarmType::None) break;
      run.alarms.raise(run.backend, request.member_id, request.alarm);
      out.alarms = {{request.member_id, request.alarm}};
      break;
    case rpc::AlarmAction::Deactivate:
      if (!run.alarms.lower(run.backend, request.member_id, request.alarm)) break;
      out.alarms = {{request.member_id, request.alarm}};
      break;
  }
  return rpc::Response(rpc::MaintenanceResponse(out));
}

Outcome apply(Context& context, const rpc::ClusterMemberAttrSetRequest& request) {
  context.run.membership.set_attributes(request.member_id, request.attributes);
  write_member_row(context, request.member_id);
  return rpc::Response(rpc::ClusterResponse(rpc::ClusterChangeResponse{}));
}

Outcome apply(Context& context, const rpc::ClusterVersionSetRequest& request) {
  Running& run = context.run;
  run.membership.set_version(request.version);
  run.backend.put(backend::Bucket::Cluster, kClusterVersionKey, Blob(request.version));
  return rpc::Response(rpc::ClusterResponse(rpc::ClusterChangeResponse{}));
}

Outcome apply(Context& context, const rpc::DowngradeInfoSetRequest& request) {
  Running& run = context.run;
  run.membership.set_downgrade({.enabled = request.enabled, .target_version = request.version});
  run.backend.put(backend::Bucket::Cluster, kDowngradeKey,
                  Blob(to_json(run.membership.downgrade())));
  return rpc::Response(rpc::ClusterResponse(rpc::ClusterChangeResponse{}));
}

}  // namespace

void apply_service(Context& context, const rpc::InternalRequest& request) {
  const Outcome outcome = std::visit(
      Overloaded{
          [&](const rpc::AuthRequest& group) { return apply(context, group); },
          [&](const rpc::LeaseRequest& group) {
            return std::visit([&](const auto& held) { return apply(context, held); }, group);
          },
          [&](const rpc::ClusterRequest& group) {
            return std::visit([&](const auto& held) { return apply(context, held); }, group);
          },
          [&](const rpc::MaintenanceRequest& group) {
            return std::visit([&](const auto& held) { return apply(context, held); }, group);
          },
          [](const auto&) { return Outcome(fail(Errc::WrongUse, "a request of the KV service")); },
      },
      request.request);
  ApplyLane& lane = context.run.apply;
  if (!outcome) {
    lane.error = outcome.error();
    return;
  }
  lane.response = *outcome;
  rpc::ResponseHeader* top = rpc::edit_header(lane.response);
  const bool is_cluster = std::holds_alternative<rpc::ClusterResponse>(lane.response);
  if (top != nullptr && !is_cluster) top->revision = context.run.store.current_revision();
}

}  // namespace orrery::server
