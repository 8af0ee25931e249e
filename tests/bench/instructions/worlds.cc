// Hot paths of a whole world of three members: a put, and a copy's first steps with their digest.
#include <utility>

#include "base/check.h"
#include "base/text.h"
#include "tests/bench/instructions/hot_path.h"
#include "tests/sim/cluster.h"

namespace orrery::bench {
namespace {

using namespace sim::testing;

// Until all three have applied it.
Operation world_put() {
  return [world = elected()](std::uint64_t i) mutable {
    check(world.perform(put(text("key{}", i % 100), "0123456789abcdef")).has_value(), "submitted");
    const bool applied = run_until(world, [&](const sim::World& w) {
      return w.network().in_flight() == 0 && caught_up(w) && answered(w);
    });
    check(applied, "applied by all");
  };
}

Operation world_copy_and_steps() {
  sim::World world = elected();
  keep(world.digest());
  return [world = std::move(world)](std::uint64_t) {
    sim::World copy = world;
    for (int i = 0; i < 10; ++i) check(copy.perform(*copy.next()).has_value(), "a step");
    keep(copy.digest());
  };
}

}  // namespace

std::vector<HotPath> paths_of_worlds() {
  return {{"world-put", 30, world_put}, {"world-copy-ten-steps-digest", 30, world_copy_and_steps}};
}

}  // namespace orrery::bench
