// Reading a log: which segments, what they hold, and the repair of a torn end.
// differs: entries behind a snapshot that were void when it was recorded stay void; etcd reads them again, and raft
//          overwrites them later.
#include <algorithm>
#include <utility>

#include "base/text.h"
#include "proto/raftpb_codec.h"
#include "proto/walpb_codec.h"
#include "wal/record.h"
#include "wal/wal.h"

namespace orrery::wal {
namespace {

// The names of the segments, in order. Other names (N.tmp, *.broken) are no segments.
std::vector<std::string> segment_names(const disk::Disk& disk, std::string_view dir) {
  std::vector<std::string> out = disk.list(dir);
  std::erase_if(out, [](const std::string& name) { return !parse_segment_name(name); });
  return out;
}

// The segments to read for a snapshot at `index`: from the last that begins at or before it.
Result<std::vector<std::string>> names_from(const disk::Disk& disk, std::string_view dir,
                                            Index index) {
  std::vector<std::string> names = segment_names(disk, dir);
  const auto later = std::ranges::find_if(
      names, [&](const std::string& name) { return parse_segment_name(name)->first > index; });
  if (later == names.begin()) {
    return fail(Errc::Io, text("wal: file not found: {} has no segment that begins at or before "
                               "index {}",
                               dir, index.value()));
  }
  names.erase(names.begin(), later - 1);
  for (std::size_t i = 1; i < names.size(); ++i) {
    const auto sequence = parse_segment_name(names[i])->sequence;
    if (sequence == parse_segment_name(names[i - 1])->sequence + 1) continue;
    return fail(Errc::Io, text("wal: file not found: {} has no segment between {} and {}", dir,
                               names[i - 1], names[i]));
  }
  return names;
}

struct Read {
  Segment segment;
  std::string path;
  std::uint64_t file_size = 0;
  bool tail_is_zero = true;  // nothing but zeros behind the last record
};

Result<Read> read_segment(const disk::Disk& disk, std::string path, std::uint32_t chain,
                          bool last) {
  const auto size = disk.size(path);
  if (!size) return fail(size.error());
  const auto stored = disk.read(path, 0, *disk.stored_size(path));
  if (!stored) return fail(stored.error());
  Segment segment =
      decode_segment({.stored = *stored, .file_size = *size, .chain = chain, .last = last});
  const bool clean =
      segment.end >= stored->size() || stored->find_first_not_of('\0', segment.end) == stored->npos;
  return Read{.segment = std::move(segment),
              .path = std::move(path),
              .file_size = *size,
              .tail_is_zero = clean};
}

// Segments one after another, each record given to `take(record) -> error text`; the last segment comes back.
template <class Take>
Result<Read> read_all(const disk::Disk& disk, std::string_view dir,
                      const std::vector<std::string>& names, Take take) {
  Read out;
  for (const std::string& name : names) {
    auto read =
        read_segment(disk, text("{}/{}", dir, name), out.segment.chain, name == names.back());
    if (!read) return read;
    out = std::move(*read);
    for (const Located& located : out.segment.records) {
      const std::string wrong = take(located.record);
      if (wrong.empty()) continue;
      return fail(Errc::Corrupt, text("{}: offset {}: {}", out.path, located.offset, wrong));
    }
    const Ending ending = out.segment.ending;
    if (ending == Ending::EndOfFile || ending == Ending::Zeros) continue;
    return fail(ending == Ending::Torn ? Errc::Torn : Errc::Corrupt,
                text("{}: {}", out.path, out.segment.reason));
  }
  return out;
}

// Puts together what a log holds from a snapshot on.
class Collector {
 public:
  explicit Collector(walpb::Snapshot at) : at_(std::move(at)) {}

  // An empty text = the record fits.
  std::string take(const walpb::Record& record) {
    switch (record.type) {
      case walpb::RecordType::Metadata: return take_metadata(record);
      case walpb::RecordType::Entry: return take_entry(record);
      case walpb::RecordType::State: return take_state(record);
      case walpb::RecordType::Snapshot: return take_snapshot(record);
      case walpb::RecordType::Crc: return {};
    }
    return "unexpected block type";
  }

  bool found_snapshot() const { return found_; }

  Index last_index() const { return last_index_; }

  Opened result;

 private:
  std::string take_metadata(const walpb::Record& record) {
    if (has_metadata_ && result.metadata != record.data.view()) {
      return "wal: conflicting metadata found";
    }
    has_metadata_ = true;
    result.metadata = Bytes(record.data.view());
    return {};
  }

  std::string take_entry(const walpb::Record& record) {
    auto entry = raftpb::decode_entry(record.data.view());
    if (!entry) return entry.error().detail;
    last_index_ = entry->index;
    if (entry->index <= at_.index) {
      result.entries.clear();  // what follows an entry that was written anew went with it
      return {};
    }
    const std::uint64_t place = entry->index - at_.index - 1;
    if (place > result.entries.size()) {
      return text("wal: slice bounds out of range: entry {} follows entry {}", entry->index.value(),
                  at_.index.value() + result.entries.size());
    }
    result.entries.resize(place);  // a later entry of an index makes the earlier ones void
    result.entries.push_back(std::move(*entry));
    return {};
  }

