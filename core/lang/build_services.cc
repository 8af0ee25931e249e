// Builders of the commands that call the services beside KV.
// from: etcd etcdctl/ctlv3/command (lease_command.go, user_command.go, role_command.go, member_command.go, ...)
#include <array>
#include <charconv>
#include <utility>

#include "auth/bcrypt.h"
#include "base/text.h"
#include "lang/builders.h"
#include "lang/requests.h"

namespace orrery::lang {

namespace {

using rpc::AuthRequest;
using rpc::ClusterRequest;
using rpc::LeaseRequest;
using rpc::MaintenanceRequest;

template <class Call>
Call service(const Arguments& arguments, std::string words, rpc::Request request) {
  return {
      .call = call_options(arguments), .words = std::move(words), .request = std::move(request)};
}

LeaseId lease_of(const Arguments& arguments) {
  return LeaseId(arguments.hexadecimal("LEASE", 0));
}

NodeId member_of(const Arguments& arguments) {
  const std::string word = arguments.text("ID");
  std::uint64_t id = 0;
  std::from_chars(word.data(), word.data() + word.size(), id, 16);
  return NodeId(id);
}

std::vector<std::string> urls_of(const Arguments& arguments) {
  std::vector<std::string> out;
  std::string rest = arguments.text("--peer-urls");
  while (!rest.empty()) {
    const std::size_t comma = rest.find(',');
    out.push_back(rest.substr(0, comma));
    rest = comma == std::string::npos ? "" : rest.substr(comma + 1);
  }
  return out;
}

std::string flag(const Arguments& arguments, std::string_view name) {
  return arguments.is_on(name) ? text(" {}", name) : "";
}

// A hash in a password's place (lang/secrets.h) is what the request carries.
UserCall with_password(const Arguments& arguments, std::string words,
                       rpc::AuthUserAddRequest request) {
  if (auth::is_hash(request.password)) {
    request.hashed_password = base64(request.password);
    request.password.clear();
  }
  return service<UserCall>(arguments, std::move(words), AuthRequest(request));
}

Result<CommandBody> add_user(const Arguments& arguments) {
  rpc::AuthUserAddRequest request;
  const std::string word = arguments.text("USER");
  const std::size_t colon = word.find(':');
  request.name = word.substr(0, colon);
  request.options = rpc::UserAddOptions{.no_password = arguments.is_on("--no-password")};
  if (request.options->no_password) {
    request.name = word;
    return service<UserCall>(arguments, "add " + word_text(word) + " --no-password",
                             AuthRequest(request));
  }
  if (arguments.has("--new-user-password")) {
    request.name = word;
    request.password = arguments.text("--new-user-password");
    return with_password(
        arguments,
        text("add {} --new-user-password={}", word_text(word), word_text(request.password)),
        request);
  }
  if (colon == std::string::npos) {
    return fail_at(arguments.place(),
                   "expected NAME:PASSWORD, --new-user-password or --no-password");
  }
  request.password = word.substr(colon + 1);
  return service<UserCall>(arguments, "add " + word_text(word), AuthRequest(request));
}

struct Range {
  Blob key;
  Blob range_end;
  std::string words;
};

Range range_of(const Arguments& arguments) {
  const std::string key = arguments.text("KEY");
  Range out{
      .key = Blob(key), .range_end = Blob(arguments.text("RANGE_END")), .words = word_text(key)};
  if (arguments.has("RANGE_END")) out.words += " " + word_text(arguments.text("RANGE_END"));
  out.words += flag(arguments, "--prefix") + flag(arguments, "--from-key");
  const std::string zero(1, '\0');
  if (arguments.is_on("--prefix")) out.range_end = Blob(key.empty() ? zero : prefix_end(key));
  if (arguments.is_on("--from-key")) out.range_end = Blob(zero);
  if (key.empty() && !out.range_end.empty()) out.key = Blob(zero);
  return out;
}

}  // namespace

Result<CommandBody> build_lease(const Arguments& arguments) {
  if (arguments.has("grant")) {
    const std::int64_t ttl = arguments.integer("TTL", 0);
    return service<LeaseCall>(arguments, "grant " + word_text(std::to_string(ttl)),
                              LeaseRequest(rpc::LeaseGrantRequest{.ttl = ttl, .id = {}}));
  }
  if (arguments.has("list")) {
    return service<LeaseCall>(arguments, "list", LeaseRequest(rpc::LeaseLeasesRequest{}));
  }
  const LeaseId id = lease_of(arguments);
  const std::string hex = text("{:x}", id.value());
  if (arguments.has("revoke")) {
    return service<LeaseCall>(arguments, "revoke " + hex,
                              LeaseRequest(rpc::LeaseRevokeRequest{.id = id}));
  }
  if (arguments.has("keep-alive") && !arguments.is_on("--once")) {
    return RunProgram{.call = call_options(arguments),
                      .words = "lease keep-alive " + hex,
                      .tail = {},
                      .name = arguments.text("--name"),
                      .work = client::KeepAlive{.lease = id}};
  }
  if (arguments.has("keep-alive")) {
    return service<LeaseCall>(arguments, "keep-alive " + hex + flag(arguments, "--once"),
                              LeaseRequest(rpc::LeaseKeepAliveRequest{.id = id}));
  }
  const bool keys = arguments.is_on("--keys");
  return service<LeaseCall>(arguments, "timetolive " + hex + flag(arguments, "--keys"),
                            LeaseRequest(rpc::LeaseTimeToLiveRequest{.id = id, .keys = keys}));
}

Result<CommandBody> build_user(const Arguments& arguments) {
  if (arguments.has("add")) return add_user(arguments);
  if (arguments.has("list")) {
    return service<UserCall>(arguments, "list", AuthRequest(rpc::AuthUserListRequest{}));
  }
  const std::string name = arguments.text("USER");
  const std::string user = word_text(name);
  const std::string role = arguments.text("ROLE");
  if (arguments.has("delete")) {
    return service<UserCall>(arguments, "delete " + user,
                             AuthRequest(rpc::AuthUserDeleteRequest{name}));
  }
  if (arguments.has("get")) {
    return service<UserCall>(arguments, "get " + user, AuthRequest(rpc::AuthUserGetRequest{name}));
  }
  if (arguments.has("passwd")) {
    const std::string password = arguments.text("VALUE");
    return service<UserCall>(
        arguments, text("passwd {} {}", user, word_text(password)),
        AuthRequest(auth::is_hash(password)
                        ? rpc::AuthUserChangePasswordRequest{name, {}, base64(password)}
                        : rpc::AuthUserChangePasswordRequest{name, password, {}}));
  }
  if (arguments.has("grant-role")) {
    return service<UserCall>(arguments, text("grant-role {} {}", user, word_text(role)),
                             AuthRequest(rpc::AuthUserGrantRoleRequest{name, role}));
  }
  return service<UserCall>(arguments, text("revoke-role {} {}", user, word_text(role)),
                           AuthRequest(rpc::AuthUserRevokeRoleRequest{name, role}));
}

Result<CommandBody> build_role(const Arguments& arguments) {
  if (arguments.has("list")) {
    return service<RoleCall>(arguments, "list", AuthRequest(rpc::AuthRoleListRequest{}));
  }
  const std::string name = arguments.text("ROLE");
  const std::string role = word_text(name);
  if (arguments.has("add")) {
    return service<RoleCall>(arguments, "add " + role, AuthRequest(rpc::AuthRoleAddRequest{name}));
  }
  if (arguments.has("delete")) {
    return service<RoleCall>(arguments, "delete " + role,
                             AuthRequest(rpc::AuthRoleDeleteRequest{name}));
  }
  if (arguments.has("get")) {
    return service<RoleCall>(arguments, "get " + role, AuthRequest(rpc::AuthRoleGetRequest{name}));
  }
  const Range range = range_of(arguments);
  if (arguments.has("revoke-permission")) {
    return service<RoleCall>(
        arguments, text("revoke-permission {} {}", role, range.words),
        AuthRequest(rpc::AuthRoleRevokePermissionRequest{name, range.key, range.range_end}));
  }
  rpc::PermissionType type = rpc::PermissionType::Read;
  std::string_view word = "read";
  if (arguments.has("write")) type = rpc::PermissionType::Write, word = "write";
  if (arguments.has("readwrite")) type = rpc::PermissionType::ReadWrite, word = "readwrite";
  return service<RoleCall>(arguments, text("grant-permission {} {} {}", role, word, range.words),
                           AuthRequest(rpc::AuthRoleGrantPermissionRequest{
                               name, rpc::Permission{type, range.key, range.range_end}}));
}

Result<CommandBody> build_auth(const Arguments& arguments) {
  if (arguments.has("enable")) {
    return service<AuthCall>(arguments, "enable", AuthRequest(rpc::AuthEnableRequest{}));
  }
  if (arguments.has("disable")) {
    return service<AuthCall>(arguments, "disable", AuthRequest(rpc::AuthDisableRequest{}));
  }
  return service<AuthCall>(arguments, "status", AuthRequest(rpc::AuthStatusRequest{}));
}

Result<CommandBody> build_member(const Arguments& arguments) {
  if (arguments.has("list")) {
    return service<MemberCall>(arguments, "list", ClusterRequest(rpc::MemberListRequest{}));
  }
  const std::vector<std::string> urls = urls_of(arguments);
  const std::string listed = arguments.text("--peer-urls");
  if (arguments.has("add")) {
    if (urls.empty()) return fail_at(arguments.place(), "expected --peer-urls");
    const bool learner = arguments.is_on("--learner");
    return service<MemberCall>(arguments,
                               text("add {} --peer-urls={}{}", arguments.text("NAME"), listed,
                                    flag(arguments, "--learner")),
                               ClusterRequest(rpc::MemberAddRequest{urls, learner}));
  }
  const NodeId id = member_of(arguments);
  const std::string hex = text("{:x}", id.value());
  if (arguments.has("remove")) {
    return service<MemberCall>(arguments, "remove " + hex,
                               ClusterRequest(rpc::MemberRemoveRequest{id}));
  }
  if (arguments.has("promote")) {
    return service<MemberCall>(arguments, "promote " + hex,
                               ClusterRequest(rpc::MemberPromoteRequest{id}));
  }
  if (urls.empty()) return fail_at(arguments.place(), "expected --peer-urls");
  return service<MemberCall>(arguments, text("update {} --peer-urls={}", hex, listed),
                             ClusterRequest(rpc::MemberUpdateRequest{id, urls}));
}

Result<CommandBody> build_alarm(const Arguments& arguments) {
  const bool disarms = arguments.has("disarm");
  rpc::AlarmRequest request;
  if (disarms) request.action = rpc::AlarmAction::Deactivate;
  return service<AlarmCall>(arguments, disarms ? "disarm" : "list", MaintenanceRequest(request));
}

Result<CommandBody> build_endpoint(const Arguments& arguments) {
  if (arguments.has("status")) {
    return service<EndpointCall>(arguments, "status", MaintenanceRequest(rpc::StatusRequest{}));
  }
  if (arguments.has("health")) {
    rpc::RangeRequest request;
    request.key = Blob("health");
    return service<EndpointCall>(arguments, "health", request);
  }
  const std::int64_t revision = arguments.integer("--rev", 0);
  const std::string words = revision == 0 ? "hashkv" : text("hashkv --rev={}", revision);
  return service<EndpointCall>(arguments, words,
                               MaintenanceRequest(rpc::HashKVRequest{.revision = revision}));
}

Result<CommandBody> build_defrag(const Arguments& arguments) {
  return service<DefragCall>(arguments, "", MaintenanceRequest(rpc::DefragmentRequest{}));
}

Result<CommandBody> build_move_leader(const Arguments& arguments) {
  const NodeId id = member_of(arguments);
  return service<MoveLeaderCall>(arguments, text("{:x}", id.value()),
                                 MaintenanceRequest(rpc::MoveLeaderRequest{id}));
}

}  // namespace orrery::lang
