// Page order: what makes walks over keys and pages quick.
//   used by: page.cc, page_file.cc (cursor), tree_writer.cc    uses: page.h
//   ideas:   most keys differ in their first eight bytes, which compare as one number. Pages lie scattered in
//            memory, and the processor fetches ahead by itself only within one: who knows which page comes next
//            asks for it early.
#pragma once

#include <algorithm>
#include <cstddef>

#include "backend/page.h"

namespace orrery::backend {

// a < b
inline bool comes_before(BytesView a, BytesView b) {
  const std::uint64_t head_a = head_of(a);
  const std::uint64_t head_b = head_of(b);
  return head_a == head_b ? a < b : head_a < head_b;
}

// Asks for a page's first lines of memory: the header, the elements and the first rows. A search then waits for
// them once instead of line by line; the rest follows by itself once they are read in order.
inline void prefetch(PageView page) {
  constexpr std::size_t kLine = 64;
  constexpr std::size_t kAhead = 12 * kLine;
  const BytesView bytes = page.bytes().substr(0, kAhead);
  for (std::size_t at = 0; at < bytes.size(); at += kLine) __builtin_prefetch(bytes.data() + at);
}

}  // namespace orrery::backend
