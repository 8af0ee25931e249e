// The persistent structures of core/base beside std::map and std::deque.
#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include <benchmark/benchmark.h>

#include "base/blob.h"
#include "base/ordered_map.h"
#include "tests/base/random_numbers.h"

namespace orrery {
namespace {

constexpr std::uint64_t kKeys = 10'000;

template <class K>
K key_of(std::uint64_t number) {
  if constexpr (std::is_same_v<K, std::string>) {
    return numbered("/registry/pods/", number);
  } else {
    return number;
  }
}

template <class K>
std::vector<K> shuffled_keys() {
  RandomNumbers random(1);
  std::vector<K> out;
  for (std::uint64_t i = 0; i < kKeys; ++i) out.push_back(key_of<K>(i));
  for (std::size_t i = out.size(); i > 1; --i) std::swap(out[i - 1], out[random(i)]);
  return out;
}

// One name for what the two kinds of map call differently.
template <class K>
void put(OrderedMap<K, std::uint64_t>& map, const K& key, std::uint64_t value) {
  map.put(key, value);
}

template <class K>
void put(std::map<K, std::uint64_t>& map, const K& key, std::uint64_t value) {
  map.insert_or_assign(key, value);
}

template <class K>
std::uint64_t found(const OrderedMap<K, std::uint64_t>& map, const K& key) {
  return *map.find(key);
}

template <class K>
std::uint64_t found(const std::map<K, std::uint64_t>& map, const K& key) {
  return map.find(key)->second;
}

template <class Map>
Map filled() {
  Map out;
  for (const auto& key : shuffled_keys<typename Map::key_type>()) put(out, key, 1);
  return out;
}

template <class Map>
void find_in_10k(benchmark::State& state) {
  const Map map = filled<Map>();
  const auto keys = shuffled_keys<typename Map::key_type>();
  std::size_t i = 0;
  for (auto _ : state) {
    benchmark::DoNotOptimize(found(map, keys[i]));
    i = i + 1 == keys.size() ? 0 : i + 1;
  }
}

template <class Map>
void replace_in_10k(benchmark::State& state) {
  Map map = filled<Map>();
  const auto keys = shuffled_keys<typename Map::key_type>();
  std::size_t i = 0;
  for (auto _ : state) {
    put(map, keys[i], i);
    i = i + 1 == keys.size() ? 0 : i + 1;
  }
}

template <class Map>
void insert_and_erase_in_10k(benchmark::State& state) {
  Map map = filled<Map>();
  const auto keys = shuffled_keys<typename Map::key_type>();
  std::size_t i = 0;
  for (auto _ : state) {
    map.erase(keys[i]);
    put(map, keys[i], i);
    i = i + 1 == keys.size() ? 0 : i + 1;
  }
}

template <class Map>
void fill_to_10k(benchmark::State& state) {
  const auto keys = shuffled_keys<typename Map::key_type>();
  for (auto _ : state) {
    Map map;
    for (const auto& key : keys) put(map, key, 1);
    benchmark::DoNotOptimize(map);
  }
  state.SetItemsProcessed(state.iterations() * static_cast<std::int64_t>(kKeys));
}

template <class Map>
void walk_10k(benchmark::State& state) {
  const Map map = filled<Map>();
  for (auto _ : state) {
    std::uint64_t sum = 0;
    for (const auto& [key, value] : map) sum += value;
    benchmark::DoNotOptimize(sum);
  }
  state.SetItemsProcessed(state.iterations() * static_cast<std::int64_t>(kKeys));
}

// A checkpoint between any two edits.
template <class Map>
void copy_then_edit_10k(benchmark::State& state) {
  Map map = filled<Map>();
  const auto keys = shuffled_keys<typename Map::key_type>();
  std::size_t i = 0;
  for (auto _ : state) {
    Map before = map;
    put(map, keys[i], i);
    benchmark::DoNotOptimize(before);
    i = i + 1 == keys.size() ? 0 : i + 1;
  }
}

template <class Map>
void edit_then_digest_10k(benchmark::State& state) {
  Map map = filled<Map>();
  const auto keys = shuffled_keys<typename Map::key_type>();
  std::size_t i = 0;
  for (auto _ : state) {
    put(map, keys[i], i);
    benchmark::DoNotOptimize(map.digest());
    i = i + 1 == keys.size() ? 0 : i + 1;
  }
}

template <class Map>
void edit_then_difference_10k(benchmark::State& state) {
  Map map = filled<Map>();
  const auto keys = shuffled_keys<typename Map::key_type>();
  std::size_t i = 0;
  for (auto _ : state) {
    Map before = map;
    put(map, keys[i], i + 2);
    std::size_t seen = 0;
    difference(before, map, [&](const auto&, const auto*, const auto*) { ++seen; });
    benchmark::DoNotOptimize(seen);
    i = i + 1 == keys.size() ? 0 : i + 1;
  }
}

using OurNumbers = OrderedMap<std::uint64_t, std::uint64_t>;
using StdNumbers = std::map<std::uint64_t, std::uint64_t>;
using OurWords = OrderedMap<std::string, std::uint64_t>;
using StdWords = std::map<std::string, std::uint64_t>;

BENCHMARK(find_in_10k<OurNumbers>);
BENCHMARK(find_in_10k<StdNumbers>);
BENCHMARK(find_in_10k<OurWords>);
BENCHMARK(find_in_10k<StdWords>);
BENCHMARK(replace_in_10k<OurNumbers>);
BENCHMARK(replace_in_10k<StdNumbers>);
BENCHMARK(replace_in_10k<OurWords>);
BENCHMARK(replace_in_10k<StdWords>);
BENCHMARK(insert_and_erase_in_10k<OurNumbers>);
BENCHMARK(insert_and_erase_in_10k<StdNumbers>);
BENCHMARK(insert_and_erase_in_10k<OurWords>);
BENCHMARK(insert_and_erase_in_10k<StdWords>);
BENCHMARK(fill_to_10k<OurWords>);
BENCHMARK(fill_to_10k<StdWords>);
BENCHMARK(walk_10k<OurWords>);
BENCHMARK(walk_10k<StdWords>);
BENCHMARK(copy_then_edit_10k<OurNumbers>);
BENCHMARK(copy_then_edit_10k<OurWords>);
BENCHMARK(copy_then_edit_10k<StdWords>);
BENCHMARK(edit_then_digest_10k<OurWords>);
BENCHMARK(edit_then_difference_10k<OurWords>);

}  // namespace
}  // namespace orrery
