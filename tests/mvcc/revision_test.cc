#include "mvcc/revision.h"

#include <gtest/gtest.h>

#include "base/text.h"

namespace orrery::mvcc {
namespace {

TEST(Revision, KeyOfAPutIsMainUnderscoreSub) {
  EXPECT_EQ(hex(BucketKeyBytes({5, 3}).view()), "00000000000000055f0000000000000003");
}

TEST(Revision, KeyOfATombstoneEndsWithT) {
  EXPECT_EQ(hex(BucketKeyBytes({258, 0}, true).view()), "00000000000001025f000000000000000074");
}

TEST(Revision, DecodingGivesBackWhatWasEncoded) {
  for (const bool tombstone : {false, true}) {
    const auto decoded = decode_bucket_key(BucketKeyBytes({1'234'567'890'123, 77}, tombstone));

    ASSERT_TRUE(decoded.has_value());
    EXPECT_EQ(decoded->revision, (Revision{1'234'567'890'123, 77}));
    EXPECT_EQ(decoded->tombstone, tombstone);
  }
}

TEST(Revision, OtherBytesAreCorrupt) {
  const Bytes good(BucketKeyBytes({1, 0}).view());
  Bytes no_underscore = good;
  no_underscore[8] = '-';

  for (const Bytes& bad : {Bytes(), good.substr(1), good + "x", good + "tt", no_underscore}) {
    const auto decoded = decode_bucket_key(bad);
    ASSERT_FALSE(decoded.has_value());
    EXPECT_EQ(decoded.error().code, Errc::Corrupt);
    EXPECT_EQ(decoded.error().detail, "not a revision row key: " + hex(bad));
  }
}

TEST(Revision, RowsInKeyOrderAreHistoryInOrder) {
  const BucketKeyBytes a({2, 9});
  const BucketKeyBytes b({3, 0}, true);
  const BucketKeyBytes c({3, 1});
  const BucketKeyBytes d({256, 0});

  EXPECT_LT(a.view(), b.view());
  EXPECT_LT(b.view(), c.view());
  EXPECT_LT(c.view(), d.view());
}

}  // namespace
}  // namespace orrery::mvcc
