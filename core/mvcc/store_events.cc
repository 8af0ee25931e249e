// What watch asks: the changes of a span of revisions, and what a key was before a change.
#include <algorithm>

#include "base/check.h"
#include "mvcc/store.h"
#include "proto/mvccpb_codec.h"

namespace orrery::mvcc {

using mvccpb::Event;
using mvccpb::EventType;
using mvccpb::KeyValue;

std::vector<Event> events_of(const WriteTxn& txn) {
  std::vector<Event> events;
  events.reserve(txn.changes.size());
  for (const KeyValue& change : txn.changes) {
    const EventType type = is_tombstone(change) ? EventType::Delete : EventType::Put;
    events.push_back({.type = type, .kv = change, .prev_kv = {}});
  }
  return events;
}

Result<std::vector<Event>> Store::events_in(const Backend& backend, std::int64_t from,
                                            std::int64_t to) const {
  constexpr std::int64_t kMostAtOnce = 10'000;
  std::vector<Event> events;
  if (0 < from && from < to) {  // mostly one event a revision
    events.reserve(static_cast<std::size_t>(std::min(to - from, kMostAtOnce)));
  }
  std::optional<Error> unreadable;
  const auto visit = [&](BytesView key, BytesView value) {
    const Result<BucketKey> row = decode_bucket_key(key);
    Result<KeyValue> kv = mvccpb::decode_key_value(value);
    if (!row || !kv) {
      unreadable = row ? kv.error() : row.error();
      return false;
    }
    if (row->tombstone) kv->mod_revision = row->revision.main;  // the row holds only the key
    Event& event = events.emplace_back();
    event.type = row->tombstone ? EventType::Delete : EventType::Put;
    event.kv = *std::move(kv);
    return true;
  };
  backend.range(View::Read, backend::Bucket::Key, BucketKeyBytes({from, 0}),
                BucketKeyBytes({to, 0}), 0, visit);
  if (unreadable) return fail(*unreadable);
  return events;
}

std::optional<KeyValue> Store::prev_kv(const Backend& backend, const Event& event) const {
  const bool creates =
      event.type == EventType::Put && event.kv.create_revision == event.kv.mod_revision;
  if (creates) return std::nullopt;
  const std::int64_t before = event.kv.mod_revision - 1;
  if (before < compact_revision_) return std::nullopt;
  Result<std::optional<KeyValue>> kv = find(backend, View::Read, event.kv.key, before);
  return kv ? *std::move(kv) : std::nullopt;
}

}  // namespace orrery::mvcc
