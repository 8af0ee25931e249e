// Raft's safety claims about a group (paper Figure 3), as functions of its members.
//   used by: core/check, tests      uses: raft_invariants.h
//   ideas:   two forms. Functions over all members at one moment, which read whole logs. And a record, which is
//            shown each step of one member, remembers what was ever decided, and costs what the step changed;
//            it also catches what no moment shows: two leaders of one term at different times.
//   note: Leader Append-Only is a claim about one step of one member: step_violations().
//   from: raft paper Figure 3, 5.4.3
#pragma once

#include <span>
#include <utility>

#include "base/ordered_map.h"
#include "base/violation.h"
#include "raft/raft.h"

namespace orrery::raft {

using Members = std::span<const Raft* const>;

// At most one leader is elected in a term.
Violations election_safety(Members members);
// Logs that have an entry of the same index and term are equal up to it.
Violations log_matching(Members members);
// A leader of a later term has every entry that is committed.
Violations leader_completeness(Members members);
// No two members commit different entries at one index.
Violations state_machine_safety(Members members);

// All four.
Violations cluster_violations(Members members);

class ClusterRecord {
 public:
  // One member went from `before` to `after`. After a restart `before` is a Raft{}.
  Violations observe(const Raft& before, const Raft& after);

  // The last index that anybody has committed.
  Index committed() const { return last_committed_; }

  template <class F>
  void fields(F&& f) const {
    f("leaders", leaders_), f("entries", entries_), f("committed", committed_);
    f("last_committed", last_committed_);
  }
  friend bool operator==(const ClusterRecord&, const ClusterRecord&) = default;

 private:
  using EntryKey = std::pair<Index, Term>;

  struct Committed {
    Term term;      // of the entry
    Digest digest;  // of the entry
    Term at;        // the term of the member that was first seen to have it committed

    template <class F>
    void fields(F&& f) const {
      f("term", term), f("digest", digest), f("at", at);
    }
    friend bool operator==(const Committed&, const Committed&) = default;
  };

  void observe_leader(const Raft& after, Violations& out);
  void observe_entries(const Raft& before, const Raft& after, Violations& out);
  void observe_commit(const Raft& before, const Raft& after, Violations& out);

  OrderedMap<Term, NodeId> leaders_;
  OrderedMap<EntryKey, Digest> entries_;  // each ever seen, with the term of the one before it
  OrderedMap<Index, Committed> committed_;
  Index last_committed_;
};

}  // namespace orrery::raft
