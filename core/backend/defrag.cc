#include "backend/defrag.h"

#include <algorithm>
#include <utility>

#include "base/check.h"
#include "base/text.h"

namespace orrery::backend {
namespace {

// The buckets as the root bucket lists them.
std::array<Bucket, kBucketCount> in_name_order() {
  std::array<Bucket, kBucketCount> out = kBuckets;
  std::ranges::sort(out, [](Bucket a, Bucket b) { return bucket_name(a) < bucket_name(b); });
  return out;
}

}  // namespace

Result<Defrag> Defrag::begin(const Backend& source) {
  check(source.pending() == 0, "everything is committed before a defragmentation");
  const PageFile& file = source.committed();
  Defrag out;
  out.target_ = Backend::empty_for_defrag();
  for (TreeCursor at = TreeCursor::seek(file, root_bucket(file.meta), {}); at.valid(); at.next()) {
    const std::optional<Bucket> bucket = find_bucket(at.key());
    if (!bucket || !at.is_bucket()) {
      return fail(Errc::WrongUse,
                  text("bucket {} is not one of etcd's: it would be lost", quoted(at.key())));
    }
    out.target_.create_bucket(*bucket);
  }
  return out;
}

void Defrag::copy_chunk(const Backend& source, std::size_t limit) {
  check(!done(), "there is something left to copy");
  const std::array<Bucket, kBucketCount> order = in_name_order();
  for (; bucket_ < kBucketCount; ++bucket_, after_.clear()) {
    Cursor at = source.seek(View::Read, order[bucket_], after_);
    if (!after_.empty() && at.valid() && at.key() == after_) at.next();
    for (; at.valid(); at.next()) {
      if (limit == 0) return;
      --limit;
      target_.put(order[bucket_], at.key(), at.value_blob());
      after_ = Bytes(at.key());
    }
  }
}

Backend Defrag::take_target() {
  check(done() && target_.pending() == 0, "a defragmentation ends with its last commit");
  target_.end_defrag();
  return std::move(target_);
}

}  // namespace orrery::backend
