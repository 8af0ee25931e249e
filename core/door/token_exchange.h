// TokenExchange: at the door's outer edge, JWTs of an operator's key for the world's own, and back.
//   used by: desk.h    uses: token_key.h, auth/tokens.h
//   ideas:   the world signs with a key that follows from its cluster's id, which is deterministic and no secret. What
//            leaves is signed anew with the operator's key; what comes is verified with it, and only then does the
//            world hear a token of its own that says the same. So neither key nor signature is ever in a world or in a
//            saved run, a replay needs no key, and the world's tokens are good for nobody outside.
//   invariant: a token that the key has not signed, or that is too old, is a word that no world knows.
//   units:   a JWT's times are the host's, seconds of Unix time; the world's token ends when that ends, by its clock.
#pragma once

#include <chrono>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "client/guests.h"
#include "door/token_key.h"
#include "sim/world.h"

namespace orrery::door {

class TokenExchange {
 public:
  // Null = callers show the world's own tokens.
  explicit TokenExchange(std::shared_ptr<const TokenKey> key = nullptr) : key_(std::move(key)) {}

  // In the place of what a caller has shown; names of certificates and nothing at all stay what they are.
  void inward(std::string& token, const sim::World& world);
  // What a caller is to be told instead: an answer to Authenticate has another token, or is an error. None: the same.
  std::optional<client::Told> outward(const client::Told& told) const;

 private:
  std::optional<auth::Claims> claims_of(const std::string& token);

  std::shared_ptr<const TokenKey> key_;
  std::map<std::string, auth::Claims> verified_;  // signatures need not be looked at twice; bounded
};

}  // namespace orrery::door
