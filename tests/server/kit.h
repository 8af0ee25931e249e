// The vocabulary of the server tests: lanes by name, and what a member's disk would give back.
//   used by: tests/server    uses: sim, tests/sim/cluster.h
#pragma once

#include <string>
#include <string_view>

#include "backend/backend.h"
#include "tests/sim/cluster.h"

namespace orrery::server::testing {

using sim::World;
using sim::testing::answered;
using sim::testing::caught_up;
using sim::testing::elected;
using sim::testing::get;
using sim::testing::leader_of;
using sim::testing::put;
using sim::testing::run_until;

inline sim::RunLane lane(std::uint32_t member, LaneKind kind, std::uint64_t no = 0,
                         std::uint8_t choice = 0) {
  return {.member = member, .lane = {.kind = kind, .no = no, .choice = choice}};
}

inline const Running& memory(const World& world, std::uint32_t no) {
  return world.member(no).running();
}

// A cluster of one, elected: every lane is on the same member, and nothing waits for a peer.
inline World alone(const Timing& timing = {}) {
  sim::Config config;
  config.members = 1;
  config.timing = timing;
  return elected(config);
}

// No message goes to this member or comes from it any more.
inline void cut_off(World& world, std::uint32_t no) {
  for (std::uint32_t other = 1; other <= world.member_count(); ++other) {
    if (other == no) continue;
    (void)world.perform(sim::Cut{member_address(no), member_address(other)});
    (void)world.perform(sim::Cut{member_address(other), member_address(no)});
  }
}

// The default schedule without this lane: it stands where it is until the test itself steps it.
inline void hold(World& world, const sim::RunLane& what) {
  (void)world.perform(sim::Hold{what});
}

inline void unhold(World& world, const sim::RunLane& what) {
  (void)world.perform(sim::Release{what});
}

// Steps one lane until the condition holds; false = it could not go on before.
template <class Condition>
bool step_until(World& world, const sim::RunLane& what, Condition&& condition) {
  for (int i = 0; i < 10'000; ++i) {
    if (condition(memory(world, what.member))) return true;
    if (!world.perform(what)) return false;
  }
  return false;
}

inline bool apply_at(const World& world, std::uint32_t no, ApplyLane::Phase phase) {
  return memory(world, no).apply.phase == phase;
}

// What a client was told last: "ok", or the error's text.
inline std::string last_word(const World& world, std::uint32_t client = 1) {
  const auto* state = world.clients().find(client);
  if (state == nullptr || (*state)->calls().empty()) return "nothing asked";
  const auto& [number, call] = *(*state)->calls().last();
  if (!call.answer) return "nothing yet";
  return call.answer->error ? call.answer->error->detail : "ok";
}

// The backend that opening the file as it stands would give.
inline backend::Backend file_of(const Member& member) {
  Sequence<Blob> blocks;
  const std::uint64_t size = *member.disk().size("member/snap/db");
  for (std::uint64_t no = 0; no * disk::kBlockBytes < size; ++no) {
    blocks.push_back(*member.disk().block("member/snap/db", no));
  }
  return *backend::Backend::open(blocks);
}

inline Index consistent_index(const backend::Backend& backend) {
  const auto value = backend.get(backend::View::Batch, backend::Bucket::Meta, "consistent_index");
  std::uint64_t out = 0;
  if (!value) return Index(0);
  for (const char c : value->view()) out = (out << 8U) | static_cast<std::uint8_t>(c);
  return Index(out);
}

inline std::size_t rows(const backend::Backend& backend, backend::Bucket bucket) {
  return backend.range(backend::View::Batch, bucket, "", "", 0, [](BytesView, BytesView) {});
}

// The file after a crash at this very moment that keeps only what was synced.
inline backend::Backend file_after_crash(const World& world, std::uint32_t no) {
  World copy = world;
  (void)copy.perform(sim::Crash{.member = no, .survivors = {}});
  return file_of(copy.member(no));
}

}  // namespace orrery::server::testing
