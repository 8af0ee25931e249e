// Page: bytes of a bbolt file (format version 2) read in place.
//   used by: page_file.h, node.h, inspect.h, tree_writer.h
//   ideas:   a PageView is a view over one page with its overflow; nothing is decoded before it is asked
//            for, a search compares keys where they lie. It starts where the key would be if the keys were
//            spread evenly, as revisions are: fewer lines of memory to wait for than in a bisection.
//   page header     0 id u64 | 8 flags u16 | 10 count u16 | 12 overflow u32 (pages that follow)
//   leaf element    0 flags u32 (1 = bucket) | 4 pos u32 | 8 key size u32 | 12 value size u32
//   branch element  0 pos u32 | 4 key size u32 | 8 child page id u64
//   meta (at 16)    0 magic u32 | 4 version u32 | 8 page size u32 | 12 flags u32 | 16 root page id u64 |
//                   24 sequence u64 | 32 freelist page id u64 | 40 high water u64 | 48 txid u64 |
//                   56 checksum u64 (FNV-1a 64 of the 56 bytes before)
//   bucket value    0 root page id u64 (0 = a leaf page image follows) | 8 sequence u64
//   invariant: a PageView that is read has passed find_page_fault().
//   from: bbolt page.go, db.go (meta), bucket.go (bucket); all integers little endian
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <limits>
#include <optional>
#include <string>

#include "base/blob.h"
#include "base/result.h"
#include "base/strong.h"

namespace orrery::backend {

// A page of the file; offset = id * kPageSize.
using PageId = Strong<struct PageIdTag>;

inline constexpr std::size_t kPageSize = 4096;
inline constexpr std::size_t kPageHeaderSize = 16;
inline constexpr std::size_t kElementSize = 16;
inline constexpr std::size_t kBucketHeaderSize = 16;
inline constexpr std::size_t kMetaSize = 64;
inline constexpr std::size_t kMaxKeySize = 32768;
inline constexpr std::uint32_t kMagic = 0xED0CDAED;
inline constexpr std::uint32_t kVersion = 2;
// In place of the freelist's page id: none is stored (etcd's way).
inline constexpr PageId kNoFreelist{0xFFFFFFFFFFFFFFFF};

inline constexpr std::uint16_t kBranchFlag = 0x01;
inline constexpr std::uint16_t kLeafFlag = 0x02;
inline constexpr std::uint16_t kMetaFlag = 0x04;
inline constexpr std::uint16_t kFreelistFlag = 0x10;
inline constexpr std::uint32_t kBucketElement = 0x01;

template <class Int>
Int load(BytesView bytes, std::size_t at) {
  Int out = 0;
  std::memcpy(&out, bytes.data() + at, sizeof(Int));
  return out;
}

template <class Int>
void store(Bytes& bytes, std::size_t at, Int value) {
  std::memcpy(bytes.data() + at, &value, sizeof(Int));
}

// The first eight bytes of a key as a number, zeros after a shorter key's end: keys with different heads
// compare as their heads do.
std::uint64_t head_of(BytesView key);

// What a parent page knows about its child's keys: the heads at both ends. A hint, never trusted.
struct HeadRange {
  std::uint64_t low = 0;
  std::uint64_t high = std::numeric_limits<std::uint64_t>::max();
};

// A row as it lies in its page.
struct LeafRow {
  BytesView key;
  BytesView value;
};

class PageView {
 public:
  PageView() = default;

  explicit PageView(BytesView bytes) : bytes_(bytes) {}

  BytesView bytes() const { return bytes_; }

  PageId id() const { return PageId(load<std::uint64_t>(bytes_, 0)); }

  std::uint16_t flags() const { return load<std::uint16_t>(bytes_, 8); }

  std::size_t count() const { return load<std::uint16_t>(bytes_, 10); }

  std::uint32_t overflow() const { return load<std::uint32_t>(bytes_, 12); }

  bool is_leaf() const { return flags() == kLeafFlag; }

  bool is_branch() const { return flags() == kBranchFlag; }

  // requires: i < count(), of the kind in question
  bool is_bucket(std::size_t i) const {
    return (load<std::uint32_t>(bytes_, element(i)) & kBucketElement) != 0;
  }

  std::uint32_t leaf_flags(std::size_t i) const { return load<std::uint32_t>(bytes_, element(i)); }

  BytesView leaf_key(std::size_t i) const {
    const std::size_t at = element(i);
    return bytes_.substr(at + load<std::uint32_t>(bytes_, at + 4),
                         load<std::uint32_t>(bytes_, at + 8));
  }

  BytesView leaf_value(std::size_t i) const {
    const std::size_t at = element(i);
    const std::size_t key_size = load<std::uint32_t>(bytes_, at + 8);
    return bytes_.substr(at + load<std::uint32_t>(bytes_, at + 4) + key_size,
                         load<std::uint32_t>(bytes_, at + 12));
  }

  LeafRow leaf_row(std::size_t i) const {
    const std::size_t at = element(i);
    const std::size_t key_size = load<std::uint32_t>(bytes_, at + 8);
    const BytesView rest = bytes_.substr(at + load<std::uint32_t>(bytes_, at + 4));
    return {rest.substr(0, key_size),
            rest.substr(std::min(key_size, rest.size()), load<std::uint32_t>(bytes_, at + 12))};
  }

  BytesView branch_key(std::size_t i) const {
    const std::size_t at = element(i);
    return bytes_.substr(at + load<std::uint32_t>(bytes_, at), load<std::uint32_t>(bytes_, at + 4));
  }

  PageId child(std::size_t i) const { return PageId(load<std::uint64_t>(bytes_, element(i) + 8)); }

  BytesView key(std::size_t i) const { return is_leaf() ? leaf_key(i) : branch_key(i); }

  // Leaf: the first element whose key is not below `key`, count() if none.
  std::size_t lower_bound(BytesView key, HeadRange hint = {}) const;
  // Branch: the child that covers `key` (the first one for keys below all).
  std::size_t child_index(BytesView key, HeadRange hint = {}) const;
  // What is known about the keys of child i.
  HeadRange child_heads(std::size_t i, HeadRange own) const;

 private:
  static std::size_t element(std::size_t i) { return kPageHeaderSize + i * kElementSize; }

  BytesView bytes_;
};

// What the meta page says, without the constants.
struct Meta {
  PageId root;                 // of the root bucket, whose rows are the buckets
  std::uint64_t sequence = 0;  // of the root bucket; etcd leaves it 0
  PageId freelist = kNoFreelist;
  PageId high_water;       // the first page never used: file size in pages
  std::uint64_t txid = 0;  // written to page txid % 2

  friend bool operator==(const Meta&, const Meta&) = default;

  template <class F>
  void fields(F&& f) const {
    f("root", root);
    f("sequence", sequence);
    f("freelist", freelist);
    f("high_water", high_water);
    f("txid", txid);
  }
};

// A whole meta page for page id txid % 2 (or `id`, for the copies that snapshots carry).
Bytes encode_meta_page(const Meta& meta);
Bytes encode_meta_page(const Meta& meta, PageId id);
// Reads the meta on page `id` (0 or 1); the error says what is wrong with it.
Result<Meta> decode_meta_page(BytesView page, PageId id);

// What keeps a leaf or branch page (with its overflow) from being read safely, if anything: flags,
// element positions, key order, key sizes. `what` names the page in the text, e.g. "page 7".
std::optional<std::string> find_page_fault(PageView page, const std::string& what);

// FNV-1a, 64 bits: the checksum of a meta page.
std::uint64_t fnv1a64(BytesView bytes);

}  // namespace orrery::backend
