#include "raft/progress.h"

#include <algorithm>

#include "base/text.h"

namespace orrery::raft {

bool Progress::is_paused() const {
  switch (state) {
    case ProgressState::Probe:
    case ProgressState::Replicate: return flow_paused;
    case ProgressState::Snapshot: return true;
  }
  return true;
}

void Progress::reset(ProgressState to) {
  state = to;
  flow_paused = false;
  pending_snapshot = Index(0);
  inflights.reset();
}

void Progress::become_probe() {
  // After a snapshot that went through, the guess starts behind it.
  const Index after_snapshot = pending_snapshot + 1;
  const bool had_snapshot = state == ProgressState::Snapshot;
  reset(ProgressState::Probe);
  next = had_snapshot ? std::max(match + 1, after_snapshot) : match + 1;
  sent_commit = std::min(sent_commit, next - 1);
}

void Progress::become_replicate() {
  reset(ProgressState::Replicate);
  next = match + 1;
}

void Progress::become_snapshot(Index snapshot) {
  reset(ProgressState::Snapshot);
  pending_snapshot = snapshot;
  next = snapshot + 1;
  sent_commit = snapshot;
}

void Progress::sent_entries(std::uint64_t count, std::uint64_t bytes) {
  switch (state) {
    case ProgressState::Replicate:
      if (count > 0) {
        next += count;
        inflights.add(next - 1, bytes);
      }
      // A message that fills the window, or finds it full, is the last until something is heard.
      flow_paused = inflights.full();
      return;
    case ProgressState::Probe:
      // An empty append does not count as the probe.
      if (count > 0) flow_paused = true;
      return;
    case ProgressState::Snapshot: check(false, "no append is sent while a snapshot is pending");
  }
}

bool Progress::maybe_update(Index acked) {
  if (acked <= match) return false;
  match = acked;
  next = std::max(next, acked + 1);
  flow_paused = false;
  return true;
}

bool Progress::maybe_decrease(Index rejected, Index hint) {
  if (state == ProgressState::Replicate) {
    // What is known to match cannot be refused: the answer is older than that knowledge.
    if (rejected <= match) return false;
    next = match + 1;
    sent_commit = std::min(sent_commit, next - 1);
    return true;
  }
  // A probe is one message at a time: an answer to any other one is outdated.
  if (next - 1 != rejected) return false;
  next = std::max(std::min(rejected, hint + 1), match + 1);
  sent_commit = std::min(sent_commit, next - 1);
  flow_paused = false;
  return true;
}

std::string_view to_text(ProgressState state) {
  switch (state) {
    case ProgressState::Probe: return "StateProbe";
    case ProgressState::Replicate: return "StateReplicate";
    case ProgressState::Snapshot: return "StateSnapshot";
  }
  return "";
}

std::string to_text(const Progress& progress) {
  std::string out = text("{} match={} next={}", to_text(progress.state), progress.match.value(),
                         progress.next.value());
  if (progress.is_learner) out += " learner";
  if (progress.is_paused()) out += " paused";
  if (progress.pending_snapshot > Index(0)) {
    out += text(" pendingSnap={}", progress.pending_snapshot.value());
  }
  if (!progress.recent_active) out += " inactive";
  if (progress.inflights.count() > 0) {
    out += text(" inflight={}", progress.inflights.count());
    if (progress.inflights.full()) out += "[full]";
  }
  return out;
}

std::string to_text(const ProgressMap& progress) {
  std::string out;
  for (const auto& [id, each] : progress) out += text("{}: {}\n", id.value(), to_text(each));
  return out;
}

}  // namespace orrery::raft
