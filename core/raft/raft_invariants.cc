#include "raft/raft_invariants.h"

#include "base/text.h"

namespace orrery::raft {

namespace {

// Collects what does not hold.
class Claims {
 public:
  explicit Claims(NodeId id) : id_(id) {}

  template <class... Args>
  void holds(bool condition, std::string_view claim, fmt::format_string<Words<Args>...> format,
             const Args&... args) {
    if (condition) return;
    out_.push_back(
        {std::string(claim), text("{}: {}", words(id_), fmt::format(format, words(args)...))});
  }

  void add(Violations more) { out_.insert(out_.end(), more.begin(), more.end()); }

  Violations take() { return std::move(out_); }

 private:
  NodeId id_;
  Violations out_;
};

void check_cursors(Claims& claims, const Log& log) {
  claims.holds(log.applied() <= log.applying() && log.applying() <= log.committed() &&
                   log.committed() <= log.last_index(),
               "applied <= applying <= committed <= last index", "{}, last index {}", log,
               log.last_index());
  const Unstable& unstable = log.unstable();
  claims.holds(
      unstable.offset() <= unstable.in_progress() && unstable.in_progress() <= unstable.end(),
      "offset <= in progress <= end of the unstable log", "{}", log);
  claims.holds(unstable.has_snapshot() || log.storage().last_index() + 1 >= unstable.offset(),
               "the stable log reaches to the unstable one", "stable end {}, {}",
               log.storage().last_index(), log);
}

void check_entries(Claims& claims, const Raft& raft) {
  const Log& log = raft.log();
  Term last = log.term_or_zero(log.first_index() - 1);
  for (Index index = log.first_index(); index <= log.last_index(); ++index) {
    const raftpb::Entry& entry = log.at(index);
    claims.holds(entry.index == index, "an entry stands at its index", "index {} at {}",
                 entry.index, index);
    claims.holds(entry.term >= last, "terms in the log never fall", "term {} at {} after {}",
                 entry.term, index, last);
    last = entry.term;
  }
  claims.holds(last <= raft.term(), "no entry is of a later term than the member's",
               "entry of term {}, term {}", last, raft.term());
}

void check_progress(Claims& claims, const Raft& raft, NodeId id, const Progress& each) {
  claims.holds(each.match < each.next, "match < next", "{} {}", id, each);
  claims.holds(each.match <= raft.log().last_index(), "match is within the leader's log",
               "{} {}, last index {}", id, each, raft.log().last_index());
  const bool in_snapshot = each.state == ProgressState::Snapshot;
  claims.holds(in_snapshot || each.pending_snapshot == Index(0),
               "a snapshot is pending only in StateSnapshot", "{} {}", id, each);
  claims.holds(each.state == ProgressState::Replicate || each.inflights.count() == 0,
               "appends are in flight only in StateReplicate", "{} {}", id, each);
  claims.holds(each.is_learner == raft.cluster().is_learner(id), "progress knows the learners",
               "{} {}", id, each);
}

void check_leader(Claims& claims, const Raft& raft) {
  claims.holds(raft.vote() == raft.id(), "a leader has voted for itself", "vote {}", raft.vote());
  const ProgressMap& progress = *raft.progress();
  for (const auto& [id, each] : progress) {
    claims.holds(raft.cluster().is_member(id), "progress is of members", "{}", id);
    check_progress(claims, raft, id, each);
  }
  for (const NodeId id : raft.cluster().members()) {
    claims.holds(progress.contains(id), "every member has progress", "{}", id);
  }
}

}  // namespace

Violations violations(const Raft& raft) {
  Claims claims(raft.id());
  check_cursors(claims, raft.log());
  check_entries(claims, raft);
  claims.add(violations(raft.cluster()));
  if (raft.is_leader()) check_leader(claims, raft);
  if (raft.role() == RoleName::Candidate) {
    claims.holds(raft.vote() == raft.id(), "a candidate has voted for itself", "vote {}",
                 raft.vote());
  }
  return claims.take();
}

Violations step_violations(const Raft& before, const Raft& after) {
  Claims claims(after.id());
  claims.holds(after.term() >= before.term(), "the term never falls", "{} -> {}", before.term(),
               after.term());
  claims.holds(
      after.term() != before.term() || before.vote() == kNobody || after.vote() == before.vote(),
      "one vote in a term", "term {}: {} -> {}", after.term(), before.vote(), after.vote());
  claims.holds(after.log().committed() >= before.log().committed(), "the commit index never falls",
               "{} -> {}", before.log().committed(), after.log().committed());
  claims.holds(after.log().applied() >= before.log().applied(), "the applied index never falls",
               "{} -> {}", before.log().applied(), after.log().applied());
  // Leader Append-Only (paper Figure 3).
  const EntryId last = before.log().last_entry();
  const bool still_leads = before.is_leader() && after.is_leader() && before.term() == after.term();
  claims.holds(!still_leads || after.log().has(last) || last.index < after.log().first_index(),
               "a leader never overwrites or deletes entries of its log", "lost {}/{}", last.term,
               last.index);
  return claims.take();
}

}  // namespace orrery::raft
