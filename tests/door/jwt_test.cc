// Tokens signed with an operator's key: what etcdctl and other callers see of --auth-token jwt, and what stays inside.
#include "auth/jwt.h"

#include <array>
#include <chrono>
#include <csignal>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <thread>

#include <gtest/gtest.h>

#include "auth/tokens.h"
#include "door/caller.h"
#include "door/token_key.h"
#include "host/files.h"
#include "proto/methods.h"
#include "proto/rpc_codec.h"
#include "proto/services_codec.h"
#include "tests/door/with_etcdctl.h"
#include "tests/stock/stock.h"

namespace orrery::door {
namespace {

using testing::Output;
using testing::Scratch;
using testing::Serving;
using testing::shell;

constexpr Nanos kPatience = seconds(10);
constexpr int kUnauthenticated = 16;
constexpr std::string_view kRefusal = "etcdserver: invalid auth token";

// Of each family a key and another one.
void make_keys(const std::string& folder) {
  const Output made =
      shell("cd '" + folder +
            "' && for no in 1 2; do openssl genrsa -out rsa$no.pem 2048 && "
            "openssl rsa -in rsa$no.pem -pubout -out rsa$no.pub && "
            "openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256 -out ec256-$no.pem && "
            "openssl rand -hex 32 > secret$no; done && openssl ec -in ec256-1.pem -pubout -out "
            "ec256-1.pub && "
            "openssl ecparam -genkey -name secp384r1 -out ec384-1.pem && "
            "openssl ecparam -genkey -name secp521r1 -noout -out ec512-1.pem && "
            "openssl rsa -aes128 -passout pass:x -in rsa1.pem -out locked.pem");
  EXPECT_EQ(made.status, 0) << made.words;
}

class SignedTokens : public testing::WithEtcdctl {
 protected:
  void SetUp() override {
    WithEtcdctl::SetUp();
    if (IsSkipped()) return;
    if (shell("openssl version").status != 0) GTEST_SKIP() << "no openssl program";
    std::filesystem::create_directories(folder_.path());
    make_keys(folder_.path());
  }

  std::string file(const std::string& name) const { return folder_.path() + "/" + name; }

  // "RS256", "rsa1.pem": a flag that signs with the key.
  std::string flag(const std::string& method, const std::string& key,
                   const std::string& more = "") const {
    return "--auth-token 'jwt,priv-key=" + file(key) + ",sign-method=" + method + more + "' ";
  }

  static void enable(const std::string& endpoints) {
    for (const char* line : {"user add root:pw", "user grant-role root root", "auth enable"}) {
      const Output ran = ctl(endpoints, line);
      EXPECT_EQ(ran.status, 0) << line << ": " << ran.words;
    }
  }

  static GrpcCaller::Reply login(const std::string& endpoints) {
    const rpc::Request request =
        rpc::AuthRequest(rpc::AuthenticateRequest{.name = "root", .password = "pw"});
    const rpc::Method* method = rpc::method_of(request);
    return GrpcCaller(endpoints).ask(method->path, method->encode(request), kPatience);
  }

  static std::string token_of(const std::string& endpoints) {
    const auto reply = login(endpoints);
    EXPECT_EQ(reply.code, 0) << reply.words;
    const auto response = rpc::decode_message<rpc::AuthenticateResponse>(reply.bytes);
    return response ? response->token : "";
  }

  static GrpcCaller::Reply get(const std::string& endpoints, const std::string& token) {
    rpc::RangeRequest request;
    request.key = Blob("a");
    return GrpcCaller(endpoints).ask("/etcdserverpb.KV/Range", rpc::encode(request), kPatience,
                                     token);
  }

  static GrpcCaller::Reply watch(const std::string& endpoints, const std::string& token) {
    rpc::WatchCreateRequest create;
    create.key = Blob("a");
    return GrpcCaller(endpoints).ask_stream(
        "/etcdserverpb.Watch/Watch", rpc::encode(rpc::WatchRequest(create)), kPatience, token);
  }

  static void expect_refused(const GrpcCaller::Reply& reply) {
    EXPECT_EQ(reply.code, kUnauthenticated) << reply.words;
    EXPECT_EQ(reply.words, kRefusal);
  }

