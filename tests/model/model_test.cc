// The model on its own: the sentences of the KV API, one test each.
#include "model/model.h"

#include <gtest/gtest.h>

#include "tests/mvcc/kit.h"

namespace orrery::model {
namespace {

using mvcc::compare_of;
using mvcc::delete_of;
using mvcc::from_key;
using mvcc::op;
using mvcc::put_of;
using mvcc::range_of;
using mvcc::txn_of;

State after(State state, const std::vector<rpc::Request>& requests) {
  for (const auto& request : requests) {
    Outcome outcome = apply(std::move(state), request);
    EXPECT_TRUE(outcome.answer.has_value());
    state = std::move(outcome.state);
  }
  return state;
}

rpc::RangeResponse read(const State& state, const rpc::RangeRequest& range) {
  const Outcome outcome = apply(state, range);
  EXPECT_EQ(outcome.state, state) << "a read changes nothing";
  return std::get<rpc::RangeResponse>(outcome.answer.value());
}

TEST(Model, StartsAtRevisionOneAndEveryChangeAddsOne) {
  EXPECT_EQ(initial().revision, 1);
  EXPECT_EQ(after(initial(), {put_of("a"), put_of("a"), delete_of("a")}).revision, 4);
}

TEST(Model, IsAFunctionOfItsArguments) {
  const State state = after(initial(), {put_of("a"), put_of("b")});
  const Outcome once = apply(state, delete_of("a"));
  const Outcome again = apply(state, delete_of("a"));

  EXPECT_EQ(once.state, again.state);
  EXPECT_EQ(digest_of(once.state), digest_of(again.state));
  EXPECT_EQ(once.answer, again.answer);
  EXPECT_EQ(state.keys.size(), 2U);
}

TEST(Model, RemembersEveryRevisionUntilCompacted) {
  State state = after(initial(), {put_of("a", "1"), put_of("a", "2"), delete_of("a")});

  EXPECT_EQ(read(state, range_of("a", {}, 2)).kvs.at(0).value.view(), "1");
  EXPECT_EQ(read(state, range_of("a", {}, 3)).kvs.at(0).version, 2);
  EXPECT_EQ(read(state, range_of("a")).count, 0);

  state = after(state, {rpc::CompactionRequest{.revision = 3, .physical = false}});
  EXPECT_EQ(apply(state, range_of("a", {}, 2)).answer.error().code, Errc::Compacted);
  EXPECT_EQ(read(state, range_of("a", {}, 3)).count, 1);
  EXPECT_EQ(state.history.size(), 2U);
}

TEST(Model, ARevisionKnowsItsEvents) {
  const State state =
      after(initial(), {put_of("a"), txn_of({op(delete_of("a")), op(put_of("b"))})});

  const auto& events = state.history.find(3)->events;

  ASSERT_EQ(events.size(), 2U);
  EXPECT_EQ(mvcc::to_text(events[0]), "DELETE a@3");
  EXPECT_EQ(mvcc::to_text(events[1]), "PUT b@3");
}

TEST(Model, AnErrorChangesNothing) {
  const State state = after(initial(), {put_of("a")});
  rpc::PutRequest leased = put_of("b");
  leased.lease = LeaseId(1);

  const Outcome outcome = apply(state, txn_of({op(put_of("c")), op(leased)}));

  EXPECT_EQ(outcome.answer.error().code, Errc::LeaseNotFound);
  EXPECT_EQ(outcome.state, state);
}

TEST(Model, ComparesLookAtTheStateBeforeTheTransaction) {
  using rpc::CompareResult;
  const auto absent = compare_of(rpc::CompareTarget::Create, "a", CompareResult::Equal, 0);
  const rpc::TxnRequest lock = txn_of({op(put_of("a", "me"))}, {op(range_of("a"))}, {absent});

  const Outcome first = apply(initial(), lock);
  const Outcome second = apply(first.state, lock);

  EXPECT_TRUE(std::get<rpc::TxnResponse>(*first.answer).succeeded);
  EXPECT_FALSE(std::get<rpc::TxnResponse>(*second.answer).succeeded);
  EXPECT_EQ(second.state, first.state);
}

TEST(Model, AnInnerTransactionHasTheRoomThatTheOuterOneLeaves) {
  const auto outer_of = [](const rpc::TxnRequest& inner) {
    return txn_of({op(put_of("a")), op(inner)}, {}, {});
  };
  const rpc::TxnRequest one = txn_of({op(put_of("b"))}, {}, {});
  const rpc::TxnRequest two = txn_of({op(put_of("b")), op(put_of("c"))}, {}, {});

  EXPECT_TRUE(apply(initial(), outer_of(one), 3).answer.has_value());
  const Outcome refused = apply(initial(), outer_of(two), 3);
  ASSERT_FALSE(refused.answer.has_value());
  EXPECT_EQ(refused.answer.error().code, Errc::TooManyOps);
  EXPECT_TRUE(apply(initial(), outer_of(two), 4).answer.has_value());
}

TEST(Model, RevokingALeaseDeletesItsKeysInOneRevision) {
  State state = initial();
  state.leases.put(LeaseId(7), 60);
  rpc::PutRequest leased = put_of("b");
  leased.lease = LeaseId(7);
  state = after(state, {put_of("a"), leased});
  leased.key = Blob("c");
  state = after(state, {leased});

  const State revoked = revoke(state, LeaseId(7));

  EXPECT_EQ(revoked.revision, 5);
  EXPECT_EQ(revoked.keys.size(), 1U);
  EXPECT_EQ(revoked.history.find(5)->events.size(), 2U);
  EXPECT_FALSE(revoked.leases.contains(LeaseId(7)));
  EXPECT_EQ(revoke(revoked, LeaseId(8)).revision, 5) << "no key, no revision";
}

}  // namespace
}  // namespace orrery::model
