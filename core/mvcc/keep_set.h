// KeepSet: the rows at or below a revision that a compaction there leaves alone.
//   used by: TreeIndex (makes it), CompactionJob and the hash (ask it)    uses: Revision, base/shared.h
//   ideas:   collected key by key, sorted once, then asked by binary search; copies share it.
#pragma once

#include <algorithm>
#include <cstddef>
#include <utility>
#include <vector>

#include "base/shared.h"
#include "mvcc/revision.h"

namespace orrery::mvcc {

class KeepSet {
 public:
  KeepSet() = default;

  explicit KeepSet(std::vector<Revision> revisions) {
    std::ranges::sort(revisions);
    sorted_.edit() = std::move(revisions);
  }

  bool contains(Revision revision) const { return std::ranges::binary_search(*sorted_, revision); }

  bool empty() const { return sorted_->empty(); }

  std::size_t size() const { return sorted_->size(); }

  const std::vector<Revision>& sorted() const { return *sorted_; }

  template <class F>
  void fields(F&& f) const {
    f("revisions", sorted_);
  }

  friend bool operator==(const KeepSet&, const KeepSet&) = default;

 private:
  Shared<std::vector<Revision>> sorted_;  // ascending
};

}  // namespace orrery::mvcc
