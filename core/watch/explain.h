// What every watcher of a member says to one event, and what it would cost to ask them all.
//   used by: lang (show matches), the Watchers view     uses: store.h, watcher.h
//   ideas:   the store asks only those that its indexes find; this asks everybody, for people, and says which of them
//            the store had to ask. Nothing of the store changes.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "watch/store.h"

namespace orrery::watch {

struct WatcherVerdict {
  WatcherKey who{};
  Place place = Place::Synced;
  Match match;
  bool asked = false;  // found by the indexes of the synced group, so the store asked it

  friend bool operator==(const WatcherVerdict&, const WatcherVerdict&) = default;
};

struct EventVerdicts {
  std::vector<WatcherVerdict> verdicts;  // in the order of names
  std::uint64_t tree_nodes = 0;          // looked at by the stab
  std::uint64_t map_entries = 0;         // read under the key
  std::uint64_t naive = 0;               // watchers that a scan of the group asks

  friend bool operator==(const EventVerdicts&, const EventVerdicts&) = default;
};

// As if the event were to be told now.
EventVerdicts verdicts_of(const WatchStore& store, const Event& event);

// "s1/0 \"a\" synced: accepted, ...": one line per watcher, and one for the cost.
std::vector<std::string> lines_of(const EventVerdicts& verdicts, const WatchStore& store);

}  // namespace orrery::watch
