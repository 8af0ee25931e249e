// Draws: every random-looking number of a world is a keyed hash, never a generator's next output.
//   used by: Step::draw, hunt        uses: digest.h's mixer
//   ideas:   hash(seed, purpose, owner, counter of that purpose): leaving one action out of a run does
//            not reshuffle the draws of the others.
#pragma once

#include <cstdint>

#include "base/digest.h"

namespace orrery {

enum class Purpose : std::uint8_t {
  ElectionTimeout,
  LinkLatency,
  DiskLatency,
  ClientChoice,
  NewLeaseId,
  AuthToken,
  PasswordSalt,
  Schedule,
  Fault,
  TestData,
};

constexpr std::uint64_t draw(std::uint64_t seed, Purpose purpose, std::uint64_t owner,
                             std::uint64_t counter) {
  return combine(combine(combine(mix(seed), static_cast<std::uint64_t>(purpose)), owner), counter);
}

// A number in [0, bound), without floating point; bound > 0.
constexpr std::uint64_t below(std::uint64_t random, std::uint64_t bound) {
  __extension__ using Wide = unsigned __int128;
  return static_cast<std::uint64_t>((static_cast<Wide>(random) * bound) >> 64);
}

}  // namespace orrery
