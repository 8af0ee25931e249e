// Watch: the interval tree, registering, telling, catching up, cancelling. peers/watch does the same work with etcd's
// watchable store and interval tree; tests/bench/compare watch puts them side by side.
#include <cstdint>
#include <string>
#include <vector>

#include "base/check.h"
#include "base/interval_tree.h"
#include "mvcc/store.h"
#include "tests/bench/work.h"
#include "watch/store.h"

namespace orrery::watch::bench {
namespace {

using orrery::bench::key_of;
using orrery::bench::report;
using orrery::bench::scrambled;
using orrery::bench::value_of;
using orrery::bench::Work;

// -- the tree

using Tree = IntervalTree<std::uint64_t>;

// Short ranges side by side, and every hundredth a long one.
Interval range_no(std::uint64_t i) {
  return {key_of(i * 10), key_of(i * 10 + (i % 100 == 0 ? 500 : 9))};
}

Tree full_tree(std::uint64_t size) {
  Tree tree;
  for (std::uint64_t i = 0; i < size; ++i) tree.put(range_no(scrambled(i, size)), i);
  return tree;
}

void tree_insert(benchmark::State& state) {
  const auto size = static_cast<std::uint64_t>(state.range(0));
  Tree tree;
  std::uint64_t i = 0;
  for (auto _ : state) {
    tree.put(range_no(scrambled(i, size)), i);
    ++i;
  }
  report(state, {.messages = tree.size()});
}

BENCHMARK(tree_insert)->Name("watch/tree_insert")->Arg(10'000)->Iterations(10'000);
BENCHMARK(tree_insert)->Name("watch/tree_insert")->Arg(1'000'000)->Iterations(1'000'000);

void tree_stab(benchmark::State& state) {
  const auto size = static_cast<std::uint64_t>(state.range(0));
  const Tree tree = full_tree(size);
  Work work;
  std::uint64_t i = 0;
  for (auto _ : state) {
    tree.stab(key_of(scrambled(i++, size) * 10 + 5), [&](const Interval&, std::uint64_t value) {
      ++work.messages;
      work.hash += static_cast<std::uint32_t>(value);
    });
  }
  report(state, work);
}

BENCHMARK(tree_stab)->Name("watch/tree_stab")->Arg(10'000)->Arg(1'000'000)->Iterations(200'000);

// Not for its time: how many nodes a lookup looks at, of how many watchers. plot-stab draws it.
void stab_cost(benchmark::State& state) {
  const auto size = static_cast<std::uint64_t>(state.range(0));
  const Tree tree = full_tree(size);
  std::uint64_t looked_at = 0;
  std::uint64_t i = 0;
  for (auto _ : state) {
    looked_at +=
        tree.stab(key_of(scrambled(i++, size) * 10 + 5), [](const Interval&, std::uint64_t) {});
  }
  state.counters["looked_at"] =
      static_cast<double>(looked_at) / static_cast<double>(state.iterations());
  state.counters["naive"] = static_cast<double>(size);
}

BENCHMARK(stab_cost)
    ->Name("watch/stab_cost")
    ->RangeMultiplier(10)
    ->Range(1, 1'000'000)
    ->Iterations(1'000);

void tree_delete(benchmark::State& state) {
  const auto size = static_cast<std::uint64_t>(state.range(0));
  Tree tree = full_tree(size);
  std::uint64_t i = 0;
  for (auto _ : state) {
    check(tree.erase(range_no(scrambled(i++ + 17, size))), "the range was there");
  }
  report(state, {.messages = tree.size()});
}

BENCHMARK(tree_delete)->Name("watch/tree_delete")->Arg(10'000)->Iterations(10'000);
BENCHMARK(tree_delete)->Name("watch/tree_delete")->Arg(1'000'000)->Iterations(1'000'000);

// -- watchers

const Guards quiet;
constexpr StreamId kStream{1};

rpc::WatchCreateRequest wish(std::uint64_t i, bool range, std::int64_t start = 0) {
  rpc::WatchCreateRequest out;
  out.key = key_of(i * 10);
  if (range) out.range_end = key_of(i * 10 + 9);
  out.start_revision = start;
  return out;
}

WatchStore with_watchers(std::uint64_t count, bool range, WatchLimits limits = {}) {
  WatchStore store(limits);
  store.open_stream(kStream);
  for (std::uint64_t i = 0; i < count; ++i) {
    check(store.watch(kStream, wish(i, range), 1, quiet).has_value(), "a watcher is registered");
  }
  return store;
}

// A write of one key, of which one watcher hears, and the stream takes it from the channel.
void notify(benchmark::State& state, bool range) {
  const auto count = static_cast<std::uint64_t>(state.range(0));
  WatchStore store = with_watchers(count, range);
  Work work;
  std::int64_t revision = 1;
  for (auto _ : state) {
    ++revision;
    std::vector<Event> events(1);
    events[0].kv.key = key_of(scrambled(static_cast<std::uint64_t>(revision), count) * 10);
    events[0].kv.mod_revision = revision;
    NotifyPlan plan = store.begin_notify(revision, events, quiet);
    while (!plan.done()) store.send_one(plan, quiet);
    const auto batch = store.receive(kStream);
    work.messages += batch->events->size();
    work.hash += static_cast<std::uint32_t>(batch->watch_id);
  }
  report(state, work);
}

void notify_keys(benchmark::State& state) {
  notify(state, false);
}

void notify_ranges(benchmark::State& state) {
  notify(state, true);
}

BENCHMARK(notify_keys)
    ->Name("watch/notify_keys")
    ->Arg(1)
    ->Arg(100)
    ->Arg(10'000)
    ->Arg(1'000'000)
    ->Iterations(200'000);
BENCHMARK(notify_ranges)
    ->Name("watch/notify_ranges")
    ->Arg(1)
    ->Arg(100)
    ->Arg(10'000)
    ->Arg(1'000'000)
    ->Iterations(200'000);

// All watchers of one key hear of its write: 100 streams, so that no channel is full.
void notify_all(benchmark::State& state) {
  const auto count = static_cast<std::uint64_t>(state.range(0));
  WatchStore store;
  for (std::uint64_t i = 0; i < count; ++i) {
    if (i < 100) store.open_stream(StreamId(i + 1));
    check(store.watch(StreamId(i % 100 + 1), wish(0, false), 1, quiet).has_value(), "registered");
  }
  Work work;
  std::int64_t revision = 1;
  for (auto _ : state) {
    ++revision;
    std::vector<Event> events(1);
    events[0].kv.key = key_of(0);
    events[0].kv.mod_revision = revision;
    NotifyPlan plan = store.begin_notify(revision, events, quiet);
    while (!plan.done()) store.send_one(plan, quiet);
    for (std::uint64_t stream = 1; stream <= 100; ++stream) {
      while (const auto batch = store.receive(StreamId(stream))) {
        work.messages += batch->events->size();
      }
    }
  }
  report(state, work);
}

BENCHMARK(notify_all)->Name("watch/notify_all")->Arg(10'000)->Iterations(50);

void register_one(benchmark::State& state) {
  WatchStore store;
  store.open_stream(kStream);
  std::uint64_t i = 0;
  for (auto _ : state) {
    check(store.watch(kStream, wish(i++, false), 1, quiet).has_value(), "registered");
  }
  report(state, {.messages = store.watchers().size()});
}

BENCHMARK(register_one)->Name("watch/register")->Iterations(1'000'000);

void cancel(benchmark::State& state) {
  constexpr std::uint64_t kCount = 1'000'000;
  WatchStore store = with_watchers(kCount, false);
  std::uint64_t i = 0;
  for (auto _ : state) {
    const auto id = static_cast<WatchId>(scrambled(i++, kCount));
    check(store.cancel({kStream, id}, quiet) == Canceled::Done, "the watcher was there");
  }
  report(state, {.messages = store.watchers().size()});
}

BENCHMARK(cancel)->Name("watch/cancel")->Iterations(500'000);

// -- catching up: one row for each watcher, 512 watchers a round

void catch_up(benchmark::State& state) {
  const auto count = static_cast<std::uint64_t>(state.range(0));
  mvcc::Backend backend;
  mvcc::Store rows;
  for (std::uint64_t i = 0; i < count; ++i) {
    mvcc::WriteTxn txn = rows.begin_write();
    rows.put(backend, txn, key_of(i * 10), value_of(i), LeaseId());
    rows.end_write(txn);
    backend.end_tx();
  }
  backend.begin_commit();
  backend.finish_commit();
  WatchStore store(WatchLimits{.event_slots = 16'384});
  store.open_stream(kStream);
  const std::int64_t now = rows.current_revision();
  for (std::uint64_t i = 0; i < count; ++i) {
    check(store.watch(kStream, wish(i, false, 2), now, quiet).has_value(), "registered");
  }
  Work work;
  for (auto _ : state) {
    while (!store.unsynced().empty()) {
      SyncRound round = store.choose_unsynced(now, -1, quiet);
      const auto events = rows.events_in(backend, round.min_revision, now + 1);
      store.give_events(round, *events, quiet);
      while (!round.done()) store.send_one(round, quiet);
      ++work.readys;
    }
  }
  while (const auto batch = store.receive(kStream)) work.messages += batch->events->size();
  report(state, work);
}

BENCHMARK(catch_up)->Name("watch/catch_up")->Arg(10'000)->Iterations(1);

}  // namespace
}  // namespace orrery::watch::bench
