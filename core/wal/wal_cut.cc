// Going to a new segment, phase by phase.
#include "base/check.h"
#include "base/text.h"
#include "proto/raftpb_codec.h"
#include "wal/record.h"
#include "wal/wal.h"

namespace orrery::wal {

std::string_view to_text(CutPhase phase) {
  switch (phase) {
    case CutPhase::CloseTail: return "close tail";
    case CutPhase::SyncTail: return "fsync tail";
    case CutPhase::WriteHead: return "write head";
    case CutPhase::SyncHead: return "fsync head";
    case CutPhase::Rename: return "rename";
    case CutPhase::SyncDir: return "fsync directory";
    case CutPhase::Done: return "done";
  }
  return "unknown";
}

Result<CutPhase> Wal::cut(disk::Disk& disk, CutPhase phase) {
  Result<void> done;
  CutPhase next = CutPhase::Done;
  switch (phase) {
    case CutPhase::CloseTail:
      done = close_tail(disk);
      next = CutPhase::SyncTail;
      break;
    case CutPhase::SyncTail:
      done = sync(disk);
      next = CutPhase::WriteHead;
      break;
    case CutPhase::WriteHead:
      done = write_head(disk);
      next = CutPhase::SyncHead;
      break;
    case CutPhase::SyncHead:
      done = sync(disk);
      next = CutPhase::Rename;
      break;
    case CutPhase::Rename:
      done = rename_head(disk);
      next = CutPhase::SyncDir;
      break;
    case CutPhase::SyncDir:
      disk.sync_dir(place_->dir);
      done = prepare_next(disk);
      break;
    case CutPhase::Done: check(false, "a cut that is done is not continued");
  }
  if (!done) return fail(done.error());
  return next;
}

// The file of the next segment, preallocated under a name that no reader takes for a segment.
Result<void> Wal::prepare_next(disk::Disk& disk) {
  Place& place = place_.edit();
  const std::string path = text("{}/{}.tmp", place.dir, place.prepared % 2);
  const auto created = disk.create(path);
  if (!created) return created;
  ++place.prepared;
  return disk.preallocate(path, place.options.segment_bytes);
}

Result<void> Wal::close_tail(disk::Disk& disk) {
  const auto cut = disk.truncate(place_->tail_path, offset_);
  return cut ? flush(disk) : cut;
}

Result<void> Wal::write_head(disk::Disk& disk) {
  Place& place = place_.edit();
  place.tail_path = text("{}/{}.tmp", place.dir, (place.prepared - 1) % 2);
  offset_ = 0;
  append_record(buffer_, chain_, walpb::RecordType::Crc, {});
  append_record(buffer_, chain_, walpb::RecordType::Metadata, place.metadata);
  add_state(state_);
  return flush(disk);
}

Result<void> Wal::rename_head(disk::Disk& disk) {
  Place& place = place_.edit();
  const std::string name = segment_name(place.sequence + 1, last_index_ + 1);
  const std::string path = text("{}/{}", place.dir, name);
  const auto renamed = disk.rename(place.tail_path, path);
  if (!renamed) return renamed;
  ++place.sequence;
  place.tail_path = path;
  place.locked.push_back(name);
  return {};
}

}  // namespace orrery::wal
