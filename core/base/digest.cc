#include "base/digest.h"

#include <array>
#include <bit>

namespace orrery {

// Four sums side by side, so that the processor need not wait for one to take the next word. Each step is a
// bijection of its sum: two strings that differ in one word never meet.
Digest digest_long(std::string_view bytes) {
  constexpr std::uint64_t kSpread = 0x9e3779b97f4a7c15U;
  constexpr std::uint64_t kStir = 0xd1342543de82ef95U;
  std::array<std::uint64_t, 4> sums{mix(1), mix(2), mix(3), mix(bytes.size())};
  std::size_t i = 0;
  for (; i + 32 <= bytes.size(); i += 32) {
    for (std::size_t lane = 0; lane < 4; ++lane) {
      std::uint64_t word = 0;  // little endian on every machine we run on
      std::memcpy(&word, bytes.data() + i + 8 * lane, 8);
      sums[lane] = std::rotl(sums[lane] + word * kSpread, 29) * kStir;
    }
  }
  Digest out = digest_bytes(bytes.substr(i));
  for (const std::uint64_t sum : sums) out = combine(out, sum);
  return out;
}

}  // namespace orrery
