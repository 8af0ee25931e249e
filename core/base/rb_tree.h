// RbTree<Item, Rule>: a persistent red-black tree whose nodes sum up their subtrees.
//   used by: interval_tree.h            uses: rb_node.h
//   ideas:   left-leaning: a red link stands for the inside of a 2-3 tree's node with two items, and always
//            leans left, so few cases remain. No parent pointers: insertion and removal are recursive and
//            set the tree right on their way up. A copy shares all nodes; edits copy shared ones only.
//            Rule gives the order and the augmentation:
//                static std::strong_ordering compare(query, item);
//                using Summary = ...;
//                static Summary summary(item, const Summary* left, const Summary* right);
//   invariant 1: the root is black; a red node has no red child and is a left child.
//   invariant 2: every way down passes the same number of black nodes.
//   from: Guibas and Sedgewick 1978; Sedgewick 2008 (Left-leaning Red-Black Trees)
#pragma once

#include <array>
#include <compare>
#include <cstddef>
#include <iterator>
#include <string>
#include <utility>
#include <vector>

#include "base/digest.h"
#include "base/rb_node.h"

namespace orrery {

template <class Item, class Rule>
class RbTree {
 public:
  using Node = RbNode<Item, Rule>;

  class const_iterator {
   public:
    using iterator_category = std::forward_iterator_tag;
    using value_type = Item;
    using difference_type = std::ptrdiff_t;
    using pointer = const Item*;
    using reference = const Item&;

    const_iterator() = default;

    reference operator*() const { return path_.node().item; }

    pointer operator->() const { return &path_.node().item; }

    const_iterator& operator++() {
      path_.next();
      return *this;
    }

    const_iterator operator++(int) {
      const_iterator old = *this;
      ++*this;
      return old;
    }

    friend bool operator==(const const_iterator&, const const_iterator&) = default;

   private:
    friend class RbTree;
    RbPath<Node> path_;
  };

  std::size_t size() const { return Node::size_of(root_); }

  bool empty() const { return !root_; }

  template <class Q>
  const Item* find(const Q& key) const {
    for (const Node* node = root_.get(); node != nullptr;) {
      const std::strong_ordering order = Rule::compare(key, node->item);
      if (order == 0) return &node->item;
      node = (order < 0 ? node->left : node->right).get();
    }
    return nullptr;
  }

  // The turns from the root to an item, or to where it belongs. Holds until the next change.
  struct Way {
    bool found = false;
    std::size_t turns = 0;
    std::array<bool, Node::kMaxDepth> left;  // those from `turns` on are meaningless
  };

  template <class Q>
  Way way_to(const Q& key) const {
    Way out;
    for (const Node* node = root_.get(); node != nullptr;) {
      const std::strong_ordering order = Rule::compare(key, node->item);
      if (order == 0) {
        out.found = true;
        return out;
      }
      out.left[out.turns++] = order < 0;
      node = (order < 0 ? node->left : node->right).get();
    }
    return out;
  }

  // For editing what neither the order nor the summary depends on. Valid until the next change, copy or
  // digest. requires: the way was found
  Item& edit_at(const Way& way) {
    typename Node::Ptr* slot = &root_;
    for (std::size_t turn = 0;; ++turn) {
      Node::own(*slot);
      Node& node = **slot;
      node.known = false;
      if (turn == way.turns) return node.item;
      slot = way.left[turn] ? &node.left : &node.right;
    }
  }

  // The same by key; null when absent.
  template <class Q>
  Item* edit(const Q& key) {
    const Way way = way_to(key);
    return way.found ? &edit_at(way) : nullptr;
  }

  // The item in its place, to be edited as edit_at() says. requires: the way was not found and leads to
  // where the item belongs
  Item& insert_at(const Way& way, Item item) {
    Item& out = insert_below(root_, way, 0, std::move(item));
    root_->red = false;
    return out;
  }

  // False = there was none.
  template <class Q>
  bool erase(const Q& key) {
    const Item* item = find(key);
    if (item == nullptr) return false;
    const Summary gone = own_summary(*item);
    Node::own(root_);
    if (!Node::is_red(root_->left) && !Node::is_red(root_->right)) root_->red = true;
    erase_below(root_, key, gone);
    if (root_) root_->red = false;
    return true;
  }

  void clear() { root_ = {}; }

  // Ascending; invalidated by any change.
  const_iterator begin() const {
    const_iterator out;
    out.path_.push_first(root_.get());
    return out;
  }

  const_iterator end() const { return {}; }

  // The root, for searches guided by the summary and for drawings; null when empty.
  const Node* root() const { return root_.get(); }

  Digest digest() const { return mix(size()) + (root_ ? root_->digest() : 0); }

  friend bool operator==(const RbTree& a, const RbTree& b) {
    if (a.size() != b.size()) return false;
    return walk(a, b, [](const Item* before, const Item* after) {
      return before != nullptr && after != nullptr && *before == *after;
    });
  }

  // Shows every item of both in order, in pairs where they compare equal (null = absent on that side), but
  // passes over shared subtrees. Ends early when show(before, after) gives false, and says so by false.
  template <class Show>
  static bool walk(const RbTree& a, const RbTree& b, const Show& show) {
    const_iterator i = a.begin();
    const_iterator j = b.begin();
    while (i != a.end() || j != b.end()) {
      if (RbPath<Node>::pass_shared(i.path_, j.path_)) continue;
      std::strong_ordering order = std::strong_ordering::equal;
      if (i == a.end()) {
        order = std::strong_ordering::greater;
      } else if (j == b.end()) {
        order = std::strong_ordering::less;
      } else {
        order = Rule::compare(*i, *j);
      }
      if (!show(order > 0 ? nullptr : &*i, order < 0 ? nullptr : &*j)) return false;
      if (order <= 0) ++i;
      if (order >= 0) ++j;
    }
    return true;
  }

