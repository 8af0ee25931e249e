// Snapshot files: what `etcdctl snapshot save` writes: the store's file and a SHA-256 of it.
//   used by: cli, restore.h, tests    uses: backend
//   bytes:   the pages of the bbolt file, then 32 bytes: SHA-256 of them; so the size modulo 512 is 32
//   ideas:   a file copied out of a data directory has no such end; its size modulo 512 is 0.
//   from: etcd etcdctl/snapshot (v3_snapshot.go Save, Status)
#pragma once

#include <cstdint>

#include "base/blob.h"
#include "base/result.h"
#include "base/sequence.h"

namespace orrery::datadir {

// Errors: the faults of the file.
Result<Bytes> save_snapshot(const Sequence<Blob>& db);

struct SnapshotStatus {
  std::uint32_t hash = 0;         // CRC-32C over bucket names, keys and values
  std::int64_t revision = 0;      // of the last row
  std::uint64_t total_keys = 0;   // rows of all buckets
  std::uint64_t total_bytes = 0;  // without the SHA-256

  friend bool operator==(const SnapshotStatus&, const SnapshotStatus&) = default;
};

// With or without a SHA-256 at the end; a wrong one is an error.
Result<SnapshotStatus> snapshot_status(BytesView file);

// The file without its SHA-256. Errors: it does not match, or it is missing and `needs_hash`.
Result<BytesView> checked_db(BytesView file, bool needs_hash);

}  // namespace orrery::datadir
