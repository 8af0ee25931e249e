// The end of a write: the synced watchers of its keys are told, one send at a time.
#include <algorithm>
#include <utility>

#include "base/check.h"
#include "watch/matches.h"
#include "watch/store.h"

namespace orrery::watch {

NotifyPlan WatchStore::begin_notify(std::int64_t revision, const std::vector<Event>& events,
                                    const Guards& guards) {
  NotifyPlan plan{.revision = revision};
  MatchList matches;
  for (std::uint32_t i = 0; i < events.size(); ++i) {
    WatcherMap::Search watchers(watchers_);
    match_cost_ += synced_.watchers_for(events[i].kv.key, [&](WatcherKey who) {
      const std::int64_t wanted = watchers.find(who)->min_revision;
      if (guards(wanted <= events[i].kv.mod_revision, "the watcher has not seen the revision yet",
                 {{"stream", who.stream},
                  {"watch id", who.id},
                  {"minRev", wanted},
                  {"event revision", events[i].kv.mod_revision}})) {
        matches.push_back({who, i});
      }
    });
  }
  EventSharer sharer(events);
  for_each_watcher(matches, [&](WatcherKey who, std::span<const WatcherMatch> its) {
    plan.sends.push_back(PendingSend{.who = who, .events = sharer.events_of(its)});
  });
  return plan;
}

Sent WatchStore::send_one(NotifyPlan& plan, const Guards& guards) {
  check(!plan.done(), "a plan that is done is not advanced");
  const PendingSend next = plan.sends.front();
  plan.sends.drop_front(1);
  Watcher* watcher = watchers_.edit(next.who);
  if (!guards(watcher != nullptr && watcher->place == Place::Synced,
              "the watcher is still there and synced")) {
    return {next.who, SendKind::Gone};
  }
  const SendKind kind = deliver(next.who, *watcher, next.events, plan.revision, guards);
  // What was handed over, or waits in a victim batch, must not be read again after a snapshot (#15271).
  if (kind == SendKind::ChannelFull || !quirks_.min_revision_stale_when_synced) {
    watcher->min_revision = plan.revision + 1;
  }
  if (kind == SendKind::ChannelFull) {
    make_victim(next.who, *watcher, VictimEntry{.events = next.events}, plan.has_victims);
  }
  return {next.who, kind};
}

}  // namespace orrery::watch
