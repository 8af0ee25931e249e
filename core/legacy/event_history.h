// EventHistory: etcd v2's memory of the last thousand events, a ring that forgets.
//   used by: hub.h, the Old watch view     uses: base/sequence.h
//   ideas:   a new event takes the place of the oldest. Whoever asks for an index that is gone gets error 401 and must
//            read everything again. v3 keeps its history in the store instead, until somebody compacts it.
//   invariant: indexes rise by at least one; start_index() is the index of the oldest event that is left.
//   from: etcd v2store event_history.go, event_queue.go (EventHistory, eventQueue)
//   differs: an index here is the revision of the v3 store where that is free: both generations count alike.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "base/blob.h"
#include "base/sequence.h"
#include "proto/mvccpb.h"

namespace orrery::legacy {

// units: events
inline constexpr std::uint64_t kCapacity = 1'000;

struct OldEvent {
  bool deleted = false;
  Blob key;    // without v2's leading slash
  Blob value;  // of the key after the event
  std::int64_t index = 0;
  std::int64_t created_index = 0;

  template <class F>
  void fields(F&& f) const {
    f("deleted", deleted), f("key", key), f("value", value), f("index", index);
    f("created_index", created_index);
  }
  friend bool operator==(const OldEvent&, const OldEvent&) = default;
};

// Does a wish for `wanted`, with all below it if recursive, concern the event's key?
bool concerns(BytesView wanted, bool recursive, BytesView key);

// Error 401: the events from `asked` up to `start` are gone.
struct Cleared {
  std::int64_t asked = 0;
  std::int64_t start = 0;

  template <class F>
  void fields(F&& f) const {
    f("asked", asked), f("start", start);
  }
  friend bool operator==(const Cleared&, const Cleared&) = default;
};

struct Scan {
  std::optional<Cleared> cleared;
  std::optional<OldEvent> event;  // the first match only; none = it is still to come
};

class EventHistory {
 public:
  EventHistory() = default;

  // Remembers from this index on.
  explicit EventHistory(std::int64_t first_index)
      : last_index_(first_index - 1), first_index_(first_index) {}

  // The change of a key; its index is the given one, or the next free one if that is taken.
  const OldEvent& add(const mvccpb::Event& event);

  Scan scan(BytesView key, bool recursive, std::int64_t index) const;

  // The queue as etcd has it: slots are numbered from 0, front = the oldest event, back = where the next one goes.
  std::uint64_t size() const { return events_.size(); }

  std::uint64_t front() const { return (added_ - events_.size()) % kCapacity; }

  std::uint64_t back() const { return added_ % kCapacity; }

  std::int64_t start_index() const {
    return events_.empty() ? first_index_ : events_.front().index;
  }

  std::int64_t last_index() const { return last_index_; }

  const Sequence<OldEvent>& events() const { return events_; }

  template <class F>
  void fields(F&& f) const {
    f("events", events_), f("added", added_), f("last_index", last_index_);
    f("first_index", first_index_);
  }
  friend bool operator==(const EventHistory&, const EventHistory&) = default;

 private:
  Sequence<OldEvent> events_;    // oldest first, at most kCapacity
  std::uint64_t added_ = 0;      // ever
  std::int64_t last_index_ = 0;  // of the newest event
  std::int64_t first_index_ = 1;
};

}  // namespace orrery::legacy
