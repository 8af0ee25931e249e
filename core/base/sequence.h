// Sequence<T>: a growing list whose copies are free: a persistent tree of chunks.
//   used by: the Raft log, channels, file blocks: whatever grows at its end and is dropped at its front
//   uses:    sequence_node.h
//   ideas:   the last chunk, the tail, stands beside the tree, so push_back seldom meets the tree.
//            A copy shares all nodes; an edit copies the shared ones on its path and no others.
//   invariant 1: equality and digest are those of the elements; shape and sharing cannot be seen.
//   invariant 2: iterators and references hold until the next change; what edit() gave may be written until
//            the next change, copy or digest.
//   invariant 3: the tail is there and not empty unless the sequence is empty.
//   from: Bagwell's hash tries as Clojure's vector uses them; dropping at the front is ours
#pragma once

#include <algorithm>
#include <array>
#include <compare>
#include <cstddef>
#include <iterator>
#include <string>
#include <utility>
#include <vector>

#include "base/check.h"
#include "base/digest.h"
#include "base/sequence_node.h"

namespace orrery {

template <class T>
class Sequence {
  using Node = SequenceNode<T>;
  using Ptr = NodePtr<Node>;

  // Neighbouring elements [begin, end) in one chunk.
  struct Run {
    const T* items = nullptr;  // the element at `begin`
    std::size_t begin = 0;
    std::size_t end = 0;
  };

 public:
  using value_type = T;

  class const_iterator {
   public:
    using iterator_category = std::random_access_iterator_tag;
    using value_type = T;
    using difference_type = std::ptrdiff_t;
    using pointer = const T*;
    using reference = const T&;

    const_iterator() = default;

    reference operator*() const { return run_.items[i_ - run_.begin]; }

    pointer operator->() const { return &**this; }

    reference operator[](difference_type n) const { return *(*this + n); }

    const_iterator& operator++() {
      if (++i_ == run_.end) load();
      return *this;
    }

    const_iterator& operator--() { return *this += -1; }

    const_iterator& operator+=(difference_type n) {
      i_ += static_cast<std::size_t>(n);
      if (i_ < run_.begin || i_ >= run_.end) load();
      return *this;
    }

    const_iterator& operator-=(difference_type n) { return *this += -n; }

    const_iterator operator++(int) { return std::exchange(*this, *this + 1); }

    const_iterator operator--(int) { return std::exchange(*this, *this - 1); }

    friend const_iterator operator+(const_iterator it, difference_type n) { return it += n; }

    friend const_iterator operator+(difference_type n, const_iterator it) { return it += n; }

    friend const_iterator operator-(const_iterator it, difference_type n) { return it -= n; }

    friend difference_type operator-(const const_iterator& a, const const_iterator& b) {
      return static_cast<difference_type>(a.i_) - static_cast<difference_type>(b.i_);
    }

    friend bool operator==(const const_iterator& a, const const_iterator& b) {
      return a.i_ == b.i_;
    }

    friend auto operator<=>(const const_iterator& a, const const_iterator& b) {
      return a.i_ <=> b.i_;
    }

   private:
    friend class Sequence;

    const_iterator(Node* root, Node* tail, std::size_t i) : root_(root), tail_(tail), i_(i) {
      load();
    }

    void load() { run_ = run_at(root_, tail_, i_); }

    Node* root_ = nullptr;
    Node* tail_ = nullptr;
    std::size_t i_ = 0;
    Run run_;
  };

  using iterator = const_iterator;

  std::size_t size() const { return tree_size() + (tail_ ? tail_->size : 0); }

  bool empty() const { return !tail_; }

  // requires: i < size()
  const T& operator[](std::size_t i) const {
    check(i < size(), "an element that is asked for exists");
    if (i >= tree_size()) return tail_->item(i - tree_size() + tail_->first);
    Node* leaf = root_->leaf_of(i);
    return leaf->item(i);
  }

  // requires: not empty
  const T& front() const { return (*this)[0]; }

