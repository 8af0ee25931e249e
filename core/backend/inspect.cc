#include "backend/inspect.h"

#include <algorithm>
#include <array>
#include <optional>
#include <utility>

#include "base/text.h"

namespace orrery::backend {
namespace {

constexpr std::array<char, kPageSize> kZeroPage{};
// As deep as a TreeCursor can go; a tree of pages with two keys each would hold millions of pages.
constexpr std::uint32_t kMaxDepth = 24;
constexpr std::size_t kMaxNesting = 8;

// A page to visit and what its parent promises about it.
struct Visit {
  PageId page;
  std::string parent;  // for texts, e.g. "page 5", "the meta page"
  std::string bucket;
  std::uint32_t depth = 0;
  std::size_t nesting = 0;  // buckets above
  std::optional<BytesView> least;
  std::optional<BytesView> below;
};

class Walk {
 public:
  explicit Walk(const Sequence<Blob>& blocks) : blocks_(blocks) {}

  Inspection run();

 private:
  void report(PageId page, std::string what, bool fatal = true, bool torn = false) {
    out_.faults.push_back({.page = page, .text = std::move(what), .fatal = fatal, .torn = torn});
  }

  BytesView block(PageId id) const;
  bool read_metas();
  bool choose_meta(const Result<Meta>& first, const Result<Meta>& second);
  bool check_length();
  bool claim(PageId id, PageKind kind, const std::string& parent, const std::string& bucket);
  std::optional<PageView> read_page(PageId id, PageKind kind, const std::string& parent,
                                    const std::string& bucket);
  void visit_tree(const Visit& visit, std::optional<std::uint32_t>& leaf_depth);
  void visit_branch(PageView page, const Visit& visit, std::optional<std::uint32_t>& leaf_depth);
  void visit_leaf(PageView page, const Visit& visit);
  void visit_bucket(BytesView name, BytesView value, const Visit& parent);
  bool keeps_promise(PageView page, const Visit& visit);
  void read_freelist();
  void find_lost_pages();

  PageInfo& info(PageId id) { return out_.pages[id.value()]; }

  std::uint64_t high_water() const { return out_.file.meta.high_water.value(); }

