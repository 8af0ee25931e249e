#include "backend/page.h"

#include <algorithm>

#include "backend/page_order.h"
#include "base/text.h"

namespace orrery::backend {
namespace {

// Where the checksum lies, counted from the end of the page header.
constexpr std::size_t kChecksumAt = 56;

struct Place {
  std::uint64_t at = 0;  // of the key, from the page's beginning
  std::uint64_t key_size = 0;
  std::uint64_t value_size = 0;  // branch: 0
};

Place place_of(PageView page, std::size_t i) {
  const std::size_t at = kPageHeaderSize + i * kElementSize;
  const BytesView bytes = page.bytes();
  if (page.is_leaf()) {
    return {.at = at + load<std::uint32_t>(bytes, at + 4),
            .key_size = load<std::uint32_t>(bytes, at + 8),
            .value_size = load<std::uint32_t>(bytes, at + 12)};
  }
  return {.at = at + load<std::uint32_t>(bytes, at),
          .key_size = load<std::uint32_t>(bytes, at + 4)};
}

std::optional<std::string> find_element_fault(PageView page, std::size_t i,
                                              const std::string& what) {
  const Place element = place_of(page, i);
  const std::uint64_t data_begin = kPageHeaderSize + page.count() * kElementSize;
  const std::uint64_t end = element.at + element.key_size + element.value_size;
  if (element.at < data_begin || end > page.bytes().size()) {
    return text("{}: element {} lies at bytes {} to {}, outside the data area {} to {}", what, i,
                element.at, end, data_begin, page.bytes().size());
  }
  if (element.key_size > kMaxKeySize) {
    return text("{}: the key of element {} has {} bytes, more than {}", what, i, element.key_size,
                kMaxKeySize);
  }
  if (i > 0 && page.key(i - 1) >= page.key(i)) {
    return text("{}: key {} of element {} does not come after key {}", what, quoted(page.key(i)), i,
                quoted(page.key(i - 1)));
  }
  return std::nullopt;
}

// Where a key with this head stands among `count` keys spread evenly over the range.
std::size_t even_guess(std::size_t count, std::uint64_t head, HeadRange range) {
  if (head <= range.low || range.high <= range.low) return 0;
  if (head >= range.high) return count;
  __extension__ using Wide = unsigned __int128;
  return static_cast<std::size_t>(Wide(head - range.low) * count / (range.high - range.low));
}

// The first of `count` positions that is not before what is sought. Encloses it from `guess` on in
// doubling steps, then bisects.
template <class IsBefore>
std::size_t search(std::size_t count, std::size_t guess, const IsBefore& is_before) {
  if (count == 0) return 0;
  std::size_t low = 0;  // all in front of it are before
  std::size_t high = std::min(guess, count - 1);
  if (is_before(high)) {
    low = high + 1;
    high = count;  // it and all behind it are not before
    for (std::size_t step = 1; low + step <= count; step *= 2) {
      if (!is_before(low + step - 1)) {
        high = low + step - 1;
        break;
      }
      low += step;
    }
  } else {
    for (std::size_t step = 1; step <= high; step *= 2) {
      if (is_before(high - step)) {
        low = high - step + 1;
        break;
      }
      high -= step;
    }
  }
  while (low < high) {
    const std::size_t middle = (low + high) / 2;
    if (is_before(middle)) {
      low = middle + 1;
    } else {
      high = middle;
    }
  }
  return low;
}

}  // namespace

std::uint64_t head_of(BytesView key) {
  if (key.size() >= 8) return __builtin_bswap64(load<std::uint64_t>(key, 0));
  std::uint64_t out = 0;
  for (std::size_t i = 0; i < 8; ++i) {
    out = (out << 8) | (i < key.size() ? static_cast<unsigned char>(key[i]) : 0U);
  }
  return out;
}

std::size_t PageView::lower_bound(BytesView key, HeadRange hint) const {
  const std::size_t guess = even_guess(count(), head_of(key), hint);
  return search(count(), guess, [&](std::size_t i) { return comes_before(leaf_key(i), key); });
}

std::size_t PageView::child_index(BytesView key, HeadRange hint) const {
  const std::size_t guess = even_guess(count(), head_of(key), hint);
  const std::size_t after =
      search(count(), guess, [&](std::size_t i) { return !comes_before(key, branch_key(i)); });
  return after == 0 ? 0 : after - 1;
}

HeadRange PageView::child_heads(std::size_t i, HeadRange own) const {
  return {.low = head_of(branch_key(i)),
          .high = i + 1 < count() ? head_of(branch_key(i + 1)) : own.high};
}

std::uint64_t fnv1a64(BytesView bytes) {
  std::uint64_t out = 0xcbf29ce484222325U;
  for (const char byte : bytes) {
    out = (out ^ static_cast<unsigned char>(byte)) * 0x100000001b3U;
  }
  return out;
}

Bytes encode_meta_page(const Meta& meta) {
  return encode_meta_page(meta, PageId(meta.txid % 2));
}

Bytes encode_meta_page(const Meta& meta, PageId id) {
  Bytes page(kPageSize, '\0');
  store<std::uint64_t>(page, 0, id.value());
  store<std::uint16_t>(page, 8, kMetaFlag);
  store<std::uint32_t>(page, kPageHeaderSize, kMagic);
  store<std::uint32_t>(page, kPageHeaderSize + 4, kVersion);
  store<std::uint32_t>(page, kPageHeaderSize + 8, kPageSize);
  store<std::uint64_t>(page, kPageHeaderSize + 16, meta.root.value());
  store<std::uint64_t>(page, kPageHeaderSize + 24, meta.sequence);
  store<std::uint64_t>(page, kPageHeaderSize + 32, meta.freelist.value());
  store<std::uint64_t>(page, kPageHeaderSize + 40, meta.high_water.value());
  store<std::uint64_t>(page, kPageHeaderSize + 48, meta.txid);
  const BytesView summed = BytesView(page).substr(kPageHeaderSize, kChecksumAt);
  store<std::uint64_t>(page, kPageHeaderSize + kChecksumAt, fnv1a64(summed));
  return page;
}

Result<Meta> decode_meta_page(BytesView page, PageId id) {
  const std::string what = text("meta page {}", id.value());
  if (page.size() < kPageHeaderSize + kMetaSize) {
    return fail(Errc::Torn, text("{}: only {} bytes of it are there", what, page.size()));
  }
  const BytesView meta = page.substr(kPageHeaderSize, kMetaSize);
  const auto magic = load<std::uint32_t>(meta, 0);
  if (magic != kMagic) {
    return fail(Errc::Corrupt, text("{}: magic is {:#010x}, {:#010x} expected: not a bbolt file",
                                    what, magic, kMagic));
  }
  const auto version = load<std::uint32_t>(meta, 4);
  if (version != kVersion) {
    return fail(Errc::Corrupt, text("{}: version is {}, {} expected", what, version, kVersion));
  }
  const auto checksum = load<std::uint64_t>(meta, kChecksumAt);
  const std::uint64_t expected = fnv1a64(meta.substr(0, kChecksumAt));
  if (checksum != 0 && checksum != expected) {
    return fail(Errc::Corrupt, text("{}: checksum is {:#018x}, its bytes give {:#018x}", what,
                                    checksum, expected));
  }
  const auto page_size = load<std::uint32_t>(meta, 8);
  if (page_size != kPageSize) {
    return fail(Errc::Corrupt,
                text("{}: page size is {}, only {} can be read", what, page_size, kPageSize));
  }
  return Meta{.root = PageId(load<std::uint64_t>(meta, 16)),
              .sequence = load<std::uint64_t>(meta, 24),
              .freelist = PageId(load<std::uint64_t>(meta, 32)),
              .high_water = PageId(load<std::uint64_t>(meta, 40)),
              .txid = load<std::uint64_t>(meta, 48)};
}

std::optional<std::string> find_page_fault(PageView page, const std::string& what) {
  if (page.bytes().size() < kPageHeaderSize) {
    return text("{}: only {} bytes of its header are there", what, page.bytes().size());
  }
  if (!page.is_leaf() && !page.is_branch()) {
    return text("{}: flags are {:#06x}, neither branch (1) nor leaf (2)", what, page.flags());
  }
  if (page.is_branch() && page.count() == 0) return text("{}: a branch without children", what);
  const std::size_t data_begin = kPageHeaderSize + page.count() * kElementSize;
  if (data_begin > page.bytes().size()) {
    return text("{}: {} elements do not fit into its {} bytes", what, page.count(),
                page.bytes().size());
  }
  for (std::size_t i = 0; i < page.count(); ++i) {
    if (auto fault = find_element_fault(page, i, what)) return fault;
  }
  return std::nullopt;
}

}  // namespace orrery::backend
