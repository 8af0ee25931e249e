// The ranges that are watched, each with its set of watchers.
#include "watch/range_index.h"

namespace orrery::watch {

RangeIndex::Range RangeIndex::range_of(const Watcher& watcher) {
  if (watcher.is_open_ended()) return {watcher.key, Blob(), true};
  return {watcher.key, watcher.range_end, false};
}

void RangeIndex::add(const Watcher& watcher, WatcherKey who) {
  ranges_.at_or_new(range_of(watcher)).put(who, Present{});
}

bool RangeIndex::remove(const Watcher& watcher, WatcherKey who) {
  const Range range = range_of(watcher);
  WatcherSet* set = ranges_.edit(range);
  if (set == nullptr || !set->erase(who)) return false;
  if (set->empty()) ranges_.erase(range);
  return true;
}

bool RangeIndex::has(const Watcher& watcher, WatcherKey who) const {
  const WatcherSet* set = ranges_.find(range_of(watcher));
  return set != nullptr && set->contains(who);
}

}  // namespace orrery::watch
