#include "backend/page_file.h"

#include <algorithm>

#include "backend/page_order.h"
#include "base/check.h"

namespace orrery::backend {
namespace {

constexpr std::array<std::string_view, kBucketCount> kNames = {
    "key",  "meta",      "lease",    "alarm", "cluster", "members", "members_removed",
    "auth", "authUsers", "authRoles"};

PageView first_page(const PageFile& file, const BucketRoot& root) {
  if (root.root == PageId{}) return PageView(root.inline_page.view());
  return file.page(root.root);
}

// A walk reads all of a child before the one after it, so there is time to fetch that one meanwhile.
void prefetch_after(const PageFile& file, PageView branch, std::size_t child) {
  if (child + 1 < branch.count()) prefetch(file.page(branch.child(child + 1)));
}

}  // namespace

std::string_view bucket_name(Bucket bucket) {
  return kNames[static_cast<std::size_t>(bucket)];
}

std::optional<Bucket> find_bucket(std::string_view name) {
  const auto found = std::ranges::find(kNames, name);
  if (found == kNames.end()) return std::nullopt;
  return static_cast<Bucket>(found - kNames.begin());
}

BucketRoot root_bucket(const Meta& meta) {
  return {.root = meta.root, .sequence = meta.sequence, .inline_page = {}};
}

BucketRoot decode_bucket_root(BytesView value) {
  BucketRoot out{.root = PageId(load<std::uint64_t>(value, 0)),
                 .sequence = load<std::uint64_t>(value, 8),
                 .inline_page = {}};
  if (out.root == PageId{}) out.inline_page = Blob(value.substr(kBucketHeaderSize));
  return out;
}

BucketRoots read_bucket_roots(const PageFile& file) {
  BucketRoots out;
  for (TreeCursor at = TreeCursor::seek(file, root_bucket(file.meta), {}); at.valid(); at.next()) {
    const std::optional<Bucket> bucket = find_bucket(at.key());
    if (!bucket || !at.is_bucket()) continue;
    out[static_cast<std::size_t>(*bucket)] = decode_bucket_root(at.value());
  }
  return out;
}

TreeCursor TreeCursor::seek(const PageFile& file, const BucketRoot& root, BytesView key) {
  TreeCursor out;
  out.file_ = &file;
  PageView page = first_page(file, root);
  HeadRange heads;
  while (page.is_branch()) {
    const std::size_t i = page.child_index(key, heads);
    out.push(page, i);
    heads = page.child_heads(i, heads);
    page = file.page(page.child(i));
    prefetch(page);
  }
  out.push(page, page.lower_bound(key, heads));
  out.leave_finished_pages();
  return out;
}

void TreeCursor::push(PageView page, std::size_t index) {
  check(depth_ < levels_.size(), "a tree of pages has few levels");
  levels_[depth_] = {.page = page, .index = index};
  ++depth_;
}

void TreeCursor::leave_finished_pages() {
  while (depth_ != 0) {
    const Level& level = levels_[depth_ - 1];
    if (level.index < level.page.count()) {
      if (level.page.is_leaf()) {
        leaf_rows_ = level.page.count();
        row_ = level.page.leaf_row(level.index);
        return;
      }
      push(file_->page(level.page.child(level.index)), 0);
      prefetch_after(*file_, level.page, level.index);
      continue;
    }
    --depth_;
    if (depth_ != 0) ++levels_[depth_ - 1].index;
  }
}

std::optional<BytesView> find_row(const PageFile& file, const BucketRoot& root, BytesView key) {
  PageView page = first_page(file, root);
  HeadRange heads;
  while (page.is_branch()) {
    const std::size_t child = page.child_index(key, heads);
    heads = page.child_heads(child, heads);
    page = file.page(page.child(child));
    prefetch(page);
  }
  const std::size_t i = page.lower_bound(key, heads);
  if (i == page.count() || page.leaf_key(i) != key) return std::nullopt;
  return page.leaf_value(i);
}

}  // namespace orrery::backend
