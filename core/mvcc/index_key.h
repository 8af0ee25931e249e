// IndexKey: a key of the tree index, with its head beside it; and a query for one.
//   used by: TreeIndex    uses: base/bytes_head.h
//   ideas:   a search through 100,000 keys compares some twenty of them. With the heads in the tree's own nodes it
//            waits for the bytes of none, or of one when keys are longer than a head.
//   invariant: equality, order and digest are those of the bytes.
#pragma once

#include <compare>
#include <utility>

#include "base/blob.h"
#include "base/bytes_head.h"

namespace orrery::mvcc {

// What is looked for; a view, so it must not outlive its bytes. Never part of a world.
struct KeyQuery {
  BytesHead head;
  BytesView bytes;

  explicit KeyQuery(BytesView its_bytes) : head(its_bytes), bytes(its_bytes) {}
};

class IndexKey {
 public:
  IndexKey() = default;

  explicit IndexKey(Blob blob) : head_(blob), blob_(std::move(blob)) {}

  const Blob& blob() const { return blob_; }

  BytesView view() const { return blob_; }

  operator BytesView() const { return blob_; }  // NOLINT: a key is its bytes

  Digest digest() const { return blob_.digest(); }

  friend bool operator==(const IndexKey& a, const IndexKey& b) { return (a <=> b) == 0; }

  friend std::strong_ordering operator<=>(const IndexKey& a, const IndexKey& b) {
    return a.compare(b.head_, b.blob_);
  }

  friend bool operator==(const IndexKey& a, const KeyQuery& b) { return (a <=> b) == 0; }

  friend std::strong_ordering operator<=>(const IndexKey& a, const KeyQuery& b) {
    return a.compare(b.head, b.bytes);
  }

  friend bool operator==(const IndexKey& a, BytesView b) { return a.blob_ == b; }

  friend std::strong_ordering operator<=>(const IndexKey& a, BytesView b) { return a.blob_ <=> b; }

 private:
  std::strong_ordering compare(const BytesHead& head, BytesView bytes) const {
    if (head_ != head || head.is_whole()) return head_ <=> head;
    return blob_.view() <=> bytes;
  }

  BytesHead head_;
  Blob blob_;
};

}  // namespace orrery::mvcc
