// Blob: an immutable byte string, shared by reference count, that remembers its digest.
//   used by: entry data, values, file blocks: bytes that many places of a world hold at once
//   ideas:   a copy is a counter; content never changes, so sharing cannot be seen.
//   invariant: a Blob is used on one thread (the world's), and smaller than 4 GiB.
//   note: one of the four types of base that may allocate by hand; see docs/decisions.md
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

#include "base/digest.h"

namespace orrery {

using Bytes = std::string;
using BytesView = std::string_view;

class Blob {
 public:
  Blob() = default;
  explicit Blob(BytesView bytes);

  Blob(const Blob& other) : body_(other.body_) { retain(); }

  Blob(Blob&& other) noexcept : body_(std::exchange(other.body_, nullptr)) {}

  Blob& operator=(const Blob& other) {
    Blob(other).swap(*this);
    return *this;
  }

  Blob& operator=(Blob&& other) noexcept {
    swap(other);
    return *this;
  }

  ~Blob() { release(); }

  void swap(Blob& other) noexcept { std::swap(body_, other.body_); }

  BytesView view() const {
    return body_ == nullptr ? BytesView() : BytesView(bytes(), body_->size);
  }

  operator BytesView() const { return view(); }  // NOLINT: a Blob is its bytes

  std::size_t size() const { return body_ == nullptr ? 0 : body_->size; }

  bool empty() const { return size() == 0; }

  Digest digest() const;

  friend bool operator==(const Blob& a, const Blob& b) {
    return a.body_ == b.body_ || a.view() == b.view();
  }

  friend auto operator<=>(const Blob& a, const Blob& b) { return a.view() <=> b.view(); }

  // With anything that is bytes, so that maps keyed by Blob can be queried by it.
  friend bool operator==(const Blob& a, BytesView b) { return a.view() == b; }

  friend auto operator<=>(const Blob& a, BytesView b) { return a.view() <=> b; }

 private:
  // Bytes follow their header in the same allocation, which is small, for most blobs are keys. From kApart
  // bytes on they have one of their own: most of those are pages and blocks, whole powers of two, which
  // no room is lost for as long as no header stands before them.
  static constexpr std::size_t kApart = 4096;

  struct Body {
    std::uint32_t count;
    std::uint32_t size;
    Digest digest;  // 0 = not computed yet
  };

  struct ApartBody : Body {
    const char* bytes;
  };

  void retain() const {
    if (body_ != nullptr) ++body_->count;
  }

  void release() {
    if (body_ != nullptr && --body_->count == 0) destroy();
  }

  void destroy();

  const char* bytes() const {
    if (body_->size >= kApart) return static_cast<const ApartBody*>(body_)->bytes;
    return reinterpret_cast<const char*>(body_ + 1);
  }

  Body* body_ = nullptr;  // null = empty
};

}  // namespace orrery
