// Linearization: the moment at which each call may have taken effect, when there is such an order at all.
//   used by: gui (clients), tests    uses: proto
//   ideas:   an answer names the store's revision, and that fixes the order: a write before the reads of its revision,
//            those before the next write. Each call in turn gets the earliest moment that is neither before its
//            invocation nor before the moment of the one ahead; one whose return is past by then was answered by a
//            store that had already moved on, or not yet: no order fits its time.
//   from: Herlihy and Wing, Linearizability (1990); etcd tests/robustness/validate
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "base/strong.h"
#include "proto/rpc.h"

namespace orrery::checks {

// A call that was answered.
struct Effect {
  Nanos invoked;
  Nanos returned;
  std::int64_t revision = 0;  // of the store, as the answer's header tells
  bool writes = false;        // it made that revision
};

// Nothing: the call promises no order (a serializable read, a call of another service), or it failed.
std::optional<Effect> effect_of(const rpc::Request& request, const rpc::Response& response,
                                Nanos invoked, Nanos returned);

// A moment for each, in the order given; nothing where none fits between invocation and return.
std::vector<std::optional<Nanos>> linearization_points(std::span<const Effect> effects);

}  // namespace orrery::checks
