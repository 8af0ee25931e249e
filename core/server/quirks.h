// Quirks: etcd's historic defects, each one a switch of a member; and the releases that had them.
//   used by: member.h (ClusterPlan), life.cc (what they mean for store and watch), the apply and handler lanes,
//            sim (configuration, restart with another binary), lang (cluster --quirk, --preset), cli (quirks, hunt)
//   uses:    version.h, mvcc/rules.h, watch/quirks.h
//   ideas:   a set belongs to a member, as its release does: clusters of several binaries are the point. All off: etcd
//            as it should be. Each quirk is one condition at the place of the defect; the table says which releases had
//            it, which claim of core/check finds it, and what it needs and bars.
//   invariant: the enumerators keep their order, new ones go to the end: a set's bits are part of a world's digest.
//   from: etcd's issues, as each row names them; docs/museum.md
#pragma once

#include <array>
#include <cstdint>
#include <initializer_list>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "mvcc/rules.h"
#include "server/version.h"
#include "watch/quirks.h"

namespace orrery::server {

enum class Quirk : std::uint8_t {
  RestoreIgnoresLoneTombstone,
  AuthOpsSkipCiSave,
  LeaseRevokeWithoutRootToken,
  ApplyChecksLeasePerm,
  CompactDropsTombstoneAtRev,
  RestoreIgnoresScheduledCompact,
  CompactStopsAtGenerationEndingAtRev,
  WatchMinrevStaleWhenSynced,
  WatchRestoreLowersMinrev,
  ProgressForFutureWatch,
  WatchSyncMarksUncancelledCompacted,
  ProgressBypassesEventChannel,
  ProgressDeferredToNextEvent,
  WatchAcceptsRevMinusOne,
  StoreHashAfterInterruptedCompaction,
};

inline constexpr std::size_t kQuirks = 15;

// Which quirks a member has.
class QuirkSet {
 public:
  constexpr QuirkSet() = default;

  constexpr QuirkSet(std::initializer_list<Quirk> quirks) {
    for (const Quirk one : quirks) add(one);
  }

  constexpr bool has(Quirk one) const { return (bits_ & bit(one)) != 0; }

  constexpr bool empty() const { return bits_ == 0; }

  constexpr void add(Quirk one) { bits_ |= bit(one); }

  constexpr void add(const QuirkSet& more) { bits_ |= more.bits_; }

  constexpr void remove(Quirk one) { bits_ &= ~bit(one); }

  // In the table's order.
  std::vector<Quirk> list() const;

  template <class F>
  void fields(F&& f) const {
    f("bits", bits_);
  }
  friend bool operator==(const QuirkSet&, const QuirkSet&) = default;

 private:
  static constexpr std::uint64_t bit(Quirk one) {
    return std::uint64_t{1} << static_cast<unsigned>(one);
  }

  std::uint64_t bits_ = 0;
};

enum class Severity : std::uint8_t {
  Critical,  // data diverge or are lost, and nobody is told
  High,      // a promise of the API is broken
  Medium,    // a crash, a false alarm, something that does not end
};

std::string_view to_text(Severity severity);

// The patch releases of one line that had it: from <= patch < until.
struct Releases {
  Version line = Version::V3_4;
  int from = 0;
  int until =
      0;  // kOpen = mended nowhere yet; equal to `from` = none, the line stands in for an older one
};

inline constexpr int kOpen = 1'000'000;

struct QuirkRow {
  Quirk quirk;
  std::string_view name;
  std::string_view card;   // in the museum: "A1"
  std::string_view issue;  // "#19179"
  std::string_view fix;    // "#19188"
  Severity severity;
  std::string_view affected;        // releases, in words
  std::string_view claim;           // the check of core/check that finds it; empty = none does
  std::string_view sentence;        // what it does, in one
  std::span<const Releases> lines;  // where it can be switched on
  QuirkSet needs;                   // come with it
  QuirkSet bars;                    // cannot stand beside it
};

std::span<const QuirkRow> quirk_table();
const QuirkRow& row_of(Quirk quirk);
std::string_view to_text(Quirk quirk);
// Names with commas between; empty = none.
std::string to_text(const QuirkSet& quirks);

// Names with commas between, or "none". Errors: an unknown name, with the nearest one.
Result<QuirkSet> parse_quirks(std::string_view names);
// With what each of them needs. Errors: two that bar each other.
Result<QuirkSet> with_needs(QuirkSet quirks);
// Can a member of this release line have them? Errors: one that it cannot, and which lines can.
Result<void> check_fits(const QuirkSet& quirks, Version version);
// The newest line that can have all of them. Errors: there is none.
Result<Version> fitting_version(const QuirkSet& quirks);

// A release with the defects it had; each member has its own where several releases meet.
struct Preset {
  Version version = Version::V3_6;
  std::vector<QuirkSet> members;  // n1 first
};

// "v3.4.23" or any other release of 3.4, 3.5 and 3.6, "mixed-3.2-3.3", "fixed". Errors: another name.
Result<Preset> preset_of(std::string_view name, std::uint32_t members);
// Those that are worth a name in a list.
std::span<const std::string_view> preset_names();

// "v3.6.0", "3.6": the release line counts. Errors: another line.
Result<Version> parse_release(std::string_view word);

// What they mean inside the store, and inside watch.
mvcc::Rules store_rules(const QuirkSet& quirks);
watch::WatchQuirks watch_quirks(const QuirkSet& quirks);

}  // namespace orrery::server
