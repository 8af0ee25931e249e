// TokenKey: an operator's key for JWTs, as etcd's --auth-token names it: signs what leaves, verifies what comes.
//   used by: token_exchange.h, cli (auth_token.h reads the flag and the files)
//   uses:    OpenSSL (in the .cc), auth/jwt.h
//   ideas:   RSA and EC keys are PEM, an HMAC key is all bytes of its file. A public key alone verifies and signs
//            nothing.
//   from: etcd server/auth/jwt.go, options.go; RFC 7518 section 3
//   differs: keys that do not belong together, and a curve that is not the method's, are refused at the start; etcd
//            finds out when somebody logs in, or never.
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "auth/jwt.h"
#include "base/result.h"

namespace orrery::door {

struct TokenKeyOptions {
  std::string method;       // "RS256"
  std::string private_key;  // the file's bytes; empty = none
  std::string public_key;   // likewise
  std::chrono::nanoseconds ttl = std::chrono::minutes(5);
};

// Of sign-method: HS, RS, PS and ES, each with 256, 384 and 512.
bool is_signing_method(std::string_view name);

class TokenKey {
 public:
  // Errors: WrongUse, with what is wrong, in etcd's words where it has some.
  static Result<std::shared_ptr<const TokenKey>> make(const TokenKeyOptions& options);
  ~TokenKey();
  TokenKey(const TokenKey&) = delete;
  TokenKey& operator=(const TokenKey&) = delete;

  bool can_sign() const;
  std::chrono::nanoseconds ttl() const;
  // requires: can_sign(). Errors: Unmapped, what the library said.
  Result<std::string> sign(const auth::Claims& claims) const;
  // What the token says. None: another method, somebody else's signature, or no token. Its times are not looked at.
  std::optional<auth::Claims> verify(std::string_view token) const;

 private:
  struct Impl;
  explicit TokenKey(std::unique_ptr<Impl> impl);

  std::unique_ptr<Impl> impl_;
};

}  // namespace orrery::door
