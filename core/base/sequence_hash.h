// Hash of a sequence that can be joined from the hashes of its parts, however it is cut.
//   used by: sequence_node.h, sequence.h            uses: digest.h
//   ideas:   elements e0 e1 ... en-1 are the digits of a number to a fixed base, modulo the prime
//            2^61 - 1. hash(a ++ b) = hash(a) * base^|b| + hash(b), so the tree's shape does not matter.
//   from: Karp and Rabin 1987
#pragma once

#include <cstddef>
#include <cstdint>

#include "base/digest.h"

namespace orrery::sequence_hash {

inline constexpr std::uint64_t kPrime = (std::uint64_t{1} << 61) - 1;
inline constexpr std::uint64_t kBase = 0x12e15e35b500f16eU;  // any number below the prime would do

constexpr std::uint64_t reduced(std::uint64_t x) {
  const std::uint64_t once = (x & kPrime) + (x >> 61);
  return once >= kPrime ? once - kPrime : once;
}

constexpr std::uint64_t times(std::uint64_t a, std::uint64_t b) {
  __extension__ using Wide = unsigned __int128;
  const Wide product = static_cast<Wide>(a) * b;
  const auto low = static_cast<std::uint64_t>(product) & kPrime;
  return reduced(low + static_cast<std::uint64_t>(product >> 61));
}

// base^n
constexpr std::uint64_t power(std::size_t n) {
  std::uint64_t out = 1;
  for (std::uint64_t square = kBase; n != 0; n >>= 1, square = times(square, square)) {
    if ((n & 1U) != 0) out = times(out, square);
  }
  return out;
}

// The hash of a sequence with one element more.
constexpr std::uint64_t append(std::uint64_t hash, Digest element) {
  return reduced(times(hash, kBase) + reduced(element));
}

// The hash of two sequences joined; `right_power` = power(length of the right one).
constexpr std::uint64_t join(std::uint64_t left, std::uint64_t right, std::uint64_t right_power) {
  return reduced(times(left, right_power) + right);
}

}  // namespace orrery::sequence_hash