  const T& back() const {
    check(!empty(), "a sequence whose last element is asked for is not empty");
    return tail_->item(tail_->last - 1U);
  }

  // Asks for the memory of the last elements, before somebody reads them.
  void prefetch() const { Node::prefetch(tail_.get()); }

  // For editing in place; valid until the next change, copy or digest. requires: i < size()
  T& edit(std::size_t i) {
    check(i < size(), "an element that is edited exists");
    if (i >= tree_size()) return edit_in(tail_, i - tree_size() + tail_->vacant);
    return edit_in(root_, i + root_->vacant);
  }

  void push_back(T value) {
    if (!tail_ || tail_.shared() || tail_->last == tail_->slots) make_room();
    tail_->push_item(std::move(value));
  }

  // Drops the first `count` elements. requires: count <= size()
  void drop_front(std::size_t count) {
    check(count <= size(), "elements that are dropped exist");
    if (count == 0) return;
    if (count == size()) return clear();
    if (count < tree_size()) {
      cut_front(root_, count);
      drop_bare_roots();
      return;
    }
    count -= tree_size();
    root_ = {};
    if (count > 0) cut_front(tail_, count);
  }

  // Keeps the first `count` elements. requires: count <= size()
  void truncate(std::size_t count) {
    check(count <= size(), "elements that are kept exist");
    if (count == 0) return clear();
    if (count <= tree_size()) take_tail_out(count - 1);
    const std::size_t kept = count - tree_size();
    if (kept < tail_->size) cut_back(tail_, kept);
  }

  void clear() {
    root_ = {};
    tail_ = {};
  }

  // Random-access iterators, invalidated by any change.
  const_iterator begin() const { return const_iterator(root_.get(), tail_.get(), 0); }

  const_iterator end() const { return const_iterator(root_.get(), tail_.get(), size()); }

  Digest digest() const {
    const std::uint64_t left = root_ ? root_->hash() : 0;
    if (!tail_) return mix(0);
    const std::uint64_t hash =
        sequence_hash::join(left, tail_->hash(), root_ ? sequence_hash::power(tail_->size) : 1);
    return combine(mix(size()), hash);
  }

  friend bool operator==(const Sequence& a, const Sequence& b) {
    if (a.size() != b.size()) return false;
    return compare(a, 0, b, 0, a.size(), [](std::size_t) { return false; });
  }

  // Calls visit(i, before, after) for what turns a into b: elements that left at the front or the end
  // (i counts in a, `after` is null), changed or joined at the end (i counts in b, `before` is null for
  // those that joined). Chunks that a and b share are passed over unread.
  template <class Visit>
  friend void difference(const Sequence& a, const Sequence& b, Visit&& visit) {
    const T* const none = nullptr;
    const std::size_t left = left_at_front(a, b);
    for (std::size_t i = 0; i < left; ++i) visit(i, &a[i], none);
    const std::size_t common = std::min(a.size() - left, b.size());
    compare(a, left, b, 0, common, [&](std::size_t i) {
      visit(i, &a[left + i], &b[i]);
      return true;
    });
    for (std::size_t i = left + common; i < a.size(); ++i) visit(i, &a[i], none);
    for (std::size_t i = common; i < b.size(); ++i) visit(i, none, &b[i]);
  }

  // What of the tree's rules does not hold? For tests.
  friend std::vector<std::string> violations(const Sequence& sequence) {
    std::vector<std::string> out;
    if (sequence.root_) sequence.root_->examine(true, out);
    if (sequence.root_ && !sequence.tail_) out.emplace_back("a tree stands beside a tail");
    if (!sequence.tail_) return out;
    if (sequence.tail_->height != 0) out.emplace_back("the tail is a leaf");
    if (sequence.tail_->size == 0) out.emplace_back("the tail is not empty");
    if (sequence.root_ && sequence.tail_->first != 0) {
      out.emplace_back("only the first leaf has vacant slots");
    }
    return out;
  }

 private:
  std::size_t tree_size() const { return root_ ? root_->size : 0; }

