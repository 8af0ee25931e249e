// From "this event concerns that watcher" to one list of events per watcher, shared where lists are equal.
//   used by: notify.cc, sync.cc     uses: channel.h
//   ideas:   pairs (watcher, event number) are sorted by watcher; watchers that follow each other and want
//            the same events get one list between them, so that 10,000 watchers of one key cost one.
#pragma once

#include <algorithm>
#include <compare>
#include <cstdint>
#include <span>
#include <utility>
#include <vector>

#include "watch/channel.h"

namespace orrery::watch {

struct WatcherMatch {
  WatcherKey who{};
  std::uint32_t event = 0;  // its number in the list of all events

  friend auto operator<=>(const WatcherMatch&, const WatcherMatch&) = default;
};

using MatchList = std::vector<WatcherMatch>;

// Calls found(who, its matches in the order of events) for each watcher, in the order of names.
template <class Found>
void for_each_watcher(MatchList& matches, Found&& found) {
  if (!std::ranges::is_sorted(matches)) std::ranges::sort(matches);
  const std::span<const WatcherMatch> all(matches);
  for (std::size_t from = 0; from < all.size();) {
    std::size_t to = from + 1;
    while (to < all.size() && all[to].who == all[from].who) ++to;
    found(all[from].who, all.subspan(from, to - from));
    from = to;
  }
}

class EventSharer {
 public:
  // `events` must outlive this object.
  explicit EventSharer(std::span<const Event> events) : events_(events) {}

  // The list a watcher is to get.
  const Events& events_of(std::span<const WatcherMatch> matches) {
    const auto same = [](const WatcherMatch& match, std::uint32_t event) {
      return match.event == event;
    };
    if (!std::ranges::equal(matches, last_, same)) {
      last_.clear();
      std::vector<Event> list;
      for (const WatcherMatch& match : matches) {
        last_.push_back(match.event);
        list.push_back(events_[match.event]);
      }
      list_ = Events(std::move(list));
    }
    return list_;
  }

 private:
  std::span<const Event> events_;
  std::vector<std::uint32_t> last_;  // the numbers of the events in list_
  Events list_{};
};

}  // namespace orrery::watch
