#include "disk/content.h"

#include <algorithm>
#include <array>
#include <cstring>

namespace orrery::disk {
namespace {

bool all_zero(BytesView bytes) {
  // Byte i equals byte i + 1 everywhere and the first is zero.
  return bytes.empty() ||
         (bytes[0] == '\0' && std::memcmp(bytes.data(), bytes.data() + 1, bytes.size() - 1) == 0);
}

}  // namespace

std::uint64_t Content::stored_size() const {
  return std::min(size_, blocks_.size() * kBlockBytes);
}

Blob Content::block(std::uint64_t number) const {
  return number < blocks_.size() ? blocks_[number] : Blob();
}

void Content::trim() {
  std::size_t count = blocks_.size();
  while (count > 0 && blocks_[count - 1].empty()) --count;
  if (count < blocks_.size()) blocks_.truncate(count);
}

void Content::put(std::uint64_t number, Blob block) {
  if (all_zero(block.view())) block = Blob();
  if (number < blocks_.size()) {
    const bool last = number + 1 == blocks_.size();
    const bool zero = block.empty();
    blocks_.edit(number) = std::move(block);
    if (last && zero) trim();
    return;
  }
  if (block.empty()) return;
  while (blocks_.size() < number) blocks_.push_back(Blob());
  blocks_.push_back(std::move(block));
}

void Content::write_inside(std::uint64_t number, std::uint64_t from, BytesView bytes) {
  std::array<char, kBlockBytes> buffer{};
  const Blob old = block(number);
  if (!old.empty()) std::memcpy(buffer.data(), old.view().data(), kBlockBytes);
  std::memcpy(buffer.data() + from, bytes.data(), bytes.size());
  put(number, Blob(BytesView(buffer.data(), kBlockBytes)));
}

void Content::write(std::uint64_t offset, BytesView bytes) {
  size_ = std::max(size_, bytes.empty() ? size_ : offset + bytes.size());
  while (!bytes.empty()) {
    const std::uint64_t number = offset / kBlockBytes;
    const std::uint64_t from = offset % kBlockBytes;
    const std::uint64_t count = std::min<std::uint64_t>(kBlockBytes - from, bytes.size());
    if (count == kBlockBytes) {
      put(number, Blob(bytes.substr(0, count)));
    } else {
      write_inside(number, from, bytes.substr(0, count));
    }
    offset += count;
    bytes.remove_prefix(count);
  }
}

void Content::write(std::uint64_t offset, const Blob& bytes) {
  if (bytes.size() != kBlockBytes || offset % kBlockBytes != 0) return write(offset, bytes.view());
  size_ = std::max(size_, offset + kBlockBytes);
  put(offset / kBlockBytes, bytes);
}

void Content::resize(std::uint64_t size) {
  if (size < size_) {
    const std::uint64_t whole = size / kBlockBytes;
    const std::uint64_t rest = size % kBlockBytes;
    if (whole < blocks_.size()) {
      const Blob last = blocks_[whole];
      blocks_.truncate(whole);
      if (rest != 0 && !last.empty()) {
        Bytes cut(last.view().substr(0, rest));
        cut.resize(kBlockBytes, '\0');
        put(whole, Blob(cut));
      }
      trim();
    }
  }
  size_ = size;
}

Bytes Content::read(std::uint64_t offset, std::uint64_t size) const {
  if (offset >= size_) return {};
  const std::uint64_t end = std::min(size, size_ - offset) + offset;
  Bytes out;
  out.reserve(end - offset);
  while (offset < end) {
    const std::uint64_t from = offset % kBlockBytes;
    const std::uint64_t count = std::min(kBlockBytes - from, end - offset);
    const Blob held = block(offset / kBlockBytes);
    if (held.empty()) {
      out.append(count, '\0');
    } else {
      out.append(held.view().substr(from, count));
    }
    offset += count;
  }
  return out;
}

}  // namespace orrery::disk