  static Run run_at(Node* root, Node* tail, std::size_t i) {
    const std::size_t in_tree = root != nullptr ? root->size : 0;
    const std::size_t in_tail = tail != nullptr ? tail->size : 0;
    if (i >= in_tree + in_tail) return {nullptr, i, i};
    if (i >= in_tree) return {&tail->item(tail->first), in_tree, in_tree + in_tail};
    std::size_t slot = i;
    Node* leaf = root->leaf_of(slot);
    const std::size_t begin = i - (slot - leaf->first);
    return {&leaf->item(leaf->first), begin, begin + leaf->size};
  }

  Run run(std::size_t i) const { return run_at(root_.get(), tail_.get(), i); }

  // The element at a position below the slot's node, all nodes on the way ours alone.
  static T& edit_in(Ptr& slot, std::size_t position) {
    Node::own(slot);
    slot->forget();
    if (slot->height == 0) return slot->item(position);
    const std::size_t stride = slot->stride();
    return edit_in(slot->child(position / stride), position % stride);
  }

  // -- growing

  // Makes the tail ours alone with a slot left.
  void make_room() {
    if (!tail_) {
      tail_ = Node::make_leaf(1);
    } else if (tail_->last < tail_->slots) {
      Node::own(tail_, tail_->last + 1U);
    } else if (2 * tail_->occupied() <= tail_->slots) {
      tail_ = Node::packed(tail_, tail_->slots);
    } else if (tail_->slots < Node::kLeafSlots) {
      tail_ = Node::packed(tail_, 2U * tail_->slots);
    } else {
      append_to_tree(std::move(tail_));
      tail_ = Node::make_leaf(Node::kLeafSlots);
    }
  }

  void append_to_tree(Ptr leaf) {
    if (!root_) {
      root_ = std::move(leaf);
      return;
    }
    if (root_->full()) {
      const unsigned height = root_->height + 1U;  // read before root_ is moved from
      root_ = wrapped(std::move(root_), height);
    }
    append_below(root_, std::move(leaf));
  }

  // requires: the subtree is not full
  static void append_below(Ptr& slot, Ptr leaf) {
    Node::own(slot);
    Node& node = *slot;
    Ptr& last = node.child(node.last - 1U);
    if (last->full()) {
      node.push_child(wrapped(std::move(leaf), node.height - 1U));
      return;
    }
    node.size += leaf->size;
    node.forget();
    append_below(last, std::move(leaf));
  }

  // The only child of an only child ... of a node of this height.
  static Ptr wrapped(Ptr node, unsigned height) {
    while (node->height < height) {
      Ptr above = Node::make_inner(node->height + 1U);
      above->push_child(std::move(node));
      node = std::move(above);
    }
    return node;
  }

  // -- shrinking

  // requires: 0 < count < the slot's size
  static void cut_front(Ptr& slot, std::size_t count) {
    const std::size_t position = slot->vacant + count;
    const std::size_t stride = slot->stride();
    if (position / stride > slot->first) {
      Node::own_part(slot, position / stride, slot->last);
    } else {
      Node::own(slot);
    }
    if (slot->height == 0) return;
    Ptr& child = slot->child(slot->first);
    const std::size_t rest = position % stride - child->vacant;
    if (rest == 0) return;
    cut_front(child, rest);
    slot->lose_front(rest);
  }

  // requires: 0 < kept < the slot's size
  static void cut_back(Ptr& slot, std::size_t kept) {
    const std::size_t position = slot->vacant + kept - 1;
    const std::size_t stride = slot->stride();
    Node::own_part(slot, slot->first, position / stride + 1);
    if (slot->height == 0 || slot->size == kept) return;
    Ptr& child = slot->child(slot->last - 1U);
    cut_back(child, child->size - (slot->size - kept));
    slot->recount();
  }

