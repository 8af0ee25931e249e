// etcdctl's flags as etcd's requests.
#include "lang/requests.h"

#include <string>

#include <gtest/gtest.h>

#include "lang/parser.h"

namespace orrery::lang {
namespace {

template <class T>
auto request(std::string_view line) {
  const auto command = parse_command_text("t", line);
  EXPECT_TRUE(command) << command.error().detail;
  return request_of(std::get<T>(command->body));
}

const std::string kZero(1, '\0');

TEST(Requests, APrefixEndsBehindItsLastKey) {
  EXPECT_EQ(prefix_end("a"), "b");
  EXPECT_EQ(prefix_end("a\xff"), "b");
  EXPECT_EQ(prefix_end("\xff\xff"), kZero);
  EXPECT_EQ(request<Get>("get /task/ --prefix").range_end.view(), "/task0");
}

TEST(Requests, AnEmptyKeyWithPrefixOrFromKeyIsEverything) {
  for (const char* line : {"get \"\" --prefix", "get \"\" --from-key"}) {
    EXPECT_EQ(request<Get>(line).key.view(), kZero);
    EXPECT_EQ(request<Get>(line).range_end.view(), kZero);
  }
  EXPECT_EQ(request<Del>("del k --from-key").range_end.view(), kZero);
}

TEST(Requests, SortingUpwardsByKeyIsNotAskedFor) {
  EXPECT_EQ(request<Get>("get k --order ASCEND").sort_order, rpc::SortOrder::None);
  EXPECT_EQ(request<Get>("get k --sort-by VALUE --order ASCEND").sort_order,
            rpc::SortOrder::Ascend);
  EXPECT_EQ(request<Get>("get k --sort-by VALUE").sort_order, rpc::SortOrder::None);
  EXPECT_EQ(request<Get>("get k --sort-by VALUE").sort_target, rpc::SortTarget::Value);
}

TEST(Requests, EachFlagReachesItsField) {
  const auto get = request<Get>("get a b --rev 3 --limit 2 --consistency s --keys-only");
  const auto put = request<Put>("put k v --lease 2a --prev-kv --ignore-lease");
  const auto watch = request<Watch>("watch a b --rev 5 --prev-kv --progress-notify");

  EXPECT_EQ(get.range_end.view(), "b");
  EXPECT_EQ(get.revision, 3);
  EXPECT_EQ(get.limit, 2);
  EXPECT_TRUE(get.serializable && get.keys_only && !get.count_only);
  EXPECT_EQ(put.lease, LeaseId(42));
  EXPECT_TRUE(put.prev_kv && put.ignore_lease && !put.ignore_value);
  EXPECT_EQ(watch.start_revision, 5);
  EXPECT_TRUE(watch.prev_kv && watch.progress_notify);
  EXPECT_EQ(request<Compact>("compact 9 --physical"),
            (rpc::CompactionRequest{.revision = 9, .physical = true}));
}

TEST(Requests, ATransactionKeepsItsOrder) {
  const auto txn = request<Txn>("txn if val(k) != v and c(k) < 7 then put a 1; get a else del a");

  ASSERT_EQ(txn.compare.size(), 2U);
  EXPECT_EQ(txn.compare[0].target, rpc::CompareTarget::Value);
  EXPECT_EQ(txn.compare[0].result, rpc::CompareResult::NotEqual);
  EXPECT_EQ(txn.compare[0].value.view(), "v");
  EXPECT_EQ(txn.compare[1].target, rpc::CompareTarget::Create);
  EXPECT_EQ(txn.compare[1].number, 7);
  ASSERT_EQ(txn.success.size(), 2U);
  EXPECT_TRUE(std::holds_alternative<rpc::PutRequest>(txn.success[0].request));
  EXPECT_TRUE(std::holds_alternative<rpc::RangeRequest>(txn.success[1].request));
  ASSERT_EQ(txn.failure.size(), 1U);
}

}  // namespace
}  // namespace orrery::lang
