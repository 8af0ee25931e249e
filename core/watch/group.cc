// Three indexes of one membership, kept alike.
#include "watch/group.h"

#include "base/check.h"

namespace orrery::watch {

MatchCost& MatchCost::operator+=(const MatchCost& other) {
  looked_at += other.looked_at;
  naive_scanned += other.naive_scanned;
  return *this;
}

void WatcherGroup::add(WatcherKey who, const Watcher& watcher) {
  check(members_.put(who, Present{}), "a watcher is added to a group once");
  if (watcher.is_single()) {
    singles_.put(Single{watcher.key.digest(), watcher.key, who}, Present{});
  } else {
    ranges_.add(watcher, who);
  }
}

bool WatcherGroup::remove(WatcherKey who, const Watcher& watcher) {
  if (!members_.erase(who)) return false;
  const bool indexed = watcher.is_single()
                           ? singles_.erase(Single{watcher.key.digest(), watcher.key, who})
                           : ranges_.remove(watcher, who);
  check(indexed, "a member of the group is found under its key or range");
  return true;
}

bool WatcherGroup::contains(const Blob& key) const {
  const auto it = singles_.lower_bound(first_of(key));
  if (it != singles_.end() && it->first.key == key) return true;
  bool any = false;
  ranges_.stab(key, [&](const WatcherSet&) {
    any = true;
    return false;  // one is enough
  });
  return any;
}

bool WatcherGroup::indexes_agree(WatcherKey who, const Watcher& watcher) const {
  const bool indexed = watcher.is_single()
                           ? singles_.contains(Single{watcher.key.digest(), watcher.key, who})
                           : ranges_.has(watcher, who);
  return indexed == members_.contains(who);
}

std::uint64_t WatcherGroup::indexed() const {
  std::uint64_t count = singles_.size();
  for (const auto& [range, set] : ranges_.tree()) count += set.size();
  return count;
}

}  // namespace orrery::watch
