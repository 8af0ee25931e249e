// Victims: what a full channel refused is offered again, batch by batch, without holding anyone up.
#include <algorithm>
#include <utility>

#include "base/check.h"
#include "watch/store.h"

namespace orrery::watch {

namespace {

void begin_next_batch(VictimRound& round) {
  while (round.to_try.empty() && !round.later.empty()) {
    round.to_try = round.later.front();
    round.later.drop_front(1);
  }
}

}  // namespace

// A batch may have been emptied by cancels.
bool WatchStore::has_victims() const {
  return std::ranges::any_of(victims_, [](const VictimBatch& batch) { return !batch.empty(); });
}

VictimRound WatchStore::take_victims() {
  VictimRound round{.later = std::exchange(victims_, {})};
  for (const VictimBatch& batch : round.later) {
    for (const auto& [who, entry] : batch) watchers_.edit(who)->place = Place::Moving;
  }
  begin_next_batch(round);
  return round;
}

Sent WatchStore::retry_one(VictimRound& round, const Guards& guards) {
  check(round.has_retry(), "a victim is left to be retried");
  const auto [who, entry] = *round.to_try.begin();
  round.to_try.erase(who);
  const Watcher& watcher = *watchers_.find(who);
  // The watcher has seen everything below min_revision once this batch is out.
  const SendKind kind = deliver(who, watcher, entry.events, watcher.min_revision - 1, guards);
  if (kind == SendKind::ChannelFull) {
    round.failed.put(who, entry);
  } else {
    round.delivered.put(who, entry);
    ++round.moved;
  }
  if (round.delivered.empty()) begin_next_batch(round);
  return {who, kind};
}

void WatchStore::settle(VictimRound& round, std::int64_t current_revision, const Guards& guards) {
  check(round.has_settle(), "a batch of victims is retried before it is settled");
  for (const auto& [who, entry] : round.delivered) {
    Watcher* watcher = watchers_.edit(who);
    if (entry.more_revision != 0) watcher->min_revision = entry.more_revision;
    const bool behind = guards(
        watcher->min_revision <= current_revision, "the watcher missed writes while a victim",
        {{"minRev", watcher->min_revision}, {"current revision", current_revision}});
    move(who, *watcher, behind ? Place::Unsynced : Place::Synced);
  }
  round.delivered.clear();
  begin_next_batch(round);
}

void WatchStore::put_back(VictimRound& round) {
  check(round.has_put_back(), "the round has only failures left");
  for (const auto& [who, entry] : round.failed) watchers_.edit(who)->place = Place::Victim;
  victims_.push_back(std::exchange(round.failed, {}));
}

}  // namespace orrery::watch
