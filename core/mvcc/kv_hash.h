// HashKV: one number for the whole history up to a revision, equal on members that agree.
//   used by: Store (HashKV, hashes of compactions)    uses: KeepSet, base/crc32c.h
//   ideas:   CRC-32C over "key", then key and value of each row in order. Rows at or below the compaction
//            revision count only if a compaction keeps them, so a member that has deleted them
//            and one that has not yet give one hash. A tombstone exactly at the compaction revision
//            never counts: old releases removed it, new ones keep it.
//   from: etcd server/storage/mvcc/hash.go (kvHasher)
#pragma once

#include <cstdint>

#include "base/blob.h"
#include "mvcc/keep_set.h"
#include "mvcc/revision.h"

namespace orrery::mvcc {

struct KeyValueHash {
  std::uint32_t hash = 0;
  std::int64_t compact_revision = 0;  // rows at or below it were filtered
  std::int64_t revision = 0;          // rows above it were left out

  template <class F>
  void fields(F&& f) const {
    f("hash", hash), f("compact_revision", compact_revision), f("revision", revision);
  }

  friend bool operator==(const KeyValueHash&, const KeyValueHash&) = default;
};

class KeyValueHasher {
 public:
  KeyValueHasher() = default;
  KeyValueHasher(std::int64_t compact_revision, std::int64_t revision, KeepSet keep);

  // Rows come in key order.
  void write(const BucketKey& row, BytesView key, BytesView value);
  KeyValueHash finish() const;

  template <class F>
  void fields(F&& f) const {
    f("crc", crc_), f("compact_revision", compact_revision_), f("revision", revision_);
    f("keep", keep_);
  }

  friend bool operator==(const KeyValueHasher&, const KeyValueHasher&) = default;

 private:
  std::uint32_t crc_ = 0;
  std::int64_t compact_revision_ = -1;
  std::int64_t revision_ = 0;
  KeepSet keep_;
};

}  // namespace orrery::mvcc
