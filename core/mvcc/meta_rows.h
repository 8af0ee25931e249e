// The store's two rows in the bucket `meta`: how far compaction was ordered, and how far it came.
//   used by: compaction, restore    uses: Revision, backend
//   bytes:   the value is a revision's 17 bytes with sub 0
//   from: etcd server/storage/mvcc/store.go (SetScheduledCompact, SetFinishedCompact)
#pragma once

#include <cstdint>
#include <optional>

#include "backend/backend.h"
#include "base/result.h"

namespace orrery::mvcc {

inline constexpr BytesView kScheduledCompactRev = "scheduledCompactRev";
inline constexpr BytesView kFinishedCompactRev = "finishedCompactRev";

void write_meta_revision(backend::Backend& backend, BytesView name, std::int64_t revision);
// Nothing when the row is absent; Corrupt when its bytes are no revision.
Result<std::optional<std::int64_t>> read_meta_revision(const backend::Backend& backend,
                                                       BytesView name);

}  // namespace orrery::mvcc
