// Sequence<T>: FIRST VERSION over std::deque, to be replaced behind the same interface by the
// persistent sequence (tree of chunks, associative polynomial digest).
#pragma once

#include <cstddef>
#include <deque>
#include <utility>

#include "base/digest.h"

namespace orrery {

template <class T>
class Sequence {
 public:
  using const_iterator = typename std::deque<T>::const_iterator;

  std::size_t size() const { return items_.size(); }
  bool empty() const { return items_.empty(); }
  // requires: i < size()
  const T& operator[](std::size_t i) const { return items_[i]; }
  const T& front() const { return items_.front(); }
  const T& back() const { return items_.back(); }
  // For editing in place; valid until the next change or copy. requires: i < size()
  T& edit(std::size_t i) { return items_[i]; }

  void push_back(T value) { items_.push_back(std::move(value)); }
  // Drops the first `count` elements. requires: count <= size()
  void drop_front(std::size_t count) {
    items_.erase(items_.begin(), items_.begin() + static_cast<std::ptrdiff_t>(count));
  }
  // Keeps the first `count` elements. requires: count <= size()
  void truncate(std::size_t count) {
    items_.erase(items_.begin() + static_cast<std::ptrdiff_t>(count), items_.end());
  }
  void clear() { items_.clear(); }

  // Random-access iterators, invalidated by any change.
  const_iterator begin() const { return items_.begin(); }
  const_iterator end() const { return items_.end(); }

  Digest digest() const { return digest_detail::of_range(items_); }

  friend bool operator==(const Sequence& a, const Sequence& b) { return a.items_ == b.items_; }

 private:
  std::deque<T> items_;
};

}  // namespace orrery
