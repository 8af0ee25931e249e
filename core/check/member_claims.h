// What a member may never do to its store, seen as it does it: claims that name a defect at the step where it bites.
//   used by: world_checks.cc    uses: sim
//   claims:  StateEq         members that have applied the same entries are at the same revision
//            RevMonotone     a member's revision never falls, also across a restart
//            CiCoupled       the file never holds what an entry did without counting the entry as done
//            WatchResumable  a compaction leaves every change from which a watch may still begin
//   ideas:   members are compared by the index they have applied, not by looking into their stores: one number a step.
//            A store that is ahead of what its member has gone through again after a restart is left out.
//   from: the invariants I1, I3, I4, I10 of the museum of defects
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <utility>

#include "base/ordered_map.h"
#include "base/violation.h"
#include "sim/world.h"

namespace orrery::checks {

// It has learnt that the others removed it, and ended itself: no claim is about it any more.
bool was_removed(const server::Member& member);

class MemberRecord {
 public:
  // The member went from `then` to `now` by one action; `then` is null if it has just joined.
  Violations observe(const server::Member* then, const server::Member& now);

  // Of what was found so far, what is still so. Members that were removed count no more.
  Violations standing(const sim::World& world) const;

  template <class F>
  void fields(F&& f) const {
    f("revisions", revisions_), f("last", last_), f("changes", changes_);
    f("lasting", lasting_);
  }
  friend bool operator==(const MemberRecord&, const MemberRecord&) = default;

 private:
  // Where a member's store was when it was last at rest.
  struct Rest {
    std::uint64_t restarts = 0;
    std::uint64_t installs = 0;  // of another disk
    Index applied;
    std::int64_t revision = 0;

    template <class F>
    void fields(F&& f) const {
      f("restarts", restarts), f("installs", installs), f("applied", applied);
      f("revision", revision);
    }
    friend bool operator==(const Rest&, const Rest&) = default;
  };

  // The revision that some member had first, having applied so much.
  struct Reached {
    std::uint32_t member = 0;
    std::int64_t revision = 0;

    template <class F>
    void fields(F&& f) const {
      f("member", member), f("revision", revision);
    }
    friend bool operator==(const Reached&, const Reached&) = default;
  };

  // The last entry that changed rows, and since which start of the member.
  struct LastChange {
    std::uint64_t restarts = 0;
    Index entry;
    bool of_users = false;  // otherwise of keys

    template <class F>
    void fields(F&& f) const {
      f("restarts", restarts), f("entry", entry), f("of_users", of_users);
    }
    friend bool operator==(const LastChange&, const LastChange&) = default;
  };

  // What a member did once and has since then: by what is it over?
  struct Lasting {
    std::uint64_t installs = 0;                  // another disk
    std::optional<Index> counted = {};           // its file's consistent index has come so far
    std::optional<std::int64_t> compacted = {};  // what was compacted lies above
    Violation what;

    template <class F>
    void fields(F&& f) const {
      f("installs", installs), f("counted", counted), f("compacted", compacted);
      f("what", what);
    }
    friend bool operator==(const Lasting&, const Lasting&) = default;
  };

  void found(const server::Member& now, Lasting what, Violations& out);
  void forget_what_is_over(const server::Member& now);
  void judge_batch(const server::Member& then, const server::Member& now, Violations& out);
  void compare_revisions(const server::Member& now, Violations& out);
  void compare_with_last(const server::Member& now, Violations& out);
  void follow_changes(const server::Member& then, const server::Member& now, Violations& out);

  OrderedMap<Index, Reached> revisions_;
  OrderedMap<std::uint32_t, Rest> last_;           // by member
  OrderedMap<std::uint32_t, LastChange> changes_;  // by member; of what is not committed yet
  OrderedMap<std::pair<std::uint32_t, std::string>, Lasting> lasting_;  // by member and claim
};

}  // namespace orrery::checks
