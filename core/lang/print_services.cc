// etcdctl -w simple for the services beside KV, and its exit status.
// from: etcd etcdctl/ctlv3/command/printer_simple.go (3.4)
#include <algorithm>
#include <array>

#include "base/overloaded.h"
#include "base/text.h"
#include "lang/etcdctl.h"
#include "lang/requests.h"
#include "lang/service_json.h"
#include "lang/source.h"
#include "lang/text_table.h"
#include "server/alarms.h"
#include "server/membership.h"

namespace orrery::lang {

namespace {

constexpr int kError = 1;
constexpr int kBadConnection = 2;

constexpr BytesView kOpenEnd("\0", 1);

std::string range_text(const Blob& key, const Blob& range_end) {
  if (range_end == kOpenEnd) return text("[{}, <open ended>", key.view());
  return text("[{}, {})", key.view(), range_end.view());
}

std::string permission_text(const rpc::Permission& permission) {
  if (permission.range_end.empty()) return text("\t{}\n", permission.key.view());
  std::string out = "\t" + range_text(permission.key, permission.range_end);
  const bool is_prefix =
      !permission.key.empty() && prefix_end(permission.key.view()) == permission.range_end.view();
  if (is_prefix) out += text(" (prefix {})", permission.key.view());
  return out + "\n";
}

std::string role_text(const std::string& role, const rpc::AuthRoleGetResponse& response) {
  std::string out = text("Role {}\nKV Read:\n", role);
  for (const rpc::Permission& one : response.permissions) {
    if (one.type != rpc::PermissionType::Write) out += permission_text(one);
  }
  out += "KV Write:\n";
  for (const rpc::Permission& one : response.permissions) {
    if (one.type != rpc::PermissionType::Read) out += permission_text(one);
  }
  return out;
}

std::string lines_text(const std::vector<std::string>& lines) {
  std::string out;
  for (const std::string& line : lines) out += line + "\n";
  return out;
}

std::string joined(const std::vector<std::string>& words, std::string_view between) {
  std::string out;
  for (const std::string& word : words) out += (out.empty() ? "" : std::string(between)) + word;
  return out;
}

std::string time_to_live_text(const rpc::LeaseTimeToLiveRequest& request,
                              const rpc::LeaseTimeToLiveResponse& response) {
  if (response.granted_ttl == 0 && response.ttl == -1) {
    return text("lease {:016x} already expired\n", response.id.value());
  }
  std::string out = text("lease {:016x} granted with TTL({}s), remaining({}s)", response.id.value(),
                         response.granted_ttl, response.ttl);
  if (request.keys) {
    std::vector<std::string> keys;
    for (const Blob& key : response.keys) keys.emplace_back(key.view());
    out += text(", attached keys([{}])", joined(keys, " "));
  }
  return out + "\n";
}

std::string leases_text(const rpc::LeaseLeasesResponse& response) {
  std::string out = text("found {} leases\n", response.leases.size());
  for (const rpc::LeaseStatus& lease : response.leases) {
    out += text("{:016x}\n", lease.id.value());
  }
  return out;
}

std::string status_text(std::uint32_t via, const rpc::StatusResponse& status) {
  const bool leads = status.leader == NodeId(status.header.member_id);
  return text("{}, {:x}, {}, {}, {}, {}, {}, {}, {}, {}\n", endpoint_text(via),
              status.header.member_id, status.version, size_text(status.db_size), leads,
              status.is_learner, status.raft_term, status.raft_index, status.raft_applied_index,
              joined(status.errors, ", "));
}

std::string members_text(const std::vector<rpc::Member>& members) {
  std::string out;
  for (const rpc::Member& member : members) {
    out += text("{:x}, {}, {}, {}, {}, {}\n", member.id.value(),
                member.name.empty() ? "unstarted" : "started", member.name,
                joined(member.peer_urls, ","), joined(member.client_urls, ","), member.is_learner);
  }
  return out;
}

std::string added_text(const client::Call& call, const rpc::MemberAddResponse& response) {
  // "member add NAME --peer-urls=..."
  const std::size_t begin = std::string_view("member add ").size();
  const std::string name = call.line.substr(begin, call.line.find(' ', begin) - begin);
  std::vector<std::string> cluster;
  for (const rpc::Member& member : response.members) {
    const std::string& shown = member.id == response.member.id ? name : member.name;
    for (const std::string& url : member.peer_urls) cluster.push_back(shown + "=" + url);
  }
  const std::string peer_urls = joined(response.member.peer_urls, ",");
  return text("Member {:16x} added{}to cluster {:16x}\n\n", response.member.id.value(),
              response.member.is_learner ? " as learner " : " ", response.header.cluster_id) +
         text("ETCD_NAME={}\nETCD_INITIAL_CLUSTER={}\n", quoted(name),
              quoted(joined(cluster, ","))) +
         text("ETCD_INITIAL_ADVERTISE_PEER_URLS={}\nETCD_INITIAL_CLUSTER_STATE=\"existing\"\n",
              quoted(peer_urls));
}

// What a request whose answer is but a header prints.
struct DoneText {
  std::string operator()(const rpc::AuthEnableRequest&) const { return "Authentication Enabled\n"; }

