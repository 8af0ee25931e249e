// A whole cluster under callers, leases that end together, permissions; lessor and auth store alone, beside etcd's.
// What `peers/member` does with etcd's lease and auth packages is the same work: same ids, keys, order and counts.
#include <string>

#include <benchmark/benchmark.h>

#include "auth/auth_store.h"
#include "base/check.h"
#include "base/text.h"
#include "lease/lessor.h"
#include "sim/world.h"
#include "tests/bench/work.h"
#include "tests/sim/cluster.h"

namespace orrery::sim {
namespace {

using namespace testing;
using orrery::bench::report;

Submit call(std::uint32_t client, rpc::Request request) {
  return {client, client::BeginCall{.line = "bench", .via = 0, .request = std::move(request)}};
}

bool all_answered(const World& world) {
  for (const auto& [no, client] : world.clients()) {
    if (!client->open_calls().empty()) return false;
  }
  return true;
}

rpc::Request put_of(std::uint64_t number) {
  rpc::PutRequest request;
  request.key = Blob(text("key{}", number % 1000));
  request.value = Blob("0123456789abcdef");
  return request;
}

rpc::Request get_of(std::uint64_t number) {
  rpc::RangeRequest request;
  request.key = Blob(text("key{}", number % 1000));
  return request;
}

// If the key is there, one put and one get.
rpc::Request txn_of(std::uint64_t number) {
  rpc::TxnRequest request;
  rpc::Compare compare;
  compare.key = Blob(text("key{}", number % 1000));
  request.compare.push_back(compare);
  request.success.push_back({std::get<rpc::PutRequest>(put_of(number))});
  request.success.push_back({std::get<rpc::RangeRequest>(get_of(number))});
  return request;
}

// So many callers at once, each with one request under way; every answer is waited for.
template <class Make>
void run_callers(benchmark::State& state, Make make) {
  const auto callers = static_cast<std::uint32_t>(state.range(0));
  World world = elected();
  std::uint64_t calls = 0;
  const std::uint64_t steps_before = world.steps();
  for (auto _ : state) {
    for (std::uint32_t caller = 1; caller <= callers; ++caller) {
      benchmark::DoNotOptimize(world.perform(call(caller, make(++calls))));
    }
    check(run_until(world, all_answered, 10'000'000), "every call is answered");
  }
  state.SetItemsProcessed(static_cast<std::int64_t>(calls));
  state.counters["steps_per_call"] =
      static_cast<double>(world.steps() - steps_before) / static_cast<double>(calls);
}

void BM_ClusterPut(benchmark::State& state) {
  run_callers(state, put_of);
}
BENCHMARK(BM_ClusterPut)->Arg(1)->Arg(100)->Arg(1000)->Unit(benchmark::kMicrosecond);

void BM_ClusterGet(benchmark::State& state) {
  run_callers(state, get_of);
}
BENCHMARK(BM_ClusterGet)->Arg(1)->Arg(100)->Arg(1000)->Unit(benchmark::kMicrosecond);

void BM_ClusterTxn(benchmark::State& state) {
  run_callers(state, txn_of);
}
BENCHMARK(BM_ClusterTxn)->Arg(1)->Arg(100)->Arg(1000)->Unit(benchmark::kMicrosecond);

// Ten thousand leases of one TTL, one key each, granted at once: from the first end to the last.
void BM_LeasesEndTogether(benchmark::State& state) {
  const auto leases = static_cast<std::uint64_t>(state.range(0));
  World world = elected();
  for (std::uint64_t i = 1; i <= leases; ++i) {
    const auto id = LeaseId(static_cast<std::int64_t>(i));
    const auto client = static_cast<std::uint32_t>(i % 100 + 1);
    (void)world.perform(
        call(client, rpc::LeaseRequest(rpc::LeaseGrantRequest{.ttl = 60, .id = id})));
    if (i % 100 == 0) check(run_until(world, all_answered, 10'000'000), "granted");
  }
  for (std::uint64_t i = 1; i <= leases; ++i) {
    rpc::PutRequest put;
    put.key = Blob(text("key{}", i));
    put.lease = LeaseId(static_cast<std::int64_t>(i));
    (void)world.perform(call(static_cast<std::uint32_t>(i % 100 + 1), put));
    if (i % 100 == 0) check(run_until(world, all_answered, 10'000'000), "attached");
  }
  for (auto _ : state) {
    World ending = world;
    check(run_until(
              ending,
              [](const World& w) {
                for (std::uint32_t no = 1; no <= 3; ++no) {
                  if (!w.member(no).running().lessor.leases().empty()) return false;
                }
                return true;
              },
              100'000'000),
          "every lease ends");
    state.counters["virtual_s"] =
        static_cast<double>(ending.now().value() - world.now().value()) / 1e9;
    state.counters["steps"] = static_cast<double>(ending.steps() - world.steps());
  }
  state.SetItemsProcessed(state.iterations() * state.range(0));
}
BENCHMARK(BM_LeasesEndTogether)
    ->Arg(1000)
    ->Arg(10'000)
    ->Unit(benchmark::kMillisecond)
    ->Iterations(1);

}  // namespace
}  // namespace orrery::sim

namespace orrery::bench {
namespace {

constexpr std::uint64_t kLeases = 10'000;

lease::Rules rules() {
  lease::Rules out;
  out.revoke_rate = 1'000'000'000;  // nothing is spread
  return out;
}

struct Leases {
  backend::Backend backend = backend::Backend::create();
  lease::Lessor lessor{rules()};

