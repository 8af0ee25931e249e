// Jwt: the three parts of a JWT, without the signing: what it says, what was signed, and the signature's bytes.
//   used by: tokens.h (a world's own), door (token_key.h: an operator's key)    uses: json_object.h
//   from: RFC 7519, RFC 7515 (three parts in base64url); etcd server/auth/jwt.go (username, revision, exp)
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace orrery::auth {

struct Claims {
  std::string username;
  std::uint64_t revision = 0;  // of the auth store, when the user logged in
  // units: seconds. None = not said, and then no limit.
  std::optional<std::int64_t> expires = {};
  std::optional<std::int64_t> not_before = {};
  std::optional<std::int64_t> issued_at = {};

  friend bool operator==(const Claims&, const Claims&) = default;
};

struct Jwt {
  std::string algorithm;     // "HS256"
  std::string signed_bytes;  // header and claims as they stand in the token
  std::string signature;     // its bytes
  Claims claims;
};

// Header and claims, as they are to be signed; byte for byte as etcd's library writes them.
std::string jwt_body(std::string_view algorithm, const Claims& claims);
// The token.
std::string join_jwt(std::string_view body, std::string_view signature);
// Whoever has signed it. None: it has not three parts, or no username, or no revision.
std::optional<Jwt> parse_jwt(std::string_view token);

// What a world's own JWTs are signed with: no secret, only another one in each cluster.
std::string world_jwt_key(std::uint64_t cluster_id);

}  // namespace orrery::auth
