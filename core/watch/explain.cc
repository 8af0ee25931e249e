#include "watch/explain.h"

#include <algorithm>

#include "base/text.h"

namespace orrery::watch {

EventVerdicts verdicts_of(const WatchStore& store, const Event& event) {
  EventVerdicts out;
  std::vector<WatcherKey> asked;
  const MatchCost cost =
      store.synced().watchers_for(event.kv.key, [&](WatcherKey who) { asked.push_back(who); });
  std::ranges::sort(asked);
  out.tree_nodes =
      store.synced().ranges().stab(event.kv.key, [](const WatcherSet&) { return true; });
  out.map_entries = cost.looked_at - out.tree_nodes;
  out.naive = cost.naive_scanned;
  for (const auto& [who, watcher] : store.watchers()) {
    out.verdicts.push_back({.who = who,
                            .place = watcher.place,
                            .match = explain_match(watcher, event),
                            .asked = std::ranges::binary_search(asked, who)});
  }
  return out;
}

std::vector<std::string> lines_of(const EventVerdicts& verdicts, const WatchStore& store) {
  std::vector<std::string> out;
  for (const WatcherVerdict& one : verdicts.verdicts) {
    const Watcher* watcher = store.find(one.who);
    out.push_back(text("{} {} {}: {}, {}{}", to_text(one.who),
                       watcher == nullptr ? "" : range_text(*watcher), to_text(one.place),
                       one.match.accepted() ? "accepted" : "rejected", one.match.reason,
                       one.asked ? "" : " (not asked)"));
  }
  out.push_back(text("looked at {} node(s) of the tree and {} entr{} of the map; a scan asks {}",
                     verdicts.tree_nodes, verdicts.map_entries,
                     verdicts.map_entries == 1 ? "y" : "ies", verdicts.naive));
  return out;
}

}  // namespace orrery::watch
