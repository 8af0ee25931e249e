// Disk rows: what a member's disk holds, a row a file, a record, a snapshot, as the Disk & WAL panel lists it.
//   used by: disk_view.cc, inspect_disk.cc, tests    uses: disk, wal, backend
//   ideas:   the files are read as a restart would read them: what a record says here is what a crash would find.
//            Durable or not is a comparison of bytes, file by file, and needs no help from the log.
#pragma once

#include <string>
#include <vector>

#include "base/sequence.h"
#include "disk/disk.h"
#include "gui/picture.h"
#include "wal/record.h"

namespace orrery::gui {

// A segment of the write-ahead log, decoded behind the ones before it.
struct WalFile {
  std::string path;
  Bytes stored;  // the cached bytes up to the zeros at the end
  std::uint64_t size = 0;
  wal::Segment segment;
};

struct DiskRow {
  enum class Kind : std::uint8_t {
    File,
    Pending,   // of an unsynced file: the pieces that a crash may lose
    Record,    // of the segment: records[record]
    Ending,    // how the segment ends
    Snapshot,  // what a .snap file says
    Database,  // what the store's meta pages say
    Returns,   // a name that is gone but that a crash may bring back
    Gone,      // a file that was there before
  };
  Kind kind = Kind::File;
  std::string path;
  std::size_t segment = 0;
  std::size_t record = 0;
};

struct DiskRows {
  std::vector<WalFile> segments;
  std::vector<DiskRow> rows;
};

DiskRows read_disk(const disk::Disk& now, const disk::Disk& before);
std::vector<WalFile> read_segments(const disk::Disk& disk);

// Would a crash leave these bytes as they are?
bool is_durable(const disk::File& file, std::uint64_t offset, BytesView bytes);
// Is the file's name on the medium?
bool name_is_durable(const disk::Disk& disk, const std::string& path);
// What became of these bytes since `before`: written, overwritten, or made durable (Changed).
Change change_of_bytes(const disk::File* before, const disk::File& now, std::uint64_t offset,
                       BytesView bytes);

// The file in blocks of a page, as a program sees it.
Sequence<Blob> cached_blocks(const disk::File& file);

}  // namespace orrery::gui
