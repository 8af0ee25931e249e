// NameSet: the names of the watchers that want the same key or range; seldom more than one.
//   used by: group.h, range_index.h, the Interval tree view     uses: watcher.h, base/ordered_map.h
//   ideas:   the least name stands in the set itself; only further ones take memory of their own.
//   invariant 1: there is a name in it.
//   invariant 2: the other names are greater than the first, so equality and digest are those of the names.
#pragma once

#include <cstdint>
#include <utility>

#include "base/check.h"
#include "base/ordered_map.h"
#include "watch/watcher.h"

namespace orrery::watch {

// A member of a set: OrderedMap<K, Present> is a set of K.
struct Present {
  friend bool operator==(const Present&, const Present&) = default;
};

using WatcherSet = OrderedMap<WatcherKey, Present>;

class NameSet {
 public:
  NameSet() = default;

  explicit NameSet(WatcherKey who) : first_(who) {}

  std::uint64_t size() const { return 1 + others_.size(); }

  bool has(WatcherKey who) const { return who == first_ || others_.contains(who); }

  // False = it was there already.
  bool add(WatcherKey who) {
    if (who == first_) return false;
    if (who < first_) std::swap(who, first_);
    return others_.put(who, Present{});
  }

  // False = it was not there. requires: it is not the only one
  bool remove(WatcherKey who) {
    if (who != first_) return others_.erase(who);
    check(!others_.empty(), "the last name leaves with its set");
    first_ = others_.first()->first;
    return others_.erase(first_);
  }

  // Calls visit(WatcherKey) for each name, ascending.
  template <class Visit>
  void visit(Visit&& visit) const {
    visit(first_);
    for (const auto& [who, present] : others_) visit(who);
  }

  template <class F>
  void fields(F&& f) const {
    f("first", first_), f("others", others_);
  }

  friend bool operator==(const NameSet&, const NameSet&) = default;

 private:
  WatcherKey first_{};
  WatcherSet others_{};
};

}  // namespace orrery::watch
