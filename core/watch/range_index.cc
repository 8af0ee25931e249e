// The ranges that are watched, each with its set of watchers.
#include "watch/range_index.h"

namespace orrery::watch {

namespace {

Interval range_of(const Watcher& watcher) {
  return {watcher.key, watcher.is_open_ended() ? Blob() : watcher.range_end};
}

}  // namespace

void RangeIndex::add(const Watcher& watcher, WatcherKey who) {
  tree_.at_or_new(range_of(watcher)).put(who, Present{});
}

bool RangeIndex::remove(const Watcher& watcher, WatcherKey who) {
  const Interval range = range_of(watcher);
  WatcherSet* set = tree_.edit(range);
  if (set == nullptr || !set->erase(who)) return false;
  if (set->empty()) tree_.erase(range);
  return true;
}

bool RangeIndex::has(const Watcher& watcher, WatcherKey who) const {
  const WatcherSet* set = tree_.find(range_of(watcher));
  return set != nullptr && set->contains(who);
}

}  // namespace orrery::watch
