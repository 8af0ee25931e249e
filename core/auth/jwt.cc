#include "auth/jwt.h"

#include <algorithm>
#include <utility>

#include "auth/json_object.h"
#include "base/text.h"

namespace orrery::auth {
namespace {

std::string base64_url(std::string_view bytes) {
  std::string out = base64(bytes);
  while (!out.empty() && out.back() == '=') out.pop_back();
  std::ranges::replace(out, '+', '-');
  std::ranges::replace(out, '/', '_');
  return out;
}

std::optional<std::string> from_base64_url(std::string_view encoded) {
  if (encoded.find_first_of("+/=") != std::string_view::npos) return std::nullopt;
  std::string padded(encoded);
  std::ranges::replace(padded, '-', '+');
  std::ranges::replace(padded, '_', '/');
  while (padded.size() % 4 != 0) padded += '=';
  return from_base64(padded);
}

template <class T>
std::optional<T> member_of(const JsonObject& object, const std::string& name) {
  const auto found = object.find(name);
  const T* value = found == object.end() ? nullptr : std::get_if<T>(&found->second);
  return value == nullptr ? std::nullopt : std::optional<T>(*value);
}

std::optional<JsonObject> object_in(std::string_view part) {
  const auto json = from_base64_url(part);
  return json ? parse_json_object(*json) : std::nullopt;
}

}  // namespace

std::string jwt_body(std::string_view algorithm, const Claims& claims) {
  const std::string header = text(R"({{"alg":"{}","typ":"JWT"}})", algorithm);
  const std::string said =
      text(R"({{"exp":{},"revision":{},"username":{}}})", claims.expires.value_or(0),
           claims.revision, json_word(claims.username));
  return base64_url(header) + "." + base64_url(said);
}

std::string join_jwt(std::string_view body, std::string_view signature) {
  return std::string(body) + "." + base64_url(signature);
}

std::optional<Jwt> parse_jwt(std::string_view token) {
  const std::size_t first = token.find('.');
  const std::size_t second = token.rfind('.');
  if (first == std::string_view::npos || first == second) return std::nullopt;
  const auto header = object_in(token.substr(0, first));
  const auto claims = object_in(token.substr(first + 1, second - first - 1));
  auto signature = from_base64_url(token.substr(second + 1));
  if (!header || !claims || !signature) return std::nullopt;
  const auto algorithm = member_of<std::string>(*header, "alg");
  const auto username = member_of<std::string>(*claims, "username");
  const auto revision = member_of<std::int64_t>(*claims, "revision");
  if (!algorithm || !username || !revision || *revision < 0) return std::nullopt;
  return Jwt{.algorithm = *algorithm,
             .signed_bytes = std::string(token.substr(0, second)),
             .signature = std::move(*signature),
             .claims = {.username = *username,
                        .revision = static_cast<std::uint64_t>(*revision),
                        .expires = member_of<std::int64_t>(*claims, "exp"),
                        .not_before = member_of<std::int64_t>(*claims, "nbf"),
                        .issued_at = member_of<std::int64_t>(*claims, "iat")}};
}

std::string world_jwt_key(std::uint64_t cluster_id) {
  return text("key of cluster {:x}", cluster_id);
}

}  // namespace orrery::auth
