// What is refused before anything else happens, with etcd's words.
#include "mvcc/request.h"

#include <gtest/gtest.h>

#include "tests/mvcc/kit.h"

namespace orrery::mvcc {
namespace {

using rpc::CompareResult;
using rpc::CompareTarget;

std::string verdict(const rpc::Request& request, std::size_t max_ops = kMaxTxnOps) {
  const Result<void> valid = validate(request, max_ops);
  return valid ? "ok" : valid.error().detail;
}

struct Row {
  const char* name;
  rpc::Request request;
  const char* verdict;
};

constexpr const char* kEmptyKey = "etcdserver: key is not provided";
constexpr const char* kDuplicate = "etcdserver: duplicate key given in txn request";
constexpr const char* kTooMany = "etcdserver: too many operations in txn request";
constexpr const char* kSort = "etcdserver: invalid sort option";

void expect_all(const std::vector<Row>& table) {
  for (const Row& row : table) EXPECT_EQ(verdict(row.request), row.verdict) << row.name;
}

rpc::PutRequest ignoring(BytesView key, bool value, bool lease) {
  rpc::PutRequest put = put_of(key, "");
  put.ignore_value = value;
  put.ignore_lease = lease;
  return put;
}

TEST(Validate, OperationsNeedAKey) {
  expect_all({
      {"range", range_of(""), kEmptyKey},
      {"range from key", range_of("", from_key()), kEmptyKey},
      {"put", put_of(""), kEmptyKey},
      {"delete", delete_of(""), kEmptyKey},
      {"range in txn", txn_of({op(range_of(""))}), kEmptyKey},
      {"put in the other branch", txn_of({}, {op(put_of(""))}), kEmptyKey},
      {"compare", txn_of({}, {}, {compare_of(CompareTarget::Mod, "", CompareResult::Equal, 0)}),
       kEmptyKey},
      {"inner", txn_of({op(txn_of({op(delete_of(""))}))}), kEmptyKey},
      {"all keys", range_of(from_key(), from_key()), "ok"},
  });
}

TEST(Validate, IgnoreExcludesWhatItIgnores) {
  rpc::PutRequest with_value = ignoring("k", true, false);
  with_value.value = Blob("v");
  rpc::PutRequest with_lease = ignoring("k", false, true);
  with_lease.lease = LeaseId(3);

  expect_all({
      {"value", with_value, "etcdserver: value is provided"},
      {"lease", with_lease, "etcdserver: lease is provided"},
      {"value in txn", txn_of({op(with_value)}), "etcdserver: value is provided"},
      {"both ignored", ignoring("k", true, true), "ok"},
  });
}

TEST(Validate, SortOptionsMustBeKnown) {
  rpc::RangeRequest order = range_of("k");
  order.sort_order = static_cast<rpc::SortOrder>(3);
  rpc::RangeRequest target = range_of("k");
  target.sort_target = static_cast<rpc::SortTarget>(5);

  expect_all({{"order", order, kSort}, {"target", target, kSort}});
}

TEST(Validate, AnOperationWithoutContentIsKeyNotFound) {
  EXPECT_EQ(verdict(txn_of({rpc::RequestOp()})), "etcdserver: key not found");
}

std::vector<rpc::RequestOp> ranges(std::size_t count) {
  return std::vector<rpc::RequestOp>(count, op(range_of("k")));
}

TEST(Validate, TheLongestListOfATransactionCounts) {
  const std::vector<rpc::Compare> compares(
      129, compare_of(CompareTarget::Version, "k", CompareResult::Equal, 0));

  expect_all({
      {"128 and 128", txn_of(ranges(128), ranges(128)), "ok"},
      {"129", txn_of(ranges(129)), kTooMany},
      {"129 else", txn_of({}, ranges(129)), kTooMany},
      {"129 compares", txn_of({}, {}, compares), kTooMany},
  });
}

TEST(Validate, AnInnerTransactionGetsWhatTheOuterLeaves) {
  expect_all({
      {"1 + 127", txn_of({op(txn_of(ranges(127)))}), "ok"},
      {"1 + 128", txn_of({op(txn_of(ranges(128)))}), kTooMany},
      {"1 + 1 + 126", txn_of({op(txn_of({op(txn_of(ranges(126)))}))}), "ok"},
      {"1 + 1 + 127", txn_of({op(txn_of({op(txn_of(ranges(127)))}))}), kTooMany},
  });
}

TEST(Validate, TheLimitIsSettable) {
  EXPECT_EQ(verdict(txn_of(ranges(3)), 2), kTooMany);
  EXPECT_EQ(verdict(txn_of(ranges(3)), 3), "ok");
}

TEST(Validate, AKeyIsPutOnceInABranchAndNotDeletedAsWell) {
  const auto a = op(put_of("a"));
  expect_all({
      {"put twice", txn_of({a, a}), kDuplicate},
      {"put in both branches", txn_of({a}, {a}), "ok"},
      {"put and delete", txn_of({a, op(delete_of("a"))}), kDuplicate},
      {"delete and put", txn_of({op(delete_of("a")), a}), kDuplicate},
      {"put inside a deleted interval", txn_of({a, op(delete_of("Z", "b"))}), kDuplicate},
      {"put at the end of one", txn_of({op(put_of("b")), op(delete_of("a", "b"))}), "ok"},
      {"put below one", txn_of({a, op(delete_of("a1", "b"))}), "ok"},
      {"deletes may overlap", txn_of({op(delete_of("a", "c")), op(delete_of("b", "d"))}), "ok"},
      {"overlapping deletes cover",
       txn_of({op(delete_of("a", "c")), op(delete_of("b", "d")), op(put_of("c"))}), kDuplicate},
      {"inverted delete covers nothing", txn_of({a, op(delete_of("b", "a"))}), "ok"},
      {"in the other branch", txn_of({}, {a, a}), kDuplicate},
  });
}

TEST(Validate, InnerTransactionsJoinTheirBranch) {
  const auto a = op(put_of("a"));
  const auto del = op(delete_of("a"));
  expect_all({
      {"inner put and put", txn_of({op(txn_of({a})), a}), kDuplicate},
      {"inner then and else exclude each other", txn_of({op(txn_of({a}, {a}))}), "ok"},
      {"put in two inner ones", txn_of({op(txn_of({a})), op(txn_of({a}))}), kDuplicate},
      {"put in else of one and then of another", txn_of({op(txn_of({}, {a})), op(txn_of({a}))}),
       kDuplicate},
      {"inner put, outer delete", txn_of({op(txn_of({a})), del}), kDuplicate},
      {"inner delete, outer put", txn_of({op(txn_of({del})), a}), kDuplicate},
      {"inner else delete, outer put", txn_of({op(txn_of({}, {del})), a}), kDuplicate},
      {"inner twice the same put", txn_of({op(txn_of({a, a}))}), kDuplicate},
  });
}

TEST(Validate, KeepsTwoGapsOfEtcds) {
  const auto a = op(put_of("a"));
  const auto del = op(delete_of("a"));
  expect_all({
      {"put and from-key delete", txn_of({a, op(delete_of("a", from_key()))}), "ok"},
      {"put, then a later sibling's delete", txn_of({op(txn_of({a})), op(txn_of({del}))}), "ok"},
      {"delete, then a later sibling's put", txn_of({op(txn_of({del})), op(txn_of({a}))}),
       kDuplicate},
  });
}

TEST(Validate, CompactionIsJudgedOnlyWhenApplied) {
  EXPECT_EQ(verdict(rpc::CompactionRequest{.revision = -9, .physical = false}), "ok");
}

TEST(Request, ReadOnlyMeansOnlyRangesInBothBranches) {
  EXPECT_TRUE(is_read_only(txn_of(ranges(2), ranges(1))));
  EXPECT_TRUE(is_read_only(txn_of({})));
  EXPECT_FALSE(is_read_only(txn_of(ranges(1), {op(put_of("k"))})));
  EXPECT_FALSE(is_read_only(txn_of({op(txn_of(ranges(1)))})));
}

TEST(Request, SerializableMeansEveryRangeIs) {
  rpc::RangeRequest local = range_of("k");
  local.serializable = true;

  EXPECT_TRUE(is_serializable(txn_of({op(local)}, {op(local)})));
  EXPECT_FALSE(is_serializable(txn_of({op(local), op(range_of("k"))})));
}

TEST(Request, PutsAreFoundAtAnyDepth) {
  EXPECT_TRUE(has_put(txn_of({op(txn_of({}, {op(put_of("k"))}))})));
  EXPECT_FALSE(has_put(txn_of({op(delete_of("k"))}, {op(txn_of(ranges(1)))})));
}

}  // namespace
}  // namespace orrery::mvcc
