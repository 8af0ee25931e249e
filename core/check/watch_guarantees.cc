// Each promise reads the responses of one watch front to back.
#include "check/watch_guarantees.h"

#include <algorithm>
#include <map>
#include <set>
#include <span>
#include <tuple>

#include "base/text.h"

namespace orrery::checks {

namespace {

using mvccpb::Event;
using mvccpb::EventType;

// An event's name. A transaction may delete a key and put it: etcd refuses that only where the deleted range has an end
// (facts B.1).
using EventName = std::tuple<std::int64_t, Blob, EventType>;

EventName name_of(const Event& event) {
  return {event.kv.mod_revision, event.kv.key, event.type};
}

std::string to_text(const Event& event) {
  return text("{} {}@{}", event.type == EventType::Put ? "PUT" : "DELETE", quoted(event.kv.key),
              event.kv.mod_revision);
}

std::vector<Event> received(const WatchRecord& watch) {
  std::vector<Event> out;
  for (const rpc::WatchResponse& response : watch.responses) {
    out.insert(out.end(), response.events.begin(), response.events.end());
  }
  return out;
}

std::set<EventName> names_of(const std::vector<Event>& events) {
  std::set<EventName> out;
  for (const Event& event : events) out.insert(name_of(event));
  return out;
}

// Where each event stands in the history.
std::map<EventName, std::size_t> positions(const WatchHistory& history) {
  std::map<EventName, std::size_t> out;
  for (std::size_t i = 0; i < history.events.size(); ++i) out[name_of(history.events[i])] = i;
  return out;
}

bool is_progress(const rpc::WatchResponse& response) {
  return response.events.empty() && !response.created && !response.canceled;
}

bool is_creation(const Event& event) {
  return event.type == EventType::Put && event.kv.create_revision == event.kv.mod_revision;
}

// What the key held before the event; nullptr = nothing.
const mvccpb::KeyValue* value_before(const WatchHistory& history, const Event& event) {
  const mvccpb::KeyValue* out = nullptr;
  for (const Event& earlier : history.events) {
    if (earlier.kv.mod_revision >= event.kv.mod_revision) break;
    if (earlier.kv.key != event.kv.key) continue;
    out = earlier.type == EventType::Put ? &earlier.kv : nullptr;
  }
  return out;
}

void report_missing(const char* claim, const WatchRecord& watch, std::span<const Event> wanted,
                    const std::set<EventName>& got, Violations& out) {
  for (const Event& event : wanted) {
    if (got.contains(name_of(event))) continue;
    out.push_back({claim, text("{} never got {}", watch.name, to_text(event))});
  }
}

}  // namespace

Violations watch_ordered(const WatchRecord& watch, const WatchHistory& history) {
  Violations out;
  const auto position = positions(history);
  const std::vector<Event> events = received(watch);
  for (std::size_t i = 1; i < events.size(); ++i) {
    const Event& before = events[i - 1];
    const Event& after = events[i];
    const auto first = position.find(name_of(before));
    const auto second = position.find(name_of(after));
    const bool known = first != position.end() && second != position.end();
    const bool ascending =
        known ? first->second <= second->second : before.kv.mod_revision <= after.kv.mod_revision;
    if (ascending) continue;
    out.push_back(
        {"WatchOrdered", text("{} got {} after {}", watch.name, to_text(after), to_text(before))});
  }
  return out;
}

Violations watch_unique(const WatchRecord& watch, const WatchHistory& history) {
  Violations out;
  std::map<EventName, std::size_t> times;
  for (const Event& event : received(watch)) {
    const EventName name = name_of(event);
    if (++times[name] == 1) continue;
    const auto happened = std::ranges::count(history.events, name, name_of);
    if (times[name] <= static_cast<std::size_t>(happened)) continue;
    out.push_back({"WatchUnique", text("{} got {} twice", watch.name, to_text(event))});
  }
  return out;
}

Violations watch_atomic(const WatchRecord& watch, const WatchHistory&) {
  Violations out;
  std::map<std::int64_t, std::size_t> message_of;  // revision -> the message that brought it
  std::size_t message = 0;
  for (const rpc::WatchResponse& response : watch.responses) {
    for (const Event& event : response.events) {
      const std::int64_t revision = event.kv.mod_revision;
      if (message_of.try_emplace(revision, message).first->second == message) continue;
      out.push_back({"WatchAtomic", text("{} got revision {} in two responses, the second with {}",
                                         watch.name, revision, to_text(event))});
    }
    if (!response.fragment) ++message;
  }
  return out;
}

Violations watch_reliable(const WatchRecord& watch, const WatchHistory& history) {
  Violations out;
  const std::set<EventName> got = names_of(received(watch));
  if (got.empty()) return out;
  std::vector<Event> between;
  const auto first = std::get<std::int64_t>(*got.begin());
  const auto last = std::get<std::int64_t>(*got.rbegin());
  for (const Event& event : expected_events(watch, history, last)) {
    if (event.kv.mod_revision >= first) between.push_back(event);
  }
  // Of the last revision a fragment may still be under way.
  if (!watch.responses.empty() && watch.responses.back().fragment) {
    std::erase_if(between, [&](const Event& event) { return event.kv.mod_revision == last; });
  }
  report_missing("WatchReliable", watch, between, got, out);
  return out;
}

Violations watch_resumable(const WatchRecord& watch, const WatchHistory& history) {
  Violations out;
  const std::set<EventName> got = names_of(received(watch));
  if (!got.empty()) {
    const auto before = expected_events(watch, history, std::get<std::int64_t>(*got.begin()) - 1);
    report_missing("WatchResumable", watch, before, got, out);
  }
  std::int64_t has_until = first_revision(watch) - 1;
  for (const rpc::WatchResponse& response : watch.responses) {
    for (const Event& event : response.events) {
      has_until = std::max(has_until, event.kv.mod_revision);
    }
    if (response.compact_revision == 0 || response.compact_revision > has_until + 1) continue;
    out.push_back(
        {"WatchResumable", text("{} had everything up to {} and was told that {} is compacted",
                                watch.name, has_until, response.compact_revision)});
  }
  return out;
}

Violations watch_bookmarkable(const WatchRecord& watch, const WatchHistory& history) {
  Violations out;
  std::set<EventName> got;
  std::int64_t bookmark = 0;
  for (const rpc::WatchResponse& response : watch.responses) {
    for (const Event& event : response.events) {
      got.insert(name_of(event));
      if (event.kv.mod_revision > bookmark) continue;
      out.push_back({"WatchBookmarkable",
                     text("{} got {} after progress {}", watch.name, to_text(event), bookmark)});
    }
    if (!is_progress(response)) continue;
    const std::int64_t revision = response.header.revision;
    bookmark = std::max(bookmark, revision);
    if (revision < watch.request.start_revision) {
      out.push_back({"WatchBookmarkable", text("{} starts at {} and got progress {}", watch.name,
                                               watch.request.start_revision, revision)});
    }
    report_missing("WatchBookmarkable", watch, expected_events(watch, history, revision), got, out);
  }
  return out;
}

Violations watch_filter(const WatchRecord& watch, const WatchHistory&) {
  Violations out;
  for (const Event& event : received(watch)) {
    if (!wants(watch.request, event)) {
      out.push_back({"WatchFilter", text("{} never asked for {}", watch.name, to_text(event))});
    } else if (event.kv.mod_revision < first_revision(watch)) {
      out.push_back({"WatchFilter", text("{} starts at {} and got {}", watch.name,
                                         first_revision(watch), to_text(event))});
    }
  }
  return out;
}

namespace {

// What is wrong with an event's previous value; empty = nothing.
std::string_view prev_kv_fault(const WatchHistory& history, const Event& event, bool wanted,
                               bool may_lack) {
  if (!event.prev_kv) return may_lack ? "" : "no value";
  if (!wanted) return "an unasked value";
  const mvccpb::KeyValue* before = value_before(history, event);
  return before != nullptr && *event.prev_kv == *before ? "" : "a wrong value";
}

}  // namespace

Violations watch_prev_kv(const WatchRecord& watch, const WatchHistory& history) {
  Violations out;
  const std::size_t sure = watch.cancel_sent.value_or(watch.responses.size());
  for (std::size_t i = 0; i < watch.responses.size(); ++i) {
    for (const Event& event : watch.responses[i].events) {
      const bool wanted = watch.request.prev_kv && !is_creation(event);
      const bool may_lack =
          !wanted || i >= sure || event.kv.mod_revision - 1 < history.compact_revision;
      const auto what = prev_kv_fault(history, event, wanted, may_lack);
      if (what.empty()) continue;
      out.push_back(
          {"WatchPrevKv", text("{} got {} with {} before", watch.name, to_text(event), what)});
    }
  }
  return out;
}

Violations watch_true(const WatchRecord& watch, const WatchHistory& history) {
  Violations out;
  const auto position = positions(history);
  for (const Event& event : received(watch)) {
    const auto at = position.find(name_of(event));
    const bool same = at != position.end() && history.events[at->second].type == event.type &&
                      history.events[at->second].kv == event.kv;
    if (same) continue;
    out.push_back(
        {"WatchTrue", text("{} got {}, which is not what happened", watch.name, to_text(event))});
  }
  return out;
}

Violations watch_framed(const WatchRecord& watch, const WatchHistory&) {
  Violations out;
  for (std::size_t i = 0; i < watch.too_early.size(); ++i) {
    out.push_back({"WatchFramed", text("{} got a response before `created`", watch.name)});
  }
  for (std::size_t i = 0; i < watch.too_late.size(); ++i) {
    out.push_back({"WatchFramed", text("{} got a response after `canceled`", watch.name)});
  }
  bool told = false;
  for (const rpc::WatchResponse& response : watch.responses) {
    const bool of_this_watch = response.watch_id == watch.created.watch_id;
    if (told && of_this_watch) {
      out.push_back({"WatchFramed",
                     text("{} got a response after it was told of the compaction", watch.name)});
    }
    told |= response.compact_revision != 0;
  }
  return out;
}

Violations watch_complete(const WatchRecord& watch, const WatchHistory& history,
                          std::int64_t settled) {
  Violations out;
  const bool ended =
      watch.canceled.has_value() ||
      std::ranges::any_of(watch.responses, [](const auto& response) { return response.canceled; });
  if (ended) return out;
  report_missing("WatchComplete", watch, expected_events(watch, history, settled),
                 names_of(received(watch)), out);
  return out;
}

Violations watch_violations(const WatchRecord& watch, const WatchHistory& history) {
  Violations out;
  for (const auto promise :
       {watch_ordered, watch_unique, watch_atomic, watch_reliable, watch_resumable,
        watch_bookmarkable, watch_filter, watch_prev_kv, watch_true, watch_framed}) {
    const Violations broken = promise(watch, history);
    out.insert(out.end(), broken.begin(), broken.end());
  }
  return out;
}

}  // namespace orrery::checks
