#include "legacy/hub.h"

#include <algorithm>

#include "base/check.h"

namespace orrery::legacy {

std::optional<OldAnswer> Hub::poll(PollKey who, const OldRequest& request, std::int64_t revision) {
  check(request.verb == OldVerb::Wait, "a poll waits");
  if (!open()) history_ = EventHistory(revision + 1);
  ++counters_.requests;
  forget(who);
  // waitIndex 0 means what comes next.
  const std::int64_t from = request.index == 0 ? history_->last_index() + 1 : request.index;
  const Scan scan = history_->scan(request.key, request.recursive, from);
  if (scan.cleared || scan.event) {
    ++counters_.answers;
    counters_.cleared += scan.cleared ? 1U : 0U;
    return OldAnswer{.poll = who.poll,
                     .etcd_index = history_->last_index(),
                     .event = scan.event,
                     .cleared = scan.cleared,
                     .nodes = {}};
  }
  polls_.put(who, request);
  by_key_.put({request.key, who}, request.recursive);
  return std::nullopt;
}

void Hub::forget(PollKey who) {
  const OldRequest* known = polls_.find(who);
  if (known == nullptr) return;
  by_key_.erase(std::pair{known->key, who});
  polls_.erase(who);
}

// The key itself, and what lies above it: "", "a/", "a", "a/b/", "a/b" of "a/b/c".
std::vector<PollKey> Hub::waiting_for(const OldEvent& event) {
  const BytesView key = event.key;
  std::vector<PollKey> out;
  for (std::size_t length = 0; length <= key.size(); ++length) {
    const bool border =
        length == 0 || length == key.size() || key[length] == '/' || key[length - 1] == '/';
    if (!border) continue;
    const Blob above(key.substr(0, length));
    for (auto it = by_key_.lower_bound(std::pair{above, PollKey{}});
         it != by_key_.end() && it->first.first == above; ++it) {
      ++counters_.asked;
      const OldRequest& wish = *polls_.find(it->first.second);
      if (concerns(above, it->second, key) && wish.index <= event.index) {
        out.push_back(it->first.second);
      }
    }
  }
  std::ranges::sort(out);
  return out;
}

std::vector<PollAnswer> Hub::notify(const std::vector<mvccpb::Event>& events) {
  std::vector<PollAnswer> out;
  if (!open()) return out;
  for (const mvccpb::Event& event : events) {
    const OldEvent old = history_->add(event);
    for (const PollKey who : waiting_for(old)) {
      ++counters_.answers;
      forget(who);
      out.emplace_back(
          who,
          OldAnswer{
              .poll = who.poll, .etcd_index = old.index, .event = old, .cleared = {}, .nodes = {}});
    }
  }
  return out;
}

}  // namespace orrery::legacy
