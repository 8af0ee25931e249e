// Auth messages: requests and answers of etcd's Auth service, and the rows of users and roles.
//   used by: rpc.h (Request, Response), auth, server, client, lang    bytes: services_codec.h
//   ideas:   fields() names them as etcd's JSON does, in the order of their numbers on the wire, from 1.
//   from: etcd api/etcdserverpb/rpc.proto (service Auth), raft_internal.proto, api/authpb/auth.proto
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "base/blob.h"
#include "proto/response_header.h"

namespace orrery::rpc {

enum class PermissionType : std::uint8_t { Read = 0, Write = 1, ReadWrite = 2 };
constexpr PermissionType last_of(PermissionType) {
  return PermissionType::ReadWrite;
}

struct Permission {
  PermissionType type = PermissionType::Read;
  Blob key;
  Blob range_end;  // as a range request has it

  template <class F>
  void fields(F&& f) const {
    f("permType", type), f("key", key), f("range_end", range_end);
  }
  friend bool operator==(const Permission&, const Permission&) = default;
};

struct UserAddOptions {
  bool no_password = false;

  template <class F>
  void fields(F&& f) const {
    f("no_password", no_password);
  }
  friend bool operator==(const UserAddOptions&, const UserAddOptions&) = default;
};

// A row of the bucket `authUsers`.
struct UserRow {
  Blob name;
  Blob password;                   // its bcrypt hash
  std::vector<std::string> roles;  // sorted
  std::optional<UserAddOptions> options;

  template <class F>
  void fields(F&& f) const {
    f("name", name), f("password", password), f("roles", roles), f("options", options);
  }
  friend bool operator==(const UserRow&, const UserRow&) = default;
};

// A row of the bucket `authRoles`.
struct RoleRow {
  Blob name;
  std::vector<Permission> permissions;  // sorted by key

  template <class F>
  void fields(F&& f) const {
    f("name", name), f("keyPermission", permissions);
  }
  friend bool operator==(const RoleRow&, const RoleRow&) = default;
};

using AuthEnableRequest = NoFields<struct AuthEnableTag>;
using AuthDisableRequest = NoFields<struct AuthDisableTag>;
using AuthStatusRequest = NoFields<struct AuthStatusTag>;
using AuthUserListRequest = NoFields<struct AuthUserListTag>;
using AuthRoleListRequest = NoFields<struct AuthRoleListTag>;

struct AuthenticateRequest {
  std::string name;
  std::string password;

  template <class F>
  void fields(F&& f) const {
    f("name", name), f("password", password);
  }
  friend bool operator==(const AuthenticateRequest&, const AuthenticateRequest&) = default;
};

// In the log only: the member that checked the password has drawn the token's first part.
struct InternalAuthenticateRequest {
  std::string name;
  std::string password;  // empty in the log
  std::string simple_token;

  template <class F>
  void fields(F&& f) const {
    f("name", name), f("password", password), f("simple_token", simple_token);
  }
  friend bool operator==(const InternalAuthenticateRequest&,
                         const InternalAuthenticateRequest&) = default;
};

struct AuthUserAddRequest {
  std::string name;
  std::string password;
  std::optional<UserAddOptions> options;
  std::string hashed_password;  // base64 of the bcrypt hash (from 3.5)

  template <class F>
  void fields(F&& f) const {
    f("name", name), f("password", password), f("options", options),
        f("hashedPassword", hashed_password);
  }
  friend bool operator==(const AuthUserAddRequest&, const AuthUserAddRequest&) = default;
};

struct AuthUserGetRequest {
  std::string name;

  template <class F>
  void fields(F&& f) const {
    f("name", name);
  }
  friend bool operator==(const AuthUserGetRequest&, const AuthUserGetRequest&) = default;
};

struct AuthUserDeleteRequest {
  std::string name;

  template <class F>
  void fields(F&& f) const {
    f("name", name);
  }
  friend bool operator==(const AuthUserDeleteRequest&, const AuthUserDeleteRequest&) = default;
};

struct AuthUserChangePasswordRequest {
  std::string name;
  std::string password;
  std::string hashed_password;  // as above

  template <class F>
  void fields(F&& f) const {
    f("name", name), f("password", password), f("hashedPassword", hashed_password);
  }
  friend bool operator==(const AuthUserChangePasswordRequest&,
                         const AuthUserChangePasswordRequest&) = default;
};

struct AuthUserGrantRoleRequest {
  std::string user;
  std::string role;

  template <class F>
  void fields(F&& f) const {
    f("user", user), f("role", role);
  }
  friend bool operator==(const AuthUserGrantRoleRequest&,
                         const AuthUserGrantRoleRequest&) = default;
};

struct AuthUserRevokeRoleRequest {
  std::string name;
  std::string role;

  template <class F>
  void fields(F&& f) const {
    f("name", name), f("role", role);
  }
  friend bool operator==(const AuthUserRevokeRoleRequest&,
                         const AuthUserRevokeRoleRequest&) = default;
};

struct AuthRoleAddRequest {
  std::string name;

  template <class F>
  void fields(F&& f) const {
    f("name", name);
  }
  friend bool operator==(const AuthRoleAddRequest&, const AuthRoleAddRequest&) = default;
};

struct AuthRoleGetRequest {
  std::string role;

