// BTreeNode: one node of OrderedMap's B-tree, holding sorted entries and, unless a leaf, children.
//   used by: ordered_map.h alone            uses: node_ptr.h, digest.h
//   ideas:   child i holds what sorts before entry i, the last child what sorts after all entries.
//            Node, entries and children are one allocation. A leaf starts small and grows, so a map of
//            three entries costs three entries.
//            The digest of a subtree is a sum of entry digests, so it can be kept up to date piece by
//            piece: whoever changes a piece first takes the old one out of the sum (`forget_*`) and
//            marks it missing; reading the digest puts the missing pieces in again.
//   invariant 1: `sum` covers every entry and child whose bit in `missing_*` is clear.
//   invariant 2: a child that the sum covers has nothing missing itself.
//   invariant 3: `total` counts the entries of the whole subtree.
//   from: Bayer and McCreight 1972; degree after google/btree as etcd's key index uses it
#pragma once

#include <algorithm>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <new>
#include <type_traits>
#include <utility>

#include "base/digest.h"
#include "base/node_ptr.h"

namespace orrery {

template <class K, class V>
class BTreeNode {
 public:
  using Item = std::pair<K, V>;
  using Ptr = NodePtr<BTreeNode>;

  // 63 as etcd's tree of degree 32, fewer where entries are large: odd, so that a split leaves two halves.
  static constexpr std::size_t kMaxItems = std::clamp<std::size_t>(1024 / sizeof(Item), 7, 63) | 1U;
  static constexpr std::size_t kMinItems = kMaxItems / 2;

  std::uint32_t refs = 1;
  std::uint16_t count = 0;
  const std::uint16_t capacity;  // entries that fit in this allocation; kMaxItems unless a leaf
  const bool leaf;
  std::size_t total = 0;

  // A leaf with room for so many entries (more where that is no dearer), or an inner node.
  static Ptr make_leaf(std::size_t room) {
    const std::size_t fit = std::bit_ceil(std::max<std::size_t>(room, 4));
    return make(true, std::min(fit, kMaxItems));
  }

  // An inner node without entries over its first child.
  static Ptr make_inner(Ptr first) {
    const std::size_t total = first->total;
    Ptr out = make(false, kMaxItems);
    new (out->children()) Ptr(std::move(first));
    out->missing_children_ = 1;
    out->total = total;
    return out;
  }

  // How many entries a tree of so many levels above its leaves can hold.
  static constexpr std::size_t most_below(std::size_t height) {
    std::size_t out = kMaxItems;
    for (; height > 0; --height) out = out * (kMaxItems + 1) + kMaxItems;
    return out;
  }

  // The least height of a tree of so many entries.
  static constexpr std::size_t height_for(std::size_t entries) {
    std::size_t out = 0;
    while (most_below(out) < entries) ++out;
    return out;
  }

  // A tree of these entries, which are moved from: as few nodes as can be on each level, evenly filled.
  // requires: the height is the least that will do
  static Ptr build(Item* entries, std::size_t n, std::size_t height) {
    Ptr out = make(height == 0, height == 0 ? n : kMaxItems);
    const std::size_t parts = height == 0 ? 0 : n / (most_below(height - 1) + 1) + 1;
    for (std::size_t i = 0; i < parts; ++i) {
      const std::size_t part = share(n, parts, i);
      new (out->children() + i) Ptr(build(entries, part, height - 1));
      entries += part;
      if (i + 1 < parts) new (out->items() + i) Item(std::move(*entries++));
    }
    if (height == 0) std::uninitialized_move_n(entries, n, out->items());
    out->count = static_cast<std::uint16_t>(height == 0 ? n : parts - 1);
    out->total = n;
    out->forget_all();
    return out;
  }

  static void destroy(BTreeNode* node) {
    std::destroy_n(node->items(), node->count);
    if (!node->leaf) std::destroy_n(node->children(), node->count + 1U);
    node->~BTreeNode();
    ::operator delete(node);
  }

  // Makes the slot's node ours alone, with room for so many entries.
  static void own(Ptr& slot, std::size_t room) {
    if (slot.shared()) {
      slot = copy_of(*slot, room);
    } else if (slot->capacity < room) {
      slot = grown(*slot, room);
    }
  }

  // Asks for the memory of all entries at once, for a search that would wait for them one after the other.
  void prefetch() const {
    constexpr std::size_t kLine = 64;
    constexpr std::size_t kEnd = items_offset() + kMaxItems * sizeof(Item);
    const std::byte* node = const_cast<BTreeNode*>(this)->raw();
    for (std::size_t at = 0; at < kEnd; at += kLine) __builtin_prefetch(node + at);
  }

  bool full() const { return count == kMaxItems; }

  Item& item(std::size_t i) { return items()[i]; }

  const Item& item(std::size_t i) const { return items()[i]; }

  Ptr& child(std::size_t i) { return children()[i]; }

  const Ptr& child(std::size_t i) const { return children()[i]; }

  // -- edits; `total` is the caller's business, the digest is not

