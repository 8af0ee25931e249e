// What members may never do to the keys: each claim accepts the allowed and names the forbidden.
#include "check/kv_history.h"

#include <functional>

#include <gtest/gtest.h>

#include "base/check.h"

namespace orrery::checks {
namespace {

Gauges gauges() {
  return {.member = "n1",
          .term = 3,
          .commit = 9,
          .applied = 8,
          .consistent_index = 8,
          .revision = 5,
          .compact_revision = 2,
          .starts = 1};
}

mvccpb::Event put(const std::string& key, std::int64_t revision, const std::string& value = "v") {
  mvccpb::Event out;
  out.kv.key = Blob(key);
  out.kv.value = Blob(value);
  out.kv.mod_revision = revision;
  return out;
}

TEST(Gauges, RisingOrStandingStillIsFine) {
  Gauges later = gauges();
  later.commit = 12;
  later.applied = 12;

  EXPECT_TRUE(gauge_step_violations(gauges(), gauges()).empty());
  EXPECT_TRUE(gauge_step_violations(gauges(), later).empty());
}

TEST(Gauges, EachFallIsNamed) {
  struct Row {
    const char* claim;
    std::function<void(Gauges&)> fall;
  };
  const std::vector<Row> rows = {
      {"TermNeverFalls", [](Gauges& g) { --g.term; }},
      {"CommitNeverFalls", [](Gauges& g) { --g.commit; }},
      {"AppliedNeverFalls", [](Gauges& g) { --g.applied; }},
      {"ConsistentIndexNeverFalls", [](Gauges& g) { --g.consistent_index; }},
      {"RevMonotone", [](Gauges& g) { --g.revision; }},
      {"CompactRevisionNeverFalls", [](Gauges& g) { --g.compact_revision; }},
  };
  for (const Row& row : rows) {
    Gauges later = gauges();
    row.fall(later);
    const Violations broken = gauge_step_violations(gauges(), later);
    ASSERT_EQ(broken.size(), 1U) << row.claim;
    EXPECT_EQ(broken[0].claim, row.claim);
  }
}

TEST(Gauges, ASentenceHasMemberAndNumbers) {
  Gauges later = gauges();
  later.revision = 4;

  EXPECT_EQ(gauge_step_violations(gauges(), later)[0].sentence, "n1: revision fell from 5 to 4");
}

TEST(Gauges, ARestartMayForgetButNotTheTerm) {
  Gauges restarted = {.member = "n1", .term = 3, .starts = 2};
  EXPECT_TRUE(gauge_step_violations(gauges(), restarted).empty());

  restarted.term = 2;
  EXPECT_EQ(gauge_step_violations(gauges(), restarted)[0].claim, "TermNeverFalls");
}

TEST(Gauges, ARestartedMemberHasItsRevisionBackOnceItHasApplied) {
  Gauges restarted = gauges();
  restarted.starts = 2;
  restarted.revision = 4;
  EXPECT_EQ(gauge_step_violations(gauges(), restarted)[0].claim, "RevMonotone");

  restarted.applied = 7;
  EXPECT_TRUE(gauge_step_violations(gauges(), restarted).empty());
}

TEST(Gauges, NothingIsAppliedBeforeItIsCommitted) {
  Gauges now = gauges();
  EXPECT_TRUE(gauge_violations(now).empty());
  now.applied = 10;
  EXPECT_EQ(gauge_violations(now)[0].sentence, "n1: applied 10 is above commit 9");
}

RevisionChain chain_of(const std::vector<std::string>& values) {
  RevisionChain out;
  for (const std::string& value : values) {
    const mvccpb::Event event = put("a", out.last_revision() + 1, value);
    out.append(std::span(&event, 1));
  }
  return out;
}

TEST(RevisionChain, AMemberThatLagsAgrees) {
  const std::vector<MemberHistory> members = {{"n1", chain_of({"x", "y", "z"})},
                                              {"n2", chain_of({"x"})}};

  EXPECT_TRUE(agreement_violations(members).empty());
}

TEST(RevisionChain, TheFirstDifferentRevisionIsFound) {
  const std::vector<MemberHistory> members = {{"n1", chain_of({"a", "b", "c", "d", "e", "f"})},
                                              {"n2", chain_of({"a", "b", "X", "d", "e"})}};

  const Violations broken = agreement_violations(members);

  ASSERT_EQ(broken.size(), 1U);
  EXPECT_EQ(broken[0].sentence, "n1 and n2 have different histories at revision 4");
}

TEST(RevisionChain, GoesOnFromASnapshotsLink) {
  const RevisionChain whole = chain_of({"a", "b", "c"});
  RevisionChain installed;
  installed.begin_at(3, *whole.link(3));
  const mvccpb::Event event = put("a", 4, "c");
  installed.append(std::span(&event, 1));

  EXPECT_EQ(installed.link(4), whole.link(4));
  EXPECT_FALSE(installed.link(2));
  installed.begin_at(4, Digest{1});
  const std::vector<MemberHistory> members = {{"n1", whole}, {"n2", installed}};
  EXPECT_EQ(agreement_violations(members)[0].sentence,
            "n1 and n2 have different histories at or before revision 4");
}

TEST(RevisionChain, RefusesAGap) {
  RevisionChain chain;
  const mvccpb::Event event = put("a", 5);

  EXPECT_THROW(chain.append(std::span(&event, 1)), ContractViolation);
}

TEST(Durability, AnAcknowledgedWriteIsInEveryFinalHistory) {
  const std::vector<AcknowledgedWrite> writes = {{"put a by c1", {put("a", 2)}},
                                                 {"put b by c1", {put("b", 3)}}};
  std::vector<FinalHistory> finals = {{"n1", 1, {put("a", 2), put("b", 3)}},
                                      {"n2", 1, {put("a", 2), put("b", 3)}}};
  EXPECT_TRUE(durability_violations(writes, finals).empty());

  finals[1].events[1] = put("b", 3, "other");
  const Violations broken = durability_violations(writes, finals);

  ASSERT_EQ(broken.size(), 1U);
  EXPECT_EQ(broken[0].sentence,
            "put b by c1 was acknowledged at revision 3, and n2 does not have it");
}

TEST(Durability, WhatIsCompactedCannotBeAskedFor) {
  const std::vector<AcknowledgedWrite> writes = {{"put a by c1", {put("a", 2)}}};
  const std::vector<FinalHistory> finals = {{"n1", 3, {put("b", 3)}}};

  EXPECT_TRUE(durability_violations(writes, finals).empty());
}

}  // namespace
}  // namespace orrery::checks
