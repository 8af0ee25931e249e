// What the Disk & WAL and Pages panels say, by their items' names, along a run with crashes in it.
#include <gtest/gtest.h>

#include "base/text.h"
#include "gui/disk_rows.h"
#include "gui/inspect.h"
#include "gui/page_rows.h"
#include "gui/views.h"
#include "server/context.h"
#include "tests/gui/words.h"
#include "tests/sim/cluster.h"
#include "wal/wal.h"

namespace orrery::gui {
namespace {

using namespace Qt::Literals::StringLiterals;
using sim::World;
using namespace sim::testing;

Scene tall_scene_of(const World& now, const World& before, QSizeF room = QSizeF(900, 3000)) {
  return {
      .now = now, .before = before, .member = 1, .room = room, .visible = QRectF(QPointF(), room)};
}

const Item* find(const Picture& picture, const QString& words) {
  for (const Item& item : picture.items) {
    if (item.name.contains(words)) return &item;
  }
  return nullptr;
}

// A world whose members all have what was put.
World settled_with(const std::vector<std::pair<std::string, std::string>>& puts) {
  World world = elected();
  for (const auto& [key, value] : puts) {
    EXPECT_TRUE(world.perform(put(key, value)));
    EXPECT_TRUE(run_until(world, [](const World& w) { return answered(w) && caught_up(w); }));
  }
  return world;
}

// One with a write to n1's log that is not synced.
World with_unsynced_log() {
  World world = settled_with({{"a", "1"}});
  EXPECT_TRUE(world.perform(put("hello", "world")));
  const auto unsynced = [](const World& w) {
    for (const auto& [path, pieces] : w.member(1).disk().unsynced()) {
      if (path.ends_with(".wal")) return true;
    }
    return false;
  };
  EXPECT_TRUE(run_until(world, unsynced));
  return world;
}

TEST(DiskView, ShowsEveryRecordOfTheLogAndThatItStays) {
  const World world = settled_with({{"hello", "world1"}});
  const Picture picture = draw_disk(tall_scene_of(world, world));
  EXPECT_TRUE(names(picture, u"member/wal/0000000000000000-0000000000000000.wal"_s));
  EXPECT_TRUE(names(picture, u"put hello = world1, CRC "_s));
  const Item* record = find(picture, u"put hello = world1"_s);
  ASSERT_NE(record, nullptr);
  EXPECT_TRUE(record->name.endsWith(u"fits, durable"_s)) << record->name.toStdString();
  EXPECT_EQ(record->ref.kind, Ref::Kind::Record);
  EXPECT_TRUE(names(picture, u"of zeros, set aside for records"_s));
}

TEST(DiskView, ARecordThatIsNotSyncedMayBeLostAndACrashCanTearIt) {
  const World world = with_unsynced_log();
  const Picture picture = draw_disk(tall_scene_of(world, world));
  EXPECT_TRUE(names(picture, u"cached only"_s));
  const Item* tear = find(picture, u".wal the first 1 of"_s);
  ASSERT_NE(tear, nullptr);
  const auto action = sim::parse_action(tear->command.mid(8).toStdString());
  ASSERT_TRUE(action.has_value()) << tear->command.toStdString();
  World crashed = world;
  EXPECT_TRUE(crashed.perform(*action));
  EXPECT_TRUE(names(draw_disk(tall_scene_of(crashed, world)), u".wal"_s));
}

TEST(DiskView, EachChoiceAtACrashIsAnActionTheWorldTakes) {
  const World world = with_unsynced_log();
  int choices = 0;
  for (const Item& item : draw_disk(tall_scene_of(world, world)).items) {
    if (item.command.isEmpty()) continue;
    const auto action = sim::parse_action(item.command.mid(8).toStdString());
    ASSERT_TRUE(action.has_value()) << item.command.toStdString();
    World crashed = world;
    EXPECT_TRUE(crashed.perform(*action)) << item.command.toStdString();
    EXPECT_TRUE(crashed.member(1).disk().unsynced().empty());
    ++choices;
  }
  EXPECT_GE(choices, 3);
}

TEST(DiskView, SaysWhereALogIsTornOrDamaged) {
  World world = settled_with({{"a", "1"}, {"b", "2"}});
  const auto segments = read_segments(world.member(1).disk());
  ASSERT_EQ(segments.size(), 1U);
  const wal::Located& last = segments[0].segment.records.back();
  World damaged = world;
  ASSERT_TRUE(damaged.perform(sim::Crash{.member = 1, .survivors = {}}));
  server::Member member = damaged.member(1);
  ASSERT_TRUE(member.edit_disk().flip_bit(segments[0].path, last.offset + 20, 3));
  const auto rows = read_segments(member.disk());
  EXPECT_EQ(rows[0].segment.ending, wal::Ending::Damaged);
  EXPECT_EQ(rows[0].segment.records.size(), segments[0].segment.records.size() - 1);
}

TEST(DiskView, ATornWriteEndsTheLogUntilARestartCutsItOff) {
  World world = settled_with({{"a", "1"}});
  ASSERT_TRUE(world.perform(put("big", std::string(900, 'b'))));
  ASSERT_TRUE(run_until(world, [](const World& w) {
    return !w.member(1).disk().find_file(read_segments(w.member(1).disk())[0].path)->synced();
  }));
  const std::string path = read_segments(world.member(1).disk())[0].path;
  const World before = world;
  const auto crash = sim::parse_action(text("crash n1 keep none {}=torn:1", path));
  ASSERT_TRUE(crash.has_value());
  ASSERT_TRUE(world.perform(*crash));
  EXPECT_TRUE(names(draw_disk(tall_scene_of(world, before)), u": torn: "_s))
      << draw_disk(tall_scene_of(world, before)).text_twin().toStdString();
  ASSERT_TRUE(world.perform(sim::Restart{.member = 1}));
  ASSERT_TRUE(run_until(world, [&](const World& w) {
    return w.member(1).disk().find_file(path)->size() <
           before.member(1).disk().find_file(path)->size();
  }));
  const Picture cut = draw_disk(tall_scene_of(world, before));
  EXPECT_FALSE(names(cut, u": torn: "_s));
  EXPECT_TRUE(names(cut, u", 64,000,000 before, "_s)) << cut.text_twin().toStdString();
  EXPECT_TRUE(names(cut, u".wal.broken, 64,000,000 bytes"_s));
}

TEST(DiskView, SelectedRecordsAndPagesAreDecodedAndHaveBytes) {
  const World world = settled_with({{"hello", "world1"}});
  const Picture picture = draw_disk(tall_scene_of(world, world));
  const Item* record = find(picture, u"put hello = world1"_s);
  ASSERT_NE(record, nullptr);
  const Node node = inspect(world, record->ref);
  EXPECT_EQ(node.value, u"entry"_s);
  EXPECT_GE(node.children.size(), 6U);
  EXPECT_NE(bytes_of(world, record->ref).find("hello"), Bytes::npos);
  const Ref meta{.kind = Ref::Kind::Page, .member = 1, .number = 0};
  EXPECT_EQ(bytes_of(world, meta).size(), backend::kPageSize);
  EXPECT_TRUE(inspect(world, meta).value.startsWith(u"meta"_s));
  const Ref nowhere{.kind = Ref::Kind::Page, .member = 1, .number = 999};
  EXPECT_EQ(inspect(world, nowhere).value, u"not there"_s);
}

// Long values, so that the bucket `key` has a tree of its own; committed.
World with_a_tree() {
  World world = elected();
  for (int i = 0; i < 60; ++i) {
    EXPECT_TRUE(world.perform(put(text("key{:02}", i), std::string(300, 'v'))));
  }
  EXPECT_TRUE(run_until(world, [](const World& w) {
    return answered(w) && caught_up(w) && w.member(1).running().backend.pending() == 0;
  }));
  return world;
}

TEST(PagesView, ShowsBucketsTheirTreesAndEveryPage) {
  const World world = with_a_tree();
  const disk::File* file = world.member(1).disk().find_file(server::kDbPath);
  const PageFileRows rows = read_pages(*file);
  ASSERT_TRUE(rows.readable());
  std::uint32_t in_key = 0;
  for (const TreeRow& row : rows.tree) {
    if (row.kind == TreeRow::Kind::Leaf && row.bucket == "key") {
      in_key += row.rows;
      EXPECT_GT(fill_percent(rows, row.page), 10U);
      EXPECT_LE(fill_percent(rows, row.page), 100U);
    }
  }
  EXPECT_EQ(in_key, 60U);
  const Picture picture = draw_pages(tall_scene_of(world, world));
  EXPECT_TRUE(names(picture, u"key, 60 rows"_s)) << picture.text_twin().toStdString();
  EXPECT_TRUE(names(picture, u"in force"_s));
  for (std::size_t id = 0; id < rows.found.pages.size(); ++id) {
    EXPECT_TRUE(names(picture, u"page %1: "_s.arg(id))) << id;
  }
}

TEST(PagesView, SaysHowManyRowsAndPagesThereWereBefore) {
  World world = elected();
  for (int i = 0; i < 90; ++i) EXPECT_TRUE(world.perform(put("key", std::string(300, 'v'))));
  const auto committed = [](const World& w) {
    return answered(w) && caught_up(w) && w.member(1).running().backend.pending() == 0;
  };
  ASSERT_TRUE(run_until(world, committed));
  const World before = world;
  EXPECT_FALSE(names(draw_pages(tall_scene_of(before, before)), u"before"_s));
  ASSERT_TRUE(world.perform(compact(80)));
  ASSERT_TRUE(run_until(world, [&](const World& w) {
    const PageFileRows rows = read_pages(*w.member(1).disk().find_file(server::kDbPath));
    return committed(w) && rows_of(rows, "key") < 30;
  }));
  EXPECT_TRUE(names(draw_pages(tall_scene_of(world, before)), u"key, 12 rows, 90 before"_s))
      << draw_pages(tall_scene_of(world, before)).text_twin().toStdString();
}

TEST(PagesView, BucketsWithoutARowShareALine) {
  const World world = with_a_tree();
  const PageFileRows rows = read_pages(*world.member(1).disk().find_file(server::kDbPath));
  EXPECT_EQ(rows.tree.back().kind, TreeRow::Kind::Empty);
  EXPECT_EQ(rows_of(rows, "lease"), 0U);
  EXPECT_EQ(rows_of(rows, "key"), 60U);
  EXPECT_TRUE(names(draw_pages(tall_scene_of(world, world)),
                    u"without a row: alarm, auth, authRoles, authUsers, lease"_s));
}

TEST(PagesView, TheOpenBatchIsNotInTheFileYet) {
  World world = with_a_tree();
  ASSERT_TRUE(world.perform(put("fresh", "value")));
  const auto applied = [](const World& w) { return w.member(1).running().backend.pending() > 0; };
  ASSERT_TRUE(run_until(world, applied));
  EXPECT_TRUE(names(draw_pages(tall_scene_of(world, world)), u"open batch puts + "_s));
}

TEST(PagesView, PagesOfACommitAreFreeUntilTheMetaPageLeadsToThem) {
  World world = with_a_tree();
  ASSERT_TRUE(world.perform(put("fresh", "value")));
  const auto writing = [](const World& w) {
    const disk::File* file = w.member(1).disk().find_file(server::kDbPath);
    return !file->synced();
  };
  const World before = world;
  ASSERT_TRUE(run_until(world, writing));
  EXPECT_TRUE(names(draw_pages(tall_scene_of(world, before)), u"no meta page leads to it yet"_s));
}

TEST(PagesView, ADownMembersFileIsShownAsItsDiskHasIt) {
  World world = with_a_tree();
  ASSERT_TRUE(world.perform(sim::Crash{.member = 1, .survivors = {}}));
  const Picture picture = draw_pages(tall_scene_of(world, world));
  EXPECT_TRUE(names(picture, u"key, 60 rows"_s));
  EXPECT_EQ(find(draw_disk(tall_scene_of(world, world)), u"crash n1"_s), nullptr);
}

}  // namespace
}  // namespace orrery::gui
