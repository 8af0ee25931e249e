// Rows of every bucket, shown as docs/formats/rows.md shows them. After a change of format, run with
// ORRERY_REWRITE=1 in the environment to write the page anew, and review the difference.
#include "datadir/rows.h"

#include <cstdlib>
#include <fstream>
#include <sstream>
#include <vector>

#include <gtest/gtest.h>

#include "base/text.h"
#include "source_dir.h"

namespace orrery::datadir {
namespace {

struct RowCase {
  std::string_view bucket;
  Bytes key;
  Bytes value;
  std::string_view text;
};

std::vector<RowCase> rows_of_every_bucket() {
  const Bytes seven("\0\0\0\0\0\0\0\x07", 8);
  const Bytes revision = seven + "_" + Bytes(8, '\0');
  return {
      {"key", revision, Bytes("\x0a\x01k\x10\x02\x18\x07\x20\x03\x2a\x01v", 12),
       "key revision=7.0 key=\"k\" create_revision=2 mod_revision=7 version=3 value=\"v\""},
      {"key", revision + "t", Bytes("\x0a\x01k", 3), "key revision=7.0 tombstone=true key=\"k\""},
      {"meta", "consistent_index", seven, "meta name=consistent_index value=7"},
      {"meta", "scheduledCompactRev", revision, "meta name=scheduledCompactRev value=7"},
      {"meta", "finishedCompactRev", revision, "meta name=finishedCompactRev value=7"},
      {"meta", "term", seven, "meta name=term value=7"},
      {"meta", "confState", "{\"voters\":[1]}", "meta name=confState value={\"voters\":[1]}"},
      {"meta", "storageVersion", "3.6.0", "meta name=storageVersion value=3.6.0"},
      {"lease", seven, Bytes("\x08\x07\x10\x3c\x18\x1e", 6),
       "lease lease=7 ID=7 TTL=60 RemainingTTL=30"},
      {"auth", "authEnabled", "\1", "auth name=authEnabled value=true"},
      {"auth", "authRevision", seven, "auth name=authRevision value=7"},
      {"authUsers", "u", Bytes("\x0a\x01u\x1a\x01r", 6), "authUsers name=\"u\" roles=\"r\""},
      {"authRoles", "r", Bytes("\x0a\x01r\x12\x05\x08\x02\x12\x01k", 10),
       "authRoles name=\"r\" keyPermission={permType=READWRITE key=\"k\"}"},
      {"alarm", Bytes("\x08\x05\x10\x01", 4), "", "alarm memberID=5 alarm=NOSPACE"},
      {"members", "5", "{\"id\":5}", "members name=5 value={\"id\":5}"},
      {"members_removed", "6", "removed", "members_removed name=6 value=removed"},
      {"cluster", "clusterVersion", "3.4.0", "cluster name=clusterVersion value=3.4.0"},
      {"cluster", "downgrade", "{\"target-version\":\"3.5.0\",\"enabled\":true}",
       "cluster name=downgrade value={\"target-version\":\"3.5.0\",\"enabled\":true}"},
      {"foreign", "a", "b", "foreign key=\"a\" value=\"b\""},
      {"key", "odd", "x", "key key=\"odd\" value=\"x\""},
  };
}

// Puts `block` into the page's worked example, or compares it with what stands there.
void expect_in_page(const std::string& block) {
  const std::string path = text("{}/docs/formats/rows.md", ORRERY_SOURCE_DIR);
  std::ostringstream read;
  read << std::ifstream(path).rdbuf();
  std::string words = read.str();
  const std::size_t open = words.find("```\n") + 4;
  const std::size_t close = words.find("```\n", open);
  ASSERT_NE(close, words.npos);
  if (std::getenv("ORRERY_REWRITE") != nullptr) {
    std::ofstream(path) << words.replace(open, close - open, block);
    return;
  }
  EXPECT_EQ(words.substr(open, close - open), block);
}

TEST(Rows, EachBucketHasItsOwnForm) {
  for (const RowCase& row : rows_of_every_bucket()) {
    EXPECT_EQ(to_text(describe_row(row.bucket, row.key, row.value)), row.text);
  }
}

TEST(Rows, ThePageShowsThem) {
  std::string block;
  for (const RowCase& row : rows_of_every_bucket()) {
    block += text("{:<15} {:<38} {}\n    {}\n", row.bucket, hex(row.key),
                  row.value.empty() ? "-" : hex(row.value),
                  to_text(describe_row(row.bucket, row.key, row.value)));
  }
  expect_in_page(block);
}

}  // namespace
}  // namespace orrery::datadir
