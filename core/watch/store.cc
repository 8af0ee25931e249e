// Streams come and go, watchers are registered, cancelled, asked for progress, moved by a snapshot.
#include "watch/store.h"

#include <algorithm>
#include <utility>

#include "base/check.h"

namespace orrery::watch {

namespace {

Events without_filtered(const Watcher& watcher, const Events& events) {
  std::vector<Event> kept;
  for (const Event& event : *events) {
    if (!filtered(watcher, event)) kept.push_back(event);
  }
  return Events(std::move(kept));
}

// requires: more watchers than ids can not exist, so a free one is found
WatchId next_free_id(const WatcherMap& watchers, StreamId stream, WatchId from) {
  while (watchers.contains(WatcherKey{stream, from})) ++from;
  return from;
}

Watcher new_watcher(const rpc::WatchCreateRequest& request) {
  Watcher out{.key = request.key,
              .range_end = request.range_end,
              .key_digest = request.key.digest(),
              .start_revision = request.start_revision};
  for (const rpc::WatchFilter filter : request.filters) {
    if (filter == rpc::WatchFilter::NoPut) out.no_put = true;
    if (filter == rpc::WatchFilter::NoDelete) out.no_delete = true;
  }
  return out;
}

}  // namespace

std::string_view to_text(SendKind kind) {
  switch (kind) {
    case SendKind::Delivered: return "delivered";
    case SendKind::AllFiltered: return "all filtered";
    case SendKind::NothingToSend: return "nothing to send";
    case SendKind::ChannelFull: return "channel full";
    case SendKind::NoticeSent: return "notice sent";
    case SendKind::NoticeDeferred: return "notice deferred";
    case SendKind::Gone: return "gone";
  }
  return "";
}

void WatchStore::open_stream(StreamId stream) {
  check(!streams_.contains(stream), "a stream is opened once");
  streams_.put(stream, WatchStream{.events = EventChannel(limits_.event_slots)});
}

bool WatchStore::close_stream(StreamId stream, const Guards& guards) {
  WatchStream* half = streams_.edit(stream);
  if (half == nullptr) return true;
  half->closed = true;
  std::vector<WatcherKey> names;
  watchers_.visit_stream(stream, [&](WatcherKey who, const Watcher&) {
    names.push_back(who);
    return true;
  });
  bool all = true;
  for (const WatcherKey who : names) all &= cancel(who, guards) == Canceled::Done;
  if (all) streams_.erase(stream);
  return all;
}

std::optional<WatchBatch> WatchStore::receive(StreamId stream) {
  if (!has_event(stream)) return std::nullopt;
  return streams_.edit(stream)->events.pop();
}

bool WatchStore::has_event(StreamId stream) const {
  const WatchStream* half = streams_.find(stream);
  return half != nullptr && !half->events.empty();
}

Result<WatchId> WatchStore::watch(StreamId stream, const rpc::WatchCreateRequest& request,
                                  std::int64_t current_revision, const Guards& guards) {
  Watcher watcher = new_watcher(request);
  WatchStream* half = streams_.edit(stream);
  const bool has_keys =
      watcher.is_single() || watcher.is_open_ended() || watcher.key < watcher.range_end;
  if (!guards(has_keys, "the watched range has keys in it") || half == nullptr || half->closed) {
    return fail(Errc::WrongUse, "mvcc: watcher range is empty");
  }
  WatcherKey who{stream, request.watch_id};
  if (who.id == kAutoWatchId) {
    who.id = next_free_id(watchers_, stream, half->next_id);
    half->next_id = who.id + 1;
  } else if (!guards(!watchers_.contains(who), "the watch id is free", {{"watch id", who.id}})) {
    return fail(Errc::WrongUse, "mvcc: duplicate watch ID provided on the WatchStream");
  }
  const bool synced =
      guards(watcher.start_revision == 0 || watcher.start_revision > current_revision,
             "the watch asks for nothing that has happened already",
             {{"start revision", watcher.start_revision}, {"current revision", current_revision}});
  watcher.place = synced ? Place::Synced : Place::Unsynced;
  watcher.min_revision =
      synced ? std::max(current_revision + 1, watcher.start_revision) : watcher.start_revision;
  join_group(who, watcher);
  watchers_.put(who, std::move(watcher));
  return who.id;
}

Canceled WatchStore::cancel(WatcherKey who, const Guards& guards) {
  const Watcher* watcher = watchers_.find(who);
  if (!guards(watcher != nullptr, "the stream has a watch with this id", {{"watch id", who.id}})) {
    return Canceled::Unknown;
  }
  if (!guards(watcher->place != Place::Moving, "no lane is retrying the watcher as a victim")) {
    return Canceled::Busy;
  }
  // Its last holder lets go of the key below: the key's memory comes while the group is searched.
  __builtin_prefetch(watcher->key.view().data());
  leave_group(who, *watcher);
  for (std::size_t i = 0; watcher->place == Place::Victim && i < victims_.size(); ++i) {
    if (victims_[i].contains(who)) victims_.edit(i).erase(who);
  }
  watchers_.erase(who);
  return Canceled::Done;
}

// etcd answers only when nothing at or below the current revision is still owed to the watcher.
bool WatchStore::is_in_sync(const Watcher& watcher, std::int64_t current_revision,
                            const Guards& guards) const {
  if (!guards(watcher.place == Place::Synced, "the watcher is synced")) return false;
  return guards(
      current_revision >= watcher.start_revision || quirks_.progress_for_future_watch,
      "the store has reached the watcher's start revision",
      {{"start revision", watcher.start_revision}, {"current revision", current_revision}});
}

bool WatchStore::progress(WatcherKey who, std::int64_t current_revision, const Guards& guards) {
  const Watcher* watcher = watchers_.find(who);
  if (watcher == nullptr || !is_in_sync(*watcher, current_revision, guards)) return false;
  streams_.edit(who.stream)
      ->events.push(WatchBatch{.watch_id = who.id, .revision = current_revision});
  return true;
}

bool WatchStore::progress_all(StreamId stream, std::int64_t current_revision,
                              const Guards& guards) {
  bool any = false;
  const bool all = watchers_.visit_stream(stream, [&](WatcherKey, const Watcher& watcher) {
    any = true;
    return is_in_sync(watcher, current_revision, guards);
  });
  if (!all) return false;
  if (!guards(any, "the stream has a watcher to send progress through")) return false;
  streams_.edit(stream)->events.push(
      WatchBatch{.watch_id = kInvalidWatchId, .revision = current_revision});
  return true;
}

void WatchStore::restore() {
  std::vector<WatcherKey> names;
  for (const auto& [who, watcher] : watchers_) {
    if (watcher.place == Place::Synced) names.push_back(who);
  }
  synced_ = WatcherGroup();
  for (const WatcherKey who : names) {
    Watcher* watcher = watchers_.edit(who);
    watcher->place = Place::Unsynced;
    watcher->restore = true;
    join_group(who, *watcher);
  }
}

SendKind WatchStore::deliver(WatcherKey who, const Watcher& watcher, const Events& events,
                             std::int64_t revision, const Guards& guards) {
  WatchBatch batch{.watch_id = who.id, .events = events, .revision = revision};
  if (watcher.no_put || watcher.no_delete) {
    batch.events = without_filtered(watcher, events);
    if (!guards(!batch.events->empty(), "the watcher's filters leave an event to send",
                {{"events", events->size()}})) {
      return SendKind::AllFiltered;
    }
  }
  EventChannel& channel = streams_.edit(who.stream)->events;
  const std::uint64_t used = channel.used();
  if (!guards(channel.push(std::move(batch)), "the stream's event channel has a free slot",
              {{"slots", channel.slots()}, {"used", used}})) {
    return SendKind::ChannelFull;
  }
  return SendKind::Delivered;
}

// Between the groups only; a victim batch is left or entered by the caller.
void WatchStore::move(WatcherKey who, Watcher& watcher, Place to) {
  leave_group(who, watcher);
  watcher.place = to;
  watcher.restore = false;
  join_group(who, watcher);
}

void WatchStore::join_group(WatcherKey who, const Watcher& watcher) {
  if (watcher.place == Place::Synced) synced_.add(who, watcher);
  if (watcher.place != Place::Unsynced) return;
  unsynced_.add(who, watcher);
  turns_.put(who, Present{});
}

void WatchStore::leave_group(WatcherKey who, const Watcher& watcher) {
  if (watcher.place == Place::Synced) synced_.remove(who, watcher);
  if (watcher.place != Place::Unsynced) return;
  unsynced_.remove(who, watcher);
  turns_.erase(who);
}

void WatchStore::make_victim(WatcherKey who, Watcher& watcher, VictimEntry entry,
                             bool& has_victims) {
  move(who, watcher, Place::Victim);
  if (!has_victims) victims_.push_back(VictimBatch());
  has_victims = true;
  victims_.edit(victims_.size() - 1).put(who, std::move(entry));
}

}  // namespace orrery::watch
