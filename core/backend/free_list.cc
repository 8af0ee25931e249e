#include "backend/free_list.h"

#include <algorithm>
#include <iterator>
#include <utility>
#include <vector>

#include "base/check.h"

namespace orrery::backend {

bool FreeList::is_free(PageId page) const {
  auto after = runs_.upper_bound(page);
  if (after == runs_.begin()) return false;
  --after;
  return page.value() < after->first.value() + after->second;
}

bool FreeList::is_pending(PageId page) const {
  for (const auto& [txid, runs] : pending_) {
    for (const Run& run : runs) {
      if (run.first <= page && page.value() < run.first.value() + run.count) return true;
    }
  }
  return false;
}

std::optional<PageId> FreeList::allocate(std::uint64_t count) {
  for (const auto& [first, length] : runs_) {
    if (length < count) continue;
    const PageId taken = first;
    const std::uint64_t rest = length - count;
    runs_.erase(taken);
    if (rest > 0) runs_.put(taken + count, rest);
    free_count_ -= count;
    return taken;
  }
  return std::nullopt;
}

void FreeList::add(PageId first, std::uint64_t count) {
  check(count > 0, "a run of free pages has pages");
  free_count_ += count;
  auto after = runs_.upper_bound(first);
  std::optional<std::pair<PageId, std::uint64_t>> right;
  if (after != runs_.end()) right.emplace(after->first, after->second);
  std::optional<std::pair<PageId, std::uint64_t>> left;
  if (after != runs_.begin()) {
    --after;
    left.emplace(after->first, after->second);
  }
  if (right) {
    check(first + count <= right->first, "no page is freed twice");
    if (first + count == right->first) {
      runs_.erase(right->first);
      count += right->second;
    }
  }
  if (left) {
    check(left->first + left->second <= first, "no page is freed twice");
    if (left->first + left->second == first) {
      first = left->first;
      count += left->second;
    }
  }
  runs_.put(first, count);
}

void FreeList::free(std::uint64_t txid, PageId first, std::uint64_t count) {
  pending_.at_or_new(txid).push_back(Run{.first = first, .count = count});
  pending_count_ += count;
}

void FreeList::release(std::uint64_t txid) {
  while (!pending_.empty() && pending_.begin()->first <= txid) {
    const std::uint64_t oldest = pending_.begin()->first;
    const Sequence<Run>& left = pending_.begin()->second;
    std::vector<Run> runs(left.begin(), left.end());
    pending_.erase(oldest);
    std::ranges::sort(runs, {},
                      &Run::first);  // neighbours meet while their part of the map is at hand
    for (const Run& run : runs) {
      pending_count_ -= run.count;
      add(run.first, run.count);
    }
  }
}

}  // namespace orrery::backend
