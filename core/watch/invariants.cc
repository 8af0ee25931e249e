// Each claim about the store, checked against every watcher.
#include "watch/invariants.h"

#include "base/text.h"

namespace orrery::watch {

namespace {

std::uint64_t batches_with(const WatchStore& store, WatcherKey who) {
  std::uint64_t count = 0;
  for (const VictimBatch& batch : store.victims()) count += batch.contains(who) ? 1U : 0U;
  return count;
}

void check_place(const WatchStore& store, WatcherKey who, const Watcher& watcher, Violations& out) {
  const bool synced = store.synced().has(who, watcher);
  const bool unsynced = store.unsynced().has(who, watcher);
  const std::uint64_t batches = batches_with(store, who);
  const bool holds = synced == (watcher.place == Place::Synced) &&
                     unsynced == (watcher.place == Place::Unsynced) &&
                     batches == (watcher.place == Place::Victim ? 1U : 0U);
  if (holds) return;
  out.push_back({"a watcher is in exactly one place",
                 text("{} says {}, but synced: {}, unsynced: {}, victim batches: {}", to_text(who),
                      to_text(watcher.place), synced, unsynced, batches)});
}

void check_watcher(const WatchStore& store, WatcherKey who, const Watcher& watcher,
                   std::int64_t current, Violations& out) {
  check_place(store, who, watcher, out);
  if (watcher.place == Place::Unsynced && watcher.min_revision > current && !watcher.restore) {
    out.push_back({"an unsynced watcher has a past to read",
                   text("{} is unsynced with minRev {} at revision {}", to_text(who),
                        watcher.min_revision, current)});
  }
  if (watcher.min_revision < watcher.start_revision) {
    out.push_back({"minRev is never below the start revision",
                   text("{} began at {} and has minRev {}", to_text(who), watcher.start_revision,
                        watcher.min_revision)});
  }
  if (watcher.restore && watcher.place != Place::Unsynced) {
    out.push_back({"only an unsynced watcher is marked as restored", to_text(who)});
  }
  if (!store.streams().contains(who.stream)) {
    out.push_back({"a watcher's stream is open", to_text(who)});
  }
  if (store.turns().contains(who) != (watcher.place == Place::Unsynced)) {
    out.push_back({"an unsynced watcher, and nobody else, has a turn", to_text(who)});
  }
}

std::uint64_t watchers_in(const WatchStore& store, Place place) {
  std::uint64_t count = 0;
  for (const auto& [who, watcher] : store.watchers()) count += watcher.place == place ? 1U : 0U;
  return count;
}

// Each watcher of the place is in the group; so, by their number, nobody else is.
void check_group(const WatcherGroup& group, std::uint64_t expected, const char* name,
                 Violations& out) {
  if (group.size() != expected || group.indexed() != expected) {
    out.push_back({"a group holds the watchers of its place",
                   text("{}: {} watchers, {} counted, {} in table and tree", name, expected,
                        group.size(), group.indexed())});
  }
  for (const std::string& broken : violations(group.ranges().tree())) {
    out.push_back({"the interval tree is a valid one", text("{}: {}", name, broken)});
  }
}

}  // namespace

Violations violations(const WatchStore& store, std::int64_t current_revision) {
  Violations out;
  for (const auto& [who, watcher] : store.watchers()) {
    check_watcher(store, who, watcher, current_revision, out);
  }
  check_group(store.synced(), watchers_in(store, Place::Synced), "synced", out);
  check_group(store.unsynced(), watchers_in(store, Place::Unsynced), "unsynced", out);
  if (store.turns().size() != store.unsynced().size()) {
    out.push_back({"an unsynced watcher, and nobody else, has a turn",
                   text("{} turns, {} unsynced", store.turns().size(), store.unsynced().size())});
  }
  for (const VictimBatch& batch : store.victims()) {
    for (const auto& [who, entry] : batch) {
      if (store.find(who) == nullptr) {
        out.push_back({"a victim batch holds known watchers", to_text(who)});
      }
    }
  }
  for (const auto& [stream, half] : store.streams()) {
    if (half.events.used() > half.events.slots()) {
      out.push_back(
          {"an event channel holds at most its slots",
           text("s{}: {} of {}", stream.value(), half.events.used(), half.events.slots())});
    }
  }
  return out;
}

}  // namespace orrery::watch