  Leases() {
    lessor.promote(Nanos(0), Nanos(0));
    for (std::uint64_t i = 1; i <= kLeases; ++i) grant(i);
  }

  void grant(std::uint64_t i) {
    const auto id = LeaseId(static_cast<std::int64_t>(i));
    check(lessor.may_grant(id, 60).has_value(), "a new id");
    lessor.grant(backend, id, 60, Nanos(0));
    backend.end_tx();
  }
};

void lease_grant(benchmark::State& state) {
  Leases leases;
  std::uint64_t i = kLeases;
  for (auto _ : state) leases.grant(++i);
  report(state, {.messages = leases.lessor.leases().size() - kLeases,
                 .committed = 0,
                 .readys = 0,
                 .hash = 0});
}
BENCHMARK(lease_grant)->Name("member/lease_grant")->Iterations(100'000);

void lease_attach(benchmark::State& state) {
  Leases leases;
  std::uint64_t i = 0;
  for (auto _ : state) {
    leases.lessor.attach(key_of(i),
                         LeaseId(static_cast<std::int64_t>(1 + scrambled(i % kLeases, kLeases))));
    ++i;
  }
  report(state, {.messages = leases.lessor.items().size(), .committed = 0, .readys = 0, .hash = 0});
}
BENCHMARK(lease_attach)->Name("member/lease_attach")->Iterations(100'000);

void lease_renew(benchmark::State& state) {
  Leases leases;
  std::uint64_t i = 0;
  std::uint64_t seconds = 0;
  for (auto _ : state) {
    const auto id = LeaseId(static_cast<std::int64_t>(1 + scrambled(i++ % kLeases, kLeases)));
    const Nanos now(static_cast<std::int64_t>(i));
    check(leases.lessor.begin_renew(id).has_value(), "the primary has it");
    check(!leases.lessor.is_expired(id, now) && !leases.lessor.must_clear_checkpoint(id), "fresh");
    const auto ttl = leases.lessor.finish_renew(id, now);
    seconds += static_cast<std::uint64_t>(*ttl);
  }
  report(state, {.messages = seconds / 60, .committed = 0, .readys = 0, .hash = 0});
}
BENCHMARK(lease_renew)->Name("member/lease_renew")->Iterations(100'000);

// Demotion and promotion of ten thousand leases: what each change of leader costs.
void lease_promote(benchmark::State& state) {
  Leases leases;
  for (auto _ : state) {
    leases.lessor.demote();
    leases.lessor.promote(Nanos(0), seconds(1));
  }
  report(state,
         {.messages = leases.lessor.leases().size(), .committed = 0, .readys = 0, .hash = 0});
}
BENCHMARK(lease_promote)->Name("member/lease_promote")->Iterations(100);

constexpr std::uint64_t kRoles = 100;
constexpr std::uint64_t kPermissions = 100;  // a role

// One user with a hundred roles of a hundred ranges each, none of which touch: [key-N, key-N+5) for every tenth N.
struct Permitted {
  backend::Backend backend = backend::Backend::create();
  auth::AuthStore auth{auth::Rules{}};
  auth::AuthInfo who;

  Permitted() {
    ok(auth.add_user(backend, {"root", "", std::nullopt, ""}, "x"));
    ok(auth.grant_role(backend, "root", "root"));
    ok(auth.add_user(backend, {"u", "", std::nullopt, ""}, "x"));
    for (std::uint64_t role = 0; role < kRoles; ++role) add_role(role);
    ok(auth.enable(backend));
    who = {.username = "u", .revision = auth.revision()};
  }

  void add_role(std::uint64_t role) {
    const std::string name = text("r{}", role);
    ok(auth.add_role(backend, name));
    for (std::uint64_t i = 0; i < kPermissions; ++i) {
      const std::uint64_t from = (role * kPermissions + i) * 10;
      ok(auth.grant_permission(backend, {name, rpc::Permission{rpc::PermissionType::ReadWrite,
                                                               key_of(from), key_of(from + 5)}}));
    }
    ok(auth.grant_role(backend, "u", name));
  }

  static void ok(const Result<void>& done) { check(done.has_value(), "allowed"); }
};

void auth_check(benchmark::State& state, bool is_range) {
  const Permitted permitted;
  std::uint64_t i = 0;
  std::uint64_t allowed = 0;
  for (auto _ : state) {
    const std::uint64_t at = scrambled(i++ % 100'000, 100'000);
    const auto done = permitted.auth.may_read(permitted.who, key_of(at).view(),
                                              is_range ? key_of(at + 3).view() : BytesView());
    allowed += done.has_value() ? 1U : 0U;
  }
  report(state, {.messages = allowed, .committed = 0, .readys = 0, .hash = 0});
}
void auth_check_key(benchmark::State& state) {
  auth_check(state, false);
}
void auth_check_range(benchmark::State& state) {
  auth_check(state, true);
}
BENCHMARK(auth_check_key)->Name("member/auth_check_key")->Iterations(100'000);
BENCHMARK(auth_check_range)->Name("member/auth_check_range")->Iterations(100'000);

}  // namespace
}  // namespace orrery::bench
