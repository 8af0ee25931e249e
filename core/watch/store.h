// WatchStore: all watchers of one member, and the channels they are told through.
//   used by: server (apply's notify, the sync-watchers and sync-victims lanes, streams), the Watchers view
//   uses:    watcher_map.h, group.h, channel.h, rounds.h; asks nobody: revisions and events come in as arguments
//   ideas:   a watcher is Synced, Unsynced or a Victim. Whoever ends a write tells the synced ones; a lane
//            reads the history for the unsynced; another retries the victims. None of them ever waits
//            for a client, and none ever drops an event.
//   invariant 1: every watcher is in exactly one place, and the groups and victim batches say the same.
//   invariant 2: an unsynced watcher has min_revision <= the store's revision, unless a snapshot put it there.
//   note: min_revision of a synced watcher is behind the last event it was told of, not behind the store's
//         revision: a watcher of a quiet key keeps a low one.
//   invariant 3: every watcher's stream is open.
//   from: etcd server/storage/mvcc/watchable_store.go, watcher.go (watchStream)
//   differs: watchers are served in the order of their names, and the unsynced round-robin, where etcd
//            follows Go's map order. A watcher told of its compaction leaves the unsynced group at once
//            also when more than 512 are unsynced; in etcd it may be told twice.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "base/guards.h"
#include "base/ordered_map.h"
#include "base/result.h"
#include "watch/channel.h"
#include "watch/group.h"
#include "watch/quirks.h"
#include "watch/rounds.h"
#include "watch/watcher_map.h"

namespace orrery::watch {

struct WatchLimits {
  std::uint64_t event_slots = kEventSlots;    // of a stream opened from now on
  std::uint64_t watchers_per_sync = 512;      // chosen in one round of catching up
  std::uint64_t revisions_per_batch = 1'000;  // in one catch-up response

  template <class F>
  void fields(F&& f) const {
    f("event_slots", event_slots), f("watchers_per_sync", watchers_per_sync);
    f("revisions_per_batch", revisions_per_batch);
  }

  friend bool operator==(const WatchLimits&, const WatchLimits&) = default;
};

// The store's half of a stream; the loops' half is stream.h's Stream.
struct WatchStream {
  EventChannel events{};
  WatchId next_id = 0;  // the next one to try when the server chooses; never goes back
  bool closed = false;  // no new watchers; the last ones are being cancelled

  template <class F>
  void fields(F&& f) const {
    f("events", events), f("next_id", next_id), f("closed", closed);
  }

  friend bool operator==(const WatchStream&, const WatchStream&) = default;
};

enum class Canceled : std::uint8_t {
  Done,
  Unknown,  // no such watcher on the stream
  Busy,     // the sync-victims lane holds it: try again later (etcd: after 1 ms)
};

class WatchStore {
 public:
  WatchStore() = default;

  explicit WatchStore(WatchLimits limits, WatchQuirks quirks = {})
      : limits_(limits), quirks_(quirks) {}

  // -- streams: store.cc

  // requires: the stream's number was never used before
  void open_stream(StreamId stream);
  // Cancels all watchers of the stream and forgets it. False = one is being retried: call again later.
  bool close_stream(StreamId stream, const Guards& guards);
  // What the send loop reads; nullopt = nothing there.
  std::optional<WatchBatch> receive(StreamId stream);
  bool has_event(StreamId stream) const;

  // -- watchers: store.cc

  // Registers a watcher and gives its id. The key and range_end are taken as they are on the wire, after
  // normalized() of stream.h. Fails with etcd's texts: empty range, duplicate id.
  Result<WatchId> watch(StreamId stream, const rpc::WatchCreateRequest& request,
                        std::int64_t current_revision, const Guards& guards);
  Canceled cancel(WatcherKey who, const Guards& guards);
  // A progress batch with the watcher's own id. False = it is not in sync, nothing was sent.
  // True also when the channel was full: a progress notification is not worth a victim.
  bool progress(WatcherKey who, std::int64_t current_revision, const Guards& guards);
  // One progress batch with id -1, if every watcher of the stream is in sync and there is one.
  bool progress_all(StreamId stream, std::int64_t current_revision, const Guards& guards);

  // -- a write ends: notify.cc

