// Reading: intervals, time travel, limits, sorting, filters.
#include <gtest/gtest.h>

#include "tests/mvcc/kit.h"

namespace orrery::mvcc {
namespace {

using Keys = std::vector<std::string>;
using rpc::SortOrder;
using rpc::SortTarget;

// p0..p4 with values 9..5, at revisions 2..6.
Kit five() {
  Kit kit;
  for (int i = 0; i < 5; ++i) kit.put(text("p{}", i), text("{}", 9 - i));
  return kit;
}

rpc::RangeRequest all() {
  return range_of("p", "q");
}

TEST(Range, IntervalMeansWhatEtcdSays) {
  Kit kit;
  for (const char* key : {"a", "b", "c", "\xff", "\xff\xff"}) kit.put(key);
  struct Row {
    const char* name;
    rpc::RangeRequest request;
    Keys keys;
  };
  const std::vector<Row> table = {
      {"single", range_of("b"), {"b"}},
      {"single, missing", range_of("bb"), {}},
      {"half open", range_of("a", "c"), {"a", "b"}},
      {"from key", range_of("b", from_key()), {"b", "c", "\xff", "\xff\xff"}},
      {"everything", range_of(from_key(), from_key()), {"a", "b", "c", "\xff", "\xff\xff"}},
      {"end before key", range_of("c", "a"), {}},
      {"end equals key", range_of("b", "b"), {}},
      {"prefix of 0xff", range_of("\xff", from_key()), {"\xff", "\xff\xff"}},
  };
  for (const Row& row : table) {
    const rpc::RangeResponse response = kit.range(row.request);
    EXPECT_EQ(keys_of(response), row.keys) << row.name;
    EXPECT_EQ(response.count, static_cast<std::int64_t>(row.keys.size())) << row.name;
    EXPECT_FALSE(response.more) << row.name;
    EXPECT_EQ(response.header.revision, 6) << row.name;
  }
}

TEST(Range, ReadsThePastAndSaysTheCurrentRevision) {
  Kit kit;
  kit.put("k", "1");
  kit.put("k", "2");
  kit.erase("k");
  kit.put("k", "3");

  const auto at = [&](std::int64_t revision) { return kit.range(range_of("k", {}, revision)); };

  EXPECT_EQ(at(1).count, 0);
  EXPECT_EQ(at(2).kvs.at(0).value.view(), "1");
  EXPECT_EQ(at(3).kvs.at(0).version, 2);
  EXPECT_EQ(at(4).count, 0);
  EXPECT_EQ(at(5).kvs.at(0).create_revision, 5);
  EXPECT_EQ(at(5).kvs.at(0).version, 1);
  EXPECT_EQ(at(0).kvs, at(5).kvs);
  EXPECT_EQ(at(-3).kvs, at(5).kvs);
  EXPECT_EQ(at(2).header.revision, 5);
}

TEST(Range, RefusesRevisionsThatAreGoneOrNotYetThere) {
  Kit kit;
  for (int i = 0; i < 4; ++i) kit.put("k");
  kit.compact(3);

  const auto error = [&](std::int64_t revision) {
    const auto response = kit.store.range(kit.backend, range_of("k", {}, revision));
    return response ? std::string("ok") : response.error().detail;
  };

  EXPECT_EQ(error(2), "etcdserver: mvcc: required revision has been compacted");
  EXPECT_EQ(error(3), "ok");
  EXPECT_EQ(error(5), "ok");
  EXPECT_EQ(error(6), "etcdserver: mvcc: required revision is a future revision");
}

TEST(Range, WhyItIsRefusedIsOnRecord) {
  const Kit kit = five();
  std::vector<GuardRecord> records;

  ASSERT_FALSE(kit.store.range(kit.backend, range_of("p0", {}, 9), Guards(&records)));

  EXPECT_EQ(records.back().claim, "the revision has been reached");
  EXPECT_FALSE(records.back().held);
}

TEST(Range, LimitCutsAndCountDoesNot) {
  const Kit kit = five();
  for (const std::int64_t limit : {0, 1, 4, 5, 6, -1}) {
    rpc::RangeRequest request = all();
    request.limit = limit;

    const rpc::RangeResponse response = kit.range(request);

    const bool cuts = limit > 0 && limit < 5;
    EXPECT_EQ(response.kvs.size(), cuts ? static_cast<std::size_t>(limit) : 5U) << limit;
    EXPECT_EQ(response.more, cuts) << limit;
    EXPECT_EQ(response.count, 5) << limit;
  }
}

TEST(Range, CountOnlyIgnoresLimitAndFilters) {
  const Kit kit = five();
  rpc::RangeRequest request = all();
  request.count_only = true;
  request.limit = 2;
  request.min_mod_revision = 5;

  const rpc::RangeResponse response = kit.range(request);

  EXPECT_TRUE(response.kvs.empty());
  EXPECT_EQ(response.count, 5);
  EXPECT_FALSE(response.more);
}

TEST(Range, KeysOnlyEmptiesValuesAfterSorting) {
  const Kit kit = five();
  rpc::RangeRequest request = all();
  request.keys_only = true;
  request.sort_target = SortTarget::Value;
  request.sort_order = SortOrder::Ascend;

  const rpc::RangeResponse response = kit.range(request);

  EXPECT_EQ(keys_of(response), (Keys{"p4", "p3", "p2", "p1", "p0"}));
  for (const auto& kv : response.kvs) EXPECT_TRUE(kv.value.empty());
}

TEST(Range, SortsByEveryTarget) {
  Kit kit;
  kit.put("a", "3");  // 2
  kit.put("b", "1");  // 3
  kit.put("c", "2");  // 4
  kit.put("a", "3");  // 5, version 2
  struct Row {
    SortTarget target;
    Keys ascending;
    Keys descending;
  };
  const std::vector<Row> table = {
      {SortTarget::Key, {"a", "b", "c"}, {"c", "b", "a"}},
      {SortTarget::Version, {"b", "c", "a"}, {"a", "b", "c"}},  // equal ones in key order
      {SortTarget::Create, {"a", "b", "c"}, {"c", "b", "a"}},
      {SortTarget::Mod, {"b", "c", "a"}, {"a", "c", "b"}},
      {SortTarget::Value, {"b", "c", "a"}, {"a", "c", "b"}},
  };
  for (const Row& row : table) {
    rpc::RangeRequest request = range_of("a", "d");
    request.sort_target = row.target;
    EXPECT_EQ(keys_of(kit.range(request)), row.ascending);
    request.sort_order = SortOrder::Ascend;
    EXPECT_EQ(keys_of(kit.range(request)), row.ascending);
    request.sort_order = SortOrder::Descend;
    EXPECT_EQ(keys_of(kit.range(request)), row.descending);
  }
}

TEST(Range, WithoutAnOrderTheLimitCutsBeforeTheSort) {
  const Kit kit = five();
  rpc::RangeRequest request = all();
  request.sort_target = SortTarget::Value;
  request.limit = 2;

  EXPECT_EQ(keys_of(kit.range(request)), (Keys{"p2", "p1"}));
  request.sort_order = SortOrder::Ascend;
  EXPECT_EQ(keys_of(kit.range(request)), (Keys{"p4", "p3"}));
  EXPECT_TRUE(kit.range(request).more);
}

TEST(Range, FiltersComeBeforeTheLimitAndNotIntoTheCount) {
  Kit kit = five();
  kit.put("p0", "new");  // created at 2, changed at 7
  const auto keys = [&](auto set) {
    rpc::RangeRequest request = all();
    set(request);
    const rpc::RangeResponse response = kit.range(request);
    EXPECT_EQ(response.count, 5);
    return keys_of(response);
  };

  EXPECT_EQ(keys([](auto& r) { r.min_mod_revision = 5; }), (Keys{"p0", "p3", "p4"}));
  EXPECT_EQ(keys([](auto& r) { r.max_mod_revision = 4; }), (Keys{"p1", "p2"}));
  EXPECT_EQ(keys([](auto& r) { r.min_create_revision = 5; }), (Keys{"p3", "p4"}));
  EXPECT_EQ(keys([](auto& r) { r.max_create_revision = 3; }), (Keys{"p0", "p1"}));
  EXPECT_EQ(keys([](auto& r) { r.min_mod_revision = 4, r.limit = 2; }), (Keys{"p0", "p2"}));
}

TEST(Range, IsTheSameForACopyWhateverHappensToTheOriginal) {
  Kit kit = five();
  const Kit copy = kit;
  const Digest before = digest_of(copy.store);

  kit.erase("p", "q");
  kit.compact(7);

  EXPECT_EQ(copy.range(all()).count, 5);
  EXPECT_EQ(digest_of(copy.store), before);
  EXPECT_NE(digest_of(kit.store), before);
}

TEST(Range, TheLimitCutsWhatTheFiltersLeave) {
  Kit kit;
  for (const char* key : {"a", "b", "c", "d"}) kit.put(key);
  rpc::RangeRequest request = range_of("a", from_key());
  request.min_mod_revision = 4;
  request.limit = 1;

  const rpc::RangeResponse response = kit.range(request);

  EXPECT_EQ(keys_of(response), std::vector<std::string>{"c"});
  EXPECT_EQ(response.count, 4);
  EXPECT_TRUE(response.more);
}

}  // namespace
}  // namespace orrery::mvcc
