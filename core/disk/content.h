// Content: the bytes of one version of a file, as blocks that versions share.
//   used by: File    uses: base's Sequence and Blob
//   ideas:   a copy is O(1), writing one block O(log n). A block of zeros is an empty Blob, and trailing ones are not
//            kept at all, so that a preallocated file costs nothing.
//   invariant 1: size() alone says how long the file is; every byte past it is zero.
//   invariant 2: a block is either empty (all zero) or has 4096 bytes, not all zero; the last one is not empty.
//   invariant 3: hence equal bytes and size mean equal blocks, whatever was written in which order.
#pragma once

#include <cstddef>
#include <cstdint>

#include "base/blob.h"
#include "base/digest.h"
#include "base/sequence.h"

namespace orrery::disk {

inline constexpr std::uint64_t kBlockBytes = 4096;
// What a disk writes at once; a torn write is torn at its borders.
inline constexpr std::uint64_t kSectorBytes = 512;

class Content {
 public:
  std::uint64_t size() const { return size_; }

  // The size, or less when only zeros follow: a multiple of the block size, or size().
  std::uint64_t stored_size() const;

  // Writes past the end extend the file; a gap reads as zeros.
  void write(std::uint64_t offset, BytesView bytes);
  // Shares `bytes` when they are one whole block at its place.
  void write(std::uint64_t offset, const Blob& bytes);
  // Cuts, or extends with zeros.
  void resize(std::uint64_t size);

  // As many of the bytes as exist.
  Bytes read(std::uint64_t offset, std::uint64_t size) const;
  // 4096 bytes, zeros past the end; an empty Blob when all are zero.
  Blob block(std::uint64_t number) const;

  // Those that are kept, from the first on.
  const Sequence<Blob>& blocks() const { return blocks_; }

  Digest digest() const { return combine(blocks_.digest(), size_); }

  friend bool operator==(const Content&, const Content&) = default;

 private:
  void write_inside(std::uint64_t number, std::uint64_t from, BytesView bytes);
  void put(std::uint64_t number, Blob block);
  void trim();

  Sequence<Blob> blocks_;
  std::uint64_t size_ = 0;
};

}  // namespace orrery::disk
