// --auth-token, for `serve` and `etcd` alike: what tokens are, and with which key's files they are signed.
//   used by: serve.h, etcd.h    uses: door (token_key.h), host (files)
//   from: etcd server/auth/store.go (NewTokenProvider, decomposeOpts), options.go
//   differs: no empty word, with which etcd knows no tokens at all.
#pragma once

#include <memory>
#include <string>

#include "base/result.h"
#include "door/front_door.h"

namespace orrery::cli {

inline constexpr const char* kAuthTokenHelp =
    "simple, or jwt,priv-key=FILE,pub-key=FILE,sign-method=METHOD[,ttl=5m]: METHOD is "
    "RS256, PS256, ES256 or HS256, or 384 or 512 of them (simple)";

// "simple": null. "jwt,...": the key. Errors: WrongUse, with the flag, the file and etcd's words.
Result<std::shared_ptr<const door::TokenKey>> parse_auth_token(const std::string& flag);
// Into the options of a door and of its world. Errors: as above.
Result<void> set_auth_token(const std::string& flag, door::DoorOptions& options);

}  // namespace orrery::cli
