// HashKV and the hashes of finished compactions.
#include "mvcc/store.h"

namespace orrery::mvcc {

Result<KeyValueHash> Store::hash_kv(const Backend& backend, std::int64_t revision,
                                    const Guards& guards) const {
  for (const KeyValueHash& stored : hashes_) {
    if (revision == 0) break;  // now, and not what a compaction at 0 has left
    if (guards(stored.revision == revision, "a compaction has left the hash of this revision",
               {{"compaction", stored.revision}, {"asked", revision}})) {
      return stored;
    }
  }
  if (!guards(revision <= 0 || revision >= compact_revision_, "the revision is not compacted",
              {{"asked", revision}, {"compacted", compact_revision_}})) {
    return fail(Errc::Compacted);
  }
  if (!guards(revision <= current_revision_, "the revision has been reached",
              {{"asked", revision}, {"current", current_revision_}})) {
    return fail(Errc::FutureRev);
  }
  const std::int64_t at = revision == 0 ? current_revision_ : revision;
  KeyValueHasher hasher(compact_revision_, at, index_.keep(at, rules_));
  std::optional<Error> unreadable;
  const auto visit = [&](BytesView key, BytesView value) {
    const Result<BucketKey> row = decode_bucket_key(key);
    if (row) {
      hasher.write(*row, key, value);
    } else {
      unreadable = row.error();
    }
    return row.has_value();
  };
  backend.range(View::Read, backend::Bucket::Key, {}, BucketKeyBytes({at + 1, 0}), 0, visit);
  if (unreadable) return fail(*unreadable);
  return hasher.finish();
}

// Compactions ascend, so the newest is last; an old one may come again after a restart.
void Store::store_hash(const KeyValueHash& hash) {
  while (!hashes_.empty() && hashes_.back().revision >= hash.revision) {
    hashes_.truncate(hashes_.size() - 1);
  }
  hashes_.push_back(hash);
  if (hashes_.size() > kStoredHashes) hashes_.drop_front(hashes_.size() - kStoredHashes);
}

}  // namespace orrery::mvcc
