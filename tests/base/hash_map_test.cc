// HashMap against std::map: every operation, forks, digests, differences, equal hashes, and the table's rules.
#include "base/hash_map.h"

#include <algorithm>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "base/blob.h"
#include "tests/base/random_numbers.h"

namespace orrery {
namespace {

// Of eight keys that follow each other all have one digest.
struct Clashing {
  std::uint64_t number = 0;

  Digest digest() const { return mix(number / 8); }

  friend auto operator<=>(const Clashing&, const Clashing&) = default;
};

using Table = HashMap<std::uint64_t, std::uint64_t>;
using ClashingTable = HashMap<Clashing, std::uint64_t>;
using TableModel = std::map<std::uint64_t, std::uint64_t>;

static_assert(std::regular<Table> && std::regular<HashMap<Blob, std::string>>);
static_assert(std::forward_iterator<Table::const_iterator>);

std::uint64_t number_in(std::uint64_t key) {
  return key;
}

std::uint64_t number_in(Clashing key) {
  return key.number;
}

template <class Map>
TableModel contents_of(const Map& map) {
  TableModel out;
  for (const auto& [key, value] : map) {
    EXPECT_TRUE(out.emplace(number_in(key), value).second) << "an entry is shown once";
  }
  return out;
}

template <class Map>
Map table_of(const TableModel& model, bool backwards) {
  Map out;
  std::vector<std::pair<std::uint64_t, std::uint64_t>> entries(model.begin(), model.end());
  if (backwards) std::ranges::reverse(entries);
  for (const auto& [key, value] : entries) out.put({key}, value);
  return out;
}

template <class Map>
void expect_table(const Map& map, const TableModel& model) {
  ASSERT_EQ(violations(map), std::vector<std::string>{});
  ASSERT_EQ(map.size(), model.size());
  ASSERT_EQ(map.empty(), model.empty());
  ASSERT_EQ(contents_of(map), model);
  for (const bool backwards : {false, true}) {
    const Map afresh = table_of<Map>(model, backwards);
    ASSERT_EQ(map, afresh);
    ASSERT_EQ(map.digest(), afresh.digest());
  }
}

// One random change to a table and its model.
template <class Map>
void change_table(Map& map, TableModel& model, RandomNumbers& random, std::uint64_t keys,
                  std::uint64_t erase_percent) {
  const typename Map::key_type key{random(keys)};
  const std::uint64_t number = number_in(key);
  const std::uint64_t value = random(1000);
  if (random(100) < erase_percent) {
    ASSERT_EQ(map.erase(key), model.erase(number) == 1);
    return;
  }
  switch (random(3)) {
    case 0: {
      std::uint64_t* there = map.edit(key);
      ASSERT_EQ(there != nullptr, model.contains(number));
      if (there != nullptr) *there = model[number] = value;
      break;
    }
    case 1: {
      const auto [there, fresh] = map.try_put(key, digest_of(key), value);
      ASSERT_EQ(fresh, model.try_emplace(number, value).second);
      ASSERT_EQ(there, model.at(number));
      break;
    }
    default: ASSERT_EQ(map.put(key, value), model.insert_or_assign(number, value).second);
  }
}

template <class Map>
void play_table(std::uint64_t seed, std::uint64_t keys, int rounds) {
  RandomNumbers random(seed);
  std::vector<std::pair<Map, TableModel>> forks(1);
  for (int round = 0; round < rounds; ++round) {
    auto& [map, model] = forks[random(forks.size())];
    const std::uint64_t erase_percent = random(2) == 0 ? 20 : 75;
    for (int i = 0; i < 60; ++i) change_table(map, model, random, keys, erase_percent);
    if (random(3) == 0) (void)map.digest();
    const auto fork = forks[random(forks.size())];
    if (forks.size() < 6) {
      forks.push_back(fork);
    } else {
      forks[random(forks.size())] = fork;
    }
    if (round % 8 != 0) continue;
    for (const auto& [m, expected] : forks) expect_table(m, expected);
  }
  for (const auto& [m, expected] : forks) expect_table(m, expected);
}

TEST(HashMap, BehavesLikeStdMapInManyForks) {
  for (std::uint64_t seed = 1; seed <= 4; ++seed) {
    play_table<Table>(seed, 40, 60);
    play_table<Table>(seed, 3000, 120);
    play_table<ClashingTable>(seed, 400, 100);
  }
}

TEST(HashMap, GrowsAndShrinksByOneBucketAtATime) {
  Table map;
  TableModel model;
  for (std::uint64_t i = 0; i < 2000; ++i) {
    map.put(i, i);
    model[i] = i;
    if (i % 97 == 0) expect_table(map, model);
  }
  const Table kept = map;
  const TableModel kept_model = model;
  for (std::uint64_t i = 0; i < 2000; ++i) {
    ASSERT_TRUE(map.erase(i * 7 % 2000));
    ASSERT_FALSE(map.erase(i * 7 % 2000));
    model.erase(i * 7 % 2000);
    if (i % 97 == 0) expect_table(map, model);
  }
  EXPECT_EQ(map, Table());
  EXPECT_EQ(map.digest(), Table().digest());
  expect_table(kept, kept_model);
}

TEST(HashMap, KeysOfOneDigestAreToldApart) {
  ClashingTable map;
  for (std::uint64_t i = 0; i < 8; ++i) map.put({7 - i}, i);

  EXPECT_EQ(*map.find({3}), 4U);
  EXPECT_TRUE(map.erase({3}));
  EXPECT_EQ(map.find({3}), nullptr);
  EXPECT_EQ(*map.find({4}), 3U);
  EXPECT_EQ(map.find({8}), nullptr);
}

TEST(HashMap, AnEditOfACopyLeavesTheOriginalAlone) {
  HashMap<Blob, std::string> map;
  for (std::uint64_t i = 0; i < 500; ++i) map.put(Blob(numbered("k", i)), "old");
  HashMap<Blob, std::string> copy = map;

  *copy.edit(Blob("k000007")) = "new";
  copy.erase(Blob("k000008"));
  copy.put(Blob("more"), "new");

  EXPECT_EQ(*map.find(Blob("k000007")), "old");
  EXPECT_EQ(*map.find(Blob("k000008")), "old");
  EXPECT_FALSE(map.contains(Blob("more")));
  EXPECT_NE(copy, map);
  EXPECT_NE(copy.digest(), map.digest());
}

TEST(HashMap, AValueThatChangesChangesTheDigest) {
  Table map;
  map.put(1, 10);
  const Digest before = map.digest();
  *map.edit(1) = 11;
  EXPECT_NE(map.digest(), before);
  *map.edit(1) = 10;
  EXPECT_EQ(map.digest(), before);
}

using TableChanges = std::vector<
    std::tuple<std::uint64_t, std::optional<std::uint64_t>, std::optional<std::uint64_t>>>;

template <class Map>
TableChanges changes_of_tables(const Map& a, const Map& b) {
  TableChanges out;
  const auto optional = [](const std::uint64_t* value) {
    return value == nullptr ? std::nullopt : std::optional(*value);
  };
  difference(a, b, [&](const auto& key, const auto* before, const auto* after) {
    out.emplace_back(number_in(key), optional(before), optional(after));
  });
  std::ranges::sort(out);
  return out;
}

TableChanges changes_of_contents(const TableModel& a, const TableModel& b) {
  TableChanges out;
  for (const auto& [key, value] : a) {
    const auto other = b.find(key);
    if (other == b.end()) {
      out.emplace_back(key, value, std::nullopt);
    } else if (other->second != value) {
      out.emplace_back(key, value, other->second);
    }
  }
  for (const auto& [key, value] : b) {
    if (!a.contains(key)) out.emplace_back(key, std::nullopt, value);
  }
  std::ranges::sort(out);
  return out;
}

template <class Map>
void compare_tables(std::uint64_t seed, std::uint64_t keys) {
  RandomNumbers random(seed);
  TableModel model;
  Map map;
  for (std::uint64_t i = 0; i < keys; ++i) change_table(map, model, random, keys, 10);
  for (int round = 0; round < 60; ++round) {
    Map other = map;
    auto other_model = model;
    const std::uint64_t edits = random(40);
    for (std::uint64_t i = 0; i < edits; ++i) {
      change_table(other, other_model, random, keys, random(100));
    }
    ASSERT_EQ(changes_of_tables(map, other), changes_of_contents(model, other_model));
    ASSERT_EQ(map == other, model == other_model);
    if (random(2) == 0) std::swap(map, other), std::swap(model, other_model);
  }
}

TEST(HashMap, DifferenceIsThatOfTheContents) {
  for (std::uint64_t seed = 0; seed < 6; ++seed) {
    compare_tables<Table>(seed, 2000);
    compare_tables<Table>(seed, 30);
    compare_tables<ClashingTable>(seed, 300);
  }
}

TEST(HashMap, DifferenceCostsWhatChangedNotWhatExists) {
  Table map;
  for (std::uint64_t i = 0; i < 50'000; ++i) map.put(i, i);
  Table other = map;
  for (std::uint64_t i = 0; i < 20; ++i) other.put(50'000 + i, i);  // splits buckets, too

  int seen = 0;
  difference(map, other, [&](std::uint64_t key, const auto* before, const auto* after) {
    EXPECT_GE(key, 50'000U);
    EXPECT_EQ(before, nullptr);
    EXPECT_EQ(*after, key - 50'000);
    ++seen;
  });

  EXPECT_EQ(seen, 20);
}

}  // namespace
}  // namespace orrery
