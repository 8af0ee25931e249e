// The hunter finds what it is to find, nothing where there is nothing, and what it found can be played again.
#include "hunt/hunt.h"

#include <gtest/gtest.h>

#include "hunt/shrink.h"
#include "lab/play.h"
#include "lang/ledger.h"
#include "lang/run_file.h"
#include "lang/saved_run.h"

namespace orrery::hunt {
namespace {

Hunter hunted(const HuntOptions& options, std::uint64_t seed) {
  auto config = config_of(options, seed);
  EXPECT_TRUE(config) << config.error().detail;
  Hunter hunter(*std::move(config), seed);
  hunter.play(options.budget);
  hunter.finish();
  return hunter;
}

HuntOptions with(const char* quirks, std::uint64_t budget) {
  HuntOptions out;
  out.quirks = quirks;
  out.budget = budget;
  return out;
}

TEST(Hunt, FindsTheDefectsOfTheTwoArticles) {
  for (std::uint64_t seed = 1; seed <= 5; ++seed) {
    const Hunter lost = hunted(with("mvcc_restore_ignores_lone_tombstone", 200'000), seed);
    ASSERT_TRUE(lost.found()) << seed;
    EXPECT_EQ(lost.found()->claim, "WatchResumable") << lost.found()->sentence;
    const Hunter twice = hunted(with("auth_ops_skip_ci_save", 200'000), seed);
    ASSERT_TRUE(twice.found()) << seed;
    EXPECT_EQ(twice.found()->claim, "CiCoupled") << twice.found()->sentence;
  }
}

// Of each, a seed that meets it: by watches that share a stream, ask for progress, begin in the future or before all
// time, and by members that were left behind.
TEST(Hunt, FindsDefectsOfWatches) {
  struct Meeting {
    const char* quirk;
    std::uint64_t seed;
    const char* claim;
  };
  for (const Meeting& one : {Meeting{"watch_restore_lowers_minrev", 145, "WatchFilter"},
                             Meeting{"progress_for_future_watch", 149, "WatchBookmarkable"},
                             Meeting{"progress_bypasses_event_channel", 149, "WatchBookmarkable"},
                             Meeting{"watch_accepts_rev_minus_one", 135, "WatchResumable"}}) {
    const Hunter hunter = hunted(with(one.quirk, 12'000), one.seed);
    ASSERT_TRUE(hunter.found()) << one.quirk;
    EXPECT_EQ(hunter.found()->claim, one.claim) << hunter.found()->sentence;
  }
}

void expect_nothing(const char* release, std::uint64_t seed) {
  HuntOptions options;
  options.release = release;
  options.budget = 3'000;
  const Hunter hunter = hunted(options, seed);
  EXPECT_FALSE(hunter.found()) << release << ", seed " << seed << ": " << hunter.found()->claim
                               << ": " << hunter.found()->sentence;
}

TEST(Hunt, FindsNothingWhereNothingIsWrong) {
  for (const char* release : {"v3.4", "v3.5", "v3.6"}) {
    for (std::uint64_t seed = 1; seed <= 40; ++seed) expect_nothing(release, seed);
  }
}

// These once found a watch that resumed after its cancel, and a lone member that read what it had not committed yet.
TEST(Hunt, FindsNoMoreWhatItFoundOnce) {
  for (const char* release : {"v3.4", "v3.5", "v3.6"}) {
    for (const std::uint64_t seed : {108ULL, 654ULL, 930ULL, 939ULL}) expect_nothing(release, seed);
  }
}

TEST(Hunt, ASavedRunReplaysToTheViolation) {
  const Hunter hunter = hunted(with("auth_ops_skip_ci_save", 200'000), 1);
  ASSERT_TRUE(hunter.found());
  const auto text = lang::to_text(lang::record(hunter.timeline()));
  const auto run = lang::read_run("found.orrery", text);
  ASSERT_TRUE(run) << run.error().detail;

  const auto again = lang::replay("found.orrery", *run);

  ASSERT_TRUE(again) << again.error().detail;
  EXPECT_EQ(again->world().digest(), hunter.world().digest());
  lang::Ledger ledger;
  const Violations broken = ledger.violations(*again);
  ASSERT_FALSE(broken.empty());
  EXPECT_EQ(broken.front().claim, hunter.found()->claim);
  EXPECT_EQ(broken.front().sentence, hunter.found()->sentence);
}

// What stopped the script; empty = it holds to its end.
std::string stopped_by(const std::string& script) {
  auto read = lang::read_script("shrunk.crank", script);
  if (!read) return read.error().detail;
  lab::Play play(std::move(*read));
  while (!play.done()) {
    const lab::Scene scene = play.next();
    if (scene.outcome.error) return scene.outcome.error->detail;
  }
  return play.held() == 1 ? "" : "it expects nothing";
}

TEST(Hunt, AShrunkRunIsAScriptThatBreaksTheSameClaim) {
  for (const char* quirk : {"auth_ops_skip_ci_save", "mvcc_restore_ignores_lone_tombstone"}) {
    const HuntOptions options = with(quirk, 200'000);
    const Hunter hunter = hunted(options, 2);
    ASSERT_TRUE(hunter.found());
    const Story whole = story_of(hunter.trial());
    ASSERT_EQ(length_of(whole), hunter.steps());

    const Story story = shrink(whole, 500'000);

    EXPECT_EQ(story.found.claim, hunter.found()->claim);
    EXPECT_LT(length_of(story), length_of(whole) / 2);
    const std::string script = script_of(story, cluster_line(options, story.config));
    EXPECT_EQ(stopped_by(script), "") << script;
  }
}

TEST(Hunt, TheSameSeedIsTheSameRun) {
  const HuntOptions options = with("compact_drops_tombstone_at_rev", 3'000);
  const Hunter one = hunted(options, 7);
  const Hunter other = hunted(options, 7);
  EXPECT_EQ(one.steps(), other.steps());
  EXPECT_EQ(one.world().digest(), other.world().digest());
}

TEST(Hunt, WhatCannotBeIsRefused) {
  HuntOptions options;
  options.quirks = "no_such_quirk";
  EXPECT_FALSE(config_of(options, 1));
  options.quirks = "auth_ops_skip_ci_save";
  options.release = "v3.6.0";
  EXPECT_FALSE(config_of(options, 1));
}

}  // namespace
}  // namespace orrery::hunt
