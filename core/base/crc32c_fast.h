// crc32c_fast(): the numbers of crc32c(), by the processor's own instruction where it has one.
//   used by: wal, backend, datadir: whoever sums up many bytes    uses: crc32c.h
//   ideas:   eight bytes a round, one instruction each. Whether the processor has it is asked each time: a look at one
//            word. A test compares the two.
//   from: Intel SDM, CRC32 (SSE 4.2); Go hash/crc32 (crc32_amd64.s) does the same
#pragma once

#include "base/crc32c.h"

namespace orrery {

#if defined(__x86_64__)
// requires: the processor has SSE 4.2
[[gnu::target("sse4.2")]] inline std::uint32_t crc32c_by_instruction(std::uint32_t crc,
                                                                     BytesView bytes) {
  std::uint64_t wide = ~crc;
  std::size_t i = 0;
  for (; i + 8 <= bytes.size(); i += 8) {
    std::uint64_t word = 0;
    std::memcpy(&word, bytes.data() + i, 8);
    wide = __builtin_ia32_crc32di(wide, word);
  }
  auto narrow = static_cast<std::uint32_t>(wide);
  for (; i < bytes.size(); ++i) {
    narrow = __builtin_ia32_crc32qi(narrow, static_cast<unsigned char>(bytes[i]));
  }
  return ~narrow;
}
#endif

inline std::uint32_t crc32c_fast(std::uint32_t crc, BytesView bytes) {
#if defined(__x86_64__)
  if (__builtin_cpu_supports("sse4.2")) return crc32c_by_instruction(crc, bytes);
#endif
  return crc32c(crc, bytes);
}

}  // namespace orrery
