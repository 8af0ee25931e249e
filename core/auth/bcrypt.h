// bcrypt: how etcd keeps passwords: a salted hash that takes time on purpose.
//   used by: AuthStore, server (from 3.5 the proposing member hashes)    uses: the system's crypt(3)
//   ideas:   the salt is a number drawn by the caller, so that the same run has the same bytes. A cost step doubles the
//            work; worlds take the lowest, 4.
//   from: golang.org/x/crypto/bcrypt, as etcd's auth store calls it
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.h"

namespace orrery::auth {

// "$2a$04$..." of 60 characters. Errors: Unmapped, bcrypt's own words: a cost outside 4..31, a password over 72 bytes.
Result<std::string> hash_password(std::string_view password, std::int64_t cost, std::uint64_t salt);
// Is this text such a hash?
bool is_hash(std::string_view text);
bool password_matches(std::string_view hash, std::string_view password);

}  // namespace orrery::auth