  // requires: count < capacity
  void insert_item(std::size_t i, Item&& item) {
    insert_into(items(), count, i, std::move(item));
    missing_items_ = insert_bit(missing_items_, i);
    ++count;
  }

  Item remove_item(std::size_t i) {
    forget_item(i);
    missing_items_ = remove_bit(missing_items_, i);
    return remove_from(items(), count--, i);
  }

  // requires: the entry that goes with the child is in already
  void insert_child(std::size_t i, Ptr child) {
    insert_into(children(), count, i, std::move(child));
    missing_children_ = insert_bit(missing_children_, i);
  }

  // requires: the entry that goes with the child is out already
  Ptr remove_child(std::size_t i) {
    forget_child(i);
    missing_children_ = remove_bit(missing_children_, i);
    return remove_from(children(), count + 2U, i);
  }

  // Splits a full node: the middle entry goes out, those after it to a new node.
  std::pair<Item, Ptr> split() {
    Ptr right = make(leaf, kMaxItems);
    right->count = kMinItems;
    relocate(items() + kMinItems + 1, kMinItems, right->items());
    if (!leaf) relocate(children() + kMinItems + 1, kMinItems + 1, right->children());
    right->forget_all();
    right->recount();
    count = kMinItems + 1;
    forget_all();
    Item middle = remove_item(kMinItems);
    forget_all();
    recount();
    return {std::move(middle), std::move(right)};
  }

  // Takes over all of `right` after a separator. requires: this node has a separator last, and room;
  // right is nobody else's.
  void append(BTreeNode& right) {
    relocate(right.items(), right.count, items() + count);
    if (!leaf) relocate(right.children(), right.count + 1U, children() + count);
    count = static_cast<std::uint16_t>(count + right.count);
    right.count = 0;
    if (!leaf) new (right.children()) Ptr();  // the child every inner node has
    forget_all();
  }

  // Child i has one entry too few: takes one over from a neighbour or joins one.
  static void refill(BTreeNode& parent, std::size_t i) {
    if (i > 0 && parent.child(i - 1)->count > kMinItems) return move_right(parent, i - 1);
    if (i < parent.count && parent.child(i + 1)->count > kMinItems) return move_left(parent, i);
    join(parent, i > 0 ? i - 1 : i);
  }

  // Child i + 1 gives entries to child i until that is full. requires: both are leaves
  static void give_left(BTreeNode& parent, std::size_t i) {
    auto [left, right] = own_children(parent, i);
    while (!left->full()) {
      left->insert_item(left->count, std::exchange(parent.item(i), right->remove_item(0)));
    }
    left->recount();
    right->recount();
  }

  void recount() {
    total = count;
    if (leaf) return;
    for (std::size_t i = 0; i <= count; ++i) total += child(i)->total;
  }

  // -- digest

  // To be called before entry i or child i changes.
  void forget_item(std::size_t i) {
    if ((missing_items_ & bit(i)) != 0) return;
    sum_ -= item_digest(item(i));
    missing_items_ |= bit(i);
  }

  void forget_child(std::size_t i) {
    if ((missing_children_ & bit(i)) != 0) return;
    sum_ -= child(i)->sum_;
    missing_children_ |= bit(i);
  }

  // The sum over all entries of the subtree.
  Digest digest() {
    for (; missing_items_ != 0; missing_items_ &= missing_items_ - 1) {
      sum_ += item_digest(item(lowest(missing_items_)));
    }
    for (; missing_children_ != 0; missing_children_ &= missing_children_ - 1) {
      sum_ += child(lowest(missing_children_))->digest();
    }
    return sum_;
  }

  // The same, from the entries alone: for checks.
  Digest digest_afresh() const {
    Digest out = 0;
    for (std::size_t i = 0; i < count; ++i) out += item_digest(item(i));
    for (std::size_t i = 0; !leaf && i <= count; ++i) out += child(i)->digest_afresh();
    return out;
  }

 private:
  // The last entry of child i goes up, entry i of the parent goes down to the front of child i + 1.
  static void move_right(BTreeNode& parent, std::size_t i) {
    auto [left, right] = own_children(parent, i);
    right->insert_item(0, std::exchange(parent.item(i), left->remove_item(left->count - 1U)));
    if (!left->leaf) right->insert_child(0, left->remove_child(left->count + 1U));
    left->recount();
    right->recount();
  }

  // The other way round.
  static void move_left(BTreeNode& parent, std::size_t i) {
    auto [left, right] = own_children(parent, i);
    left->insert_item(left->count, std::exchange(parent.item(i), right->remove_item(0)));
    if (!left->leaf) left->insert_child(left->count, right->remove_child(0));
    left->recount();
    right->recount();
  }

  // Children i and i + 1 become one, with entry i of the parent between them.
  static void join(BTreeNode& parent, std::size_t i) {
    auto [left, right] = own_children(parent, i);
    left->insert_item(left->count, parent.remove_item(i));
    left->append(*right);
    left->recount();
    parent.remove_child(i + 1);
  }

