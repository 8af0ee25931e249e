// The vocabulary of the sim tests: a cluster one can tell things in a line.
//   used by: tests/sim, tests/check    uses: sim
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "sim/world.h"

namespace orrery::sim::testing {

inline Submit put(std::string_view key, std::string_view value, std::uint32_t client = 1,
                  std::uint32_t via = 0) {
  rpc::PutRequest request;
  request.key = Blob(key);
  request.value = Blob(value);
  return {client, client::BeginCall{.line = "put " + std::string(key) + " " + std::string(value),
                                    .via = via,
                                    .request = request}};
}

inline Submit get(std::string_view key, std::uint32_t client = 1, std::uint32_t via = 0,
                  bool serializable = false) {
  rpc::RangeRequest request;
  request.key = Blob(key);
  request.serializable = serializable;
  return {client,
          client::BeginCall{.line = "get " + std::string(key), .via = via, .request = request}};
}

inline Submit compact(std::int64_t revision, std::uint32_t client = 1) {
  rpc::CompactionRequest request;
  request.revision = revision;
  return {client, client::BeginCall{
                      .line = "compact " + std::to_string(revision), .via = 0, .request = request}};
}

inline Submit watch(std::string_view key, std::int64_t revision, std::string_view name,
                    std::uint32_t client = 1, std::uint32_t via = 0) {
  rpc::WatchCreateRequest request;
  request.key = Blob(key);
  request.start_revision = revision;
  return {client, client::BeginWatch{.line = "watch " + std::string(key),
                                     .via = via,
                                     .name = std::string(name),
                                     .request = request}};
}

// Default steps until the condition holds; false = not within `limit` steps.
template <class Condition>
bool run_until(World& world, Condition&& condition, int limit = 200'000) {
  for (int i = 0; i < limit; ++i) {
    if (condition(world)) return true;
    const auto action = world.next();
    if (!action || !world.perform(*action)) return false;
  }
  return false;
}

// The number of the leader of the highest term; 0 = none.
inline std::uint32_t leader_of(const World& world) {
  std::uint32_t leader = 0;
  Term term;
  for (std::uint32_t no = 1; no <= world.member_count(); ++no) {
    const auto& member = world.member(no);
    if (!member.up() || !member.running().raft.is_leader()) continue;
    if (member.running().raft.term() < term) continue;
    term = member.running().raft.term();
    leader = no;
  }
  return leader;
}

inline bool answered(const World& world, std::uint32_t client = 1) {
  const auto* state = world.clients().find(client);
  return state != nullptr && (*state)->open_calls().empty();
}

// Every member that is up holds the same log, all of it committed and applied.
inline bool caught_up(const World& world) {
  Index last;
  for (std::uint32_t no = 1; no <= world.member_count(); ++no) {
    if (!world.member(no).up()) continue;
    last = std::max(last, world.member(no).running().raft.log().last_index());
  }
  for (std::uint32_t no = 1; no <= world.member_count(); ++no) {
    const auto& member = world.member(no);
    if (member.up() && member.running().applied != last) return false;
  }
  return true;
}

// A cluster that has elected its leader.
inline World elected(const Config& config = {}) {
  World world(config);
  run_until(world, [](const World& w) { return leader_of(w) != 0 && caught_up(w); });
  return world;
}

}  // namespace orrery::sim::testing
