#include "wal/record.h"

#include <algorithm>
#include <array>
#include <cstring>

#include "base/crc32c_fast.h"
#include "base/text.h"
#include "disk/content.h"
#include "proto/walpb_codec.h"

namespace orrery::wal {
namespace {

constexpr std::uint64_t kWordBytes = 8;

// Little endian, as every machine we run on.
std::uint64_t read_word(BytesView bytes) {
  std::uint64_t out = 0;
  if (bytes.empty()) return out;  // an empty view may have no address, and memcpy wants one
  std::memcpy(&out, bytes.data(), std::min<std::size_t>(bytes.size(), kWordBytes));
  return out;
}

struct FrameSize {
  std::uint64_t record = 0;
  std::uint64_t pad = 0;
};

FrameSize decode_word(std::uint64_t word) {
  const bool padded = (word >> 63) != 0;
  return {.record = word & 0x00FF'FFFF'FFFF'FFFFU, .pad = padded ? (word >> 56) & 0x7 : 0};
}

// Reads one file: where it is, and what it has found so far.
class Reader {
 public:
  explicit Reader(const SegmentBytes& bytes) : bytes_(bytes) { out_.chain = bytes.chain; }

  Segment take() {
    while (read_one()) {
    }
    return std::move(out_);
  }

 private:
  BytesView stored_from(std::uint64_t offset) const {
    return offset < bytes_.stored.size() ? bytes_.stored.substr(offset) : BytesView();
  }

  bool stop(Ending ending, std::string reason = {}) {
    out_.ending = ending;
    out_.reason = std::move(reason);
    return false;
  }

  // Damage of data that a torn write explains is a torn end.
  bool stop_damaged(BytesView data, const std::string& reason) {
    const bool torn = bytes_.last && has_zero_sector(data);
    return stop(torn ? Ending::Torn : Ending::Damaged, text("offset {}: {}", out_.end, reason));
  }

  // Is a whole sector's part of the record zero? Then it was never written.
  bool has_zero_sector(BytesView data) const {
    std::uint64_t at = out_.end + kWordBytes;
    while (!data.empty()) {
      const std::uint64_t room = disk::kSectorBytes - at % disk::kSectorBytes;
      const BytesView part = data.substr(0, room);
      if (part.find_first_not_of('\0') == part.npos) return true;
      at += part.size();
      data.remove_prefix(part.size());
    }
    return false;
  }

  bool read_one() {
    const std::uint64_t left = bytes_.file_size - out_.end;
    if (left == 0) return stop(Ending::EndOfFile);
    if (left < kWordBytes) {
      return stop(Ending::Torn, text("offset {}: {} bytes are no length word", out_.end, left));
    }
    const std::uint64_t word = read_word(stored_from(out_.end));
    if (word == 0) return stop(Ending::Zeros);
    const FrameSize size = decode_word(word);
    if (size.record + size.pad > left - kWordBytes) {
      return stop(Ending::Torn,
                  text("offset {}: a record of {} bytes goes past the end of the file at {}",
                       out_.end, size.record + size.pad, bytes_.file_size));
    }
    return read_record(size);
  }

  bool read_record(const FrameSize& size) {
    const std::uint64_t total = size.record + size.pad;
    BytesView data = stored_from(out_.end + kWordBytes).substr(0, total);
    Bytes with_zeros;
    if (data.size() < total) {
      with_zeros.assign(data);
      with_zeros.resize(total, '\0');
      data = with_zeros;
    }
    auto record = walpb::decode_record(data.substr(0, size.record));
    if (!record) return stop_damaged(data, record.error().detail);
    if (!follow_chain(*record)) {
      return stop_damaged(data, text("crc mismatch: the {} record says {:08x}, the chain is {:08x}",
                                     walpb::to_text(record->type), record->crc, next_chain_));
    }
    out_.records.push_back(
        Located{.offset = out_.end, .size = kWordBytes + total, .record = std::move(*record)});
    out_.end += kWordBytes + total;
    out_.chain = next_chain_;
    return true;
  }

  // A Crc record sets a chain that is not known yet; every other one must agree with it.
  bool follow_chain(const walpb::Record& record) {
    const bool is_crc = record.type == walpb::RecordType::Crc;
    if (is_crc && out_.chain == 0) {
      next_chain_ = record.crc;
      return true;
    }
    next_chain_ = is_crc ? out_.chain : crc32c_fast(out_.chain, record.data.view());
    return next_chain_ == record.crc;
  }

  SegmentBytes bytes_;
  Segment out_;
  std::uint32_t next_chain_ = 0;
};

}  // namespace

std::string_view to_text(Ending ending) {
  switch (ending) {
    case Ending::EndOfFile: return "end of file";
    case Ending::Zeros: return "preallocated space";
    case Ending::Torn: return "torn";
    case Ending::Damaged: return "damaged";
  }
  return "unknown";
}

void append_record(Bytes& out, std::uint32_t& chain, walpb::RecordType type, BytesView data) {
  const std::size_t at = out.size();
  out.append(data);
  frame_record(out, at, chain, type);
}

void frame_record(Bytes& out, std::size_t at, std::uint32_t& chain, walpb::RecordType type) {
  const BytesView data = BytesView(out).substr(at);
  if (!data.empty()) chain = crc32c_fast(chain, data);
  const std::uint64_t size = walpb::encoded_record_size(chain, data.size());
  const std::uint64_t pad = (kWordBytes - size % kWordBytes) % kWordBytes;
  const std::uint64_t word = pad == 0 ? size : size | (0x80U | pad) << 56;
  std::array<char, kWordBytes> bytes{};
  std::memcpy(bytes.data(), &word, kWordBytes);
  Bytes head(bytes.data(), bytes.size());
  head.reserve(bytes.size() + size - data.size());
  walpb::append_record_head(head, type, chain, data.size());
  out.insert(at, head);
  out.append(pad, '\0');
}

Segment decode_segment(const SegmentBytes& bytes) {
  return Reader(bytes).take();
}

Segment decode_wal(BytesView bytes) {
  return decode_segment({.stored = bytes, .file_size = bytes.size(), .chain = 0, .last = true});
}

}  // namespace orrery::wal
