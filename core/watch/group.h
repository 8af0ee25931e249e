// WatcherGroup: watchers found by the key of an event, fast for single keys and for ranges alike.
//   used by: store.h (synced, unsynced, one round of catching up)     uses: name_set.h, range_index.h, base/hash_map.h
//   ideas:   single keys stand in a hash table, ranges in an interval tree. The group holds names only; the
//            watchers themselves stay in the store.
//   invariant: table and tree together have `size` names; a key or range without watchers is in neither.
//   from: etcd server/storage/mvcc/watcher_group.go (watcherGroup)
//   differs: etcd has a set of all watchers beside the two; here the store knows each watcher's place.
#pragma once

#include <cstdint>

#include "base/hash_map.h"
#include "watch/name_set.h"
#include "watch/range_index.h"

namespace orrery::watch {

// What finding the watchers of a key cost, beside what asking each one would have.
struct MatchCost {
  std::uint64_t looked_at = 0;      // nodes of the tree visited and names in the table read
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

  std::uint64_t size() const { return size_; }

  bool empty() const { return size_ == 0; }

  // Is the watcher found under its key or range?
  bool has(WatcherKey who, const Watcher& watcher) const;

  // Is anyone interested in the key at all? (The filter of a scan.)
  bool contains(const Blob& key) const;

  // Calls found(WatcherKey) for each watcher whose key or range holds the key: single keys first, then
  // range by range, each in the order of names.
  template <class Found>
  MatchCost watchers_for(const Blob& key, Found&& found) const {
    MatchCost cost{.naive_scanned = size()};
    const auto look = [&](WatcherKey who) { found(who); };
    if (const NameSet* names = singles_.find(key)) {
      cost.looked_at += names->size();
      names->visit(look);
    }
    cost.looked_at += ranges_.stab(key, [&](const NameSet& names) {
      names.visit(look);
      return true;
    });
    return cost;
  }

  const RangeIndex& ranges() const { return ranges_; }

  // Names in table and tree together, counted one by one; equals size().
  std::uint64_t indexed() const;

  template <class F>
  void fields(F&& f) const {
    f("singles", singles_), f("ranges", ranges_), f("size", size_);
  }

  friend bool operator==(const WatcherGroup&, const WatcherGroup&) = default;

 private:
  bool remove_single(WatcherKey who, const Watcher& watcher);

  HashMap<Blob, NameSet> singles_;
  RangeIndex ranges_;
  std::uint64_t size_ = 0;
};

}  // namespace orrery::watch
