// Server reflection: what a client that knows nothing learns of the services, beside protobuf's own reading.
#include "door/reflection.h"

#include <array>
#include <malloc.h>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include <google/protobuf/descriptor.h>
#include <google/protobuf/descriptor.pb.h>
#include <google/protobuf/dynamic_message.h>
#include <gtest/gtest.h>

#include "door/caller.h"
#include "door/field_reader.h"
#include "door/small_messages.h"
#include "proto/methods.h"
#include "proto/rpc_codec.h"
#include "proto/wire.h"
#include "tests/door/counter.h"
#include "tests/door/with_etcdctl.h"
#include "tests/stock/stock.h"

namespace orrery::door {
namespace {

namespace pb = google::protobuf;
using testing::Counter;
using testing::Heard;
using testing::Http2Client;
using testing::message;

constexpr std::array kPaths{"/grpc.reflection.v1.ServerReflection/ServerReflectionInfo",
                            "/grpc.reflection.v1alpha.ServerReflection/ServerReflectionInfo"};

std::string asking(unsigned field, std::string_view about) {
  Bytes out;
  wire::append_bytes_field(out, field, about);
  return out;
}

// The fields of a message, by number.
std::multimap<std::uint64_t, std::string> fields_of(BytesView bytes) {
  std::multimap<std::uint64_t, std::string> out;
  FieldReader reader(bytes);
  while (!reader.at_end()) {
    const Field field = reader.next();
    out.emplace(field.number,
                field.bytes.empty() ? std::to_string(field.value) : std::string(field.bytes));
  }
  EXPECT_FALSE(reader.broken());
  return out;
}

std::string answer_to(const std::string& request) {
  const auto answer = Reflection::of_the_door().answer(request);
  EXPECT_TRUE(answer) << answer.error().detail;
  return answer ? *answer : "";
}

// The code of an error response; 0 = it is none.
std::string error_of(const std::string& answer) {
  const auto fields = fields_of(answer);
  const auto error = fields.find(7);
  return error == fields.end() ? "" : fields_of(error->second).find(1)->second;
}

// libprotobuf's pool of everything that can be had by reflection.
class Pool {
 public:
  Pool() {
    for (const char* service :
         {"etcdserverpb.KV", "v3lockpb.Lock", "v3electionpb.Election", "grpc.health.v1.Health",
          "grpc.reflection.v1.ServerReflection", "grpc.reflection.v1alpha.ServerReflection"}) {
      add(answer_to(asking(4, service)));
    }
  }

  const pb::DescriptorPool& operator*() const { return pool_; }

 private:
  // A file comes before what it needs.
  void add(const std::string& answer) {
    const auto outer = fields_of(answer);
    ASSERT_EQ(outer.count(4), 1U);
    std::vector<pb::FileDescriptorProto> files;
    FieldReader reader(outer.find(4)->second);
    while (!reader.at_end()) {
      files.emplace_back();
      ASSERT_TRUE(files.back().ParseFromString(std::string(reader.next().bytes)));
    }
    for (auto file = files.rbegin(); file != files.rend(); ++file) {
      if (pool_.FindFileByName(file->name()) == nullptr) {
        ASSERT_NE(pool_.BuildFile(*file), nullptr) << file->name();
      }
    }
  }

