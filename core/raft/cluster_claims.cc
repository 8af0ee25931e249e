#include "raft/cluster_claims.h"

#include <algorithm>

#include "base/text.h"
#include "raft/raft_invariants.h"

namespace orrery::raft {

namespace {

constexpr const char* kElectionSafety = "Election Safety";
constexpr const char* kLogMatching = "Log Matching";
constexpr const char* kLeaderCompleteness = "Leader Completeness";
constexpr const char* kStateMachineSafety = "State Machine Safety";

template <class Check>
void each_pair(Members members, Check check) {
  for (std::size_t i = 0; i < members.size(); ++i) {
    for (std::size_t j = i + 1; j < members.size(); ++j) check(*members[i], *members[j]);
  }
}

// The indexes that both logs still hold as entries.
std::pair<Index, Index> common_range(const Log& a, const Log& b) {
  return {std::max(a.first_index(), b.first_index()), std::min(a.last_index(), b.last_index())};
}

std::string place(const Raft& raft, Index index) {
  return text("{} has {}/{}", words(raft.id()), raft.log().term_or_zero(index).value(),
              index.value());
}

}  // namespace

Violations election_safety(Members members) {
  Violations out;
  each_pair(members, [&](const Raft& a, const Raft& b) {
    if (a.is_leader() && b.is_leader() && a.term() == b.term()) {
      out.push_back({kElectionSafety, text("{} and {} lead term {}", words(a.id()), words(b.id()),
                                           a.term().value())});
    }
  });
  return out;
}

Violations log_matching(Members members) {
  Violations out;
  each_pair(members, [&](const Raft& a, const Raft& b) {
    const auto [first, last] = common_range(a.log(), b.log());
    bool agrees = false;  // at some later index
    for (Index index = last; index >= first && index > Index(0); --index) {
      const raftpb::Entry& ours = a.log().at(index);
      const raftpb::Entry& theirs = b.log().at(index);
      agrees = agrees || ours.term == theirs.term;
      if (agrees && ours != theirs) {
        out.push_back({kLogMatching, place(a, index) + ", " + place(b, index)});
        return;
      }
    }
  });
  return out;
}

Violations leader_completeness(Members members) {
  Violations out;
  for (const Raft* leader : members) {
    if (!leader->is_leader()) continue;
    for (const Raft* member : members) {
      if (member->term() > leader->term()) continue;
      const Index committed = member->log().committed();
      const auto term = member->log().term(committed);
      const bool has_it =
          committed < leader->log().first_index() || !term || leader->log().has({*term, committed});
      if (has_it) continue;
      out.push_back(
          {kLeaderCompleteness,
           text("{} leads term {} without {}/{}, committed on {}", words(leader->id()),
                leader->term().value(), term->value(), committed.value(), words(member->id()))});
    }
  }
  return out;
}

Violations state_machine_safety(Members members) {
  Violations out;
  each_pair(members, [&](const Raft& a, const Raft& b) {
    const auto [first, last] = common_range(a.log(), b.log());
    const Index end = std::min({last, a.log().committed(), b.log().committed()});
    for (Index index = first; index <= end; ++index) {
      if (a.log().at(index) == b.log().at(index)) continue;
      out.push_back({kStateMachineSafety, place(a, index) + ", " + place(b, index)});
      return;
    }
  });
  return out;
}

Violations cluster_violations(Members members) {
  Violations out;
  for (const auto claim :
       {election_safety, log_matching, leader_completeness, state_machine_safety}) {
    const Violations more = claim(members);
    out.insert(out.end(), more.begin(), more.end());
  }
  return out;
}

Violations ClusterRecord::observe(const Raft& before, const Raft& after) {
  Violations out;
  observe_entries(before, after, out);
  observe_commit(before, after, out);
  const bool led = before.is_leader() && before.term() == after.term();
  if (after.is_leader() && !led) observe_leader(after, out);
  return out;
}

void ClusterRecord::observe_leader(const Raft& after, Violations& out) {
  const NodeId* other = leaders_.find(after.term());
  if (other != nullptr && *other != after.id()) {
    out.push_back({kElectionSafety, text("{} and {} were elected in term {}", words(*other),
                                         words(after.id()), after.term().value())});
  }
  leaders_.put(after.term(), after.id());
  // By Log Matching the last entry that was committed by then stands for all before it.
  for (Index index = last_committed_; index > Index(0); --index) {
    const Committed* committed = committed_.find(index);
    if (committed == nullptr || index < after.log().first_index()) return;
    if (committed->at > after.term()) continue;
    if (!after.log().has({committed->term, index})) {
      out.push_back(
          {kLeaderCompleteness,
           text("{} was elected in term {} without the committed {}/{}", words(after.id()),
                after.term().value(), committed->term.value(), index.value())});
    }
    return;
  }
}

void ClusterRecord::observe_entries(const Raft& before, const Raft& after, Violations& out) {
  const Log& log = after.log();
  for (Index index = log.last_index(); index >= log.first_index(); --index) {
    const raftpb::Entry& entry = log.at(index);
    const bool was_there =
        index >= before.log().first_index() && before.log().has({entry.term, index});
    if (was_there) return;
    const Digest digest = combine(digest_of(entry), log.term_or_zero(index - 1).value());
    const Digest* known = entries_.find(EntryKey{index, entry.term});
    if (known == nullptr) {
      entries_.put({index, entry.term}, digest);
    } else if (*known != digest) {
      out.push_back({kLogMatching, place(after, index) + ", another one than was seen before"});
    }
  }
}

void ClusterRecord::observe_commit(const Raft& before, const Raft& after, Violations& out) {
  const Log& log = after.log();
  const Index begin = std::max(before.log().committed() + 1, log.first_index());
  for (Index index = begin; index <= log.committed(); ++index) {
    const raftpb::Entry& entry = log.at(index);
    const Committed now{entry.term, digest_of(entry), after.term()};
    const Committed* known = committed_.find(index);
    if (known == nullptr) {
      committed_.put(index, now);
    } else if (known->digest != now.digest) {
      out.push_back({kStateMachineSafety, text("{}, committed as {}/{} before", place(after, index),
                                               known->term.value(), index.value())});
    }
  }
  last_committed_ = std::max(last_committed_, log.committed());
}

}  // namespace orrery::raft
