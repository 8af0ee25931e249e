#include "mvcc/meta_rows.h"

#include "base/text.h"
#include "mvcc/revision.h"

namespace orrery::mvcc {

void write_meta_revision(backend::Backend& backend, BytesView name, std::int64_t revision) {
  backend.put(backend::Bucket::Meta, name, Blob(BucketKeyBytes({revision, 0})));
}

Result<std::optional<std::int64_t>> read_meta_revision(const backend::Backend& backend,
                                                       BytesView name) {
  const auto bytes = backend.find(backend::View::Read, backend::Bucket::Meta, name);
  if (!bytes) return std::optional<std::int64_t>();
  const Result<BucketKey> decoded = decode_bucket_key(*bytes);
  if (!decoded)
    return fail(Errc::Corrupt, text("bucket meta, {}: {}", name, decoded.error().detail));
  return std::optional<std::int64_t>(decoded->revision.main);
}

}  // namespace orrery::mvcc
