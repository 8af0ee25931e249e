// The persistent structures of core/base beside std::map and std::deque.
#include <cstdint>
#include <deque>
#include <map>
#include <string>
#include <vector>

#include <benchmark/benchmark.h>

#include "base/blob.h"
#include "base/interval_tree.h"
#include "base/ordered_map.h"
#include "base/sequence.h"
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

// -- sequences

// A Raft log's entry in size.
struct Record {
  std::uint64_t term = 0;
  std::uint64_t index = 0;
  Blob data;

  template <class F>
  void fields(F&& f) const {
    f("term", term), f("index", index), f("data", data);
  }
  friend bool operator==(const Record&, const Record&) = default;
};

template <class List>
List filled_list() {
  List out;
  const Blob data("a value of some length, as a put carries");
  for (std::uint64_t i = 0; i < kKeys; ++i) out.push_back({1, i, data});
  return out;
}

template <class List>
void push_back_to_10k(benchmark::State& state) {
  const Blob data("a value of some length, as a put carries");
  for (auto _ : state) {
    List list;
    for (std::uint64_t i = 0; i < kKeys; ++i) list.push_back({1, i, data});
    benchmark::DoNotOptimize(list);
  }
  state.SetItemsProcessed(state.iterations() * static_cast<std::int64_t>(kKeys));
}

template <class List>
void read_at_random_in_10k(benchmark::State& state) {
  const List list = filled_list<List>();
  const auto places = shuffled_keys<std::uint64_t>();
  std::size_t i = 0;
  for (auto _ : state) {
    benchmark::DoNotOptimize(list[places[i]].index);
    i = i + 1 == places.size() ? 0 : i + 1;
  }
}

template <class List>
void walk_list_of_10k(benchmark::State& state) {
  const List list = filled_list<List>();
  for (auto _ : state) {
    std::uint64_t sum = 0;
    for (const Record& record : list) sum += record.index;
    benchmark::DoNotOptimize(sum);
  }
  state.SetItemsProcessed(state.iterations() * static_cast<std::int64_t>(kKeys));
}

void drop_first(Sequence<Record>& list) {
  list.drop_front(1);
}

void drop_first(std::deque<Record>& list) {
  list.pop_front();
}

// A channel: one in, one out, a few inside.
template <class List>
void pass_through_channel(benchmark::State& state) {
  List list;
  for (std::uint64_t i = 0; i < 3; ++i) list.push_back({1, i, {}});
  for (auto _ : state) {
    list.push_back({1, 2, {}});
    drop_first(list);
  }
}

template <class List>
void copy_then_push_10k(benchmark::State& state) {
  List list = filled_list<List>();
  for (auto _ : state) {
    List before = list;
    list.push_back({1, 2, {}});
    benchmark::DoNotOptimize(before);
  }
}

void push_then_digest_10k(benchmark::State& state) {
  auto list = filled_list<Sequence<Record>>();
  for (auto _ : state) {
    list.push_back({1, 2, {}});
    benchmark::DoNotOptimize(list.digest());
  }
}

BENCHMARK(push_back_to_10k<Sequence<Record>>);
BENCHMARK(push_back_to_10k<std::deque<Record>>);
BENCHMARK(read_at_random_in_10k<Sequence<Record>>);
BENCHMARK(read_at_random_in_10k<std::deque<Record>>);
BENCHMARK(walk_list_of_10k<Sequence<Record>>);
BENCHMARK(walk_list_of_10k<std::deque<Record>>);
BENCHMARK(pass_through_channel<Sequence<Record>>);
BENCHMARK(pass_through_channel<std::deque<Record>>);
BENCHMARK(copy_then_push_10k<Sequence<Record>>);
BENCHMARK(copy_then_push_10k<std::deque<Record>>);
BENCHMARK(push_then_digest_10k);

// -- ranges: which of 10,000 hold a key?

std::vector<std::pair<std::string, std::string>> ranges() {
  std::vector<std::pair<std::string, std::string>> out;
  for (const std::uint64_t i : shuffled_keys<std::uint64_t>()) {
    out.emplace_back(numbered("/registry/", i * 10), numbered("/registry/", i * 10 + 15));
  }
  return out;
}

void stab_10k_in_the_tree(benchmark::State& state) {
  IntervalTree<std::uint64_t> tree;
  for (const auto& [begin, end] : ranges()) tree.put({Blob(begin), Blob(end)}, 1);
  std::uint64_t i = 0;
  for (auto _ : state) {
    std::uint64_t sum = 0;
    tree.stab(numbered("/registry/", i * 7919 % 100'000),
              [&](const Interval&, std::uint64_t value) { sum += value; });
    benchmark::DoNotOptimize(sum);
    ++i;
  }
}

void stab_10k_in_a_list(benchmark::State& state) {
  const auto list = ranges();
  std::uint64_t i = 0;
  for (auto _ : state) {
    std::uint64_t sum = 0;
    const std::string key = numbered("/registry/", i * 7919 % 100'000);
    for (const auto& [begin, end] : list) sum += begin <= key && key < end ? 1U : 0U;
    benchmark::DoNotOptimize(sum);
    ++i;
  }
}

void erase_and_put_range_in_10k(benchmark::State& state) {
  IntervalTree<std::uint64_t> tree;
  std::vector<Interval> all;
  for (const auto& [begin, end] : ranges()) all.push_back({Blob(begin), Blob(end)});
  for (const Interval& range : all) tree.put(range, 1);
  std::size_t i = 0;
  for (auto _ : state) {
    tree.erase(all[i]);
    tree.put(all[i], 1);
    i = i + 1 == all.size() ? 0 : i + 1;
  }
}

BENCHMARK(stab_10k_in_the_tree);
BENCHMARK(stab_10k_in_a_list);
BENCHMARK(erase_and_put_range_in_10k);

// -- digests

void digest_a_block(benchmark::State& state) {
  const std::string block(4096, 'x');
  for (auto _ : state) benchmark::DoNotOptimize(digest_bytes(block));
  state.SetBytesProcessed(state.iterations() * 4096);
}

BENCHMARK(digest_a_block);

}  // namespace
}  // namespace orrery
