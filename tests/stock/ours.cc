#include "tests/stock/ours.h"

#include "base/text.h"
#include "datadir/archive.h"
#include "tests/sim/cluster.h"
#include "tests/stock/stock.h"

namespace orrery::stock {
namespace {

using sim::testing::answered;
using sim::testing::caught_up;
using sim::testing::leader_of;
using sim::testing::run_until;

constexpr std::uint64_t kKeys = 400;

class Draws {
 public:
  explicit Draws(std::uint64_t seed) : seed_(seed) {}

  std::uint64_t below(std::uint64_t bound) {
    return orrery::below(draw(seed_, Purpose::TestData, 0, count_++), bound);
  }

 private:
  std::uint64_t seed_;
  std::uint64_t count_ = 0;
};

Blob some_key(Draws& draws) {
  return Blob(text("key-{:04}", draws.below(kKeys)));
}

rpc::PutRequest some_put(Draws& draws) {
  rpc::PutRequest out;
  out.key = some_key(draws);
  out.value = Blob(Bytes(draws.below(300), static_cast<char>('a' + draws.below(26))));
  return out;
}

rpc::DeleteRangeRequest some_delete(Draws& draws) {
  rpc::DeleteRangeRequest out;
  out.key = some_key(draws);
  if (draws.below(8) == 0) out.range_end = Blob(Bytes(out.key.view()) + "~");
  return out;
}

rpc::TxnRequest some_txn(Draws& draws) {
  rpc::TxnRequest out;
  out.compare.push_back({.result = rpc::CompareResult::Greater,
                         .target = rpc::CompareTarget::Version,
                         .key = some_key(draws),
                         .number = 1,
                         .value = {},
                         .range_end = {}});
  const auto put = some_put(draws);
  auto other = some_put(draws);
  while (other.key == put.key) other = some_put(draws);
  out.success = {{put}, {other}};
  auto erased = some_delete(draws);
  erased.range_end = {};
  out.failure = {{erased}};
  return out;
}

rpc::Request some_request(Draws& draws, std::int64_t revision) {
  const std::uint64_t kind = draws.below(1000);
  if (kind < 650) return some_put(draws);
  if (kind < 800) return some_delete(draws);
  if (kind < 994) return some_txn(draws);
  if (kind == 999) return rpc::MaintenanceRequest(rpc::DefragmentRequest{});
  rpc::CompactionRequest out;
  out.revision = revision - static_cast<std::int64_t>(draws.below(50));
  return out;
}

}  // namespace

bool quiet(sim::World& world) {
  return run_until(
      world, [](const sim::World& w) { return leader_of(w) != 0 && caught_up(w); }, 2'000'000);
}

bool work(sim::World& world, std::uint64_t seed, int count) {
  Draws draws(seed);
  for (int i = 0; i < count; ++i) {
    const auto request = some_request(draws, revision(world, leader_of(world)));
    const auto begun =
        world.perform(sim::Submit{1, client::BeginCall{.line = "", .via = 0, .request = request}});
    if (!begun) return false;
    if (!run_until(world, [](const sim::World& w) { return answered(w); })) return false;
  }
  return quiet(world);
}

void begin_put(sim::World& world, const std::string& key, const std::string& value) {
  (void)world.perform(sim::testing::put(key, value));
}

std::int64_t revision(const sim::World& world, std::uint32_t member) {
  return world.member(member).running().store.current_revision();
}

std::uint32_t hash_kv(const sim::World& world, std::uint32_t member) {
  const server::Running& run = world.member(member).running();
  const auto hash = run.store.hash_kv(run.backend, 0);
  return hash ? hash->hash : 0;
}

std::string all_keys(const sim::World& world, std::uint32_t member) {
  const server::Running& run = world.member(member).running();
  rpc::RangeRequest all;
  all.key = Blob(BytesView("\0", 1));
  all.range_end = Blob(BytesView("\0", 1));
  const auto answer = run.store.range(run.backend, all);
  std::string out;
  if (!answer) return answer.error().detail;
  for (const auto& kv : answer->kvs) {
    out += key_line(Bytes(kv.key.view()), Bytes(kv.value.view()), kv.mod_revision, kv.version);
  }
  return out;
}

Result<void> load(sim::World& world, std::uint32_t member, const disk::Disk& disk) {
  const auto installed =
      world.perform(sim::Install{.member = member, .archive = Blob(datadir::pack(disk))});
  if (!installed) return installed;
  const auto started = world.perform(sim::Restart{.member = member});
  if (!started) return started;
  if (world.member(member).up()) return {};
  return fail(Errc::Corrupt, world.member(member).panic_text());
}

}  // namespace orrery::stock
