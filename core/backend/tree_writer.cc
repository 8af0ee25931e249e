#include "backend/tree_writer.h"

#include <algorithm>
#include <iterator>
#include <utility>

#include "backend/page_order.h"
#include "base/check.h"

namespace orrery::backend {
namespace {

// A bucket's row: its header, and its page when that is small enough to lie here.
Bytes bucket_value(PageId root, std::uint64_t sequence, BytesView inline_page) {
  Bytes out(kBucketHeaderSize, '\0');
  store<std::uint64_t>(out, 0, root.value());
  store<std::uint64_t>(out, 8, sequence);
  out.append(inline_page);
  return out;
}

bool is_inlineable(const Node& root) {
  if (!root.is_leaf || root.size() > kMaxInline) return false;
  return std::ranges::none_of(root.elements,
                              [](const Element& e) { return (e.flags & kBucketElement) != 0; });
}

Element to_element(const Change& change) {
  Element out;
  out.key = change.key;
  out.value = *change.value;
  out.flags = change.flags;
  return out;
}

Element element_of(PageView leaf, std::size_t i) {
  Element out;
  out.key = leaf.leaf_key(i);
  out.value = leaf.leaf_value(i);
  out.flags = leaf.leaf_flags(i);
  return out;
}

// The rows of a leaf page with the changes in them.
Node merged_leaf(PageView page, std::span<const Change> changes) {
  Node out;
  out.elements.reserve(page.count() + changes.size());
  std::size_t at = 0;
  for (const Change& change : changes) {
    for (; at < page.count() && comes_before(page.leaf_key(at), change.key); ++at) {
      out.elements.push_back(element_of(page, at));
    }
    const bool replaces = at < page.count() && page.leaf_key(at) == change.key;
    if (replaces) ++at;
    if (change.value) out.elements.push_back(to_element(change));
    if (!change.value && replaces) out.has_lost_elements = true;
  }
  for (; at < page.count(); ++at) out.elements.push_back(element_of(page, at));
  return out;
}

}  // namespace

TreeWriter::TreeWriter(const PageFile& committed, FreeList free)
    : committed_(committed), file_(committed), free_(std::move(free)) {
  ++file_.meta.txid;
}

void TreeWriter::change_bucket(Bucket bucket, std::span<const Change> changes, std::size_t fill) {
  const BucketRoot before = committed_.root_of(bucket).value_or(BucketRoot{});
  std::unique_ptr<Node> root = rebuild(before, changes);
  BucketRoot after{.root = {}, .sequence = before.sequence, .inline_page = {}};
  if (is_inlineable(*root)) {
    page_image(*root, 0, root->elements.size(), image_);
    after.inline_page = Blob(image_);
  } else {
    after.root = spill_root(std::move(root), fill);
  }
  bucket_values_[bucket_name(bucket)] =
      bucket_value(after.root, after.sequence, after.inline_page.view());
  file_.roots.edit()[static_cast<std::size_t>(bucket)] = std::move(after);
}

void TreeWriter::finish() {
  if (!bucket_values_.empty()) {
    std::vector<Change> changes;
    changes.reserve(bucket_values_.size());
    for (const auto& [name, value] : bucket_values_) {
      changes.push_back({.key = name, .value = BytesView(value), .flags = kBucketElement});
    }
    file_.meta.root = spill_root(rebuild(root_bucket(committed_.meta), changes), kHalfFull);
  }
  if (file_.meta.freelist != kNoFreelist) {
    release_page(file_.meta.freelist);
    file_.meta.freelist = kNoFreelist;
  }
  std::ranges::sort(written_, {}, &WrittenPage::page);
}

// The tree's root as a node with all changes in it and no node too small.
std::unique_ptr<Node> TreeWriter::rebuild(const BucketRoot& root, std::span<const Change> changes) {
  std::unique_ptr<Node> out;
  if (root.root != PageId{}) {
    out = take(root.root);
  } else if (!root.inline_page.empty()) {
    out = std::make_unique<Node>(to_node(PageView(root.inline_page.view())));
  } else {
    out = std::make_unique<Node>();
  }
  apply(*out, changes);
  rebalance(*out);
  collapse_root(out);
  return out;
}

std::unique_ptr<Node> TreeWriter::take(PageId page) {
  release_page(page);
  return std::make_unique<Node>(to_node(committed_.page(page)));
}

void TreeWriter::release_page(PageId page) {
  const std::uint64_t count = committed_.page(page).overflow() + std::uint64_t{1};
  free_.free(file_.meta.txid, page, count);
  file_.pages.edit(page.value()) = Blob{};
}

void TreeWriter::apply(Node& node, std::span<const Change> changes) {
  if (node.is_leaf) return apply_to_leaf(node, changes);
  // One child behind: while it is changed, the next one's page is on its way from memory.
  std::size_t waiting = 0;
  std::span<const Change> for_waiting;
  for (std::size_t i = 0; i < node.elements.size() && !changes.empty(); ++i) {
    auto end = changes.end();
    if (i + 1 < node.elements.size()) {
      const BytesView next_key = node.elements[i + 1].key;
      end = std::ranges::find_if_not(
          changes, [&](const Change& change) { return comes_before(change.key, next_key); });
    }
    const auto count = static_cast<std::size_t>(end - changes.begin());
    if (count == 0) continue;
    const Element& child = node.elements[i];
    if (child.node == nullptr) prefetch(committed_.page(child.page));
    if (!for_waiting.empty()) apply_to_child(node.elements[waiting], for_waiting);
    waiting = i;
    for_waiting = changes.first(count);
    changes = changes.subspan(count);
  }
  if (!for_waiting.empty()) apply_to_child(node.elements[waiting], for_waiting);
}

// A leaf that nothing has touched yet goes from its page to its changed form at once.
void TreeWriter::apply_to_child(Element& child, std::span<const Change> changes) {
  if (child.node == nullptr && committed_.page(child.page).is_leaf()) {
    release_page(child.page);
    child.node = std::make_unique<Node>(merged_leaf(committed_.page(child.page), changes));
    return;
  }
  if (child.node == nullptr) child.node = take(child.page);
  apply(*child.node, changes);
}

void TreeWriter::apply_to_leaf(Node& leaf, std::span<const Change> changes) {
  std::vector<Element> old = std::exchange(leaf.elements, {});
  leaf.elements.reserve(old.size() + changes.size());
  auto at = old.begin();
  for (const Change& change : changes) {
    for (; at != old.end() && comes_before(at->key, change.key); ++at) {
      leaf.elements.push_back(std::move(*at));
    }
    const bool replaces = at != old.end() && at->key == change.key;
    if (replaces) ++at;
    if (change.value) {
      leaf.elements.push_back(to_element(change));
    } else if (replaces) {
      leaf.has_lost_elements = true;
    }
  }
  leaf.elements.insert(leaf.elements.end(), std::make_move_iterator(at),
                       std::make_move_iterator(old.end()));
}

Node& TreeWriter::changing_child(Node& parent, std::size_t i) {
  Element& child = parent.elements[i];
  if (child.node == nullptr) child.node = take(child.page);
  return *child.node;
}

void TreeWriter::rebalance(Node& node) {
  if (node.is_leaf) return;
  for (const Element& child : node.elements) {
    if (child.node != nullptr) rebalance(*child.node);
  }
  for (std::size_t i = 0; i < node.elements.size();) {
    const Node* child = node.elements[i].node.get();
    if (child != nullptr && child->elements.empty()) {
      node.elements.erase(node.elements.begin() + static_cast<std::ptrdiff_t>(i));
      node.has_lost_elements = true;
    } else if (child != nullptr && child->is_too_small() && node.elements.size() > 1) {
      merge_child(node, i);
      i = std::max<std::size_t>(i, 1);
    } else {
      ++i;
    }
  }
}

// Joins child i with the one before it, the first child with the one after it.
void TreeWriter::merge_child(Node& parent, std::size_t i) {
  const std::size_t left = i == 0 ? 0 : i - 1;
  Node& into = changing_child(parent, left);
  Node& from = changing_child(parent, left + 1);
  std::ranges::move(from.elements, std::back_inserter(into.elements));
  into.has_lost_elements = false;
  parent.elements.erase(parent.elements.begin() + static_cast<std::ptrdiff_t>(left + 1));
  parent.has_lost_elements = true;
}

void TreeWriter::collapse_root(std::unique_ptr<Node>& root) {
  while (!root->is_leaf && root->elements.size() == 1) {
    changing_child(*root, 0);
    std::unique_ptr<Node> child = std::move(root->elements[0].node);
    root = std::move(child);
  }
  if (root->elements.empty()) root->is_leaf = true;
}

// Writes the changed nodes below `node` and itself; returns the elements that stand for it in its parent.
std::vector<Element> TreeWriter::spill(Node& node, std::size_t fill) {
  if (!node.is_leaf) {
    std::vector<Element> children;
    children.reserve(node.elements.size());
    for (Element& child : node.elements) {
      if (child.node == nullptr) {
        children.push_back(std::move(child));
        continue;
      }
      std::vector<Element> pieces = spill(*child.node, fill);
      std::ranges::move(pieces, std::back_inserter(children));
    }
    node.elements = std::move(children);
  }
  std::vector<Element> out;
  std::size_t begin = 0;
  for (const std::size_t end : split_points(node, fill)) {
    Element piece;
    if (begin < end) piece.key = node.elements[begin].key;
    page_image(node, begin, end, image_);
    piece.page = write_image();
    out.push_back(std::move(piece));
    begin = end;
  }
  return out;
}

PageId TreeWriter::spill_root(std::unique_ptr<Node> root, std::size_t fill) {
  std::vector<Element> pieces = spill(*root, fill);
  while (pieces.size() > 1) {
    Node above{.is_leaf = false, .has_lost_elements = false, .elements = std::move(pieces)};
    pieces = spill(above, fill);
  }
  return pieces.front().page;
}

PageId TreeWriter::write_image() {
  const PageId page = allocate((image_.size() + kPageSize - 1) / kPageSize);
  place_image(image_, page);
  Blob bytes(image_);
  file_.pages.edit(page.value()) = bytes;
  written_.push_back({.page = page, .bytes = std::move(bytes)});
  return page;
}

PageId TreeWriter::allocate(std::uint64_t count) {
  if (const auto page = free_.allocate(count)) return *page;
  const PageId page = file_.meta.high_water;
  file_.meta.high_water += count;
  while (file_.pages.size() < file_.meta.high_water.value()) file_.pages.push_back(Blob{});
  return page;
}

}  // namespace orrery::backend
