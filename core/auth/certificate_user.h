// A user named by a client's certificate (its common name): what stands in the place of a token.
//   used by: auth_store.cc, door (grpc_server.cc)    uses: base
//   ideas:   only the door makes such words; a client that sends one has sent a token that nobody knows.
//   from: etcd server/auth/store.go (AuthInfoFromTLS): the name is the user, at the revision of now; facts C.9
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/text.h"

namespace orrery::auth {

inline constexpr std::string_view kCertificateWord = "cn:";

inline std::string certificate_word(std::string_view name) {
  return std::string(kCertificateWord) + base64(name);
}

// None = some other token.
inline std::optional<std::string> name_in_certificate_word(std::string_view token) {
  if (!token.starts_with(kCertificateWord)) return std::nullopt;
  return from_base64(token.substr(kCertificateWord.size()));
}

}  // namespace orrery::auth
