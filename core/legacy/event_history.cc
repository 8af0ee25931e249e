#include "legacy/event_history.h"

#include <algorithm>

namespace orrery::legacy {

bool concerns(BytesView wanted, bool recursive, BytesView key) {
  if (wanted == key) return true;
  if (!recursive || !key.starts_with(wanted)) return false;
  // "a" has "a/b" below it, not "ab"; "a/" and "" have everything that begins so.
  return wanted.empty() || wanted.back() == '/' || key[wanted.size()] == '/';
}

const OldEvent& EventHistory::add(const mvccpb::Event& event) {
  last_index_ = std::max(last_index_ + 1, event.kv.mod_revision);
  if (events_.size() == kCapacity) events_.drop_front(1);
  events_.push_back(OldEvent{.deleted = event.type == mvccpb::EventType::Delete,
                             .key = event.kv.key,
                             .value = event.kv.value,
                             .index = last_index_,
                             .created_index = event.kv.create_revision});
  ++added_;
  return events_.back();
}

Scan EventHistory::scan(BytesView key, bool recursive, std::int64_t index) const {
  if (index < start_index()) return {.cleared = Cleared{index, start_index()}, .event = {}};
  // etcd jumps to front + (index - start), which wants one event per index; here the first index not below it.
  std::uint64_t low = 0;
  std::uint64_t high = events_.size();
  while (low < high) {
    const std::uint64_t middle = (low + high) / 2;
    if (events_[middle].index < index) {
      low = middle + 1;
    } else {
      high = middle;
    }
  }
  for (; low < events_.size(); ++low) {
    if (concerns(key, recursive, events_[low].key)) return {.cleared = {}, .event = events_[low]};
  }
  return {};
}

}  // namespace orrery::legacy
