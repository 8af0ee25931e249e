// NodePtr<Node>: shares a node of a persistent structure by a plain counter.
//   used by: OrderedMap, Sequence, RbTree            uses: nothing
//   ideas:   a copy of a structure is a copy of one NodePtr. A node that only one NodePtr holds may be
//            edited in place; a node that several hold is copied first (copy on write).
//   invariant: all holders live on one thread (the world's), so the counter needs no lock.
//   note: Node brings `std::uint32_t refs = 1` and `static void destroy(Node*)`.
#pragma once

#include <utility>

namespace orrery {

template <class Node>
class NodePtr {
 public:
  NodePtr() = default;

  // Takes over a fresh node, whose counter is 1.
  explicit NodePtr(Node* fresh) : node_(fresh) {}

  NodePtr(const NodePtr& other) : node_(other.node_) {
    if (node_ != nullptr) ++node_->refs;
  }

  NodePtr(NodePtr&& other) noexcept : node_(std::exchange(other.node_, nullptr)) {}

  NodePtr& operator=(const NodePtr& other) {
    NodePtr(other).swap(*this);
    return *this;
  }

  NodePtr& operator=(NodePtr&& other) noexcept {
    NodePtr(std::move(other)).swap(*this);
    return *this;
  }

  ~NodePtr() {
    if (node_ != nullptr && --node_->refs == 0) Node::destroy(node_);
  }

  void swap(NodePtr& other) noexcept { std::swap(node_, other.node_); }

  Node* get() const { return node_; }

  Node& operator*() const { return *node_; }

  Node* operator->() const { return node_; }

  explicit operator bool() const { return node_ != nullptr; }

  // Does anyone else hold the node? requires: not null
  bool shared() const { return node_->refs > 1; }

  // Identity: the same node, hence the same content.
  friend bool operator==(const NodePtr& a, const NodePtr& b) { return a.node_ == b.node_; }

 private:
  Node* node_ = nullptr;
};

}  // namespace orrery
