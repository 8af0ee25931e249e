// The chaos monkey: users, roles, grants, puts and restarts at random, every deed in its log.
// from: facts A.3 item 62 (the article's chaos monkey)
#include <array>

#include "base/overloaded.h"
#include "base/text.h"
#include "client/hands.h"

namespace orrery::client {
namespace {

constexpr std::uint64_t kNames = 4;  // users u0 .. u3, roles r0 .. r3, keys k0 .. k3

struct Deed {
  std::string words;
  std::optional<rpc::Request> request;  // none = a restart
  std::uint32_t member = 0;
};

class Dice {
 public:
  Dice(Hands& hands, std::uint64_t turn) : hands_(hands), counter_(turn * 8) {}

  std::uint64_t below(std::uint64_t bound) {
    const std::uint64_t owner = hands_.client_no();
    return orrery::below(hands_.step().draw(Purpose::ClientChoice, owner, counter_++), bound);
  }

  std::string name(char letter) { return text("{}{}", letter, below(kNames)); }

 private:
  Hands& hands_;
  std::uint64_t counter_;
};

Deed auth_deed(Dice& dice, std::uint64_t kind) {
  const std::string user = dice.name('u');
  const std::string role = dice.name('r');
  if (kind == 0) {
    const rpc::UserAddOptions options{.no_password = true};
    return {"user add " + user, rpc::AuthRequest(rpc::AuthUserAddRequest{user, "", options, ""}),
            0};
  }
  if (kind == 1) {
    return {"user delete " + user, rpc::AuthRequest(rpc::AuthUserDeleteRequest{user}), 0};
  }
  if (kind == 2) return {"role add " + role, rpc::AuthRequest(rpc::AuthRoleAddRequest{role}), 0};
  if (kind == 3) {
    return {text("user grant-role {} {}", user, role),
            rpc::AuthRequest(rpc::AuthUserGrantRoleRequest{user, role}), 0};
  }
  const std::string key = dice.name('k');
  const rpc::Permission permission{rpc::PermissionType::ReadWrite, Blob(key), Blob()};
  return {text("role grant-permission {} readwrite {}", role, key),
          rpc::AuthRequest(rpc::AuthRoleGrantPermissionRequest{role, permission}), 0};
}

Deed deed_of(Hands& hands, const Monkey& work) {
  Dice dice(hands, work.done);
  const std::uint64_t kinds = work.restarts ? 11 : 10;
  const std::uint64_t kind = dice.below(kinds);
  if (kind < 5) return auth_deed(dice, kind);
  if (kind < 10) {
    rpc::PutRequest put;
    put.key = Blob(dice.name('k'));
    put.value = Blob(std::to_string(work.done));
    return {text("put {} {}", put.key.view(), work.done), put, 0};
  }
  const auto member = static_cast<std::uint32_t>(dice.below(hands.members())) + 1;
  return {text("restart n{}", member), std::nullopt, member};
}

void act(Hands& hands, Monkey& work) {
  ++work.done;
  const Deed deed = deed_of(hands, work);
  hands.say(text("{:>6} ms  {}", hands.now().value() / 1'000'000, deed.words));
  if (deed.request) {
    hands.ask(*deed.request);
    return;
  }
  hands.restart_member(deed.member);
  hands.sleep_until(hands.now() + work.every.value());
}

}  // namespace

void start(Hands& hands, Monkey& work) {
  act(hands, work);
}

void answered(Hands& hands, Monkey& work, const Notice& notice) {
  const auto& error = notice.answer.error;
  if (error) hands.say(text("{:>6} ms  - {}", hands.now().value() / 1'000'000, error->detail));
  if (work.deeds != 0 && work.done >= work.deeds) return hands.end(0);
  hands.sleep_until(hands.now() + work.every.value());
}

void woken(Hands& hands, Monkey& work) {
  if (work.deeds != 0 && work.done >= work.deeds) return hands.end(0);
  act(hands, work);
}

}  // namespace orrery::client
