// Shared<T>: a value in a box that copies share until one of them edits it.
//   used by: World (members, disks, networks), so that a copy of the whole costs a few counters
//   ideas:   read through *, edit through edit(), which copies the value first if anyone else holds it.
//            The digest is remembered until the next edit.
//   invariant: equality and digest are those of the value; sharing cannot be seen.
#pragma once

#include <cstddef>
#include <utility>

#include "base/digest.h"

namespace orrery {

template <class T>
class Shared {
 public:
  Shared() : box_(new Box{}) {}
  explicit Shared(T value) : box_(new Box{.value = std::move(value)}) {}
  Shared(const Shared& other) : box_(other.box_) { ++box_->count; }
  Shared(Shared&& other) noexcept : box_(other.box_) {
    ++box_->count;
  }  // NOLINT: never leaves a null box
  ~Shared() { release(); }

  Shared& operator=(const Shared& other) {
    Shared copy(other);
    std::swap(box_, copy.box_);
    return *this;
  }

  Shared& operator=(Shared&& other) noexcept {
    std::swap(box_, other.box_);
    return *this;
  }

  const T& operator*() const { return box_->value; }

  const T* operator->() const { return &box_->value; }

  // The value for editing; valid until this Shared is next copied or its digest read.
  T& edit() {
    if (box_->count > 1) {
      Box* own = new Box{.value = box_->value};
      --box_->count;
      box_ = own;
    }
    box_->digest = 0;
    return box_->value;
  }

  // Do the two share one box? Then they are equal without a look.
  bool same_box(const Shared& other) const { return box_ == other.box_; }

  Digest digest() const {
    if (box_->digest == 0) {
      const Digest computed = digest_of(box_->value);
      box_->digest = computed == 0 ? 1 : computed;
    }
    return box_->digest;
  }

  friend bool operator==(const Shared& a, const Shared& b) {
    return a.box_ == b.box_ || a.box_->value == b.box_->value;
  }

 private:
  struct Box {
    std::size_t count = 1;
    Digest digest = 0;  // 0 = not computed since the last edit
    T value{};
  };

  void release() {
    if (--box_->count == 0) drop(box_);
  }

  // Out of line: g++ 12 otherwise takes two handles of one box for a use after free.
  [[gnu::noinline]] static void drop(Box* box) { delete box; }

  Box* box_;
};

}  // namespace orrery
