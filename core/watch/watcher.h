// Watcher: one client's wish to hear of the changes of one key or one range of keys.
//   used by: store.h, group.h, the Watchers view     uses: proto/rpc.h
//   ideas:   a watcher is named by its stream and its id there; where it waits is its Place; what it has
//            not seen yet begins at min_revision, which only rises.
//            match() decides about one event and can say why not.
//   from: etcd server/storage/mvcc/watchable_store.go (watcher), watcher.go (WatchID, FilterFunc)
#pragma once

#include <compare>
#include <cstdint>
#include <string>

#include "base/blob.h"
#include "base/guards.h"
#include "base/strong.h"
#include "proto/rpc.h"

namespace orrery::watch {

using mvccpb::Event;
using mvccpb::EventType;

// One gRPC Watch stream of a member; never reused within a member's life.
using StreamId = Strong<struct StreamIdTag>;
// A watch's number within its stream, chosen by the client or counted by the server.
using WatchId = std::int64_t;

// In a create request: the server chooses.
inline constexpr WatchId kAutoWatchId = 0;
// In a response: of no watch (a refused create) or of all (progress on request).
inline constexpr WatchId kInvalidWatchId = -1;

// A watcher's name on a member. The order of these is the order in which watchers are served.
struct WatcherKey {
  StreamId stream{};
  WatchId id = 0;

  template <class F>
  void fields(F&& f) const {
    f("stream", stream), f("id", id);
  }

  friend auto operator<=>(const WatcherKey&, const WatcherKey&) = default;
};

// "s3/0": stream 3, watch id 0.
std::string to_text(WatcherKey key);

// Where a watcher is. Exactly one of these at any time.
enum class Place : std::uint8_t {
  Synced,     // has everything; is told by whoever ends a write
  Unsynced,   // has a past to catch up with; the sync-watchers lane reads it from the history
  Victim,     // its channel was full; what it was to get waits in a victim batch
  Moving,     // a victim that the sync-victims lane has taken and not yet put anywhere
  Compacted,  // has been told that its past is gone; waits for its cancel
};

std::string_view to_text(Place place);

struct Watcher {
  Blob key{};
  Blob range_end{};                 // as in a request: empty = `key` alone, "\0" = no upper end
  Digest key_digest = 0;            // of key, noted at birth; 0 = not noted
  std::int64_t start_revision = 0;  // as asked for; 0 = from now on
  std::int64_t min_revision = 0;    // all of its events below are handed over; never falls
  Place place = Place::Synced;
  bool no_put = false;     // filter: puts are not wanted
  bool no_delete = false;  // filter: deletions are not wanted
  bool restore = false;    // moved to Unsynced by an installed snapshot, not served since

  bool is_single() const { return range_end.empty(); }

  bool is_open_ended() const { return range_end.view() == BytesView("\0", 1); }

  bool covers(BytesView wanted) const;

  // The key's digest, without a look at the key if it is noted: what finds a watcher among a million waits for memory
  // and for nothing else.
  Digest key_hash() const { return key_digest != 0 ? key_digest : key.digest(); }

  template <class F>
  void fields(F&& f) const {
    f("key", key), f("range_end", range_end), f("key_digest", key_digest);
    f("start_revision", start_revision), f("min_revision", min_revision), f("place", place);
    f("no_put", no_put), f("no_delete", no_delete), f("restore", restore);
  }

  friend bool operator==(const Watcher&, const Watcher&) = default;
};

// "[a, b)", "a", "[a, end)", as the panels and sentences show what a watcher wants.
std::string range_text(const Watcher& watcher);

// Does a filter of the watcher keep this event from it?
bool filtered(const Watcher& watcher, const Event& event);

enum class Verdict : std::uint8_t {
  Accepted,
  OtherKey,          // the key lies outside the watcher's range
  BelowMinRevision,  // the watcher has it already, or never asked for it
  Filtered,
};

// What a watcher says to one event, and the reason as a sentence: "minRev 12 > 10".
struct Match {
  Verdict verdict = Verdict::Accepted;
  std::string reason;

  bool accepted() const { return verdict == Verdict::Accepted; }

  friend bool operator==(const Match&, const Match&) = default;
};

Match explain_match(const Watcher& watcher, const Event& event, const Guards& guards = Guards());

}  // namespace orrery::watch