  // Who is to be told: synced watchers of the events' keys with min_revision <= the event's revision.
  NotifyPlan begin_notify(std::int64_t revision, const std::vector<Event>& events,
                          const Guards& guards);
  // Tells the next one. requires: !plan.done()
  Sent send_one(NotifyPlan& plan, const Guards& guards);

  // -- catching up: sync.cc

  SyncRound choose_unsynced(std::int64_t current_revision, std::int64_t compact_revision,
                            const Guards& guards);
  // The events of the revisions [round.min_revision, round.current_revision] in order, at least those
  // whose key round.group contains(); none if !wants_scan(). Call once per round.
  void give_events(SyncRound& round, const std::vector<Event>& events, const Guards& guards);
  // Serves the next watcher. requires: !round.done(), events given unless only notices are left
  Sent send_one(SyncRound& round, const Guards& guards);

  // -- victims: victims.cc

  bool has_victims() const;

  // Takes the list; until put back or settled, its watchers are Moving and nobody else finds them.
  VictimRound take_victims();
  // requires: round.has_retry()
  Sent retry_one(VictimRound& round, const Guards& guards);
  // Puts the delivered ones of the batch at hand in the group they belong to now, begins the next batch.
  // requires: round.has_settle()
  void settle(VictimRound& round, std::int64_t current_revision, const Guards& guards);
  // The failed ones become victims again. requires: round.has_put_back()
  void put_back(VictimRound& round);

  // -- a snapshot was installed: store.cc

  // Every synced watcher has to compare itself with the new history.
  void restore();

  // -- to look at

  const WatcherMap& watchers() const { return watchers_; }

  const Watcher* find(WatcherKey who) const { return watchers_.find(who); }

  const OrderedMap<StreamId, WatchStream>& streams() const { return streams_; }

  const WatcherGroup& synced() const { return synced_; }

  const WatcherGroup& unsynced() const { return unsynced_; }

  // The names of the unsynced, in the order in which they are chosen for a round of catching up.
  const WatcherSet& turns() const { return turns_; }

  const Sequence<VictimBatch>& victims() const { return victims_; }

  const WatchLimits& limits() const { return limits_; }

  const WatchQuirks& quirks() const { return quirks_; }

  // What finding watchers has cost since the member started, beside the naive scan.
  const MatchCost& match_cost() const { return match_cost_; }

  template <class F>
  void fields(F&& f) const {
    f("limits", limits_), f("quirks", quirks_), f("streams", streams_), f("watchers", watchers_);
    f("synced", synced_), f("unsynced", unsynced_), f("turns", turns_), f("victims", victims_);
    f("sync_cursor", sync_cursor_), f("match_cost", match_cost_);
  }

  friend bool operator==(const WatchStore&, const WatchStore&) = default;

 private:
  // One attempt to hand a batch to a watcher's channel, filters first.
  SendKind deliver(WatcherKey who, const Watcher& watcher, const Events& events,
                   std::int64_t revision, const Guards& guards);
  bool is_in_sync(const Watcher& watcher, std::int64_t current_revision,
                  const Guards& guards) const;
  // Moves a watcher out of a group into the store's last victim batch, opening one if needed.
  void make_victim(WatcherKey who, Watcher& watcher, VictimEntry entry, bool& has_victims);
  void move(WatcherKey who, Watcher& watcher, Place to);
  // Into, out of the group that the watcher's place names; the other places have none.
  void join_group(WatcherKey who, const Watcher& watcher);
  void leave_group(WatcherKey who, const Watcher& watcher);
  Sequence<WatcherKey> pick_unsynced();
  Sent send_notice(SyncRound& round, const Guards& guards);
  void raise_min_revision(Watcher& watcher, std::int64_t current_revision,
                          const Guards& guards) const;

  WatchLimits limits_;
  WatchQuirks quirks_;
  OrderedMap<StreamId, WatchStream> streams_{};
  WatcherMap watchers_{};
  WatcherGroup synced_{};
  WatcherGroup unsynced_{};
  WatcherSet turns_{};
  Sequence<VictimBatch> victims_{};  // oldest first
  WatcherKey sync_cursor_{};         // the last one chosen; the next round begins after it
  MatchCost match_cost_;
};

}  // namespace orrery::watch