  std::string operator()(const rpc::AuthDisableRequest&) const {
    return "Authentication Disabled\n";
  }

  std::string operator()(const rpc::AuthUserAddRequest& r) const {
    return text("User {} created\n", r.name);
  }

  std::string operator()(const rpc::AuthUserDeleteRequest& r) const {
    return text("User {} deleted\n", r.name);
  }

  std::string operator()(const rpc::AuthUserChangePasswordRequest&) const {
    return "Password updated\n";
  }

  std::string operator()(const rpc::AuthUserGrantRoleRequest& r) const {
    return text("Role {} is granted to user {}\n", r.role, r.user);
  }

  std::string operator()(const rpc::AuthUserRevokeRoleRequest& r) const {
    return text("Role {} is revoked from user {}\n", r.role, r.name);
  }

  std::string operator()(const rpc::AuthRoleAddRequest& r) const {
    return text("Role {} created\n", r.name);
  }

  std::string operator()(const rpc::AuthRoleDeleteRequest& r) const {
    return text("Role {} deleted\n", r.role);
  }

  std::string operator()(const rpc::AuthRoleGrantPermissionRequest& r) const {
    return text("Role {} updated\n", r.name);
  }

  std::string operator()(const rpc::AuthRoleRevokePermissionRequest& r) const {
    if (r.range_end.empty()) {
      return text("Permission of key {} is revoked from role {}\n", r.key.view(), r.role);
    }
    return text("Permission of range {} is revoked from role {}\n", range_text(r.key, r.range_end),
                r.role);
  }

