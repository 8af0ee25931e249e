// Numbers as etcd keeps them in rows: eight bytes, the highest first.
//   used by: auth, datadir, server    uses: blob.h
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>

#include "base/blob.h"

namespace orrery {

inline Bytes big_endian(std::uint64_t value) {
  Bytes bytes(8, '\0');
  for (std::size_t i = 0; i < 8; ++i) {
    bytes[i] = static_cast<char>((value >> (56 - 8 * i)) & 0xffU);
  }
  return bytes;
}

// Nothing: not eight bytes.
inline std::optional<std::uint64_t> from_big_endian(BytesView bytes) {
  if (bytes.size() != 8) return std::nullopt;
  std::uint64_t out = 0;
  for (const char c : bytes) out = (out << 8U) | static_cast<std::uint8_t>(c);
  return out;
}

}  // namespace orrery
