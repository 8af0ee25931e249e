// Passwords and tokens: bcrypt, simple tokens with their time, signed tokens.
#include <limits>
#include <string>
#include <variant>

#include <gtest/gtest.h>

#include "auth/bcrypt.h"
#include "auth/json_object.h"
#include "auth/jwt.h"
#include "auth/tokens.h"
#include "base/digest.h"

namespace orrery::auth {
namespace {

TEST(Bcrypt, AHashIsGosFormAndMatchesItsPasswordAlone) {
  const auto hash = hash_password("secret", 4, 99);
  ASSERT_TRUE(hash);
  EXPECT_EQ(hash->substr(0, 7), "$2a$04$");
  EXPECT_EQ(hash->size(), 60U);
  EXPECT_TRUE(password_matches(*hash, "secret"));
  EXPECT_FALSE(password_matches(*hash, "Secret"));
  EXPECT_EQ(hash_password("secret", 4, 99), hash) << "the same draw, the same bytes";
  EXPECT_NE(hash_password("secret", 4, 100), hash);
}

TEST(Bcrypt, AHashThatAnotherImplementationMadeMatches) {
  // The test vector of Openwall's crypt_blowfish.
  EXPECT_TRUE(
      password_matches("$2a$05$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW", "U*U"));
}

TEST(Bcrypt, WhatItCannotHashIsSaid) {
  EXPECT_EQ(hash_password("x", 3, 1).error().detail,
            "crypto/bcrypt: cost 3 is outside allowed range (4,31)");
  EXPECT_EQ(hash_password(std::string(73, 'x'), 4, 1).error().detail,
            "bcrypt: password length exceeds 72 bytes");
  EXPECT_FALSE(password_matches("", ""));
}

TEST(SimpleToken, IsSixteenLettersAndTheLogIndex) {
  const std::string prefix = simple_token_prefix(5);
  EXPECT_EQ(prefix.size(), 16U);
  EXPECT_EQ(token_index(prefix + ".27"), 27U);
  EXPECT_FALSE(token_index(prefix));
  EXPECT_FALSE(token_index("a.b.3"));
  EXPECT_FALSE(token_index("a."));
}

TEST(SimpleToken, LivesOnWhileItIsUsed) {
  SimpleTokens tokens;
  tokens.assign("t", "u", seconds(300));
  EXPECT_EQ(*tokens.use("t", seconds(400)), "u");
  tokens.expire(seconds(399));
  EXPECT_EQ(tokens.size(), 1U);
  EXPECT_EQ(tokens.next_expiry(), seconds(400));
  tokens.expire(seconds(400));
  EXPECT_EQ(tokens.use("t", seconds(500)), nullptr);
  EXPECT_FALSE(tokens.next_expiry());
}

TEST(Jwt, CarriesUserAndRevisionUntilItIsTooOld) {
  const AuthInfo who{.username = "alice", .revision = 12};
  const std::string token = make_jwt(who, 100, "key");
  EXPECT_EQ(read_jwt(token, 99, "key"), who);
  EXPECT_FALSE(read_jwt(token, 100, "key"));
  EXPECT_FALSE(read_jwt(token, 99, "another key"));
  EXPECT_FALSE(read_jwt(token + "x", 99, "key"));
  EXPECT_FALSE(read_jwt("no token", 99, "key"));
}

TEST(Jwt, IsWrittenAsGosLibraryWritesIt) {
  EXPECT_EQ(make_jwt({.username = "u", .revision = 1}, 2, "k").substr(0, 37),
            "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.");
}

TEST(Jwt, NamesUsersOfAnyBytesThatText) {
  for (const std::string name : {R"(a"b\c)", "tab\there", "Jürgen", "<&>", "\xE2\x80\xA8"}) {
    const AuthInfo who{.username = name, .revision = 3};
    EXPECT_EQ(read_jwt(make_jwt(who, 100, "key"), 99, "key"), who) << name;
  }
}

TEST(Jwt, ClaimsOfOtherWritersAreRead) {
  // {"alg":"ES256"} and {"username": "a\u00fcb", "revision": 7.0, "x": [1, {"exp": 3}], "exp": 17.5e1}, signature "s"
  const auto jwt = parse_jwt(
      "eyJhbGciOiJFUzI1NiJ9."
      "eyJ1c2VybmFtZSI6ICJhXHUwMGZjYiIsICJyZXZpc2lvbiI6IDcuMCwgIngiOiBbMSwgeyJleHAiOiAzfV0sICJleHAi"
      "OiAxNy41ZTF9.cw");

  ASSERT_TRUE(jwt);
  EXPECT_EQ(jwt->algorithm, "ES256");
  EXPECT_EQ(jwt->signature, "s");
  EXPECT_EQ(jwt->claims, (Claims{.username = "a\xC3\xBC"
                                             "b",
                                 .revision = 7,
                                 .expires = 175}));
}

TEST(JsonObject, AWordOfAnyBytesReadsBackAndDamageNeverReadsOn) {
  for (std::uint64_t turn = 0; turn < 2'000; ++turn) {
    std::string bytes;
    for (std::uint64_t i = 0; i < turn % 40; ++i) {
      bytes += static_cast<char>(combine(turn, i) % 256);
    }
    const std::string json = R"({"x":)" + json_word(bytes) + "}";
    const auto read = parse_json_object(json);
    ASSERT_TRUE(read) << json;
    EXPECT_EQ(read->at("x"), JsonMember(bytes));
    EXPECT_FALSE(parse_json_object(json.substr(0, combine(turn, 77) % json.size()))) << json;
  }
}

TEST(JsonObject, IsReadWholeOrNotAtAll) {
  for (const char* wrong :
       {"", "[]", "{", "{}x", R"({"a"})", R"({"a":})", R"({"a":1,})", R"({"a":01x})",
        R"({"a":"\q"})", R"({"a":"\u12"})", R"({"a":"b)", "{\"a\":\"\n\"}", R"({a:1})",
        R"({"a":nul})", R"({"a":-})", R"({"a":1.})", R"({"a":1e})"}) {
    EXPECT_FALSE(parse_json_object(wrong)) << wrong;
  }
  EXPECT_FALSE(parse_json_object(R"({"a":)" + std::string(100'000, '[')));
  const auto read = parse_json_object(
      R"( {"a" : -12, "b":"\ud83d\ude00\/", "c":{"d":[]}, "e":true, "f":123e-1, "g":1e300, "a":5} )");
  ASSERT_TRUE(read);
  EXPECT_EQ(*read, (JsonObject{{"a", std::int64_t{5}},
                               {"b", std::string("\xF0\x9F\x98\x80/")},
                               {"c", std::monostate()},
                               {"e", std::monostate()},
                               {"f", std::int64_t{12}},
                               {"g", std::numeric_limits<std::int64_t>::max()}}));
}

}  // namespace
}  // namespace orrery::auth
