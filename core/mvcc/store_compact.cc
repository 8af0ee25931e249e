// Compaction's three phases; compaction.h tells the story.
#include "base/check.h"
#include "base/text.h"
#include "mvcc/meta_rows.h"
#include "mvcc/store.h"

namespace orrery::mvcc {

bool Store::is_compaction_finished(const Backend& backend) const {
  const auto scheduled = backend.find(View::Batch, backend::Bucket::Meta, kScheduledCompactRev);
  const auto finished = backend.find(View::Batch, backend::Bucket::Meta, kFinishedCompactRev);
  return scheduled == finished;
}

Result<CompactionJob> Store::schedule_compaction(Backend& backend, std::int64_t revision,
                                                 const Guards& guards) {
  const bool previous_is_complete = is_compaction_finished(backend);
  if (!guards(revision > compact_revision_,
              "nothing at or above this revision was compacted before",
              {{"asked", revision}, {"compacted", compact_revision_}})) {
    return fail(Errc::Compacted);
  }
  if (!guards(revision <= current_revision_, "the revision has been reached",
              {{"asked", revision}, {"current", current_revision_}})) {
    return fail(Errc::FutureRev);
  }
  CompactionJob job;
  job.revision = revision;
  job.prev_revision = compact_revision_;
  job.stores_hash = previous_is_complete || rules_.store_hash_after_interrupted_compaction;
  compact_revision_ = revision;
  write_meta_revision(backend, kScheduledCompactRev, revision);
  return job;
}

void Store::compact_index(CompactionJob& job) {
  job.keep = index_.compact(job.revision, rules_);
  job.hasher = KeyValueHasher(job.prev_revision, job.revision, job.keep);
  job.index_done = true;
}

CompactionBatch Store::compact_batch(Backend& backend, CompactionJob& job, std::size_t limit) {
  check(job.index_done, "the key index is compacted before the rows");
  check(limit > 0, "a batch has rows");
  std::vector<Bytes> garbage;  // rows may not be erased while they are visited
  CompactionBatch batch;
  const auto visit = [&](BytesView key, BytesView value) {
    const Result<BucketKey> row = decode_bucket_key(key);
    check(row.has_value(), "the bucket `key` holds revisions only");
    if (!job.keep.contains(row->revision)) garbage.emplace_back(key);
    job.hasher.write(*row, key, value);
    job.next = {row->revision.main, row->revision.sub + 1};
  };
  batch.scanned = backend.range(View::Batch, backend::Bucket::Key, BucketKeyBytes(job.next),
                                BucketKeyBytes({job.revision + 1, 0}), limit, visit);
  for (const Bytes& key : garbage) backend.erase(backend::Bucket::Key, key);
  batch.deleted = garbage.size();
  job.rows_deleted += batch.deleted;
  batch.done = batch.scanned < limit;
  if (!batch.done) return batch;
  write_meta_revision(backend, kFinishedCompactRev, job.revision);
  if (job.stores_hash) store_hash(job.hasher.finish());
  return batch;
}

}  // namespace orrery::mvcc
