// OrderedMap<K, V>: a sorted map whose copies are free: a persistent B-tree.
//   used by: everything in a World that grows and is looked up by key
//   uses:    btree_node.h, btree_path.h, btree_check.h
//   ideas:   a copy shares all nodes. An edit copies the shared nodes on its path and no others; while
//            nobody shares them it happens in place. Keys may be queried by any type that Less compares.
//            The digest depends on the entries alone and costs what changed since it was last read.
//   invariant 1: equality, order and digest are those of the entries; shape and sharing cannot be seen.
//   invariant 2: iterators and pointers hold until the next change; what edit() or at_or_new() gave may be
//            written until the next change, copy or digest.
//   from: Bayer and McCreight 1972; google/btree, as etcd's key index uses it (degree 32)
#pragma once

#include <compare>
#include <concepts>
#include <cstddef>
#include <functional>
#include <iterator>
#include <string>
#include <utility>
#include <vector>

#include "base/btree_check.h"
#include "base/btree_node.h"
#include "base/btree_path.h"
#include "base/check.h"
#include "base/digest.h"

namespace orrery {

template <class K, class V, class Less = std::less<>>
class OrderedMap {
  using Node = BTreeNode<K, V>;
  using Path = BTreePath<K, V>;

 public:
  using key_type = K;
  using mapped_type = V;
  using value_type = std::pair<K, V>;

  class const_iterator {
   public:
    using iterator_category = std::bidirectional_iterator_tag;
    using value_type = std::pair<K, V>;
    using difference_type = std::ptrdiff_t;
    using pointer = const value_type*;
    using reference = const value_type&;

    const_iterator() = default;

    reference operator*() const { return path_.item(); }

    pointer operator->() const { return &path_.item(); }

    const_iterator& operator++() {
      path_.next();
      return *this;
    }

    const_iterator& operator--() {
      if (path_.at_end()) {
        path_.push_last(root_);
      } else {
        path_.previous();
      }
      return *this;
    }

    const_iterator operator++(int) {
      const_iterator old = *this;
      ++*this;
      return old;
    }

    const_iterator operator--(int) {
      const_iterator old = *this;
      --*this;
      return old;
    }

    friend bool operator==(const const_iterator& a, const const_iterator& b) {
      return a.path_ == b.path_;
    }

   private:
    friend class OrderedMap;

    explicit const_iterator(Node* root) : root_(root) {}

    Node* root_ = nullptr;
    Path path_;
  };

  using iterator = const_iterator;

  // Of entries in ascending order, in nodes as full as they can be. requires: no two keys are equal
  static OrderedMap from_sorted(std::vector<value_type> entries) {
    OrderedMap out;
    if (entries.empty()) return out;
    out.root_ = Node::build(entries.data(), entries.size(), Node::height_for(entries.size()));
    return out;
  }

  std::size_t size() const { return root_ ? root_->total : 0; }

  bool empty() const { return !root_; }

  template <class Q>
  const V* find(const Q& key) const {
    const bool far = lies_far();
    Node* node = root_.get();
    while (node != nullptr) {
      if (far) node->prefetch();
      const std::size_t i = lower_index(*node, key);
      if (i < node->count && !Less{}(key, node->item(i).first)) return &node->item(i).second;
      node = node->leaf ? nullptr : node->child(i).get();
    }
    return nullptr;
  }

  template <class Q>
  bool contains(const Q& key) const {
    return find(key) != nullptr;
  }

  // For editing in place (the path is copied if shared); null when absent. Valid until the next change,
  // copy or digest.
  template <class Q>
  V* edit(const Q& key) {
    Path path = lower_path(key);
    if (!names(path, key)) return nullptr;
    return &own(path).item(path.last().at).second;
  }

  // Calls change(key, value) for the entries at these positions (see nth), for editing their values in
  // place; nodes without such an entry stay shared. requires: the positions ascend and exist
  template <class Change>
  void edit_each(const std::vector<std::size_t>& positions, Change&& change) {
    auto next = positions.begin();
    if (next != positions.end()) edit_below(root_, 0, next, positions.end(), change);
    check(next == positions.end(), "entries that are edited exist");
  }

