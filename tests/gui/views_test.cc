// What pictures say about a world: by their items' names, which are also what a screen reader reads.
#include "gui/views.h"

#include <gtest/gtest.h>

#include "gui/checks.h"
#include "gui/inspect.h"
#include "tests/gui/words.h"
#include "tests/sim/cluster.h"

namespace orrery::gui {
namespace {

using namespace Qt::Literals::StringLiterals;
using sim::World;
using namespace sim::testing;

World with_history() {
  World world = elected();
  EXPECT_TRUE(world.perform(put("hello", "world1")));
  EXPECT_TRUE(world.perform(put("hello", "world2")));
  EXPECT_TRUE(run_until(world, [](const World& w) { return answered(w) && caught_up(w); }));
  return world;
}

Scene scene_of(const World& now, const World& before, QSizeF room = QSizeF(900, 600)) {
  return {.now = now, .before = before, .room = room, .visible = QRectF(QPointF(), room)};
}

TEST(Views, TheClusterTellsWhoLeads) {
  const World world = elected();
  const Picture picture = draw_cluster(scene_of(world, world));
  EXPECT_TRUE(names(picture, u"n%1, leader"_s.arg(leader_of(world))));
  EXPECT_TRUE(names(picture, u"follower"_s));
}

TEST(Views, MessagesInFlightCanBeDelivered) {
  World world = elected();
  ASSERT_TRUE(world.perform(put("a", "1")));
  ASSERT_TRUE(run_until(world, [](const World& w) { return w.network().in_flight() >= 1; }));
  const Picture picture = draw_cluster(scene_of(world, world));
  bool deliverable = false;
  for (const Item& item : picture.items) {
    deliverable = deliverable || item.command.startsWith(u"perform deliver "_s);
  }
  EXPECT_TRUE(deliverable);
}

TEST(Views, ACutLinkAndADownMemberAreSaid) {
  World world = elected();
  ASSERT_TRUE(world.perform(sim::Cut{server::member_address(1), server::member_address(2)}));
  ASSERT_TRUE(world.perform(sim::Crash{.member = 3, .survivors = {}}));
  const Picture picture = draw_cluster(scene_of(world, world));
  EXPECT_TRUE(names(picture, u"cut"_s));
  EXPECT_TRUE(names(picture, u"n3, down"_s));
}

TEST(Views, LogsAreAlignedAndDecoded) {
  const World world = with_history();
  const Picture picture = draw_raft_logs(scene_of(world, world));
  for (const char* member : {"n1", "n2", "n3"}) {
    EXPECT_TRUE(names(picture, QString::fromLatin1(member) +
                                   u" index 6, term 2: put hello = world2, committed"_s));
  }
  std::vector<double> tops;
  for (const Item& item : picture.items) {
    if (item.ref.kind == Ref::Kind::Entry && item.ref.number == 6) tops.push_back(item.area.top());
  }
  ASSERT_EQ(tops.size(), 3U);
  EXPECT_EQ(tops[0], tops[1]);
  EXPECT_EQ(tops[1], tops[2]);
}

TEST(Views, ANewEntryIsMarkedAsAdded) {
  const World before = elected();
  const World now = with_history();
  const Picture picture = draw_raft_logs(scene_of(now, before));
  const auto added = [](const Shape& shape) { return shape.words == u"+"_s; };
  EXPECT_EQ(std::ranges::count_if(picture.shapes, added), 6);
}

TEST(Views, OnlyVisibleRowsAreMade) {
  World world = elected();
  for (int i = 0; i < 300; ++i) ASSERT_TRUE(world.perform(put("k" + std::to_string(i), "v")));
  ASSERT_TRUE(run_until(world, [](const World& w) { return answered(w) && caught_up(w); }));
  const Picture logs = draw_raft_logs(scene_of(world, world));
  EXPECT_LT(logs.items.size(), 150U);
  EXPECT_GT(logs.size.height(), 5'000);
  const Picture revisions = draw_revisions(scene_of(world, world));
  EXPECT_LT(revisions.items.size(), 150U);
}

TEST(Views, RevisionsShowPutsAndTombstones) {
  World world = with_history();
  rpc::DeleteRangeRequest gone;
  gone.key = Blob("hello");
  ASSERT_TRUE(world.perform(
      sim::Submit{1, client::BeginCall{.line = "del hello", .via = 0, .request = gone}}));
  ASSERT_TRUE(run_until(world, [](const World& w) { return answered(w) && caught_up(w); }));
  const Picture picture = draw_revisions(scene_of(world, world));
  EXPECT_TRUE(names(picture, u"hello at revision 2, put"_s));
  EXPECT_TRUE(names(picture, u"hello at revision 4, deleted"_s));
}

TEST(Views, WatchersStandInTheirPools) {
  World world = with_history();
  ASSERT_TRUE(world.perform(sim::testing::watch("hello", 1, "w1", 1, 1)));
  const auto registered = [](const World& w) {
    return w.member(1).running().watches.unsynced().size() == 1;
  };
  ASSERT_TRUE(run_until(world, registered));
  EXPECT_TRUE(names(draw_watchers(scene_of(world, world)), u"unsynced"_s));
  const auto caught = [](const World& w) {
    return w.member(1).running().watches.synced().size() == 1;
  };
  ASSERT_TRUE(run_until(world, caught));
  EXPECT_TRUE(names(draw_watchers(scene_of(world, world)), u", synced"_s));
}

TEST(Views, TheIntervalTreeShowsRangesAndTheStab) {
  World world = with_history();
  rpc::WatchCreateRequest request;
  request.key = Blob("a");
  request.range_end = Blob("m");
  ASSERT_TRUE(world.perform(sim::Submit{
      1, client::BeginWatch{.line = "watch a m", .via = 1, .name = "w1", .request = request}}));
  const auto synced = [](const World& w) {
    return w.member(1).running().watches.synced().ranges().tree().size() == 1;
  };
  ASSERT_TRUE(run_until(world, synced));
  const Picture picture = draw_interval_tree(scene_of(world, world));
  EXPECT_TRUE(names(picture, u"[a, m)"_s));
  EXPECT_TRUE(names(picture, u"the last event is in it"_s));
}

TEST(Views, ThePartitionMatrixCutsAndMends) {
  World world = elected();
  EXPECT_TRUE(names(draw_partition(scene_of(world, world)), u"n1->n2 is open"_s));
  ASSERT_TRUE(world.perform(sim::Cut{server::member_address(1), server::member_address(2)}));
  const Picture picture = draw_partition(scene_of(world, world));
  EXPECT_TRUE(names(picture, u"n1->n2 is cut"_s));
  EXPECT_TRUE(names(picture, u"n2->n1 is open"_s));
}

TEST(Checks, HoldInASettledClusterAndKnowABrokenHash) {
  World world = with_history();
  HashCache hashes;
  for (const CheckLight& light : check_lights(world, hashes)) {
    EXPECT_EQ(light.state, CheckLight::State::Holds)
        << light.name.toStdString() << ": " << light.sentence.toStdString();
  }
  EXPECT_EQ(hashes.hash(world, 1), hashes.hash(world, 2));
}

TEST(Inspect, MarksWhatChanged) {
  const World before = elected();
  const World now = with_history();
  const Ref ref{.kind = Ref::Kind::Member, .member = 1};
  Node node = inspect(now, ref);
  mark_changes(node, inspect(before, ref));
  EXPECT_EQ(node.change, Change::Changed);
  Node same = inspect(now, ref);
  mark_changes(same, inspect(now, ref));
  EXPECT_EQ(same.change, Change::Same);
}

TEST(Inspect, AnEntryIsDecodedAndHasBytes) {
  const World world = with_history();
  const Ref ref{.kind = Ref::Kind::Entry, .member = 1, .number = 5};
  const Node node = inspect(world, ref);
  EXPECT_EQ(node.value, u"put hello = world1"_s);
  EXPECT_TRUE(hex_dump(bytes_of(world, ref)).contains(u"hello"_s));
}

}  // namespace
}  // namespace orrery::gui