  std::string take_state(const walpb::Record& record) {
    const auto state = raftpb::decode_hard_state(record.data.view());
    if (!state) return state.error().detail;
    result.hard_state = *state;
    return {};
  }

  std::string take_snapshot(const walpb::Record& record) {
    const auto snapshot = walpb::decode_snapshot(record.data.view());
    if (!snapshot) return snapshot.error().detail;
    if (snapshot->index != at_.index) return {};
    if (snapshot->term != at_.term) {
      return text("wal: snapshot mismatch: index {} has term {}, not {}", at_.index.value(),
                  snapshot->term.value(), at_.term.value());
    }
    found_ = true;
    // One that a leader has sent is ahead of what was committed here, and replaces all of the log.
    if (result.hard_state.commit < snapshot->index) result.entries.clear();
    return {};
  }

  walpb::Snapshot at_;
  Index last_index_;
  bool found_ = false;
  bool has_metadata_ = false;
};

// Zeros to the end of the file: leftovers of a torn write must not mix with what is written next.
Result<void> clear_rest(disk::Disk& disk, const Read& tail) {
  if (tail.tail_is_zero) return {};
  auto done = disk.truncate(tail.path, tail.segment.end);
  if (done) done = disk.preallocate(tail.path, tail.file_size);
  return done ? disk.fsync(tail.path) : done;
}

}  // namespace

bool exists(const disk::Disk& disk, std::string_view dir) {
  return !segment_names(disk, dir).empty();
}

Result<Opened> Wal::open(disk::Disk& disk, std::string_view dir, const walpb::Snapshot& at,
                         Options options) {
  const auto names = names_from(disk, dir, at.index);
  if (!names) return fail(names.error());
  Collector collector(at);
  const auto tail = read_all(disk, dir, *names,
                             [&](const walpb::Record& record) { return collector.take(record); });
  if (!tail) return fail(tail.error());
  if (!collector.found_snapshot()) {
    return fail(Errc::Corrupt, text("{}: wal: snapshot not found: no record of index {} term {}",
                                    dir, at.index.value(), at.term.value()));
  }
  auto done = clear_rest(disk, *tail);
  if (!done) return fail(done.error());

  Opened out = std::move(collector.result);
  out.wal.place_ = Shared(Place{.dir = std::string(dir),
                                .metadata = out.metadata,
                                .options = options,
                                .tail_path = tail->path,
                                .sequence = parse_segment_name(names->back())->sequence,
                                .prepared = 0,
                                .locked = *names});
  out.wal.state_ = out.hard_state;
  out.wal.last_index_ = collector.last_index();
  out.wal.chain_ = tail->segment.chain;
  out.wal.offset_ = tail->segment.end;
  done = out.wal.prepare_next(disk);
  if (!done) return fail(done.error());
  return out;
}

Result<bool> repair(disk::Disk& disk, std::string_view dir) {
  const std::vector<std::string> names = segment_names(disk, dir);
  if (names.empty()) return fail(Errc::Io, text("wal: file not found: {} has no segment", dir));
  const auto last = read_segment(disk, text("{}/{}", dir, names.back()), 0, true);
  if (!last) return fail(last.error());
  if (last->segment.ending == Ending::Damaged) return false;
  if (last->segment.ending != Ending::Torn) return true;
  const auto bytes = disk.read_all(last->path);
  if (!bytes) return fail(bytes.error());
  const std::string broken = text("{}.broken", last->path);
  auto done = disk.create(broken);
  if (done) done = disk.write(broken, 0, *bytes);
  if (done) done = disk.truncate(last->path, last->segment.end);
  if (done) done = disk.fsync(last->path);
  if (!done) return fail(done.error());
  return true;
}

Result<Opened> open_repairing(disk::Disk& disk, std::string_view dir, const walpb::Snapshot& at,
                              Options options) {
  auto opened = Wal::open(disk, dir, at, options);
  if (opened || opened.error().code != Errc::Torn) return opened;
  const auto repaired = repair(disk, dir);
  if (!repaired) return fail(repaired.error());
  if (!*repaired) return opened;
  opened = Wal::open(disk, dir, at, options);
  if (opened) opened->repaired = true;
  return opened;
}

Result<std::vector<walpb::Snapshot>> valid_snapshots(const disk::Disk& disk, std::string_view dir) {
  std::vector<walpb::Snapshot> found;
  Index commit;
  const auto end = read_all(disk, dir, segment_names(disk, dir),
                            [&](const walpb::Record& record) -> std::string {
                              if (record.type == walpb::RecordType::State) {
                                const auto state = raftpb::decode_hard_state(record.data.view());
                                if (!state) return state.error().detail;
                                commit = state->commit;
                              }
                              if (record.type == walpb::RecordType::Snapshot) {
                                auto snapshot = walpb::decode_snapshot(record.data.view());
                                if (!snapshot) return snapshot.error().detail;
                                found.push_back(std::move(*snapshot));
                              }
                              return {};
                            });
  if (!end && end.error().code != Errc::Torn) return fail(end.error());
  std::erase_if(found, [&](const walpb::Snapshot& s) { return s.index > commit; });
  return found;
}

}  // namespace orrery::wal
