// PageFile: one committed state of a bbolt file, as a value: its pages, its meta, where its buckets start.
//   used by: backend.h (committed state, read transactions), tree_writer.h     uses: page.h
//   ideas:   the "mmap": a sequence indexed by page id, sharing its blocks with the disk's file. A page
//            with overflow is one Blob at its first id; its other ids, and free pages, are empty
//            Blobs. A copy is a read transaction: it costs two counters and nothing can change
//            under it.
//   invariant: every page reachable from the meta has passed inspect.h's walk or was written by us.
//   from: bbolt db.go (mmap, page), cursor.go; etcd mvcc/backend (bucket names)
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string_view>

#include "backend/page.h"
#include "base/blob.h"
#include "base/sequence.h"
#include "base/shared.h"

namespace orrery::backend {

enum class Bucket : std::uint8_t {
  Key,
  Meta,
  Lease,
  Alarm,
  Cluster,
  Members,
  MembersRemoved,
  Auth,
  AuthUsers,
  AuthRoles,
};

inline constexpr std::size_t kBucketCount = 10;

// In the enum's order.
inline constexpr std::array<Bucket, kBucketCount> kBuckets = {
    Bucket::Key,     Bucket::Meta,           Bucket::Lease, Bucket::Alarm,     Bucket::Cluster,
    Bucket::Members, Bucket::MembersRemoved, Bucket::Auth,  Bucket::AuthUsers, Bucket::AuthRoles};

std::string_view bucket_name(Bucket bucket);
std::optional<Bucket> find_bucket(std::string_view name);

// Where a bucket's tree starts.
struct BucketRoot {
  PageId root;                 // 0 = inline
  std::uint64_t sequence = 0;  // etcd leaves it 0
  Blob inline_page;            // a leaf page image, when root is 0

  friend bool operator==(const BucketRoot&, const BucketRoot&) = default;

  template <class F>
  void fields(F&& f) const {
    f("root", root);
    f("sequence", sequence);
    f("inline_page", inline_page);
  }
};

using BucketRoots = std::array<std::optional<BucketRoot>, kBucketCount>;

struct PageFile {
  Sequence<Blob> pages;
  Meta meta;
  Shared<BucketRoots> roots;  // what the root bucket's rows say, kept at hand

  // requires: `id` is reachable from the meta
  PageView page(PageId id) const { return PageView(pages[id.value()].view()); }

  const std::optional<BucketRoot>& root_of(Bucket bucket) const {
    return (*roots)[static_cast<std::size_t>(bucket)];
  }

  friend bool operator==(const PageFile&, const PageFile&) = default;

  template <class F>
  void fields(F&& f) const {
    f("pages", pages);
    f("meta", meta);
    f("roots", roots);
  }
};

// Reads `roots` out of the root bucket.
BucketRoots read_bucket_roots(const PageFile& file);

// A position among the rows of one tree, ascending; for use between two changes of the file.
class TreeCursor {
 public:
  TreeCursor() = default;  // at the end of nothing

  // At the first row whose key is not below `key`.
  static TreeCursor seek(const PageFile& file, const BucketRoot& root, BytesView key);

  bool valid() const { return depth_ != 0; }

  BytesView key() const { return row_.key; }

  BytesView value() const { return row_.value; }

  bool is_bucket() const { return levels_[depth_ - 1].page.is_bucket(levels_[depth_ - 1].index); }

  void next() {
    Level& leaf = levels_[depth_ - 1];
    if (++leaf.index == leaf_rows_) return leave_finished_pages();
    row_ = leaf.page.leaf_row(leaf.index);
  }

 private:
  struct Level {
    PageView page;
    std::size_t index = 0;
  };

  void push(PageView page, std::size_t index);
  void leave_finished_pages();

  const PageFile* file_ = nullptr;  // not state: a cursor lives for one walk
  std::array<Level, 24> levels_;    // root first; two keys a branch make 24 levels plenty
  std::size_t depth_ = 0;           // 0 = past the last row
  std::size_t leaf_rows_ = 0;       // of the page it stands in
  LeafRow row_;                     // where it stands
};

// The value under `key`, as it lies in the page.
std::optional<BytesView> find_row(const PageFile& file, const BucketRoot& root, BytesView key);
// The root bucket itself, whose rows are buckets.
BucketRoot root_bucket(const Meta& meta);
// The header (and inline page) in a row of the root bucket.
BucketRoot decode_bucket_root(BytesView value);

}  // namespace orrery::backend
