// Fuzz targets: one for each parser of what lies on a disk, and two for the front door; each takes any bytes and must
// come back.
//   used by: fuzz_test.cc (short), mutate.cc (`orrery-fuzz`, for a given time), libfuzzer.cc (clang's libFuzzer)
//   ideas:   beyond "does not crash": what a target reads successfully it writes and reads again, and looks for a
//            difference. A broken promise is an exception, which both drivers take for a finding.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/blob.h"

namespace orrery::fuzz {

struct Target {
  std::string_view name;
  void (*run)(BytesView input);
  std::vector<Bytes> (*seeds)();  // good inputs to begin with
};

// door_target.cc
void run_door(BytesView input);
std::vector<Bytes> door_seeds();
// wire_target.cc
void run_wire(BytesView input);
std::vector<Bytes> wire_seeds();

std::span<const Target> targets();
const Target* find_target(std::string_view name);

// The seeds, and the bytes of every file below tests/fuzz/corpus/NAME: what was found once.
std::vector<Bytes> corpus_of(const Target& target);

// The `round`-th mutation of an input drawn from the corpus: flips, cuts, copies, splices, large numbers.
Bytes mutated(const std::vector<Bytes>& corpus, std::uint64_t seed, std::uint64_t round);

}  // namespace orrery::fuzz
