// RangeIndex: which watched ranges hold a key, and who watches them.
//   used by: group.h, the Interval tree view      uses: name_set.h, base/interval_tree.h
//   ideas:   one node per distinct range, with the names of the watchers that share it.
//   from: etcd server/storage/mvcc/watcher_group.go (watcherGroup.ranges)
#pragma once

#include <cstdint>

#include "base/blob.h"
#include "base/interval_tree.h"
#include "watch/name_set.h"

namespace orrery::watch {

class RangeIndex {
 public:
  // False = it was there already.
  bool add(const Watcher& watcher, WatcherKey who);
  // False = it was not there.
  bool remove(const Watcher& watcher, WatcherKey who);
  bool has(const Watcher& watcher, WatcherKey who) const;

  // Calls found(const NameSet&) for each range that holds the key; a `found` that gives false is the
  // last. Returns the number of nodes looked at.
  template <class Found>
  std::uint64_t stab(const Blob& key, Found&& found) const {
    if (tree_.empty()) return 0;
    return tree_.stab(key, [&](const Interval&, const NameSet& set) { return found(set); });
  }

  const IntervalTree<NameSet>& tree() const { return tree_; }

  template <class F>
  void fields(F&& f) const {
    f("tree", tree_);
  }
  friend bool operator==(const RangeIndex&, const RangeIndex&) = default;

 private:
  IntervalTree<NameSet> tree_;
};

}  // namespace orrery::watch
