// Slots<T>: sixty-four numbered places for values, some of them taken: a block of a map by small numbers.
//   used by: watch's WatcherMap            uses: node_ptr.h, digest.h
//   ideas:   a value's place follows from its number alone: a search has no other memory to wait for than the value's.
//            Copies share the values until one of them edits one. What lies behind the last place that was ever
//            taken costs nothing.
//   invariant: equality and digest are those of the values and their numbers.
#pragma once

#include <algorithm>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <new>
#include <utility>

#include "base/digest.h"
#include "base/node_ptr.h"

namespace orrery {

template <class T>
class Slots {
 public:
  static constexpr std::size_t kCount = 64;

  bool empty() const { return taken() == 0; }

  std::size_t size() const { return static_cast<std::size_t>(std::popcount(taken())); }

  // The first place from `at` on that is taken; kCount = none. requires: at <= kCount
  std::size_t next(std::size_t at) const {
    const std::uint64_t rest = at < kCount ? taken() >> at : 0;
    return rest == 0 ? kCount : at + static_cast<std::size_t>(std::countr_zero(rest));
  }

  // requires of these: at < kCount
  const T* find(std::size_t at) const { return has(at) ? node_->items() + at : nullptr; }

  // For editing in place; null when absent. Valid until the next change, copy or digest.
  T* edit(std::size_t at) {
    if (!has(at)) return nullptr;
    own(node_->room);
    return node_->items() + at;
  }

  // Inserts or replaces. True = the place was free.
  bool put(std::size_t at, T value) {
    const bool fresh = !has(at);
    own(at + 1);
    T* const place = node_->items() + at;
    if (fresh) {
      new (place) T(std::move(value));
      node_->taken |= bit(at);
    } else {
      *place = std::move(value);
    }
    return fresh;
  }

  bool erase(std::size_t at) {
    if (!has(at)) return false;
    own(node_->room);
    std::destroy_at(node_->items() + at);
    node_->taken &= ~bit(at);
    if (node_->taken == 0) node_ = {};
    return true;
  }

  Digest digest() const {
    if (!node_) return 0;
    if (node_->digest == 0) {
      Digest out = mix(taken());
      for (std::size_t at = next(0); at < kCount; at = next(at + 1)) {
        out = combine(out, digest_of(*find(at)));
      }
      node_->digest = out == 0 ? 1 : out;
    }
    return node_->digest;
  }

  friend bool operator==(const Slots& a, const Slots& b) {
    if (a.node_ == b.node_) return true;
    if (a.taken() != b.taken()) return false;
    for (std::size_t at = a.next(0); at < kCount; at = a.next(at + 1)) {
      if (!(*a.find(at) == *b.find(at))) return false;
    }
    return true;
  }

 private:
  struct Node {
    std::uint32_t refs = 1;
    const std::uint32_t room;  // places in this allocation
    std::uint64_t taken = 0;   // bit i: place i has a value
    Digest digest = 0;         // 0 = not computed since the last edit

    static NodePtr<Node> make(std::size_t room) {
      static_assert(alignof(T) <= alignof(Digest));
      void* memory = ::operator new(sizeof(Node) + room * sizeof(T));
      return NodePtr<Node>(new (memory) Node{.room = static_cast<std::uint32_t>(room)});
    }

    static void destroy(Node* node) {
      for (std::size_t at = 0; at < node->room; ++at) {
        if ((node->taken & bit(at)) != 0) std::destroy_at(node->items() + at);
      }
      node->~Node();
      ::operator delete(node);
    }

    T* items() { return std::launder(reinterpret_cast<T*>(this + 1)); }
  };

  static constexpr std::uint64_t bit(std::size_t at) { return std::uint64_t{1} << at; }

  std::uint64_t taken() const { return node_ ? node_->taken : 0; }

  bool has(std::size_t at) const { return (taken() & bit(at)) != 0; }

  // Makes the memory ours alone, with so many places.
  void own(std::size_t room) {
    if (!node_ || node_.shared() || node_->room < room) {
      const std::size_t before = node_ ? node_->room : 0;
      NodePtr<Node> fresh = Node::make(std::max(before, std::bit_ceil(room)));
      for (std::size_t at = next(0); at < kCount; at = next(at + 1)) {
        T& from = node_->items()[at];
        new (fresh->items() + at) T(node_.shared() ? T(from) : std::move(from));
      }
      fresh->taken = taken();
      node_ = std::move(fresh);
    }
    node_->digest = 0;
  }

  NodePtr<Node> node_;  // null = empty
};

}  // namespace orrery
