// Interval: the keys that a (key, range_end) pair of a request means.
//   used by: tree index, store, validation; views a request's bytes, so it must not outlive them
//   ideas:   range_end empty = the single key; "\0" = every key from key on; else [key, range_end),
//            which is empty when range_end <= key (no error).
//   from: etcd server/etcdserver/txn (mkGteRange); api/etcdserverpb/rpc.proto (RangeRequest)
#pragma once

#include <cstdint>

#include "base/blob.h"

namespace orrery::mvcc {

struct Interval {
  enum class Kind : std::uint8_t { Single, FromKey, Bounded };

  Kind kind = Kind::Single;
  BytesView key;
  BytesView end;  // Bounded only: the first key beyond

  static Interval of(BytesView key, BytesView range_end) {
    if (range_end.empty()) return {Kind::Single, key, {}};
    if (range_end == BytesView("\0", 1)) return {Kind::FromKey, key, {}};
    return {Kind::Bounded, key, range_end};
  }

  bool contains(BytesView candidate) const {
    if (kind == Kind::Single) return candidate == key;
    return candidate >= key && !is_beyond(candidate);
  }

  // Can no key from `candidate` on be inside?
  bool is_beyond(BytesView candidate) const {
    if (kind == Kind::Single) return candidate > key;
    return kind == Kind::Bounded && candidate >= end;
  }
};

}  // namespace orrery::mvcc
