// TreeIndex: all keys in byte order, each with its history.
//   used by: Store    uses: IndexKey, KeyIndex, Interval, base/ordered_map.h (etcd's B-tree of degree 32 too)
//   ideas:   a read at a revision asks each key of the interval whether it existed then; rows are not
//            touched before the answer is known.
//   invariant: no key with an empty history is in the tree.
//   from: etcd server/storage/mvcc/index.go (treeIndex)
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/guards.h"
#include "base/ordered_map.h"
#include "base/violation.h"
#include "mvcc/index_key.h"
#include "mvcc/interval.h"
#include "mvcc/keep_set.h"
#include "mvcc/key_index.h"

namespace orrery::mvcc {

class TreeIndex {
 public:
  using Map = OrderedMap<IndexKey, KeyIndex>;

  struct Hit {
    Blob key;
    Revision modified;
  };

  struct Hits {
    std::vector<Hit> hits;   // in key order, at most the limit
    std::int64_t total = 0;  // all that match, whatever the limit
  };

  void put(const Blob& key, Revision revision);
  // False = the key is not alive.
  [[nodiscard]] bool tombstone(const Blob& key, Revision revision);
  // Of all keys at once, in ascending order.
  static TreeIndex from_sorted(std::vector<Map::value_type> keys);

  const KeyIndex* find_key(BytesView key) const { return keys_.find(KeyQuery(key)); }

  std::optional<KeyIndex::Found> find(BytesView key, std::int64_t at,
                                      const Guards& guards = {}) const;
  // The keys of the interval that existed at revision `at`. limit 0 = none.
  Hits range(const Interval& interval, std::int64_t at, std::int64_t limit,
             const Guards& guards = {}) const;
  std::int64_t count(const Interval& interval, std::int64_t at) const;

  // Forgets what cannot be seen at or above `at`; the answer is the rows <= `at` that stay.
  KeepSet compact(std::int64_t at, const Rules& rules);
  // What the hash at `at` counts of the rows <= `at`.
  KeepSet keep(std::int64_t at, const Rules& rules) const;

  std::size_t size() const { return keys_.size(); }

  const Map& keys() const { return keys_; }

  template <class F>
  void fields(F&& f) const {
    f("keys", keys_);
  }

  friend bool operator==(const TreeIndex&, const TreeIndex&) = default;

 private:
  Map keys_;
};

// Of the tree and of every key.
Violations violations(const TreeIndex& index);

}  // namespace orrery::mvcc
