#include "datadir/snapshot_file.h"

#include <array>

#include <openssl/evp.h>

#include "backend/backend.h"
#include "base/check.h"
#include "base/crc32c_fast.h"
#include "base/text.h"
#include "datadir/dump.h"
#include "mvcc/revision.h"

namespace orrery::datadir {
namespace {

constexpr std::size_t kHashBytes = 32;
constexpr std::size_t kSector = 512;

Bytes sha256(BytesView bytes) {
  std::array<unsigned char, EVP_MAX_MD_SIZE> hash{};
  unsigned size = 0;
  const int done =
      EVP_Digest(bytes.data(), bytes.size(), hash.data(), &size, EVP_sha256(), nullptr);
  check(done == 1 && size == kHashBytes, "SHA-256 is available");
  Bytes out;
  for (unsigned i = 0; i < size; ++i) out.push_back(static_cast<char>(hash.at(i)));
  return out;
}

void count_rows(const backend::PageFile& file, const backend::BucketRoot& root, bool is_key,
                SnapshotStatus& status) {
  for (auto at = backend::TreeCursor::seek(file, root, ""); at.valid(); at.next()) {
    status.hash = crc32c_fast(crc32c_fast(status.hash, at.key()), at.value());
    ++status.total_keys;
    if (!is_key) continue;
    const auto row = mvcc::decode_bucket_key(at.key());
    if (row) status.revision = row->revision.main;
  }
}

}  // namespace

Result<Bytes> save_snapshot(const Sequence<Blob>& db) {
  auto backend = backend::Backend::open(db);
  if (!backend) return fail(backend.error());
  Bytes out;
  for (const Blob& block : backend->begin_read().snapshot()) {
    out.append(block.view());
    out.append(backend::kPageSize - block.size(), '\0');
  }
  return out + sha256(out);
}

Result<BytesView> checked_db(BytesView file, bool needs_hash) {
  const bool has_hash = file.size() % kSector == kHashBytes;
  if (!has_hash) {
    if (!needs_hash) return file;
    return fail(
        Errc::WrongUse,
        text("no SHA-256 at the end of the snapshot ({} bytes): a file copied out of a data "
             "directory needs --skip-hash-check",
             file.size()));
  }
  const BytesView db = file.substr(0, file.size() - kHashBytes);
  const Bytes expected = sha256(db);
  const BytesView found = file.substr(db.size());
  if (needs_hash && found != expected) {
    return fail(Errc::Corrupt,
                text("the snapshot's SHA-256 is {}, its end says {}", hex(expected), hex(found)));
  }
  return db;
}

Result<SnapshotStatus> snapshot_status(BytesView file) {
  const auto db = checked_db(file, file.size() % kSector == kHashBytes);
  if (!db) return fail(db.error());
  auto found = backend::inspect(blocks_of(*db));
  for (const backend::Fault& fault : found.faults) {
    if (fault.fatal) return fail(Errc::Corrupt, fault.text);
  }
  SnapshotStatus out{.total_bytes = found.file.meta.high_water.value() * backend::kPageSize};
  const auto root = backend::root_bucket(found.file.meta);
  for (auto at = backend::TreeCursor::seek(found.file, root, ""); at.valid(); at.next()) {
    if (!at.is_bucket()) continue;
    out.hash = crc32c_fast(out.hash, at.key());
    count_rows(found.file, backend::decode_bucket_root(at.value()), at.key() == "key", out);
  }
  return out;
}

}  // namespace orrery::datadir
