#include "mvcc/kv_hash.h"

#include <utility>

#include "base/crc32c.h"

namespace orrery::mvcc {

KeyValueHasher::KeyValueHasher(std::int64_t compact_revision, std::int64_t revision, KeepSet keep)
    : crc_(crc32c(0, "key")),
      compact_revision_(compact_revision),
      revision_(revision),
      keep_(std::move(keep)) {}

void KeyValueHasher::write(const BucketKey& row, BytesView key, BytesView value) {
  const std::int64_t main = row.revision.main;
  if (main > revision_) return;
  // An empty keep set filters nothing: etcd's rule, which keeps old hashes as they were.
  if (main <= compact_revision_ && !keep_.empty() && !keep_.contains(row.revision)) return;
  if (main == compact_revision_ && row.tombstone) return;
  crc_ = crc32c(crc32c(crc_, key), value);
}

KeyValueHash KeyValueHasher::finish() const {
  return {.hash = crc_, .compact_revision = compact_revision_, .revision = revision_};
}

}  // namespace orrery::mvcc
