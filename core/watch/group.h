// WatcherGroup: watchers found by the key of an event, fast for single keys and for ranges alike.
//   used by: store.h (synced, unsynced, one round of catching up)     uses: range_index.h
//   ideas:   single keys stand in a map, ranges in an interval tree, all names in a set: three indexes of
//            one membership. The group holds names only; the watchers themselves stay in the store.
//   invariant 1: the set has exactly the names of the map and of the tree.
//   invariant 2: a range without watchers is not in the tree.
//   from: etcd server/storage/mvcc/watcher_group.go (watcherGroup)
//   differs: the map is ordered by a content hash of the key, so that a lookup compares numbers; nobody
//            can see that order.
#pragma once

#include <compare>
#include <cstdint>
#include <limits>

#include "watch/range_index.h"

namespace orrery::watch {

// What finding the watchers of a key cost, beside what asking each one would have.
struct MatchCost {
  std::uint64_t looked_at = 0;      // nodes of the tree visited and entries of the map read
  std::uint64_t naive_scanned = 0;  // watchers that a scan of the group would ask

  MatchCost& operator+=(const MatchCost& other);

  template <class F>
  void fields(F&& f) const {
    f("looked_at", looked_at), f("naive_scanned", naive_scanned);
  }

  friend bool operator==(const MatchCost&, const MatchCost&) = default;
};

class WatcherGroup {
 public:
  // requires: the name is not in the group
  void add(WatcherKey who, const Watcher& watcher);
  // False = it was not there.
  bool remove(WatcherKey who, const Watcher& watcher);

  std::uint64_t size() const { return members_.size(); }

  bool empty() const { return members_.empty(); }

  bool has(WatcherKey who) const { return members_.contains(who); }

  // Is anyone interested in the key at all? (The filter of a scan.)
  bool contains(const Blob& key) const;

  // Calls found(WatcherKey) for each watcher whose key or range holds the key: single keys first, then
  // range by range, each in the order of names.
  template <class Found>
  MatchCost watchers_for(const Blob& key, Found&& found) const {
    MatchCost cost{.naive_scanned = size()};
    const auto of_key = singles_.lower_bound(first_of(key));
    for (auto it = of_key; it != singles_.end() && it->first.key == key; ++it) {
      ++cost.looked_at;
      found(it->first.who);
    }
    cost.looked_at += ranges_.stab(key, [&](const WatcherSet& set) {
      for (const auto& [who, present] : set) found(who);
      return true;
    });
    return cost;
  }

  // All names, in order.
  const WatcherSet& members() const { return members_; }

  const RangeIndex& ranges() const { return ranges_; }

  // Do the three indexes hold this watcher (true), or none of them (false)? Contract: nothing between.
  bool indexes_agree(WatcherKey who, const Watcher& watcher) const;

  // Entries of the map and of the tree together; equals size() when the indexes agree.
  std::uint64_t indexed() const;

  template <class F>
  void fields(F&& f) const {
    f("singles", singles_), f("ranges", ranges_), f("members", members_);
  }

  friend bool operator==(const WatcherGroup&, const WatcherGroup&) = default;

 private:
  struct Single {
    Digest hash = 0;  // of key
    Blob key;
    WatcherKey who;

    template <class F>
    void fields(F&& f) const {
      f("hash", hash), f("key", key), f("who", who);
    }

    friend auto operator<=>(const Single&, const Single&) = default;
    friend bool operator==(const Single&, const Single&) = default;
  };

  static Single first_of(const Blob& key) {
    return {key.digest(), key, {StreamId(0), std::numeric_limits<WatchId>::min()}};
  }

  OrderedMap<Single, Present> singles_{};
  RangeIndex ranges_;
  WatcherSet members_;
};

}  // namespace orrery::watch
