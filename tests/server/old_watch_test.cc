// v2's long polls beside v3's streams, in one world.
#include <gtest/gtest.h>

#include "tests/server/kit.h"

namespace orrery::server {
namespace {

using namespace orrery::server::testing;
using sim::testing::watch;

sim::Submit poll(std::string_view key, std::string_view name, std::uint32_t client = 2,
                 std::int64_t after = 0, bool recursive = false) {
  return {client, client::BeginPoll{.line = "poll " + std::string(key),
                                    .via = 0,
                                    .name = std::string(name),
                                    .key = Blob(key),
                                    .recursive = recursive,
                                    .after = after}};
}

const client::Poll& poll_of(const World& world, std::string_view name, std::uint32_t client = 2) {
  return *(*world.clients().find(client))->find_poll(name);
}

void write(World& world, std::string_view key, std::string_view value) {
  ASSERT_TRUE(world.perform(put(key, value)));
  ASSERT_TRUE(run_until(world, [](const World& w) { return answered(w); }));
}

bool quiet(const World& world) {
  return world.network().in_flight() == 0;
}

TEST(OldWatch, EveryEventCostsARequestOfItsOwn) {
  World world = alone();
  ASSERT_TRUE(world.perform(poll("a", "p1")));
  ASSERT_TRUE(run_until(world, quiet));
  for (int i = 0; i < 5; ++i) {
    write(world, "a", std::to_string(i));
    ASSERT_TRUE(run_until(world, quiet));
  }

  EXPECT_EQ(poll_of(world, "p1").events, 5U);
  EXPECT_EQ((*world.clients().find(2))->old_traffic().requests, 6U);
  EXPECT_EQ(memory(world, 1).old_watches.waiting().size(), 1U);
}

TEST(OldWatch, EachWatcherHasAConnection) {
  World world = alone();
  for (int i = 0; i < 7; ++i) ASSERT_TRUE(world.perform(poll("a", "p" + std::to_string(i))));
  for (int i = 0; i < 7; ++i) ASSERT_TRUE(world.perform(watch("a", 0, "w" + std::to_string(i), 3)));

  EXPECT_EQ((*world.clients().find(2))->old_traffic().connections, 7U);
  EXPECT_EQ((*world.clients().find(3))->new_traffic().connections, 1U);
}

TEST(OldWatch, WhoComesTooLateReadsEverythingAnew) {
  World world = alone();
  ASSERT_TRUE(world.perform(poll("other", "p0")));
  ASSERT_TRUE(run_until(world, quiet));
  for (int i = 0; i < 1'001; ++i) write(world, "a", std::to_string(i));

  ASSERT_TRUE(world.perform(poll("a", "p1", 2, 1)));
  ASSERT_TRUE(run_until(world, quiet));

  const client::Poll& late = poll_of(world, "p1");
  ASSERT_EQ(late.answers.size(), 2U);
  EXPECT_EQ(late.answers[0].cleared, (legacy::Cleared{.asked = 2, .start = 3}));
  EXPECT_EQ(late.answers[1].nodes.size(), 1U);
  EXPECT_EQ(late.lost, 1U);
  EXPECT_EQ(late.next_index, 1'003);
}

TEST(OldWatch, ARestartForgetsTheRing) {
  World world = alone();
  ASSERT_TRUE(world.perform(poll("a", "p1")));
  write(world, "a", "1");
  ASSERT_TRUE(world.perform(sim::Crash{.member = 1, .survivors = {}}));
  ASSERT_TRUE(run_until(world, quiet));
  EXPECT_EQ(poll_of(world, "p1").state, client::Poll::State::Broken) << "there is no other member";
  ASSERT_TRUE(world.perform(sim::Restart{1}));

  EXPECT_FALSE(memory(world, 1).old_watches.open());
}

TEST(OldWatch, AClosedPollIsForgotten) {
  World world = alone();
  ASSERT_TRUE(world.perform(poll("a", "p1")));
  ASSERT_TRUE(run_until(world, quiet));
  ASSERT_TRUE(
      world.perform(sim::Submit{2, client::CancelWatch{.line = "cancel p1", .name = "p1"}}));
  ASSERT_TRUE(run_until(world, quiet));

  EXPECT_TRUE(memory(world, 1).old_watches.waiting().empty());
  EXPECT_EQ((*world.clients().find(2))->old_traffic().connections, 0U);
}

}  // namespace
}  // namespace orrery::server
