// What core/base says and how it reads bytes aloud: text, checksums, errors, contracts, guards.
#include <array>
#include <string>
#include <string_view>
#include <vector>

#include <gtest/gtest.h>

#include "base/check.h"
#include "base/crc32c_fast.h"
#include "base/guards.h"
#include "base/overloaded.h"
#include "base/result.h"
#include "base/text.h"

namespace orrery {
namespace {

TEST(Text, QuotesAsGoDoes) {
  struct Row {
    std::string_view bytes;
    std::string_view quoted;
  };
  const std::array rows{
      Row{"", R"("")"},
      Row{"hello world", R"("hello world")"},
      Row{"say \"hi\" \\", R"("say \"hi\" \\")"},
      Row{"\a\b\f\n\r\t\v", R"("\a\b\f\n\r\t\v")"},
      Row{std::string_view("\0\x01\x7f", 3), R"("\x00\x01\x7f")"},
      Row{"钥匙 ключ é 🔑", R"("钥匙 ключ é 🔑")"},
      Row{"\xff\xfe", R"("\xff\xfe")"},
      Row{"a\xe9\x92", R"("a\xe9\x92")"},                // a character cut short
      Row{"\xc0\x80", R"("\xc0\x80")"},                  // longer than need be
      Row{"\xed\xa0\x80", R"("\xed\xa0\x80")"},          // half a surrogate pair
      Row{"\xf5\x80\x80\x80", R"("\xf5\x80\x80\x80")"},  // beyond Unicode
      Row{"\xe2\x80\x8b", R"("\u200b")"},                // zero width space
      Row{"\xc2\x85", R"("\u0085")"},
      Row{"\xf3\xa0\x80\x81", R"("\U000e0001")"},
  };
  for (const Row& row : rows) EXPECT_EQ(quoted(row.bytes), row.quoted);
}

TEST(Text, Base64IsThatOfRfc4648) {
  EXPECT_EQ(base64(""), "");
  EXPECT_EQ(base64("f"), "Zg==");
  EXPECT_EQ(base64("fo"), "Zm8=");
  EXPECT_EQ(base64("foo"), "Zm9v");
  EXPECT_EQ(base64("foob"), "Zm9vYg==");
  EXPECT_EQ(base64("fooba"), "Zm9vYmE=");
  EXPECT_EQ(base64("foobar"), "Zm9vYmFy");
  EXPECT_EQ(base64("\xff\xef\xbe"), "/+++");
}

TEST(Text, HexHasTwoDigitsAByte) {
  EXPECT_EQ(hex(""), "");
  EXPECT_EQ(hex(std::string_view("\x00\x0f\xff", 3)), "000fff");
}

TEST(Crc32c, HasThePublishedValues) {
  EXPECT_EQ(crc32c(0, "123456789"), 0xe3069283U);
  EXPECT_EQ(crc32c(0, std::string(32, '\0')), 0x8a9136aaU);
  EXPECT_EQ(crc32c(0, std::string(32, '\xff')), 0x62a8ab43U);
  EXPECT_EQ(crc32c(0, ""), 0U);
}

#if defined(__x86_64__)
TEST(Crc32c, TheProcessorsInstructionAgreesWithTheTables) {
  if (!__builtin_cpu_supports("sse4.2")) return;
  Bytes bytes;
  for (int i = 0; i < 100; ++i) {
    EXPECT_EQ(crc32c_by_instruction(77, bytes), crc32c(77, bytes)) << i;
    bytes.push_back(static_cast<char>(i * 37));
  }
}
#endif

TEST(Crc32c, GoesOnWhereItStopped) {
  const std::string bytes = "some bytes that are fed in two parts of every length";
  for (std::size_t cut = 0; cut <= bytes.size(); ++cut) {
    EXPECT_EQ(crc32c(crc32c(0, bytes.substr(0, cut)), bytes.substr(cut)), crc32c(0, bytes));
  }
}

TEST(Result, CarriesEtcdsWordsAndCode) {
  const Result<int> failed = fail(Errc::Compacted);
  ASSERT_FALSE(failed);
  EXPECT_EQ(failed.error().detail, "etcdserver: mvcc: required revision has been compacted");
  EXPECT_EQ(grpc_code(failed.error().code), 11);

  const Result<int> own = fail(Errc::Syntax, "line 3: expected a number");
  EXPECT_EQ(own.error().detail, "line 3: expected a number");
  EXPECT_EQ(wire_text(Errc::Syntax), "");
  EXPECT_EQ(grpc_code(Errc::Syntax), 2);

  const Result<std::string> passed_on = fail(own.error());
  EXPECT_EQ(passed_on.error(), own.error());
}

TEST(Result, EveryErrorOfEtcdsHasItsWords) {
  for (int code = static_cast<int>(Errc::EmptyKey); code <= static_cast<int>(Errc::Canceled);
       ++code) {
    EXPECT_NE(wire_text(static_cast<Errc>(code)), "") << "error " << code;
  }
}

TEST(Check, TellsTheClaimAndThePlace) {
  EXPECT_NO_THROW(check(true, "all is well"));
  try {
    check(1 + 1 == 3, "one and one make three");
    FAIL() << "no violation";
  } catch (const ContractViolation& violation) {
    EXPECT_NE(std::string(violation.what()).find("one and one make three"), std::string::npos);
    EXPECT_NE(std::string(violation.where().file_name()).find("words_test.cc"), std::string::npos);
    EXPECT_GT(violation.where().line(), 0U);
  }
}

TEST(Guards, PassTheConditionThroughWhetherOrNotTheyExplain) {
  std::vector<GuardRecord> records;
  for (const Guards& guards : {Guards(), Guards(&records)}) {
    EXPECT_TRUE(guards(true, "it holds"));
    EXPECT_FALSE(guards(false, "it holds"));
  }
  EXPECT_FALSE(Guards().explaining());
  EXPECT_EQ(records.size(), 2U);
}

TEST(Guards, RecordWhatDecidedAndWhere) {
  std::vector<GuardRecord> records;
  const Guards guards(&records);
  guards(false, "the candidate's log is up to date", {{"its term", Term(2)}, {"our term", 3}});

  ASSERT_EQ(records.size(), 1U);
  EXPECT_FALSE(records[0].held);
  EXPECT_EQ(records[0].facts[0], (std::pair<std::string, std::int64_t>("its term", 2)));
  EXPECT_NE(records[0].file.find("words_test.cc"), std::string::npos);
  const std::string said = to_text(records[0]);
  EXPECT_EQ(said.find("no: the candidate's log is up to date (its term 2, our term 3)  ["), 0U)
      << said;
}

TEST(Overloaded, PicksTheLambdaOfTheAlternative) {
  const Overloaded name{[](int) { return "number"; }, [](std::string_view) { return "word"; }};
  EXPECT_STREQ(name(1), "number");
  EXPECT_STREQ(name("x"), "word");
}

}  // namespace
}  // namespace orrery
