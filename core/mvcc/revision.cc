#include "mvcc/revision.h"

#include "base/text.h"

namespace orrery::mvcc {
namespace {

void write_big_endian(char* out, std::uint64_t value) {
  for (int i = 7; i >= 0; --i) {
    out[i] = static_cast<char>(value & 0xffU);
    value >>= 8;
  }
}

std::uint64_t read_big_endian(BytesView bytes) {
  std::uint64_t value = 0;
  for (const char byte : bytes) value = (value << 8) | static_cast<unsigned char>(byte);
  return value;
}

}  // namespace

std::string to_text(Revision revision) {
  return text("{}.{}", revision.main, revision.sub);
}

BucketKeyBytes::BucketKeyBytes(Revision revision, bool tombstone)
    : size_(tombstone ? kTombstoneSize : kSize) {
  write_big_endian(bytes_.data(), static_cast<std::uint64_t>(revision.main));
  bytes_[8] = '_';
  write_big_endian(bytes_.data() + 9, static_cast<std::uint64_t>(revision.sub));
  bytes_[17] = 't';
}

Result<BucketKey> decode_bucket_key(BytesView bytes) {
  const bool tombstone = bytes.size() == BucketKeyBytes::kTombstoneSize && bytes[17] == 't';
  if ((bytes.size() != BucketKeyBytes::kSize && !tombstone) || bytes[8] != '_') {
    return fail(Errc::Corrupt, text("not a revision row key: {}", hex(bytes)));
  }
  const auto main = static_cast<std::int64_t>(read_big_endian(bytes.substr(0, 8)));
  const auto sub = static_cast<std::int64_t>(read_big_endian(bytes.substr(9, 8)));
  return BucketKey{.revision = {main, sub}, .tombstone = tombstone};
}

}  // namespace orrery::mvcc
