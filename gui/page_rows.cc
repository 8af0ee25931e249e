#include "gui/page_rows.h"

#include <algorithm>

#include "gui/disk_rows.h"

namespace orrery::gui {
namespace {

using backend::PageId;
using backend::PageView;

BytesView block_view(const Sequence<Blob>& blocks, std::uint64_t id) {
  return id < blocks.size() ? blocks[id].view() : BytesView();
}

// Writes down the trees in the order of their keys.
class Trees {
 public:
  explicit Trees(PageFileRows& out) : out_(out) {}

  void take() {
    const backend::Meta& meta = out_.found.file.meta;
    const std::size_t at = add({.kind = TreeRow::Kind::Bucket, .bucket = "", .page = meta.root});
    out_.tree[at].rows = walk(meta.root, "", 1);
    const auto buckets = backend::root_bucket(meta);
    for (auto row = backend::TreeCursor::seek(out_.found.file, buckets, {}); row.valid();
         row.next()) {
      if (row.is_bucket()) add_bucket(std::string(row.key()), row.value());
    }
    if (empty_.empty()) return;
    add({.kind = TreeRow::Kind::Empty, .bucket = empty_, .page = meta.root});
  }

 private:
  std::size_t add(TreeRow row) {
    out_.tree.push_back(std::move(row));
    return out_.tree.size() - 1;
  }

  void add_bucket(const std::string& name, BytesView value) {
    const backend::BucketRoot root = backend::decode_bucket_root(value);
    const bool is_inline = root.root == PageId{};
    if (is_inline && PageView(root.inline_page.view()).count() == 0) {
      empty_ += (empty_.empty() ? "" : ", ") + name;
      return;
    }
    const std::size_t at = add({.kind = TreeRow::Kind::Bucket,
                                .bucket = name,
                                .page = is_inline ? out_.found.file.meta.root : root.root,
                                .is_inline = is_inline});
    const auto rows = is_inline
                          ? static_cast<std::uint32_t>(PageView(root.inline_page.view()).count())
                          : walk(root.root, name, 1);
    out_.tree[at].rows = rows;
  }

  // The rows below a page.
  std::uint32_t walk(PageId id, const std::string& bucket, std::uint32_t depth) {
    const PageView page = out_.found.file.page(id);
    const auto count = static_cast<std::uint32_t>(page.count());
    add({.kind = page.is_branch() ? TreeRow::Kind::Branch : TreeRow::Kind::Leaf,
         .bucket = bucket,
         .page = id,
         .depth = depth,
         .rows = count});
    if (page.is_leaf()) return count;
    std::uint32_t out = 0;
    for (std::size_t i = 0; i < count; ++i) out += walk(page.child(i), bucket, depth + 1);
    return out;
  }

  PageFileRows& out_;
  std::string empty_;  // names of buckets without a row
};

}  // namespace

bool PageFileRows::readable() const {
  return std::ranges::none_of(found.faults, [](const auto& fault) { return fault.fatal; });
}

std::uint64_t PageFileRows::meta_in_force() const {
  if (!metas[0]) return 1;
  return metas[1] && metas[1]->txid > metas[0]->txid ? 1 : 0;
}

PageFileRows read_pages(const disk::File& file) {
  Sequence<Blob> blocks = cached_blocks(file);
  PageFileRows out{.blocks = blocks,
                   .found = backend::inspect(blocks),
                   .metas = {backend::decode_meta_page(block_view(blocks, 0), PageId(0)),
                             backend::decode_meta_page(block_view(blocks, 1), PageId(1))},
                   .tree = {}};
  if (out.readable()) Trees(out).take();
  return out;
}

std::uint32_t fill_percent(const PageFileRows& rows, PageId id) {
  const PageView page = rows.found.file.page(id);
  if (page.count() == 0) return 0;
  const std::size_t last = page.count() - 1;
  const BytesView end = page.is_leaf() ? page.leaf_value(last) : page.branch_key(last);
  const auto used = static_cast<std::size_t>(end.data() + end.size() - page.bytes().data());
  return static_cast<std::uint32_t>(used * 100 / page.bytes().size());
}

std::uint32_t rows_of(const PageFileRows& rows, const std::string& bucket) {
  const auto at = std::ranges::find_if(rows.tree, [&](const TreeRow& row) {
    return row.kind == TreeRow::Kind::Bucket && row.bucket == bucket;
  });
  return at == rows.tree.end() ? 0 : at->rows;
}

std::string bucket_of(const PageFileRows& rows, PageId page) {
  if (page.value() >= rows.found.pages.size()) return {};
  return rows.found.pages[page.value()].bucket;
}

}  // namespace orrery::gui
