// MetKeys: the keys of which a restart has met rows, found by a hash of their bytes.
//   used by: store_restore.cc alone    uses: KeyIndex
//   ideas:   rows come in the order of history, so most are of a key that was met before. Sorting the keys
//            once at the end is cheaper than keeping them in order all the time.
//            The table is a power of two of slots, at most half of them taken; a slot that is taken by
//            another key passes one on to the next.
//   invariant: nothing can be seen of the order in the table.
//   from: etcd server/storage/mvcc/kvstore.go (restoreIntoIndex, which caches keys for the same reason)
#pragma once

#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

#include "base/blob.h"
#include "base/strong.h"
#include "mvcc/key_index.h"

namespace orrery::mvcc {

struct MetKey {
  Blob key;
  KeyIndex index;
  LeaseId lease{};  // that the newest row names
};

class MetKeys {
 public:
  // Null = not met. Valid until the next add().
  MetKey* find(BytesView key);
  // requires: the key was not met
  void add(MetKey met);

  std::size_t size() const { return met_.size(); }

  // All, in the order of their keys.
  std::vector<MetKey> sorted() &&;

 private:
  struct Slot {
    std::uint32_t tag = 0;     // of the key's digest: most other keys are told by it alone
    std::uint32_t number = 0;  // 1 = the first of met_; 0 = free
  };

  void place(Digest digest, std::uint32_t number);
  void grow();

  std::vector<MetKey> met_;
  std::vector<Slot> slots_{16};
};

}  // namespace orrery::mvcc
