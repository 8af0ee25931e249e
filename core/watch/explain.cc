#include "watch/explain.h"

#include <algorithm>

#include "base/text.h"

namespace orrery::watch {
namespace {

// Of thousands of watchers whom an event concerns, or does not, so many stand in the list.
constexpr std::size_t kToldShown = 24;
constexpr std::size_t kLeftAloneShown = 8;

void count_rest(std::vector<std::string>& out, std::size_t all, std::size_t shown,
                std::string_view what) {
  if (all > shown) out.push_back(text("{} more that were {}", all - shown, what));
}

}  // namespace

EventVerdicts verdicts_of(const WatchStore& store, const Event& event) {
  EventVerdicts out;
  std::vector<WatcherKey> asked;
  const MatchCost cost =
      store.synced().watchers_for(event.kv.key, [&](WatcherKey who) { asked.push_back(who); });
  std::ranges::sort(asked);
  out.tree_nodes = store.synced().ranges().stab(event.kv.key, [](const NameSet&) { return true; });
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
  std::size_t told = 0;
  std::size_t left_alone = 0;
  for (const WatcherVerdict& one : verdicts.verdicts) {
    const bool concerned = one.asked || one.match.accepted();
    if (concerned ? ++told > kToldShown : ++left_alone > kLeftAloneShown) continue;
    const Watcher* watcher = store.find(one.who);
    out.push_back(text("{} {} {}: {}, {}{}", to_text(one.who),
                       watcher == nullptr ? "" : range_text(*watcher), to_text(one.place),
                       one.match.accepted() ? "accepted" : "rejected", one.match.reason,
                       one.asked ? "" : " (not asked)"));
  }
  count_rest(out, told, kToldShown, "asked");
  count_rest(out, left_alone, kLeftAloneShown, "not asked");
  out.push_back(text("looked at {} node(s) of the tree and {} entr{} of the map; a scan asks {}",
                     verdicts.tree_nodes, verdicts.map_entries,
                     verdicts.map_entries == 1 ? "y" : "ies", verdicts.naive));
  return out;
}

}  // namespace orrery::watch
