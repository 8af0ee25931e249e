// mvccpb: a key's state at one revision, and the event of its change.
//   used by: mvcc, watch, server, client, lang    uses: base    bytes: mvccpb_codec.h
//   from: etcd api/mvccpb/kv.proto
#pragma once

#include <cstdint>
#include <optional>

#include "base/blob.h"
#include "base/strong.h"

namespace orrery::mvccpb {

struct KeyValue {
  Blob key;
  std::int64_t create_revision = 0;  // main revision of the put that created this generation
  std::int64_t mod_revision = 0;     // main revision of the last change; a tombstone's too
  std::int64_t version = 0;          // puts since creation; 0 in a tombstone
  Blob value;
  LeaseId lease;  // 0 = none

  template <class F>
  void fields(F&& f) const {
    f("key", key), f("create_revision", create_revision), f("mod_revision", mod_revision);
    f("version", version), f("value", value), f("lease", lease);
  }
  friend bool operator==(const KeyValue&, const KeyValue&) = default;
};

enum class EventType : std::uint8_t { Put = 0, Delete = 1 };

struct Event {
  EventType type = EventType::Put;
  KeyValue kv;  // of a deletion: only key and mod_revision
  std::optional<KeyValue> prev_kv;

  template <class F>
  void fields(F&& f) const {
    f("type", type), f("kv", kv), f("prev_kv", prev_kv);
  }
  friend bool operator==(const Event&, const Event&) = default;
};

}  // namespace orrery::mvccpb
