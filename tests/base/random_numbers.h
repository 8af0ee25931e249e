// RandomNumbers: the numbers of a random test, the same in every build.
//   used by: tests/base            uses: base/draws.h
#pragma once

#include <cstdint>
#include <string>

#include "base/draws.h"

namespace orrery {

class RandomNumbers {
 public:
  explicit RandomNumbers(std::uint64_t seed) : seed_(seed) {}

  // In [0, bound).
  std::uint64_t operator()(std::uint64_t bound) {
    return below(draw(seed_, Purpose::TestData, 0, counter_++), bound);
  }

 private:
  std::uint64_t seed_;
  std::uint64_t counter_ = 0;
};

inline std::string numbered(const char* prefix, std::uint64_t number) {
  std::string digits = std::to_string(number);
  return prefix + std::string(digits.size() < 6 ? 6 - digits.size() : 0, '0') + digits;
}

}  // namespace orrery