  // The leaf that holds element i of the tree becomes the tail; the tree ends before it.
  void take_tail_out(std::size_t i) {
    const std::size_t begin = run(i).begin;
    std::size_t position = i + root_->vacant;
    Ptr leaf = root_;
    while (leaf->height > 0) {
      const std::size_t stride = leaf->stride();
      leaf = Ptr(leaf->child(position / stride));
      position %= stride;
    }
    tail_ = std::move(leaf);
    if (begin == 0) {
      root_ = {};
      return;
    }
    cut_back(root_, begin);
    drop_bare_roots();
  }

  void drop_bare_roots() {
    while (root_->height > 0 && root_->occupied() == 1) root_ = Ptr(root_->child(root_->first));
  }

  // -- comparing

  // Calls differs(k) for each k < n with a[i + k] != b[j + k], ascending, until it returns false.
  // True = it never did.
  template <class Differs>
  static bool compare(const Sequence& a, std::size_t i, const Sequence& b, std::size_t j,
                      std::size_t n, const Differs& differs) {
    for (std::size_t done = 0; done < n;) {
      const std::size_t shared = shared_from(a, i + done, b, j + done);
      if (shared > 0) {
        done += std::min(shared, n - done);
        continue;
      }
      const Run x = a.run(i + done);
      const Run y = b.run(j + done);
      const T* left = x.items + (i + done - x.begin);
      const T* right = y.items + (j + done - y.begin);
      std::size_t length = std::min({n - done, x.end - (i + done), y.end - (j + done)});
      for (; length > 0; --length, ++left, ++right, ++done) {
        if (left != right && !(*left == *right) && !differs(done)) return false;
      }
    }
    return true;
  }

  // The elements of the largest node that begins at a[i] and at b[j] alike; 0 = none.
  static std::size_t shared_from(const Sequence& a, std::size_t i, const Sequence& b,
                                 std::size_t j) {
    const Begun x = a.begun(i);
    const Begun y = b.begun(j);
    for (std::size_t k = 0; k < x.count; ++k) {
      for (std::size_t l = 0; l < y.count; ++l) {
        if (x.nodes[k] == y.nodes[l]) return x.nodes[k]->size;
      }
    }
    return 0;
  }

  // The nodes whose first element is element i, from the top.
  struct Begun {
    std::array<Node*, 16> nodes;
    std::size_t count = 0;
  };

  Begun begun(std::size_t i) const {
    Begun out;
    if (i >= tree_size()) {
      if (i == tree_size()) out.nodes[out.count++] = tail_.get();
      return out;
    }
    std::size_t position = i + root_->vacant;
    Node* node = root_.get();
    while (true) {
      if (position == node->vacant) out.nodes[out.count++] = node;
      if (node->height == 0) return out;
      const std::size_t stride = node->stride();
      node = node->child(position / stride).get();
      position %= stride;
    }
  }

  // How many elements left a's front, seen from b? The least number whose remainder of a agrees with b as
  // far as both go, if that explains b with fewer changes than comparing place by place does.
  static std::size_t left_at_front(const Sequence& a, const Sequence& b) {
    if (a.empty() || b.empty() || a[0] == b[0]) return 0;
    const auto differs = [](std::size_t) { return false; };
    for (std::size_t left = 1; left < a.size(); ++left) {
      const std::size_t common = std::min(a.size() - left, b.size());
      if (!(a[left] == b[0]) || !compare(a, left, b, 0, common, differs)) continue;
      const std::size_t changes = a.size() + b.size() - 2 * common;
      return changes < changes_in_place(a, b, changes) ? left : 0;
    }
    return 0;
  }

  // As far as `enough`.
  static std::size_t changes_in_place(const Sequence& a, const Sequence& b, std::size_t enough) {
    const std::size_t common = std::min(a.size(), b.size());
    std::size_t out = a.size() + b.size() - 2 * common;
    compare(a, 0, b, 0, common, [&](std::size_t) { return ++out <= enough; });
    return out;
  }

  Ptr root_;  // all chunks but the tail; null = none
  Ptr tail_;  // null = the sequence is empty
};

}  // namespace orrery
