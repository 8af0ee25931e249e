// Our own member for the comparisons with a stock etcd: a world that does a lot, and what it then says of itself.
//   used by: the tests of this folder    uses: sim
#pragma once

#include <cstdint>
#include <string>

#include "base/draws.h"
#include "disk/disk.h"
#include "sim/world.h"

namespace orrery::stock {

inline sim::World world_of(std::uint32_t members, server::Version version) {
  sim::Config config;
  config.members = members;
  config.version = version;
  return sim::World(config);
}

// Runs until everything submitted is answered and every member has applied its log; false = it did not come to that.
bool quiet(sim::World& world);

// `count` operations drawn from the seed: puts, deletes, ranges of deletes, transactions, compactions,
// defragmentations.
// Errors of single operations are theirs (a compaction may come too late). False = an operation was not answered.
bool work(sim::World& world, std::uint64_t seed, int count);

// A put that is on its way and not waited for.
void begin_put(sim::World& world, const std::string& key, const std::string& value);

std::int64_t revision(const sim::World& world, std::uint32_t member = 1);
std::uint32_t hash_kv(const sim::World& world, std::uint32_t member = 1);
std::string all_keys(const sim::World& world, std::uint32_t member = 1);

// Gives the member this disk and starts it.
Result<void> load(sim::World& world, std::uint32_t member, const disk::Disk& disk);

}  // namespace orrery::stock
