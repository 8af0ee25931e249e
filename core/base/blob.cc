#include "base/blob.h"

#include <cstring>
#include <limits>
#include <new>

#include "base/check.h"

namespace orrery {

Blob::Blob(BytesView bytes) {
  if (bytes.empty()) return;
  check(bytes.size() <= std::numeric_limits<std::uint32_t>::max(), "a blob is smaller than 4 GiB");
  const Body head{.count = 1, .size = static_cast<std::uint32_t>(bytes.size()), .digest = 0};
  char* room = nullptr;
  if (bytes.size() >= kApart) {
    room = static_cast<char*>(::operator new(bytes.size()));
    body_ = new ApartBody{head, room};
  } else {
    body_ = new (::operator new(sizeof(Body) + bytes.size())) Body(head);
    room = reinterpret_cast<char*>(body_ + 1);
  }
  std::memcpy(room, bytes.data(), bytes.size());
}

void Blob::destroy() {
  if (body_->size < kApart) return ::operator delete(body_);
  auto* const body = static_cast<ApartBody*>(body_);
  ::operator delete(const_cast<char*>(body->bytes));
  delete body;
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
