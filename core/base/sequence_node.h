// SequenceNode: one node of Sequence's tree: a leaf with elements or an inner node with children.
//   used by: sequence.h alone            uses: node_ptr.h, sequence_hash.h
//   ideas:   places are numbered by slots, like digits: an element's slot path follows from its position
//            alone. What is dropped at the front leaves its slots vacant, so nothing ever moves.
//   invariant 1: occupied slots are [first, last); only the nodes along the left edge have first > 0.
//   invariant 2: every leaf but a sequence's tail is occupied up to its last slot.
//   invariant 3: size counts the elements below, vacant the element positions dropped at the front.
#pragma once

#include <algorithm>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <new>
#include <string>
#include <utility>
#include <vector>

#include "base/digest.h"
#include "base/node_ptr.h"
#include "base/sequence_hash.h"

namespace orrery {

template <class T>
class SequenceNode {
 public:
  using Ptr = NodePtr<SequenceNode>;

  static constexpr unsigned kLeafBits =
      static_cast<unsigned>(std::bit_width(std::clamp<std::size_t>(1024 / sizeof(T), 8, 64)) - 1);
  static constexpr unsigned kInnerBits = 5;
  static constexpr std::size_t kLeafSlots = std::size_t{1} << kLeafBits;
  static constexpr std::size_t kInnerSlots = std::size_t{1} << kInnerBits;
  // Of a leaf: four small elements, or one large one; most sequences of large elements are short.
  static constexpr std::size_t kLeastSlots = sizeof(T) <= 16 ? 4 : sizeof(T) <= 32 ? 2 : 1;

  std::uint32_t refs = 1;
  const std::uint8_t height;  // 0 = leaf
  const std::uint8_t slots;   // in this allocation: all, or fewer in a leaf that is still small
  std::uint8_t first = 0;
  std::uint8_t last = 0;
  std::size_t size = 0;
  std::size_t vacant = 0;

  static Ptr make_leaf(std::size_t room) {
    const std::size_t fit = std::bit_ceil(std::max<std::size_t>(room, kLeastSlots));
    return make(0, std::min(fit, kLeafSlots));
  }

  static Ptr make_inner(unsigned height) { return make(height, kInnerSlots); }

  static void destroy(SequenceNode* node) {
    if (node->height == 0) {
      std::destroy_n(node->items() + node->first, node->occupied());
    } else {
      std::destroy_n(node->children() + node->first, node->occupied());
    }
    node->~SequenceNode();
    ::operator delete(node);
  }

  // Asks for the memory of a leaf, as far as most of them go. `node` may be null.
  static void prefetch(const SequenceNode* node) {
    constexpr std::size_t kLine = 64;
    constexpr std::size_t kUsual =
        slots_offset() + std::min<std::size_t>(kLeafSlots, 12) * sizeof(T);
    const auto* memory = reinterpret_cast<const std::byte*>(node);
    for (std::size_t at = 0; at < std::min<std::size_t>(kUsual, 256); at += kLine) {
      __builtin_prefetch(memory + at);
    }
  }

  // -- where things are

  std::size_t occupied() const { return static_cast<std::size_t>(last - first); }

  // Element positions per slot: 1 in a leaf.
  std::size_t stride() const { return std::size_t{1} << stride_bits(); }

  std::size_t capacity() const { return stride() * (height == 0 ? kLeafSlots : kInnerSlots); }

  // Is there no position left after the last element?
  bool full() const { return vacant + size == capacity(); }

  T& item(std::size_t slot) { return items()[slot]; }

  Ptr& child(std::size_t slot) { return children()[slot]; }

  // The leaf that holds element i of this subtree; i becomes its slot there.
  SequenceNode* leaf_of(std::size_t& i) {
    SequenceNode* node = this;
    i += vacant;
    while (node->height > 0) {
      const unsigned bits = node->stride_bits();
      node = node->child(i >> bits).get();
      i &= (std::size_t{1} << bits) - 1;
    }
    return node;
  }

  // -- edits; every one forgets the remembered hash as far as it must

  // Makes the slot's node ours alone; a leaf that is copied has so many slots at least.
  static void own(Ptr& slot, std::size_t room = 0) {
    if (slot.shared()) slot = copy_of(*slot, slot->first, slot->last, room);
  }

  // Makes the slot's node ours alone and leaves only its slots [from, to) occupied.
  static void own_part(Ptr& slot, std::size_t from, std::size_t to) {
    if (slot.shared()) {
      slot = copy_of(*slot, from, to, to);
      return;
    }
    SequenceNode& node = *slot;
    if (node.height == 0) {
      std::destroy(node.items() + node.first, node.items() + from);
      std::destroy(node.items() + to, node.items() + node.last);
    } else {
      std::destroy(node.children() + node.first, node.children() + from);
      std::destroy(node.children() + to, node.children() + node.last);
    }
    node.occupy(from, to);
  }

