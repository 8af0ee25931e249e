// What members may never do to the keys, as functions over plain numbers and recorded answers.
//   used by: the checks of a World (which fills the structs from its members and clients), tests, grading
//   uses:    base/violation.h, proto/mvccpb.h
//   ideas:   members that have the same revision must have got there by the same events: each revision's
//            events are folded into a chain of hashes, and chains are compared, not stores.
//            What a client was told is kept; what a member holds in the end must contain it.
//   from: the invariants I1 to I5 of the museum of defects; etcd tests/robustness/validate
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/digest.h"
#include "base/sequence.h"
#include "base/violation.h"
#include "proto/mvccpb.h"

namespace orrery::checks {

// -- numbers of one member that only rise

// One member at one moment. A member that restarts keeps its name.
struct Gauges {
  std::string member;
  std::uint64_t term = 0;
  std::uint64_t commit = 0;
  std::uint64_t applied = 0;  // volatile: starts again at the snapshot's index after a restart
  std::uint64_t consistent_index =
      0;                      // as the member itself reads it; after a restart, from the disk
  std::int64_t revision = 0;  // of the KV store
  std::int64_t compact_revision = -1;
  std::uint64_t starts =
      0;  // how often the member was started; two gauges with different ones see a restart

  template <class F>
  void fields(F&& f) const {
    f("member", member), f("term", term), f("commit", commit), f("applied", applied);
    f("consistent_index", consistent_index), f("revision", revision);
    f("compact_revision", compact_revision), f("starts", starts);
  }
  friend bool operator==(const Gauges&, const Gauges&) = default;
};

// Within one state: applied <= commit.
Violations gauge_violations(const Gauges& now);

// From one state of a member to a later one. Term and commit never fall; applied, consistent index, revision
// and compact revision never fall while the member runs. A restart may lose what was not on the disk, but once the
// log is applied as far as before, the revision is back too.
Violations gauge_step_violations(const Gauges& before, const Gauges& after);

// -- members agree

// The history of one store, folded: link(r) = hash(link(r - 1), events of r). Equal links mean equal histories.
class RevisionChain {
 public:
  RevisionChain() { links_.push_back(0); }

  // Goes on from a link known from elsewhere (an installed snapshot); drops what was before.
  void begin_at(std::int64_t revision, Digest link);
  // The events of the next revision. requires: their mod_revision is last_revision() + 1
  void append(std::span<const mvccpb::Event> events);

  std::int64_t last_revision() const {
    return first_ + static_cast<std::int64_t>(links_.size()) - 1;
  }

  std::int64_t first_revision() const { return first_; }

  // nullopt = not in [first_revision(), last_revision()].
  std::optional<Digest> link(std::int64_t revision) const;

  template <class F>
  void fields(F&& f) const {
    f("first", first_), f("links", links_);
  }
  friend bool operator==(const RevisionChain&, const RevisionChain&) = default;

 private:
  std::int64_t first_ = 1;  // an empty store has revision 1
  Sequence<Digest> links_;  // links_[i] belongs to revision first_ + i; never empty
};

struct MemberHistory {
  std::string member;
  RevisionChain chain;
};

// Any two members have the same link at the highest revision that both know. Names the first revision that differs,
// if both still know it.
Violations agreement_violations(std::span<const MemberHistory> members);

// -- what was acknowledged survives

// A write that a client was told has happened.
struct AcknowledgedWrite {
  std::string call;  // for sentences: "put a by client 2"
  std::vector<mvccpb::Event> events;
};

// All events that a member knows to have happened, from `from_revision` on (below it: compacted, unknown).
struct FinalHistory {
  std::string member;
  std::int64_t from_revision = 1;
  std::vector<mvccpb::Event> events;
};

// Each event of each write is in the history of every member, with the same value.
Violations durability_violations(std::span<const AcknowledgedWrite> writes,
                                 std::span<const FinalHistory> histories);

}  // namespace orrery::checks