  // What of a red-black tree's rules does not hold? For tests.
  friend std::vector<std::string> violations(const RbTree& tree) {
    std::vector<std::string> out;
    if (Node::is_red(tree.root_)) out.emplace_back("the root is black");
    examine(tree.root_, out);
    const Item* previous = nullptr;
    for (const Item& item : tree) {
      if (previous != nullptr && Rule::compare(*previous, item) >= 0) {
        out.emplace_back("items ascend");
      }
      previous = &item;
    }
    return out;
  }

 private:
  using Ptr = typename Node::Ptr;
  using Summary = typename Node::Summary;

  static Summary own_summary(const Item& item) { return Rule::summary(item, nullptr, nullptr); }

  static Item& insert_below(Ptr& slot, const Way& way, std::size_t turn, Item&& item) {
    if (!slot) {
      slot = Ptr(new Node(std::move(item)));
      return slot->item;
    }
    Node::own(slot);
    slot->gains(item);
    Ptr& side = way.left[turn] ? slot->left : slot->right;
    Item& out = insert_below(side, way, turn + 1, std::move(item));
    lean_left(slot);
    return out;
  }

  // `gone`: the summary of the item that goes. requires: the key is below; the slot's node is ours, and it
  // or its left child is red
  template <class Q>
  static void erase_below(Ptr& slot, const Q& key, const Summary& gone) {
    if (Rule::compare(key, slot->item) < 0) {
      redden_left(slot);
      Node::own(slot->left);
      erase_below(slot->left, key, gone);
      return set_right(slot, gone);
    }
    if (Node::is_red(slot->left)) rotate_right(slot);
    if (!slot->right) {  // nothing below on the right, hence nothing below at all
      slot = {};
      return;
    }
    redden_right(slot);
    Node::own(slot->right);
    if (Rule::compare(key, slot->item) == 0) {
      slot->item = take_first(slot->right);
    } else {
      erase_below(slot->right, key, gone);
    }
    set_right(slot, gone);
  }

  // requires: as for erase_below
  static Item take_first(Ptr& slot) {
    if (!slot->left) {
      Item out = std::move(slot->item);
      slot = {};
      return out;
    }
    redden_left(slot);
    Node::own(slot->left);
    Item out = take_first(slot->left);
    set_right(slot, own_summary(out));
    return out;
  }

  // The left child is about to lose a node: makes it or its left child red.
  static void redden_left(Ptr& slot) {
    if (Node::is_red(slot->left) || Node::is_red(slot->left->left)) return;
    flip(*slot);
    if (!Node::is_red(slot->right->left)) return;
    rotate_right(slot->right);
    rotate_left(slot);
    flip(*slot);
  }

  static void redden_right(Ptr& slot) {
    if (Node::is_red(slot->right) || Node::is_red(slot->right->left)) return;
    flip(*slot);
    if (!Node::is_red(slot->left->left)) return;
    rotate_right(slot);
    flip(*slot);
  }

  // On the way up from an item that is gone.
  static void set_right(Ptr& slot, const Summary& gone) {
    slot->lost(gone);
    lean_left(slot);
  }

  // Red leans left, no two reds in a row, no node with two red children.
  static void lean_left(Ptr& slot) {
    if (Node::is_red(slot->right) && !Node::is_red(slot->left)) rotate_left(slot);
    if (Node::is_red(slot->left) && Node::is_red(slot->left->left)) rotate_right(slot);
    if (Node::is_red(slot->left) && Node::is_red(slot->right)) flip(*slot);
  }

  // The right child takes the slot; the node becomes its red left child.
  static void rotate_left(Ptr& slot) {
    Node::own(slot->right);
    Ptr up = std::move(slot->right);
    slot->right = std::move(up->left);
    up->left = std::move(slot);
    finish_rotation(slot, up, up->left);
  }

  static void rotate_right(Ptr& slot) {
    Node::own(slot->left);
    Ptr up = std::move(slot->left);
    slot->left = std::move(up->right);
    up->right = std::move(slot);
    finish_rotation(slot, up, up->right);
  }

  static void finish_rotation(Ptr& slot, Ptr& up, Ptr& down) {
    up->red = std::exchange(down->red, true);
    up->takes_over(*down);
    slot = std::move(up);
  }

  // A node and its two children change colour.
  static void flip(Node& node) {
    Node::own(node.left);
    Node::own(node.right);
    node.red = !node.red;
    node.left->red = !node.left->red;
    node.right->red = !node.right->red;
  }

  // The number of black nodes on every way down from here.
  static std::size_t examine(const Ptr& node, std::vector<std::string>& out) {
    if (!node) return 0;
    if (Node::is_red(node->right)) out.emplace_back("red leans left");
    if (node->red && Node::is_red(node->left)) out.emplace_back("a red node has no red child");
    const std::size_t left = examine(node->left, out);
    const std::size_t right = examine(node->right, out);
    if (left != right) out.emplace_back("every way down passes as many black nodes");
    if (node->size != 1 + Node::size_of(node->left) + Node::size_of(node->right)) {
      out.emplace_back("a node knows how many are below");
    }
    if (!(node->summary == node->fresh_summary())) {
      out.emplace_back("a node's summary is that of its subtree");
    }
    return left + (node->red ? 0 : 1);
  }

  Ptr root_;  // null = empty
};

}  // namespace orrery
