// Everything in memory again from the rows alone, in row order, which is the order of history.
#include "mvcc/store.h"

#include <algorithm>
#include <tuple>
#include <utility>

#include "base/check.h"
#include "base/text.h"
#include "mvcc/meta_rows.h"
#include "proto/mvccpb_codec.h"

namespace orrery::mvcc {
namespace {

using mvccpb::KeyValue;

// The index and the leases as the rows read so far make them.
struct Rebuilt {
  TreeIndex index;
  OrderedMap<Blob, LeaseId> leases;
  std::int64_t last_revision = 1;
};

void add_row(Rebuilt& rebuilt, const BucketKey& row, const KeyValue& kv, const Rules& rules,
             const Guards& guards) {
  rebuilt.last_revision = row.revision.main;
  if (row.tombstone || kv.lease == LeaseId()) {
    rebuilt.leases.erase(kv.key);
  } else {
    rebuilt.leases.put(kv.key, kv.lease);
  }
  const bool known = rebuilt.index.find_key(kv.key) != nullptr;
  if (guards(known, "an earlier row of the key was met", {{"row", row.revision.main}})) {
    if (!row.tombstone) return rebuilt.index.put(kv.key, row.revision);
    // A second tombstone in a row cannot be written; a file that has one tells nothing by it.
    std::ignore = rebuilt.index.tombstone(kv.key, row.revision);
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
  rebuilt.index.insert(kv.key, std::move(fresh));
}

Result<Rebuilt> read_rows(const Backend& backend, const Rules& rules, const Guards& guards) {
  Rebuilt rebuilt;
  std::optional<Error> unreadable;
  const auto visit = [&](BytesView key, BytesView value) {
    const Result<BucketKey> row = decode_bucket_key(key);
    const Result<KeyValue> kv = mvccpb::decode_key_value(value);
    if (!row || !kv) {
      const Error& error = row ? kv.error() : row.error();
      unreadable = Error{Errc::Corrupt, text("bucket key, row {}: {}", hex(key), error.detail)};
      return false;
    }
    add_row(rebuilt, *row, *kv, rules, guards);
    return true;
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

  index_ = std::move(rebuilt->index);
  compact_revision_ = finished->value_or(-1);
  const std::int64_t ordered = scheduled->value_or(0);  // 0 = none, as in etcd
  // The rows of the newest revisions may be gone: what was compacted was reached.
  current_revision_ = std::max(rebuilt->last_revision, compact_revision_);
  if (!rules_.restore_ignores_scheduled_compact) {
    current_revision_ = std::max(current_revision_, ordered);
  }
  Restored out;
  for (const auto& [key, lease] : rebuilt->leases) out.leases.emplace_back(key, lease);
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
