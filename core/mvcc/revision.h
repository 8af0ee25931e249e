// Revision: the store's logical clock, and its form as the key of a row.
//   used by: key index, store, compaction, hash    uses: base
//   ideas:   main counts transactions that changed something, sub the changes within one. Every row of
//            the bucket `key` is one change, so rows in key order are history in order.
//   bytes:   offset 0  8 bytes  main, big endian
//                   8  1 byte   '_'
//                   9  8 bytes  sub, big endian
//                  17  1 byte   't', only of a tombstone (the row that says "deleted")
//   from: etcd server/storage/mvcc/revision.go (Revision, BucketKey)
#pragma once

#include <array>
#include <compare>
#include <cstddef>
#include <cstdint>
#include <string>

#include "base/blob.h"
#include "base/result.h"

namespace orrery::mvcc {

struct Revision {
  std::int64_t main = 0;
  std::int64_t sub = 0;

  template <class F>
  void fields(F&& f) const {
    f("main", main), f("sub", sub);
  }

  friend constexpr auto operator<=>(const Revision&, const Revision&) = default;
};

// "4.1"; the form of the debugger and of the tests.
std::string to_text(Revision revision);

// What the key of a row says.
struct BucketKey {
  Revision revision;
  bool tombstone = false;

  friend bool operator==(const BucketKey&, const BucketKey&) = default;
};

// The key of a row as bytes, without an allocation.
class BucketKeyBytes {
 public:
  static constexpr std::size_t kSize = 17;           // of a put
  static constexpr std::size_t kTombstoneSize = 18;  // with the 't'

  explicit BucketKeyBytes(Revision revision, bool tombstone = false);

  BytesView view() const { return BytesView(bytes_.data(), size_); }

  operator BytesView() const { return view(); }  // NOLINT: a row key is its bytes

 private:
  std::array<char, kTombstoneSize> bytes_{};
  std::size_t size_ = kSize;
};

// Errc::Corrupt when the bytes are no row key.
Result<BucketKey> decode_bucket_key(BytesView bytes);

}  // namespace orrery::mvcc
