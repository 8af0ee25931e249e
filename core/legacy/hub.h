// Hub: a member's v2 side: the ring of events, and the polls that wait for the next one.
//   used by: server (Running), the Old watch view    uses: event_history.h, messages.h
//   ideas:   nobody who never polls pays: the ring begins to remember with the first request. An event goes to the
//            polls of its key and, recursively, of what lies above it, found by walking the key's path; each poll is
//            answered once and is then gone: its client must ask again.
//   invariant: polls_ and by_key_ hold the same polls.
//   from: etcd v2store watcher_hub.go (watcherHub.watch, notify)
#pragma once

#include <compare>
#include <cstdint>
#include <optional>
#include <utility>
#include <vector>

#include "base/ordered_map.h"
#include "legacy/messages.h"

namespace orrery::legacy {

// Whose connection: the client's number, and its number for the watcher.
struct PollKey {
  std::uint32_t client = 0;
  std::uint64_t poll = 0;

  template <class F>
  void fields(F&& f) const {
    f("client", client), f("poll", poll);
  }
  friend auto operator<=>(const PollKey&, const PollKey&) = default;
};

// Of a member, since it started.
struct HubCounters {
  std::uint64_t requests = 0;
  std::uint64_t answers = 0;
  std::uint64_t cleared = 0;  // answers with error 401
  std::uint64_t asked = 0;    // waiting polls looked at for all events

  template <class F>
  void fields(F&& f) const {
    f("requests", requests), f("answers", answers), f("cleared", cleared), f("asked", asked);
  }
  friend bool operator==(const HubCounters&, const HubCounters&) = default;
};

using PollAnswer = std::pair<PollKey, OldAnswer>;

class Hub {
 public:
  // Has anybody ever polled here?
  bool open() const { return history_.has_value(); }

  // requires: open()
  const EventHistory& history() const { return *history_; }

  // A long poll arrives; `revision` is the v3 store's. None = it waits. requires: its verb is Wait
  std::optional<OldAnswer> poll(PollKey who, const OldRequest& request, std::int64_t revision);

  // The events of one ended transaction. The answers are of polls that waited, in the order of names per event.
  std::vector<PollAnswer> notify(const std::vector<mvccpb::Event>& events);

  // The connection is gone.
  void forget(PollKey who);

  void count_read() { ++counters_.requests, ++counters_.answers; }

  const OrderedMap<PollKey, OldRequest>& waiting() const { return polls_; }

  const HubCounters& counters() const { return counters_; }

  template <class F>
  void fields(F&& f) const {
    f("history", history_), f("polls", polls_), f("by_key", by_key_), f("counters", counters_);
  }
  friend bool operator==(const Hub&, const Hub&) = default;

 private:
  std::vector<PollKey> waiting_for(const OldEvent& event);

  std::optional<EventHistory> history_;
  OrderedMap<PollKey, OldRequest> polls_;
  OrderedMap<std::pair<Blob, PollKey>, bool> by_key_;  // what is polled; true = recursive
  HubCounters counters_;
};

}  // namespace orrery::legacy
