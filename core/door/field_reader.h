// FieldReader: protobuf's fields one after the other, without a schema.
//   used by: small_messages.cc, reflection.cc    uses: base
//   from: protobuf's encoding guide (varint; tag = field << 3 | type)
#pragma once

#include <cstdint>

#include "base/blob.h"

namespace orrery::door {

// One field: its number, and what it holds.
struct Field {
  std::uint64_t number = 0;
  std::uint64_t value = 0;  // of a varint
  BytesView bytes;          // of a field with a length
};

// Takes fields from the front of a message.
class FieldReader {
 public:
  explicit FieldReader(BytesView bytes) : rest_(bytes) {}

  bool at_end() const { return rest_.empty() || broken_; }
  bool broken() const { return broken_; }

  Field next() {
    const std::uint64_t tag = varint();
    Field field{.number = tag >> 3U, .value = 0, .bytes = {}};
    switch (tag & 7U) {
      case 0: field.value = varint(); break;
      case 1: field.bytes = take(8); break;
      case 2: field.bytes = take(varint()); break;
      case 5: field.bytes = take(4); break;
      default: broken_ = true;
    }
    if (field.number == 0) broken_ = true;
    return field;
  }

 private:
  BytesView take(std::uint64_t size) {
    if (size > rest_.size()) {
      broken_ = true;
      return {};
    }
    const BytesView out = rest_.substr(0, size);
    rest_.remove_prefix(size);
    return out;
  }

  std::uint64_t varint() {
    std::uint64_t out = 0;
    for (unsigned shift = 0; shift < 64; shift += 7) {
      if (rest_.empty()) break;
      const auto byte = static_cast<unsigned char>(rest_.front());
      rest_.remove_prefix(1);
      out |= static_cast<std::uint64_t>(byte & 0x7FU) << shift;
      if (byte < 0x80) return out;
    }
    broken_ = true;
    return 0;
  }

  BytesView rest_;
  bool broken_ = false;
};

}  // namespace orrery::door
