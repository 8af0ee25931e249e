// An open table of keys.
#include "mvcc/met_keys.h"

#include <algorithm>

namespace orrery::mvcc {
namespace {

std::uint32_t tag_of(Digest digest) {
  return static_cast<std::uint32_t>(digest >> 32);
}

}  // namespace

MetKey* MetKeys::find(BytesView key) {
  const Digest digest = digest_bytes(key);
  const std::size_t mask = slots_.size() - 1;
  for (std::size_t i = digest & mask; slots_[i].number != 0; i = (i + 1) & mask) {
    if (slots_[i].tag != tag_of(digest)) continue;
    MetKey& met = met_[slots_[i].number - 1];
    if (met.key == key) return &met;
  }
  return nullptr;
}

void MetKeys::add(MetKey met) {
  met_.push_back(std::move(met));
  if (met_.size() * 2 > slots_.size()) return grow();
  place(digest_bytes(met_.back().key), static_cast<std::uint32_t>(met_.size()));
}

std::vector<MetKey> MetKeys::sorted() && {
  std::ranges::sort(met_, {}, &MetKey::key);
  return std::move(met_);
}

void MetKeys::place(Digest digest, std::uint32_t number) {
  const std::size_t mask = slots_.size() - 1;
  std::size_t i = digest & mask;
  while (slots_[i].number != 0) i = (i + 1) & mask;
  slots_[i] = {tag_of(digest), number};
}

void MetKeys::grow() {
  slots_.assign(slots_.size() * 2, Slot());
  for (std::size_t i = 0; i < met_.size(); ++i) {
    place(digest_bytes(met_[i].key), static_cast<std::uint32_t>(i + 1));
  }
}

}  // namespace orrery::mvcc
