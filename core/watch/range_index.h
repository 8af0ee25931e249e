// RangeIndex: which watched ranges hold a key, and who watches them.
//   used by: group.h, the Interval tree view      uses: base/interval_tree.h
//   ideas:   one node per distinct range, holding the set of watchers that share it.
//   invariant: no node has an empty set.
//   from: etcd server/storage/mvcc/watcher_group.go (watcherGroup.ranges)
#pragma once

#include <cstdint>

#include "base/blob.h"
#include "base/interval_tree.h"
#include "base/ordered_map.h"
#include "watch/watcher.h"

namespace orrery::watch {

// A member of a set: OrderedMap<K, Present> is a set of K.
struct Present {
  friend bool operator==(const Present&, const Present&) = default;
};

using WatcherSet = OrderedMap<WatcherKey, Present>;

class RangeIndex {
 public:
  void add(const Watcher& watcher, WatcherKey who);
  // False = it was not there.
  bool remove(const Watcher& watcher, WatcherKey who);
  bool has(const Watcher& watcher, WatcherKey who) const;

  // Calls found(const WatcherSet&) for each range that holds the key; a `found` that gives false is the
  // last. Returns the number of nodes looked at.
  template <class Found>
  std::uint64_t stab(const Blob& key, Found&& found) const {
    if (tree_.empty()) return 0;
    return tree_.stab(key, [&](const Interval&, const WatcherSet& set) { return found(set); });
  }

  const IntervalTree<WatcherSet>& tree() const { return tree_; }

  template <class F>
  void fields(F&& f) const {
    f("tree", tree_);
  }
  friend bool operator==(const RangeIndex&, const RangeIndex&) = default;

 private:
  IntervalTree<WatcherSet> tree_;
};

}  // namespace orrery::watch