  // Inserts or replaces. True = the key is new.
  bool put(K key, V value) {
    Path path = lower_path(key);
    if (names(path, key)) {
      own(path).item(path.last().at).second = std::move(value);
      return false;
    }
    insert_before(path, value_type(std::move(key), std::move(value)));
    return true;
  }

  // Finds or inserts a default value, for editing.
  V& at_or_new(const K& key) { return at_or_new_as(key); }

  // The same for a query from which a key is made only if it is new.
  template <class Q>
    requires(!std::same_as<Q, K> && std::constructible_from<K, const Q&>)
  V& at_or_new(const Q& key) {
    return at_or_new_as(key);
  }

  template <class Q>
  bool erase(const Q& key) {
    Path path = lower_path(key);
    if (!names(path, key)) return false;
    erase_at(path);
    return true;
  }

  void clear() { root_ = {}; }

  // Iterators give pairs (first = key, second = value) in ascending order and are invalidated by any change.
  const_iterator begin() const {
    const_iterator out(root_.get());
    if (root_) out.path_.push_first(root_.get());
    return out;
  }

  const_iterator end() const { return const_iterator(root_.get()); }

  // The first entry whose key is not less.
  template <class Q>
  const_iterator lower_bound(const Q& key) const {
    const_iterator out(root_.get());
    descend(out.path_, [&](const K& k) { return Less{}(k, key); });
    out.path_.settle();
    return out;
  }

  // The first entry whose key is greater.
  template <class Q>
  const_iterator upper_bound(const Q& key) const {
    const_iterator out(root_.get());
    descend(out.path_, [&](const K& k) { return !Less{}(key, k); });
    out.path_.settle();
    return out;
  }

  // The entry with the least, the greatest key; null when empty.
  const value_type* first() const { return root_ ? &*begin() : nullptr; }

  const value_type* last() const { return root_ ? &*--end() : nullptr; }

  // The entry with `position` entries before it. requires: position <= size(); size() gives end()
  const_iterator nth(std::size_t position) const {
    const_iterator out(root_.get());
    if (position >= size()) return out;
    for (Node* node = root_.get();; node = node->child(out.path_.last().at).get()) {
      std::size_t i = 0;
      if (node->leaf) {
        out.path_.push(node, position);
        return out;
      }
      while (position > node->child(i)->total) position -= node->child(i++)->total + 1;
      out.path_.push(node, i);
      if (position == node->child(i)->total && i < node->count) return out;
    }
  }

  // How many entries have a lesser key?
  template <class Q>
  std::size_t rank(const Q& key) const {
    Path path;
    descend(path, [&](const K& k) { return Less{}(k, key); });
    std::size_t out = 0;
    for (std::size_t l = 0; l < path.depth(); ++l) {
      const auto& [node, at] = path.level(l);
      out += at;
      for (std::size_t i = 0; !node->leaf && i < at; ++i) out += node->child(i)->total;
    }
    return out;
  }

  Digest digest() const { return mix(size()) + (root_ ? root_->digest() : 0); }

  // Do the two share everything? Then they are equal without a look.
  bool same_root(const OrderedMap& other) const { return root_ == other.root_; }

  friend bool operator==(const OrderedMap& a, const OrderedMap& b) {
    if (a.size() != b.size()) return false;
    return walk(a, b, [](const value_type* before, const value_type* after) {
      return before != nullptr && after != nullptr && before->first == after->first &&
             before->second == after->second;
    });
  }

  // Calls visit(key, before, after) for every key whose value differs, ascending; `before` is null where b
  // adds the key, `after` where b lacks it. Nodes that a and b share are passed over unread.
  template <class Visit>
  friend void difference(const OrderedMap& a, const OrderedMap& b, Visit&& visit) {
    walk(a, b, [&](const value_type* before, const value_type* after) {
      const bool same = before != nullptr && after != nullptr && before->second == after->second;
      if (!same) {
        visit(before != nullptr ? before->first : after->first,
              before != nullptr ? &before->second : nullptr,
              after != nullptr ? &after->second : nullptr);
      }
      return true;
    });
  }

  // What of a B-tree's rules does not hold? For tests.
  friend std::vector<std::string> violations(const OrderedMap& map) {
    std::vector<std::string> out;
    if (map.root_) examine_btree(*map.root_, true, out);
    const K* previous = nullptr;
    for (const auto& [key, value] : map) {
      if (previous != nullptr && !Less{}(*previous, key)) out.emplace_back("keys ascend");
      previous = &key;
    }
    if (map.root_ && map.root_->digest() != map.root_->digest_afresh()) {
      out.emplace_back("the remembered digest is that of the entries");
    }
    return out;
  }

