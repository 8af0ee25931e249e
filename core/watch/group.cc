// Two indexes, by key and by range.
#include "watch/group.h"

#include "base/check.h"

namespace orrery::watch {

MatchCost& MatchCost::operator+=(const MatchCost& other) {
  looked_at += other.looked_at;
  naive_scanned += other.naive_scanned;
  return *this;
}

void WatcherGroup::add(WatcherKey who, const Watcher& watcher) {
  bool added = false;
  if (watcher.is_single()) {
    const auto [names, fresh] = singles_.try_put(watcher.key, watcher.key_hash(), NameSet(who));
    added = fresh || names.add(who);
  } else {
    added = ranges_.add(watcher, who);
  }
  check(added, "a watcher is added to a group once");
  ++size_;
}

bool WatcherGroup::remove(WatcherKey who, const Watcher& watcher) {
  if (!(watcher.is_single() ? remove_single(who, watcher) : ranges_.remove(watcher, who))) {
    return false;
  }
  --size_;
  return true;
}

bool WatcherGroup::remove_single(WatcherKey who, const Watcher& watcher) {
  const Digest hash = watcher.key_hash();
  const NameSet* names = singles_.find(watcher.key, hash);
  if (names == nullptr || !names->has(who)) return false;
  if (names->size() == 1) return singles_.erase(watcher.key, hash);
  return singles_.edit(watcher.key, hash)->remove(who);
}

bool WatcherGroup::has(WatcherKey who, const Watcher& watcher) const {
  if (!watcher.is_single()) return ranges_.has(watcher, who);
  const NameSet* names = singles_.find(watcher.key, watcher.key_hash());
  return names != nullptr && names->has(who);
}

bool WatcherGroup::contains(const Blob& key) const {
  if (singles_.contains(key)) return true;
  bool any = false;
  ranges_.stab(key, [&](const NameSet&) {
    any = true;
    return false;  // one is enough
  });
  return any;
}

std::uint64_t WatcherGroup::indexed() const {
  std::uint64_t count = 0;
  for (const auto& [key, names] : singles_) count += names.size();
  for (const auto& [range, names] : ranges_.tree()) count += names.size();
  return count;
}

}  // namespace orrery::watch
