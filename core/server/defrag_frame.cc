// A defragmentation, phase by phase.
// from: etcd server/storage/backend/backend.go (defrag, defragdb)
#include "base/check.h"
#include "base/text.h"
#include "server/context.h"

namespace orrery::server {
namespace {

using Phase = DefragFrame::Phase;

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
  frame.phase = Phase::Copy;
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
  frame.phase = Phase::Sync;
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
    case Phase::Lock: return "lock";
    case Phase::Commit: return "commit";
    case Phase::Copy: return "copy";
    case Phase::Sync: return "sync";
    case Phase::Rename: return "rename";
  }
  return "";
}

Readiness readiness(const Look& look, const DefragFrame& frame) {
  switch (frame.phase) {
    case Phase::Lock:
      return is_free(look, look.run.batch_tx, "the batch tx lock is free") ? kReady : kBlocked;
    case Phase::Commit: return frame.commit ? readiness(look, *frame.commit) : kReady;
    case Phase::Sync: return ready_at(frame.due);
    case Phase::Copy:
    case Phase::Rename: return kReady;
  }
  return kBlocked;
}

bool run(Context& context, DefragFrame& frame) {
  switch (frame.phase) {
    case Phase::Lock:
      acquire(context.run.batch_tx, LaneKind::Handler);
      frame.phase = Phase::Commit;
      return false;
    case Phase::Commit: commit(context, frame); return false;
    case Phase::Copy: copy(context, frame); return false;
    case Phase::Sync:
      must(context, context.member.edit_disk().fsync(kTmpPath), "sync the new file");
      frame.phase = Phase::Rename;
      return false;
    case Phase::Rename: rename(context, frame); return true;
  }
  return true;
}

}  // namespace orrery::server
