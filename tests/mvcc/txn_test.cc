// Puts, deletes and transactions: answers, revisions, errors, and the steps they are made of.
#include <gtest/gtest.h>

#include "base/overloaded.h"
#include "tests/mvcc/kit.h"

namespace orrery::mvcc {
namespace {

using rpc::CompareResult;
using rpc::CompareTarget;

template <class Response>
const Response& part(const rpc::TxnResponse& txn, std::size_t i) {
  return std::get<Response>(txn.responses.at(i).response);
}

std::string error_of(Kit& kit, const rpc::Request& request) {
  const auto applied = kit.try_apply(request);
  return applied ? "ok" : applied.error().detail;
}

TEST(Put, MakesARevisionEvenForTheSameValue) {
  Kit kit;

  EXPECT_EQ(kit.put("k", "v"), 2);
  EXPECT_EQ(kit.put("k", "v"), 3);
  EXPECT_EQ(kit.range(range_of("k")).kvs.at(0).version, 2);
}

TEST(Put, AnswersTheKeyBeforeIfAsked) {
  Kit kit;
  rpc::PutRequest put = put_of("k", "new");
  put.prev_kv = true;

  EXPECT_FALSE(std::get<rpc::PutResponse>(kit.apply(put)).prev_kv);
  kit.put("k", "old");
  const auto response = std::get<rpc::PutResponse>(kit.apply(put));

  ASSERT_TRUE(response.prev_kv);
  EXPECT_EQ(response.prev_kv->value.view(), "old");
  EXPECT_EQ(response.prev_kv->mod_revision, 3);
  EXPECT_EQ(response.header.revision, 4);
}

TEST(Put, MayKeepValueOrLease) {
  Kit kit;
  kit.leases = {LeaseId(5)};
  rpc::PutRequest put = put_of("k", "v");
  put.lease = LeaseId(5);
  kit.apply(put);
  rpc::PutRequest keep_value = put_of("k", "");
  keep_value.ignore_value = true;
  rpc::PutRequest keep_lease = put_of("k", "w");
  keep_lease.ignore_lease = true;

  kit.apply(keep_lease);
  EXPECT_EQ(kit.range(range_of("k")).kvs.at(0).lease, LeaseId(5));
  EXPECT_EQ(kit.range(range_of("k")).kvs.at(0).value.view(), "w");
  kit.apply(keep_value);
  EXPECT_EQ(kit.range(range_of("k")).kvs.at(0).lease, LeaseId());
  EXPECT_EQ(kit.range(range_of("k")).kvs.at(0).value.view(), "w");
}

TEST(Put, KeepingWhatIsNotThereIsKeyNotFound) {
  Kit kit;
  rpc::PutRequest put = put_of("k", "");
  put.ignore_value = true;

  EXPECT_EQ(error_of(kit, put), "etcdserver: key not found");
  EXPECT_EQ(error_of(kit, txn_of({op(put_of("other")), op(put)})), "etcdserver: key not found");
  EXPECT_EQ(kit.store.current_revision(), 1);
}

TEST(Put, NeedsAKnownLease) {
  Kit kit;
  rpc::PutRequest put = put_of("k");
  put.lease = LeaseId(9);

  EXPECT_EQ(error_of(kit, put), "etcdserver: requested lease not found");
  EXPECT_EQ(error_of(kit, txn_of({op(put_of("other")), op(put)})),
            "etcdserver: requested lease not found");
  EXPECT_EQ(kit.rows(), "");
}

TEST(Put, AloneLooksAtTheLeaseFirstAndInATransactionAtTheKey) {
  Kit kit;
  rpc::PutRequest put = put_of("k", "");
  put.lease = LeaseId(9);
  put.ignore_value = true;

  EXPECT_EQ(error_of(kit, put), "etcdserver: requested lease not found");
  EXPECT_EQ(error_of(kit, txn_of({op(put)})), "etcdserver: key not found");
}

TEST(Delete, WritesOneTombstoneAKeyUnderOneRevision) {
  Kit kit;
  for (const char* key : {"a", "b", "c"}) kit.put(key);

  rpc::DeleteRangeRequest erase = delete_of("a", "c");
  erase.prev_kv = true;
  const auto response = std::get<rpc::DeleteRangeResponse>(kit.apply(erase));

  EXPECT_EQ(response.deleted, 2);
  EXPECT_EQ(response.header.revision, 5);
  ASSERT_EQ(response.prev_kvs.size(), 2U);
  EXPECT_EQ(response.prev_kvs[1].key.view(), "b");
  EXPECT_EQ(kit.rows(), "2 3 4 5t 5.1t");
  ASSERT_EQ(kit.events.size(), 2U);
  EXPECT_EQ(to_text(kit.events[0]), "DELETE a@5");
  EXPECT_EQ(kit.events[0].kv.version, 0);
  EXPECT_TRUE(kit.events[0].kv.value.empty());
}

TEST(Delete, OfNothingMakesNoRevision) {
  Kit kit;
  kit.put("a");

  for (const auto& erase : {delete_of("b"), delete_of("b", "a"), delete_of("c", "d")}) {
    const auto response = std::get<rpc::DeleteRangeResponse>(kit.apply(erase));
    EXPECT_EQ(response.deleted, 0);
    EXPECT_EQ(response.header.revision, 2);
  }
  EXPECT_EQ(kit.rows(), "2");
}

TEST(Txn, AllChangesShareOneRevisionInOrder) {
  Kit kit;
  kit.put("old");

  const rpc::TxnResponse response =
      kit.txn(txn_of({op(put_of("a")), op(delete_of("old")), op(put_of("b"))}));

  EXPECT_EQ(kit.rows(), "2 3 3.1t 3.2");
  EXPECT_EQ(response.header.revision, 3);
  EXPECT_TRUE(response.succeeded);
  EXPECT_EQ(part<rpc::PutResponse>(response, 0).header.revision, 3);
  EXPECT_EQ(part<rpc::DeleteRangeResponse>(response, 1).deleted, 1);
  EXPECT_EQ(kit.watch(3), "PUT a@3, DELETE old@3, PUT b@3");
  EXPECT_EQ(kit.events.size(), 3U);
}

TEST(Txn, WithoutChangesKeepsTheRevision) {
  Kit kit;
  kit.put("a");

  EXPECT_EQ(kit.txn(txn_of({})).header.revision, 2);
  EXPECT_EQ(kit.txn(txn_of({op(range_of("a")), op(delete_of("none"))})).header.revision, 2);
  EXPECT_EQ(kit.store.current_revision(), 2);
}

TEST(Txn, ReadsSeeItsOwnEarlierWritesOnly) {
  Kit kit;
  kit.put("a", "1");

  const rpc::TxnResponse response = kit.txn(txn_of({
      op(range_of("a", from_key())),
      op(put_of("a", "2")),
      op(range_of("a")),
      op(put_of("b", "1")),
      op(range_of("a", from_key())),
      op(range_of("a", {}, 2)),
  }));

  EXPECT_EQ(part<rpc::RangeResponse>(response, 0).count, 1);
  EXPECT_EQ(part<rpc::RangeResponse>(response, 0).header.revision, 2);
  EXPECT_EQ(part<rpc::RangeResponse>(response, 2).kvs.at(0).value.view(), "2");
  EXPECT_EQ(part<rpc::RangeResponse>(response, 2).header.revision, 3);
  EXPECT_EQ(part<rpc::RangeResponse>(response, 4).count, 2);
  EXPECT_EQ(part<rpc::RangeResponse>(response, 5).kvs.at(0).value.view(), "1");
}

TEST(Txn, DeleteAndDeleteAgainCountsOnce) {
  Kit kit;
  for (const char* key : {"a", "b", "c"}) kit.put(key);

  const rpc::TxnResponse response =
      kit.txn(txn_of({op(delete_of("a", "c")), op(delete_of("b", from_key()))}));

  EXPECT_EQ(part<rpc::DeleteRangeResponse>(response, 0).deleted, 2);
  EXPECT_EQ(part<rpc::DeleteRangeResponse>(response, 1).deleted, 1);
}

struct CompareRow {
  const char* name;
  rpc::Compare compare;
  bool holds;
};

TEST(Txn, ComparesEveryTarget) {
  Kit kit;
  kit.leases = {LeaseId(5)};
  rpc::PutRequest leased = put_of("k", "m");
  leased.lease = LeaseId(5);
  kit.put("k", "x");  // 2
  kit.apply(leased);  // 3: version 2, create 2, mod 3, value m, lease 5
  const std::vector<CompareRow> table = {
      {"version", compare_of(CompareTarget::Version, "k", CompareResult::Equal, 2), true},
      {"version >", compare_of(CompareTarget::Version, "k", CompareResult::Greater, 2), false},
      {"create <", compare_of(CompareTarget::Create, "k", CompareResult::Less, 3), true},
      {"mod !=", compare_of(CompareTarget::Mod, "k", CompareResult::NotEqual, 2), true},
      {"mod >", compare_of(CompareTarget::Mod, "k", CompareResult::Greater, 2), true},
      {"lease", compare_of(CompareTarget::Lease, "k", CompareResult::Equal, 5), true},
      {"value", compare_value("k", CompareResult::Equal, "m"), true},
      {"value <", compare_value("k", CompareResult::Less, "n"), true},
      {"value >", compare_value("k", CompareResult::Greater, "n"), false},
      {"missing: version 0", compare_of(CompareTarget::Version, "none", CompareResult::Equal, 0),
       true},
      {"missing: create 0", compare_of(CompareTarget::Create, "none", CompareResult::Equal, 0),
       true},
      {"missing: mod > 0", compare_of(CompareTarget::Mod, "none", CompareResult::Greater, 0),
       false},
      {"missing: value", compare_value("none", CompareResult::Equal, ""), false},
      {"missing: value !=", compare_value("none", CompareResult::NotEqual, "x"), false},
  };
  for (const CompareRow& row : table) {
    EXPECT_EQ(kit.txn(txn_of({}, {}, {row.compare})).succeeded, row.holds) << row.name;
  }
}

TEST(Txn, RangeCompareAsksEveryKey) {
  Kit kit;
  kit.put("a", "1");
  kit.put("b", "1");
  kit.put("c", "2");
  const auto succeeds = [&](BytesView key, BytesView end, BytesView value) {
    rpc::Compare compare = compare_value(key, CompareResult::Equal, value);
    compare.range_end = Blob(end);
    return kit.txn(txn_of({}, {}, {compare})).succeeded;
  };

  EXPECT_TRUE(succeeds("a", "c", "1"));
  EXPECT_FALSE(succeeds("a", from_key(), "1"));
  EXPECT_FALSE(succeeds("x", "z", "1"));
}

TEST(Txn, InnerComparesSeeTheStateBeforeAll) {
  Kit kit;
  const auto absent = compare_of(CompareTarget::Version, "a", CompareResult::Equal, 0);

  const rpc::TxnResponse response = kit.txn(txn_of({
      op(put_of("a")),
      op(txn_of({op(put_of("then"))}, {op(put_of("else"))}, {absent})),
      op(range_of("then")),
  }));

  const auto& inner = part<rpc::TxnResponse>(response, 1);
  EXPECT_TRUE(inner.succeeded);
  EXPECT_EQ(inner.responses.size(), 1U);
  EXPECT_EQ(inner.header, rpc::ResponseHeader());
  EXPECT_EQ(part<rpc::RangeResponse>(response, 2).count, 1);
}

TEST(Txn, AFailedCheckAppliesNothing) {
  Kit kit;
  for (int i = 0; i < 3; ++i) kit.put("k");
  kit.compact(3);
  const std::string rows = kit.rows();
  const auto with = [](std::int64_t revision) {
    return txn_of({op(put_of("a")), op(range_of("k", {}, revision))});
  };

  EXPECT_EQ(error_of(kit, with(2)), "etcdserver: mvcc: required revision has been compacted");
  EXPECT_EQ(error_of(kit, with(-1)), "etcdserver: mvcc: required revision has been compacted");
  EXPECT_EQ(error_of(kit, with(5)), "etcdserver: mvcc: required revision is a future revision");
  EXPECT_EQ(kit.rows(), rows);
  EXPECT_EQ(error_of(kit, with(4)), "ok");
}

TEST(Txn, TheBranchNotTakenIsNotChecked) {
  Kit kit;

  EXPECT_EQ(error_of(kit, txn_of({op(put_of("a"))}, {op(range_of("k", {}, 99))})), "ok");
}

TEST(Txn, KeepingAValueThatItDeletedItselfIsAPanic) {
  Kit kit;
  kit.put("a");
  rpc::PutRequest keep = put_of("a", "");
  keep.ignore_value = true;
  const rpc::TxnRequest txn = txn_of({op(delete_of("a", from_key())), op(keep)});
  ASSERT_TRUE(validate(txn).has_value());

  Result<Plan> plan = kit.store.plan(kit.backend, txn, [](LeaseId) { return true; });
  ASSERT_TRUE(plan.has_value());
  TxnCursor cursor = kit.store.begin(*std::move(plan));
  ASSERT_TRUE(kit.store.step(kit.backend, cursor).has_value());
  const auto second = kit.store.step(kit.backend, cursor);

  ASSERT_FALSE(second.has_value());
  EXPECT_EQ(second.error().detail, "etcdserver: key not found");
}

TEST(Steps, EachChangesOneRowOrReadsOnce) {
  Kit kit;
  for (const char* key : {"a", "b", "c"}) kit.put(key);
  kit.commit();
  const rpc::TxnRequest txn = txn_of({op(range_of("a")), op(delete_of("a", "d")),
                                      op(txn_of({op(put_of("x"))})), op(delete_of("q"))});
  Result<Plan> plan = kit.store.plan(kit.backend, txn, [](LeaseId) { return true; });
  ASSERT_TRUE(plan.has_value());
  TxnCursor cursor = kit.store.begin(*std::move(plan));

  std::vector<std::string> rows_after;
  std::vector<bool> changed;
  for (bool done = false; !done;) {
    const auto step = kit.store.step(kit.backend, cursor);
    ASSERT_TRUE(step.has_value());
    done = step->done;
    changed.push_back(step->change.has_value());
    rows_after.push_back(kit.rows());
    EXPECT_EQ(kit.store.current_revision(), 4);
    EXPECT_EQ(kit.range(range_of("a", from_key())).count, 3) << "readers see nothing yet";
  }

  EXPECT_EQ(changed, (std::vector<bool>{false, true, true, true, true, false}));
  EXPECT_EQ(rows_after.at(0), "2 3 4");
  EXPECT_EQ(rows_after.at(2), "2 3 4 5t 5.1t");
  EXPECT_EQ(rows_after.at(5), "2 3 4 5t 5.1t 5.2t 5.3");
  EXPECT_EQ(events_of(cursor.txn).size(), 4U);
  const Store::Finished finished = kit.store.finish(cursor);
  kit.backend.end_tx();
  EXPECT_EQ(finished.revision, 5);
  EXPECT_TRUE(finished.changed);
  EXPECT_EQ(kit.range(range_of("a", from_key())).count, 1);
}

TEST(Steps, ACopyTakenBetweenTwoOfThemGoesItsOwnWay) {
  Kit kit;
  const rpc::TxnRequest txn = txn_of({op(put_of("a")), op(put_of("b"))});
  Result<Plan> plan = kit.store.plan(kit.backend, txn, [](LeaseId) { return true; });
  TxnCursor cursor = kit.store.begin(*std::move(plan));
  ASSERT_TRUE(kit.store.step(kit.backend, cursor).has_value());
  Kit other = kit;
  TxnCursor other_cursor = cursor;

  for (auto [k, c] : {std::pair(&kit, &cursor), std::pair(&other, &other_cursor)}) {
    ASSERT_TRUE(k->store.step(k->backend, *c).value().done);
    k->store.finish(*c);
    k->backend.end_tx();
  }

  EXPECT_EQ(kit.store, other.store);
  EXPECT_EQ(digest_of(kit.store), digest_of(other.store));
  EXPECT_EQ(digest_of(cursor), digest_of(other_cursor));
  EXPECT_EQ(kit.rows(), "2 2.1");
}

TEST(ReadTxn, DecidesAndReadsWithoutAWrite) {
  Kit kit;
  kit.put("a", "1");
  const auto holds = compare_value("a", CompareResult::Equal, "1");
  const rpc::TxnRequest txn = txn_of({op(range_of("a"))}, {op(range_of("b"))}, {holds});
  ASSERT_TRUE(is_read_only(txn));

  const auto response = kit.store.read_txn(kit.backend, txn);

  ASSERT_TRUE(response.has_value());
  EXPECT_TRUE(response->succeeded);
  EXPECT_EQ(response->header.revision, 2);
  EXPECT_EQ(part<rpc::RangeResponse>(*response, 0).count, 1);
}

TEST(Events, PrevKvIsTheStateBefore) {
  Kit kit;
  kit.put("k", "1");
  kit.put("k", "2");
  kit.erase("k");
  kit.put("k", "3");
  const auto events = kit.store.events_in(kit.backend, 2, 6);
  ASSERT_TRUE(events.has_value());
  ASSERT_EQ(events->size(), 4U);

  const auto value_before = [&](std::size_t i) {
    const auto prev = kit.store.prev_kv(kit.backend, events->at(i));
    return prev ? std::string(prev->value.view()) : std::string("none");
  };

  EXPECT_EQ(value_before(0), "none");
  EXPECT_EQ(value_before(1), "1");
  EXPECT_EQ(value_before(2), "2");
  EXPECT_EQ(value_before(3), "none");
  kit.compact(3);
  EXPECT_EQ(value_before(1), "none");
  EXPECT_EQ(value_before(2), "2");
}

TEST(Events, OfASpanAreThoseOfItsRevisions) {
  Kit kit;
  kit.put("a");
  kit.txn(txn_of({op(put_of("b")), op(put_of("c"))}));
  kit.erase("b");

  EXPECT_EQ(kit.watch(3), "PUT b@3, PUT c@3, DELETE b@4");
  EXPECT_EQ(kit.store.events_in(kit.backend, 3, 4)->size(), 2U);
  EXPECT_TRUE(kit.store.events_in(kit.backend, 5, 9)->empty());
}

TEST(LeaseRevocation, DeletesItsKeysUnderOneRevision) {
  Kit kit;
  for (const char* key : {"a", "b", "c"}) kit.put(key);
  WriteTxn txn = kit.store.begin_write();

  EXPECT_TRUE(kit.store.delete_key(kit.backend, txn, Blob("a")));
  EXPECT_FALSE(kit.store.delete_key(kit.backend, txn, Blob("none")));
  EXPECT_TRUE(kit.store.delete_key(kit.backend, txn, Blob("c")));
  kit.store.end_write(txn);
  kit.backend.end_tx();

  EXPECT_EQ(kit.store.current_revision(), 5);
  EXPECT_EQ(kit.watch(5), "DELETE a@5, DELETE c@5");
}

}  // namespace
}  // namespace orrery::mvcc
