// What a watcher says to one event, and why.
#include "watch/watcher.h"

#include "base/text.h"

namespace orrery::watch {

std::string to_text(WatcherKey key) {
  return text("s{}/{}", key.stream.value(), key.id);
}

std::string_view to_text(Place place) {
  switch (place) {
    case Place::Synced: return "synced";
    case Place::Unsynced: return "unsynced";
    case Place::Victim: return "victim";
    case Place::Moving: return "moving";
    case Place::Compacted: return "compacted";
  }
  return "";
}

bool Watcher::covers(BytesView wanted) const {
  if (is_single()) return wanted == key.view();
  return wanted >= key.view() && (is_open_ended() || wanted < range_end.view());
}

std::string range_text(const Watcher& watcher) {
  if (watcher.is_single()) return quoted(watcher.key);
  if (watcher.is_open_ended()) return text("[{}, end)", quoted(watcher.key));
  return text("[{}, {})", quoted(watcher.key), quoted(watcher.range_end));
}

bool filtered(const Watcher& watcher, const Event& event) {
  return event.type == EventType::Put ? watcher.no_put : watcher.no_delete;
}

Match explain_match(const Watcher& watcher, const Event& event, const Guards& guards) {
  const std::int64_t revision = event.kv.mod_revision;
  if (!guards(watcher.covers(event.kv.key), "the event's key is in the watcher's range")) {
    return {Verdict::OtherKey, text("{} is not in {}", quoted(event.kv.key), range_text(watcher))};
  }
  if (!guards(watcher.min_revision <= revision, "the watcher has not seen the revision yet",
              {{"minRev", watcher.min_revision}, {"event revision", revision}})) {
    return {Verdict::BelowMinRevision, text("minRev {} > {}", watcher.min_revision, revision)};
  }
  if (!guards(!filtered(watcher, event), "no filter of the watcher drops the event")) {
    return {Verdict::Filtered, event.type == EventType::Put ? "the watch has the filter NOPUT"
                                                            : "the watch has the filter NODELETE"};
  }
  return {Verdict::Accepted, text("{} is in {} and minRev {} <= {}", quoted(event.kv.key),
                                  range_text(watcher), watcher.min_revision, revision)};
}

}  // namespace orrery::watch