  template <class Other>
  std::string operator()(const Other& /*request*/) const {
    return {};
  }
};

std::string simple(const client::Call& call, const rpc::AuthResponse& response) {
  const auto& request = std::get<rpc::AuthRequest>(call.request);
  return std::visit(Overloaded{
                        [&](const rpc::AuthStatusResponse& r) {
                          return text("Authentication Status: {}\nAuthRevision: {}\n", r.enabled,
                                      r.auth_revision);
                        },
                        [&](const rpc::AuthUserGetResponse& r) {
                          const std::string roles =
                              r.roles.empty() ? "" : " " + joined(r.roles, " ");
                          return text("User: {}\nRoles:{}\n",
                                      std::get<rpc::AuthUserGetRequest>(request).name, roles);
                        },
                        [&](const rpc::AuthUserListResponse& r) { return lines_text(r.users); },
                        [&](const rpc::AuthRoleListResponse& r) { return lines_text(r.roles); },
                        [&](const rpc::AuthRoleGetResponse& r) {
                          return role_text(std::get<rpc::AuthRoleGetRequest>(request).role, r);
                        },
                        [&](const auto&) { return std::visit(DoneText{}, request); },
                    },
                    response);
}

std::string simple(const client::Call& call, const rpc::LeaseResponse& response) {
  const auto& request = std::get<rpc::LeaseRequest>(call.request);
  return std::visit(
      Overloaded{
          [](const rpc::LeaseGrantResponse& r) {
            return text("lease {:016x} granted with TTL({}s)\n", r.id.value(), r.ttl);
          },
          [&](const rpc::LeaseRevokeResponse&) {
            return text("lease {:016x} revoked\n",
                        std::get<rpc::LeaseRevokeRequest>(request).id.value());
          },
          [](const rpc::LeaseKeepAliveResponse& r) {
            if (r.ttl <= 0) return text("lease {:016x} expired or revoked.\n", r.id.value());
            return text("lease {:016x} keepalived with TTL({})\n", r.id.value(), r.ttl);
          },
          [&](const rpc::LeaseTimeToLiveResponse& r) {
            return time_to_live_text(std::get<rpc::LeaseTimeToLiveRequest>(request), r);
          },
          [](const rpc::LeaseLeasesResponse& r) { return leases_text(r); },
          [](const auto&) { return std::string(); },
      },
      response);
}

std::string simple(const client::Call& call, const rpc::ClusterResponse& response) {
  const auto& request = std::get<rpc::ClusterRequest>(call.request);
  const auto changed = [](NodeId id, std::string_view how, std::uint64_t cluster) {
    return text("Member {:16x} {} cluster {:16x}\n", id.value(), how, cluster);
  };
  return std::visit(Overloaded{
                        [&](const rpc::MemberAddResponse& r) { return added_text(call, r); },
                        [&](const rpc::MemberRemoveResponse& r) {
                          return changed(std::get<rpc::MemberRemoveRequest>(request).id,
                                         "removed from", r.header.cluster_id);
                        },
                        [&](const rpc::MemberUpdateResponse& r) {
                          return changed(std::get<rpc::MemberUpdateRequest>(request).id,
                                         "updated in", r.header.cluster_id);
                        },
                        [&](const rpc::MemberPromoteResponse& r) {
                          return changed(std::get<rpc::MemberPromoteRequest>(request).id,
                                         "promoted in", r.header.cluster_id);
                        },
                        [](const rpc::MemberListResponse& r) { return members_text(r.members); },
                        [](const auto&) { return std::string(); },
                    },
                    response);
}

std::string simple(const client::Call& call, const rpc::MaintenanceResponse& response) {
  const auto& request = std::get<rpc::MaintenanceRequest>(call.request);
  return std::visit(Overloaded{
                        [](const rpc::AlarmResponse& r) {
                          std::string out;
                          for (const rpc::AlarmMember& alarm : r.alarms)
                            out += server::to_text(alarm) + "\n";
                          return out;
                        },
                        [&](const rpc::StatusResponse& r) { return status_text(call.via, r); },
                        [&](const rpc::HashKVResponse& r) {
                          return text("{}, {}\n", endpoint_text(call.via), r.hash);
                        },
                        [&](const rpc::DefragmentResponse&) {
                          return text("Finished defragmenting etcd member[{}]\n",
                                      endpoint_text(call.via));
                        },
                        [&](const rpc::MoveLeaderResponse&) {
                          const NodeId from = server::member_id({server::peer_url_of(call.via)}, 0);
                          return text("Leadership transferred from {:x} to {:x}\n", from.value(),
                                      std::get<rpc::MoveLeaderRequest>(request).target_id.value());
                        },
                        [](const auto&) { return std::string(); },
                    },
                    response);
}

template <class Response>
std::string simple(const client::Call& /*call*/, const Response& /*of KV*/) {
  return {};
}

bool is_once(const client::Call& call) {
  return call.line.find(" --once") != std::string::npos;
}

bool has_expired(const rpc::Response& response) {
  const auto* lease = std::get_if<rpc::LeaseResponse>(&response);
  const auto* renewed =
      lease == nullptr ? nullptr : std::get_if<rpc::LeaseKeepAliveResponse>(lease);
  return renewed != nullptr && renewed->ttl <= 0;
}

}  // namespace

std::string endpoint_text(std::uint32_t member) {
  return server::client_url_of(member).substr(std::string_view("http://").size());
}

std::string simple_lines(const client::Call& call, const rpc::Response& response) {
  return std::visit([&](const auto& held) { return simple(call, held); }, response);
}

Printed print_login_failed(const Error& error) {
  return {.out = {}, .err = text("Error: {}\n", error.detail), .exit_status = kBadConnection};
}

namespace {

// What etcdctl's lease commands put around a refusal.
std::string refusal(const client::Call& call, const Error& error) {
  const auto* lease = std::get_if<rpc::LeaseRequest>(&call.request);
  if (lease == nullptr) return error.detail;
  if (std::holds_alternative<rpc::LeaseGrantRequest>(*lease)) {
    return text("failed to grant lease ({})", error.detail);
  }
  if (std::holds_alternative<rpc::LeaseRevokeRequest>(*lease)) {
    return text("failed to revoke lease ({})", error.detail);
  }
  return error.detail;
}

}  // namespace

Printed print_service(const client::Call& call, const CallOptions& options,
                      const Result<rpc::Response>& answer) {
  if (call.each) return print_parts(call, options);
  if (!answer) {
    return {.out = {},
            .err = text("Error: {}\n", refusal(call, answer.error())),
            .exit_status = kError};
  }
  if (has_expired(*answer) && is_once(call)) {
    return {.out = {},
            .err = text("Error: {}\n", wire_text(Errc::LeaseNotFound)),
            .exit_status = kBadConnection};
  }
  switch (options.write_out) {
    case WriteOut::Json: return {.out = service_json(call, *answer), .err = {}, .exit_status = 0};
    case WriteOut::Fields: return {.out = service_fields(*answer), .err = {}, .exit_status = 0};
    case WriteOut::Simple:
    case WriteOut::Table: break;
  }
  const bool is_list = call.line.starts_with("member list");
  std::string out =
      std::visit([&](const auto& response) { return simple(call, response); }, *answer);
  if (options.write_out == WriteOut::Table && !is_list) {
    return {.out = {}, .err = "Error: table is not supported as output format\n", .exit_status = 4};
  }
  if (options.write_out == WriteOut::Table) {
    std::vector<std::vector<std::string>> rows;
    for (const SourceLine& line : lines_of("", out)) rows.push_back(cells_of(line.text));
    out = table_text(headings_of(call.line), rows);
  }
  return {.out = std::move(out), .err = {}, .exit_status = 0};
}

}  // namespace orrery::lang
