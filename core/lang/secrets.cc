#include "lang/secrets.h"

#include <type_traits>

#include "auth/bcrypt.h"
#include "base/draws.h"
#include "base/text.h"

namespace orrery::lang {

namespace {

// The hash that some member holds for this user, if the password is the one behind it.
std::string stored_hash(const sim::World& world, const std::string& user,
                        const std::string& password) {
  for (std::uint32_t no = 1; no <= world.member_count(); ++no) {
    if (!world.member(no).up()) continue;
    const rpc::UserRow* row = world.member(no).running().auth.users().find(user);
    if (row == nullptr || !auth::password_matches(row->password.view(), password)) continue;
    return std::string(row->password.view());
  }
  return {};
}

Result<std::string> hidden_word(const sim::World& world, const std::string& user,
                                const std::string& password) {
  std::string known = stored_hash(world, user, password);
  if (!known.empty()) return known;
  const sim::Config& config = world.config();
  const std::uint64_t salt =
      draw(config.seed, Purpose::PasswordSalt, digest_bytes(user), std::uint64_t{0});
  return auth::hash_password(password, config.timing.bcrypt_cost, salt);
}

Result<std::string> hidden(const sim::World& world, const std::string& user,
                           const std::string& password) {
  if (auth::is_hash(password)) return password;
  return hidden_word(world, user, password);
}

}  // namespace

namespace {

// What is to be said in the request's place.
Result<rpc::Request> without(rpc::AuthenticateRequest login, const sim::World& world) {
  const auto hash = hidden_word(world, login.name, login.password);
  if (!hash) return fail(hash.error());
  login.password = *hash;
  return rpc::Request(rpc::AuthRequest(std::move(login)));
}

template <class M>
  requires requires(M& message) { message.hashed_password; }
Result<rpc::Request> without(M message, const sim::World& world) {
  if (!message.password.empty()) {
    const auto hash = hidden_word(world, message.name, message.password);
    if (!hash) return fail(hash.error());
    message.password.clear();
    message.hashed_password = base64(*hash);
  }
  return rpc::Request(rpc::AuthRequest(std::move(message)));
}

}  // namespace

Result<rpc::Request> without_passwords(const rpc::Request& request, const sim::World& world) {
  const auto* auth = std::get_if<rpc::AuthRequest>(&request);
  if (auth == nullptr || world.config().version == server::Version::V3_4) return request;
  return std::visit(
      [&](const auto& message) -> Result<rpc::Request> {
        if constexpr (requires { without(message, world); }) return without(message, world);
        return request;
      },
      *auth);
}

namespace {

Result<void> hide_login(const sim::World& world, CallOptions& call) {
  const std::size_t colon = call.user.find(':');
  if (colon == std::string::npos) return {};
  const std::string user = call.user.substr(0, colon);
  const auto hash = hidden(world, user, call.user.substr(colon + 1));
  if (!hash) return fail(hash.error());
  call.user = user + ":" + *hash;
  return {};
}

// A request that is being made by name and password takes the hash instead, and its words say so.
Result<void> hide_request(const sim::World& world, UserCall& call) {
  auto& request = std::get<rpc::AuthRequest>(call.request);
  if (auto* add = std::get_if<rpc::AuthUserAddRequest>(&request)) {
    if (add->password.empty()) return {};
    const auto hash = hidden(world, add->name, add->password);
    if (!hash) return fail(hash.error());
    add->password.clear();
    add->hashed_password = base64(*hash);
    call.words = text("add {} --new-user-password={}", word_text(add->name), *hash);
  }
  auto* change = std::get_if<rpc::AuthUserChangePasswordRequest>(&request);
  if (change != nullptr && !change->password.empty()) {
    const auto hash = hidden(world, change->name, change->password);
    if (!hash) return fail(hash.error());
    change->password.clear();
    change->hashed_password = base64(*hash);
    call.words = text("passwd {} {}", word_text(change->name), *hash);
  }
  return {};
}

template <class T>
concept IsCall = requires(T& command) { command.call.user; };

}  // namespace

Result<CommandBody> without_passwords(const CommandBody& body, const sim::World& world) {
  if (world.config().version == server::Version::V3_4) return body;
  CommandBody out = body;
  const auto done = std::visit(
      [&](auto& command) -> Result<void> {
        using T = std::decay_t<decltype(command)>;
        if constexpr (IsCall<T>) {
          if (auto login = hide_login(world, command.call); !login) return login;
        }
        if constexpr (std::is_same_v<T, UserCall>) return hide_request(world, command);
        return {};
      },
      out);
  if (!done) return fail(done.error());
  return out;
}

bool names_a_password(std::string_view line) {
  for (const std::string_view sign : {"--user", "user add", "user passwd", "--new-user-password"}) {
    if (line.find(sign) != std::string_view::npos) return true;
  }
  return false;
}

}  // namespace orrery::lang
