// Everything in memory again from the rows alone, in row order, which is the order of history.
#include "mvcc/store.h"

#include <algorithm>
#include <tuple>
#include <utility>

#include "base/check.h"
#include "base/text.h"
#include "mvcc/met_keys.h"
#include "mvcc/meta_rows.h"
#include "proto/mvccpb_codec.h"

namespace orrery::mvcc {
namespace {

using mvccpb::KeyValue;
using mvccpb::KeyValueView;

// The keys as the rows read so far make them.
struct Rebuilt {
  MetKeys keys;
  std::int64_t last_revision = 1;
};

void add_row(Rebuilt& rebuilt, const BucketKey& row, const KeyValueView& kv, const Rules& rules,
             const Guards& guards) {
  rebuilt.last_revision = row.revision.main;
  MetKey* met = rebuilt.keys.find(kv.key);
  if (guards(met != nullptr, "an earlier row of the key was met", {{"row", row.revision.main}})) {
    met->lease = row.tombstone ? LeaseId() : kv.lease;
    if (!row.tombstone) return met->index.put(row.revision);
    // A second tombstone in a row cannot be written; a file that has one tells nothing by it.
    std::ignore = met->index.tombstone(row.revision);
    return;
  }
  KeyIndex fresh;
  if (!row.tombstone) {
    fresh.restore({kv.create_revision, 0}, row.revision, kv.version);
  } else if (!rules.restore_ignores_lone_tombstone) {
    fresh.restore_tombstone(row.revision);  // compaction removed its puts before a crash
  } else {
    return;
  }
  rebuilt.keys.add({.key = Blob(kv.key),
                    .index = std::move(fresh),
                    .lease = row.tombstone ? LeaseId() : kv.lease});
}

KeyValueView view_of(const KeyValue& kv) {
  return {.key = kv.key,
          .create_revision = kv.create_revision,
          .mod_revision = kv.mod_revision,
          .version = kv.version,
          .value = kv.value,
          .lease = kv.lease};
}

Result<Rebuilt> read_rows(const Backend& backend, const Rules& rules, const Guards& guards) {
  Rebuilt rebuilt;
  std::optional<Error> unreadable;
  const auto visit = [&](BytesView key, BytesView value) {
    const Result<BucketKey> row = decode_bucket_key(key);
    if (const auto kv = mvccpb::view_key_value(value); row && kv) {
      add_row(rebuilt, *row, *kv, rules, guards);
      return true;
    }
    const Result<KeyValue> kv = mvccpb::decode_key_value(value);
    if (row && kv) {
      add_row(rebuilt, *row, view_of(*kv), rules, guards);
      return true;
    }
    const Error& error = row ? kv.error() : row.error();
    unreadable = Error{Errc::Corrupt, text("bucket key, row {}: {}", hex(key), error.detail)};
    return false;
  };
  backend.range(View::Read, backend::Bucket::Key, BucketKeyBytes({1, 0}), {}, 0, visit);
  if (unreadable) return fail(*unreadable);
  return rebuilt;
}

}  // namespace

Result<Store::Restored> Store::restore(Backend& backend, const Guards& guards) {
  const auto finished = read_meta_revision(backend, kFinishedCompactRev);
  const auto scheduled = read_meta_revision(backend, kScheduledCompactRev);
  if (!finished) return fail(finished.error());
  if (!scheduled) return fail(scheduled.error());
  Result<Rebuilt> rebuilt = read_rows(backend, rules_, guards);
  if (!rebuilt) return fail(rebuilt.error());

  Restored out;
  std::vector<TreeIndex::Map::value_type> keys;
  keys.reserve(rebuilt->keys.size());
  for (MetKey& met : std::move(rebuilt->keys).sorted()) {
    if (met.lease != LeaseId()) out.leases.emplace_back(met.key, met.lease);
    keys.emplace_back(std::move(met.key), std::move(met.index));
  }
  index_ = TreeIndex::from_sorted(std::move(keys));
  compact_revision_ = finished->value_or(-1);
  const std::int64_t ordered = scheduled->value_or(0);  // 0 = none, as in etcd
  // The rows of the newest revisions may be gone: what was compacted was reached.
  current_revision_ = std::max(rebuilt->last_revision, compact_revision_);
  if (!rules_.restore_ignores_scheduled_compact) {
    current_revision_ = std::max(current_revision_, ordered);
  }
  if (!guards(ordered != 0 && ordered > compact_revision_,
              "a compaction was ordered and not finished",
              {{"ordered", ordered}, {"finished", compact_revision_}})) {
    return out;
  }
  Result<CompactionJob> job = schedule_compaction(backend, ordered, guards);
  if (job) {
    out.resume = *std::move(job);
  } else {
    out.warning = text("compaction encountered error: {}", job.error().detail);
  }
  return out;
}

}  // namespace orrery::mvcc
