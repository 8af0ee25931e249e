#include "backend/backend.h"

#include <algorithm>
#include <utility>

#include "backend/tree_writer.h"
#include "base/check.h"
#include "base/crc32c_fast.h"
#include "base/text.h"

namespace orrery::backend {
namespace {

std::size_t slot(Bucket bucket) {
  return static_cast<std::size_t>(bucket);
}

Blob empty_page(PageId id, std::uint16_t flags) {
  Bytes page(kPageSize, '\0');
  store<std::uint64_t>(page, 0, id.value());
  store<std::uint16_t>(page, 8, flags);
  return Blob(page);
}

Meta initial_meta(std::uint64_t txid) {
  return {.root = PageId(3),
          .sequence = 0,
          .freelist = PageId(2),
          .high_water = PageId(4),
          .txid = txid};
}

// The changes to one bucket in the form the tree writer takes; views into `rows`.
std::vector<Change> to_changes(const Rows& rows) {
  std::vector<Change> out;
  out.reserve(rows.size());
  for (const auto& [key, value] : rows) {
    Change change{.key = key.view(), .value = std::nullopt, .flags = 0};
    if (value) change.value = value->view();
    out.push_back(change);
  }
  return out;
}

std::optional<BytesView> find_merged(const PageFile& file, const Rows& rows, Bucket bucket,
                                     BytesView key) {
  if (const std::optional<Blob>* changed = rows.find(key)) {
    if (!*changed) return std::nullopt;
    return (*changed)->view();
  }
  const std::optional<BucketRoot>& root = file.root_of(bucket);
  return root ? find_row(file, *root, key) : std::nullopt;
}

std::optional<Blob> get_merged(const PageFile& file, const Rows& rows, Bucket bucket,
                               BytesView key) {
  if (const std::optional<Blob>* changed = rows.find(key)) return *changed;
  const std::optional<BucketRoot>& root = file.root_of(bucket);
  if (!root) return std::nullopt;
  const std::optional<BytesView> found = find_row(file, *root, key);
  return found ? std::optional<Blob>(Blob(*found)) : std::nullopt;
}

Cursor seek_merged(const PageFile& file, const Rows& rows, Bucket bucket, BytesView key) {
  const std::optional<BucketRoot>& root = file.root_of(bucket);
  return {root ? TreeCursor::seek(file, *root, key) : TreeCursor{}, rows.lower_bound(key),
          rows.end()};
}

// Cuts pages with overflow into blocks; free pages become zeros.
Sequence<Blob> to_blocks(const Sequence<Blob>& pages) {
  const Blob zeros{Bytes(kPageSize, '\0')};
  Sequence<Blob> out;
  for (std::size_t id = 0; id < pages.size();) {
    const Blob& page = pages[id];
    if (page.size() <= kPageSize) {
      out.push_back(page.empty() ? zeros : page);
      ++id;
      continue;
    }
    for (std::size_t at = 0; at < page.size(); at += kPageSize, ++id) {
      out.push_back(Blob(page.view().substr(at, kPageSize)));
    }
  }
  return out;
}

Sequence<PageWrite> to_writes(const std::vector<WrittenPage>& written) {
  Sequence<PageWrite> out;
  for (const auto& [first, page] : written) {
    if (page.size() == kPageSize) {
      out.push_back({.page = first, .bytes = page});
      continue;
    }
    for (std::size_t i = 0; i * kPageSize < page.size(); ++i) {
      out.push_back(
          {.page = first + i, .bytes = Blob(page.view().substr(i * kPageSize, kPageSize))});
    }
  }
  return out;
}

}  // namespace

Cursor::Cursor(TreeCursor tree, Rows::const_iterator row, Rows::const_iterator rows_end)
    : tree_(tree), row_(row), rows_end_(rows_end) {
  settle();
}

void Cursor::next_of_both() {
  if (from_rows_) {
    ++row_;
  } else {
    tree_.next();
  }
  settle();
}

// Chooses the smaller of the two positions; a change hides the tree's row of the same key.
void Cursor::settle() {
  for (; row_ != rows_end_; ++row_) {
    const BytesView changed = row_->first.view();
    if (tree_.valid()) {
      const auto order = tree_.key() <=> changed;
      if (order < 0) break;
      if (order == 0) tree_.next();
    }
    from_rows_ = row_->second.has_value();
    if (from_rows_) return;
  }
  from_rows_ = false;
}

std::optional<BytesView> ReadTx::find(Bucket bucket, BytesView key) const {
  return find_merged(file_, buffer_[slot(bucket)], bucket, key);
}

std::optional<Blob> ReadTx::get(Bucket bucket, BytesView key) const {
  return get_merged(file_, buffer_[slot(bucket)], bucket, key);
}

Cursor ReadTx::seek(Bucket bucket, BytesView key) const {
  return seek_merged(file_, buffer_[slot(bucket)], bucket, key);
}

Sequence<Blob> ReadTx::snapshot() const {
  Sequence<Blob> out = to_blocks(file_.pages);
  Meta older = file_.meta;
  --older.txid;
  out.edit(0) = Blob(encode_meta_page(file_.meta, PageId(0)));
  out.edit(1) = Blob(encode_meta_page(older, PageId(1)));
  return out;
}

Sequence<Blob> Backend::initial_pages() {
  Sequence<Blob> out;
  out.push_back(Blob(encode_meta_page(initial_meta(0))));
  out.push_back(Blob(encode_meta_page(initial_meta(1))));
  out.push_back(empty_page(PageId(2), kFreelistFlag));
  out.push_back(empty_page(PageId(3), kLeafFlag));
  return out;
}

Backend::Backend()
    : file_{.pages = initial_pages(), .meta = initial_meta(1), .roots = Shared<BucketRoots>()} {
  for (const Bucket bucket : kBuckets) create_bucket(bucket);
}

Backend Backend::empty_for_defrag() {
  Backend out;
  out.created_ = {};
  out.pending_ = 0;
  out.fill_densely_ = true;
  return out;
}

Result<Backend> Backend::open(const Sequence<Blob>& blocks) {
  Inspection found = inspect(blocks);
  const auto fatal =
      std::ranges::find_if(found.faults, [](const Fault& fault) { return fault.fatal; });
  if (fatal != found.faults.end()) {
    return fail(fatal->torn ? Errc::Torn : Errc::Corrupt, fatal->text);
  }
  Backend out;
  out.created_ = {};
  out.pending_ = 0;
  out.file_ = std::move(found.file);
  for (const PageInfo& page : found.pages) {
    if (page.kind == PageKind::Free) out.free_.add(page.id, 1);
  }
  out.free_at_commit_ = out.free_.free_count();
  return out;
}

void Backend::create_bucket(Bucket bucket) {
  check(!is_committing(), "nothing changes during a commit");
  created_[slot(bucket)] = !file_.root_of(bucket).has_value();
  ++pending_;
}

void Backend::put(Bucket bucket, BytesView key, Blob value) {
  check(!is_committing(), "nothing changes during a commit");
  check(!key.empty() && key.size() <= kMaxKeySize, "a row's key has 1 to 32768 bytes");
  const RowKey row(key);
  batch_[slot(bucket)].put(row, value);
  write_buffer_.push_back({.bucket = bucket, .key = row, .value = std::move(value)});
  ++pending_;
}

void Backend::erase(Bucket bucket, BytesView key) {
  check(!is_committing(), "nothing changes during a commit");
  batch_[slot(bucket)].put(RowKey(key), std::nullopt);
  ++pending_;
  ++pending_erases_;
}

void Backend::end_tx() {
  for (const Write& write : write_buffer_) {
    read_buffer_[slot(write.bucket)].put(write.key, write.value);
  }
  write_buffer_.clear();
}

std::optional<BytesView> Backend::find(View view, Bucket bucket, BytesView key) const {
  return find_merged(file_, rows(view)[slot(bucket)], bucket, key);
}

std::optional<Blob> Backend::get(View view, Bucket bucket, BytesView key) const {
  return get_merged(file_, rows(view)[slot(bucket)], bucket, key);
}

Cursor Backend::seek(View view, Bucket bucket, BytesView key) const {
  return seek_merged(file_, rows(view)[slot(bucket)], bucket, key);
}

ReadTx Backend::begin_read() {
  ++readers_.at_or_new(file_.meta.txid);
  return {file_, read_buffer_};
}

void Backend::end_read(const ReadTx& tx) {
  const std::uint64_t txid = tx.file().meta.txid;
  std::uint64_t* open = readers_.edit(txid);
  check(open != nullptr, "a read transaction ends once, in the backend that began it");
  if (--*open == 0) readers_.erase(txid);
}

std::uint64_t Backend::open_reads() const {
  std::uint64_t out = 0;
  for (const auto& [txid, count] : readers_) out += count;
  return out;
}

CommitPlan Backend::begin_commit() {
  check(!is_committing(), "one commit at a time");
  TreeWriter writer(file_, free_);
  for (const Bucket bucket : kBuckets) {
    const Rows& rows = batch_[slot(bucket)];
    if (rows.empty() && !created_[slot(bucket)]) continue;
    const bool densely = bucket == Bucket::Key || fill_densely_;
    writer.change_bucket(bucket, to_changes(rows), densely ? kNineTenthsFull : kHalfFull);
  }
  writer.finish();
  PageFile& file = writer.file();
  const PageId meta_page(file.meta.txid % 2);
  const Blob meta(encode_meta_page(file.meta));
  file.pages.edit(meta_page.value()) = meta;
  CommitPlan plan{.data = to_writes(writer.written()),
                  .meta = {.page = meta_page, .bytes = meta},
                  .txid = file.meta.txid,
                  .high_water = file.meta.high_water.value()};
  next_ = Next{.file = file, .free = writer.free()};
  return plan;
}

void Backend::finish_commit() {
  check(is_committing(), "a commit that finishes has begun");
  file_ = std::move(next_->file);
  free_ = std::move(next_->free);
  next_.reset();
  batch_ = {};
  created_ = {};
  write_buffer_.clear();
  read_buffer_ = {};
  pending_ = 0;
  pending_erases_ = 0;
  free_at_commit_ = free_.free_count();
  const bool is_pinned = !readers_.empty();
  free_.release(is_pinned ? readers_.begin()->first : std::numeric_limits<std::uint64_t>::max());
}

std::uint32_t Backend::hash(bool with_consistent_index) const {
  std::uint32_t out = 0;
  const BucketRoot buckets = root_bucket(file_.meta);
  for (TreeCursor at = TreeCursor::seek(file_, buckets, {}); at.valid(); at.next()) {
    out = crc32c_fast(out, at.key());
    if (!at.is_bucket()) continue;
    const bool is_meta = at.key() == bucket_name(Bucket::Meta);
    const BucketRoot root = decode_bucket_root(at.value());
    for (TreeCursor row = TreeCursor::seek(file_, root, {}); row.valid(); row.next()) {
      if (is_meta && !with_consistent_index && row.key() == "consistent_index") continue;
      out = crc32c_fast(out, row.key());
      if (!row.is_bucket()) out = crc32c_fast(out, row.value());
    }
  }
  return out;
}

Sequence<Blob> Backend::blocks() const {
  return to_blocks(file_.pages);
}

std::vector<PageInfo> Backend::page_map() const {
  return inspect(file_.pages).pages;
}

std::vector<std::string> Backend::violations() const {
  std::vector<std::string> out;
  const Inspection found = inspect(file_.pages);
  out.reserve(found.faults.size());
  for (const Fault& fault : found.faults) out.push_back(fault.text);
  for (const PageInfo& page : found.pages) {
    const bool is_listed = free_.is_free(page.id) || free_.is_pending(page.id);
    if ((page.kind == PageKind::Free) == is_listed) continue;
    out.push_back(text("page {}: the tree says {}, the free list says {}", page.id.value(),
                       to_text(page.kind), is_listed ? "free" : "used"));
  }
  return out;
}

}  // namespace orrery::backend
