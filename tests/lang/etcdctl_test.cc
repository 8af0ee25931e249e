// What etcdctl 3.4.23 printed, byte for byte: every expectation was recorded from it against etcd 3.4.23.
#include "lang/etcdctl.h"

#include <string>

#include <gtest/gtest.h>

#include "lang/go_text.h"
#include "lang/parser.h"

namespace orrery::lang {
namespace {

rpc::ResponseHeader header(std::int64_t revision) {
  return {.cluster_id = 15118495548433857066U,
          .member_id = 13668033151171901709U,
          .revision = revision,
          .raft_term = 2};
}

// As it stands inside a transaction.
rpc::ResponseHeader inner(std::int64_t revision) {
  return {.cluster_id = 0, .member_id = 0, .revision = revision, .raft_term = 0};
}

rpc::KeyValue pair(std::string_view key, std::string_view value, std::int64_t create,
                   std::int64_t mod, std::int64_t version) {
  rpc::KeyValue kv;
  kv.key = Blob(key);
  kv.value = Blob(value);
  kv.create_revision = create;
  kv.mod_revision = mod;
  kv.version = version;
  return kv;
}

rpc::PutResponse put_response(std::int64_t revision) {
  rpc::PutResponse response;
  response.header = header(revision);
  return response;
}

rpc::RangeResponse range_response(std::int64_t revision, std::vector<rpc::KeyValue> kvs) {
  rpc::RangeResponse response;
  response.header = header(revision);
  response.count = static_cast<std::int64_t>(kvs.size());
  response.kvs = std::move(kvs);
  return response;
}

template <class T>
T command(std::string_view line) {
  const auto parsed = parse_command_text("t", line);
  EXPECT_TRUE(parsed) << parsed.error().detail;
  return std::get<T>(parsed->body);
}

template <class T>
std::string printed(std::string_view line, const rpc::Response& response) {
  const Printed out = print_answer(command<T>(line), Result<rpc::Response>(response));
  EXPECT_EQ(out.err, "");
  EXPECT_EQ(out.exit_status, 0);
  return out.out;
}

constexpr std::string_view kHeader =
    R"("header":{"cluster_id":15118495548433857066,"member_id":13668033151171901709,"revision":)";

TEST(Etcdctl, PrintsPut) {
  rpc::PutResponse response = put_response(4);
  EXPECT_EQ(printed<Put>("put hello world2", response), "OK\n");
  response.prev_kv = pair("hello", "world2", 2, 3, 2);

  EXPECT_EQ(printed<Put>("put hello w --prev-kv", response), "OK\nhello\nworld2\n");
  EXPECT_EQ(printed<Put>("put hello w --prev-kv --hex", response),
            "OK\n\\x68\\x65\\x6c\\x6c\\x6f\n\\x77\\x6f\\x72\\x6c\\x64\\x32\n");
  EXPECT_EQ(printed<Put>("put hello w --prev-kv -w json", response),
            "{" + std::string(kHeader) +
                R"(4,"raft_term":2},"prev_kv":{"key":"aGVsbG8=","create_revision":2,)"
                R"("mod_revision":3,"version":2,"value":"d29ybGQy"}})"
                "\n");
  EXPECT_EQ(printed<Put>("put hello w --prev-kv -w fields", response),
            R"("ClusterID" : 15118495548433857066
"MemberID" : 13668033151171901709
"Revision" : 4
"RaftTerm" : 2
"PrevKey" : "hello"
"PrevCreateRevision" : 2
"PrevModRevision" : 3
"PrevVersion" : 2
"PrevValue" : "world2"
"PrevLease" : 0
)");
}

TEST(Etcdctl, PrintsGet) {
  const auto response =
      range_response(7, {pair("hello", "world5", 2, 6, 5),
                         pair("we<i>&rd\nk", "v\xff\x01\u00e9\u2028\"\\ end\t", 7, 7, 1)});

  EXPECT_EQ(printed<Get>("get \"\" --from-key", response),
            "hello\nworld5\nwe<i>&rd\nk\nv\xff\x01\u00e9\u2028\"\\ end\t\n");
  EXPECT_EQ(printed<Get>("get \"\" --from-key --print-value-only", response),
            "world5\nv\xff\x01\u00e9\u2028\"\\ end\t\n");
  EXPECT_EQ(printed<Get>("get \"\" --from-key -w json --hex", response),
            "{" + std::string(kHeader) +
                R"(7,"raft_term":2},"kvs":[{"key":"aGVsbG8=","create_revision":2,)"
                R"("mod_revision":6,"version":5,"value":"d29ybGQ1"},{"key":"d2U8aT4mcmQKaw==",)"
                R"("create_revision":7,"mod_revision":7,"version":1,)"
                R"("value":"dv8Bw6nigKgiXCBlbmQJ"}],"count":2})"
                "\n");
  EXPECT_EQ(printed<Get>("get \"\" --from-key -w fields", response),
            R"("ClusterID" : 15118495548433857066
"MemberID" : 13668033151171901709
"Revision" : 7
"RaftTerm" : 2
"Key" : "hello"
"CreateRevision" : 2
"ModRevision" : 6
"Version" : 5
"Value" : "world5"
"Lease" : 0
"Key" : "we<i>&rd\nk"
"CreateRevision" : 7
"ModRevision" : 7
"Version" : 1
"Value" : "v\xff\x01)"
            "\u00e9"
            R"(\u2028\"\\ end\t"
"Lease" : 0
"More" : false
"Count" : 2
)");
}

TEST(Etcdctl, LeavesZeroFieldsOutOfJson) {
  EXPECT_EQ(printed<Get>("get nothing -w json", range_response(7, {})),
            "{" + std::string(kHeader) + "7,\"raft_term\":2}}\n");
  EXPECT_EQ(printed<Get>("get nothing", range_response(7, {})), "");
  EXPECT_EQ(printed<Get>("get h2 -w json", range_response(15, {pair("h2", "", 15, 15, 1)})),
            "{" + std::string(kHeader) +
                R"(15,"raft_term":2},"kvs":[{"key":"aDI=","create_revision":15,)"
                R"("mod_revision":15,"version":1}],"count":1})"
                "\n");
  EXPECT_EQ(printed<Get>("get h2", range_response(15, {pair("h2", "", 15, 15, 1)})), "h2\n\n");
}

TEST(Etcdctl, PrintsLeaseAndMore) {
  auto kv = pair("leased", "v", 16, 16, 1);
  kv.lease = LeaseId(4111120146137825319);
  auto response = range_response(16, {kv});
  response.more = true;
  response.count = 2;

  EXPECT_EQ(printed<Get>("get \"\" --from-key --limit 1 -w json", response),
            "{" + std::string(kHeader) +
                R"(16,"raft_term":2},"kvs":[{"key":"bGVhc2Vk","create_revision":16,)"
                R"("mod_revision":16,"version":1,"value":"dg==","lease":4111120146137825319}],)"
                R"("more":true,"count":2})"
                "\n");
}

TEST(Etcdctl, PrintsDel) {
  rpc::DeleteRangeResponse response;
  response.header = header(12);
  EXPECT_EQ(printed<Del>("del nothing", response), "0\n");
  EXPECT_EQ(printed<Del>("del nothing -w json", response),
            "{" + std::string(kHeader) + "12,\"raft_term\":2}}\n");
  response.deleted = 1;
  response.prev_kvs = {pair("h2", "x", 11, 11, 1)};

  EXPECT_EQ(printed<Del>("del h2 --prev-kv", response), "1\nh2\nx\n");
  EXPECT_EQ(printed<Del>("del h2 --prev-kv -w json", response),
            "{" + std::string(kHeader) +
                R"(12,"raft_term":2},"deleted":1,"prev_kvs":[{"key":"aDI=","create_revision":11,)"
                R"("mod_revision":11,"version":1,"value":"eA=="}]})"
                "\n");
}

rpc::TxnResponse txn_response() {
  rpc::PutResponse put;
  put.header = inner(32);
  put.prev_kv = pair("w", "4", 22, 30, 3);
  rpc::RangeResponse get = range_response(32, {pair("w", "5", 22, 32, 4)});
  get.header = inner(32);
  rpc::DeleteRangeResponse deleted;
  deleted.header = inner(32);
  deleted.deleted = 1;
  deleted.prev_kvs = {pair("h3", "x", 31, 31, 1)};
  rpc::DeleteRangeResponse nothing;
  nothing.header = inner(32);
  rpc::TxnResponse response;
  response.header = header(32);
  response.succeeded = true;
  response.responses = {{put}, {get}, {deleted}, {nothing}};
  return response;
}

TEST(Etcdctl, PrintsTxn) {
  EXPECT_EQ(printed<Txn>("txn if then", txn_response()),
            "SUCCESS\n\nOK\nw\n4\n\nw\n5\n\n1\nh3\nx\n\n0\n");
  EXPECT_EQ(
      printed<Txn>("txn -w json if then", txn_response()),
      "{" + std::string(kHeader) +
          R"(32,"raft_term":2},"succeeded":true,"responses":[)"
          R"({"Response":{"ResponsePut":{"header":{"revision":32},"prev_kv":{"key":"dw==",)"
          R"("create_revision":22,"mod_revision":30,"version":3,"value":"NA=="}}}},)"
          R"({"Response":{"ResponseRange":{"header":{"revision":32},"kvs":[{"key":"dw==",)"
          R"("create_revision":22,"mod_revision":32,"version":4,"value":"NQ=="}],"count":1}}},)"
          R"({"Response":{"ResponseDeleteRange":{"header":{"revision":32},"deleted":1,)"
          R"("prev_kvs":[{"key":"aDM=","create_revision":31,"mod_revision":31,"version":1,)"
          R"("value":"eA=="}]}}},{"Response":{"ResponseDeleteRange":{"header":{"revision":32}}}}]})"
          "\n");
  rpc::TxnResponse failed;
  failed.header = header(18);
  EXPECT_EQ(printed<Txn>("txn if then", failed), "FAILURE\n");
  EXPECT_EQ(printed<Txn>("txn -w fields if then", failed),
            "\"ClusterID\" : 15118495548433857066\n\"MemberID\" : 13668033151171901709\n"
            "\"Revision\" : 18\n\"RaftTerm\" : 2\n\"Succeeded\" : false\n");
}

TEST(Etcdctl, PrintsInnerHeadersOfATxnAsFields) {
  rpc::TxnResponse response = txn_response();
  response.responses.resize(2);

  EXPECT_EQ(printed<Txn>("txn -w fields if then", response), R"("ClusterID" : 15118495548433857066
"MemberID" : 13668033151171901709
"Revision" : 32
"RaftTerm" : 2
"Succeeded" : true
"ClusterID" : 0
"MemberID" : 0
"Revision" : 32
"RaftTerm" : 0
"PrevKey" : "w"
"PrevCreateRevision" : 22
"PrevModRevision" : 30
"PrevVersion" : 3
"PrevValue" : "4"
"PrevLease" : 0
"ClusterID" : 0
"MemberID" : 0
"Revision" : 32
"RaftTerm" : 0
"Key" : "w"
"CreateRevision" : 22
"ModRevision" : 32
"Version" : 4
"Value" : "5"
"Lease" : 0
"More" : false
"Count" : 1
)");
}

TEST(Etcdctl, PrintsCompactionTheSameInEveryFormat) {
  for (const char* line : {"compact 5", "compaction 5 -w json", "compact 5 -w fields"}) {
    EXPECT_EQ(printed<Compact>(line, rpc::CompactionResponse{}), "compacted revision 5\n");
  }
}

TEST(Etcdctl, PrintsErrorsOnStandardError) {
  const Result<rpc::Response> answer = fail(Errc::Compacted);

  const Printed out = print_answer(command<Get>("get k --rev 2 -w json"), answer);

  EXPECT_EQ(out, (Printed{.out = "",
                          .err = "Error: etcdserver: mvcc: required revision has been compacted\n",
                          .exit_status = 1}));
}

rpc::WatchResponse watch_response() {
  rpc::Event deleted;
  deleted.type = mvccpb::EventType::Delete;
  deleted.kv = pair("w", "", 0, 21, 0);
  deleted.prev_kv = pair("w", "2", 19, 20, 2);
  rpc::Event put;
  put.kv = pair("w", "1", 19, 19, 1);
  rpc::WatchResponse response;
  response.header = header(22);
  response.events = {put, deleted};
  return response;
}

TEST(Etcdctl, PrintsWatchEvents) {
  EXPECT_EQ(print_watch(command<Watch>("watch w --prev-kv"), watch_response()).out,
            "PUT\nw\n1\nDELETE\nw\n2\nw\n\n");
  EXPECT_EQ(print_watch(command<Watch>("watch w --hex"), watch_response()).out,
            "PUT\n\\x77\n\\x31\nDELETE\n\\x77\n\\x32\n\\x77\n\n");
  EXPECT_EQ(print_watch(command<Watch>("watch w --prev-kv -w json"), watch_response()).out,
            R"({"Header":{"cluster_id":15118495548433857066,"member_id":13668033151171901709,)"
            R"("revision":22,"raft_term":2},"Events":[{"kv":{"key":"dw==","create_revision":19,)"
            R"("mod_revision":19,"version":1,"value":"MQ=="}},{"type":1,"kv":{"key":"dw==",)"
            R"("mod_revision":21},"prev_kv":{"key":"dw==","create_revision":19,"mod_revision":20,)"
            R"("version":2,"value":"Mg=="}}],"CompactRevision":0,"Canceled":false,"Created":false})"
            "\n");
}

TEST(Etcdctl, PrintsWatchEventsAsFields) {
  EXPECT_EQ(print_watch(command<Watch>("watch w -w fields"), watch_response()).out,
            R"("ClusterID" : 15118495548433857066
"MemberID" : 13668033151171901709
"Revision" : 22
"RaftTerm" : 2
"Type" : PUT
"Key" : "w"
"CreateRevision" : 19
"ModRevision" : 19
"Version" : 1
"Value" : "1"
"Lease" : 0
"Type" : DELETE
"PrevKey" : "w"
"PrevCreateRevision" : 19
"PrevModRevision" : 20
"PrevVersion" : 2
"PrevValue" : "2"
"PrevLease" : 0
"Key" : "w"
"CreateRevision" : 0
"ModRevision" : 21
"Version" : 0
"Value" : ""
"Lease" : 0
)");
}

TEST(Etcdctl, AWatchFromACompactedRevisionEndsTheCommand) {
  rpc::WatchResponse response;
  response.header = header(0);
  response.canceled = true;
  response.compact_revision = 5;
  const std::string err =
      "watch was canceled (etcdserver: mvcc: required revision has been compacted)\n"
      "Error: watch is canceled by the server\n";

  EXPECT_EQ(print_watch(command<Watch>("watch w --rev=1"), response),
            (Printed{.out = "", .err = err, .exit_status = 5}));
  EXPECT_EQ(print_watch(command<Watch>("watch w --rev=1 -w json"), response),
            (Printed{.out = R"({"Header":{"cluster_id":15118495548433857066,)"
                            R"("member_id":13668033151171901709,"raft_term":2},"Events":[],)"
                            R"("CompactRevision":5,"Canceled":true,"Created":false})"
                            "\n",
                     .err = err,
                     .exit_status = 5}));
}

TEST(Etcdctl, ARefusedWatchIsTheClientsOwnResponse) {
  rpc::WatchResponse response;
  response.header = header(9);
  response.watch_id = -1;
  response.created = response.canceled = true;
  response.cancel_reason = "mvcc: watcher range is empty";

  EXPECT_EQ(print_watch(command<Watch>("watch w a -w json"), response),
            (Printed{.out = R"({"Header":{},"Events":null,"CompactRevision":0,"Canceled":true,)"
                            R"("Created":false})"
                            "\n",
                     .err = "watch was canceled (mvcc: watcher range is empty)\n"
                            "Error: watch is canceled by the server\n",
                     .exit_status = 5}));
}

TEST(Etcdctl, ProgressIsALineOfItsOwnAndACreatedWatchPrintsNothing) {
  rpc::WatchResponse response;
  response.header = header(37);
  const Printed simple = print_watch(command<Watch>("watch w"), response);
  const Printed json = print_watch(command<Watch>("watch w -w json"), response);
  response.created = true;

  EXPECT_EQ(simple.out, "progress notify: 37\n");
  EXPECT_EQ(json.out,
            "progress notify: 37\n"
            R"({"Header":{"cluster_id":15118495548433857066,"member_id":13668033151171901709,)"
            R"("revision":37,"raft_term":2},"Events":[],"CompactRevision":0,"Canceled":false,)"
            R"("Created":false})"
            "\n");
  EXPECT_EQ(print_watch(command<Watch>("watch w -w json"), response), Printed{});
}

TEST(GoText, QuotesAsGoDoes) {
  EXPECT_EQ(go_quoted("a\"b\\c"), R"("a\"b\\c")");
  EXPECT_EQ(go_quoted(std::string("\0\a\b\f\n\r\t\v\x1b\x7f", 10)),
            R"("\x00\a\b\f\n\r\t\v\x1b\x7f")");
  EXPECT_EQ(go_quoted("\u00e9\u4e16\U0001f600"), "\"\u00e9\u4e16\U0001f600\"");
  EXPECT_EQ(go_quoted("\u00a0\u00ad\ufeff\U000e0001"), R"("\u00a0\u00ad\ufeff\U000e0001")");
  EXPECT_EQ(go_quoted("\xc3\x28 \xed\xa0\x80 \xf4\x90\x80\x80 \xe4\xb8"),
            R"("\xc3( \xed\xa0\x80 \xf4\x90\x80\x80 \xe4\xb8")");
  EXPECT_EQ(go_quoted("\xc0\xaf\xff\xf0\x80\x80\xaf"), R"("\xc0\xaf\xff\xf0\x80\x80\xaf")");
}

}  // namespace
}  // namespace orrery::lang
