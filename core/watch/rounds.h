// The three rounds of work that lanes drive one send at a time: notify, sync, victims.
//   used by: store.h (makes and advances them), the server's lanes (hold them in their frames)
//   ideas:   a round is a value: what is still to be sent to whom. One send per step, so that a client may
//            read, or a member crash, between any two of them.
//   note: etcd holds the watch store's mutex from the first to the last step of a NotifyPlan and of a
//         SyncRound; of a VictimRound only in take_victims, settle and put_back. The lanes own that lock.
//   from: etcd server/storage/mvcc/watchable_store.go (notify, syncWatchers, moveVictims),
//         watcher_group.go (watcherBatch, eventBatch)
#pragma once

#include <cstdint>
#include <limits>

#include "base/ordered_map.h"
#include "base/sequence.h"
#include "watch/channel.h"
#include "watch/group.h"

namespace orrery::watch {

// What became of one send.
enum class SendKind : std::uint8_t {
  Delivered,       // in the event channel
  AllFiltered,     // the watcher's filters left nothing, which counts as delivered
  NothingToSend,   // no event in its range: it has caught up
  ChannelFull,     // it became, or stays, a victim
  NoticeSent,      // told that its past is compacted
  NoticeDeferred,  // to be told so, but the channel is full: next round
  Gone,            // cancelled since the round began
};

std::string_view to_text(SendKind kind);

struct Sent {
  WatcherKey who{};
  SendKind kind = SendKind::Gone;

  friend bool operator==(const Sent&, const Sent&) = default;
};

struct PendingSend {
  WatcherKey who{};
  Events events{};
  std::int64_t more_revision = 0;  // the first revision left out of `events`; 0 = none left out

  template <class F>
  void fields(F&& f) const {
    f("who", who), f("events", events), f("more_revision", more_revision);
  }

  friend bool operator==(const PendingSend&, const PendingSend&) = default;
};

// One ended write, told to the synced watchers it concerns.
struct NotifyPlan {
  std::int64_t revision = 0;
  Sequence<PendingSend> sends{};  // in the order of names; the front is next
  bool has_victims = false;       // this plan has opened a victim batch (the last one of the store)

  bool done() const { return sends.empty(); }

  template <class F>
  void fields(F&& f) const {
    f("revision", revision), f("sends", sends), f("has_victims", has_victims);
  }

  friend bool operator==(const NotifyPlan&, const NotifyPlan&) = default;
};

// At most 512 unsynced watchers on their way to the present. Phases: chosen, events given, sends.
struct SyncRound {
  static constexpr std::int64_t kNothing = std::numeric_limits<std::int64_t>::max();

  std::int64_t current_revision = 0;     // of the store, when chosen
  std::int64_t compact_revision = 0;     // likewise; -1 = never compacted
  std::int64_t min_revision = kNothing;  // the scan begins here and ends with current_revision
  WatcherGroup group{};                  // whose keys the scan is for
  Sequence<WatcherKey> notices{};        // behind the compaction; served first
  Sequence<WatcherKey> chosen{};         // the others, until their events are given
  Sequence<PendingSend> sends{};         // the others, once their events are given
  bool has_victims = false;              // this round has opened a victim batch

  // Is there anything to read from the history?
  bool wants_scan() const { return min_revision <= current_revision; }

  bool done() const { return notices.empty() && chosen.empty() && sends.empty(); }

  template <class F>
  void fields(F&& f) const {
    f("current_revision", current_revision), f("compact_revision", compact_revision);
    f("min_revision", min_revision), f("group", group), f("notices", notices);
    f("chosen", chosen), f("sends", sends), f("has_victims", has_victims);
  }

  friend bool operator==(const SyncRound&, const SyncRound&) = default;
};

struct VictimEntry {
  Events events{};
  std::int64_t more_revision = 0;  // as in PendingSend

  template <class F>
  void fields(F&& f) const {
    f("events", events), f("more_revision", more_revision);
  }

  friend bool operator==(const VictimEntry&, const VictimEntry&) = default;
};

// Watchers whose send failed in one round, with what they were to get.
using VictimBatch = OrderedMap<WatcherKey, VictimEntry>;

// The whole list of victims, taken away to be retried batch by batch.
struct VictimRound {
  Sequence<VictimBatch> later{};  // batches not begun
  VictimBatch to_try{};           // of the batch at hand: not tried yet
  VictimBatch delivered{};        // of the batch at hand: sent, to be put in a group
  VictimBatch failed{};           // of all batches so far
  std::uint64_t moved = 0;        // sends that worked; not 0 = retry at once

  // What the lane does next.
  bool has_retry() const { return !to_try.empty(); }

  bool has_settle() const { return to_try.empty() && !delivered.empty(); }

  bool has_put_back() const { return to_try.empty() && delivered.empty() && !failed.empty(); }

  bool done() const { return to_try.empty() && delivered.empty() && failed.empty(); }

  template <class F>
  void fields(F&& f) const {
    f("later", later), f("to_try", to_try), f("delivered", delivered), f("failed", failed);
    f("moved", moved);
  }

  friend bool operator==(const VictimRound&, const VictimRound&) = default;
};

}  // namespace orrery::watch
