// IntervalTree against a plain list of ranges: searches, forks, digests, differences, red-black rules.
#include "base/interval_tree.h"

#include <algorithm>
#include <bit>
#include <cstdint>
#include <cstdlib>
#include <map>
#include <optional>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "tests/base/random_numbers.h"

namespace orrery {
namespace {

using Tree = IntervalTree<std::uint64_t>;
using Model = std::map<std::pair<std::string, std::string>, std::uint64_t>;  // "~" = no upper end
using Hits = std::vector<std::pair<std::string, std::string>>;

static_assert(std::regular<Tree>);
static_assert(std::forward_iterator<decltype(Tree().begin())>);

std::string end_text(BytesView end) {
  return end.empty() ? "~" : std::string(end);
}

Interval interval(std::string_view begin, std::string_view end) {
  return {Blob(begin), Blob(end == "~" ? "" : end)};
}

// Some of them differ only behind what a node keeps of a key.
std::string random_key(RandomNumbers& random) {
  std::string out(random(3) * 15, 'b');
  for (std::uint64_t n = 1 + random(2); n > 0; --n) out += static_cast<char>('a' + random(4));
  return out;
}

std::pair<std::string, std::string> random_range(RandomNumbers& random) {
  std::string begin = random_key(random);
  std::string end = random_key(random);
  if (random(6) == 0) return {begin, "~"};
  if (begin > end) std::swap(begin, end);
  if (begin == end) end += '\0';
  return {begin, end};
}

Hits hits_of(const Tree& tree, std::string_view begin, std::string_view end) {
  Hits out;
  tree.visit(begin, end == "~" ? "" : end, [&](const Interval& range, std::uint64_t) {
    out.emplace_back(range.begin.view(), end_text(range.end));
  });
  return out;
}

Hits naive_hits(const Model& model, const std::string& begin, const std::string& end) {
  Hits out;
  for (const auto& [range, value] : model) {
    if (range.first < end && begin < range.second) out.push_back(range);
  }
  return out;
}

bool naive_contains(const Model& model, const std::string& begin, const std::string& end) {
  std::string covered = begin;
  for (const auto& [range, value] : model) {
    if (range.first <= covered && range.second > covered) covered = range.second;
  }
  return covered >= end;
}

void expect_same(const Tree& tree, const Model& model) {
  ASSERT_EQ(violations(tree), std::vector<std::string>{});
  ASSERT_EQ(tree.size(), model.size());
  auto expected = model.begin();
  for (const auto& [range, value] : tree) {
    ASSERT_EQ(range.begin, expected->first.first);
    ASSERT_EQ(end_text(range.end), expected->first.second);
    ASSERT_EQ(value, expected->second);
    ++expected;
  }
}

void expect_same_searches(const Tree& tree, const Model& model, RandomNumbers& random) {
  for (int i = 0; i < 10; ++i) {
    const auto [begin, end] = random_range(random);
    const Hits hits = naive_hits(model, begin, end);
    ASSERT_EQ(hits_of(tree, begin, end), hits);
    ASSERT_EQ(tree.intersects(begin, end == "~" ? "" : end), !hits.empty());
    ASSERT_EQ(tree.contains(begin, end == "~" ? "" : end), naive_contains(model, begin, end));
    const std::string key = random_key(random);
    Hits stabbed;
    tree.stab(key, [&](const Interval& range, std::uint64_t) {
      stabbed.emplace_back(range.begin.view(), end_text(range.end));
      ASSERT_TRUE(range.holds(key));
    });
    ASSERT_EQ(stabbed, naive_hits(model, key, key + '\0'));
  }
}

void change(Tree& tree, Model& model, RandomNumbers& random, std::uint64_t erase_percent) {
  const auto [begin, end] = random_range(random);
  const Interval range = interval(begin, end);
  if (random(100) < erase_percent) {
    ASSERT_EQ(tree.erase(range), model.erase({begin, end}) == 1);
  } else if (random(2) == 0) {
    const std::uint64_t value = random(100);
    ASSERT_EQ(tree.put(range, value), model.insert_or_assign({begin, end}, value).second);
  } else {
    ++tree.try_put(range, 0).first;
    ++model[{begin, end}];
  }
}

Digest digest_from_scratch(const Tree& tree) {
  std::vector<Tree::Entry> entries(tree.begin(), tree.end());
  Tree afresh;
  for (auto it = entries.rbegin(); it != entries.rend(); ++it) afresh.put(it->range, it->value);
  return afresh.digest();
}

TEST(IntervalTree, AnswersLikeAPlainListInManyForks) {
  for (std::uint64_t seed = 1; seed <= 6; ++seed) {
    RandomNumbers random(seed);
    std::vector<std::pair<Tree, Model>> forks(1);
    for (int round = 0; round < 120; ++round) {
      auto& [tree, model] = forks[random(forks.size())];
      const std::uint64_t erase_percent = random(2) == 0 ? 20 : 80;
      for (int i = 0; i < 40; ++i) change(tree, model, random, erase_percent);
      expect_same_searches(tree, model, random);
      if (random(3) == 0) {
        ASSERT_EQ(tree.digest(), digest_from_scratch(tree));
      }
      const auto fork = forks[random(forks.size())];
      if (forks.size() < 5) {
        forks.push_back(fork);
      } else {
        forks[random(forks.size())] = fork;
      }
      for (const auto& [t, expected] : forks) expect_same(t, expected);
    }
    for (const auto& [t, expected] : forks) {
      ASSERT_EQ(t.digest(), digest_from_scratch(t));
      for (const auto& [other, other_model] : forks) {
        ASSERT_EQ(t == other, expected == other_model);
      }
    }
  }
}

// A million operations with ORRERY_LONG; after each one every rule of the tree is looked at.
TEST(IntervalTree, IsValidAndStabsLikeAScanAfterEveryOperation) {
  const std::uint64_t operations = std::getenv("ORRERY_LONG") == nullptr ? 30'000 : 1'000'000;
  RandomNumbers random(7);
  Tree tree;
  Model model;
  std::uint64_t largest = 0;
  for (std::uint64_t i = 0; i < operations; ++i) {
    // Long waves: the tree grows to some eighty ranges and shrinks to a few.
    change(tree, model, random, i / 500 % 2 == 0 ? 20 : 80);
    ASSERT_EQ(violations(tree), std::vector<std::string>{}) << "operation " << i;
    if (i % 100 == 0) expect_same(tree, model);
    const std::string key = random_key(random);
    Hits stabbed;
    tree.stab(key, [&](const Interval& range, std::uint64_t) {
      stabbed.emplace_back(range.begin.view(), end_text(range.end));
    });
    ASSERT_EQ(stabbed, naive_hits(model, key, key + '\0')) << "operation " << i;
    if (testing::Test::HasFatalFailure()) return;
    largest = std::max<std::uint64_t>(largest, tree.size());
  }
  EXPECT_GT(largest, 60U);
}

TEST(IntervalTree, StaysRedBlackInEveryOrderOfGrowthAndLoss) {
  for (const bool up_in : {true, false}) {
    for (const bool up_out : {true, false}) {
      Tree tree;
      const auto range = [](std::uint64_t i) {
        return interval(numbered("k", i), numbered("k", i + 3));
      };
      for (std::uint64_t i = 0; i < 1000; ++i) tree.put(range(up_in ? i : 999 - i), i);
      ASSERT_EQ(violations(tree), std::vector<std::string>{});
      const Tree kept = tree;
      for (std::uint64_t i = 0; i < 1000; ++i) {
        ASSERT_TRUE(tree.erase(range(up_out ? i : 999 - i)));
        if (i % 50 == 0) {
          ASSERT_EQ(violations(tree), std::vector<std::string>{});
        }
      }
      EXPECT_TRUE(tree.empty());
      EXPECT_EQ(kept.size(), 1000U);
      EXPECT_EQ(violations(kept), std::vector<std::string>{});
    }
  }
}

TEST(IntervalTree, EqualContentsByManyRoutesHaveEqualDigests) {
  Tree straight;
  for (std::uint64_t i = 0; i < 100; ++i) {
    straight.put(interval(numbered("k", i), numbered("k", i + 5)), i);
  }
  for (std::uint64_t route = 0; route < 1000; ++route) {
    RandomNumbers random(route);
    Tree other;
    for (int i = 0; i < 150; ++i) {
      const std::uint64_t n = random(100);
      other.put(interval(numbered("k", n), numbered("k", n + 5)), random(7));
      if (random(4) == 0) other.put(interval(numbered("x", n), "~"), n);
      if (random(20) == 0) (void)other.digest();
    }
    for (std::uint64_t i = 0; i < 100; ++i) {
      other.erase(interval(numbered("x", i), "~"));
      other.try_put(interval(numbered("k", i), numbered("k", i + 5)), 0).first = i;
    }
    ASSERT_EQ(other.digest(), straight.digest()) << "route " << route;
    ASSERT_EQ(other, straight) << "route " << route;
  }
}

TEST(IntervalTree, DigestsAreTheSameInEveryBuild) {
  Tree tree;
  tree.put(interval("a", "c"), 1);
  tree.put(interval("b", "~"), 2);

  EXPECT_EQ(Tree().digest(), mix(0));
  EXPECT_EQ(tree.digest(), 665429052865741013U);
}

TEST(IntervalTree, ContainsWantsACoverWithoutGap) {
  Tree tree;
  tree.put(interval("a", "c"), 0);
  tree.put(interval("c", "e"), 0);
  tree.put(interval("f", "g"), 0);
  tree.put(interval("x", "~"), 0);

  EXPECT_TRUE(tree.contains("a", "e"));
  EXPECT_TRUE(tree.contains("b", "d"));
  EXPECT_TRUE(tree.contains("x", ""));
  EXPECT_TRUE(tree.contains("y", "z"));
  EXPECT_FALSE(tree.contains("a", "g"));
  EXPECT_FALSE(tree.contains("a", ""));
  EXPECT_FALSE(tree.contains("A", "b"));
  EXPECT_FALSE(tree.contains("m", "n"));
  EXPECT_FALSE(Tree().contains("a", "b"));
}

TEST(IntervalTree, ShortRangeNestedInALongOneDoesNotHideIt) {
  Tree tree;
  tree.put(interval("a", "z"), 0);
  tree.put(interval("b", "c"), 0);
  tree.put(interval("m", "n"), 0);

  EXPECT_TRUE(tree.contains("a", "y"));
}

TEST(IntervalTree, AStabLooksAtFewNodesOfMany) {
  Tree tree;
  for (std::uint64_t i = 0; i < 10'000; ++i) {
    tree.put(interval(numbered("k", i * 10), numbered("k", i * 10 + 9)), i);
  }
  std::uint64_t found = 0;

  const std::uint64_t looks =
      tree.stab("k050005", [&](const Interval&, std::uint64_t value) { found = value; });

  EXPECT_EQ(found, 5000U);
  EXPECT_LE(looks, 4U * 14U);
}

TEST(IntervalTree, AVisitThatGivesFalseIsTheLast) {
  Tree tree;
  for (std::uint64_t i = 0; i < 100; ++i) tree.put(interval("a", numbered("b", i)), i);
  int seen = 0;

  tree.stab("a", [&](const Interval&, std::uint64_t) { return ++seen < 7; });

  EXPECT_EQ(seen, 7);
}

TEST(IntervalTree, IsDrawnWithParentsDepthsColoursAndLargestEnds) {
  Tree tree;
  for (std::uint64_t i = 0; i < 100; ++i) {
    tree.put(interval(numbered("k", i), i == 40 ? "~" : numbered("k", i + 1)), i);
  }
  std::vector<Tree::Place> places;
  tree.draw([&](const auto& entry, const Tree::Place& place) {
    EXPECT_EQ(entry.value, places.size());
    places.push_back(place);
  });

  ASSERT_EQ(places.size(), 100U);
  for (std::size_t i = 0; i < places.size(); ++i) {
    EXPECT_EQ(places[i].order, i);
    EXPECT_LE(places[i].depth, 2U * static_cast<std::size_t>(std::bit_width(101U)));
    if (!places[i].parent) {
      EXPECT_EQ(places[i].depth, 0U);
      EXPECT_FALSE(places[i].red);
      EXPECT_TRUE(places[i].largest_end.empty());
      continue;
    }
    const Tree::Place& parent = places[*places[i].parent];
    EXPECT_EQ(places[i].depth, parent.depth + 1);
    EXPECT_FALSE(places[i].red && parent.red);
    EXPECT_TRUE(end_at_most(places[i].largest_end, parent.largest_end));
  }
}

TEST(IntervalTree, TheLooksOfAStabNameItsHits) {
  Tree tree;
  for (std::uint64_t i = 0; i < 200; ++i) {
    tree.put(interval(numbered("k", i), numbered("k", i + 4)), i);
  }
  std::uint64_t hits = 0;
  const auto looks = tree.looks_of_stab("k000100");
  for (const Tree::Look& look : looks) {
    EXPECT_EQ(look.hit, look.order >= 97 && look.order <= 100);
    hits += look.hit ? 1 : 0;
  }

  EXPECT_EQ(hits, 4U);
  EXPECT_EQ(looks.size(), tree.stab("k000100", [](const Interval&, std::uint64_t) {}));
}

TEST(IntervalTree, DifferenceIsThatOfTheContents) {
  for (std::uint64_t seed = 0; seed < 10; ++seed) {
    RandomNumbers random(seed);
    Tree tree;
    Model model;
    for (int i = 0; i < 500; ++i) change(tree, model, random, 20);
    for (int round = 0; round < 30; ++round) {
      Tree other = tree;
      Model other_model = model;
      for (std::uint64_t i = random(20); i > 0; --i) change(other, other_model, random, 50);
      Model rebuilt = model;
      difference(
          tree, other,
          [&](const Interval& range, const std::uint64_t* before, const std::uint64_t* after) {
            const std::pair key(std::string(range.begin), end_text(range.end));
            ASSERT_EQ(before != nullptr, model.contains(key));
            ASSERT_EQ(after != nullptr, other_model.contains(key));
            if (before != nullptr && after != nullptr) {
              ASSERT_NE(*before, *after);
            }
            if (after == nullptr) {
              rebuilt.erase(key);
            } else {
              rebuilt[key] = *after;
            }
          });
      ASSERT_EQ(rebuilt, other_model);
      std::swap(tree, other);
      std::swap(model, other_model);
    }
  }
}

}  // namespace
}  // namespace orrery
