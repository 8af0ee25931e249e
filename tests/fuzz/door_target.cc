// The door's target: what a connection could bring: methods, their bytes, tokens, streams, farewells, in any order.
#include "base/check.h"
#include "door/live_world.h"
#include "door/recipes.h"
#include "proto/methods.h"
#include "proto/rpc_codec.h"
#include "tests/fuzz/targets.h"

namespace orrery::fuzz {
namespace {

using door::Arrival;
using door::LiveWorld;
using door::Ticket;

constexpr std::size_t kMostLetters = 24;
constexpr Nanos kBetween = millis(20);

// One member, with users or without; made once, copied for each input.
LiveWorld newborn(bool with_users) {
  sim::Config config;
  config.members = 1;
  config.timing = door::live_timing();
  config.timing.bcrypt_cost = 4;
  LiveWorld out(config, false);
  check(out.settle().has_value(), "one member elects itself");
  if (!with_users) return out;
  std::vector<rpc::Request> requests{
      rpc::AuthRequest(rpc::AuthUserAddRequest{
          .name = "root", .password = "r", .options = {}, .hashed_password = {}}),
      rpc::AuthRequest(rpc::AuthUserGrantRoleRequest{.user = "root", .role = "root"}),
      rpc::AuthRequest(rpc::AuthEnableRequest{})};
  for (const rpc::Request& request : requests) {
    const door::Asked asked{
        .ticket = door::new_ticket(), .caller = {.peer = "setup"}, .request = request};
    out.let_in({asked}, out.world().now());
    (void)out.run_until(out.world().now() + 1'000);
  }
  (void)out.take_told();
  return out;
}

class Reader {
 public:
  explicit Reader(BytesView input) : input_(input) {}

  bool empty() const { return input_.empty(); }

  std::uint8_t byte() {
    if (input_.empty()) return 0;
    const auto out = static_cast<std::uint8_t>(input_.front());
    input_.remove_prefix(1);
    return out;
  }

  // A length in one byte, and so many bytes.
  BytesView bytes() {
    const std::size_t wanted = byte();  // before the rest is measured: it shortens it
    const std::size_t size = std::min(wanted, input_.size());
    const BytesView out = input_.substr(0, size);
    input_.remove_prefix(size);
    return out;
  }

 private:
  BytesView input_;
};

class Hall {
 public:
  explicit Hall(const LiveWorld& world) : live_(world), now_(live_.world().now()) {}

  void letter(Reader& reader) {
    const std::uint8_t what = reader.byte();
    const std::span<const rpc::Method> methods = rpc::methods();
    const rpc::Method& method = methods[what % methods.size()];
    const door::Caller caller{.member = 1,
                              .peer = std::string(1, static_cast<char>('a' + what % 3)),
                              .token = what >= 128 ? std::string(reader.bytes()) : std::string(),
                              .needs_leader = what % 5 == 0};
    const BytesView bytes = reader.bytes();
    if (what % 7 == 0) {
      bring(door::Gone{.ticket = some(reader.byte())});
    } else if (method.shape == rpc::Shape::Watch) {
      watch(caller, bytes, reader.byte());
    } else if (what % 11 == 0) {
      bring(door::TakenIn{.ticket = some(reader.byte()), .bytes = bytes.size()});
    } else {
      ask(method, caller, bytes);
    }
  }

  // It is well, and everybody who is not gone has an answer or waits.
  void end() {
    now_ = now_ + seconds(1).value();
    while (!live_.run_until(now_)) {
    }
    check(live_.world().member(1).status() == server::Status::Running, "the member lives");
    for (const client::Told& told : live_.take_told()) {
      check(told.ticket < door::new_ticket(), "only who asked is told something");
    }
  }

 private:
  void ask(const rpc::Method& method, const door::Caller& caller, BytesView bytes) {
    auto request = method.decode(bytes);
    if (!request) {
      check(!request.error().detail.empty(), "a refusal has its reason");
      return;
    }
    const auto again = method.decode(method.encode(*request));
    check(again.has_value() && *again == *request, "a request that was read is written the same");
    tickets_.push_back(door::new_ticket());
    const client::GuestCommand line =
        client::GuestAsk{.ticket = tickets_.back(), .via = 1, .request = *request, .token = {}};
    const auto read = client::parse_guest(client::to_text(line));
    check(read.has_value() && *read == line, "what is let in can be recorded");
    bring(door::Asked{.ticket = tickets_.back(), .caller = caller, .request = std::move(*request)});
  }

  void watch(const door::Caller& caller, BytesView bytes, std::uint8_t on) {
    auto request = rpc::decode_watch_request(bytes);
    if (!request) return;
    const bool opens = on % 2 == 0 || streams_.empty();
    if (opens) streams_.push_back(door::new_ticket());
    bring(door::WatchAsked{.ticket = streams_[on % streams_.size()],
                           .caller = caller,
                           .request = std::move(*request)});
  }

  Ticket some(std::uint8_t which) const {
    const auto& from = which % 2 == 0 ? tickets_ : streams_;
    return from.empty() ? Ticket(1) : from[which % from.size()];
  }

  void bring(Arrival arrival) {
    now_ = now_ + kBetween.value();
    live_.let_in({std::move(arrival)}, now_);
    now_ = now_ + 1'000;  // time for a few fsyncs
    (void)live_.run_until(now_);
  }

  LiveWorld live_;
  Nanos now_;
  std::vector<Ticket> tickets_;
  std::vector<Ticket> streams_;
};

Bytes letter_of(std::string_view path, const Bytes& request) {
  std::uint8_t at = 0;
  for (const rpc::Method& method : rpc::methods()) {
    if (method.path == path) break;
    ++at;
  }
  return Bytes{static_cast<char>(at), static_cast<char>(request.size())} + request;
}

}  // namespace

std::vector<Bytes> door_seeds() {
  rpc::PutRequest put;
  put.key = Blob("k");
  put.value = Blob("v");
  rpc::TxnRequest txn;
  txn.success.push_back({put});
  rpc::WatchCreateRequest watch;
  watch.key = Blob("k");
  const Bytes quiet(1, '\0');
  const Bytes loud(1, '\1');
  const Bytes common =
      letter_of("/etcdserverpb.KV/Put", rpc::encode(put)) +
      letter_of("/etcdserverpb.Watch/Watch", rpc::encode(rpc::WatchRequest(watch))) + quiet +
      letter_of("/etcdserverpb.KV/Txn", rpc::encode(txn)) +
      letter_of("/etcdserverpb.Lease/LeaseGrant", Bytes("\x08\x05")) +
      letter_of("/etcdserverpb.Maintenance/Status", {});
  return {quiet + common, loud + common};
}

void run_door(BytesView input) {
  static const LiveWorld plain = newborn(false);
  static const LiveWorld guarded = newborn(true);
  Reader reader(input);
  Hall hall(reader.byte() % 2 == 0 ? plain : guarded);
  for (std::size_t i = 0; i < kMostLetters && !reader.empty(); ++i) hall.letter(reader);
  hall.end();
  // Recipes read their own messages.
  for (const auto method : {door::HouseMethod::Lock, door::HouseMethod::Proclaim}) {
    (void)door::decode_house_request(method, input);
  }
}

}  // namespace orrery::fuzz
