#include "base/blob.h"

#include <cstring>
#include <limits>
#include <new>

#include "base/check.h"

namespace orrery {

Blob::Blob(BytesView bytes) {
  if (bytes.empty()) return;
  check(bytes.size() <= std::numeric_limits<std::uint32_t>::max(), "a blob is smaller than 4 GiB");
  void* memory = ::operator new(sizeof(Body) + bytes.size());
  body_ =
      new (memory) Body{.count = 1, .size = static_cast<std::uint32_t>(bytes.size()), .digest = 0};
  std::memcpy(body_ + 1, bytes.data(), bytes.size());
}

void Blob::destroy() {
  ::operator delete(body_);
}

Digest Blob::digest() const {
  if (body_ == nullptr) return digest_bytes({});
  if (body_->digest == 0) {
    const Digest computed = digest_bytes(view());
    body_->digest = computed == 0 ? 1 : computed;
  }
  return body_->digest;
}

}  // namespace orrery
