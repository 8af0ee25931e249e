// The invariants of WatchStore, as a callable list.
//   used by: tests, the checks after each step     uses: store.h, base/violation.h
#pragma once

#include <cstdint>

#include "base/violation.h"
#include "watch/store.h"

namespace orrery::watch {

// Broken claims of the store; `current_revision` is the KV store's. A watcher that a lane holds in a
// VictimRound is in no group and no batch: its place says Moving.
Violations violations(const WatchStore& store, std::int64_t current_revision);

}  // namespace orrery::watch
