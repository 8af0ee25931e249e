// RowKey: a key of the buffers, kept in place when it is short (revision keys have 17 or 18 bytes).
//   used by: backend.h (batch, write buffer, read buffer)
//   ideas:   no allocation and no pointer to follow for the keys that matter; longer ones are a Blob.
//   invariant: equality and order are those of the bytes.
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>

#include "base/blob.h"
#include "base/digest.h"

namespace orrery::backend {

class RowKey {
 public:
  RowKey() = default;

  explicit RowKey(BytesView key) : size_(static_cast<std::uint8_t>(key.size())) {
    if (key.size() <= small_.size()) {
      std::ranges::copy(key, small_.begin());
    } else {
      size_ = kLong;
      long_ = Blob(key);
    }
  }

  BytesView view() const { return size_ == kLong ? long_.view() : BytesView(small_.data(), size_); }

  operator BytesView() const { return view(); }  // NOLINT: a key is its bytes

  Digest digest() const { return digest_bytes(view()); }

  friend bool operator==(const RowKey& a, const RowKey& b) { return a.view() == b.view(); }

  friend auto operator<=>(const RowKey& a, const RowKey& b) { return a.view() <=> b.view(); }

  friend auto operator<=>(const RowKey& a, BytesView b) { return a.view() <=> b; }

  friend bool operator==(const RowKey& a, BytesView b) { return a.view() == b; }

 private:
  static constexpr std::uint8_t kLong = 0xFF;

  std::array<char, 23> small_{};
  std::uint8_t size_ = 0;  // kLong = the bytes are in long_
  Blob long_;
};

}  // namespace orrery::backend
