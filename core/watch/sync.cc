// Catching up: at most 512 unsynced watchers, one scan of the history, one send per watcher.
#include <algorithm>
#include <utility>

#include "base/check.h"
#include "watch/matches.h"
#include "watch/store.h"

namespace orrery::watch {

namespace {

// Of the events that concern one watcher: at most `limit` distinct revisions.
struct Cut {
  std::span<const WatcherMatch> kept;
  std::int64_t more_revision = 0;  // the first revision left out; 0 = all kept
};

Cut cut_to_revisions(std::span<const WatcherMatch> matches, std::span<const Event> events,
                     std::uint64_t limit) {
  std::uint64_t revisions = 0;
  std::int64_t last = 0;
  for (std::size_t i = 0; i < matches.size(); ++i) {
    const std::int64_t revision = events[matches[i].event].kv.mod_revision;
    if (i == 0 || revision > last) ++revisions;
    if (revisions > limit) return {matches.first(i), revision};
    last = revision;
  }
  return {matches, 0};
}

}  // namespace

// Round-robin, so that watchers which cannot move on (a full channel) do not keep others waiting for ever.
Sequence<WatcherKey> WatchStore::pick_unsynced() {
  Sequence<WatcherKey> out;
  const std::uint64_t count = std::min<std::uint64_t>(turns_.size(), limits_.watchers_per_sync);
  auto it = count == turns_.size() ? turns_.begin() : turns_.upper_bound(sync_cursor_);
  while (out.size() < count) {
    if (it == turns_.end()) it = turns_.begin();
    out.push_back(it->first);
    ++it;
  }
  if (!out.empty()) sync_cursor_ = out.back();
  return out;
}

SyncRound WatchStore::choose_unsynced(std::int64_t current_revision, std::int64_t compact_revision,
                                      const Guards& guards) {
  SyncRound round{.current_revision = current_revision, .compact_revision = compact_revision};
  const Sequence<WatcherKey> picked = pick_unsynced();
  const bool all = picked.size() == unsynced_.size();
  if (all) round.group = unsynced_;
  for (const WatcherKey who : picked) {
    Watcher* watcher = watchers_.edit(who);
    if (!all) round.group.add(who, *watcher);
    check(watcher->min_revision <= current_revision || watcher->restore,
          "only a snapshot makes a watcher of the future unsynced");
    if (!guards(watcher->min_revision >= compact_revision,
                "the history still holds what the watcher wants",
                {{"minRev", watcher->min_revision}, {"compact revision", compact_revision}})) {
      round.notices.push_back(who);
      continue;
    }
    round.min_revision = std::min(round.min_revision, watcher->min_revision);
    round.chosen.push_back(who);
  }
  // As bytes, a negative revision sorts behind every row: the scan finds nothing, for anyone (#20693).
  if (round.min_revision < 0 && quirks_.accepts_negative_start) round.min_revision = round.kNothing;
  return round;
}

void WatchStore::give_events(SyncRound& round, const std::vector<Event>& events,
                             const Guards& guards) {
  MatchList matches;
  for (std::uint32_t i = 0; i < events.size(); ++i) {
    const std::int64_t revision = events[i].kv.mod_revision;
    match_cost_ += round.group.watchers_for(events[i].kv.key, [&](WatcherKey who) {
      const Watcher* watcher = watchers_.find(who);
      if (watcher != nullptr &&
          guards(watcher->min_revision <= revision, "the watcher has not seen the revision yet",
                 {{"stream", who.stream},
                  {"watch id", who.id},
                  {"minRev", watcher->min_revision},
                  {"event revision", revision}})) {
        matches.push_back({who, i});
      }
    });
  }
  std::vector<PendingSend> found;  // in the order of names
  EventSharer sharer(events);
  for_each_watcher(matches, [&](WatcherKey who, std::span<const WatcherMatch> its) {
    const Cut cut = cut_to_revisions(its, events, limits_.revisions_per_batch);
    found.push_back({who, sharer.events_of(cut.kept), cut.more_revision});
  });
  for (const WatcherKey who : round.chosen) {
    const auto send = std::ranges::lower_bound(found, who, {}, &PendingSend::who);
    const bool is_found = send != found.end() && send->who == who;
    round.sends.push_back(is_found ? *send : PendingSend{.who = who});
  }
  round.chosen.clear();
}

Sent WatchStore::send_notice(SyncRound& round, const Guards& guards) {
  const WatcherKey who = round.notices.front();
  round.notices.drop_front(1);
  Watcher* watcher = watchers_.edit(who);
  if (watcher == nullptr || watcher->place != Place::Unsynced) return {who, SendKind::Gone};
  EventChannel& channel = streams_.edit(who.stream)->events;
  const bool sent =
      channel.push(WatchBatch{.watch_id = who.id, .compact_revision = round.compact_revision});
  if (guards(sent, "the stream's event channel has a free slot for the notice",
             {{"slots", channel.slots()}, {"watch id", who.id}})) {
    move(who, *watcher, Place::Compacted);
    return {who, SendKind::NoticeSent};
  }
  // The defect took the one who could not be told for one who wants nothing (#17529).
  if (quirks_.sync_marks_uncancelled_compacted) {
    raise_min_revision(*watcher, round.current_revision, guards);
    move(who, *watcher, Place::Synced);
  }
  return {who, SendKind::NoticeDeferred};
}

// A watcher of the future keeps its own, later, beginning (#20221).
void WatchStore::raise_min_revision(Watcher& watcher, std::int64_t current_revision,
                                    const Guards& guards) const {
  const std::int64_t next = current_revision + 1;
  const bool future =
      guards(watcher.min_revision > next && !quirks_.restore_lowers_min_revision,
             "the watcher begins later than the next revision",
             {{"minRev", watcher.min_revision}, {"current revision", current_revision}});
  if (!future) watcher.min_revision = next;
}

Sent WatchStore::send_one(SyncRound& round, const Guards& guards) {
  if (!round.notices.empty()) return send_notice(round, guards);
  check(round.chosen.empty() && !round.sends.empty(), "the round has its events and a send left");
  const PendingSend next = round.sends.front();
  round.sends.drop_front(1);
  Watcher* watcher = watchers_.edit(next.who);
  if (watcher == nullptr || watcher->place != Place::Unsynced) return {next.who, SendKind::Gone};
  watcher->restore = false;
  raise_min_revision(*watcher, round.current_revision, guards);
  if (!guards(!next.events->empty(), "the history holds events for the watcher")) {
    move(next.who, *watcher, Place::Synced);
    return {next.who, SendKind::NothingToSend};
  }
  const bool more = guards(next.more_revision != 0, "the batch was cut, more is to be read",
                           {{"next revision", next.more_revision}});
  if (more) watcher->min_revision = next.more_revision;
  const SendKind kind = deliver(next.who, *watcher, next.events, round.current_revision, guards);
  if (kind == SendKind::ChannelFull) {
    make_victim(next.who, *watcher, VictimEntry{next.events, next.more_revision},
                round.has_victims);
  } else if (!more) {
    move(next.who, *watcher, Place::Synced);
  }
  return {next.who, kind};
}

}  // namespace orrery::watch
