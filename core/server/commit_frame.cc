// The backend commit, phase by phase.
// from: etcd server/storage/backend/batch_tx.go (commit), server/etcdserver/cindex (OnPreCommitUnsafe); bbolt tx.go
#include "base/big_endian.h"
#include "base/check.h"
#include "base/text.h"
#include "server/context.h"

namespace orrery::server {
namespace {

using CommitPhase = CommitFrame::Phase;

std::string json_list(const std::vector<NodeId>& ids) {
  std::string out;
  for (const NodeId id : ids) out += text("{}{}", out.empty() ? "" : ",", id.value());
  return "[" + out + "]";
}

// As Go's encoding/json writes raftpb.ConfState.
std::string to_json(const raftpb::ConfState& state) {
  std::string out = "{\"voters\":" + json_list(state.voters);
  if (!state.learners.empty()) out += ",\"learners\":" + json_list(state.learners);
  if (!state.voters_outgoing.empty()) {
    out += ",\"voters_outgoing\":" + json_list(state.voters_outgoing);
  }
  if (!state.learners_next.empty()) out += ",\"learners_next\":" + json_list(state.learners_next);
  return out + (state.auto_leave ? ",\"auto_leave\":true}" : ",\"auto_leave\":false}");
}

// From 3.5 on: consistent index and data reach the file in one transaction, never one without the other. 3.4 has no
// hook: there the index is part of the transactions that write keys or auth data (save_consistent_index).
void pre_commit_hook(Context& context) {
  Running& run = context.run;
  const bool has_hook = context.member.plan().version != Version::V3_4;
  if (has_hook && run.consistent > run.consistent_in_tx) {
    save_consistent_index(context);
    run.backend.put(backend::Bucket::Meta, "term", Blob(big_endian(run.consistent_term.value())));
    if (!run.conf_state.voters.empty()) {
      run.backend.put(backend::Bucket::Meta, "confState", Blob(to_json(run.conf_state)));
    }
  }
  run.backend.end_tx();
}

void must(Context& context, const Result<void>& done, std::string_view what) {
  if (!done) context.step.panic(text("cannot commit tx: {}: {}", what, done.error().detail));
}

void write_pages(Context& context, const CommitFrame& frame) {
  disk::Disk& disk = context.member.edit_disk();
  for (const backend::PageWrite& page : frame.plan.data) {
    must(context, disk.write_block(kDbPath, page.page.value(), page.bytes), "write page");
  }
}

}  // namespace

void save_consistent_index(Context& context) {
  Running& run = context.run;
  run.backend.put(backend::Bucket::Meta, "consistent_index",
                  Blob(big_endian(run.consistent.value())));
  run.consistent_in_tx = run.consistent;
}

std::string_view to_text(CommitFrame::Phase phase) {
  switch (phase) {
    case CommitPhase::Hook: return "hook";
    case CommitPhase::WritePages: return "write-pages";
    case CommitPhase::SyncPages: return "sync-pages";
    case CommitPhase::WriteMeta: return "write-meta";
    case CommitPhase::SyncMeta: return "sync-meta";
  }
  return "";
}

Readiness readiness(const Look& /*look*/, const CommitFrame& frame) {
  const bool syncing =
      frame.phase == CommitPhase::SyncPages || frame.phase == CommitPhase::SyncMeta;
  return syncing ? ready_at(frame.due) : kReady;
}

bool run(Context& context, CommitFrame& frame) {
  disk::Disk& disk = context.member.edit_disk();
  const Nanos synced = context.step.now() + context.step.timing().fsync_latency.value();
  switch (frame.phase) {
    case CommitPhase::Hook:
      pre_commit_hook(context);
      frame.plan = context.run.backend.begin_commit();
      frame.consistent = context.run.consistent_in_tx;
      frame.phase = CommitPhase::WritePages;
      return false;
    case CommitPhase::WritePages:
      write_pages(context, frame);
      frame.due = synced;
      frame.phase = CommitPhase::SyncPages;
      return false;
    case CommitPhase::SyncPages:
      must(context, disk.fsync(kDbPath), "sync pages");
      frame.phase = CommitPhase::WriteMeta;
      return false;
    case CommitPhase::WriteMeta:
      must(context, disk.write_block(kDbPath, frame.plan.meta.page.value(), frame.plan.meta.bytes),
           "write meta");
      frame.due = synced;
      frame.phase = CommitPhase::SyncMeta;
      return false;
    case CommitPhase::SyncMeta:
      must(context, disk.fsync(kDbPath), "sync meta");
      context.run.backend.finish_commit();
      context.run.consistent_on_disk = frame.consistent;
      return true;
  }
  return true;
}

}  // namespace orrery::server