  const Sequence<Blob>& blocks_;
  Inspection out_;
  std::vector<Blob> pages_;           // assembled, by id
  std::vector<std::uint8_t> listed_;  // by id: in the stored freelist
};

BytesView Walk::block(PageId id) const {
  const Blob& bytes = blocks_[id.value()];
  return bytes.empty() ? BytesView(kZeroPage.data(), kZeroPage.size()) : bytes.view();
}

bool Walk::read_metas() {
  if (blocks_.size() < 2) {
    report(PageId(0), text("the file has {} pages, no room for two meta pages", blocks_.size()),
           true, true);
    return false;
  }
  return choose_meta(decode_meta_page(block(PageId(0)), PageId(0)),
                     decode_meta_page(block(PageId(1)), PageId(1)));
}

bool Walk::choose_meta(const Result<Meta>& first, const Result<Meta>& second) {
  if (!first && !second) {
    report(PageId(0),
           text("no valid meta page: {}; {}", first.error().detail, second.error().detail));
    return false;
  }
  if (!first) report(PageId(0), first.error().detail, false);
  if (!second) report(PageId(1), second.error().detail, false);
  const bool takes_second = !first || (second && second->txid > first->txid);
  out_.file.meta = takes_second ? *second : *first;
  return true;
}

// Are all pages below the high water mark there?
bool Walk::check_length() {
  const std::uint64_t pages = high_water();
  if (pages < 3) {
    report(PageId(0), text("the high water mark is {}, less than any file has", pages));
    return false;
  }
  if (pages > blocks_.size()) {
    report(PageId(blocks_.size()),
           text("the file ends after {} pages, its meta page counts {}", blocks_.size(), pages),
           true, true);
    return false;
  }
  for (std::uint64_t id = 2; id < pages; ++id) {
    const std::size_t size = blocks_[id].size();
    if (size == 0 || size % kPageSize == 0) continue;
    report(PageId(id), text("page {}: only {} bytes of it are there", id, size), true, true);
    return false;
  }
  return true;
}

// Marks a page as used; false when it cannot be: outside the file, or used already.
bool Walk::claim(PageId id, PageKind kind, const std::string& parent, const std::string& bucket) {
  if (id.value() < 2 || id.value() >= high_water()) {
    report(id, text("page {}: {} refers to it, but the file's pages are 2 to {}", id.value(),
                    parent, high_water() - 1));
    return false;
  }
  PageInfo& page = info(id);
  if (page.kind != PageKind::Free) {
    report(id, text("page {}: used twice, as {} of bucket {} and as {} below {}", id.value(),
                    to_text(page.kind), quoted(page.bucket), to_text(kind), parent));
    return false;
  }
  page.kind = kind;
  page.bucket = bucket;
  return true;
}

// Claims a page with its overflow and puts its bytes together; nothing when that is not possible.
std::optional<PageView> Walk::read_page(PageId id, PageKind kind, const std::string& parent,
                                        const std::string& bucket) {
  if (!claim(id, kind, parent, bucket)) return std::nullopt;
  const PageView head(block(id));
  if (head.id() != id) {
    report(id, text("page {}: its header says page {}", id.value(), head.id().value()));
    return std::nullopt;
  }
  const std::uint64_t overflow = head.overflow();
  if (overflow >= high_water() - id.value()) {
    report(id, text("page {}: overflows into {} more pages, past the file's end", id.value(),
                    overflow));
    return std::nullopt;
  }
  for (std::uint64_t i = 1; i <= overflow; ++i) {
    if (!claim(id + i, PageKind::Overflow, text("page {}", id.value()), bucket)) {
      return std::nullopt;
    }
  }
  info(id).overflow = head.overflow();
  Blob& page = pages_[id.value()];
  if (overflow == 0 || blocks_[id.value()].size() > kPageSize) {
    page = blocks_[id.value()].empty() ? Blob(block(id)) : blocks_[id.value()];
  } else {
    Bytes joined;
    for (std::uint64_t i = 0; i <= overflow; ++i) joined.append(block(id + i));
    page = Blob(joined);
  }
  if (page.size() != (overflow + 1) * kPageSize) {
    report(id, text("page {}: {} bytes where {} pages are expected", id.value(), page.size(),
                    overflow + 1));
    return std::nullopt;
  }
  return PageView(page.view());
}

void Walk::visit_tree(const Visit& visit, std::optional<std::uint32_t>& leaf_depth) {
  const auto page = read_page(visit.page, PageKind::Leaf, visit.parent, visit.bucket);
  if (!page) return;
  PageInfo& here = info(visit.page);
  if (page->is_branch()) here.kind = PageKind::Branch;
  here.count = static_cast<std::uint32_t>(page->count());
  here.depth = visit.depth;
  if (auto fault = find_page_fault(*page, text("page {}", visit.page.value()))) {
    return report(visit.page, std::move(*fault));
  }
  if (!keeps_promise(*page, visit)) return;
  if (page->is_branch()) return visit_branch(*page, visit, leaf_depth);
  if (leaf_depth.value_or(visit.depth) != visit.depth) {
    report(visit.page, text("page {}: a leaf at depth {}, where the bucket's others are at {}",
                            visit.page.value(), visit.depth, *leaf_depth));
  }
  leaf_depth = visit.depth;
  visit_leaf(*page, visit);
}

// Do the page's keys lie in the range its parent gives it?
bool Walk::keeps_promise(PageView page, const Visit& visit) {
  if (page.count() == 0) return true;
  const BytesView first = page.key(0);
  const BytesView last = page.key(page.count() - 1);
  if (visit.least && first < *visit.least) {
    report(visit.page, text("page {}: first key {} lies before {}, where {} says it begins",
                            visit.page.value(), quoted(first), quoted(*visit.least), visit.parent));
    return false;
  }
  if (visit.below && last >= *visit.below) {
    report(visit.page, text("page {}: last key {} does not lie before {}, where {} says it ends",
                            visit.page.value(), quoted(last), quoted(*visit.below), visit.parent));
    return false;
  }
  return true;
}

void Walk::visit_branch(PageView page, const Visit& visit,
                        std::optional<std::uint32_t>& leaf_depth) {
  if (visit.depth + 1 >= kMaxDepth) {
    return report(visit.page, text("page {}: a branch at depth {}, deeper than any tree",
                                   visit.page.value(), visit.depth));
  }
  for (std::size_t i = 0; i < page.count(); ++i) {
    Visit child = visit;
    child.page = page.child(i);
    child.parent = text("page {} (element {})", visit.page.value(), i);
    child.depth = visit.depth + 1;
    child.least = page.branch_key(i);
    if (i + 1 < page.count()) child.below = page.branch_key(i + 1);
    visit_tree(child, leaf_depth);
  }
}

void Walk::visit_leaf(PageView page, const Visit& visit) {
  const bool is_root_bucket = visit.nesting == 0;
  for (std::size_t i = 0; i < page.count(); ++i) {
    if (page.is_bucket(i)) {
      visit_bucket(page.leaf_key(i), page.leaf_value(i), visit);
    } else if (is_root_bucket) {
      report(visit.page,
             text("page {}: row {} of the root bucket is not a bucket", visit.page.value(),
                  quoted(page.leaf_key(i))),
             false);
    }
  }
}

void Walk::visit_bucket(BytesView name, BytesView value, const Visit& parent) {
  const std::string path =
      parent.bucket.empty() ? std::string(name) : text("{}/{}", parent.bucket, name);
  if (value.size() < kBucketHeaderSize) {
    return report(parent.page,
                  text("bucket {}: its header on page {} has {} bytes instead of {}", quoted(path),
                       parent.page.value(), value.size(), kBucketHeaderSize));
  }
  if (parent.nesting >= kMaxNesting) {
    return report(parent.page,
                  text("bucket {}: {} buckets deep, too many", quoted(path), parent.nesting + 1));
  }
  Visit visit{.page = PageId(load<std::uint64_t>(value, 0)),
              .parent = text("bucket {}", quoted(path)),
              .bucket = path,
              .depth = 0,
              .nesting = parent.nesting + 1,
              .least = std::nullopt,
              .below = std::nullopt};
  if (visit.page != PageId{}) {
    std::optional<std::uint32_t> leaf_depth;
    return visit_tree(visit, leaf_depth);
  }
  visit.page = parent.page;
  const PageView page(value.substr(kBucketHeaderSize));
  const std::string what = text("bucket {} (inline on page {})", quoted(path), parent.page.value());
  if (auto fault = find_page_fault(page, what)) return report(parent.page, std::move(*fault));
  if (!page.is_leaf()) return report(parent.page, text("{}: not a leaf page", what));
  visit_leaf(page, visit);
}

void Walk::read_freelist() {
  const PageId id = out_.file.meta.freelist;
  if (id == kNoFreelist) return;
  const auto page = read_page(id, PageKind::Freelist, "the meta page", "");
  if (!page) return;
  if (page->flags() != kFreelistFlag) {
    return report(id, text("page {}: flags are {:#06x}, a freelist (0x10) is expected", id.value(),
                           page->flags()));
  }
  // A count that does not fit its 16 bits stands before the ids.
  const BytesView body = page->bytes().substr(kPageHeaderSize);
  const bool is_large = page->count() == 0xFFFF;
  const std::uint64_t count = is_large ? load<std::uint64_t>(body, 0) : page->count();
  const std::uint64_t begin = is_large ? 1 : 0;
  if (count > body.size() / 8 - begin) {
    return report(id,
                  text("page {}: a freelist of {} pages does not fit into its {} bytes", id.value(),
                       count, body.size()),
                  false);
  }
  info(id).count = static_cast<std::uint32_t>(count);
  listed_.assign(high_water(), 0);
  std::uint64_t before = 0;
  for (std::uint64_t i = begin; i < begin + count; ++i) {
    const auto free = load<std::uint64_t>(body, i * 8);
    if (free <= before || free < 2 || free >= high_water()) {
      report(id,
             text("page {}: the freelist holds page {} after page {}", id.value(), free, before),
             false);
      continue;
    }
    before = free;
    listed_[free] = 1;
    if (info(PageId(free)).kind == PageKind::Free) continue;
    report(PageId(free),
           text("page {}: the freelist says free, but it is {} of bucket {}", free,
                to_text(info(PageId(free)).kind), quoted(info(PageId(free)).bucket)),
           false);
  }
}

void Walk::find_lost_pages() {
  if (listed_.empty()) return;
  for (std::uint64_t id = 2; id < high_water(); ++id) {
    if (info(PageId(id)).kind != PageKind::Free || listed_[id] != 0) continue;
    report(PageId(id), text("page {}: neither reachable nor in the freelist", id), false);
  }
}

Inspection Walk::run() {
  if (!read_metas() || !check_length()) return std::move(out_);
  pages_.resize(high_water());
  out_.pages.resize(high_water());
  for (std::uint64_t id = 0; id < high_water(); ++id) out_.pages[id].id = PageId(id);
  for (std::uint64_t id = 0; id < 2; ++id) {
    out_.pages[id].kind = PageKind::Meta;
    pages_[id] = Blob(block(PageId(id)).substr(0, kPageSize));
  }
  const Visit root{.page = out_.file.meta.root,
                   .parent = "the meta page",
                   .bucket = "",
                   .depth = 0,
                   .nesting = 0,
                   .least = std::nullopt,
                   .below = std::nullopt};
  std::optional<std::uint32_t> leaf_depth;
  visit_tree(root, leaf_depth);
  read_freelist();
  find_lost_pages();
  for (Blob& page : pages_) out_.file.pages.push_back(std::move(page));
  const bool is_readable =
      std::ranges::none_of(out_.faults, [](const Fault& fault) { return fault.fatal; });
  if (is_readable) out_.file.roots = Shared<BucketRoots>(read_bucket_roots(out_.file));
  return std::move(out_);
}

}  // namespace

std::string_view to_text(PageKind kind) {
  switch (kind) {
    case PageKind::Meta: return "meta";
    case PageKind::Freelist: return "freelist";
    case PageKind::Branch: return "branch";
    case PageKind::Leaf: return "leaf";
    case PageKind::Overflow: return "overflow";
    case PageKind::Free: return "free";
  }
  return "";
}

Inspection inspect(const Sequence<Blob>& blocks) {
  return Walk(blocks).run();
}

std::vector<std::string> check_file(const Sequence<Blob>& blocks) {
  std::vector<std::string> out;
  for (Fault& fault : inspect(blocks).faults) out.push_back(std::move(fault.text));
  return out;
}

}  // namespace orrery::backend
