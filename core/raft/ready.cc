// Raft::has_ready, take_ready, advance: from the state to what must be done, and back.
#include "raft/ready.h"

#include <algorithm>
#include <iterator>
#include <utility>

#include "base/check.h"
#include "raft/raft.h"
#include "raft/step.h"

namespace orrery::raft {

namespace {

// The report that everything handed out so far is on disk: the last entry of the log names it all. Nothing = there
// is nothing to report.
std::optional<Written> when_written(const State& raft, const Ready& ready) {
  const bool has_entries = raft.log.unstable().size() > 0;
  if (!has_entries && ready.snapshot.empty()) return std::nullopt;
  return Written{raft.term, has_entries ? raft.log.last_entry() : EntryId{}, ready.snapshot.index};
}

Message append_done(const State& raft, const Ready& ready, const Written& written) {
  Message m;
  m.type = MessageType::StorageAppendResp;
  m.to = raft.id();
  m.from = kAppendThread;
  m.term = written.term;
  m.index = written.last.index;
  m.log_term = written.last.term;
  m.snapshot = ready.snapshot;
  return m;
}

Message apply_done(const State& raft, const Ready& ready) {
  Message m;
  m.type = MessageType::StorageApplyResp;
  m.to = raft.id();
  m.from = kApplyThread;
  m.entries = ready.committed_entries;
  return m;
}

Message storage_append(State& raft, const Ready& ready) {
  Message m;
  m.type = MessageType::StorageAppend;
  m.to = kAppendThread;
  m.from = raft.id();
  m.entries = ready.entries;
  if (ready.hard_state) {
    m.term = ready.hard_state->term;
    m.vote = ready.hard_state->vote;
    m.commit = ready.hard_state->commit;
  }
  m.snapshot = ready.snapshot;
  m.responses = std::exchange(raft.after_append, {});
  if (const auto written = when_written(raft, ready)) {
    m.responses.push_back(append_done(raft, ready, *written));
  }
  return m;
}

Message storage_apply(const State& raft, const Ready& ready) {
  Message m;
  m.type = MessageType::StorageApply;
  m.to = kApplyThread;
  m.from = raft.id();
  m.entries = ready.committed_entries;
  m.responses.push_back(apply_done(raft, ready));
  return m;
}

}  // namespace

bool Raft::has_ready() const {
  const Log& log = state_.log;
  return !state_.messages.empty() || !state_.after_append.empty() ||
         log.unstable().has_next_entries() || log.unstable().has_next_snapshot() ||
         log.has_next_committed_entries(applies_unstable()) || !state_.read_states.empty() ||
         soft_state() != last_soft_state_ ||
         (!hard_state().empty() && hard_state() != last_hard_state_);
}

Ready Raft::take_ready() {
  check(!is_advance_due(), "a Ready is advanced before the next one is taken");
  Ready ready;
  Log& log = state_.log;
  const raftpb::HardState now = hard_state();
  ready.entries = log.unstable().next_entries();
  ready.committed_entries = log.next_committed_entries(applies_unstable());
  if (soft_state() != last_soft_state_) ready.soft_state = last_soft_state_ = soft_state();
  // Entries, term and vote are promises to others; the commit index can be found out again.
  ready.must_sync = !ready.entries.empty() || now.term != last_hard_state_.term ||
                    now.vote != last_hard_state_.vote;
  if (now != last_hard_state_ && !now.empty()) ready.hard_state = last_hard_state_ = now;
  if (const auto* snapshot = log.unstable().next_snapshot()) ready.snapshot = *snapshot;
  ready.read_states = std::exchange(state_.read_states, {});
  ready.messages = std::exchange(state_.messages, {});
  if (state_.config.async_storage_writes) {
    add_storage_messages(ready);
  } else {
    schedule_own_answers(ready);
  }
  log.accept_unstable();
  if (!ready.committed_entries.empty()) {
    const std::uint64_t bytes =
        due_.applied ? due_.applied->encoded_bytes : encoded_bytes(ready.committed_entries);
    log.accept_applying(ready.committed_entries.back().index, bytes, applies_unstable());
  }
  return ready;
}

void Raft::add_storage_messages(Ready& ready) {
  const bool writes = !ready.entries.empty() || ready.hard_state || !ready.snapshot.empty() ||
                      !state_.after_append.empty();
  if (writes) ready.messages.push_back(storage_append(state_, ready));
  if (!ready.committed_entries.empty()) ready.messages.push_back(storage_apply(state_, ready));
}

// What waits for the disk goes out with this Ready, after its writes; what is for ourselves is delivered by advance().
void Raft::schedule_own_answers(Ready& ready) {
  std::vector<Message>& waiting = state_.after_append;
  const auto is_own = [this](const Message& m) { return m.to == id(); };
  if (ready.messages.empty() && std::ranges::none_of(waiting, is_own)) {
    ready.messages.swap(waiting);
  }
  for (Message& m : waiting) {
    (is_own(m) ? due_.answers : ready.messages).push_back(std::move(m));
  }
  waiting.clear();
  due_.written = when_written(state_, ready);
  if (!ready.committed_entries.empty()) due_.applied = applied_of(ready.committed_entries);
}

void Raft::advance(const Io& io) {
  check(!state_.config.async_storage_writes, "asynchronous storage answers by messages");
  for (const Message& m : due_.answers) static_cast<void>(raft::step(state_, io, m));
  if (due_.written) on_written(state_, io, *due_.written);
  if (due_.applied) on_applied(state_, io, *due_.applied);
  due_.answers.clear();
  due_.written.reset();
  due_.applied.reset();
}

}  // namespace orrery::raft
