// The pictures of watching and compacting: each is made from a world, asked what it says, and painted light and dark.
// ORRERY_PICTURES names a folder that keeps them.
#include <cstdlib>
#include <functional>
#include <string>

#include <QImage>
#include <QPainter>
#include <gtest/gtest.h>

#include "base/text.h"
#include "gui/views.h"
#include "tests/gui/application.h"
#include "tests/sim/cluster.h"

namespace orrery::gui {
namespace {

using namespace Qt::Literals::StringLiterals;
using namespace sim::testing;
using sim::World;

constexpr QSizeF kRoom(1200, 300);
constexpr QSizeF kHighRoom(1200, 860);

World alone(server::Timing timing = {}) {
  sim::Config config;
  config.members = 1;
  config.timing = timing;
  return elected(config);
}

void wait(World& world, const std::function<bool(const World&)>& condition) {
  ASSERT_TRUE(run_until(world, condition, 2'000'000));
}

bool quiet(const World& world) {
  return answered(world) && caught_up(world) && world.network().in_flight() == 0;
}

client::BeginWatch watch_of(const std::string& begin, const std::string& end,
                            const std::string& name) {
  client::BeginWatch out{
      .line = "watch " + begin + " " + end, .via = 1, .name = name, .request = {}};
  out.request.key = Blob(begin);
  out.request.range_end = Blob(end);
  return out;
}

Picture show(const std::function<Picture(const Scene&)>& draw, const World& now,
             const World& before, const std::string& file, QSizeF room = kRoom) {
  testing::application();
  const Scene scene{.now = now, .before = before, .room = room, .visible = QRectF(QPointF(), room)};
  Picture picture = draw(scene);
  for (const Theme::Mode mode : {Theme::Mode::Light, Theme::Mode::Dark}) {
    const Theme theme(mode);
    QImage image(room.toSize(), QImage::Format_RGB32);
    image.fill(theme.color(Ink::Page));
    QPainter painter(&image);
    paint(painter, picture, theme, scene.visible);
    painter.end();
    EXPECT_NE(image.pixel(image.width() / 2, 10), 0U);
    const char* folder = std::getenv("ORRERY_PICTURES");
    const char* shade = mode == Theme::Mode::Light ? "light" : "dark";
    const QString path = folder == nullptr
                             ? QString()
                             : QString::fromStdString(text("{}/{}-{}.png", folder, file, shade));
    EXPECT_TRUE(path.isEmpty() || image.save(path)) << path.toStdString();
  }
  return picture;
}

int count(const Picture& picture, const QString& words) {
  return static_cast<int>(std::ranges::count_if(
      picture.items, [&](const Item& item) { return item.name.contains(words); }));
}

// Where the only watcher of key a is.
watch::Place place_of_a(const World& world) {
  for (const auto& [who, watcher] : world.member(1).running().watches.watchers()) {
    if (watcher.key == Blob("a")) return watcher.place;
  }
  return watch::Place::Compacted;
}

TEST(WatchPictures, AWatcherGoesSyncedVictimUnsyncedSynced) {
  World world = alone();
  client::BeginWatch slow = watch_of("a", "", "w1");
  slow.window = 200;
  slow.frame = 100;
  ASSERT_TRUE(world.perform(sim::Submit{1, slow}));
  ASSERT_TRUE(world.perform(sim::Submit{1, watch_of("b", "c", "w2")}));
  wait(world, quiet);
  World before = world;
  const auto step_to = [&](watch::Place place, const std::string& file, const QString& said) {
    while (place_of_a(world) != place) {
      before = world;
      ASSERT_TRUE(world.perform(*world.next()));
    }
    const Picture picture = show(draw_watchers, world, before, file);
    EXPECT_EQ(count(picture, said), 1) << picture.text_twin().toStdString();
  };
  step_to(watch::Place::Synced, "watcher-1-synced", u"watches \"a\", min revision 2, synced"_s);

  ASSERT_TRUE(world.perform(sim::Submit{1, client::PauseWatch{.line = "pause w1", .name = "w1"}}));
  for (int i = 0; i < 160; ++i) ASSERT_TRUE(world.perform(put("a", std::to_string(i))));
  step_to(watch::Place::Victim, "watcher-2-victim", u", victim"_s);

  wait(world, quiet);
  ASSERT_TRUE(world.perform(
      sim::Submit{1, client::PauseWatch{.line = "resume w1", .name = "w1", .paused = false}}));
  step_to(watch::Place::Unsynced, "watcher-3-unsynced", u", unsynced"_s);
  step_to(watch::Place::Synced, "watcher-4-synced", u"watches \"a\", min revision 162, synced"_s);
}

TEST(WatchPictures, TenThousandRangesAreFoldedButForTheStabsPath) {
  World world = alone();
  for (int i = 0; i < 10'000; ++i) {
    const std::string key = text("k{:05}", i);
    const std::string end = text("k{:05}", i + (i % 100 == 0 ? 50 : 1));
    ASSERT_TRUE(world.perform(sim::Submit{1, watch_of(key, end, text("w{}", i))}));
  }
  wait(world, [](const World& now) {
    return now.member(1).running().watches.synced().ranges().tree().size() == 10'000;
  });
  const World before = world;
  ASSERT_TRUE(world.perform(put("k04711", "x")));
  wait(world,
       [](const World& now) { return now.member(1).running().store.current_revision() == 2; });

  const Picture picture = show(draw_interval_tree, world, before, "interval-tree", kHighRoom);

  EXPECT_EQ(count(picture, u"; the last event is in it"_s), 2);
  EXPECT_GT(count(picture, u"folded: "_s), 5);
  EXPECT_LT(picture.items.size(), 100U);
  std::uint64_t ranges = 0;
  for (const Item& item : picture.items) {
    const bool folded = item.name.startsWith(u"folded: "_s);
    ranges += folded ? item.name.mid(8).section(u' ', 0, 0).toULongLong() : 1;
  }
  EXPECT_EQ(ranges, 10'000U) << "nothing is left out";
}

TEST(WatchPictures, ACompactionBetweenTwoBatchesShowsTheRowsThatWait) {
  server::Timing timing;
  timing.compaction_batch = 4;
  World world = alone(timing);
  for (int i = 0; i < 20; ++i) {
    ASSERT_TRUE(world.perform(put(std::string(1, static_cast<char>('a' + i % 5)), "v")));
    wait(world, quiet);
  }
  ASSERT_TRUE(world.perform(compact(17)));
  const World before = world;
  wait(world, [](const World& now) {
    const server::CompactLane& lane = now.member(1).running().compact;
    return lane.phase == server::CompactLane::Phase::Sleep && !lane.jobs.empty() &&
           lane.jobs.front().job.rows_deleted == 8;
  });

  const Picture picture = show(draw_revisions, world, before, "compaction-between-batches");

  EXPECT_EQ(count(picture, u"the row goes with a batch to come"_s), 3);
  EXPECT_EQ(count(picture, u"deleted: 8"_s), 1);
}

// Frames of both streams on their way, neither all before the other.
bool interleaved(const World& world) {
  std::string order;
  for (const auto& [id, channel] : world.network().channels()) {
    if (id.to != server::client_address(1)) continue;
    for (const sim::InFlight& message : channel.queue) {
      const auto* data = std::get_if<server::DataFrame>(&message.payload);
      const auto* last = std::get_if<server::WatchAnswer>(&message.payload);
      if (data != nullptr) order += static_cast<char>('0' + data->stream);
      if (last != nullptr) order += static_cast<char>('0' + last->stream);
    }
  }
  return order.find("121") != std::string::npos && order.find("212") != std::string::npos &&
         order.size() >= 8;
}

TEST(WatchPictures, FramesOfTwoStreamsTakeTurns) {
  World world = alone();
  client::BeginWatch first = watch_of("a", "", "w1");
  first.frame = 100;
  ASSERT_TRUE(world.perform(sim::Submit{1, first}));
  ASSERT_TRUE(world.perform(sim::Submit{1, watch_of("b", "", "w2")}));
  wait(world, quiet);
  rpc::TxnRequest both;  // so that both streams have something to say at one moment
  for (const char* key : {"a", "b"}) {
    rpc::PutRequest one;
    one.key = Blob(key);
    one.value = Blob(std::string(700, 'x'));
    both.success.push_back({.request = one});
  }
  ASSERT_TRUE(world.perform(
      sim::Submit{1, client::BeginCall{.line = "txn", .via = 0, .request = both, .login = {}}}));
  wait(world, interleaved);

  const Picture picture = show(draw_frames, world, world, "frames");

  EXPECT_GE(count(picture, u"frame of stream 1"_s), 4);
  EXPECT_GE(count(picture, u"frame of stream 2"_s), 4);
}

}  // namespace
}  // namespace orrery::gui
