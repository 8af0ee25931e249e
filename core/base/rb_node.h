// RbNode: one node of RbTree, and a walk over such nodes in order.
//   used by: rb_tree.h alone            uses: node_ptr.h, digest.h
//   ideas:   Rule::Summary is what a node remembers about its whole subtree (the augmentation): the greatest of the
//            summaries of the items below. So most changes leave it as it is, without a look at the other children.
//            Rule::Heads is what it keeps of its item for comparisons. What a search reads stands in front.
//   invariant: size and summary are those of the subtree as it stands.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <utility>

#include "base/digest.h"
#include "base/node_ptr.h"

namespace orrery {

template <class Item, class Rule>
struct RbNode {
  using Ptr = NodePtr<RbNode>;
  using Heads = typename Rule::Heads;
  using Summary = typename Rule::Summary;

  static constexpr std::size_t kMaxDepth = 96;  // a red-black tree of 2^48 nodes is not deeper

  explicit RbNode(Item&& its_item)
      : heads(Rule::heads(its_item)),
        summary(Rule::summary(heads, its_item)),
        item(std::move(its_item)) {}

  // A copy shares the children.
  RbNode(const RbNode& other)
      : red(other.red),
        known(other.known),
        left(other.left),
        right(other.right),
        heads(other.heads),
        summary(other.summary),
        item(other.item),
        size(other.size),
        sum(other.sum) {}
  RbNode& operator=(const RbNode&) = delete;

  std::uint32_t refs = 1;
  bool red = true;
  bool known = false;  // is sum that of the subtree?
  Ptr left;
  Ptr right;
  Heads heads;  // of item
  Summary summary;
  Item item;
  std::size_t size = 1;
  Digest sum = 0;

  static void destroy(RbNode* node) { delete node; }

  static void own(Ptr& slot) {
    if (slot.shared()) slot = Ptr(new RbNode(*slot));
  }

  static bool is_red(const Ptr& node) { return node && node->red; }

  static std::size_t size_of(const Ptr& node) { return node ? node->size : 0; }

  Ptr& side(bool is_left) { return is_left ? left : right; }

  // Another node's item in place of the node's own.
  void take_item(RbNode& other) {
    item = std::move(other.item);
    heads = other.heads;
  }

  // Of the node's item alone.
  Summary own_summary() const { return Rule::summary(heads, item); }

  Summary fresh_summary() const {
    Summary out = own_summary();
    if (left && out < left->summary) out = left->summary;
    if (right && out < right->summary) out = right->summary;
    return out;
  }

  // To be called before an item with this summary is put below.
  void gains(const Summary& fresh) {
    ++size;
    known = false;
    if (summary < fresh) summary = fresh;
  }

  // To be called after an item with this summary was taken out below.
  void lost(const Summary& gone) {
    --size;
    known = false;
    if (summary == gone) summary = fresh_summary();
  }

  // To be called after this node took the place of `old` above all that was below it; `old`, now a child
  // of this node, has other children than before.
  void takes_over(RbNode& old) {
    size = old.size;
    std::swap(summary, old.summary);
    known = false;
    old.size = 1 + size_of(old.left) + size_of(old.right);
    old.summary = old.fresh_summary();
    old.known = false;
  }

  // The sum over the items of the subtree, so that it does not depend on the tree's shape.
  Digest digest() {
    if (!known) {
      sum = mix(digest_of(item)) + (left ? left->digest() : 0) + (right ? right->digest() : 0);
      known = true;
    }
    return sum;
  }
};

// A place in the tree, as the nodes whose own item is still to come.
template <class Node>
class RbPath {
 public:
  bool at_end() const { return depth_ == 0; }

  Node& node() const { return *nodes_[depth_ - 1]; }

  void push_first(Node* top) {
    begun_ = depth_;
    for (; top != nullptr; top = top->left.get()) nodes_[depth_++] = top;
  }

  // requires: not at the end
  void next() {
    Node* here = nodes_[--depth_];
    if (here->right) {
      push_first(here->right.get());
    } else {
      begun_ = depth_;
    }
  }

  // Do both stand at the beginning of one shared subtree? Then both leave the largest such.
  static bool pass_shared(RbPath& a, RbPath& b) {
    for (std::size_t i = a.begun_; i < a.depth_; ++i) {
      for (std::size_t j = b.begun_; j < b.depth_; ++j) {
        if (a.nodes_[i] != b.nodes_[j]) continue;
        a.depth_ = a.begun_ = i;
        b.depth_ = b.begun_ = j;
        return true;
      }
    }
    return false;
  }

  friend bool operator==(const RbPath& a, const RbPath& b) {
    if (a.depth_ == 0 || b.depth_ == 0) return a.depth_ == b.depth_;
    return &a.node() == &b.node();
  }

 private:
  std::array<Node*, Node::kMaxDepth> nodes_;  // those from depth_ on are meaningless
  std::size_t depth_ = 0;
  std::size_t begun_ =
      0;  // the nodes from here on head subtrees whose first item is the current one
};

}  // namespace orrery
