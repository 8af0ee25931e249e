#include "server/crash_points.h"

#include <algorithm>
#include <array>

#include "base/text.h"

namespace orrery::server {

namespace {

using Also = CrashPlace::Also;

struct Row {
  std::string_view name;
  std::string_view lane;
  std::string_view phase;
  Also also = Also::Nothing;
};

constexpr std::array kPoints{
    Row{"raftBeforeLeaderSend", "raft", "leader-send"},
    Row{"raftBeforeSaveSnap", "raft", "save-snap"},
    Row{"raftBeforeWALSaveSnaphot", "raft", "record-snap"},
    Row{"raftBeforeWALSaveSnaphot", "snapshot", "record"},
    Row{"raftAfterSaveSnap", "raft", "wal-write", Also::WithSnapshot},
    Row{"raftBeforeSave", "raft", "wal-write"},
    Row{"raftBeforeApplySnap", "raft", "store-snap"},
    Row{"raftAfterApplySnap", "raft", "release"},
    Row{"raftAfterWALRelease", "raft", "append", Also::WithSnapshot},
    Row{"walBeforeSync", "raft", "wal-sync"},
    Row{"walAfterSync", "raft", "append"},
    Row{"raftAfterSave", "raft", "append"},
    Row{"raftBeforeFollowerSend", "raft", "append", Also::Follower},
    Row{"raftBeforeAdvance", "raft", "advance"},
    Row{"beforeApplyOneEntryNormal", "apply", "begin", Also::Normal},
    Row{"beforeApplyOneConfChange", "apply", "begin", Also::ConfChange},
    Row{"beforeWritebackBuf", "apply", "end"},
    Row{"beforeWritebackBuf", "apply", "notify", Also::NobodyToTell},
    Row{"afterWritebackBuf", "apply", "applied"},
    Row{"commitBeforePreCommitHook", "commit", "hook"},
    Row{"commitBeforePreCommitHook", "commit", "idle"},
    Row{"commitAfterPreCommitHook", "commit", "write-pages"},
    Row{"beforeCommit", "commit", "write-pages"},
    Row{"compactBeforeCommitScheduledCompact", "apply", "commit: hook", Also::ForCompaction},
    Row{"compactAfterCommitScheduledCompact", "compact", "index-pass"},
    Row{"compactAfterAcquiredBatchTxLock", "compact", "batch"},
    Row{"compactBeforeCommitBatch", "compact", "commit: hook", Also::AfterBatch},
    Row{"compactAfterCommitBatch", "compact", "sleep"},
    Row{"compactBeforeSetFinishedCompact", "compact", "batch", Also::LastBatch},
    Row{"compactAfterSetFinishedCompact", "compact", "commit: hook", Also::AfterLastBatch},
    Row{"defragBeforeCopy", "handler", "defrag: copy"},
    Row{"defragBeforeRename", "handler", "defrag: rename"},
    Row{"applyBeforeOpenSnapshot", "apply", "install: rename"},
    Row{"applyAfterOpenSnapshot", "apply", "install: index"},
    Row{"beforeCheckpointInLeaseRenew", "handler", "renew"},
    Row{"beforeLookupWhenLeaseTimeToLive", "handler", "serve", Also::TimeToLive},
    Row{"beforePublishing", "node", "tick", Also::Publishes},
    Row{"beforeSyncWatchers", "sync-watchers", "choose"},
    Row{"beforeMoveVictims", "sync-victims", "take"},
    Row{"beforeSendWatchResponse", "stream-send", "response"},
};

constexpr auto kPhases = std::to_array<std::pair<std::string_view, std::string_view>>({
    {"node", "tick"},
    {"raft", "take-ready"},
    {"raft", "leader-send"},
    {"raft", "demote"},
    {"raft", "save-snap"},
    {"raft", "sync-snap"},
    {"raft", "record-snap"},
    {"raft", "sync-record"},
    {"raft", "wal-write"},
    {"raft", "wal-sync"},
    {"raft", "wal-cut"},
    {"raft", "sync-state"},
    {"raft", "store-snap"},
    {"raft", "release"},
    {"raft", "append"},
    {"raft", "advance"},
    {"apply", "begin"},
    {"apply", "take-tx"},
    {"apply", "change"},
    {"apply", "notify"},
    {"apply", "send-watch"},
    {"apply", "end"},
    {"apply", "commit"},
    {"apply", "applied"},
    {"apply", "wake"},
    {"apply", "install: rename"},
    {"apply", "install: open"},
    {"apply", "install: index"},
    {"apply", "install: lessor"},
    {"apply", "install: store"},
    {"apply", "install: alarms"},
    {"apply", "install: auth"},
    {"apply", "install: members"},
    {"apply", "install: finish"},
    {"apply", "decide"},
    {"apply", "commit-first"},
    {"apply", "await-snapshot"},
    {"apply", "commit-merge"},
    {"apply", "merge"},
    {"commit", "idle"},
    {"commit", "hook"},
    {"commit", "write-pages"},
    {"commit", "sync-pages"},
    {"commit", "write-meta"},
    {"commit", "sync-meta"},
    {"compact", "index-pass"},
    {"compact", "batch"},
    {"compact", "commit"},
    {"compact", "sleep"},
    {"sync-watchers", "choose"},
    {"sync-watchers", "scan"},
    {"sync-watchers", "send"},
    {"sync-victims", "take"},
    {"sync-victims", "retry"},
    {"sync-victims", "settle"},
    {"sync-victims", "put-back"},
    {"read", "send-read-index"},
    {"read", "wait-index"},
    {"read", "wait-applied"},
    {"read", "release"},
    {"handler", "admit"},
    {"handler", "propose"},
    {"handler", "wait-apply"},
    {"handler", "wait-read"},
    {"handler", "serve"},
    {"handler", "answer"},
    {"handler", "check-password"},
    {"handler", "confirm"},
    {"handler", "renew"},
    {"handler", "refresh"},
    {"handler", "snapshot-commit"},
    {"handler", "snapshot-send"},
    {"handler", "defrag: lock"},
    {"handler", "defrag: commit"},
    {"handler", "defrag: copy"},
    {"handler", "defrag: sync"},
    {"handler", "defrag: rename"},
    {"lease", "find"},
    {"lease", "revoke"},
    {"snapshot", "create"},
    {"snapshot", "write-file"},
    {"snapshot", "sync-file"},
    {"snapshot", "record"},
    {"snapshot", "sync-record"},
    {"snapshot", "release"},
    {"snapshot", "compact"},
    {"snap-receive", "write"},
    {"snap-receive", "sync"},
    {"snap-receive", "rename"},
    {"snap-receive", "process"},
    {"snap-receive", "reply"},
    {"snap-send", "settle"},
    {"purge", "purge"},
    {"versions", "ask"},
    {"versions", "decide"},
    {"corruption", "hash"},
    {"corruption", "judge"},
    {"stream-recv", "request"},
    {"stream-send", "response"},
});

bool finishes(const Running& run, const Timing& timing) {
  if (run.compact.jobs.empty()) return false;
  mvcc::Store store = run.store;
  backend::Backend backend = run.backend;
  mvcc::CompactionJob job = run.compact.jobs.front().job;
  const auto limit = static_cast<std::size_t>(timing.compaction_batch);
  return store.compact_batch(backend, job, limit).done;
}

bool nobody_to_tell(const Running& run) {
  watch::WatchStore watches = run.watches;
  const mvcc::WriteTxn& txn = run.apply.txn.txn;
  return watches.begin_notify(txn.revision(), mvcc::events_of(txn), Guards()).done();
}

bool next_is_conf_change(const ApplyLane& lane) {
  if (lane.jobs.empty()) return false;
  const auto& entries = lane.jobs.front()->entries;
  return lane.next_entry < entries.size() &&
         entries[lane.next_entry].type != raftpb::EntryType::Normal;
}

bool holds(const Member& member, Also also, const Timing& timing) {
  const Running& run = member.running();
  switch (also) {
    case Also::Nothing: return true;
    case Also::Follower: return !run.raft_lane.leader;
    case Also::NobodyToTell: return nobody_to_tell(run);
    case Also::LastBatch: return finishes(run, timing);
    case Also::AfterLastBatch: return run.compact.last_batch_done;
    case Also::AfterBatch: return !run.compact.last_batch_done;
    case Also::ForCompaction: return run.apply.schedules_compaction;
    case Also::ConfChange: return next_is_conf_change(run.apply);
    case Also::Normal: return !run.apply.jobs.empty() && !next_is_conf_change(run.apply);
    case Also::WithSnapshot: return !run.raft_lane.ready->snapshot.empty();
    case Also::TimeToLive:
      return std::ranges::any_of(run.handlers, [](const auto& row) {
        const auto* lease = std::get_if<rpc::LeaseRequest>(&row.second.request);
        return lease != nullptr && std::holds_alternative<rpc::LeaseTimeToLiveRequest>(*lease) &&
               row.second.phase == HandlerLane::Phase::Serve;
      });
    case Also::Publishes: {
      const rpc::Member* self = run.membership.find(member.id());
      return self != nullptr && self->name.empty();
    }
  }
  return false;
}

// The names, each once, without a place's own.
bool is_first(const Row& row) {
  const auto* first =
      std::ranges::find_if(kPoints, [&](const Row& one) { return one.name == row.name; });
  return first == &row;
}

bool is_in(const Member& member, const LaneId& lane, const CrashPlace& place,
           const Timing& timing) {
  constexpr std::string_view kCommit = "commit: ";
  const std::string position = position_of(member, lane);
  const bool in_commit = position.starts_with(kCommit);
  const bool of_lane = to_text(lane.kind) == place.lane;
  if (of_lane && (position == place.phase || (in_commit && place.phase == "commit"))) {
    return holds(member, place.also, timing);
  }
  return in_commit && place.lane == "commit" && position.substr(kCommit.size()) == place.phase &&
         holds(member, place.also, timing);
}

}  // namespace

std::vector<std::string> crash_point_names() {
  std::vector<std::string> out;
  for (const Row& row : kPoints) {
    if (is_first(row)) out.emplace_back(row.name);
  }
  for (const auto& [lane, phase] : kPhases) out.push_back(text("{}.{}", lane, phase));
  return out;
}

Result<CrashPoint> find_crash_point(std::string_view name) {
  CrashPoint point{.name = std::string(name), .places = {}};
  for (const Row& row : kPoints) {
    if (row.name != name) continue;
    point.places.push_back({std::string(row.lane), std::string(row.phase), row.also});
  }
  for (const auto& [lane, phase] : kPhases) {
    if (text("{}.{}", lane, phase) != name) continue;
    point.places.push_back({std::string(lane), std::string(phase), Also::Nothing});
  }
  if (!point.places.empty()) return point;
  std::string known;
  for (const std::string& one : crash_point_names()) known += (known.empty() ? "" : ", ") + one;
  return fail(Errc::WrongUse, text("there is no crash point {}; there are {}", name, known));
}

bool is_at(const Member& member, const LaneId& lane, const CrashPoint& point,
           const Timing& timing) {
  return member.up() && std::ranges::any_of(point.places, [&](const CrashPlace& place) {
           return is_in(member, lane, place, timing);
         });
}

}  // namespace orrery::server
