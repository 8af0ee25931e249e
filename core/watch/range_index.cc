// The ranges that are watched, each with its set of watchers.
#include "watch/range_index.h"

namespace orrery::watch {

namespace {

Interval range_of(const Watcher& watcher) {
  return {watcher.key, watcher.is_open_ended() ? Blob() : watcher.range_end};
}

}  // namespace

bool RangeIndex::add(const Watcher& watcher, WatcherKey who) {
  const auto [names, fresh] = tree_.try_put(range_of(watcher), NameSet(who));
  return fresh || names.add(who);
}

bool RangeIndex::remove(const Watcher& watcher, WatcherKey who) {
  const Interval range = range_of(watcher);
  NameSet* names = tree_.edit(range);
  if (names == nullptr || !names->has(who)) return false;
  return names->size() == 1 ? tree_.erase(range) : names->remove(who);
}

bool RangeIndex::has(const Watcher& watcher, WatcherKey who) const {
  const NameSet* names = tree_.find(range_of(watcher));
  return names != nullptr && names->has(who);
}

}  // namespace orrery::watch
