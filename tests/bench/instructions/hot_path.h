// HotPath: something that happens in every step or every put, to be counted in instructions.
//   used by: hot_paths.cc (runs them), parts.cc and worlds.cc (are them)
//   ideas:   make() sets up and hands back the operation; the operation is then run a fixed number of times. A run of
//            no operations costs the set-up alone, so the difference of two runs is the operations'.
#pragma once

#include <cstdint>
#include <functional>
#include <vector>

namespace orrery::bench {

// Given the number of the operation: 0, 1, 2, ...
using Operation = std::function<void(std::uint64_t)>;

struct HotPath {
  const char* name;
  std::uint64_t count;  // operations in a run; enough that one more changes the mean by nothing
  Operation (*make)();
};

std::vector<HotPath> paths_of_parts();
std::vector<HotPath> paths_of_worlds();

// The optimiser must believe that somebody looks at it.
template <class T>
void keep(const T& value) {
  asm volatile("" : : "r"(&value) : "memory");
}

}  // namespace orrery::bench
