// What mvcc_bench.cc and watch_bench.cc share: keys and values that peers/ makes alike, counters that are compared.
//   used by: mvcc_bench.cc, watch_bench.cc    uses: google benchmark
#pragma once

#include <cstdint>
#include <sys/resource.h>

#include <benchmark/benchmark.h>

#include "base/blob.h"
#include "base/text.h"

namespace orrery::bench {

inline Blob key_of(std::uint64_t i) {
  return Blob(text("key-{:08}", i));
}

// 64 bytes.
inline Blob value_of(std::uint64_t i) {
  return Blob(text("{:>064}", i));
}

// Visits 0 .. n-1 in an order that is not ascending. requires: 7919 does not divide n
inline std::uint64_t scrambled(std::uint64_t i, std::uint64_t n) {
  return i * 7919 % n;
}

// For the process so far: of use when one benchmark runs alone. units: KiB
inline double peak_memory() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  return static_cast<double>(usage.ru_maxrss);
}

// The same four figures as the peer prints; their meaning differs from benchmark to benchmark.
struct Work {
  std::uint64_t messages = 0;
  std::uint64_t committed = 0;
  std::uint64_t readys = 0;
  std::uint32_t hash = 0;
};

inline void report(benchmark::State& state, const Work& work) {
  state.counters["messages"] = static_cast<double>(work.messages);
  state.counters["committed"] = static_cast<double>(work.committed);
  state.counters["readys"] = static_cast<double>(work.readys);
  state.counters["hash"] = work.hash;
  state.counters["peak_kib"] = peak_memory();
}

}  // namespace orrery::bench
