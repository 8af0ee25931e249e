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

// The report that everything handed out so far is on disk: the last entry of the log names it all.
Message append_done(const State& raft, const Ready& ready) {
  Message m;
  m.type = MessageType::StorageAppendResp;
  m.to = raft.id();
  m.from = kAppendThread;
  m.term = raft.term;
  if (raft.log.unstable().size() > 0) {
    const EntryId last = raft.log.last_entry();
    m.index = last.index;
    m.log_term = last.term;
  }
  m.snapshot = ready.snapshot;
  return m;
}

bool needs_append_done(const State& raft, const Ready& ready) {
  return raft.log.unstable().size() > 0 || !ready.snapshot.empty();
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
  if (needs_append_done(raft, ready)) m.responses.push_back(append_done(raft, ready));
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
  check(on_advance_.empty(), "a Ready is advanced before the next one is taken");
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
    log.accept_applying(ready.committed_entries.back().index,
                        encoded_bytes(ready.committed_entries), applies_unstable());
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
  for (Message& m : std::exchange(state_.after_append, {})) {
    (m.to == id() ? on_advance_ : ready.messages).push_back(std::move(m));
  }
  if (needs_append_done(state_, ready)) on_advance_.push_back(append_done(state_, ready));
  if (!ready.committed_entries.empty()) on_advance_.push_back(apply_done(state_, ready));
}

void Raft::advance(const Io& io) {
  check(!state_.config.async_storage_writes, "asynchronous storage answers by messages");
  for (const Message& m : std::exchange(on_advance_, {})) {
    static_cast<void>(raft::step(state_, io, m));
  }
}

}  // namespace orrery::raft
