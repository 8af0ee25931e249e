// BTreePath: a place in OrderedMap's B-tree, as the nodes from the root down to it.
//   used by: ordered_map.h (its iterators, and its edits on their way down)    uses: btree_node.h
//   ideas:   above the last level `at` is the child taken, on the last level the entry meant. After
//            child i of a node comes its entry i, so climbing out of child i lands on entry i.
//   invariant: depth 0 = the end; otherwise the last level names an entry that exists.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include "base/btree_node.h"

namespace orrery {

template <class K, class V>
class BTreePath {
 public:
  using Node = BTreeNode<K, V>;

  struct Level {
    Node* node;
    std::size_t at;
  };

  std::size_t depth() const { return depth_; }

  bool at_end() const { return depth_ == 0; }

  Level& level(std::size_t i) { return levels_[i]; }

  const Level& level(std::size_t i) const { return levels_[i]; }

  const Level& last() const { return levels_[depth_ - 1]; }

  // Is it the place behind the last entry of the whole tree, in the last leaf?
  bool is_behind_all() const {
    for (std::size_t l = depth_; l-- > 0;) {
      if (levels_[l].at != levels_[l].node->count) return false;
    }
    return depth_ > 0;
  }

  const typename Node::Item& item() const { return last().node->item(last().at); }

  void push(Node* node, std::size_t at) { levels_[depth_++] = {node, at}; }

  // Climbs until an entry follows; to the end when none does.
  void settle() {
    while (depth_ > 0 && levels_[depth_ - 1].at == levels_[depth_ - 1].node->count) --depth_;
  }

  void push_first(Node* node) {
    for (; !node->leaf; node = node->child(0).get()) push(node, 0);
    push(node, 0);
  }

  void push_last(Node* node) {
    for (; !node->leaf; node = node->child(node->count).get()) push(node, node->count);
    push(node, node->count - 1U);
  }

  // requires: not at the end
  void next() {
    Level& here = levels_[depth_ - 1];
    ++here.at;
    if (!here.node->leaf) return push_first(here.node->child(here.at).get());
    if (here.at == here.node->count) settle();
  }

  // requires: not at the end, not at the first entry
  void previous() {
    const Level here = last();
    if (!here.node->leaf) return push_last(here.node->child(here.at).get());
    while (levels_[depth_ - 1].at == 0) --depth_;
    --levels_[depth_ - 1].at;
  }

  // Leaves the subtree whose root stands on this level, for the entry after it.
  void leave(std::size_t level) {
    depth_ = level;
    settle();
  }

  // How many levels up, counted from the last, does a subtree begin with this very entry? The level
  // of the topmost such subtree's root; depth() when the entry begins none.
  std::size_t topmost_begun() const {
    if (!last().node->leaf || last().at != 0) return depth_;
    std::size_t top = depth_ - 1;
    while (top > 0 && levels_[top - 1].at == 0) --top;
    return top;
  }

  // Do both paths stand at the beginning of one shared node? Then both leave the largest such.
  static bool pass_shared(BTreePath& i, BTreePath& j) {
    for (std::size_t l = i.topmost_begun(); l < i.depth(); ++l) {
      for (std::size_t m = j.topmost_begun(); m < j.depth(); ++m) {
        if (i.level(l).node != j.level(m).node) continue;
        i.leave(l);
        j.leave(m);
        return true;
      }
    }
    return false;
  }

  friend bool operator==(const BTreePath& a, const BTreePath& b) {
    if (a.depth_ == 0 || b.depth_ == 0) return a.depth_ == b.depth_;
    return a.last().node == b.last().node && a.last().at == b.last().at;
  }

 private:
  // Nodes have at least kMinItems + 1 >= 4 children: 4^16 entries are out of reach.
  static constexpr std::size_t kMaxDepth = Node::kMinItems >= 15 ? 9 : 17;

  std::array<Level, kMaxDepth> levels_;  // those below depth_ are meaningless
  std::size_t depth_ = 0;
};

}  // namespace orrery
