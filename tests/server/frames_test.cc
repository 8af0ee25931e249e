// Streams of one client share a connection; a reader that stops closes its window, and at last its watcher is a victim.
#include <algorithm>

#include <gtest/gtest.h>

#include "tests/server/kit.h"

namespace orrery::server {
namespace {

using namespace orrery::server::testing;
using sim::Submit;
using sim::testing::compact;
using sim::testing::watch;

Submit small(Submit submit, std::uint32_t window, std::uint32_t frame) {
  auto& begin = std::get<client::BeginWatch>(submit.command);
  begin.window = window;
  begin.frame = frame;
  return submit;
}

Submit pause(std::string_view name, bool paused, std::uint32_t client = 1) {
  return {client, client::PauseWatch{.line = "pause", .name = std::string(name), .paused = paused}};
}

const client::Client& client_of(const World& world, std::uint32_t no = 1) {
  return **world.clients().find(no);
}

std::uint64_t events_of(const World& world, std::string_view name) {
  return client_of(world).find_watch(name)->events;
}

bool open(const World& world, std::string_view name) {
  return client_of(world).find_watch(name)->state == client::Watch::State::Open;
}

void write(World& world, std::string_view key, std::string_view value, std::uint32_t client = 2) {
  ASSERT_TRUE(world.perform(put(key, value, client)));
  ASSERT_TRUE(run_until(world, [&](const World& w) { return answered(w, client); }));
}

World watched(std::uint32_t window, std::uint32_t frame) {
  World world = alone();
  EXPECT_TRUE(world.perform(small(watch("a", 0, "w1"), window, frame)));
  EXPECT_TRUE(world.perform(watch("b", 0, "w2")));
  EXPECT_TRUE(run_until(world, [](const World& w) { return open(w, "w1") && open(w, "w2"); }));
  return world;
}

TEST(Frames, WatchesOfOneClientShareAConnection) {
  const World world = watched(0, 0);

  const auto& connections = memory(world, 1).connections;
  ASSERT_EQ(connections.size(), 1U);
  EXPECT_EQ(connections.find(1)->streams().size(), 2U);
  EXPECT_EQ(client_of(world).new_traffic().connections, 1U);
}

TEST(Frames, OfTwoStreamsInterleaveOnTheConnection) {
  World world = watched(4'000, 100);
  const sim::ChannelId down{member_address(1), client_address(1), Channel::Calls};
  ASSERT_TRUE(world.perform(sim::Hold{down}));
  ASSERT_TRUE(world.perform(sim::Hold{lane(1, LaneKind::Transport, 1)}));
  write(world, "a", std::string(300, 'a'));
  write(world, "b", std::string(300, 'b'));
  ASSERT_TRUE(run_until(world, [](const World& w) {
    const auto& streams = memory(w, 1).connections.find(1)->streams();
    return streams.find(1)->queue.size() == 1 && streams.find(2)->queue.size() == 1;
  }));
  ASSERT_TRUE(world.perform(sim::Release{lane(1, LaneKind::Transport, 1)}));
  ASSERT_TRUE(run_until(world, [](const World& w) {
    return !memory(w, 1).connections.find(1)->has_frame(Guards());
  }));

  std::vector<std::uint64_t> order;
  for (const sim::InFlight& message : world.network().channels().find(down)->queue) {
    if (const auto* frame = std::get_if<DataFrame>(&message.payload)) {
      order.push_back(frame->stream);
    }
    if (const auto* last = std::get_if<WatchAnswer>(&message.payload)) {
      order.push_back(last->stream);
    }
  }

  EXPECT_EQ(order, (std::vector<std::uint64_t>{1, 2, 1, 2, 1, 2, 1, 2}));
  ASSERT_TRUE(world.perform(sim::Release{down}));
  ASSERT_TRUE(run_until(
      world, [](const World& w) { return events_of(w, "w1") == 1 && events_of(w, "w2") == 1; }));
  EXPECT_TRUE(agenda_violations(world).empty());
}

TEST(Frames, AReaderThatStopsDoesNotStopItsNeighbour) {
  World world = watched(200, 100);
  ASSERT_TRUE(world.perform(pause("w1", true)));

  for (int i = 0; i < 20; ++i) write(world, i % 2 == 0 ? "a" : "b", std::string(50, 'v'));
  ASSERT_TRUE(run_until(world, [](const World& w) { return events_of(w, "w2") == 10; }));

  EXPECT_EQ(events_of(world, "w1"), 0U);
  const OutStream& stream = *memory(world, 1).connections.find(1)->streams().find(1);
  EXPECT_LE(stream.window, 0);
  EXPECT_GT(stream.queued, 0U);
}

TEST(Frames, BehindAClosedWindowTheChannelFillsAndTheWatcherBecomesAVictim) {
  World world = watched(200, 100);
  ASSERT_TRUE(world.perform(pause("w1", true)));
  const auto place = [](const World& w) {
    return memory(w, 1).watches.find({watch::StreamId(1), 0})->place;
  };
  for (int i = 0; i < 140; ++i) write(world, "a", std::to_string(i));
  EXPECT_EQ(memory(world, 1).watches.streams().find(watch::StreamId(1))->events.used(), 128U);
  EXPECT_NE(place(world), watch::Place::Synced);

  ASSERT_TRUE(world.perform(pause("w1", false)));
  ASSERT_TRUE(run_until(world, [](const World& w) { return events_of(w, "w1") == 140; }));
  ASSERT_TRUE(run_until(world, [&](const World& w) { return place(w) == watch::Place::Synced; }));

  std::int64_t last = 0;
  for (const rpc::WatchResponse& response : client_of(world).find_watch("w1")->responses) {
    for (const mvccpb::Event& event : response.events) {
      EXPECT_EQ(event.kv.mod_revision, last == 0 ? event.kv.mod_revision : last + 1);
      last = event.kv.mod_revision;
    }
  }
  EXPECT_TRUE(agenda_violations(world).empty());
}

}  // namespace
}  // namespace orrery::server
