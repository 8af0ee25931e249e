// Backend: etcd's storage backend: a bbolt file, one open write transaction (the batch), and two views.
//   used by: mvcc, lease, auth, server (rows); the commit frame (begin_commit, finish_commit)
//   uses:    page_file.h (committed state), tree_writer.h (the commit), free_list.h
//   ideas:   puts and erases gather in the batch and reach the page tree only at a commit. Readers see the
//            committed tree under the read buffer, which end_tx() (the batch lock's unlock) fills;
//            it knows no deletions, so an erased row stays readable there until the commit, as in
//            etcd. No disk here: a commit hands out the pages to write, the caller's lane writes
//            and syncs.
//   commit:  begin_commit() -> write .data -> fsync -> write .meta -> fsync -> finish_commit()
//   invariant 1: between begin_commit and finish_commit nothing is put, erased or ended; reads go on and
//                see the old state. 2: the committed state equals what open() reads from the file.
//   from: etcd mvcc/backend (batch_tx.go, read_tx.go, tx_buffer.go, backend.go); bbolt tx.go (Commit)
//   differs: rows enter the page tree at the commit, not at the put; a row put and erased in one batch
//            leaves no trace there.
#pragma once

#include <array>
#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <type_traits>
#include <vector>

#include "backend/free_list.h"
#include "backend/inspect.h"
#include "backend/page_file.h"
#include "backend/row_key.h"
#include "base/blob.h"
#include "base/ordered_map.h"
#include "base/result.h"
#include "base/sequence.h"

namespace orrery::backend {

// etcd commits when an unlock finds this many operations pending.
inline constexpr std::uint64_t kBatchLimit = 10'000;

enum class View : std::uint8_t {
  Batch,  // the open write transaction: everything put and erased so far
  Read,   // the committed state and what end_tx() published since
};

// Changes over a tree; nothing = erased (batch only).
using Rows = OrderedMap<RowKey, std::optional<Blob>, std::less<>>;
using BucketRows = std::array<Rows, kBucketCount>;

// One block of the file.
struct PageWrite {
  PageId page;
  Blob bytes;  // kPageSize of them

  friend bool operator==(const PageWrite&, const PageWrite&) = default;

  template <class F>
  void fields(F&& f) const {
    f("page", page);
    f("bytes", bytes);
  }
};

// What a commit writes: `data` in page order, fsync, `meta`, fsync.
struct CommitPlan {
  Sequence<PageWrite> data;
  PageWrite meta;
  std::uint64_t txid = 0;
  std::uint64_t high_water = 0;  // units: pages; the file is at least this long afterwards

  friend bool operator==(const CommitPlan&, const CommitPlan&) = default;

  template <class F>
  void fields(F&& f) const {
    f("data", data);
    f("meta", meta);
    f("txid", txid);
    f("high_water", high_water);
  }
};

// Rows of a tree and of changes over it, merged, ascending; for use between two changes of its
// source.
class Cursor {
 public:
  Cursor(TreeCursor tree, Rows::const_iterator row, Rows::const_iterator rows_end);

  bool valid() const { return from_rows_ || tree_.valid(); }

  BytesView key() const { return from_rows_ ? BytesView(row_->first) : tree_.key(); }

  BytesView value() const { return from_rows_ ? row_->second->view() : tree_.value(); }

  // The value to keep: shared if it lies in a buffer, copied out of a page otherwise.
  Blob value_blob() const { return from_rows_ ? *row_->second : Blob(tree_.value()); }

  void next() {
    if (!from_rows_ && row_ == rows_end_) return tree_.next();
    next_of_both();
  }

 private:
  void next_of_both();
  void settle();

  TreeCursor tree_;
  Rows::const_iterator row_;
  Rows::const_iterator rows_end_;
  bool from_rows_ = false;  // the current row is row_, not tree_'s
};

// Ascending rows of [begin, end), at most `limit` (0 = all); an empty `end` means to the bucket's
// end. visit(BytesView key, BytesView value), or with a bool result: false stops. Returns the rows
// visited.
template <class Visit>
std::size_t visit_rows(Cursor cursor, BytesView end, std::size_t limit, Visit&& visit) {
  std::size_t seen = 0;
  for (; cursor.valid() && (limit == 0 || seen < limit); cursor.next()) {
    if (!end.empty() && cursor.key() >= end) break;
    ++seen;
    if constexpr (std::is_same_v<decltype(visit(cursor.key(), cursor.value())), bool>) {
      if (!visit(cursor.key(), cursor.value())) break;
    } else {
      visit(cursor.key(), cursor.value());
    }
  }
  return seen;
}

// A read transaction: the committed state and the read buffer as they were. A value; while it is
// registered with begin_read / end_read its pages are not reused in the file.
class ReadTx {
 public:
  ReadTx() = default;

  ReadTx(PageFile file, BucketRows buffer) : file_(std::move(file)), buffer_(std::move(buffer)) {}

  std::optional<BytesView> find(Bucket bucket, BytesView key) const;
  std::optional<Blob> get(Bucket bucket, BytesView key) const;
  Cursor seek(Bucket bucket, BytesView key) const;

  template <class Visit>
  std::size_t range(Bucket bucket, BytesView begin, BytesView end, std::size_t limit,
                    Visit&& visit) const {
    return visit_rows(seek(bucket, begin), end, limit, visit);
  }

  const PageFile& file() const { return file_; }

  std::uint64_t size() const { return file_.meta.high_water.value() * kPageSize; }

