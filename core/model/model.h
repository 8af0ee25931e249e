// The model: what etcd's KV means, as one pure function (state, request) -> (state, answer).
//   used by: core/check (every answer given in a world is compared with it), tests, readers
//   uses:    proto/rpc.h, base/ordered_map.h; nothing of mvcc, so that the two can disagree
//   ideas:   there is no index, no row and no step here. A state is the keys as they are and, for reads of
//            the past, the keys as they were at each revision; copies of a map cost nothing, so the past is
//            simply kept. Whatever mvcc, backend and server do in many steps must look like this from outside.
//   invariant: history holds every revision from the compaction revision to the current one.
//   from: etcd's documented KV API; the rules are etcd.md's B.1 in code
#pragma once

#include <cstddef>
#include <cstdint>

#include "base/ordered_map.h"
#include "base/result.h"
#include "base/sequence.h"
#include "proto/rpc.h"

namespace orrery::model {

using Keys = OrderedMap<Blob, mvccpb::KeyValue>;

// One revision: the keys after it, and what it changed, in order.
struct Moment {
  Keys keys;
  Sequence<mvccpb::Event> events;

  template <class F>
  void fields(F&& f) const {
    f("keys", keys), f("events", events);
  }
  friend bool operator==(const Moment&, const Moment&) = default;
};

struct State {
  std::int64_t revision = 1;           // of the last change
  std::int64_t compact_revision = -1;  // reads below it are refused; -1 = never compacted
  Keys keys;                           // now
  OrderedMap<std::int64_t, Moment> history;
  OrderedMap<LeaseId, std::int64_t>
      leases;  // known leases -> granted TTL; granting is not KV's affair

  template <class F>
  void fields(F&& f) const {
    f("revision", revision), f("compact_revision", compact_revision), f("keys", keys);
    f("history", history), f("leases", leases);
  }
  friend bool operator==(const State&, const State&) = default;
};

struct Outcome {
  State state;  // unchanged when the answer is an error
  Result<rpc::Response> answer;
};

inline constexpr std::size_t kMaxTxnOps = 128;

// An empty store.
State initial();

// What the request does and what it is answered. Headers: only the revision.
Outcome apply(State state, const rpc::Request& request, std::size_t max_txn_ops = kMaxTxnOps);

// The lease and its keys go, all under one revision.
State revoke(const State& state, LeaseId lease);

}  // namespace orrery::model
