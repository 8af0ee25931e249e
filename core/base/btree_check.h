// What of a B-tree's rules does not hold below a node? For tests.
//   used by: ordered_map.h (violations)    uses: btree_node.h
//   from: Bayer and McCreight 1972
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "base/btree_node.h"

namespace orrery {

// The height of the subtree.
template <class Node>
int examine_btree(const Node& node, bool root, std::vector<std::string>& out) {
  const std::size_t least = root ? 1 : Node::kMinItems;
  if (node.count < least) out.emplace_back("a node holds at least half of what it can");
  if (node.count > node.capacity) out.emplace_back("a node holds no more than it can");
  std::size_t total = node.count;
  int height = 0;
  for (std::size_t i = 0; !node.leaf && i <= node.count; ++i) {
    const int below = examine_btree(*node.child(i), false, out) + 1;
    if (i > 0 && below != height) out.emplace_back("all leaves are equally deep");
    height = below;
    total += node.child(i)->total;
  }
  if (node.total != total) out.emplace_back("a node knows how many entries it has below");
  return height;
}

}  // namespace orrery
