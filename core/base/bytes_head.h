// BytesHead: the beginning of a byte string, as two numbers that compare as the bytes do.
//   used by: interval_tree.h, mvcc's tree index: they keep heads beside their keys    uses: blob.h
//   ideas:   a key's bytes lie elsewhere in memory, and waiting for them is what a comparison costs. Two heads that
//            differ order their strings without a look at them; so do equal ones of strings shorter than 16 bytes,
//            which are in their heads whole. Only what is longer and begins alike takes the bytes.
//   layout:  15 bytes, zeros where the string has ended, then the string's length, at most 16.
//   invariant 1: a's head < b's head implies a < b.
//   invariant 2: equal heads that are whole imply a == b.
#pragma once

#include <algorithm>
#include <array>
#include <compare>
#include <cstdint>
#include <cstring>
#include <limits>

#include "base/blob.h"

namespace orrery {

class BytesHead {
 public:
  BytesHead() = default;

  explicit BytesHead(BytesView bytes) {
    std::array<char, kBytes> laid_out{};
    if (!bytes.empty()) {
      std::memcpy(laid_out.data(), bytes.data(), std::min(bytes.size(), kBytes - 1));
    }
    laid_out.back() = static_cast<char>(std::min(bytes.size(), kBytes));
    std::array<std::uint64_t, 2> words{};
    std::memcpy(words.data(), laid_out.data(), kBytes);
    first_ = __builtin_bswap64(words[0]);  // little endian on every machine we run on
    second_ = __builtin_bswap64(words[1]);
  }

  // Does the head hold the whole string?
  bool is_whole() const { return (second_ & 0xFFU) < kBytes; }

  // Greater than any string's: for what lies behind all strings.
  static BytesHead greatest() {
    BytesHead out;
    out.first_ = out.second_ = std::numeric_limits<std::uint64_t>::max();
    return out;
  }

  friend bool operator==(const BytesHead&, const BytesHead&) = default;
  friend auto operator<=>(const BytesHead&, const BytesHead&) = default;

 private:
  static constexpr std::size_t kBytes = 16;

  std::uint64_t first_ = 0;
  std::uint64_t second_ = 0;
};

}  // namespace orrery
