// OrderedMap against std::map: every operation, forks, digests, differences, and the B-tree's rules.
#include "base/ordered_map.h"

#include <algorithm>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "base/blob.h"
#include "tests/base/random_numbers.h"

namespace orrery {
namespace {

using Numbers = OrderedMap<std::uint64_t, std::uint64_t>;
using Words = OrderedMap<std::string, std::string>;

// Entries too large for a wide node, so that few of them make a deep tree.
struct Large {
  std::uint64_t number = 0;
  std::array<std::uint64_t, 40> ballast{};

  template <class F>
  void fields(F&& f) const {
    f("number", number), f("ballast", ballast);
  }

  friend bool operator==(const Large&, const Large&) = default;
};

using Deep = OrderedMap<std::uint64_t, Large>;

static_assert(std::regular<Numbers> && std::regular<Words> && std::regular<Deep>);
static_assert(std::bidirectional_iterator<Numbers::const_iterator>);
static_assert(sizeof(Words) == sizeof(void*));
static_assert(BTreeNode<std::uint64_t, std::uint64_t>::kMaxItems == 63);
static_assert(BTreeNode<std::uint64_t, Large>::kMaxItems == 7);

std::uint64_t number_of(std::uint64_t value) {
  return value;
}

std::uint64_t number_of(const Large& value) {
  return value.number;
}

template <class Map>
void expect_same(const Map& map, const std::map<std::uint64_t, std::uint64_t>& model) {
  ASSERT_EQ(map.size(), model.size());
  ASSERT_EQ(violations(map), std::vector<std::string>{});
  auto expected = model.begin();
  for (const auto& [key, value] : map) {
    ASSERT_EQ(key, expected->first);
    ASSERT_EQ(number_of(value), expected->second);
    ++expected;
  }
}

template <class Map>
Digest digest_from_scratch(const Map& map) {
  Map afresh;
  for (const auto& [key, value] : map) afresh.put(key, value);
  return afresh.digest();
}

template <class V>
V value_of(std::uint64_t number) {
  if constexpr (std::is_same_v<V, Large>)
    return Large{.number = number};
  else
    return number;
}

// One random change to a map and its model.
template <class Map>
void change(Map& map, std::map<std::uint64_t, std::uint64_t>& model, RandomNumbers& random,
            std::uint64_t keys, std::uint64_t erase_percent) {
  using V = typename Map::mapped_type;
  const std::uint64_t key = random(keys);
  const std::uint64_t number = random(1000);
  if (random(100) < erase_percent) {
    ASSERT_EQ(map.erase(key), model.erase(key) == 1);
    return;
  }
  switch (random(4)) {
    case 0:
      if (V* value = map.edit(key)) {
        *value = value_of<V>(number);
        model.at(key) = number;
      } else {
        ASSERT_FALSE(model.contains(key));
      }
      break;
    case 1:
      map.at_or_new(key) = value_of<V>(number);
      model[key] = number;
      break;
    default:
      ASSERT_EQ(map.put(key, value_of<V>(number)), model.insert_or_assign(key, number).second);
  }
}

template <class Map>
void play_against_model(std::uint64_t seed, std::uint64_t keys, int rounds) {
  RandomNumbers random(seed);
  std::vector<std::pair<Map, std::map<std::uint64_t, std::uint64_t>>> forks(1);
  for (int round = 0; round < rounds; ++round) {
    auto& [map, model] = forks[random(forks.size())];
    const std::uint64_t erase_percent = random(2) == 0 ? 20 : 75;
    for (int i = 0; i < 60; ++i) change(map, model, random, keys, erase_percent);
    if (random(3) == 0) {
      ASSERT_EQ(map.digest(), digest_from_scratch(map));
    }
    const auto fork = forks[random(forks.size())];
    if (forks.size() < 6)
      forks.push_back(fork);
    else
      forks[random(forks.size())] = fork;
    if (round % 8 == 0) {
      for (const auto& [m, expected] : forks) expect_same(m, expected);
    }
  }
  for (const auto& [m, expected] : forks) {
    expect_same(m, expected);
    ASSERT_EQ(m.digest(), digest_from_scratch(m));
  }
}

TEST(OrderedMap, BehavesLikeStdMapInManyForks) {
  for (std::uint64_t seed = 1; seed <= 4; ++seed) {
    play_against_model<Numbers>(seed, 40, 60);
    play_against_model<Numbers>(seed, 3000, 150);
    play_against_model<Deep>(seed, 500, 100);
  }
}

TEST(OrderedMap, GrowsAndShrinksInEveryOrderAndStaysABTree) {
  for (const bool up_in : {true, false}) {
    for (const bool up_out : {true, false}) {
      Deep map;
      for (std::uint64_t i = 0; i < 2000; ++i) {
        map.put(up_in ? i : 1999 - i, Large{.number = i});
        if (i % 97 == 0) {
          ASSERT_EQ(violations(map), std::vector<std::string>{});
        }
      }
      const Deep kept = map;
      for (std::uint64_t i = 0; i < 2000; ++i) {
        ASSERT_TRUE(map.erase(up_out ? i : 1999 - i));
        if (i % 97 == 0) {
          ASSERT_EQ(violations(map), std::vector<std::string>{});
        }
      }
      EXPECT_TRUE(map.empty());
      EXPECT_EQ(map, Deep());
      EXPECT_EQ(kept.size(), 2000U);
      EXPECT_EQ(violations(kept), std::vector<std::string>{});
    }
  }
}

TEST(OrderedMap, EqualContentsByManyRoutesHaveEqualDigests) {
  Numbers straight;
  for (std::uint64_t i = 0; i < 300; ++i) straight.put(i, i * i);
  const Digest expected = straight.digest();
  for (std::uint64_t route = 0; route < 1000; ++route) {
    RandomNumbers random(route);
    Numbers map;
    std::vector<std::uint64_t> order;
    for (std::uint64_t i = 0; i < 300; ++i) {
      order.insert(order.begin() + static_cast<std::ptrdiff_t>(random(order.size() + 1)), i);
    }
    for (const std::uint64_t i : order) {
      map.put(i, random(2) == 0 ? i * i : 7);
      if (random(20) == 0) (void)map.digest();
      if (random(4) == 0) map.put(1000 + random(500), 1);
    }
    const Numbers fork = map;
    for (std::uint64_t i = 1000; i < 1500; ++i) map.erase(i);
    for (std::uint64_t i = 0; i < 300; ++i) *map.edit(i) = i * i;
    ASSERT_EQ(map.digest(), expected) << "route " << route;
    ASSERT_EQ(map, straight) << "route " << route;
    ASSERT_EQ(fork.digest(), digest_from_scratch(fork));
  }
}

TEST(OrderedMap, DigestsAreTheSameInEveryBuild) {
  Words words;
  for (std::uint64_t i = 0; i < 100; ++i) words.put(numbered("k", i), numbered("value", i));

  EXPECT_EQ(Words().digest(), mix(0));
  EXPECT_EQ(words.digest(), 424332670896076932U);
}

TEST(OrderedMap, AnEditOfACopyLeavesTheOriginalAlone) {
  Words original;
  for (std::uint64_t i = 0; i < 1000; ++i) original.put(numbered("k", i), "old");
  const Digest before = original.digest();

  Words copy = original;
  *copy.edit("k000500") = "new";
  copy.erase("k000001");
  copy.at_or_new("zzz") = "more";

  EXPECT_EQ(original.digest(), before);
  EXPECT_EQ(*original.find("k000500"), "old");
  EXPECT_TRUE(original.contains("k000001"));
  EXPECT_FALSE(original.contains("zzz"));
  EXPECT_EQ(*copy.find("k000500"), "new");
  EXPECT_NE(copy.digest(), before);
  EXPECT_NE(copy, original);
}

TEST(OrderedMap, AnEditIsInPlaceWhileNobodySharesTheNode) {
  Numbers map;
  for (std::uint64_t i = 0; i < 1000; ++i) map.put(i, i);
  const std::uint64_t* place = map.find(std::uint64_t{700});

  EXPECT_EQ(map.edit(std::uint64_t{700}), place);
  map.put(700, 1);
  EXPECT_EQ(map.find(std::uint64_t{700}), place);

  const Numbers copy = map;
  EXPECT_TRUE(copy.same_root(map));
  EXPECT_NE(map.edit(std::uint64_t{700}), place);
  EXPECT_EQ(copy.find(std::uint64_t{700}), place);
}

template <class Map>
void expect_built_of(std::uint64_t size) {
  using V = typename Map::mapped_type;
  std::vector<typename Map::value_type> entries;
  std::map<std::uint64_t, std::uint64_t> model;
  for (std::uint64_t i = 0; i < size; ++i) {
    entries.emplace_back(2 * i, value_of<V>(i));
    model[2 * i] = i;
  }
  Map map = Map::from_sorted(std::move(entries));
  expect_same(map, model);
  ASSERT_EQ(map.digest(), digest_from_scratch(map));
  for (std::uint64_t i = 0; i < size; i += size / 8 + 1) {
    map.put(2 * i + 1, value_of<V>(i));
    map.erase(2 * i);
    model[2 * i + 1] = i;
    model.erase(2 * i);
  }
  expect_same(map, model);
}

TEST(OrderedMap, BuiltOfSortedEntriesItIsAValidTreeOfEverySize) {
  for (std::uint64_t size = 0; size < 600; ++size) {
    expect_built_of<Deep>(size);
    expect_built_of<Numbers>(size * 7);
  }
}

TEST(OrderedMap, ManyEditsAtOnceChangeThoseEntriesAndNoOthers) {
  RandomNumbers random(11);
  for (const std::uint64_t size : {1U, 7U, 40U, 500U}) {
    for (const std::uint64_t every : {1U, 3U, 100U}) {
      Deep map;
      for (std::uint64_t i = 0; i < size; ++i) map.put(i, Large{.number = i});
      const Deep before = map;
      const Digest digest = before.digest();
      std::vector<std::size_t> positions;
      for (std::size_t i = 0; i < size; ++i) {
        if (random(every) == 0) positions.push_back(i);
      }

      std::vector<std::size_t> met;
      map.edit_each(positions, [&](const std::uint64_t& key, Large& value) {
        met.push_back(key);
        value.number += 1000;
      });

      ASSERT_EQ(met, positions);
      ASSERT_EQ(violations(map), std::vector<std::string>{});
      ASSERT_EQ(map.digest(), digest_from_scratch(map));
      ASSERT_EQ(before.digest(), digest);
      std::vector<std::size_t> changed;
      difference(before, map, [&](const std::uint64_t& key, const Large* old, const Large* now) {
        changed.push_back(key);
        ASSERT_EQ(now->number, old->number + 1000);
      });
      ASSERT_EQ(changed, positions);
    }
  }
}

TEST(OrderedMap, QueriesComeInAnyTypeThatCompares) {
  OrderedMap<Blob, int> blobs;
  blobs.put(Blob("b"), 2);
  blobs.at_or_new(std::string_view("a")) = 1;
  OrderedMap<Term, int> terms;
  terms.at_or_new(Term(4)) = 5;
  OrderedMap<std::pair<Term, Index>, int> pairs;
  pairs.put({Term(1), Index(2)}, 3);

  EXPECT_EQ(*blobs.find(std::string_view("a")), 1);
  EXPECT_EQ(*blobs.find(std::string("b")), 2);
  EXPECT_EQ(*blobs.find("b"), 2);
  EXPECT_EQ(blobs.lower_bound(std::string_view("aa"))->second, 2);
  EXPECT_EQ(blobs.find(Blob("c")), nullptr);
  EXPECT_EQ(*terms.find(Term(4)), 5);
  EXPECT_EQ(*pairs.find(std::pair(Term(1), Index(2))), 3);
}

TEST(OrderedMap, BoundsRanksAndPositionsAgreeWithStdMap) {
  RandomNumbers random(5);
  Deep map;
  std::map<std::uint64_t, std::uint64_t> model;
  for (int i = 0; i < 700; ++i) change(map, model, random, 2000, 10);
  const auto position_of = [&](auto it) {
    return static_cast<std::size_t>(std::distance(model.begin(), it));
  };
  for (std::uint64_t key = 0; key <= 2001; ++key) {
    const auto lower = map.lower_bound(key);
    const auto upper = map.upper_bound(key);
    const auto lower_position = position_of(model.lower_bound(key));
    ASSERT_EQ(map.rank(key), lower_position);
    ASSERT_EQ(lower, map.nth(lower_position));
    ASSERT_EQ(upper, map.nth(position_of(model.upper_bound(key))));
    ASSERT_EQ(lower != upper, model.contains(key));
    if (lower != map.end()) {
      ASSERT_EQ(lower->first, model.lower_bound(key)->first);
    }
  }
}

TEST(OrderedMap, IteratorsWalkBothWays) {
  Deep map;
  for (std::uint64_t i = 0; i < 500; ++i) map.put(i * 3, Large{.number = i});

  std::uint64_t expected = 500;
  auto it = map.end();
  while (it != map.begin()) {
    --it;
    ASSERT_EQ(it->second.number, --expected);
    auto forth = it;
    ASSERT_EQ(*forth++, *it);
    ASSERT_EQ(*--forth, *it);
  }
  EXPECT_EQ(expected, 0U);
  EXPECT_EQ(map.first()->first, 0U);
  EXPECT_EQ(map.last()->first, 499U * 3);
  EXPECT_EQ(Deep().first(), nullptr);
  EXPECT_EQ(Deep().begin(), Deep().end());
}

using Changes = std::vector<
    std::tuple<std::uint64_t, std::optional<std::uint64_t>, std::optional<std::uint64_t>>>;

template <class Map>
Changes changes_between(const Map& a, const Map& b) {
  Changes out;
  const auto number = [](const auto* value) {
    return value == nullptr ? std::nullopt : std::optional(number_of(*value));
  };
  difference(a, b, [&](std::uint64_t key, const auto* before, const auto* after) {
    out.emplace_back(key, number(before), number(after));
  });
  return out;
}

template <class Model>
Changes changes_of_models(const Model& a, const Model& b) {
  Changes out;
  for (const auto& [key, value] : a) {
    const auto other = b.find(key);
    if (other == b.end())
      out.emplace_back(key, value, std::nullopt);
    else if (other->second != value)
      out.emplace_back(key, value, other->second);
  }
  for (const auto& [key, value] : b) {
    if (!a.contains(key)) out.emplace_back(key, std::nullopt, value);
  }
  std::ranges::sort(out);
  return out;
}

template <class Map>
void compare_differences(std::uint64_t seed, std::uint64_t keys) {
  RandomNumbers random(seed);
  std::map<std::uint64_t, std::uint64_t> model;
  Map map;
  for (std::uint64_t i = 0; i < keys; ++i) change(map, model, random, keys, 10);
  for (int round = 0; round < 60; ++round) {
    Map other = map;
    auto other_model = model;
    const std::uint64_t edits = random(40);
    for (std::uint64_t i = 0; i < edits; ++i) change(other, other_model, random, keys, random(100));
    ASSERT_EQ(changes_between(map, other), changes_of_models(model, other_model));
    ASSERT_EQ(map == other, model == other_model);
    if (random(2) == 0) std::swap(map, other), std::swap(model, other_model);
  }
}

TEST(OrderedMap, DifferenceIsThatOfTheContents) {
  for (std::uint64_t seed = 0; seed < 6; ++seed) {
    compare_differences<Numbers>(seed, 2000);
    compare_differences<Deep>(seed, 400);
  }
}

// Counts how often it is compared.
struct Watched {
  std::uint64_t number = 0;
  static inline std::uint64_t comparisons = 0;

