// A restored member is a new member of a new cluster with the old rows.
#include "datadir/restore.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "backend/backend.h"
#include "datadir/dump.h"
#include "datadir/identity.h"
#include "wal/snap.h"
#include "wal/wal.h"

namespace orrery::datadir {
namespace {

using testing::Contains;
using testing::HasSubstr;

Bytes db_of_another_cluster() {
  backend::Backend backend;
  backend.put(backend::Bucket::Members, "old", Blob("{\"id\":1}"));
  backend.put(backend::Bucket::Key, "row", Blob("kept"));
  backend.end_tx();
  (void)backend.begin_commit();
  backend.finish_commit();
  Bytes out;
  for (const Blob& block : backend.blocks()) {
    out.append(block.view());
    out.append(backend::kPageSize - block.size(), '\0');
  }
  return out;
}

RestoreOptions options_of(Release release) {
  return {.name = "b",
          .cluster = *parse_cluster("b=http://b:1,a=http://a:1"),
          .token = "t",
          .skip_hash_check = true,
          .release = release};
}

TEST(Restore, GivesTheMemberANewClusterAndKeepsTheRows) {
  for (const Release release : {Release::V3_4, Release::V3_5, Release::V3_6}) {
    auto disk = restore_snapshot(db_of_another_cluster(), options_of(release));
    ASSERT_TRUE(disk) << disk.error().detail;

    const auto identity = read_identity(*disk);
    ASSERT_TRUE(identity) << identity.error().detail;
    EXPECT_EQ(identity->node, member_id({"http://b:1"}, "t"));
    ASSERT_EQ(identity->members.size(), 2U);
    EXPECT_EQ(identity->cluster, cluster_id({identity->members[0].id, identity->members[1].id}));
    const auto known = wal::valid_snapshots(*disk, "member/wal");
    ASSERT_TRUE(known);
    const auto snap = wal::load_newest_snap(*disk, "member/snap", *known);
    ASSERT_TRUE(snap.snapshot);
    EXPECT_EQ(snap.snapshot->index, Index(2));
    EXPECT_EQ(snap.snapshot->conf_state.voters.size(), 2U);

    std::vector<std::string> rows;
    const auto db = disk->read_all("member/snap/db");
    ASSERT_TRUE(dump_db(blocks_of(*db), [&](const Tree& tree) { rows.push_back(to_text(tree)); }));
    EXPECT_THAT(rows, Contains("key key=\"row\" value=\"kept\""));
    EXPECT_THAT(rows, Contains("meta name=consistent_index value=2"));
    EXPECT_THAT(rows, testing::Not(Contains(HasSubstr("members name=old"))));
    const bool has_term = release != Release::V3_4;
    EXPECT_EQ(std::ranges::count(rows, "meta name=term value=1"), has_term ? 1 : 0);
  }
}

TEST(Restore, ItsLogIsDumpedRecordByRecord) {
  const auto disk = restore_snapshot(db_of_another_cluster(), options_of(Release::V3_4));
  ASSERT_TRUE(disk);
  std::vector<std::string> lines;

  const auto sound = dump_logs(*disk, [&](const Tree& tree) { lines.push_back(to_text(tree)); });

  ASSERT_TRUE(sound) << sound.error().detail;
  EXPECT_TRUE(*sound);
  EXPECT_THAT(lines.front(), HasSubstr("snap file=member/snap/0000000000000001-0000000000000002"));
  EXPECT_THAT(lines, Contains(HasSubstr("conf_change={ID=0 type=AddNode")));
  EXPECT_THAT(lines, Contains(HasSubstr("state file=")));
  EXPECT_THAT(lines.back(), HasSubstr("ending="));
}

TEST(DumpLogs, NamesATornEndAndDamage) {
  auto disk = restore_snapshot(db_of_another_cluster(), options_of(Release::V3_4));
  ASSERT_TRUE(disk);
  const std::string path = "member/wal/" + wal::segment_name(0, Index(0));
  ASSERT_TRUE(disk->flip_bit(path, 60, 1));
  std::string last;

  const auto sound = dump_logs(*disk, [&](const Tree& tree) { last = to_text(tree); });

  ASSERT_TRUE(sound);
  EXPECT_FALSE(*sound);
  EXPECT_THAT(last, HasSubstr("error="));
  EXPECT_FALSE(dump_logs(disk::Disk(), [](const Tree&) {}));
}

TEST(Restore, BadOptionsAreNamed) {
  EXPECT_THAT(parse_cluster("a=http://a:1,b").error().detail, HasSubstr("NAME=URL"));
  RestoreOptions options = options_of(Release::V3_6);
  options.name = "c";
  EXPECT_THAT(restore_snapshot(db_of_another_cluster(), options).error().detail,
              HasSubstr("no member c"));
  EXPECT_FALSE(restore_snapshot("short", options_of(Release::V3_6)));
}

}  // namespace
}  // namespace orrery::datadir
