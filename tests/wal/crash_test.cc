// Random saving, crashing and opening again: what was synced is there, and nothing was invented.
#include <gtest/gtest.h>

#include "base/text.h"
#include "tests/wal/log_bench.h"

namespace orrery::wal {
namespace {

class CrashingLog {
 public:
  explicit CrashingLog(std::uint64_t seed)
      : random_{.seed = seed}, log_(300 + random_.upto(3000)) {}

  void save_something() {
    const auto& known = log_.contents.back().entries;
    // Sometimes a new leader overwrites an uncommitted end.
    const bool overwrite = !known.empty() && random_.upto(6) == 0;
    if (overwrite || random_.upto(8) == 0) ++term_;
    std::uint64_t index = known.size() + 1;
    if (overwrite) index = known.size() - random_.upto(std::min<std::uint64_t>(known.size(), 3));
    std::vector<raftpb::Entry> entries;
    for (std::uint64_t i = random_.upto(4); i > 0; --i) {
      entries.push_back(entry(term_, index++, Bytes(random_.upto(900), 'x')));
    }
    const auto commit = random_.upto(3) == 0 ? 0 : random_.upto(index);
    const auto hard_state =
        random_.upto(3) == 0 ? state(term_, 1 + random_.upto(3), commit) : raftpb::HardState{};
    next_ = log_.write(entries, hard_state);
  }

  // The phases that the write asked for, or only some of them.
  void go_on(bool to_the_end) {
    if (next_ == Next::Sync && to_the_end) log_.sync();
    if (next_ != Next::Cut) return;
    CutPhase phase = CutPhase::CloseTail;
    while (phase != CutPhase::Done && (to_the_end || random_.upto(6) != 0)) {
      phase = *log_.wal.cut(log_.disk, phase);
      if (phase > CutPhase::SyncTail) log_.all_durable();
    }
  }

  void crash_and_open() {
    disk::Survivors survivors;
    survivors.names = static_cast<std::uint32_t>(random_.upto(4));
    survivors.writes = random_keep();
    log_.disk.crash(survivors);
    auto opened = log_.reopen();
    ASSERT_TRUE(opened.has_value()) << to_text(survivors) << ": " << opened.error().detail;
    const int prefix = log_.prefix_of(*opened);
    ASSERT_GE(prefix, static_cast<int>(log_.durable)) << to_text(survivors);
    EXPECT_EQ(opened->metadata, some_metadata());
    // What was lost never happened.
    log_.contents.resize(static_cast<std::size_t>(prefix) + 1);
    log_.durable = 0;  // found on the disk, but not synced: another crash at once may lose it
    log_.wal = opened->wal;
    term_ = std::max(term_, opened->hard_state.term.value());
  }

 private:
  disk::Keep random_keep() {
    switch (random_.upto(4)) {
      case 0: return disk::KeepNone{};
      case 1: return disk::KeepAll{};
      case 2: return disk::KeepTorn{static_cast<std::uint32_t>(random_.upto(8))};
      default: break;
    }
    disk::KeepChosen chosen;
    for (std::uint32_t piece = 0; piece < 16; ++piece) {
      if (random_.upto(2) == 0) chosen.pieces.push_back(piece);
    }
    return chosen;
  }

  Random random_;
  LogBench log_;
  std::uint64_t term_ = 1;
  Next next_ = Next::Done;
};

TEST(WalCrash, SyncedRecordsSurviveAndNoneIsInvented) {
  for (std::uint64_t seed = 1; seed <= 150; ++seed) {
    CrashingLog log(seed);
    Random random{.seed = seed, .counter = 1'000'000};
    for (int i = 0; i < 60; ++i) {
      log.save_something();
      const bool crash = random.upto(5) == 0;
      log.go_on(!crash || random.upto(2) == 0);
      if (crash) log.crash_and_open();
      if (testing::Test::HasFatalFailure()) FAIL() << "seed " << seed << " step " << i;
    }
  }
}

TEST(WalCrash, ACutMayBeInterruptedAnywhere) {
  for (int phases = 0; phases <= 6; ++phases) {
    for (const bool keep : {false, true}) {
      LogBench log(1);
      ASSERT_EQ(log.write({entry(1, 1, "a")}, state(1, 1, 1)), Next::Cut);
      CutPhase phase = CutPhase::CloseTail;
      for (int i = 0; i < phases; ++i) phase = *log.wal.cut(log.disk, phase);

      disk::Survivors survivors;
      if (keep) survivors.writes = disk::KeepAll{};
      log.disk.crash(survivors);
      auto opened = log.reopen();

      ASSERT_TRUE(opened.has_value()) << phases << ": " << opened.error().detail;
      const bool synced = phases >= 2 || (keep && phases >= 1);
      EXPECT_EQ(opened->entries.size(), synced ? 1U : 0U) << phases;
      EXPECT_EQ(opened->wal.tail_path() != kFirst, phases == 6 || (phases == 5 && keep)) << phases;
      log.wal = opened->wal;
      log.finish(log.write({entry(2, opened->entries.size() + 1, "b")}, state(2, 1, 1)));
      EXPECT_EQ(log.reopen()->entries.back(), entry(2, opened->entries.size() + 1, "b"));
    }
  }
}

}  // namespace
}  // namespace orrery::wal