  template <class F>
  void fields(F&& f) const {
    f("number", number);
  }

  friend bool operator==(const Watched& a, const Watched& b) {
    ++comparisons;
    return a.number == b.number;
  }
};

TEST(OrderedMap, DifferenceCostsWhatChangedNotWhatExists) {
  OrderedMap<std::uint64_t, Watched> map;
  for (std::uint64_t i = 0; i < 50'000; ++i) map.put(i, Watched{i});
  auto other = map;
  other.edit(std::uint64_t{31'415})->number = 0;

  Watched::comparisons = 0;
  int seen = 0;
  difference(map, other, [&](std::uint64_t key, const auto*, const auto*) {
    EXPECT_EQ(key, 31'415U);
    ++seen;
  });

  EXPECT_EQ(seen, 1);
  EXPECT_LT(Watched::comparisons, 300U);
}

// Counts how often it is copied.
struct Precious {
  Precious() = default;

  Precious(const Precious&) { ++copies; }

  Precious(Precious&&) noexcept {}

  Precious& operator=(const Precious&) {
    ++copies;
    return *this;
  }

  Precious& operator=(Precious&&) noexcept { return *this; }

  static inline std::uint64_t copies = 0;

  Digest digest() const { return 1; }
};

TEST(OrderedMap, ValuesAreMovedNotCopiedWhileNobodyShares) {
  OrderedMap<std::uint64_t, Precious> map;
  Precious::copies = 0;
  for (std::uint64_t i = 0; i < 5000; ++i) map.put(i * 7919 % 5000, Precious());
  for (std::uint64_t i = 0; i < 4000; ++i) map.erase(i);
  EXPECT_EQ(Precious::copies, 0U);

  auto copy = map;
  EXPECT_EQ(Precious::copies, 0U);
  copy.edit(std::uint64_t{4500});
  EXPECT_LT(Precious::copies, 130U);
}

struct Folder {
  OrderedMap<std::string, Folder> folders;
  friend bool operator==(const Folder&, const Folder&) = default;

  template <class F>
  void fields(F&& f) const {
    f("folders", folders);
  }
};

TEST(OrderedMap, MayHoldItsOwnKind) {
  Folder root;
  root.folders.at_or_new("etc").folders.at_or_new("hosts");
  Folder other = root;
  EXPECT_EQ(other, root);
  other.folders.edit("etc")->folders.at_or_new("passwd");
  EXPECT_EQ(root.folders.find("etc")->folders.size(), 1U);
  EXPECT_NE(digest_of(other), digest_of(root));
}

}  // namespace
}  // namespace orrery
