// RangeIndex: which ranges hold a key, and who watches them.
//   used by: group.h      uses: base/ordered_map.h
//   ideas:   one entry per distinct range, holding the set of watchers that share it.
#pragma once

#include <compare>
#include <cstdint>

#include "base/blob.h"
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

  // Calls found(const WatcherSet&) for each range that holds the key; gives the nodes looked at.
  template <class Found>
  std::uint64_t stab(const Blob& key, Found&& found) const {
    std::uint64_t visited = 0;
    for (auto it = ranges_.begin(); it != ranges_.end() && it->first.begin <= key; ++it) {
      ++visited;
      if (it->first.holds(key)) found(it->second);
    }
    return visited;
  }

  // Calls visit(const WatcherSet&) for every range.
  template <class Visit>
  void each(Visit&& visit) const {
    for (const auto& [range, set] : ranges_) visit(set);
  }

  std::uint64_t ranges() const { return ranges_.size(); }

  bool has(const Watcher& watcher, WatcherKey who) const;

  template <class F>
  void fields(F&& f) const {
    f("ranges", ranges_);
  }

  friend bool operator==(const RangeIndex&, const RangeIndex&) = default;

 private:
  struct Range {
    Blob begin;
    Blob end;
    bool open = false;  // no upper end

    bool holds(const Blob& key) const { return begin <= key && (open || key < end); }

    template <class F>
    void fields(F&& f) const {
      f("begin", begin), f("end", end), f("open", open);
    }

    friend auto operator<=>(const Range&, const Range&) = default;
    friend bool operator==(const Range&, const Range&) = default;
  };

  static Range range_of(const Watcher& watcher);

  OrderedMap<Range, WatcherSet> ranges_{};
};

}  // namespace orrery::watch