  pb::DescriptorPool pool_;
};

TEST(Reflection, DescribesEveryMethodThatIsServedAndNoOther) {
  const Pool pool;
  std::size_t described = 0;
  for (const std::string& name : Reflection::of_the_door().services()) {
    const pb::ServiceDescriptor* service = (*pool).FindServiceByName(name);
    ASSERT_NE(service, nullptr) << name;
    for (int i = 0; i < service->method_count(); ++i) {
      const std::string path = "/" + name + "/" + service->method(i)->name();
      EXPECT_TRUE(rpc::find_method(path) != nullptr || find_house_method(path)) << path;
      ++described;
    }
  }
  for (const rpc::Method& method : rpc::methods()) {
    std::string name(method.path.substr(1));
    name.replace(name.find('/'), 1, ".");
    const pb::MethodDescriptor* found = (*pool).FindMethodByName(name);
    ASSERT_NE(found, nullptr) << name;
    EXPECT_EQ(found->server_streaming(), method.shape != rpc::Shape::Unary) << name;
    EXPECT_EQ(found->client_streaming(),
              method.shape == rpc::Shape::Watch || method.shape == rpc::Shape::KeepAlive)
        << name;
  }
  EXPECT_EQ(described, rpc::methods().size() + 11);
}

// A transaction of everything that a request can hold, written by our codec.
TEST(Reflection, WhatOurCodecsWriteIsWhatIsDescribed) {
  const Pool pool;
  rpc::RangeRequest range;
  range.key = Blob("a");
  range.range_end = Blob("b");
  range.sort_order = rpc::SortOrder::Descend;
  range.sort_target = rpc::SortTarget::Mod;
  range.keys_only = true;
  range.max_create_revision = 9;
  rpc::PutRequest put;
  put.key = Blob("k");
  put.value = Blob("v");
  put.lease = LeaseId(7);
  put.prev_kv = true;
  const auto check = [&](const std::string& type, const Bytes& bytes, const std::string& field) {
    const pb::Descriptor* descriptor = (*pool).FindMessageTypeByName(type);
    ASSERT_NE(descriptor, nullptr) << type;
    pb::DynamicMessageFactory factory;
    const std::unique_ptr<pb::Message> read(factory.GetPrototype(descriptor)->New());
    ASSERT_TRUE(read->ParseFromString(bytes)) << type;
    EXPECT_TRUE(read->GetReflection()->GetUnknownFields(*read).empty()) << read->DebugString();
    EXPECT_NE(read->DebugString().find(field), std::string::npos) << read->DebugString();
  };

  check("etcdserverpb.RangeRequest", rpc::encode(range), "sort_target: MOD");
  check("etcdserverpb.PutRequest", rpc::method_of(rpc::Request(put))->encode(put), "lease: 7");
  check("etcdserverpb.ResponseHeader", rpc::encode(rpc::ResponseHeader{.member_id = 3}),
        "member_id: 3");
}

TEST(Reflection, FindsNamesWhereProtobufFindsThem) {
  const Pool pool;
  for (const char* symbol :
       {"etcdserverpb.KV", "etcdserverpb.KV.Put", "etcdserverpb.RangeRequest",
        "etcdserverpb.RangeRequest.sort_order", "etcdserverpb.RangeRequest.SortOrder",
        "etcdserverpb.RangeRequest.ASCEND", "etcdserverpb.RequestOp.request",
        "etcdserverpb.AlarmType", "etcdserverpb.NOSPACE", "mvccpb.KeyValue",
        "authpb.Permission.READ", "grpc.health.v1.Health.Watch", "v3lockpb.LockRequest.name"}) {
    const pb::FileDescriptor* file = (*pool).FindFileContainingSymbol(symbol);
    ASSERT_NE(file, nullptr) << symbol;
    EXPECT_EQ(Reflection::of_the_door().file_of(symbol), file->name()) << symbol;
  }
  for (const char* symbol : {"", "etcdserverpb.RangeRequest.SortOrder.ASCEND",
                             "etcdserverpb.NONE.x", "KV", ".etcdserverpb.KV"}) {
    EXPECT_EQ(Reflection::of_the_door().file_of(symbol), "") << symbol;
    EXPECT_EQ((*pool).FindFileContainingSymbol(symbol), nullptr) << symbol;
  }
}

TEST(Reflection, WhatIsNotThereIsNotFound) {
  const std::string kNotFound = "5";

  EXPECT_EQ(error_of(answer_to(asking(3, "rpc.proto"))), "");
  EXPECT_EQ(error_of(answer_to(asking(3, "none.proto"))), kNotFound);
  EXPECT_EQ(error_of(answer_to(asking(4, "no.Symbol"))), kNotFound);
  EXPECT_EQ(error_of(answer_to(asking(5, asking(1, "etcdserverpb.PutRequest")))), kNotFound);
  EXPECT_EQ(error_of(answer_to(asking(6, "etcdserverpb.PutRequest"))), "");
  EXPECT_EQ(error_of(answer_to(asking(6, "etcdserverpb.KV"))), kNotFound);
  EXPECT_EQ(error_of(answer_to(asking(6, "no.Type"))), kNotFound);
}

TEST(Reflection, AnAnswerRepeatsTheRequestAndTheHost) {
  const std::string request = asking(1, "a host") + asking(7, "*");

  const auto fields = fields_of(answer_to(request));

  EXPECT_EQ(fields.find(1)->second, "a host");
  EXPECT_EQ(fields.find(2)->second, request);
  EXPECT_EQ(fields_of(fields.find(6)->second).size(), 11U);
}

TEST(Reflection, RequestsThatCannotBeAreRefused) {
  const Reflection& reflection = Reflection::of_the_door();

  EXPECT_EQ(reflection.answer("").error().code, Errc::WrongUse);
  EXPECT_EQ(reflection.answer(asking(1, "host")).error().code, Errc::WrongUse);
  EXPECT_EQ(reflection.answer("\x22\x7f").error().code, Errc::Corrupt);
  EXPECT_EQ(reflection.answer(asking(4, std::string(5'000, 'x'))).error().code,
            Errc::RequestTooLarge);
}

std::vector<std::string> messages_in(const std::string& bytes) {
  std::vector<std::string> out;
  std::size_t at = 0;
  while (bytes.size() - at >= 5) {
    std::size_t size = 0;
    for (std::size_t i = 1; i < 5; ++i)
      size = size * 256 + static_cast<unsigned char>(bytes[at + i]);
    out.push_back(bytes.substr(at + 5, size));
    at += 5 + size;
  }
  return out;
}

std::string status_of(const Heard& heard) {
  const auto found = heard.headers.find("grpc-status");
  return found == heard.headers.end() ? "none" : found->second;
}

TEST(ReflectionCall, SeveralRequestsOfOneStreamAreAnsweredInTheirOrder) {
  for (const char* path : kPaths) {
    Counter counter;
    Http2Client client(counter.connect());
    const std::string all = message(asking(7, "")) + message(asking(4, "etcdserverpb.Watch")) +
                            message(asking(3, "none")) + message(asking(7, ""));
    const auto stream = client.ask(path, all);
    counter.exchange(client);

    const Heard& heard = client.heard(stream);
    EXPECT_TRUE(heard.is_over);
    EXPECT_EQ(status_of(heard), "0");
    const auto answers = messages_in(heard.bytes);
    ASSERT_EQ(answers.size(), 4U);
    EXPECT_EQ(fields_of(answers[0]).count(6), 1U);
    EXPECT_EQ(fields_of(answers[1]).count(4), 1U);
    EXPECT_EQ(error_of(answers[2]), "5");
    EXPECT_EQ(answers[3], answers[0]);
    EXPECT_TRUE(counter.letters.empty());
  }
}

TEST(ReflectionCall, AnEmptyRequestEndsTheStreamAsGrpcGoEndsIt) {
  Counter counter;
  Http2Client client(counter.connect());
  const auto stream = client.ask(kPaths[0], message(asking(7, "")) + message(""), true);
  counter.exchange(client);

  EXPECT_EQ(status_of(client.heard(stream)), "3");
}

// Three thousand requests are in the first window; their answers would be fifty megabytes.
TEST(ReflectionCall, WhoDoesNotReadFillsNobodysMemory) {
  Counter counter;
  Http2Client client(counter.connect());
  std::string many;
  for (int i = 0; i < 100'000; ++i) many += message(asking(4, "etcdserverpb.KV"));
  (void)client.ask(kPaths[0], std::move(many), true);
  const std::size_t before = ::mallinfo2().uordblks;
  for (int i = 0; i < 500; ++i) counter.server().pump(Nanos(0));

  EXPECT_LT(::mallinfo2().uordblks, before + 1'000'000);
}

// Programs of others, as far as they are here.
TEST(ReflectionClients, PythonsGrpcReadsTheServices) {
  if (testing::shell("/usr/bin/python3 -c 'import grpc, google.protobuf' ").status != 0) {
    GTEST_SKIP() << "python3-grpcio and python3-protobuf are not installed";
  }
  const testing::Serving serving("--listen-client-port 0");

  const testing::Output ran = testing::shell(std::string("/usr/bin/python3 '") + ORRERY_SOURCE_DIR +
                                             "/tests/door/reflect.py' " + serving.endpoints());

  EXPECT_EQ(ran.status, 0) << ran.words;
  EXPECT_NE(ran.words.find("etcdserverpb.KV/Put: OK, revision 2"), std::string::npos) << ran.words;
}

TEST(ReflectionClients, AStockEtcdHasNone) {
  if (const std::string why = stock::unavailable(); !why.empty()) GTEST_SKIP() << why;
  const stock::Scratch place("reflection");
  stock::Options options;
  options.data_dir = place / "etcd";
  const stock::Stock stock(options);
  ASSERT_TRUE(stock.healthy()) << stock.log();

  const auto reply = GrpcCaller(stock.endpoint().substr(stock.endpoint().find("//") + 2))
                         .ask_stream(kPaths[1], asking(7, ""), seconds(5));

  EXPECT_EQ(reply.code, 12) << reply.words;
}

}  // namespace
}  // namespace orrery::door
