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
    Row{"raftBeforeSave", "raft", "wal-write"},
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
    Row{"beforeSyncWatchers", "sync-watchers", "choose"},
    Row{"beforeMoveVictims", "sync-victims", "take"},
    Row{"beforeSendWatchResponse", "stream-send", "response"},
};

constexpr std::array<std::pair<std::string_view, std::string_view>, 46> kPhases{{
    {"node", "tick"},
    {"raft", "take-ready"},
    {"raft", "leader-send"},
    {"raft", "wal-write"},
    {"raft", "wal-sync"},
    {"raft", "wal-cut"},
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
    {"stream-recv", "request"},
    {"stream-send", "response"},
}};

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
    case Also::Normal: return !next_is_conf_change(run.apply);
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
