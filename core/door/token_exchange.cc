#include "door/token_exchange.h"

#include <cstdint>
#include <optional>
#include <variant>

#include "auth/certificate_user.h"
#include "auth/tokens.h"

namespace orrery::door {

namespace {

using std::chrono::nanoseconds;

constexpr std::size_t kMostVerified = 256;
constexpr std::int64_t kSecond = 1'000'000'000;
constexpr std::int64_t kLongest =
    100L * 365 * 24 * 3'600;  // units: seconds. A longer life is this one
constexpr std::string_view kNobody = "nobody";

nanoseconds unix_time() {
  return std::chrono::duration_cast<nanoseconds>(
      std::chrono::system_clock::now().time_since_epoch());
}

std::string world_key(const sim::World& world) {
  return auth::world_jwt_key(world.member(1).plan().cluster_id);
}

// By the host's clock; what is not said does not limit.
bool is_of_today(const auth::Claims& claims, nanoseconds now) {
  const std::int64_t second = now.count() / kSecond;
  return claims.expires.value_or(second + 1) > second &&
         claims.not_before.value_or(second) <= second &&
         claims.issued_at.value_or(second) <= second;
}

// When the token ends, by the world's clock. units: seconds
std::int64_t world_end(const auth::Claims& claims, nanoseconds now, Nanos world_now) {
  const std::int64_t second = now.count() / kSecond;
  const std::int64_t left = std::min(claims.expires.value_or(second + kLongest) - second, kLongest);
  return (world_now.value() + left * kSecond - now.count() % kSecond) / kSecond + 1;
}

const rpc::AuthenticateResponse* authenticated(const client::Told& told) {
  const auto* response = std::get_if<rpc::Response>(&told.what);
  const auto* auth = response == nullptr ? nullptr : std::get_if<rpc::AuthResponse>(response);
  return auth == nullptr ? nullptr : std::get_if<rpc::AuthenticateResponse>(auth);
}

client::Told instead_of(const client::Told& told, const Error& error) {
  return {.ticket = told.ticket, .error = error, .is_last = told.is_last};
}

}  // namespace

std::optional<auth::Claims> TokenExchange::claims_of(const std::string& token) {
  const auto found = verified_.find(token);
  if (found != verified_.end()) return found->second;
  const auto claims = key_->verify(token);
  if (!claims) return std::nullopt;
  if (verified_.size() >= kMostVerified) verified_.clear();
  verified_.emplace(token, *claims);
  return claims;
}

void TokenExchange::inward(std::string& token, const sim::World& world) {
  if (key_ == nullptr || token.empty() || auth::name_in_certificate_word(token)) return;
  const auto claims = claims_of(token);
  const nanoseconds now = unix_time();
  if (!claims || !is_of_today(*claims, now)) {
    token = kNobody;
    return;
  }
  token = auth::make_jwt({.username = claims->username, .revision = claims->revision},
                         world_end(*claims, now, world.now()), world_key(world));
}

std::optional<client::Told> TokenExchange::outward(const client::Told& told) const {
  const auto* answer = key_ == nullptr || told.error ? nullptr : authenticated(told);
  if (answer == nullptr) return std::nullopt;
  if (!key_->can_sign()) {
    return instead_of(told, {.code = Errc::Unmapped,
                             .detail = "auth: token signing attempted with verify-only key"});
  }
  const auto own = auth::parse_jwt(answer->token);
  if (!own) return std::nullopt;
  const std::int64_t end = (unix_time() + key_->ttl()).count() / kSecond;
  const auto token = key_->sign(
      {.username = own->claims.username, .revision = own->claims.revision, .expires = end});
  if (!token) return instead_of(told, token.error());
  client::Told out = told;
  rpc::AuthenticateResponse changed = *answer;
  changed.token = *token;
  out.what = rpc::Response(rpc::AuthResponse(std::move(changed)));
  return out;
}

}  // namespace orrery::door
