// RandomRequests: requests of every kind, valid and not, over few keys so that they meet each other.
//   used by: against_store_test.cc, tests/stock    uses: base/draws.h
#pragma once

#include <algorithm>
#include <cstdint>
#include <utility>
#include <vector>

#include "base/draws.h"
#include "base/text.h"
#include "proto/rpc.h"
#include "tests/mvcc/kit.h"

namespace orrery::model {

class RandomRequests {
 public:
  // Sort orders and targets that there are none of are refused since 3.6; before, they sort by something.
  enum class Sorts { All, Known };

  explicit RandomRequests(std::uint64_t seed, Sorts sorts = Sorts::All)
      : seed_(seed), sorts_(sorts) {}

  // `revision` and `compacted` as they are now, so that most revisions asked for make sense.
  rpc::Request next(std::int64_t revision, std::int64_t compacted) {
    revision_ = revision;
    compacted_ = compacted;
    switch (below(40)) {
      case 0: return compaction();
      case 1:
      case 2:
      case 3:
      case 4:
      case 5: return erase();
      case 6:
      case 7:
      case 8:
      case 9:
      case 10:
      case 11: return txn(0);
      default: return below(3) == 0 ? rpc::Request(range()) : rpc::Request(put());
    }
  }

  std::uint64_t below(std::uint64_t bound) {
    return orrery::below(draw(seed_, Purpose::TestData, 0, counter_++), bound);
  }

 private:
  bool rarely() { return below(25) == 0; }

  bool strange_sort() { return rarely() && sorts_ == Sorts::All; }

  Blob key() {
    if (below(400) == 0) return Blob();
    return Blob(Bytes(1, static_cast<char>('a' + below(8))));
  }

  Blob end() {
    const std::uint64_t choice = below(6);
    if (choice < 3) return Blob();
    return choice == 3 ? Blob(mvcc::from_key()) : key();
  }

  std::int64_t revision_near() {
    if (below(3) != 0) return 0;
    const std::int64_t low = std::max<std::int64_t>(compacted_ - 2, -2);
    return low + static_cast<std::int64_t>(below(static_cast<std::uint64_t>(revision_ - low + 3)));
  }

  std::int64_t bound_near() {
    return rarely() ? revision_ - static_cast<std::int64_t>(below(20)) : 0;
  }

  rpc::RangeRequest range() {
    rpc::RangeRequest out;
    out.key = key();
    out.range_end = end();
    out.revision = revision_near();
    out.limit = below(3) == 0 ? static_cast<std::int64_t>(below(6)) - 1 : 0;
    out.sort_order = static_cast<rpc::SortOrder>(below(3) == 0 ? below(strange_sort() ? 4 : 3) : 0);
    out.sort_target =
        static_cast<rpc::SortTarget>(below(3) == 0 ? below(strange_sort() ? 6 : 5) : 0);
    out.keys_only = below(6) == 0;
    out.count_only = below(8) == 0;
    out.min_mod_revision = bound_near();
    out.max_mod_revision = bound_near();
    out.min_create_revision = bound_near();
    out.max_create_revision = bound_near();
    return out;
  }

  rpc::PutRequest put() {
    rpc::PutRequest out;
    out.key = key();
    out.value = Blob(text("{}", below(50)));
    if (below(4) == 0) out.lease = LeaseId(static_cast<std::int64_t>(below(5)));  // 4 is unknown
    out.prev_kv = below(4) == 0;
    out.ignore_value = below(10) == 0;
    if (out.ignore_value && !rarely()) out.value = Blob();
    out.ignore_lease = below(10) == 0;
    if (out.ignore_lease && !rarely()) out.lease = LeaseId();
    return out;
  }

  rpc::DeleteRangeRequest erase() {
    rpc::DeleteRangeRequest out;
    out.key = key();
    out.range_end = below(4) == 0 ? end() : Blob();
    out.prev_kv = below(3) == 0;
    return out;
  }

  rpc::CompactionRequest compaction() {
    const auto span = static_cast<std::uint64_t>(revision_ - compacted_ + 3);
    return {.revision = compacted_ - 1 + static_cast<std::int64_t>(below(span)),
            .physical = below(2) == 0};
  }

  rpc::Compare compare() {
    rpc::Compare out;
    out.key = key();
    out.range_end = below(4) == 0 ? end() : Blob();
    out.result = static_cast<rpc::CompareResult>(below(4));
    out.target = static_cast<rpc::CompareTarget>(below(5));
    out.number = below(2) == 0 ? 0 : static_cast<std::int64_t>(below(4));
    if (below(3) == 0) out.number = revision_ - static_cast<std::int64_t>(below(10));
    out.value = Blob(text("{}", below(50)));
    return out;
  }

  std::vector<rpc::RequestOp> branch(std::uint64_t depth) {
    std::vector<rpc::RequestOp> out(below(4));
    for (rpc::RequestOp& op : out) {
      const std::uint64_t choice = below(12);
      if (choice == 0 && rarely()) continue;  // an empty operation
      if (choice < 2 && depth < 3) {
        op.request = txn(depth + 1);
      } else if (choice < 5) {
        op.request = range();
      } else if (choice < 8) {
        op.request = erase();
      } else {
        op.request = put();
      }
    }
    return out;
  }

  rpc::TxnRequest txn(std::uint64_t depth) {
    rpc::TxnRequest out;
    for (std::uint64_t i = below(3); i > 0; --i) out.compare.push_back(compare());
    out.success = branch(depth);
    out.failure = branch(depth);
    return out;
  }

  std::uint64_t seed_;
  Sorts sorts_;
  std::uint64_t counter_ = 0;
  std::int64_t revision_ = 1;
  std::int64_t compacted_ = -1;
};

}  // namespace orrery::model
