// HashBucket<K, V>: a few entries of a HashMap, side by side in the order of their hashes.
//   used by: hash_map.h alone            uses: node_ptr.h, digest.h
//   ideas:   the hashes stand together in front, so a search reads numbers and looks at one entry at most. Head, hashes
//            and entries are one allocation, which copies share until one of them edits it.
//   invariant 1: entries ascend by hash, those of one hash by key: equal contents are laid out alike.
//   invariant 2: an empty bucket has no memory.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <new>
#include <utility>

#include "base/digest.h"
#include "base/node_ptr.h"

namespace orrery {

template <class K, class V>
class HashBucket {
 public:
  using Item = std::pair<K, V>;

  // Where a key stands or, if it is not here, where it belongs.
  struct Place {
    std::size_t at = 0;
    bool found = false;
  };

  HashBucket() = default;

  std::size_t size() const { return node_ ? node_->count : 0; }

  // requires of both: i < size()
  Digest hash(std::size_t i) const { return node_->hashes()[i]; }

  const Item& item(std::size_t i) const { return node_->items()[i]; }

  // Asks for the memory of the whole bucket at once.
  void prefetch() const {
    constexpr std::size_t kLine = 64;
    constexpr std::size_t kUsual = sizeof(Node) + 16 * (sizeof(Digest) + sizeof(Item));
    const auto* memory = reinterpret_cast<const std::byte*>(node_.get());
    for (std::size_t at = 0; at < kUsual; at += kLine) __builtin_prefetch(memory + at);
  }

  Place place_of(Digest hash, const K& key) const {
    Place out;
    const std::size_t count = size();
    if (count == 0) return out;
    const Digest* hashes = node_->hashes();
    for (std::size_t i = 0; i < count; ++i) out.at += hashes[i] < hash ? 1U : 0U;
    for (; out.at < count && hashes[out.at] == hash; ++out.at) {
      out.found = item(out.at).first == key;
      if (out.found || key < item(out.at).first) return out;
    }
    return out;
  }

  // For editing in place; valid until the next change, copy or digest.
  V& edit(std::size_t at) {
    own(size());
    return node_->items()[at].second;
  }

  V& insert(std::size_t at, Digest hash, Item&& item) {
    own(size() + 1);
    node_->insert(at, hash, std::move(item));
    return node_->items()[at].second;
  }

  void erase(std::size_t at) {
    own(size());
    node_->erase(at);
    if (node_->count == 0) node_ = {};
  }

  // The entries whose hash `leaves` go to a bucket of their own.
  template <class Leaves>
  HashBucket split(const Leaves& leaves) {
    std::size_t going = 0;
    for (std::size_t i = 0; i < size(); ++i) going += leaves(hash(i)) ? 1U : 0U;
    HashBucket out(going);
    HashBucket staying(size() - going);
    for (std::size_t i = 0; i < size(); ++i) {
      (leaves(hash(i)) ? out : staying).node_->push_back(hash(i), take(i));
    }
    *this = std::move(staying);
    return out;
  }

  // Takes in all entries of another bucket.
  void merge(HashBucket other) {
    HashBucket out(size() + other.size());
    std::size_t i = 0;
    std::size_t j = 0;
    while (i < size() || j < other.size()) {
      const bool mine = j == other.size() || (i < size() && before(*this, i, other, j));
      HashBucket& from = mine ? *this : other;
      const std::size_t at = mine ? i++ : j++;
      out.node_->push_back(from.hash(at), from.take(at));
    }
    *this = std::move(out);
  }

  Digest digest() const {
    if (!node_) return 0;
    if (node_->digest == 0) {
      Digest out = 0;
      for (std::size_t i = 0; i < size(); ++i) {
        out = combine(out, combine(hash(i), digest_of(item(i).second)));
      }
      node_->digest = out == 0 ? 1 : out;
    }
    return node_->digest;
  }

  friend bool operator==(const HashBucket& a, const HashBucket& b) {
    if (a.node_ == b.node_) return true;
    if (a.size() != b.size()) return false;
    for (std::size_t i = 0; i < a.size(); ++i) {
      if (a.hash(i) != b.hash(i) || !(a.item(i) == b.item(i))) return false;
    }
    return true;
  }

 private:
  struct Node {
    std::uint32_t refs = 1;
    std::uint32_t count = 0;
    const std::size_t room;  // entries that fit in this allocation
    Digest digest = 0;       // 0 = not computed since the last edit

    static NodePtr<Node> make(std::size_t room) {
      static_assert(alignof(Item) <= alignof(Digest));
      void* memory = ::operator new(sizeof(Node) + room * (sizeof(Digest) + sizeof(Item)));
      return NodePtr<Node>(new (memory) Node{.room = room});
    }

    static void destroy(Node* node) {
      std::destroy_n(node->items(), node->count);
      node->~Node();
      ::operator delete(node);
    }

    Digest* hashes() { return std::launder(reinterpret_cast<Digest*>(this + 1)); }

    Item* items() { return std::launder(reinterpret_cast<Item*>(hashes() + room)); }

    // requires of both: count < room
    void push_back(Digest hash, Item&& item) {
      hashes()[count] = hash;
      new (items() + count) Item(std::move(item));
      ++count;
    }

    void insert(std::size_t at, Digest hash, Item&& item) {
      if (at == count) return push_back(hash, std::move(item));
      push_back(hashes()[count - 1], std::move(items()[count - 1]));
      std::move_backward(hashes() + at, hashes() + count - 2, hashes() + count - 1);
      std::move_backward(items() + at, items() + count - 2, items() + count - 1);
      hashes()[at] = hash;
      items()[at] = std::move(item);
    }

    void erase(std::size_t at) {
      std::move(hashes() + at + 1, hashes() + count, hashes() + at);
      std::move(items() + at + 1, items() + count, items() + at);
      std::destroy_at(items() + --count);
    }
  };

  explicit HashBucket(std::size_t room) {
    if (room > 0) node_ = Node::make(room);
  }

  // An entry that goes elsewhere: copied if others hold the bucket too.
  Item take(std::size_t i) {
    return node_.shared() ? node_->items()[i] : std::move(node_->items()[i]);
  }

  // Makes the memory ours alone, with room for so many entries.
  void own(std::size_t room) {
    if (!node_ || node_.shared() || node_->room < room) {
      HashBucket fresh(room <= 2 ? room : (room + 3) / 4 * 4);
      for (std::size_t i = 0; i < size(); ++i) fresh.node_->push_back(hash(i), take(i));
      node_ = std::move(fresh.node_);
    }
    node_->digest = 0;
  }

  static bool before(const HashBucket& a, std::size_t i, const HashBucket& b, std::size_t j) {
    if (a.hash(i) != b.hash(j)) return a.hash(i) < b.hash(j);
    return a.item(i).first < b.item(j).first;
  }

  NodePtr<Node> node_;  // null = empty
};

}  // namespace orrery
