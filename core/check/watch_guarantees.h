// What etcd promises to whoever watches, each promise as a function over recorded values.
//   used by: the checks of a World, tests, grading of labs     uses: proto/rpc.h, base/violation.h
//   ideas:   a transcript is what one client sent and received on one stream, in its order. watches_of()
//            cuts it into one record per watch; each promise looks at one record and at the history of all
//            events, and knows nothing of how the server works.
//   from: etcd documentation, "KV API guarantees" (watch); bugs I7 to I12 of the museum
//   note: a promise broken is a Violation whose claim is the promise's name and whose sentence has the
//         witness. The namespace is not the folder's name, because check() is a function of base.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "base/violation.h"
#include "proto/rpc.h"

namespace orrery::checks {

// Everything that happened to the keys, as the cluster's log says.
struct WatchHistory {
  std::vector<mvccpb::Event>
      events;  // by revision, within a revision in the order of the transaction
  std::int64_t compact_revision = -1;  // the highest one any member has been asked for

  template <class F>
  void fields(F&& f) const {
    f("events", events), f("compact_revision", compact_revision);
  }

  friend bool operator==(const WatchHistory&, const WatchHistory&) = default;
};

// One stream as its client sees it.
using Exchange = std::variant<rpc::WatchRequest, rpc::WatchResponse>;
using Transcript = std::vector<Exchange>;

// One watch of a stream, from its creation to its cancel.
struct WatchRecord {
  std::string name;                 // for sentences: the stream's name and the watch id
  rpc::WatchCreateRequest request;  // as sent
  rpc::WatchResponse created;
  // Events, progress (its own and the stream's, id -1) and a compaction notice, in the order received.
  std::vector<rpc::WatchResponse> responses;
  std::optional<std::size_t> cancel_sent;  // how many responses there were when its cancel was sent
  std::optional<rpc::WatchResponse> canceled;  // the answer to its cancel
  std::vector<rpc::WatchResponse> too_early;   // of its id, before `created`
  std::vector<rpc::WatchResponse> too_late;    // of its id, after `canceled`
};

// The watches that were created on the stream; refused ones have no record.
std::vector<WatchRecord> watches_of(const Transcript& transcript, const std::string& stream_name);

// Is the event of the asked keys and of a kind that no filter drops?
bool wants(const rpc::WatchCreateRequest& request, const mvccpb::Event& event);

// The revision from which on the watch is to get events; start revision 0 means after its creation.
std::int64_t first_revision(const WatchRecord& watch);

// The events that the watch is to get, from its beginning on, up to and including `up_to`.
std::vector<mvccpb::Event> expected_events(const WatchRecord& watch, const WatchHistory& history,
                                           std::int64_t up_to);

// -- the promises; each gives its own claim only

// Ordered: events come by ascending revision, those of one revision in the transaction's order.
Violations watch_ordered(const WatchRecord& watch, const WatchHistory& history);
// Unique: no event comes twice.
Violations watch_unique(const WatchRecord& watch, const WatchHistory& history);
// Atomic: the events of one revision come in one response (a fragmented one counts as one).
Violations watch_atomic(const WatchRecord& watch, const WatchHistory& history);
// Reliable: between two events received none is missing.
Violations watch_reliable(const WatchRecord& watch, const WatchHistory& history);
// Resumable: before the first event received none is missing since the start revision, and who is told of
// a compaction has received no event at or after it. (etcd may tell this to a quiet watch that is up to date:
// progress does not raise what an installed snapshot makes it read again.)
Violations watch_resumable(const WatchRecord& watch, const WatchHistory& history);
// Bookmarkable: progress at revision R means that all up to R was sent before, and nothing up to R comes after.
Violations watch_bookmarkable(const WatchRecord& watch, const WatchHistory& history);
// Filter: only events of the asked keys, from the asked revision on, of the kinds not filtered out.
Violations watch_filter(const WatchRecord& watch, const WatchHistory& history);
// PrevKv: the value before, exactly when asked for, never for a creation; it may lack only if it is compacted,
// or the cancel of the watch is under way (the server forgets the wish at once).
Violations watch_prev_kv(const WatchRecord& watch, const WatchHistory& history);
// True: each event is one of the history, with its value, versions and create revision.
Violations watch_true(const WatchRecord& watch, const WatchHistory& history);
// Framed: `created` comes first, nothing comes after `canceled`, only that after a compaction notice.
Violations watch_framed(const WatchRecord& watch, const WatchHistory& history);
// Complete: once all is quiet at revision `settled`, everything up to it has come. Not a promise at every
// step, but what Reliable and Resumable come to in the end.
Violations watch_complete(const WatchRecord& watch, const WatchHistory& history,
                          std::int64_t settled);

// All of them but the last.
Violations watch_violations(const WatchRecord& watch, const WatchHistory& history);

}  // namespace orrery::checks
