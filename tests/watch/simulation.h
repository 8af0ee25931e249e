// A random run of a member's watch side: writes, snapshots, compactions, slow clients that cancel and reconnect.
// Every lane may stop between any two of its steps; the locks of etcd are kept.
#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "member.h"

namespace orrery::watch {

struct SimulationResult {
  Violations violations;
  std::uint64_t events_received = 0;
  std::uint64_t victims = 0;
  std::uint64_t compacted = 0;
  std::uint64_t progress = 0;
  Digest digest = 0;
};

enum class Pace {
  Tight,  // limits of a few slots, watchers and revisions; clients read as often as others write
  Etcd,   // etcd's limits; clients that hardly read
};

class Simulation {
 public:
  Simulation(std::uint64_t seed, WatchQuirks quirks, Pace pace = Pace::Tight);

  SimulationResult run(int steps);

 private:
  std::uint64_t pick(std::uint64_t bound);
  std::string random_key();
  void step();
  bool locked() const { return plan_ || round_; }

  void write();
  void apply_next();
  void install_snapshot();
  void compact();
  void step_notify();
  void step_sync();
  void step_victims();
  void send_request(std::uint64_t client);
  void step_receive_loop(std::uint64_t client);
  void step_send_loop(std::uint64_t client);
  void reconnect(std::uint64_t client);

  rpc::WatchCreateRequest random_create();
  bool progress_under_way(std::uint64_t client);
  void note(const Sent& sent);
  void check_store();
  void drain();
  void check_promises();

  std::uint64_t seed_;
  Pace pace_;
  std::uint64_t draws_ = 0;
  Member member_;
  std::optional<NotifyPlan> plan_;
  std::optional<SyncRound> round_;
  std::optional<VictimRound> victims_;
  std::set<std::uint64_t> closing_;  // lost by their clients, with a watcher still being retried
  std::vector<std::uint64_t> open_;  // streams in use
  std::map<std::uint64_t, std::deque<rpc::WatchRequest>> unread_;
  std::uint64_t next_stream_ = 1;
  WatchId next_explicit_id_ = 100;
  SimulationResult result_;
};

}  // namespace orrery::watch