  // A leaf of at least so many slots with this leaf's elements from slot 0 on.
  // The elements are moved if the leaf is ours alone.
  static Ptr packed(Ptr& slot, std::size_t room) {
    SequenceNode& from = *slot;
    Ptr out = make_leaf(room);
    T* source = from.items() + from.first;
    if (slot.shared()) {
      std::uninitialized_copy_n(source, from.occupied(), out->items());
    } else {
      std::uninitialized_move_n(source, from.occupied(), out->items());
    }
    out->occupy(0, from.occupied());
    out->hash_ = from.hash_;
    out->known_ = from.known_;
    return out;
  }

  // requires: a leaf of ours with a slot left
  void push_item(T&& value) {
    new (items() + last) T(std::move(value));
    ++last;
    ++size;
  }

  // requires: an inner node of ours with a slot left
  void push_child(Ptr fresh) {
    if (first == last) vacant = fresh->vacant;
    size += fresh->size;
    new (children() + last) Ptr(std::move(fresh));
    ++last;
    forget();
  }

  void forget() {
    known_ = 0;
    hash_ = 0;
  }

  // So many elements below the first child are gone.
  void lose_front(std::size_t count) {
    size -= count;
    vacant += count;
    forget();
  }

  // Recounts an inner node whose children changed.
  void recount() {
    size = 0;
    for (std::size_t i = first; i < last; ++i) size += child(i)->size;
    vacant = first * stride() + child(first)->vacant;
    forget();
  }

  // What of the rules does not hold below? For tests.
  void examine(bool on_left_edge, std::vector<std::string>& out) {
    if (first > 0 && !on_left_edge) out.emplace_back("vacant slots lie on the left edge");
    if (first >= last) out.emplace_back("a node is not empty");
    if (height == 0) {
      if (last != kLeafSlots) out.emplace_back("a leaf of the tree is occupied to its end");
      if (size != occupied() || vacant != first) out.emplace_back("a leaf knows its places");
      return;
    }
    std::size_t count = 0;
    for (std::size_t i = first; i < last; ++i) {
      if (child(i)->height + 1 != height) out.emplace_back("all leaves are equally deep");
      if (i + 1U < last && !child(i)->full()) out.emplace_back("only the right edge has room");
      child(i)->examine(on_left_edge && i == first, out);
      count += child(i)->size;
    }
    if (size != count) out.emplace_back("a node knows its size");
    if (vacant != first * stride() + child(first)->vacant)
      out.emplace_back("a node knows its vacancy");
  }

  // -- hash of the elements below
  std::uint64_t hash() {
    if (height == 0) {
      while (known_ < occupied()) {
        hash_ = sequence_hash::append(hash_, digest_of(item(first + std::size_t{known_})));
        ++known_;
      }
    } else if (known_ < occupied()) {
      hash_children();
    }
    return hash_;
  }

 private:
  SequenceNode(unsigned its_height, std::size_t its_slots)
      : height(static_cast<std::uint8_t>(its_height)),
        slots(static_cast<std::uint8_t>(its_slots)) {}

  unsigned stride_bits() const { return height == 0 ? 0 : kLeafBits + kInnerBits * (height - 1U); }

  static constexpr std::size_t slots_offset() {
    constexpr std::size_t kAlign = std::max(alignof(T), alignof(Ptr));
    static_assert(kAlign <= __STDCPP_DEFAULT_NEW_ALIGNMENT__);
    return (sizeof(SequenceNode) + kAlign - 1) / kAlign * kAlign;
  }

  static Ptr make(unsigned height, std::size_t slots) {
    const std::size_t size = slots_offset() + slots * (height == 0 ? sizeof(T) : sizeof(Ptr));
    return Ptr(new (::operator new(size)) SequenceNode(height, slots));
  }

  static Ptr copy_of(SequenceNode& from, std::size_t begin, std::size_t end, std::size_t room) {
    Ptr out = from.height == 0 ? make_leaf(std::max(end, room)) : make_inner(from.height);
    if (from.height == 0) {
      std::uninitialized_copy(from.items() + begin, from.items() + end, out->items() + begin);
    } else {
      std::uninitialized_copy(from.children() + begin, from.children() + end,
                              out->children() + begin);
    }
    out->occupy(begin, end);
    if (begin == from.first && end == from.last) {
      out->hash_ = from.hash_;
      out->known_ = from.known_;
    }
    return out;
  }

  void occupy(std::size_t from, std::size_t to) {
    first = static_cast<std::uint8_t>(from);
    last = static_cast<std::uint8_t>(to);
    if (height > 0) return recount();
    size = to - from;
    vacant = from;
    forget();
  }

  void hash_children() {
    hash_ = 0;
    std::size_t length = 0;
    std::uint64_t power = 1;
    for (std::size_t i = first; i < last; ++i) {
      SequenceNode& part = *child(i);
      if (part.size != length) {
        length = part.size;
        power = sequence_hash::power(length);
      }
      hash_ = sequence_hash::join(hash_, part.hash(), power);
    }
    known_ = static_cast<std::uint8_t>(occupied());
  }

  std::byte* raw() { return reinterpret_cast<std::byte*>(this) + slots_offset(); }

  T* items() { return std::launder(reinterpret_cast<T*>(raw())); }

  Ptr* children() { return std::launder(reinterpret_cast<Ptr*>(raw())); }

  std::uint8_t known_ = 0;  // so many slots from `first` on are in hash_
  std::uint64_t hash_ = 0;
};

}  // namespace orrery
