// Tokens: what a client shows instead of its password.
//   used by: AuthStore    uses: OpenSSL (HMAC)
//   ideas:   a simple token is a word that every member remembers for a while after the log has told it; a JWT carries
//            user, auth revision and end of life itself, signed: nobody has to remember it, or can take it back.
//   from: etcd server/auth/simple_token.go, jwt.go; RFC 7519 (HS256)
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/ordered_map.h"
#include "base/strong.h"

namespace orrery::auth {

// Who asks, by its token. An empty user name: nobody said.
struct AuthInfo {
  std::string username;
  std::uint64_t revision = 0;

  template <class F>
  void fields(F&& f) const {
    f("username", username), f("revision", revision);
  }
  friend bool operator==(const AuthInfo&, const AuthInfo&) = default;
};

// Sixteen letters, from a number drawn by the proposing member.
std::string simple_token_prefix(std::uint64_t random);
// The log index in "<prefix>.<index>"; none = no such token can exist.
std::optional<std::uint64_t> token_index(std::string_view token);

class SimpleTokens {
 public:
  void assign(const std::string& token, const std::string& username, Nanos expiry);
  // Its user; using a token lets it live until `expiry`. Null = unknown.
  const std::string* use(const std::string& token, Nanos expiry);
  void forget_user(const std::string& username);
  void clear() { tokens_.clear(); }
  // The tokens whose time is over are gone.
  void expire(Nanos now);
  std::optional<Nanos> next_expiry() const;
  std::size_t size() const { return tokens_.size(); }

  struct Row {
    std::string username;
    Nanos expiry;

    template <class F>
    void fields(F&& f) const {
      f("username", username), f("expiry", expiry);
    }
    friend bool operator==(const Row&, const Row&) = default;
  };

  const OrderedMap<std::string, Row>& rows() const { return tokens_; }

  template <class F>
  void fields(F&& f) const {
    f("tokens", tokens_);
  }
  friend bool operator==(const SimpleTokens&, const SimpleTokens&) = default;

 private:
  OrderedMap<std::string, Row> tokens_;
};

// units: `expires` is seconds of virtual time
std::string make_jwt(const AuthInfo& who, std::int64_t expires, std::string_view key);
// None: no JWT, signed by somebody else, or too old.
std::optional<AuthInfo> read_jwt(std::string_view token, std::int64_t now, std::string_view key);

}  // namespace orrery::auth
