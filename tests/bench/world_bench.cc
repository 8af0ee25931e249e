// The headline figures: what a whole three-member world costs.
#include <string>

#include <benchmark/benchmark.h>

#include "base/text.h"
#include "sim/timeline.h"
#include "sim/world.h"
#include "tests/sim/cluster.h"

namespace orrery::sim {
namespace {

using namespace testing;

// Puts from `clients` concurrent callers until each of the members has applied them all.
void BM_PutsAppliedByAllMembers(benchmark::State& state) {
  const auto callers = static_cast<std::uint32_t>(state.range(0));
  World world = elected();
  const std::uint64_t steps_before = world.steps();
  std::int64_t puts = 0;
  for (auto _ : state) {
    for (std::uint32_t caller = 1; caller <= callers; ++caller) {
      const std::string key = text("key{}", (puts + caller) % 1000);
      benchmark::DoNotOptimize(world.perform(put(key, "0123456789abcdef", caller)));
    }
    run_until(world, [&](const World& w) {
      return w.network().in_flight() == 0 && caught_up(w) &&
             w.member(1).running().store.current_revision() == puts + callers + 1;
    });
    puts += callers;
  }
  state.counters["puts"] =
      benchmark::Counter(static_cast<double>(puts), benchmark::Counter::kIsRate);
  const auto steps = static_cast<double>(world.steps() - steps_before);
  state.counters["steps"] = benchmark::Counter(steps, benchmark::Counter::kIsRate);
  state.counters["steps_per_put"] = steps / static_cast<double>(puts);
}
BENCHMARK(BM_PutsAppliedByAllMembers)->Arg(1)->Arg(10)->Arg(100);

// The default schedule of an idle cluster: ticks and heartbeats.
void BM_IdleSteps(benchmark::State& state) {
  World world = elected();
  for (auto _ : state) benchmark::DoNotOptimize(world.perform(*world.next()));
  state.SetItemsProcessed(state.iterations());
}
BENCHMARK(BM_IdleSteps);

World filled(int keys) {
  World world = elected();
  for (int i = 0; i < keys; i += 100) {
    for (int k = i; k < i + 100; ++k) {
      (void)world.perform(
          put(text("key{}", k), "0123456789abcdef", static_cast<std::uint32_t>(1 + k % 100)));
    }
    run_until(world, [&](const World& w) {
      return caught_up(w) && w.member(1).running().store.current_revision() == i + 101;
    });
  }
  return world;
}

void BM_CopyOfAWorld(benchmark::State& state) {
  const World world = filled(static_cast<int>(state.range(0)));
  for (auto _ : state) {
    World copy = world;
    benchmark::DoNotOptimize(copy);
  }
}
BENCHMARK(BM_CopyOfAWorld)->Arg(1'000)->Arg(10'000);

// A copy and the first steps of its own, which is what a checkpoint or a branch costs.
void BM_CopyAndTenSteps(benchmark::State& state) {
  const World world = filled(static_cast<int>(state.range(0)));
  for (auto _ : state) {
    World copy = world;
    for (int i = 0; i < 10; ++i) benchmark::DoNotOptimize(copy.perform(*copy.next()));
  }
}
BENCHMARK(BM_CopyAndTenSteps)->Arg(1'000)->Arg(10'000);

void BM_DigestAfterAStep(benchmark::State& state) {
  World world = filled(static_cast<int>(state.range(0)));
  benchmark::DoNotOptimize(world.digest());
  for (auto _ : state) {
    benchmark::DoNotOptimize(world.perform(*world.next()));
    benchmark::DoNotOptimize(world.digest());
  }
}
BENCHMARK(BM_DigestAfterAStep)->Arg(1'000)->Arg(10'000);

Timeline long_timeline(int steps) {
  Timeline timeline;
  for (int i = 0; i < steps; ++i) {
    if (i % 200 == 0) (void)timeline.perform(put(text("key{}", i % 1000), "value"));
    (void)timeline.perform(*timeline.world().next());
  }
  return timeline;
}

void BM_StepBack(benchmark::State& state) {
  Timeline timeline = long_timeline(20'000);
  for (auto _ : state) {
    if (timeline.position() < 2) benchmark::DoNotOptimize(timeline.jump(20'000));
    benchmark::DoNotOptimize(timeline.jump(timeline.position() - 1));
  }
}
BENCHMARK(BM_StepBack);

void BM_JumpAnywhere(benchmark::State& state) {
  Timeline timeline = long_timeline(100'000);
  std::uint64_t n = 0;
  for (auto _ : state) {
    const std::uint64_t to = below(draw(1, Purpose::TestData, 0, ++n), 100'000);
    benchmark::DoNotOptimize(timeline.jump(to));
  }
}
BENCHMARK(BM_JumpAnywhere);

}  // namespace
}  // namespace orrery::sim