  template <class F>
  void fields(F&& f) const {
    f("role", role);
  }
  friend bool operator==(const AuthRoleGetRequest&, const AuthRoleGetRequest&) = default;
};

struct AuthRoleDeleteRequest {
  std::string role;

  template <class F>
  void fields(F&& f) const {
    f("role", role);
  }
  friend bool operator==(const AuthRoleDeleteRequest&, const AuthRoleDeleteRequest&) = default;
};

struct AuthRoleGrantPermissionRequest {
  std::string name;
  std::optional<Permission> permission;

  template <class F>
  void fields(F&& f) const {
    f("name", name), f("perm", permission);
  }
  friend bool operator==(const AuthRoleGrantPermissionRequest&,
                         const AuthRoleGrantPermissionRequest&) = default;
};

struct AuthRoleRevokePermissionRequest {
  std::string role;
  Blob key;
  Blob range_end;

  template <class F>
  void fields(F&& f) const {
    f("role", role), f("key", key), f("range_end", range_end);
  }
  friend bool operator==(const AuthRoleRevokePermissionRequest&,
                         const AuthRoleRevokePermissionRequest&) = default;
};

using AuthEnableResponse = HeaderOnly<struct AuthEnableTag>;
using AuthDisableResponse = HeaderOnly<struct AuthDisableTag>;
using AuthUserAddResponse = HeaderOnly<struct AuthUserAddTag>;
using AuthUserDeleteResponse = HeaderOnly<struct AuthUserDeleteTag>;
using AuthUserChangePasswordResponse = HeaderOnly<struct AuthUserChangePasswordTag>;
using AuthUserGrantRoleResponse = HeaderOnly<struct AuthUserGrantRoleTag>;
using AuthUserRevokeRoleResponse = HeaderOnly<struct AuthUserRevokeRoleTag>;
using AuthRoleAddResponse = HeaderOnly<struct AuthRoleAddTag>;
using AuthRoleDeleteResponse = HeaderOnly<struct AuthRoleDeleteTag>;
using AuthRoleGrantPermissionResponse = HeaderOnly<struct AuthRoleGrantPermissionTag>;
using AuthRoleRevokePermissionResponse = HeaderOnly<struct AuthRoleRevokePermissionTag>;

struct AuthStatusResponse {
  ResponseHeader header;
  bool enabled = false;
  std::uint64_t auth_revision = 0;

  template <class F>
  void fields(F&& f) const {
    f("header", header), f("enabled", enabled), f("authRevision", auth_revision);
  }
  friend bool operator==(const AuthStatusResponse&, const AuthStatusResponse&) = default;
};

struct AuthenticateResponse {
  ResponseHeader header;
  std::string token;

  template <class F>
  void fields(F&& f) const {
    f("header", header), f("token", token);
  }
  friend bool operator==(const AuthenticateResponse&, const AuthenticateResponse&) = default;
};

struct AuthUserGetResponse {
  ResponseHeader header;
  std::vector<std::string> roles;

  template <class F>
  void fields(F&& f) const {
    f("header", header), f("roles", roles);
  }
  friend bool operator==(const AuthUserGetResponse&, const AuthUserGetResponse&) = default;
};

struct AuthUserListResponse {
  ResponseHeader header;
  std::vector<std::string> users;

  template <class F>
  void fields(F&& f) const {
    f("header", header), f("users", users);
  }
  friend bool operator==(const AuthUserListResponse&, const AuthUserListResponse&) = default;
};

struct AuthRoleGetResponse {
  ResponseHeader header;
  std::vector<Permission> permissions;

  template <class F>
  void fields(F&& f) const {
    f("header", header), f("perm", permissions);
  }
  friend bool operator==(const AuthRoleGetResponse&, const AuthRoleGetResponse&) = default;
};

struct AuthRoleListResponse {
  ResponseHeader header;
  std::vector<std::string> roles;

  template <class F>
  void fields(F&& f) const {
    f("header", header), f("roles", roles);
  }
  friend bool operator==(const AuthRoleListResponse&, const AuthRoleListResponse&) = default;
};

using AuthRequest =
    std::variant<AuthEnableRequest, AuthDisableRequest, AuthStatusRequest, AuthenticateRequest,
                 InternalAuthenticateRequest, AuthUserAddRequest, AuthUserGetRequest,
                 AuthUserListRequest, AuthUserDeleteRequest, AuthUserChangePasswordRequest,
                 AuthUserGrantRoleRequest, AuthUserRevokeRoleRequest, AuthRoleAddRequest,
                 AuthRoleGetRequest, AuthRoleListRequest, AuthRoleDeleteRequest,
                 AuthRoleGrantPermissionRequest, AuthRoleRevokePermissionRequest>;
using AuthResponse =
    std::variant<AuthEnableResponse, AuthDisableResponse, AuthStatusResponse, AuthenticateResponse,
                 AuthUserAddResponse, AuthUserGetResponse, AuthUserListResponse,
                 AuthUserDeleteResponse, AuthUserChangePasswordResponse, AuthUserGrantRoleResponse,
                 AuthUserRevokeRoleResponse, AuthRoleAddResponse, AuthRoleGetResponse,
                 AuthRoleListResponse, AuthRoleDeleteResponse, AuthRoleGrantPermissionResponse,
                 AuthRoleRevokePermissionResponse>;

}  // namespace orrery::rpc
