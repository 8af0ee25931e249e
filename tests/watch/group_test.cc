// Groups: what the indexes find is what a scan of all watchers finds.
#include "watch/group.h"

#include <map>
#include <set>
#include <string>

#include <gtest/gtest.h>

#include "base/draws.h"

namespace orrery::watch {
namespace {

Watcher watcher_of(const std::string& key, const std::string& end = "") {
  Watcher out;
  out.key = Blob(key);
  out.range_end = Blob(end);
  return out;
}

WatcherKey name(WatchId id) {
  return {StreamId(1), id};
}

std::vector<WatchId> found(const WatcherGroup& group, const std::string& key) {
  std::vector<WatchId> out;
  group.watchers_for(Blob(key), [&](WatcherKey who) { out.push_back(who.id); });
  return out;
}

TEST(WatcherGroup, FindsSingleKeysAndRanges) {
  WatcherGroup group;
  group.add(name(1), watcher_of("a"));
  group.add(name(2), watcher_of("a", "c"));
  group.add(name(3), watcher_of("b", std::string(1, '\0')));

  EXPECT_EQ(found(group, "a"), (std::vector<WatchId>{1, 2}));
  EXPECT_EQ(found(group, "b"), (std::vector<WatchId>{2, 3}));
  EXPECT_EQ(found(group, "c"), (std::vector<WatchId>{3}));
  EXPECT_EQ(found(group, "\xff\xff"), (std::vector<WatchId>{3}));
  EXPECT_TRUE(found(group, "A").empty());
  EXPECT_TRUE(group.contains(Blob("c")));
  EXPECT_FALSE(group.contains(Blob("A")));
}

TEST(WatcherGroup, WatchersOfOneRangeShareANodeAndLeaveItWithTheLast) {
  WatcherGroup group;
  group.add(name(1), watcher_of("a", "c"));
  group.add(name(2), watcher_of("a", "c"));
  EXPECT_EQ(group.ranges().tree().size(), 1U);

  EXPECT_TRUE(group.remove(name(1), watcher_of("a", "c")));
  EXPECT_EQ(group.ranges().tree().size(), 1U);
  EXPECT_TRUE(group.remove(name(2), watcher_of("a", "c")));

  EXPECT_EQ(group.ranges().tree().size(), 0U);
  EXPECT_FALSE(group.remove(name(2), watcher_of("a", "c")));
  EXPECT_EQ(group, WatcherGroup());
}

TEST(WatcherGroup, WatchersOfOneKeyAreFoundInTheOrderOfNamesHoweverTheyCame) {
  WatcherGroup group;
  for (const WatchId id : {5, 2, 9, 1}) group.add(name(id), watcher_of("a"));
  WatcherGroup other;
  for (const WatchId id : {1, 2, 3, 9}) other.add(name(id), watcher_of("a"));

  EXPECT_TRUE(group.remove(name(1), watcher_of("a")));
  EXPECT_FALSE(group.remove(name(1), watcher_of("a")));
  EXPECT_TRUE(group.remove(name(5), watcher_of("a")));
  EXPECT_TRUE(other.remove(name(3), watcher_of("a")));
  EXPECT_TRUE(other.remove(name(1), watcher_of("a")));

  EXPECT_EQ(found(group, "a"), (std::vector<WatchId>{2, 9}));
  EXPECT_EQ(group, other);
  EXPECT_EQ(digest_of(group), digest_of(other));
  EXPECT_FALSE(group.has(name(5), watcher_of("a")));
}

class RandomGroup {
 public:
  explicit RandomGroup(std::uint64_t seed) : seed_(seed) {}

  void step() {
    const auto id = static_cast<WatchId>(pick(60));
    const auto known = model.find(id);
    if (known != model.end()) {
      EXPECT_TRUE(group.remove(name(id), known->second));
      model.erase(known);
      return;
    }
    const std::string key = random_key();
    const Watcher watcher = pick(3) == 0   ? watcher_of(key)
                            : pick(8) == 0 ? watcher_of(key, std::string(1, '\0'))
                                           : watcher_of(key, key + random_key());
    group.add(name(id), watcher);
    model[id] = watcher;
  }

  std::string random_key() {
    std::string out;
    for (std::uint64_t i = 0, n = 1 + pick(3); i < n; ++i) out += static_cast<char>('a' + pick(3));
    return out;
  }

  WatcherGroup group;
  std::map<WatchId, Watcher> model;

 private:
  std::uint64_t pick(std::uint64_t bound) {
    return below(draw(seed_, Purpose::TestData, 0, counter_++), bound);
  }

  std::uint64_t seed_;
  std::uint64_t counter_ = 0;
};

TEST(WatcherGroup, AgreesWithANaiveScanAfterEveryOfManyRandomSteps) {
  for (std::uint64_t seed = 0; seed < 20; ++seed) {
    RandomGroup random(seed);
    for (int i = 0; i < 500; ++i) {
      random.step();
      const std::string key = random.random_key();
      std::set<WatchId> expected;
      for (const auto& [id, watcher] : random.model) {
        if (watcher.covers(key)) expected.insert(id);
        EXPECT_TRUE(random.group.has(name(id), watcher));
      }
      const std::vector<WatchId> ids = found(random.group, key);
      ASSERT_EQ(std::set<WatchId>(ids.begin(), ids.end()), expected);
      ASSERT_EQ(ids.size(), expected.size()) << "each watcher once";
      ASSERT_EQ(random.group.contains(Blob(key)), !expected.empty());
      ASSERT_EQ(random.group.size(), random.model.size());
      ASSERT_EQ(random.group.indexed(), random.model.size());
    }
  }
}

}  // namespace
}  // namespace orrery::watch
