// CompactionJob: the removal of old rows, batch by batch, as etcd's compact goroutine does it.
//   used by: Store (makes it, runs its phases), the server's compact lane (holds it between phases)
//   ideas:   1. Store::schedule_compaction: reads below are refused from now on; `scheduledCompactRev`
//               is written, and the caller commits the backend before the job starts.
//            2. compact_index: the key index forgets, and says which rows stay.
//            3. compact_batch, until done: a batch reads `limit` rows, deletes those not kept; the caller
//               commits and sleeps between batches. The first batch with fewer rows than the limit is the
//               last and writes `finishedCompactRev` in its own transaction.
//            A crash leaves rows partly deleted; restore finds scheduled > finished and makes a job again.
//   from: etcd server/storage/mvcc/kvstore_compaction.go (scheduleCompaction)
#pragma once

#include <cstddef>
#include <cstdint>

#include "mvcc/keep_set.h"
#include "mvcc/kv_hash.h"

namespace orrery::mvcc {

inline constexpr std::size_t kCompactionBatchLimit = 1000;  // units: rows read, kept or not

struct CompactionJob {
  std::int64_t revision = 0;
  std::int64_t prev_revision = -1;  // the compaction revision before
  bool stores_hash = false;         // the compaction before was finished, so every row will be seen
  bool index_done = false;          // phase 2 is behind
  KeepSet keep;                     // from phase 2
  Revision next;                    // the first row of the next batch
  KeyValueHasher hasher;            // fed with every row read
  std::uint64_t rows_deleted = 0;   // so far

  template <class F>
  void fields(F&& f) const {
    f("revision", revision), f("prev_revision", prev_revision), f("stores_hash", stores_hash);
    f("index_done", index_done), f("keep", keep), f("next", next), f("hasher", hasher);
    f("rows_deleted", rows_deleted);
  }

  friend bool operator==(const CompactionJob&, const CompactionJob&) = default;
};

struct CompactionBatch {
  bool done = false;        // finishedCompactRev is written
  std::size_t scanned = 0;  // units: rows
  std::size_t deleted = 0;
};

}  // namespace orrery::mvcc
