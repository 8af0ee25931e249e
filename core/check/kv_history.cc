// Comparisons of numbers, chains and histories; each violation names who differs from whom and where.
#include "check/kv_history.h"

#include <algorithm>
#include <map>
#include <tuple>
#include <utility>

#include "base/check.h"
#include "base/text.h"

namespace orrery::checks {

namespace {

template <class Number>
void expect_not_fallen(const char* claim, const Gauges& after, const char* what, Number before,
                       Number now, Violations& out) {
  if (now >= before) return;
  out.push_back({claim, text("{}: {} fell from {} to {}", after.member, what, before, now)});
}

// The first revision of (from, to] at which the chains differ, given that they differ at `to`.
std::int64_t first_difference(const RevisionChain& a, const RevisionChain& b, std::int64_t from,
                              std::int64_t to) {
  while (from < to) {
    const std::int64_t middle = from + (to - from) / 2;
    if (a.link(middle) == b.link(middle)) {
      from = middle + 1;
    } else {
      to = middle;
    }
  }
  return from;
}

void compare_chains(const MemberHistory& a, const MemberHistory& b, Violations& out) {
  const std::int64_t last = std::min(a.chain.last_revision(), b.chain.last_revision());
  const std::int64_t first = std::max(a.chain.first_revision(), b.chain.first_revision());
  if (last < first || a.chain.link(last) == b.chain.link(last)) return;
  const std::int64_t at = first_difference(a.chain, b.chain, first, last);
  const char* where = at == first ? "at or before" : "at";
  out.push_back({"MembersAgree", text("{} and {} have different histories {} revision {}", a.member,
                                      b.member, where, at)});
}

// A history, to be asked for events by revision and key.
class EventIndex {
 public:
  explicit EventIndex(const FinalHistory& history) : from_(history.from_revision) {
    for (const mvccpb::Event& event : history.events) known_.emplace(name_of(event), event);
  }

  // Below its beginning the history cannot tell. A client knows the value and the lease it wrote, not the version.
  bool lacks(const mvccpb::Event& event) const {
    if (event.kv.mod_revision < from_) return false;
    const auto at = known_.find(name_of(event));
    return at == known_.end() || at->second.kv.value != event.kv.value ||
           at->second.kv.lease != event.kv.lease;
  }

 private:
  using Name = std::tuple<std::int64_t, Blob, mvccpb::EventType>;
  static Name name_of(const mvccpb::Event& event) {
    return {event.kv.mod_revision, event.kv.key, event.type};
  }

  std::int64_t from_;
  std::map<Name, mvccpb::Event> known_;
};

}  // namespace

Violations gauge_violations(const Gauges& now) {
  if (now.applied <= now.commit) return {};
  return {{"AppliedIsCommitted",
           text("{}: applied {} is above commit {}", now.member, now.applied, now.commit)}};
}

Violations gauge_step_violations(const Gauges& before, const Gauges& after) {
  check(before.member == after.member, "gauges of one member are compared");
  Violations out;
  expect_not_fallen("TermNeverFalls", after, "term", before.term, after.term, out);
  if (before.starts != after.starts) {
    if (after.applied >= before.applied) {
      expect_not_fallen("RevMonotone", after, "revision", before.revision, after.revision, out);
    }
    return out;
  }
  expect_not_fallen("CommitNeverFalls", after, "commit", before.commit, after.commit, out);
  expect_not_fallen("AppliedNeverFalls", after, "applied", before.applied, after.applied, out);
  expect_not_fallen("ConsistentIndexNeverFalls", after, "consistent index", before.consistent_index,
                    after.consistent_index, out);
  expect_not_fallen("RevMonotone", after, "revision", before.revision, after.revision, out);
  expect_not_fallen("CompactRevisionNeverFalls", after, "compact revision", before.compact_revision,
                    after.compact_revision, out);
  return out;
}

void RevisionChain::begin_at(std::int64_t revision, Digest link) {
  first_ = revision;
  links_.clear();
  links_.push_back(link);
}

void RevisionChain::append(std::span<const mvccpb::Event> events) {
  Digest link = links_.back();
  for (const mvccpb::Event& event : events) {
    check(event.kv.mod_revision == last_revision() + 1, "the chain goes on with the next revision");
    link = combine(link, combine(digest_of(event.type), digest_of(event.kv)));
  }
  links_.push_back(link);
}

std::optional<Digest> RevisionChain::link(std::int64_t revision) const {
  if (revision < first_ || revision > last_revision()) return std::nullopt;
  return links_[static_cast<std::size_t>(revision - first_)];
}

Violations agreement_violations(std::span<const MemberHistory> members) {
  Violations out;
  for (std::size_t i = 0; i < members.size(); ++i) {
    for (std::size_t j = i + 1; j < members.size(); ++j) {
      compare_chains(members[i], members[j], out);
    }
  }
  return out;
}

Violations durability_violations(std::span<const AcknowledgedWrite> writes,
                                 std::span<const FinalHistory> histories) {
  Violations out;
  for (const FinalHistory& history : histories) {
    const EventIndex index(history);
    for (const AcknowledgedWrite& write : writes) {
      for (const mvccpb::Event& event : write.events) {
        if (!index.lacks(event)) continue;
        out.push_back({"AcknowledgedWriteSurvives",
                       text("{} was acknowledged at revision {}, and {} does not have it",
                            write.call, event.kv.mod_revision, history.member)});
      }
    }
  }
  return out;
}

}  // namespace orrery::checks