  Scratch folder_;
};

TEST_F(SignedTokens, EtcdctlLogsInByEveryMethod) {
  struct Row {
    std::string method;
    std::string key;
  };
  const std::array rows{
      Row{"HS256", "secret1"},     Row{"HS384", "secret1"},     Row{"HS512", "secret1"},
      Row{"RS256", "rsa1.pem"},    Row{"RS384", "rsa1.pem"},    Row{"RS512", "rsa1.pem"},
      Row{"PS256", "rsa1.pem"},    Row{"PS384", "rsa1.pem"},    Row{"PS512", "rsa1.pem"},
      Row{"ES256", "ec256-1.pem"}, Row{"ES384", "ec384-1.pem"}, Row{"ES512", "ec512-1.pem"}};
  for (const Row& row : rows) {
    SCOPED_TRACE(row.method);
    const Serving serving("--as v3.4.23 --listen-client-port 0 " + flag(row.method, row.key));
    enable(serving.endpoints());

    EXPECT_EQ(ctl(serving, "--user root:pw put a 1").words, "OK\n");
    EXPECT_EQ(ctl(serving, "--user root:pw get a").words, "a\n1\n");
    EXPECT_NE(ctl(serving, "--user root:no get a").status, 0);
    const auto jwt = auth::parse_jwt(token_of(serving.endpoints()));
    ASSERT_TRUE(jwt);
    EXPECT_EQ(jwt->algorithm, row.method);
    EXPECT_EQ(jwt->claims.username, "root");
    EXPECT_EQ(jwt->claims.revision, 3U);
    const auto now = std::chrono::duration_cast<std::chrono::seconds>(
        std::chrono::system_clock::now().time_since_epoch());
    EXPECT_NEAR(static_cast<double>(jwt->claims.expires.value_or(0) - now.count()), 300.0, 10.0);
  }
}

TEST_F(SignedTokens, WhatAnotherKeyHasSignedIsRefusedByAllThatAskForAToken) {
  for (const auto& [method, key, other] :
       {std::array<std::string, 3>{"RS256", "rsa1.pem", "rsa2.pem"},
        std::array<std::string, 3>{"ES256", "ec256-1.pem", "ec256-2.pem"},
        std::array<std::string, 3>{"HS256", "secret1", "secret2"}}) {
    SCOPED_TRACE(method);
    const Serving one("--as v3.4.23 --seed 7 --listen-client-port 0 " + flag(method, key));
    const Serving two("--as v3.4.23 --seed 7 --listen-client-port 0 " + flag(method, other));
    enable(one.endpoints());
    enable(two.endpoints());
    const std::string good = token_of(one.endpoints());
    const std::string foreign = token_of(two.endpoints());

    EXPECT_EQ(get(one.endpoints(), good).code, 0);
    EXPECT_EQ(get(one.endpoints(), "Bearer " + good).code, 0);
    EXPECT_EQ(watch(one.endpoints(), good).code, 0);
    expect_refused(get(one.endpoints(), foreign));
    expect_refused(get(two.endpoints(), good));
    expect_refused(get(one.endpoints(), good.substr(0, good.rfind('.') + 1)));
    expect_refused(get(one.endpoints(), "no.token.at-all"));
    const auto jwt = auth::parse_jwt(good);
    ASSERT_TRUE(jwt);
    expect_refused(get(one.endpoints(), auth::join_jwt(auth::jwt_body("none", jwt->claims), "")));
    // What the world itself takes is good for nobody outside.
    const auto status = GrpcCaller(one.endpoints())
                            .call("/etcdserverpb.Maintenance/Status", BytesView(), kPatience, good);
    ASSERT_TRUE(status);
    const std::uint64_t cluster =
        rpc::decode_message<rpc::StatusResponse>(*status)->header.cluster_id;
    expect_refused(
        get(one.endpoints(), auth::make_jwt({.username = "root", .revision = 3}, 4'000'000'000,
                                            auth::world_jwt_key(cluster))));
  }
}

// Whoever has the public key could sign with it as with a secret, if the token chose the method.
TEST_F(SignedTokens, TheMethodIsTheServersAndNotTheTokens) {
  const Serving serving("--as v3.4.23 --listen-client-port 0 " + flag("RS256", "rsa1.pem"));
  enable(serving.endpoints());
  const auto as_secret = TokenKey::make(
      {.method = "HS256", .private_key = *host::read_file(file("rsa1.pub")), .public_key = ""});
  ASSERT_TRUE(as_secret);
  const auto forged =
      (*as_secret)->sign({.username = "root", .revision = 3, .expires = 4'000'000'000});
  ASSERT_TRUE(forged);

  expect_refused(get(serving.endpoints(), *forged));
}

TEST_F(SignedTokens, ATokenIsGoodUntilItsTimeIsOver) {
  const Serving serving("--as v3.4.23 --listen-client-port 0 " +
                        flag("ES256", "ec256-1.pem", ",ttl=2s"));
  enable(serving.endpoints());
  const std::string token = token_of(serving.endpoints());

  EXPECT_EQ(get(serving.endpoints(), token).code, 0);
  std::this_thread::sleep_for(std::chrono::milliseconds(2'200));
  expect_refused(get(serving.endpoints(), token));
  EXPECT_EQ(get(serving.endpoints(), token_of(serving.endpoints())).code, 0);
}

TEST_F(SignedTokens, ATokenGrowsOldWithTheAuthRevision) {
  const Serving serving("--as v3.4.23 --listen-client-port 0 " + flag("HS256", "secret1"));
  enable(serving.endpoints());
  const std::string token = token_of(serving.endpoints());
  EXPECT_EQ(ctl(serving, "--user root:pw role add r").status, 0);

  const auto late = get(serving.endpoints(), token);

  EXPECT_EQ(late.code, grpc_code(Errc::AuthOldRevision)) << late.words;
  EXPECT_EQ(late.words, wire_text(Errc::AuthOldRevision));
}

TEST_F(SignedTokens, ATokenOutlivesTheProcessAndNotTheKey) {
  const std::string arguments =
      "--as v3.4.23 --listen-client-port 0 --data-dir '" + file("data") + "' ";
  std::string token;
  {
    Serving serving(arguments + flag("RS256", "rsa1.pem"));
    enable(serving.endpoints());
    EXPECT_EQ(ctl(serving, "--user root:pw put a 1").words, "OK\n");
    token = token_of(serving.endpoints());
    (void)serving.end(SIGKILL);
  }
  {
    Serving again(arguments + flag("RS256", "rsa1.pem"));
    EXPECT_EQ(get(again.endpoints(), token).code, 0);
    EXPECT_EQ(again.end(), 0);
  }
  {
    Serving other(arguments + flag("RS256", "rsa2.pem"));
    expect_refused(get(other.endpoints(), token));
    EXPECT_EQ(other.end(), 0);
  }
  // With the public key alone tokens are verified and none is made.
  const Serving verifier(arguments + "--auth-token 'jwt,pub-key=" + file("rsa1.pub") +
                         ",sign-method=RS256'");
  EXPECT_EQ(get(verifier.endpoints(), token).code, 0);
  const auto refused = login(verifier.endpoints());
  EXPECT_EQ(refused.code, 2);
  EXPECT_EQ(refused.words, "auth: token signing attempted with verify-only key");
}

TEST_F(SignedTokens, NeitherKeyNorTokenIsInTheSavedRunAndItPlaysWithoutThem) {
  const std::string record = file("session.orrery");
  std::string token;
  {
    Serving serving("--as v3.5.9 --members 3 --listen-client-port 0,0,0 " +
                        flag("PS256", "rsa1.pem", ",pub-key=" + file("rsa1.pub")),
                    record);
    enable(serving.endpoints());
    EXPECT_EQ(ctl(serving, "--user root:pw put a 1").words, "OK\n");
    const std::string first = serving.endpoints().substr(0, serving.endpoints().find(','));
    token = token_of(first);
    EXPECT_EQ(get(first, token).code, 0);
    EXPECT_EQ(serving.end(), 0);
  }
  std::filesystem::remove(file("rsa1.pem"));

  const auto saved = host::read_file(record);
  ASSERT_TRUE(saved);
  const auto jwt = auth::parse_jwt(token);
  ASSERT_TRUE(jwt);
  const std::string body = token.substr(0, token.rfind('.'));
  for (const std::string& word :
       {token, token.substr(token.rfind('.') + 1), body, std::string("PRIVATE KEY"),
        std::string("rsa1"), std::string("PS256")}) {
    EXPECT_EQ(saved->find(word), std::string::npos) << word;
  }
  const Output replayed = shell(std::string("'") + ORRERY_PROGRAM + "' replay '" + record + "'");
  EXPECT_EQ(replayed.status, 0) << replayed.words;
}

TEST_F(SignedTokens, AStockEtcdTakesOursAndWeTakeItsOwn) {
  for (const auto& [method, key] : {std::array<std::string, 2>{"RS256", "rsa1.pem"},
                                    std::array<std::string, 2>{"PS384", "rsa1.pem"},
                                    std::array<std::string, 2>{"ES512", "ec512-1.pem"},
                                    std::array<std::string, 2>{"HS512", "secret1"}}) {
    SCOPED_TRACE(method);
    const stock::Scratch place("jwt");
    stock::Options options;
    options.data_dir = place / "etcd";
    options.more = {"--auth-token=jwt,priv-key=" + file(key) + ",sign-method=" + method};
    const stock::Stock stock(options);
    ASSERT_TRUE(stock.healthy()) << stock.log();
    const std::string there = stock.endpoint().substr(stock.endpoint().find("//") + 2);
    const Serving serving("--as v3.4.23 --listen-client-port 0 " + flag(method, key));
    enable(serving.endpoints());
    enable(there);

    EXPECT_EQ(get(there, token_of(serving.endpoints())).code, 0);
    EXPECT_EQ(get(serving.endpoints(), token_of(there)).code, 0);
    expect_refused(get(there, "no.token.at-all"));
  }
}

TEST_F(SignedTokens, AFlagThatCannotBeKeptIsRefusedByNameAndFile) {
  struct Row {
    std::string flag;
    std::string said;
  };
  const std::string rsa = "priv-key=" + file("rsa1.pem");
  const std::array rows{
      Row{"bogus", "unknown token type: bogus"},
      Row{"jwt", "auth: invalid auth signature method"},
      Row{"jwt,sign-method=RS999," + rsa, "auth: invalid auth signature method"},
      Row{"jwt,sign-method=RS256", "auth: missing key data"},
      Row{"jwt,sign-method=HS256,pub-key=" + file("rsa1.pub"), "auth: missing key data"},
      Row{"jwt,sign-method=RS256,priv-key=/nonexistent/key", "priv-key: /nonexistent/key"},
      Row{"jwt,sign-method=ES256,priv-key=" + file("rsa1.pem"),
          "rsa1.pem: key is not a valid ECDSA key"},
      Row{"jwt,sign-method=RS256,priv-key=" + file("secret1"), "secret1: no key in PEM"},
      Row{"jwt,sign-method=RS256,priv-key=" + file("locked.pem"), "locked.pem: no key in PEM"},
      Row{"jwt,sign-method=RS256,pub-key=" + file("rsa1.pem"), "rsa1.pem: no key in PEM"},
      Row{"jwt,sign-method=ES384,priv-key=" + file("ec256-1.pem"), "a curve of 384 bits"},
      Row{"jwt,sign-method=RS256," + rsa + ",pub-key=" + file("rsa2.pub"),
          "auth: public and private keys don't match"},
      Row{"jwt,sign-method=RS256," + rsa + ",ttl=soon", "time: invalid duration \"soon\""},
      Row{"jwt,sign-method", "invalid token specific option"},
      Row{"jwt,ttl=1s,ttl=2s", "duplicated parameters (ttl)"}};
  for (const Row& row : rows) {
    SCOPED_TRACE(row.flag);
    for (const auto& [command, status] :
         {std::pair("serve --listen-client-port 0", 2), std::pair("etcd", 1)}) {
      const Output ran = shell("cd '" + folder_.path() + "' && '" + ORRERY_PROGRAM + "' " +
                               command + " --auth-token '" + row.flag + "'");
      EXPECT_EQ(ran.status, status) << ran.words;
      EXPECT_NE(ran.words.find("--auth-token " + row.flag), std::string::npos) << ran.words;
      EXPECT_NE(ran.words.find(row.said), std::string::npos) << ran.words;
    }
  }
}

// etcd's variable, and a token that a program of its own has made.
TEST_F(SignedTokens, AnotherProgramMaySignForThoseWhoOnlyVerify) {
  ASSERT_EQ(
      ::setenv("ETCD_AUTH_TOKEN", ("jwt,sign-method=HS256,priv-key=" + file("secret1")).c_str(), 1),
      0);
  const Serving serving("--as v3.4.23 --listen-client-port 0");
  ::unsetenv("ETCD_AUTH_TOKEN");
  enable(serving.endpoints());
  const Output signing = shell(
      "python3 -c 'import base64,hmac,json,sys\n"
      "b = lambda x: base64.urlsafe_b64encode(x).rstrip(b\"=\")\n"
      "body = b(json.dumps({\"typ\": \"JWT\", \"alg\": \"HS256\"}).encode()) + b\".\" + "
      "b(json.dumps({\"username\": \"root\", \"revision\": 3, \"roles\": [\"x\"]}).encode())\n"
      "key = open(\"" +
      file("secret1") +
      "\", \"rb\").read()\n"
      "print((body + b\".\" + b(hmac.digest(key, body, \"sha256\"))).decode(), end=\"\")'");

  EXPECT_EQ(signing.status, 0) << signing.words;
  EXPECT_EQ(get(serving.endpoints(), signing.words).code, 0);
}

}  // namespace
}  // namespace orrery::door
