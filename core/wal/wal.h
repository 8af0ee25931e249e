// Wal: etcd's write-ahead log over a disk: what Raft must not forget, in the order in which it happened.
//   used by: server (raft lane, bootstrap)    uses: disk, record.h, proto
//   ideas:   a directory of segments, each begun with the chain's value, the metadata and the hard state. Appending
//            happens in phases of the caller, so that a crash may fall between any two:
//                write -> Next::Done | Next::Sync -> sync | Next::Cut -> cut(CloseTail) ... until CutPhase::Done
//            A commit that only moved waits in memory (`buffer`) for the next write that must be synced.
//   invariant 1: what `write` was told before a successful `sync` is read again after any crash.
//   invariant 2: opening never invents: entries and state read are a prefix of what was written, or an error.
//   errors:  Errc::Torn = the end of the log was never completely written (repair helps); Errc::Corrupt = file, offset
//            and reason of other damage; Errc::Io = the disk's.
//   from: etcd server/storage/wal/wal.go (Create, Open, ReadAll, Save, cut, ReleaseLockTo), file_pipeline.go
//   differs: a leftover N.tmp is emptied before it is used again; leftovers behind a torn end are zeroed durably
//            before anything is appended; file locks are a list of names.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/blob.h"
#include "base/result.h"
#include "base/shared.h"
#include "disk/disk.h"
#include "proto/raftpb.h"
#include "proto/walpb.h"

namespace orrery::wal {

inline constexpr std::uint64_t kSegmentBytes = 64'000'000;

struct Options {
  // units: bytes; a segment is preallocated to it, and the next one begun once it is passed
  std::uint64_t segment_bytes = kSegmentBytes;

  template <class F>
  void fields(F&& f) const {
    f("segment_bytes", segment_bytes);
  }
  friend bool operator==(const Options&, const Options&) = default;
};

// What must follow a write.
enum class Next : std::uint8_t {
  Done,  // nothing: only the commit moved, it may wait
  Sync,  // sync()
  Cut,   // cut(CutPhase::CloseTail) and on; it syncs by itself
};

// The phases of going to a new segment, in order.
enum class CutPhase : std::uint8_t {
  CloseTail,  // write what waits, give back the preallocated rest
  SyncTail,
  WriteHead,  // chain, metadata and hard state into the file prepared
  SyncHead,
  Rename,   // give the file its name
  SyncDir,  // and prepare the next one
  Done,
};

std::string_view to_text(CutPhase phase);

// fdatasync is due when there are entries, or term or vote differ (Raft paper, Figure 2: persistent state).
bool must_sync(const raftpb::HardState& before, const raftpb::HardState& now,
               std::size_t entry_count);

struct Opened;

class Wal {
 public:
  Wal() = default;

  // A new log in `dir`, made as `dir`.tmp and renamed, so that it appears whole or not at all; durable when done.
  static Result<Wal> create(disk::Disk& disk, std::string_view dir, BytesView metadata,
                            Options options = {});
  // Reads the log from the snapshot record `at` on and makes it ready for appending.
  static Result<Opened> open(disk::Disk& disk, std::string_view dir, const walpb::Snapshot& at,
                             Options options = {});

  // Entries first, then the hard state unless it is empty. `entries` is any range of raftpb::Entry.
  template <class Entries>
  Result<Next> write(disk::Disk& disk, const Entries& entries, const raftpb::HardState& state) {
    std::size_t count = 0;
    for (const raftpb::Entry& entry : entries) {
      add_entry(entry);
      ++count;
    }
    return finish_write(disk, count, state);
  }

  // Says that the .snap file of this position is complete. sync() must follow.
  Result<void> write_snapshot(disk::Disk& disk, const walpb::Snapshot& snapshot);
  Result<void> sync(disk::Disk& disk);
  // Does one phase and answers with the next.
  Result<CutPhase> cut(disk::Disk& disk, CutPhase phase);

