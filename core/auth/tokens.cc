#include "auth/tokens.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <vector>

#include <openssl/evp.h>
#include <openssl/hmac.h>

#include "base/check.h"
#include "base/digest.h"
#include "base/text.h"

namespace orrery::auth {
namespace {

constexpr std::string_view kJwtHeader = R"({"alg":"HS256","typ":"JWT"})";

std::string base64_url(std::string_view bytes) {
  std::string out = base64(bytes);
  while (!out.empty() && out.back() == '=') out.pop_back();
  std::ranges::replace(out, '+', '-');
  std::ranges::replace(out, '/', '_');
  return out;
}

std::optional<std::string> from_base64_url(std::string_view encoded) {
  std::string padded(encoded);
  std::ranges::replace(padded, '-', '+');
  std::ranges::replace(padded, '_', '/');
  while (padded.size() % 4 != 0) padded += '=';
  return from_base64(padded);
}

std::string signature(std::string_view bytes, std::string_view key) {
  std::array<unsigned char, EVP_MAX_MD_SIZE> out{};
  unsigned size = 0;
  const auto* data = reinterpret_cast<const unsigned char*>(bytes.data());
  const auto* done = HMAC(EVP_sha256(), key.data(), static_cast<int>(key.size()), data,
                          bytes.size(), out.data(), &size);
  check(done != nullptr, "HMAC-SHA-256 is available");
  return {reinterpret_cast<const char*>(out.data()), size};
}

// The number behind `name` in a flat JSON object that make_jwt wrote.
std::optional<std::int64_t> number_after(std::string_view json, std::string_view name) {
  const std::size_t at = json.find(name);
  if (at == std::string_view::npos) return std::nullopt;
  std::int64_t value = 0;
  const char* begin = json.data() + at + name.size();
  const auto read = std::from_chars(begin, json.data() + json.size(), value);
  if (read.ec != std::errc()) return std::nullopt;
  return value;
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
  const std::string claims = text(R"({{"exp":{},"revision":{},"username":{}}})", expires,
                                  who.revision, quoted(who.username));
  const std::string body = base64_url(kJwtHeader) + "." + base64_url(claims);
  return body + "." + base64_url(signature(body, key));
}

std::optional<AuthInfo> read_jwt(std::string_view token, std::int64_t now, std::string_view key) {
  const std::size_t first = token.find('.');
  const std::size_t second = token.rfind('.');
  if (first == std::string_view::npos || first == second) return std::nullopt;
  const auto signed_by = from_base64_url(token.substr(second + 1));
  if (!signed_by || *signed_by != signature(token.substr(0, second), key)) return std::nullopt;
  const auto claims = from_base64_url(token.substr(first + 1, second - first - 1));
  if (!claims) return std::nullopt;
  const auto expires = number_after(*claims, R"("exp":)");
  const auto revision = number_after(*claims, R"("revision":)");
  static constexpr std::string_view kUser = R"("username":")";
  const std::size_t user = claims->find(kUser);
  if (!expires || !revision || user == std::string::npos || *expires <= now) return std::nullopt;
  const std::size_t begin = user + kUser.size();
  return AuthInfo{.username = claims->substr(begin, claims->size() - begin - 2),
                  .revision = static_cast<std::uint64_t>(*revision)};
}

}  // namespace orrery::auth
