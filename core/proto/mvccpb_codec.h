// mvccpb's bytes, exactly as etcd writes them: fields that are zero or empty are left out.
//   used by: mvcc, watch (sizes)    uses: mvccpb.h    schema: mvccpb.proto
//   ideas:   a KeyValue is written by hand (each put passes here on each member); a test holds it equal to
//            libprotobuf's bytes. What cannot be read is Errc::Corrupt.
//   from: etcd api/mvccpb/kv.pb.go (Marshal, Size)
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>

#include "base/blob.h"
#include "base/result.h"
#include "proto/mvccpb.h"

namespace orrery::mvccpb {

Bytes encode(const KeyValue& kv);
Bytes encode(const Event& event);

// The length of encode(x), without encoding it.
std::size_t encoded_size(const KeyValue& kv);
std::size_t encoded_size(const Event& event);
// Adds the bytes of encode(kv) to `out`.
void append_encoded(Bytes& out, const KeyValue& kv);

Result<KeyValue> decode_key_value(BytesView bytes);

// A KeyValue whose bytes are still where they were read.
struct KeyValueView {
  BytesView key;
  std::int64_t create_revision = 0;
  std::int64_t mod_revision = 0;
  std::int64_t version = 0;
  BytesView value;
  LeaseId lease{};
};

// What encode() wrote, read without a copy; nothing when the bytes are of any other form, good or bad.
std::optional<KeyValueView> view_key_value(BytesView bytes);

Result<Event> decode_event(BytesView bytes);

}  // namespace orrery::mvccpb
