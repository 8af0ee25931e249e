#include "auth/tokens.h"

#include <array>
#include <charconv>
#include <vector>

#include <openssl/evp.h>
#include <openssl/hmac.h>

#include "auth/jwt.h"
#include "base/check.h"
#include "base/digest.h"
#include "base/text.h"

namespace orrery::auth {
namespace {

constexpr std::string_view kAlgorithm = "HS256";

std::string signature(std::string_view bytes, std::string_view key) {
  std::array<unsigned char, EVP_MAX_MD_SIZE> out{};
  unsigned size = 0;
  const auto* data = reinterpret_cast<const unsigned char*>(bytes.data());
  const auto* done = HMAC(EVP_sha256(), key.data(), static_cast<int>(key.size()), data,
                          bytes.size(), out.data(), &size);
  check(done != nullptr, "HMAC-SHA-256 is available");
  return {reinterpret_cast<const char*>(out.data()), size};
}

}  // namespace

std::string simple_token_prefix(std::uint64_t random) {
  static constexpr std::string_view kLetters =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
  std::string out;
  for (std::uint64_t i = 0; i < 16; ++i) out += kLetters[combine(random, i) % kLetters.size()];
  return out;
}

std::optional<std::uint64_t> token_index(std::string_view token) {
  const std::size_t dot = token.find('.');
  if (dot == std::string_view::npos || token.find('.', dot + 1) != std::string_view::npos) {
    return std::nullopt;
  }
  std::uint64_t index = 0;
  const char* end = token.data() + token.size();
  const auto read = std::from_chars(token.data() + dot + 1, end, index);
  if (read.ec != std::errc() || read.ptr != end) return std::nullopt;
  return index;
}

void SimpleTokens::assign(const std::string& token, const std::string& username, Nanos expiry) {
  tokens_.put(token, {.username = username, .expiry = expiry});
}

const std::string* SimpleTokens::use(const std::string& token, Nanos expiry) {
  Row* row = tokens_.edit(token);
  if (row == nullptr) return nullptr;
  row->expiry = expiry;
  return &row->username;
}

void SimpleTokens::forget_user(const std::string& username) {
  std::vector<std::string> gone;
  for (const auto& [token, row] : tokens_) {
    if (row.username == username) gone.push_back(token);
  }
  for (const std::string& token : gone) tokens_.erase(token);
}

void SimpleTokens::expire(Nanos now) {
  std::vector<std::string> gone;
  for (const auto& [token, row] : tokens_) {
    if (row.expiry <= now) gone.push_back(token);
  }
  for (const std::string& token : gone) tokens_.erase(token);
}

std::optional<Nanos> SimpleTokens::next_expiry() const {
  std::optional<Nanos> out;
  for (const auto& [token, row] : tokens_) {
    if (!out || row.expiry < *out) out = row.expiry;
  }
  return out;
}

std::string make_jwt(const AuthInfo& who, std::int64_t expires, std::string_view key) {
  const std::string body = jwt_body(
      kAlgorithm, {.username = who.username, .revision = who.revision, .expires = expires});
  return join_jwt(body, signature(body, key));
}

std::optional<AuthInfo> read_jwt(std::string_view token, std::int64_t now, std::string_view key) {
  const auto jwt = parse_jwt(token);
  if (!jwt || jwt->algorithm != kAlgorithm) return std::nullopt;
  if (jwt->signature != signature(jwt->signed_bytes, key)) return std::nullopt;
  const std::optional<std::int64_t>& expires = jwt->claims.expires;
  if (!expires || *expires <= now) return std::nullopt;
  return AuthInfo{.username = jwt->claims.username, .revision = jwt->claims.revision};
}

}  // namespace orrery::auth
