// FreeList: which pages of the file no committed state uses.
//   used by: backend.h (one per committed state), tree_writer.h (allocates, frees)
//   ideas:   free runs by their first page, neighbours joined; pages freed by transaction t wait as pending
//            until no read transaction older than t is open.
//   invariant 1: free runs do not touch or overlap. 2: no page is free and pending.
//   from: bbolt freelist.go; allocation takes the lowest run that fits, as its array form
//   differs: release looks at the oldest reader alone, not at the gaps between readers.
#pragma once

#include <cstdint>
#include <optional>

#include "backend/page.h"
#include "base/ordered_map.h"
#include "base/sequence.h"

namespace orrery::backend {

class FreeList {
 public:
  std::uint64_t free_count() const { return free_count_; }

  std::uint64_t pending_count() const { return pending_count_; }

  bool is_free(PageId page) const;
  bool is_pending(PageId page) const;

  // Takes the first page of the lowest run of `count` pages; nothing when no run is long enough.
  std::optional<PageId> allocate(std::uint64_t count);
  // Makes `count` pages from `first` on free at once.
  void add(PageId first, std::uint64_t count);
  // Transaction `txid` stops using `count` pages from `first` on.
  void free(std::uint64_t txid, PageId first, std::uint64_t count);
  // Frees what transactions up to and including `txid` left pending.
  void release(std::uint64_t txid);

  friend bool operator==(const FreeList&, const FreeList&) = default;

  template <class F>
  void fields(F&& f) const {
    f("runs", runs_);
    f("pending", pending_);
    f("free_count", free_count_);
    f("pending_count", pending_count_);
  }

 private:
  struct Run {
    PageId first;
    std::uint64_t count = 0;

    friend bool operator==(const Run&, const Run&) = default;

    template <class F>
    void fields(F&& f) const {
      f("first", first);
      f("count", count);
    }
  };

  OrderedMap<PageId, std::uint64_t> runs_;            // first page -> length
  OrderedMap<std::uint64_t, Sequence<Run>> pending_;  // by the transaction that freed them
  std::uint64_t free_count_ = 0;                      // units: pages
  std::uint64_t pending_count_ = 0;                   // units: pages
};

}  // namespace orrery::backend
