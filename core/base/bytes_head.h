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
    const std::size_t length = std::min(bytes.size(), kBytes);
    first_ = word_at_front(bytes.data(), bytes.size());
    if (length > kWord) second_ = word_behind(bytes.data(), length) & ~kLengthMask;
    second_ |= length;
  }

  // Does the head hold the whole string?
  bool is_whole() const { return length() < kBytes; }

  // requires: the head holds the whole string
  Bytes whole() const {
    Bytes out;
    for (std::size_t i = 0; i < length(); ++i) {
      const std::uint64_t word = i < kWord ? first_ : second_;
      out += static_cast<char>(word >> (8 * (kWord - 1 - i % kWord)));
    }
    return out;
  }

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
  static constexpr std::size_t kWord = 8;
  static constexpr std::uint64_t kLengthMask = 0xFF;

  std::size_t length() const { return second_ & kLengthMask; }

  // The bytes as digits of a number, the first one on top.
  template <class Word>
  static std::uint64_t number(const char* bytes) {
    Word word = 0;
    std::memcpy(&word, bytes, sizeof(Word));  // little endian on every machine we run on
    if constexpr (sizeof(Word) == 4) return __builtin_bswap32(word);
    return __builtin_bswap64(word);
  }

  // The first eight bytes, zeros where the string has ended. Short strings are read in two overlapping parts.
  static std::uint64_t word_at_front(const char* bytes, std::size_t size) {
    if (size >= kWord) return number<std::uint64_t>(bytes);
    if (size >= 4) {
      return number<std::uint32_t>(bytes) << 32U | number<std::uint32_t>(bytes + size - 4)
                                                       << 8 * (kWord - size);
    }
    std::uint64_t out = 0;
    for (std::size_t i = 0; i < size; ++i) {
      out |= std::uint64_t{static_cast<unsigned char>(bytes[i])} << 8 * (kWord - 1 - i);
    }
    return out;
  }

  // Those from the ninth on, up to `length`, zeros behind. requires: 8 < length <= 16
  static std::uint64_t word_behind(const char* bytes, std::size_t length) {
    return number<std::uint64_t>(bytes + length - kWord) << 8 * (kBytes - length);
  }

  std::uint64_t first_ = 0;
  std::uint64_t second_ = 0;
};

}  // namespace orrery