 private:
  // Is the map too large to stay near the processor? Then a search asks for each node as a whole.
  bool lies_far() const { return size() > 10'000; }

  // The first entry of the node for which `before` does not hold.
  template <class Before>
  static std::size_t partition_index(const Node& node, const Before& before) {
    std::size_t low = 0;
    std::size_t n = node.count;
    while (n > 0) {
      const std::size_t half = n / 2;
      const bool right = before(node.item(low + half).first);
      low = right ? low + half + 1 : low;
      n = right ? n - half - 1 : half;
    }
    return low;
  }

  template <class Q>
  static std::size_t lower_index(const Node& node, const Q& key) {
    return partition_index(node, [&](const K& k) { return Less{}(k, key); });
  }

  // Down to the leaf place where a key belongs; the place may lie behind the leaf's last entry.
  template <class Before>
  void descend(Path& path, const Before& before) const {
    const bool far = lies_far();
    for (Node* node = root_.get(); node != nullptr;) {
      if (far) node->prefetch();
      const std::size_t i = partition_index(*node, before);
      path.push(node, i);
      node = node->leaf ? nullptr : node->child(i).get();
    }
  }

  // The place of the key: its entry if it has one, otherwise the leaf place where it belongs.
  template <class Q>
  Path lower_path(const Q& key) const {
    Path path;
    const bool far = lies_far();
    for (Node* node = root_.get(); node != nullptr;) {
      if (far) node->prefetch();
      const std::size_t i = lower_index(*node, key);
      path.push(node, i);
      const bool here = i < node->count && !Less{}(key, node->item(i).first);
      node = here || node->leaf ? nullptr : node->child(i).get();
    }
    return path;
  }

  template <class Q>
  static bool names(const Path& path, const Q& key) {
    if (path.at_end()) return false;
    const auto& [node, at] = path.last();
    return at < node->count && !Less{}(key, node->item(at).first);
  }

  // Makes every node of the path ours alone and tells each that what lies below it is about to change.
  // `grown`: entries that the subtrees gain, +1, 0 or -1 (as a wrapping number).
  void own_path(Path& path, std::size_t gain, std::size_t room) {
    typename Node::Ptr* slot = &root_;
    for (std::size_t l = 0; l < path.depth(); ++l) {
      auto& [node, at] = path.level(l);
      const bool last = l + 1 == path.depth();
      Node::own(*slot, last ? std::min<std::size_t>(room + (*slot)->count, Node::kMaxItems) : 0);
      node = slot->get();
      node->total += gain;
      if (last) return;
      node->forget_child(at);
      slot = &node->child(at);
    }
  }

  // `before`: the entries before the slot's subtree, which holds the one at position *next.
  template <class Next, class Change>
  static void edit_below(typename Node::Ptr& slot, std::size_t before, Next& next, Next end,
                         Change& change) {
    Node::own(slot, 0);
    Node& node = *slot;
    for (std::size_t i = 0; i <= node.count && next != end; ++i) {
      if (!node.leaf) {
        const std::size_t after = before + node.child(i)->total;
        if (*next < after) {
          node.forget_child(i);
          edit_below(node.child(i), before, next, end, change);
        }
        before = after;
      }
      if (i < node.count && next != end && *next == before) {
        node.forget_item(i);
        change(std::as_const(node.item(i).first), node.item(i).second);
        ++next;
      }
      ++before;
    }
  }

  // The owned node that holds the path's entry, the entry taken out of the digest.
  Node& own(Path& path) {
    own_path(path, 0, 0);
    Node& node = *path.last().node;
    node.forget_item(path.last().at);
    return node;
  }

  template <class Q>
  V& at_or_new_as(const Q& key) {
    Path path = lower_path(key);
    if (names(path, key)) return own(path).item(path.last().at).second;
    return *insert_before(path, value_type(K(key), V()));
  }

  // requires: the path ends at a leaf place
  V* insert_before(Path& path, value_type&& item) {
    if (!root_) {
      root_ = Node::make_leaf(1);
      path.push(root_.get(), 0);
    }
    if (path.is_behind_all() && path.last().node->full() && shift_left(path))
      return insert_before(path, std::move(item));
    own_path(path, 1, 1);
    auto [node, at] = path.last();
    if (!node->full()) {
      node->insert_item(at, std::move(item));
    } else {
      auto [middle, right] = node->split();
      if (at > Node::kMinItems) {
        at -= Node::kMinItems + 1;
        node = right.get();
      }
      node->insert_item(at, std::move(item));
      ++node->total;
      hand_up(path, path.depth() - 1, std::move(middle), std::move(right));
    }
    return &node->item(at).second;
  }

  // What grows at its end would leave half-full leaves behind: the last leaf gives entries to the one before it
  // while that has room. False = it has none.
  bool shift_left(Path& path) {
    if (path.depth() < 2) return false;
    const std::size_t level = path.depth() - 2;
    const auto [parent, at] = path.level(level);
    if (parent->child(at - 1)->full()) return false;
    own_path(path, 0, 0);
    Node::give_left(*path.level(level).node, at - 1);
    path = {};
    descend(path, [](const K&) { return true; });
    return true;
  }

  // The path's node on this level was split: the middle entry and the new node on its right go to the
  // parent.
  void hand_up(Path& path, std::size_t level, value_type middle, typename Node::Ptr right) {
    if (level == 0) {
      root_ = Node::make_inner(std::move(root_));
      root_->total += 1 + right->total;
      root_->insert_item(0, std::move(middle));
      root_->insert_child(1, std::move(right));
      return;
    }
    auto [parent, at] = path.level(level - 1);
    if (!parent->full()) {
      parent->insert_item(at, std::move(middle));
      parent->insert_child(at + 1, std::move(right));
      return;
    }
    auto [next_middle, parent_right] = parent->split();
    if (at > Node::kMinItems) {
      at -= Node::kMinItems + 1;
      parent = parent_right.get();
    }
    parent->insert_item(at, std::move(middle));
    parent->insert_child(at + 1, std::move(right));
    parent->recount();
    path.level(level - 1).node->recount();
    hand_up(path, level - 1, std::move(next_middle), std::move(parent_right));
  }

  // requires: the path ends at an entry
  void erase_at(Path& path) {
    const std::size_t level = path.depth() - 1;
    const auto found = path.last();
    if (!found.node->leaf) {  // its predecessor, the last of a leaf, takes its place
      path.push_last(found.node->child(found.at).get());
    }
    own_path(path, std::size_t{0} - 1, 0);
    const auto [leaf, at] = path.last();
    value_type gone = leaf->remove_item(at);
    if (level + 1 != path.depth()) {
      Node* holder = path.level(level).node;
      holder->forget_item(found.at);
      holder->item(found.at) = std::move(gone);
    }
    for (std::size_t l = path.depth() - 1; l > 0 && path.level(l).node->count < Node::kMinItems;
         --l) {
      Node::refill(*path.level(l - 1).node, path.level(l - 1).at);
    }
    if (root_->count == 0) root_ = root_->leaf ? typename Node::Ptr() : root_->child(0);
  }

  // Walks both maps in step and shows each key once, passing over shared nodes. False = `show` said stop.
  template <class Show>
  static bool walk(const OrderedMap& a, const OrderedMap& b, const Show& show) {
    const_iterator i = a.begin();
    const_iterator j = b.begin();
    while (!i.path_.at_end() && !j.path_.at_end()) {
      if (Path::pass_shared(i.path_, j.path_)) continue;
      const bool only_a = Less{}(i->first, j->first);
      const bool only_b = !only_a && Less{}(j->first, i->first);
      if (!show(only_b ? nullptr : &*i, only_a ? nullptr : &*j)) return false;
      if (!only_b) ++i;
      if (!only_a) ++j;
    }
    return show_rest(i, [&](const value_type* entry) { return show(entry, nullptr); }) &&
           show_rest(j, [&](const value_type* entry) { return show(nullptr, entry); });
  }

  template <class Show>
  static bool show_rest(const_iterator& i, const Show& show) {
    for (; !i.path_.at_end(); ++i) {
      if (!show(&*i)) return false;
    }
    return true;
  }

  typename Node::Ptr root_;  // null = empty
};

}  // namespace orrery