  // Segments wholly before `index` need not be kept.
  void release_to(Index index);
  // Removes the oldest released segments while there are more than `keep`; their names.
  std::vector<std::string> purge(disk::Disk& disk, std::size_t keep = 5);

  const raftpb::HardState& hard_state() const { return state_; }

  // Of the last entry written, or the snapshot if that is further.
  Index last_index() const { return last_index_; }

  // Where the next flushed byte of the tail will stand.
  std::uint64_t offset() const { return offset_; }

  const std::string& tail_path() const { return place_->tail_path; }

  const std::string& dir() const { return place_->dir; }

  // Segments that purge must leave alone, oldest first.
  const std::vector<std::string>& locked() const { return place_->locked; }

  template <class F>
  void fields(F&& f) const {
    f("place", place_), f("state", state_), f("last_index", last_index_), f("chain", chain_);
    f("offset", offset_), f("buffer", buffer_);
  }
  friend bool operator==(const Wal&, const Wal&) = default;

 private:
  // What changes with the segment, not with the write.
  struct Place {
    std::string dir;
    Bytes metadata;
    Options options;
    std::string tail_path;
    std::uint64_t sequence = 0;  // of the tail
    std::uint64_t prepared =
        0;  // how many files were prepared; the last is (prepared - 1) % 2 .tmp
    std::vector<std::string> locked;  // names of segments in use

    template <class F>
    void fields(F&& f) const {
      f("dir", dir), f("metadata", metadata), f("options", options), f("tail_path", tail_path);
      f("sequence", sequence), f("prepared", prepared), f("locked", locked);
    }
    friend bool operator==(const Place&, const Place&) = default;
  };

  void add_entry(const raftpb::Entry& entry);
  void add_state(const raftpb::HardState& state);
  Result<Next> finish_write(disk::Disk& disk, std::size_t entry_count,
                            const raftpb::HardState& state);
  Result<void> flush(disk::Disk& disk);
  Result<void> flush_pages(disk::Disk& disk);
  Result<void> prepare_next(disk::Disk& disk);
  Result<void> close_tail(disk::Disk& disk);
  Result<void> write_head(disk::Disk& disk);
  Result<void> rename_head(disk::Disk& disk);

  Shared<Place> place_;
  raftpb::HardState state_;   // the last one written
  Index last_index_;          // as last_index()
  std::uint32_t chain_ = 0;   // CRC-32C over the data of all records so far
  std::uint64_t offset_ = 0;  // as offset()
  Bytes buffer_;              // framed records that wait for a write that must be synced
};

// What a log holds from its snapshot record on.
struct Opened {
  Wal wal;
  Bytes metadata;                // encoded walpb.Metadata
  raftpb::HardState hard_state;  // the last one; empty = none was written
  std::vector<raftpb::Entry>
      entries;            // behind the snapshot, a later one of an index instead of an earlier
  bool repaired = false;  // a torn end was cut off
};

// Cuts off a torn end of the last segment, after a copy to NAME.broken. False = it is not torn but damaged.
Result<bool> repair(disk::Disk& disk, std::string_view dir);
// As a member starts: open, and if the end is torn, repair once and open again.
Result<Opened> open_repairing(disk::Disk& disk, std::string_view dir, const walpb::Snapshot& at,
                              Options options = {});
// The snapshot records up to the last commit: those whose .snap file may be used. Changes nothing.
Result<std::vector<walpb::Snapshot>> valid_snapshots(const disk::Disk& disk, std::string_view dir);

// Is there a log?
bool exists(const disk::Disk& disk, std::string_view dir);
// "%016x-%016x.wal" of the segment's number and the index of its first entry.
std::string segment_name(std::uint64_t sequence, Index first);

struct SegmentName {
  std::uint64_t sequence = 0;
  Index first;

  friend bool operator==(const SegmentName&, const SegmentName&) = default;
};

std::optional<SegmentName> parse_segment_name(std::string_view name);

}  // namespace orrery::wal
