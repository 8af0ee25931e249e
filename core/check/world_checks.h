// WorldChecks: every claim about a running world, looked at after each step and at its end.
//   used by: lang (always, play), gui (lights), tests, hunt    uses: sim, raft's claims, kv_history, watch_guarantees
//   ideas:   after a step only what the step may have changed is looked at: the members whose box differs. What can
//            only be judged of a whole run (writes that survive, watches that missed nothing) is judged when asked.
//   invariant: looking changes nothing; the record is a value and may be copied with the world it belongs to.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/sequence.h"
#include "base/violation.h"
#include "check/kv_history.h"
#include "check/member_claims.h"
#include "check/service_claims.h"
#include "check/watch_guarantees.h"
#include "raft/cluster_claims.h"
#include "sim/world.h"

namespace orrery::checks {

class WorldChecks {
 public:
  // The world went from `before` to `after` by one action.
  Violations observe(const sim::World& before, const sim::World& after);

  // Of what observe() found, what is still so at `world`, of the claims that can be mended: CiCoupled, RevMonotone,
  // WatchResumable, StateEq, AuthRevEq.
  Violations standing(const sim::World& world) const;

  // Claims about a run that has settled: acknowledged writes survive, reads told the truth, watches were true to what
  // happened. Members that are down are left out. requires: every step was observed; every member that is up has
  // applied the same index
  Violations run_violations(const sim::World& world) const;

  // Everything that was ever applied, compacted or not.
  const Sequence<mvccpb::Event>& history() const { return history_; }

  template <class F>
  void fields(F&& f) const {
    f("record", record_), f("history", history_), f("known_revision", known_revision_);
    f("services", services_), f("stores", stores_);
  }
  friend bool operator==(const WorldChecks&, const WorldChecks&) = default;

 private:
  void remember(const server::Member& member);

  raft::ClusterRecord record_;
  Sequence<mvccpb::Event> history_;
  std::int64_t known_revision_ = 1;  // the last revision whose events are in history_
  ServiceRecord services_;
  MemberRecord stores_;
};

// Term, commit, applied, consistent index, revisions of a member that is up.
Gauges gauges_of(const server::Member& member);

// Claims about one moment, reading whole stores: Raft's four, equal histories, store, watch store, agenda, backend.
Violations state_violations(const sim::World& world);

}  // namespace orrery::checks
