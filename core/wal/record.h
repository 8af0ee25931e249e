// The frames of a WAL file: how a record is written, and how a file's bytes become records again.
//   used by: Wal, lang (dump-logs), the debugger    uses: proto's walpb, base's crc32c
//   ideas:   a running CRC-32C goes over the data of all records of all files; each record carries its value after its
//            own data, so a record is only right in its place. A length word of zero is where the data end.
//
//     offset  size  what
//     0       8     length word, little endian: low 56 bits = the record's bytes; if padded, top byte = 0x80 | pad
//     8       n     walpb.Record: type, crc, data
//     8 + n   pad   zero bytes up to a multiple of 8
//
//   from: etcd server/storage/wal/encoder.go (encode, encodeFrameSize), decoder.go (decodeRecord, isTornEntry)
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/blob.h"
#include "proto/walpb.h"

namespace orrery::wal {

// Adds a framed record to `out` and moves the chain on. Data of a Crc record are empty.
void append_record(Bytes& out, std::uint32_t& chain, walpb::RecordType type, BytesView data);

// The same for data that stand in `out` already, from `at` to its end.
void frame_record(Bytes& out, std::size_t at, std::uint32_t& chain, walpb::RecordType type);

// A record where it stands.
struct Located {
  std::uint64_t offset = 0;  // of its length word
  std::uint64_t size = 0;    // of the whole frame, padding included
  walpb::Record record;

  template <class F>
  void fields(F&& f) const {
    f("offset", offset), f("size", size), f("record", record);
  }
  friend bool operator==(const Located&, const Located&) = default;
};

enum class Ending : std::uint8_t {
  EndOfFile,  // the last record ends with the file
  Zeros,      // preallocated space follows
  Torn,       // a record that was never written to its end
  Damaged,    // a record that was right once
};

std::string_view to_text(Ending ending);

// What a file's bytes say, up to the first thing that is no record.
struct Segment {
  std::vector<Located> records;
  std::uint64_t end = 0;    // behind the last record
  std::uint32_t chain = 0;  // after the last record
  Ending ending = Ending::EndOfFile;
  std::string reason;  // Torn and Damaged: what is wrong at `end`, with the offset

  template <class F>
  void fields(F&& f) const {
    f("records", records), f("end", end), f("chain", chain), f("ending", ending);
    f("reason", reason);
  }
  friend bool operator==(const Segment&, const Segment&) = default;
};

struct SegmentBytes {
  BytesView stored;             // the file's bytes; what is missing up to file_size is zero
  std::uint64_t file_size = 0;  // at least stored.size()
  std::uint32_t chain = 0;      // at its start; 0 = not known, the file's own Crc record says it
  bool last = true;             // only the last file of a log can be torn
};

Segment decode_segment(const SegmentBytes& bytes);
// A whole file on its own.
Segment decode_wal(BytesView bytes);

}  // namespace orrery::wal
