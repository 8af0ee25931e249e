// The two channels of a stream: bounded queues between those who tell and the loop that sends.
//   used by: store.h (event channel), stream.h (control channel)     uses: base/sequence.h
//   ideas:   a full event channel never blocks the teller and never drops: the watcher becomes a victim.
//            Events are shared between all watchers that get the same ones.
//   from: etcd server/storage/mvcc/watcher.go (WatchResponse, chanBufLen),
//         etcd server/etcdserver/api/v3rpc/watch.go (ctrlStreamBufLen)
#pragma once

#include <cstdint>
#include <optional>
#include <utility>
#include <vector>

#include "base/sequence.h"
#include "base/shared.h"
#include "watch/watcher.h"

namespace orrery::watch {

// units: slots. etcd up to 3.4.9 has 1024 event slots.
inline constexpr std::uint64_t kEventSlots = 128;
inline constexpr std::uint64_t kControlSlots = 16;

using Events = Shared<std::vector<Event>>;

// What the store tells one watcher at a time; the send loop makes a WatchResponse of it.
struct WatchBatch {
  WatchId watch_id = 0;               // kInvalidWatchId = progress for the whole stream
  Events events{};                    // none = progress, or a compaction notice
  std::int64_t revision = 0;          // for the header; 0 in a compaction notice
  std::int64_t compact_revision = 0;  // not 0 = the watcher's past is gone below this revision

  template <class F>
  void fields(F&& f) const {
    f("watch_id", watch_id), f("events", events), f("revision", revision);
    f("compact_revision", compact_revision);
  }

  friend bool operator==(const WatchBatch&, const WatchBatch&) = default;
};

template <class T, std::uint64_t kDefaultSlots>
class Channel {
 public:
  Channel() = default;

  explicit Channel(std::uint64_t slots) : slots_(slots) {}

  std::uint64_t slots() const { return slots_; }

  std::uint64_t used() const { return queue_.size(); }

  bool empty() const { return queue_.empty(); }

  bool full() const { return queue_.size() >= slots_; }

  const Sequence<T>& queue() const { return queue_; }

  // False = no slot is free, nothing has changed.
  bool push(T value) {
    if (full()) return false;
    queue_.push_back(std::move(value));
    return true;
  }

  std::optional<T> pop() {
    if (queue_.empty()) return std::nullopt;
    std::optional<T> out(queue_.front());
    queue_.drop_front(1);
    return out;
  }

  template <class F>
  void fields(F&& f) const {
    f("slots", slots_), f("queue", queue_);
  }

  friend bool operator==(const Channel&, const Channel&) = default;

 private:
  std::uint64_t slots_ = kDefaultSlots;
  Sequence<T> queue_{};
};

using EventChannel = Channel<WatchBatch, kEventSlots>;
using ControlChannel = Channel<rpc::WatchResponse, kControlSlots>;

}  // namespace orrery::watch
