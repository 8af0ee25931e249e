// WatcherMap against std::map; NameSet against std::set.
#include "watch/watcher_map.h"

#include <limits>
#include <map>
#include <set>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "base/draws.h"
#include "watch/name_set.h"

namespace orrery::watch {
namespace {

Watcher watcher_from(std::int64_t revision) {
  return Watcher{.start_revision = revision};
}

using NamesAndRevisions = std::vector<std::pair<WatcherKey, std::int64_t>>;

NamesAndRevisions contents_of(const WatcherMap& map) {
  NamesAndRevisions out;
  for (const auto& [who, watcher] : map) out.emplace_back(who, watcher.start_revision);
  return out;
}

NamesAndRevisions of_stream(const WatcherMap& map, StreamId stream) {
  NamesAndRevisions out;
  EXPECT_TRUE(map.visit_stream(stream, [&](WatcherKey who, const Watcher& watcher) {
    out.emplace_back(who, watcher.start_revision);
    return true;
  }));
  return out;
}

class RandomNames {
 public:
  explicit RandomNames(std::uint64_t seed) : seed_(seed) {}

  std::uint64_t below(std::uint64_t bound) {
    return orrery::below(draw(seed_, Purpose::TestData, 0, counter_++), bound);
  }

  WatcherKey name() {
    static constexpr std::int64_t kFar = std::numeric_limits<std::int64_t>::max();
    const auto id = static_cast<WatchId>(below(60));
    switch (below(8)) {
      case 0: return {StreamId(1 + below(3)), -id};
      case 1: return {StreamId(1 + below(3)), kFar - id};
      case 2: return {StreamId(1 + below(3)), id - kFar - 1};
      default: return {StreamId(1 + below(3)), id};
    }
  }

 private:
  std::uint64_t seed_;
  std::uint64_t counter_ = 0;
};

void expect_watchers(const WatcherMap& map, const std::map<WatcherKey, std::int64_t>& model) {
  ASSERT_EQ(contents_of(map), NamesAndRevisions(model.begin(), model.end()));
  ASSERT_EQ(map.size(), model.size());
  for (std::uint64_t stream = 0; stream <= 4; ++stream) {
    NamesAndRevisions expected;
    for (const auto& entry : model) {
      if (entry.first.stream == StreamId(stream)) expected.push_back(entry);
    }
    ASSERT_EQ(of_stream(map, StreamId(stream)), expected);
  }
  WatcherMap afresh;
  for (auto it = model.rbegin(); it != model.rend(); ++it) {
    afresh.put(it->first, watcher_from(it->second));
  }
  ASSERT_EQ(map, afresh);
  ASSERT_EQ(digest_of(map), digest_of(afresh));
}

TEST(WatcherMap, BehavesLikeAMapByNameWhateverTheIds) {
  for (std::uint64_t seed = 0; seed < 10; ++seed) {
    RandomNames random(seed);
    WatcherMap map;
    std::map<WatcherKey, std::int64_t> model;
    WatcherMap kept;
    std::map<WatcherKey, std::int64_t> kept_model;
    for (int round = 0; round < 1500; ++round) {
      const WatcherKey who = random.name();
      const auto revision = static_cast<std::int64_t>(random.below(100));
      switch (random.below(3)) {
        case 0: ASSERT_EQ(map.erase(who), model.erase(who) == 1); break;
        case 1:
          ASSERT_EQ(map.put(who, watcher_from(revision)),
                    model.insert_or_assign(who, revision).second);
          break;
        default:
          if (Watcher* watcher = map.edit(who)) {
            watcher->start_revision = model.at(who) = revision;
          } else {
            ASSERT_FALSE(model.contains(who));
          }
      }
      ASSERT_EQ(map.contains(who), model.contains(who));
      if (round == 700) kept = map, kept_model = model;
      if (round % 100 == 0) expect_watchers(map, model);
    }
    expect_watchers(map, model);
    expect_watchers(kept, kept_model);
    for (const auto& [who, revision] : model) map.erase(who);
    EXPECT_EQ(map, WatcherMap());
  }
}

TEST(WatcherMap, ASearchFindsNamesInAnyOrder) {
  RandomNames random(1);
  WatcherMap map;
  for (int i = 0; i < 100; ++i) map.put(random.name(), watcher_from(i));
  WatcherMap::Search search(map);
  for (int i = 0; i < 2000; ++i) {
    const WatcherKey who = random.name();
    ASSERT_EQ(search.find(who), map.find(who));
  }
}

TEST(WatcherMap, AVisitOfAStreamEndsWhenItIsToldTo) {
  WatcherMap map;
  for (WatchId id = 0; id < 40; ++id) map.put({StreamId(2), id}, Watcher());
  WatchId last = -1;
  EXPECT_FALSE(map.visit_stream(StreamId(2), [&](WatcherKey who, const Watcher&) {
    last = who.id;
    return who.id < 20;
  }));
  EXPECT_EQ(last, 20);
}

TEST(NameSet, BehavesLikeASetThatIsNeverEmpty) {
  for (std::uint64_t seed = 0; seed < 20; ++seed) {
    RandomNames random(seed);
    const WatcherKey begin = random.name();
    NameSet names(begin);
    std::set<WatcherKey> model{begin};
    for (int round = 0; round < 300; ++round) {
      const WatcherKey who = random.name();
      if (random.below(2) == 0) {
        ASSERT_EQ(names.add(who), model.insert(who).second);
      } else if (model.size() > 1 || !model.contains(who)) {
        ASSERT_EQ(names.remove(who), model.erase(who) == 1);
      }
      ASSERT_EQ(names.has(who), model.contains(who));
      std::vector<WatcherKey> seen;
      names.visit([&](WatcherKey one) { seen.push_back(one); });
      ASSERT_EQ(seen, std::vector<WatcherKey>(model.begin(), model.end()));
      ASSERT_EQ(names.size(), model.size());
    }
    NameSet afresh(*model.rbegin());
    for (const WatcherKey who : model) afresh.add(who);
    EXPECT_EQ(names, afresh);
    EXPECT_EQ(digest_of(names), digest_of(afresh));
  }
}

}  // namespace
}  // namespace orrery::watch