  // Children i and i + 1, ours alone and with room, they and entry i taken out of the parent's digest.
  static std::pair<BTreeNode*, BTreeNode*> own_children(BTreeNode& parent, std::size_t i) {
    parent.forget_item(i);
    for (const std::size_t c : {i, i + 1}) {
      parent.forget_child(c);
      own(parent.child(c), kMaxItems);
    }
    return {parent.child(i).get(), parent.child(i + 1).get()};
  }

  BTreeNode(bool is_leaf, std::size_t room)
      : capacity(static_cast<std::uint16_t>(room)), leaf(is_leaf) {}

  // What part i gets of n entries of which all but those between the parts are handed out evenly.
  static constexpr std::size_t share(std::size_t n, std::size_t parts, std::size_t i) {
    const std::size_t handed_out = n - (parts - 1);
    return handed_out / parts + (i < handed_out % parts ? 1 : 0);
  }

  static constexpr std::size_t round_up(std::size_t size, std::size_t align) {
    return (size + align - 1) / align * align;
  }

  static constexpr std::size_t items_offset() { return round_up(sizeof(BTreeNode), alignof(Item)); }

  static constexpr std::size_t children_offset() {
    return round_up(items_offset() + kMaxItems * sizeof(Item), alignof(Ptr));
  }

  static Ptr make(bool is_leaf, std::size_t room) {
    const std::size_t size = is_leaf ? items_offset() + room * sizeof(Item)
                                     : children_offset() + (kMaxItems + 1) * sizeof(Ptr);
    static_assert(alignof(Item) <= __STDCPP_DEFAULT_NEW_ALIGNMENT__);
    return Ptr(new (::operator new(size)) BTreeNode(is_leaf, room));
  }

  static Ptr copy_of(const BTreeNode& from, std::size_t room) {
    const std::size_t fit = std::max<std::size_t>(room, from.count);
    Ptr out = from.leaf ? make_leaf(fit) : make(false, kMaxItems);
    std::uninitialized_copy_n(from.items(), from.count, out->items());
    if (!from.leaf) std::uninitialized_copy_n(from.children(), from.count + 1U, out->children());
    out->count = from.count;
    out->take_memory(from);
    return out;
  }

  static Ptr grown(BTreeNode& from, std::size_t room) {
    Ptr out = make_leaf(room);
    relocate(from.items(), from.count, out->items());
    out->count = from.count;
    out->take_memory(from);
    from.count = 0;
    return out;
  }

  void take_memory(const BTreeNode& from) {
    total = from.total;
    sum_ = from.sum_;
    missing_items_ = from.missing_items_;
    missing_children_ = from.missing_children_;
  }

  void forget_all() {
    sum_ = 0;
    missing_items_ = below(count);
    missing_children_ = leaf ? 0 : (below(count) | bit(count));
  }

  static Digest item_digest(const Item& item) {
    return combine(digest_of(item.first), digest_of(item.second));
  }

  // -- bit sets of up to 64 pieces
  static constexpr std::uint64_t bit(std::size_t i) { return std::uint64_t{1} << i; }

  static constexpr std::uint64_t below(std::size_t i) { return bit(i) - 1; }

  static std::size_t lowest(std::uint64_t set) {
    return static_cast<std::size_t>(std::countr_zero(set));
  }

  static constexpr std::uint64_t insert_bit(std::uint64_t set, std::size_t i) {
    return (set & below(i)) | ((set & ~below(i)) << 1) | bit(i);
  }

  static constexpr std::uint64_t remove_bit(std::uint64_t set, std::size_t i) {
    return (set & below(i)) | ((set >> 1) & ~below(i));
  }

  // -- arrays in raw memory
  template <class T>
  static void relocate(T* from, std::size_t n, T* to) {
    std::uninitialized_move_n(from, n, to);
    std::destroy_n(from, n);
  }

  template <class T>
  static void insert_into(T* array, std::size_t n, std::size_t i, std::type_identity_t<T>&& value) {
    if (i == n) {
      new (array + n) T(std::move(value));
      return;
    }
    new (array + n) T(std::move(array[n - 1]));
    std::move_backward(array + i, array + n - 1, array + n);
    array[i] = std::move(value);
  }

  template <class T>
  static T remove_from(T* array, std::size_t n, std::size_t i) {
    T out = std::move(array[i]);
    std::move(array + i + 1, array + n, array + i);
    std::destroy_at(array + n - 1);
    return out;
  }

  std::byte* raw() { return reinterpret_cast<std::byte*>(this); }

  Item* items() { return std::launder(reinterpret_cast<Item*>(raw() + items_offset())); }

  const Item* items() const { return const_cast<BTreeNode*>(this)->items(); }

  Ptr* children() { return std::launder(reinterpret_cast<Ptr*>(raw() + children_offset())); }

  const Ptr* children() const { return const_cast<BTreeNode*>(this)->children(); }

  Digest sum_ = 0;
  std::uint64_t missing_items_ = 0;     // bit i: entry i is not in sum_
  std::uint64_t missing_children_ = 0;  // bit i: child i is not in sum_
};

}  // namespace orrery
