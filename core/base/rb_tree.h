// RbTree<Item, Rule>: a persistent red-black tree whose nodes sum up their subtrees.
//   used by: interval_tree.h            uses: rb_node.h
//   ideas:   no parent pointers, which shared nodes cannot have: an edit remembers its way down, as slots, and sets
//            the tree right on its way up, until nothing is wrong any more. A copy shares all nodes; edits copy
//            shared ones only. Rule gives the order and the augmentation:
//                static std::strong_ordering compare(query, heads, item);
//                using Heads = ...;    static Heads heads(item);
//                using Summary = ...;  static Summary summary(heads, item);  // ordered; a node keeps the greatest
//   invariant 1: the root is black; a red node has no red child.
//   invariant 2: every way down passes the same number of black nodes.
//   from: Guibas and Sedgewick 1978; Cormen et al., Introduction to Algorithms, 13
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
      const std::strong_ordering order = Rule::compare(key, node->heads, node->item);
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
      const std::strong_ordering order = Rule::compare(key, node->heads, node->item);
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
    Ptr fresh(new Node(std::move(item)));
    Item& out = fresh->item;
    Trail trail = own_way(way, [&](Node& node) { node.gains(fresh->summary); });
    *trail.slots[trail.turns] = std::move(fresh);
    part_reds(trail);
    root_->red = false;
    return out;
  }

  // requires: the way was found
  void erase_at(const Way& way) {
    Trail trail = own_way(way, [](Node&) {});
    const std::size_t found = trail.turns;
    Node& node = **trail.slots[found];
    const Summary gone = node.own_summary();
    if (node.left && node.right) {  // the next item, which has nothing on its left, takes its place
      own_first_on_the_right(trail);
      Node& next = **trail.slots[trail.turns];
      const Summary moved = next.own_summary();
      node.take_item(next);
      const bool lacks_black = unlink(*trail.slots[trail.turns]);
      for (std::size_t i = trail.turns; i-- > found + 1;) (*trail.slots[i])->lost(moved);
      for (std::size_t i = found + 1; i-- > 0;) (*trail.slots[i])->lost(gone);
      if (lacks_black) restore_black(trail);
    } else {
      const bool lacks_black = unlink(*trail.slots[found]);
      for (std::size_t i = found; i-- > 0;) (*trail.slots[i])->lost(gone);
      if (lacks_black) restore_black(trail);
    }
    if (root_) root_->red = false;
  }

  // False = there was none.
  template <class Q>
  bool erase(const Q& key) {
    const Way way = way_to(key);
    if (way.found) erase_at(way);
    return way.found;
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

  // A way as slots: slot 0 is the root's, slot i + 1 the child of slot i's node on the side that turn i took.
  struct Trail {
    std::size_t turns = 0;
    std::array<bool, Node::kMaxDepth> left;   // those from `turns` on are meaningless
    std::array<Ptr*, Node::kMaxDepth> slots;  // those behind `turns` are meaningless

    void go(bool to_left) {
      left[turns] = to_left;
      slots[turns + 1] = &(*slots[turns])->side(to_left);
      ++turns;
    }
  };

  // The slots of a way, their nodes ours alone; visit(node) for those above the last slot.
  template <class Visit>
  Trail own_way(const Way& way, const Visit& visit) {
    Trail out;
    out.slots[0] = &root_;
    for (std::size_t turn = 0; turn < way.turns; ++turn) {
      Node::own(*out.slots[turn]);
      visit(**out.slots[turn]);
      out.go(way.left[turn]);
    }
    if (way.found) Node::own(*out.slots[way.turns]);
    return out;
  }

  // On to the node of the next item. requires: there are nodes on the right
  static void own_first_on_the_right(Trail& trail) {
    trail.go(false);
    Node::own(*trail.slots[trail.turns]);
    while ((*trail.slots[trail.turns])->left) {
      trail.go(true);
      Node::own(*trail.slots[trail.turns]);
    }
  }

  // Takes out a node with one child at most. True = the ways through the slot lack a black node now.
  static bool unlink(Ptr& slot) {
    const bool was_red = slot->red;
    Ptr below = std::move(slot->left ? slot->left : slot->right);
    slot = std::move(below);
    if (!slot) return !was_red;
    Node::own(slot);  // a single child is red, and its parent black
    slot->red = false;
    return false;
  }

  // The node at the end of the trail is red; its parent may be, too.
  static void part_reds(Trail& trail) {
    for (std::size_t at = trail.turns; at >= 2; at -= 2) {
      Ptr& parent = *trail.slots[at - 1];
      Ptr& grand = *trail.slots[at - 2];
      if (!parent->red) return;
      const bool left = trail.left[at - 2];  // is the parent the left child?
      Ptr& uncle = grand->side(!left);
      if (!Node::is_red(uncle)) {
        if (trail.left[at - 1] != left) raise(parent, !left);
        return raise(grand, left);
      }
      Node::own(uncle);
      parent->red = uncle->red = false;
      grand->red = true;  // and the question is the same two levels up
    }
  }

  // The ways through the slot at the end of the trail lack a black node; nothing else is wrong.
  static void restore_black(Trail& trail) {
    for (std::size_t at = trail.turns; at > 0; --at) {
      const bool left = trail.left[at - 1];  // is the short side the left one?
      Ptr* above = trail.slots[at - 1];
      if ((*above)->side(!left)->red) {  // the sibling goes up; its child on our side is black
        raise(*above, !left);
        above = &(*above)->side(left);
      }
      Node& parent = **above;
      Ptr& sibling = parent.side(!left);
      Node::own(sibling);
      if (Node::is_red(sibling->left) || Node::is_red(sibling->right)) {
        return lend_black(*above, left);
      }
      sibling->red = true;  // now both sides are short
      if (std::exchange(parent.red, false)) return;
    }
  }

  // The short side gets the parent as a black node more; a red child of the sibling makes up for it.
  static void lend_black(Ptr& parent, bool left) {
    Ptr& sibling = parent->side(!left);
    if (!Node::is_red(sibling->side(!left))) raise(sibling, left);
    raise(parent, !left);
    Node::own(parent->side(!left));
    parent->left->red = parent->right->red = false;
  }

  // The child on that side takes the slot and its node's colour; the node becomes a red child on the other
  // side. The order stays: the child's inner subtree changes sides.
  static void raise(Ptr& slot, bool left) {
    Ptr& from = slot->side(left);
    Node::own(from);
    Ptr up = std::move(from);
    from = std::move(up->side(!left));
    Ptr& to = up->side(!left);
    to = std::move(slot);
    up->red = std::exchange(to->red, true);
    up->takes_over(*to);
    slot = std::move(up);
  }

  // The number of black nodes on every way down from here.
  static std::size_t examine(const Ptr& node, std::vector<std::string>& out) {
    if (!node) return 0;
    if (node->red && (Node::is_red(node->left) || Node::is_red(node->right))) {
      out.emplace_back("a red node has no red child");
    }
    const std::size_t left = examine(node->left, out);
    const std::size_t right = examine(node->right, out);
    if (left != right) out.emplace_back("every way down passes as many black nodes");
    if (node->size != 1 + Node::size_of(node->left) + Node::size_of(node->right)) {
      out.emplace_back("a node knows how many are below");
    }
    if (!(node->summary == node->fresh_summary())) {
      out.emplace_back("a node's summary is that of its subtree");
    }
    if (!(node->heads == Rule::heads(node->item))) {
      out.emplace_back("a node's heads are those of its item");
    }
    return left + (node->red ? 0 : 1);
  }

  Ptr root_;  // null = empty
};

}  // namespace orrery
