#include "cli/auth_token.h"

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <map>
#include <string_view>
#include <utility>
#include <vector>

#include "base/text.h"
#include "cli/grpc_flags.h"
#include "cli/print.h"
#include "host/files.h"

namespace orrery::cli {

namespace {

constexpr std::string_view kInvalid = "auth: invalid auth options";

using Pairs = std::map<std::string, std::string>;

std::vector<std::string> split(const std::string& words, char by) {
  std::vector<std::string> out(1);
  for (const char one : words) {
    if (one == by) {
      out.emplace_back();
    } else {
      out.back() += one;
    }
  }
  return out;
}

tl::unexpected<Error> wrong(const std::string& flag, std::string_view why) {
  return fail(Errc::WrongUse, text("--auth-token {}: {}", flag, why));
}

Result<Pairs> pairs_of(const std::string& flag) {
  Pairs out;
  const std::vector<std::string> parts = split(flag, ',');
  for (std::size_t i = 1; i < parts.size(); ++i) {
    const std::vector<std::string> pair = split(parts[i], '=');
    if (pair.size() != 2) {
      return wrong(flag, text("invalid token specific option {} ({})", quoted(parts[i]), kInvalid));
    }
    if (!out.emplace(pair[0], pair[1]).second) {
      return wrong(flag, text("invalid token specific option, duplicated parameters ({}) ({})",
                              pair[0], kInvalid));
    }
  }
  return out;
}

// A file that is not named holds nothing.
Result<std::string> bytes_of(const std::string& flag, const Pairs& pairs, const std::string& name) {
  const auto found = pairs.find(name);
  if (found == pairs.end() || found->second.empty()) return std::string();
  auto bytes = host::read_file(found->second);
  if (!bytes) return wrong(flag, text("{}: {} ({})", name, bytes.error().detail, kInvalid));
  return bytes;
}

Result<door::TokenKeyOptions> key_options(const std::string& flag, const Pairs& pairs) {
  door::TokenKeyOptions out;
  if (const auto ttl = pairs.find("ttl"); ttl != pairs.end() && !ttl->second.empty()) {
    const auto time = parse_go_duration(ttl->second);
    if (!time) {
      return wrong(flag,
                   text("ttl: time: invalid duration {} ({})", quoted(ttl->second), kInvalid));
    }
    out.ttl = *time;
  }
  auto shown = bytes_of(flag, pairs, "pub-key");
  if (!shown) return fail(shown.error());
  auto secret = bytes_of(flag, pairs, "priv-key");
  if (!secret) return fail(secret.error());
  out.public_key = std::move(*shown);
  out.private_key = std::move(*secret);
  const auto method = pairs.find("sign-method");
  if (method == pairs.end() || !door::is_signing_method(method->second)) {
    return wrong(flag,
                 text("sign-method: auth: invalid auth signature method; there are HS256, RS256, "
                      "PS256, ES256 and the same with 384 and 512 ({})",
                      kInvalid));
  }
  out.method = method->second;
  return out;
}

// As etcd has it, such options are only spoken of.
void warn_of_unknown(const Pairs& pairs) {
  std::string unknown;
  for (const auto& [name, value] : pairs) {
    const bool known =
        name == "ttl" || name == "pub-key" || name == "priv-key" || name == "sign-method";
    if (!known) unknown += (unknown.empty() ? "" : " ") + name;
  }
  if (!unknown.empty()) err(text("orrery: --auth-token: unknown JWT options: [{}]\n", unknown));
}

// Which file is meant: "priv-key" becomes "priv-key=rsa.pem".
std::string with_file(std::string words, const Pairs& pairs) {
  for (const auto& [name, file] : pairs) {
    if (words.starts_with(name + ":")) words.insert(name.size(), "=" + file);
  }
  return words;
}

}  // namespace

Result<std::shared_ptr<const door::TokenKey>> parse_auth_token(const std::string& flag) {
  const std::string kind = flag.substr(0, flag.find(','));
  const auto pairs = pairs_of(flag);
  if (!pairs) return fail(pairs.error());
  if (kind == "simple") return std::shared_ptr<const door::TokenKey>();
  if (kind != "jwt") {
    return wrong(flag,
                 text("unknown token type: {}; there are simple and jwt ({})", kind, kInvalid));
  }
  const auto options = key_options(flag, *pairs);
  if (!options) return fail(options.error());
  warn_of_unknown(*pairs);
  auto key = door::TokenKey::make(*options);
  if (!key) return wrong(flag, with_file(key.error().detail, *pairs));
  return key;
}

Result<void> set_auth_token(const std::string& flag, door::DoorOptions& options) {
  auto key = parse_auth_token(flag);
  if (!key) return fail(key.error());
  options.token_key = std::move(*key);
  if (options.token_key == nullptr) return {};
  options.config.timing.jwt_tokens = true;
  return {};
}

}  // namespace orrery::cli
