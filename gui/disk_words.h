// Disk words: records, snapshots, pages and sizes in the words of the Disk & WAL and Pages panels.
//   used by: disk_view.cc, pages_view.cc, inspect_disk.cc, tests    uses: wal, backend, datadir, describe.h
#pragma once

#include <cstdint>
#include <optional>

#include <QString>

#include "backend/inspect.h"
#include "disk/file.h"
#include "gui/page_rows.h"
#include "server/member.h"
#include "sim/world.h"
#include "wal/record.h"

namespace orrery::gui {

// "1 file", "3 files"
QString counted(std::uint64_t count, const char* thing);
// "24,576"
QString grouped(std::uint64_t number);
// "24,576 bytes"
QString bytes_grouped(std::uint64_t bytes);
// "64.0 MB"
QString bytes_short(std::uint64_t bytes);

struct RecordWords {
  QString type;
  QString index;  // empty = it has none
  std::optional<std::uint64_t> term;
  QString says;
};

// Members are called by their numbers where the plan knows them.
RecordWords record_words(const walpb::Record& record, const server::ClusterPlan& plan);
// What stands behind the last record of a segment.
QString ending_words(const wal::Segment& segment, std::uint64_t file_size);

struct Note {
  QString words;
  bool bad = false;
};

// What a .snap file says, or why it cannot be read.
Note snap_words(const disk::File& file);
// Which transaction is in force by the store's two meta pages.
Note meta_words(const disk::File& file);

// "transaction 4, root page 8, high water 9, no freelist stored"
QString meta_words(const backend::Meta& meta);
// "9 pages, 3 free"
QString page_counts(const PageFileRows& pages);
// "10 buckets", "3 rows, inline"
QString bucket_row_words(const TreeRow& row);
// "leaf 7: 12 rows, 88 %: 2_0 ... 13_0"; a bucket's name.
QString tree_row_words(const PageFileRows& pages, const TreeRow& row);

// A row's key as people read it: revisions as 12_0, other keys as text.
QString row_key_words(const std::string& bucket, BytesView key);
// "put hello = world1" and the like, of any bucket's row.
QString row_words(const std::string& bucket, BytesView key, BytesView value);

// What a restart would find in the store's durable file: rows, marks of compaction, consistent index, auth revision.
// Empty where that is too long to be read, or to be made at every step.
QString restart_words(const sim::World& world, std::uint32_t member);

}  // namespace orrery::gui
