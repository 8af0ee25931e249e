// The text form of what a crash leaves.
#include "disk/survivors.h"

#include <gtest/gtest.h>

namespace orrery::disk {
namespace {

TEST(Survivors, TextAndValueAreTwoFormsOfOneThing) {
  for (const Survivors& value : {
           Survivors{},
           Survivors{.writes = KeepAll{}, .files = {}, .names = {}},
           Survivors{.writes = KeepTorn{3}, .files = {}, .names = 2},
           Survivors{.writes = KeepChosen{{0, 2, 7}},
                     .files = {{"member/snap/db", KeepAll{}}, {"member/wal/a=b", KeepTorn{1}}},
                     .names = 0},
           Survivors{.writes = KeepChosen{}, .files = {}, .names = {}},
       }) {
    const auto back = parse_survivors(to_text(value));
    ASSERT_TRUE(back.has_value()) << to_text(value) << ": " << back.error().detail;
    EXPECT_EQ(*back, value) << to_text(value);
  }
  EXPECT_EQ(to_text(Survivors{.writes = KeepTorn{3}, .files = {{"db", KeepAll{}}}, .names = 2}),
            "torn:3 db=all names=2");
}

TEST(Survivors, NothingMeansNone) {
  EXPECT_EQ(*parse_survivors(""), Survivors{});
  EXPECT_EQ(*parse_survivors("names=1"),
            (Survivors{.writes = KeepNone{}, .files = {}, .names = 1}));
}

TEST(Survivors, UnreadableWordsAreNamed) {
  for (const char* words : {"some", "torn", "torn:", "torn:x", "torn:-1", "pieces:1+", "pieces:a",
                            "all none", "db=", "db=most", "names=many", "none torn:1"}) {
    const auto read = parse_survivors(words);
    ASSERT_FALSE(read.has_value()) << words;
    EXPECT_EQ(read.error().code, Errc::Syntax);
    EXPECT_NE(read.error().detail.find('"'), std::string::npos);
  }
}

}  // namespace
}  // namespace orrery::disk
