// A defragmentation, phase by phase.
// from: etcd server/storage/backend/backend.go (defrag, defragdb)
#include "base/check.h"
#include "base/text.h"
#include "server/context.h"

namespace orrery::server {
namespace {

using DefragPhase = DefragFrame::Phase;

constexpr std::string_view kTmpPath = "member/snap/db.tmp.1";

void must(const Context& context, const Result<void>& done, std::string_view what) {
  if (!done) context.step.panic(text("defragment: {}: {}", what, done.error().detail));
}

void write(Context& context, const backend::PageWrite& page) {
  must(context, context.member.edit_disk().write_block(kTmpPath, page.page.value(), page.bytes),
       "write page");
}

// The new file begins as every bbolt file does, with two meta pages.
void begin_copy(Context& context, DefragFrame& frame) {
  auto work = backend::Defrag::begin(context.run.backend);
  if (!work) context.step.panic("defragment: " + work.error().detail);
  frame.work = std::move(*work);
  must(context, context.member.edit_disk().create(kTmpPath), "create the new file");
  std::uint64_t number = 0;
  for (const Blob& page : backend::Backend::initial_pages()) {
    write(context, {.page = backend::PageId(number++), .bytes = page});
  }
  frame.phase = DefragPhase::Copy;
}

void copy(Context& context, DefragFrame& frame) {
  frame.work.copy_chunk(context.run.backend);
  backend::Backend& target = frame.work.target();
  target.end_tx();
  const backend::CommitPlan plan = target.begin_commit();
  for (const backend::PageWrite& page : plan.data) write(context, page);
  write(context, plan.meta);
  target.finish_commit();
  if (!frame.work.done()) return;
  frame.due = context.step.now() + context.step.timing().fsync_latency.value();
  frame.phase = DefragPhase::Sync;
}

void commit(Context& context, DefragFrame& frame) {
  if (!frame.commit) frame.commit = CommitFrame{};
  if (!run(context, *frame.commit)) return;
  frame.commit.reset();
  begin_copy(context, frame);
}

void rename(Context& context, DefragFrame& frame) {
  disk::Disk& disk = context.member.edit_disk();
  must(context, disk.rename(kTmpPath, kDbPath), "rename");
  disk.sync_dir(kSnapDir);
  context.run.backend = frame.work.take_target();
  release_batch_tx(context);
}

}  // namespace

std::string_view to_text(DefragFrame::Phase phase) {
  switch (phase) {
    case DefragPhase::Lock: return "lock";
    case DefragPhase::Commit: return "commit";
    case DefragPhase::Copy: return "copy";
    case DefragPhase::Sync: return "sync";
    case DefragPhase::Rename: return "rename";
  }
  return "";
}

Readiness readiness(const Look& look, const DefragFrame& frame) {
  switch (frame.phase) {
    case DefragPhase::Lock:
      return is_free(look, look.run.batch_tx, "the batch tx lock is free") ? kReady : kBlocked;
    case DefragPhase::Commit: return frame.commit ? readiness(look, *frame.commit) : kReady;
    case DefragPhase::Sync: return ready_at(frame.due);
    case DefragPhase::Copy:
    case DefragPhase::Rename: return kReady;
  }
  return kBlocked;
}

bool run(Context& context, DefragFrame& frame) {
  switch (frame.phase) {
    case DefragPhase::Lock:
      acquire(context.run.batch_tx, LaneKind::Handler);
      frame.phase = DefragPhase::Commit;
      return false;
    case DefragPhase::Commit: commit(context, frame); return false;
    case DefragPhase::Copy: copy(context, frame); return false;
    case DefragPhase::Sync:
      must(context, context.member.edit_disk().fsync(kTmpPath), "sync the new file");
      frame.phase = DefragPhase::Rename;
      return false;
    case DefragPhase::Rename: rename(context, frame); return true;
  }
  return true;
}

}  // namespace orrery::server
