// Drawn numbers and bytes, and what a write does to a string that stands for a file.
//   used by: content_test.cc, model_test.cc
#pragma once

#include <cstdint>
#include <string>

#include "base/draws.h"

namespace orrery::disk {

struct Random {
  std::uint64_t seed = 0;
  std::uint64_t counter = 0;

  std::uint64_t upto(std::uint64_t bound) {
    return below(draw(seed, Purpose::TestData, 0, ++counter), bound);
  }

  // Often all zero, so that zero blocks come and go.
  std::string bytes(std::uint64_t most) {
    std::string out(upto(most), '\0');
    if (upto(3) == 0) return out;
    for (char& c : out) c = static_cast<char>(upto(256));
    return out;
  }
};

inline void overwrite(std::string& model, std::uint64_t offset, const std::string& bytes) {
  if (bytes.empty()) return;
  if (model.size() < offset + bytes.size()) model.resize(offset + bytes.size(), '\0');
  model.replace(offset, bytes.size(), bytes);
}

}  // namespace orrery::disk
