// Node: a page taken apart for changing, inside one commit.
//   used by: tree_writer.h
//   ideas:   elements are views into pages and buffers that outlive the commit; a branch's child is a page
//            id until it has to be changed, then a Node of its own.
//   from: bbolt node.go (node, inode, splitIndex, minKeys)
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

#include "backend/page.h"

namespace orrery::backend {

inline constexpr std::size_t kMinKeysPerPage = 2;
// A node below this is merged with a neighbour when it has lost elements.
inline constexpr std::size_t kMergeBelow = kPageSize / 4;
// A bucket whose only page is no longer than this lives in its parent's row.
inline constexpr std::size_t kMaxInline = kPageSize / 4;

// How full the first page of a split becomes. units: bytes
inline constexpr std::size_t kHalfFull = kPageSize / 2;
inline constexpr std::size_t kNineTenthsFull = kPageSize * 9 / 10;

struct Node;

struct Element {
  BytesView key;               // branch: the first key of the child, or one before it
  BytesView value;             // leaf only
  std::uint32_t flags = 0;     // leaf only; kBucketElement
  PageId page;                 // branch only: the child as it is in the file
  std::unique_ptr<Node> node;  // branch only: the child being changed; `page` then means nothing

  std::size_t size() const { return kElementSize + key.size() + value.size(); }
};

struct Node {
  bool is_leaf = true;
  bool has_lost_elements = false;
  std::vector<Element> elements;

  std::size_t size() const;  // units: bytes of its page image

  // Fewer keys than this ask for a merge.
  std::size_t min_keys() const { return is_leaf ? 1 : kMinKeysPerPage; }

  bool is_too_small() const {
    return has_lost_elements && (size() <= kMergeBelow || elements.size() <= min_keys());
  }
};

Node to_node(PageView page);

// Where to cut a node so that its pieces fit their pages: the end of each piece, at least one. The pieces
// but the last reach `fill` bytes and have two elements or more; a piece may exceed a page when its
// elements are large.
std::vector<std::size_t> split_points(const Node& node, std::size_t fill);

// Makes `out` the page image of elements [begin, end), without padding, id 0 and no overflow.
void page_image(const Node& node, std::size_t begin, std::size_t end, Bytes& out);
// Writes what is known once the place is: id and overflow.
void place_image(Bytes& image, PageId id);

}  // namespace orrery::backend
