// The table of defects, the releases that had them, and what a member does with its own.
#include "server/quirks.h"

#include <set>

#include <gtest/gtest.h>

#include "base/text.h"
#include "sim/world.h"
#include "tests/sim/cluster.h"

namespace orrery::server {
namespace {

using enum Quirk;

TEST(Quirks, EachStandsAtItsPlaceInTheTableUnderANameOfItsOwn) {
  std::set<std::string_view> names;
  for (std::size_t i = 0; i < kQuirks; ++i) {
    const Quirk quirk = static_cast<Quirk>(i);
    const QuirkRow& row = row_of(quirk);
    EXPECT_EQ(row.quirk, quirk) << row.name;
    EXPECT_TRUE(names.insert(row.name).second) << row.name;
    EXPECT_FALSE(row.lines.empty()) << row.name;
    EXPECT_FALSE(row.sentence.empty()) << row.name;
    const auto parsed = parse_quirks(row.name);
    ASSERT_TRUE(parsed) << parsed.error().detail;
    EXPECT_EQ(*parsed, QuirkSet{quirk});
  }
}

TEST(Quirks, ASetIsReadAsItIsWritten) {
  const QuirkSet some{AuthOpsSkipCiSave, CompactDropsTombstoneAtRev, WatchAcceptsRevMinusOne};
  EXPECT_EQ(to_text(some),
            "auth_ops_skip_ci_save,compact_drops_tombstone_at_rev,watch_accepts_rev_minus_one");
  EXPECT_EQ(parse_quirks(to_text(some)).value_or(QuirkSet{}), some);
  EXPECT_EQ(parse_quirks("none").value_or(some), QuirkSet{});
}

TEST(Quirks, AnUnknownNameIsAnsweredWithTheNearest) {
  const auto parsed = parse_quirks("auth_ops_skip_ci_save,compact_drops_tombstone");
  ASSERT_FALSE(parsed);
  EXPECT_NE(parsed.error().detail.find("no quirk \"compact_drops_tombstone\"; the nearest is "
                                       "compact_drops_tombstone_at_rev"),
            std::string::npos)
      << parsed.error().detail;
  EXPECT_FALSE(parse_quirks(""));
}

TEST(Quirks, WhatOneBarsBarsItToo) {
  for (const QuirkRow& row : quirk_table()) {
    for (const Quirk other : row.bars.list()) {
      EXPECT_TRUE(row_of(other).bars.has(row.quirk)) << row.name;
      EXPECT_FALSE(with_needs({row.quirk, other})) << row.name;
    }
    EXPECT_TRUE(with_needs({row.quirk})) << row.name;
    EXPECT_TRUE(fitting_version({row.quirk})) << row.name;
  }
}

TEST(Quirks, WhatOneNeedsComesWithIt) {
  EXPECT_EQ(with_needs({RestoreIgnoresScheduledCompact}).value_or(QuirkSet{}),
            (QuirkSet{RestoreIgnoresScheduledCompact, CompactDropsTombstoneAtRev}));
  EXPECT_FALSE(with_needs({RestoreIgnoresScheduledCompact, RestoreIgnoresLoneTombstone}));
}

TEST(Quirks, ADefectAloneIsOfTheNewestLineThatHadIt) {
  EXPECT_EQ(fitting_version({}).value_or(Version::V3_4), Version::V3_6);
  EXPECT_EQ(fitting_version({CompactStopsAtGenerationEndingAtRev}).value_or(Version::V3_4),
            Version::V3_6);
  EXPECT_EQ(fitting_version({RestoreIgnoresLoneTombstone}).value_or(Version::V3_6), Version::V3_5);
  EXPECT_EQ(fitting_version({AuthOpsSkipCiSave}).value_or(Version::V3_6), Version::V3_4);
  const auto unfit = check_fits({AuthOpsSkipCiSave}, Version::V3_6);
  ASSERT_FALSE(unfit);
  EXPECT_EQ(unfit.error().detail, "auth_ops_skip_ci_save is a defect of v3.4, not of v3.6");
}

QuirkSet of_preset(const char* name) {
  const auto preset = preset_of(name, 1);
  EXPECT_TRUE(preset) << name;
  return preset ? preset->members[0] : QuirkSet{};
}

// Facts of the museum, section 0.5, as far as these quirks reach.
TEST(Presets, AReleaseHasTheDefectsItHad) {
  QuirkSet watch{WatchMinrevStaleWhenSynced,   WatchRestoreLowersMinrev,
                 ProgressForFutureWatch,       WatchSyncMarksUncancelledCompacted,
                 ProgressBypassesEventChannel, WatchAcceptsRevMinusOne};
  QuirkSet of_23 = watch;
  of_23.add({CompactDropsTombstoneAtRev, RestoreIgnoresScheduledCompact});
  QuirkSet of_3 = of_23;
  of_3.add(AuthOpsSkipCiSave);
  EXPECT_EQ(to_text(of_preset("v3.4.3")), to_text(of_3));
  EXPECT_EQ(to_text(of_preset("v3.4.20")), to_text(of_23));
  EXPECT_EQ(to_text(of_preset("v3.4.23")), to_text(of_23));
  EXPECT_EQ(to_text(of_preset("v3.5.0")), to_text(of_23));
  EXPECT_EQ(to_text(of_preset("v3.5.16")),
            to_text({RestoreIgnoresLoneTombstone, CompactStopsAtGenerationEndingAtRev,
                     WatchRestoreLowersMinrev, ProgressForFutureWatch, WatchAcceptsRevMinusOne}));
  EXPECT_EQ(to_text(of_preset("v3.6.0")),
            to_text({CompactStopsAtGenerationEndingAtRev, WatchRestoreLowersMinrev,
                     ProgressForFutureWatch, WatchAcceptsRevMinusOne}));
  EXPECT_EQ(of_preset("fixed"), QuirkSet{});
  EXPECT_FALSE(preset_of("v3.7.0", 1));
  EXPECT_FALSE(preset_of("mixed", 1));
}

TEST(Presets, AMixedClusterHasOneMemberThatLooks) {
  const auto mixed = preset_of("mixed-3.2-3.3", 3);
  ASSERT_TRUE(mixed);
  EXPECT_EQ(mixed->version, Version::V3_4);
  for (std::size_t i = 0; i < 3; ++i) {
    EXPECT_EQ(mixed->members[i].has(ApplyChecksLeasePerm), i == 2);
    EXPECT_EQ(mixed->members[i].has(LeaseRevokeWithoutRootToken), i != 2);
    EXPECT_TRUE(mixed->members[i].has(AuthOpsSkipCiSave));
  }
}

TEST(MemberQuirks, OutliveARestartAndChangeWithTheBinary) {
  sim::Config config;
  config.members = 2;
  config.version = Version::V3_4;
  config.quirks = {{}, {AuthOpsSkipCiSave, CompactDropsTombstoneAtRev}};
  sim::World world(config);
  EXPECT_FALSE(world.member(1).running().store.rules().compact_drops_tombstone_at_rev);
  EXPECT_TRUE(world.member(2).running().store.rules().compact_drops_tombstone_at_rev);

  ASSERT_TRUE(world.perform(sim::Crash{.member = 2, .survivors = {}}));
  ASSERT_TRUE(world.perform(sim::Restart{.member = 2}));
  EXPECT_TRUE(world.member(2).running().store.rules().compact_drops_tombstone_at_rev);
  EXPECT_TRUE(world.member(2).plan().quirks.has(AuthOpsSkipCiSave));

  ASSERT_TRUE(world.perform(sim::Crash{.member = 2, .survivors = {}}));
  const auto unfit = world.perform(sim::Restart{.member = 2, .as = Version::V3_6, .quirks = {}});
  ASSERT_FALSE(unfit);
  EXPECT_FALSE(world.member(2).up());
  const QuirkSet other{WatchAcceptsRevMinusOne};
  ASSERT_TRUE(world.perform(sim::Restart{.member = 2, .as = {}, .quirks = other}));
  EXPECT_FALSE(world.member(2).running().store.rules().compact_drops_tombstone_at_rev);
  EXPECT_TRUE(world.member(2).running().watches.quirks().accepts_negative_start);
}

TEST(MemberQuirks, ARestartWithAnotherBinaryIsALineThatReadsBack) {
  for (const char* line :
       {"restart n2", "restart n2 as v3.5", "restart n2 quirks none",
        "restart n2 as v3.4 quirks auth_ops_skip_ci_save,compact_drops_tombstone_at_rev"}) {
    const auto action = sim::parse_action(line);
    ASSERT_TRUE(action) << action.error().detail;
    EXPECT_EQ(sim::to_text(*action), line);
  }
  EXPECT_FALSE(sim::parse_action("restart n2 quirks"));
  EXPECT_FALSE(sim::parse_action("restart n2 quirks no_such_thing"));
  EXPECT_FALSE(sim::parse_action("restart n2 as v3.5 more"));
}

}  // namespace
}  // namespace orrery::server
