// The table of quirks: facts of the museum's cards.
#include <array>

#include "server/quirks.h"

namespace orrery::server {
namespace {

using enum Severity;
using enum Version;

// -- which releases had it: facts of the museum's cards

constexpr std::array kLoneTombstone{Releases{V3_4, 34, 36}, Releases{V3_5, 16, 18}};
constexpr std::array kSkipCiSave{Releases{V3_4, 0, 8}};
constexpr std::array kOfOlderLines{Releases{V3_4, 0, 0}};
constexpr std::array kDropsTombstone{Releases{V3_4, 0, 34}, Releases{V3_5, 0, 16}};
constexpr std::array kIgnoresScheduled{Releases{V3_4, 0, 32}, Releases{V3_5, 0, 14}};
constexpr std::array kStopsAtGeneration{Releases{V3_4, 34, kOpen}, Releases{V3_5, 16, kOpen},
                                        Releases{V3_6, 0, kOpen}};
constexpr std::array kStaleMinrev{Releases{V3_4, 0, 25}, Releases{V3_5, 0, 8}};
constexpr std::array kLowersMinrev{Releases{V3_4, 0, 38}, Releases{V3_5, 0, 22},
                                   Releases{V3_6, 0, 2}};
constexpr std::array kMarksUncancelled{Releases{V3_4, 0, 31}, Releases{V3_5, 0, 13}};
constexpr std::array kBypassesChannel{Releases{V3_4, 0, 25}, Releases{V3_5, 0, 8}};
constexpr std::array kDefersProgress{Releases{V3_4, 25, 31}, Releases{V3_5, 8, 13}};
constexpr std::array kMinusOne{Releases{V3_4, 0, 38}, Releases{V3_5, 0, 24}, Releases{V3_6, 0, 6}};
constexpr std::array kInterruptedHash{Releases{V3_5, 5, 10}};

constexpr std::array kTable{
    QuirkRow{Quirk::RestoreIgnoresLoneTombstone,
             "mvcc_restore_ignores_lone_tombstone",
             "A1",
             "#19179",
             "#19188",
             Critical,
             "3.4.34 to 3.4.35, 3.5.16 to 3.5.17",
             "WatchResumable",
             "A restart skips a tombstone whose key it has not met; the compaction that goes on "
             "then deletes it, and a watch from that revision never hears of the deletion.",
             kLoneTombstone,
             {},
             {Quirk::CompactDropsTombstoneAtRev}},
    QuirkRow{Quirk::AuthOpsSkipCiSave,
             "auth_ops_skip_ci_save",
             "A2",
             "#11651",
             "#11652",
             Critical,
             "3.0 to 3.3.20, 3.4.0 to 3.4.7",
             "CiCoupled",
             "Changes of users and roles reach the file without the consistent index, so a restart "
             "applies them twice: the auth revision grows on that member alone, and it refuses "
             "writes that the others take.",
             kSkipCiSave,
             {},
             {}},
    QuirkRow{
        Quirk::LeaseRevokeWithoutRootToken,
        "lease_revoke_without_root_token",
        "A3",
        "#11689",
        "#11691",
        Critical,
        "3.2.0 to 3.2.30",
        "StateEq",
        "A member of 3.2 proposes the end of a lease in nobody's name, and ends leases without "
        "asking who wants it.",
        kOfOlderLines,
        {},
        {}},
    QuirkRow{Quirk::ApplyChecksLeasePerm,
             "apply_checks_lease_perm",
             "A3",
             "#11689",
             "#11691",
             Critical,
             "3.3 and later, beside 3.2",
             "StateEq",
             "A member of 3.3 asks, when it applies the end of a lease, whether its keys may be "
             "deleted; beside members that do not ask, the same entry has two outcomes.",
             kOfOlderLines,
             {},
             {}},
    QuirkRow{Quirk::CompactDropsTombstoneAtRev,
             "compact_drops_tombstone_at_rev",
             "B1",
             "#18089",
             "#18274",
             High,
             "3.4.33 and before, 3.5.15 and before",
             "WatchResumable",
             "A compaction at the revision of a deletion removes the tombstone too: a watch from "
             "that revision, which is not refused, misses the deletion.",
             kDropsTombstone,
             {},
             {Quirk::RestoreIgnoresLoneTombstone, Quirk::CompactStopsAtGenerationEndingAtRev}},
    QuirkRow{Quirk::RestoreIgnoresScheduledCompact,
             "restore_ignores_scheduled_compact",
             "B2",
             "#17780",
             "#17815",
             Critical,
             "3.4.31 and before, 3.5.13 and before",
             "RevMonotone",
             "A restart takes the current revision from the rows that are left; where a compaction "
             "had removed the newest ones before a crash, revisions are given out twice.",
             kIgnoresScheduled,
             {Quirk::CompactDropsTombstoneAtRev},
             {}},
    QuirkRow{
        Quirk::CompactStopsAtGenerationEndingAtRev,
        "compact_stops_at_generation_ending_at_rev",
        "B3",
        "#22376",
        "PR #22377",
        Critical,
        "3.4.34 and later, 3.5.16 and later, 3.6",
        "WatchResumable",
        "A compaction stops at the generation that ends at its revision and deletes the row of "
        "a key that was created again in that very revision.",
        kStopsAtGeneration,
        {},
        {Quirk::CompactDropsTombstoneAtRev}},
    QuirkRow{Quirk::WatchMinrevStaleWhenSynced,
             "watch_minrev_stale_when_synced",
             "B10",
             "#15271",
             "#15492",
             High,
             "3.4.24 and before, 3.5.7 and before",
             "WatchUnique",
             "What a watcher was told does not move its next revision, so an installed snapshot "
             "makes it hear old events again.",
             kStaleMinrev,
             {},
             {}},
    QuirkRow{
        Quirk::WatchRestoreLowersMinrev,
        "watch_restore_lowers_minrev",
        "B11",
        "#20221",
        "#20281",
        High,
        "3.4.37, 3.5.21, 3.6.1 and before",
        "WatchFilter",
        "After a snapshot was installed, a watch that begins in the future hears of what comes "
        "before its beginning.",
        kLowersMinrev,
        {},
        {}},
    QuirkRow{Quirk::ProgressForFutureWatch,
             "progress_for_future_watch",
             "B11",
             "#20221",
             "#20229",
             High,
             "3.4.37, 3.5.21, 3.6.1 and before",
             "WatchBookmarkable",
             "A watch that begins in the future is told of progress below its beginning.",
             kLowersMinrev,
             {},
             {}},
    QuirkRow{Quirk::WatchSyncMarksUncancelledCompacted,
             "watch_sync_marks_uncancelled_compacted",
             "B12",
             "#17529",
             "#17555",
             High,
             "3.4.30 and before, 3.5.12 and before",
             "WatchResumable",
             "A watcher behind a compaction whose channel is full counts as having caught up: no "
             "events, and no word of the compaction.",
             kMarksUncancelled,
             {},
             {}},
    QuirkRow{Quirk::ProgressBypassesEventChannel,
             "progress_bypasses_event_channel",
             "B13",
             "#15220",
             "#15237",
             High,
             "3.4.24 and before, 3.5.7 and before",
             "WatchBookmarkable",
             "Progress that was asked for overtakes the events it speaks of.",
             kBypassesChannel,
             {},
             {Quirk::ProgressDeferredToNextEvent}},
    QuirkRow{
        Quirk::ProgressDeferredToNextEvent,
        "progress_deferred_to_next_event",
        "B13",
        "#17507",
        "#17557",
        High,
        "3.4.25 to 3.4.30, 3.5.8 to 3.5.12",
        "",
        "Progress that cannot be given at once waits for the next event, which may never come.",
        kDefersProgress,
        {},
        {Quirk::ProgressBypassesEventChannel}},
    QuirkRow{Quirk::WatchAcceptsRevMinusOne,
             "watch_accepts_rev_minus_one",
             "B14",
             "#20693",
             "#20707",
             High,
             "3.4.37, 3.5.23, 3.6.5 and before",
             "WatchResumable",
             "One watch from revision -1 makes the scan for all watchers chosen with it come back "
             "empty.",
             kMinusOne,
             {},
             {}},
    QuirkRow{Quirk::StoreHashAfterInterruptedCompaction,
             "store_hash_after_interrupted_compaction",
             "B27",
             "#15919",
             "#15985",
             Medium,
             "3.5.5 to 3.5.9",
             "HashesAgree",
             "A compaction that goes on after a restart keeps a hash of the rows that were left, "
             "and the members' comparison raises a false alarm.",
             kInterruptedHash,
             {},
             {}},
};

static_assert(kTable.size() == kQuirks);

}  // namespace

std::span<const QuirkRow> quirk_table() {
  return kTable;
}

const QuirkRow& row_of(Quirk quirk) {
  return kTable.at(static_cast<std::size_t>(quirk));
}

}  // namespace orrery::server
