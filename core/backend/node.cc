#include "backend/node.h"

#include <cstring>

#include "base/check.h"

namespace orrery::backend {
namespace {

std::size_t size_of(const Node& node, std::size_t begin, std::size_t end) {
  std::size_t out = kPageHeaderSize;
  for (std::size_t i = begin; i < end; ++i) out += node.elements[i].size();
  return out;
}

// The end of the first piece of elements [begin, ...), of which there are more than four.
std::size_t first_cut(const Node& node, std::size_t begin, std::size_t fill) {
  std::size_t size = kPageHeaderSize;
  std::size_t at = begin;
  const std::size_t last = node.elements.size() - kMinKeysPerPage;  // leave two for the next page
  for (; at + 1 < last; ++at) {
    const std::size_t next = node.elements[at].size();
    if (at - begin >= kMinKeysPerPage && size + next > fill) break;
    size += next;
  }
  return at;
}

// Puts bytes together, copying at once what stands together already: the rows that a page keeps.
class Joiner {
 public:
  Joiner(Bytes& out, std::size_t at) : out_(out), at_(at) {}

  void add(BytesView bytes) {
    if (bytes.empty()) return;
    if (run_.data() + run_.size() == bytes.data()) {
      run_ = {run_.data(), run_.size() + bytes.size()};
      return;
    }
    flush();
    run_ = bytes;
  }

  void flush() {
    if (!run_.empty()) std::memcpy(out_.data() + at_, run_.data(), run_.size());
    at_ += run_.size();
    run_ = {};
  }

 private:
  Bytes& out_;
  std::size_t at_;
  BytesView run_;  // not copied yet
};

}  // namespace

std::size_t Node::size() const {
  return size_of(*this, 0, elements.size());
}

Node to_node(PageView page) {
  Node out{.is_leaf = page.is_leaf(), .has_lost_elements = false, .elements = {}};
  out.elements.reserve(page.count() + 1);
  for (std::size_t i = 0; i < page.count(); ++i) {
    Element element;
    element.key = page.key(i);
    if (out.is_leaf) {
      element.value = page.leaf_value(i);
      element.flags = page.leaf_flags(i);
    } else {
      element.page = page.child(i);
    }
    out.elements.push_back(std::move(element));
  }
  return out;
}

std::vector<std::size_t> split_points(const Node& node, std::size_t fill) {
  std::vector<std::size_t> out;
  std::size_t begin = 0;
  std::size_t rest = node.size();
  while (node.elements.size() - begin > kMinKeysPerPage * 2 && rest >= kPageSize) {
    const std::size_t end = first_cut(node, begin, fill);
    rest -= size_of(node, begin, end) - kPageHeaderSize;
    out.push_back(end);
    begin = end;
  }
  out.push_back(node.elements.size());
  return out;
}

void page_image(const Node& node, std::size_t begin, std::size_t end, Bytes& out) {
  const std::size_t count = end - begin;
  check(count < 0xFFFF, "a page counts its elements in 16 bits");
  const std::size_t size = size_of(node, begin, end);
  out.resize(size);
  std::size_t data = kPageHeaderSize + count * kElementSize;
  store<std::uint64_t>(out, 0, 0);
  store<std::uint16_t>(out, 8, node.is_leaf ? kLeafFlag : kBranchFlag);
  store<std::uint16_t>(out, 10, static_cast<std::uint16_t>(count));
  store<std::uint32_t>(out, 12, 0);
  Joiner rows(out, data);
  for (std::size_t i = 0; i < count; ++i) {
    const Element& element = node.elements[begin + i];
    const std::size_t at = kPageHeaderSize + i * kElementSize;
    const auto position = static_cast<std::uint32_t>(data - at);
    const auto key_size = static_cast<std::uint32_t>(element.key.size());
    if (node.is_leaf) {
      store<std::uint32_t>(out, at, element.flags);
      store<std::uint32_t>(out, at + 4, position);
      store<std::uint32_t>(out, at + 8, key_size);
      store<std::uint32_t>(out, at + 12, static_cast<std::uint32_t>(element.value.size()));
    } else {
      store<std::uint32_t>(out, at, position);
      store<std::uint32_t>(out, at + 4, key_size);
      store<std::uint64_t>(out, at + 8, element.page.value());
    }
    rows.add(element.key);
    rows.add(element.value);
    data += element.key.size() + element.value.size();
  }
  rows.flush();
}

void place_image(Bytes& image, PageId id) {
  const std::size_t pages = (image.size() + kPageSize - 1) / kPageSize;
  image.resize(pages * kPageSize);
  store<std::uint64_t>(image, 0, id.value());
  store<std::uint32_t>(image, 12, static_cast<std::uint32_t>(pages - 1));
}

}  // namespace orrery::backend
