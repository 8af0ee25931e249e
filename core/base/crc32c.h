// crc32c(): CRC-32C (Castagnoli), updated as Go's hash/crc32 does.
//   used by: wal, backend, mvcc (hashes)        uses: nothing
//   ideas:   crc32c(crc32c(0, a), b) == crc32c(0, a + b); eight bytes a round through eight tables.
//   from: RFC 3720 B.4; Go hash/crc32 (Update)
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>

#include "base/blob.h"

namespace orrery {

namespace crc32c_tables {

using Table = std::array<std::uint32_t, 256>;

// Table k advances a byte by k further zero bytes.
constexpr std::array<Table, 8> make() {
  std::array<Table, 8> out{};
  for (std::uint32_t byte = 0; byte < 256; ++byte) {
    std::uint32_t crc = byte;
    for (int bit = 0; bit < 8; ++bit) crc = (crc >> 1) ^ ((crc & 1) != 0 ? 0x82F63B78U : 0U);
    out[0][byte] = crc;
  }
  for (std::size_t k = 1; k < 8; ++k) {
    for (std::size_t byte = 0; byte < 256; ++byte) {
      const std::uint32_t before = out[k - 1][byte];
      out[k][byte] = (before >> 8) ^ out[0][before & 0xFF];
    }
  }
  return out;
}

inline constexpr std::array<Table, 8> kTables = make();

}  // namespace crc32c_tables

inline std::uint32_t crc32c(std::uint32_t crc, BytesView bytes) {
  const auto& tables = crc32c_tables::kTables;
  crc = ~crc;
  std::size_t i = 0;
  for (; i + 8 <= bytes.size(); i += 8) {
    std::uint64_t word = 0;  // little endian on every machine we run on
    std::memcpy(&word, bytes.data() + i, 8);
    word ^= crc;
    crc = 0;
    for (std::size_t k = 0; k < 8; ++k) crc ^= tables[7 - k][(word >> (8 * k)) & 0xFF];
  }
  for (; i < bytes.size(); ++i) {
    crc = (crc >> 8) ^ tables[0][(crc ^ static_cast<unsigned char>(bytes[i])) & 0xFF];
  }
  return ~crc;
}

}  // namespace orrery