  // The committed state as a file of size() bytes, in blocks (the read buffer is not in it: etcd
  // commits before it takes a snapshot). Free pages are zeros.
  Sequence<Blob> snapshot() const;

  friend bool operator==(const ReadTx&, const ReadTx&) = default;

  template <class F>
  void fields(F&& f) const {
    f("file", file_);
    f("buffer", buffer_);
  }

 private:
  PageFile file_;
  BucketRows buffer_;
};

class Backend {
 public:
  // The four pages of a new file; write and sync them before anything else.
  static Sequence<Blob> initial_pages();
  // A new file's backend: initial_pages() committed, the ten buckets pending in the batch.
  Backend();

  static Backend create() { return Backend(); }

  // From a file's blocks (inspect.h says what they may be). The error names the page and what is
  // wrong.
  static Result<Backend> open(const Sequence<Blob>& blocks);

  // -- the batch
  void create_bucket(Bucket bucket);  // counts as pending even when it exists, as in etcd
  void put(Bucket bucket, BytesView key, Blob value);
  void erase(Bucket bucket, BytesView key);

  // Operations since the last commit; etcd's ticker commits only when it is not 0.
  std::uint64_t pending() const { return pending_; }

  std::uint64_t pending_erases() const { return pending_erases_; }

  bool commit_is_due() const { return pending_ >= kBatchLimit; }

  // Unlock with write-back: what was put since the last end_tx becomes visible to View::Read.
  void end_tx();

  // -- reads
  // The value where it lies; valid until the next change of this backend.
  std::optional<BytesView> find(View view, Bucket bucket, BytesView key) const;
  std::optional<Blob> get(View view, Bucket bucket, BytesView key) const;
  Cursor seek(View view, Bucket bucket, BytesView key) const;

  // See visit_rows. requires: `visit` does not change this backend
  template <class Visit>
  std::size_t range(View view, Bucket bucket, BytesView begin, BytesView end, std::size_t limit,
                    Visit&& visit) const {
    return visit_rows(seek(view, bucket, begin), end, limit, visit);
  }

  // -- read transactions that pin pages (ConcurrentReadTx, snapshots)
  ReadTx begin_read();
  void end_read(const ReadTx& tx);
  std::uint64_t open_reads() const;

  // -- commit; both buffers end with it, ended or not: the committer holds the batch lock
  CommitPlan begin_commit();

  bool is_committing() const { return next_.has_value(); }

  void finish_commit();

  // -- figures, as etcd counts them
  std::uint64_t size() const { return file_.meta.high_water.value() * kPageSize; }

  std::uint64_t size_in_use() const { return size() - free_at_commit_ * kPageSize; }

  // CRC-32C over bucket names, keys and values of the committed state. Maintenance.Hash leaves
  // meta/consistent_index out, `snapshot status` does not.
  std::uint32_t hash(bool with_consistent_index) const;

  // -- for the debugger and the checks
  const PageFile& committed() const { return file_; }

  const FreeList& free_list() const { return free_; }

  const BucketRows& batch() const { return batch_; }

  const BucketRows& read_buffer() const { return read_buffer_; }

  // The committed file in blocks, as the disk holds it (free pages as zeros).
  Sequence<Blob> blocks() const;
  std::vector<PageInfo> page_map() const;
  std::vector<std::string> violations() const;

  // -- for defrag.h: a new file without buckets, filled to nine tenths until end_defrag
  static Backend empty_for_defrag();

  void end_defrag() { fill_densely_ = false; }

  friend bool operator==(const Backend&, const Backend&) = default;

  template <class F>
  void fields(F&& f) const {
    f("file", file_);
    f("free", free_);
    f("batch", batch_);
    f("created", created_);
    f("write_buffer", write_buffer_);
    f("read_buffer", read_buffer_);
    f("pending", pending_);
    f("pending_erases", pending_erases_);
    f("free_at_commit", free_at_commit_);
    f("fill_densely", fill_densely_);
    f("readers", readers_);
    f("next", next_);
  }

 private:
  struct Write {
    Bucket bucket = Bucket::Key;
    RowKey key;
    Blob value;

    friend bool operator==(const Write&, const Write&) = default;

    template <class F>
    void fields(F&& f) const {
      f("bucket", bucket);
      f("key", key);
      f("value", value);
    }
  };

  // What finish_commit() makes the committed state.
  struct Next {
    PageFile file;
    FreeList free;

    friend bool operator==(const Next&, const Next&) = default;

    template <class F>
    void fields(F&& f) const {
      f("file", file);
      f("free", free);
    }
  };

  const BucketRows& rows(View view) const { return view == View::Batch ? batch_ : read_buffer_; }

  PageFile file_;                             // committed
  FreeList free_;                             // of file_
  BucketRows batch_;                          // since the last commit, erasures included
  std::array<bool, kBucketCount> created_{};  // buckets created in the batch
  Sequence<Write> write_buffer_;              // puts since the last end_tx
  BucketRows read_buffer_;                    // puts published since the last commit
  std::uint64_t pending_ = 0;                 // operations since the last commit
  std::uint64_t pending_erases_ = 0;          // those of them that erase
  std::uint64_t free_at_commit_ = 0;          // units: pages; without those still pending then
  bool fill_densely_ = false;                 // a defragmentation's target
  OrderedMap<std::uint64_t, std::uint64_t> readers_;  // txid -> read transactions open on it
  std::optional<Next> next_;                          // between begin_commit and finish_commit
};

}  // namespace orrery::backend
