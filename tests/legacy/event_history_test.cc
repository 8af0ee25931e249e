// The ring of v2: what it remembers, and what it says of the rest.
#include "legacy/event_history.h"

#include <gtest/gtest.h>

#include "base/text.h"

namespace orrery::legacy {
namespace {

mvccpb::Event put_at(std::int64_t revision, std::string_view key = "k") {
  mvccpb::Event out;
  out.kv.key = Blob(key);
  out.kv.value = Blob(text("{}", revision));
  out.kv.create_revision = 2;
  out.kv.mod_revision = revision;
  return out;
}

EventHistory filled(std::int64_t events) {
  EventHistory out(2);
  for (std::int64_t revision = 2; revision < 2 + events; ++revision) out.add(put_at(revision));
  return out;
}

TEST(EventHistory, RemembersAThousandEvents) {
  const EventHistory history = filled(1'000);

  EXPECT_EQ(history.size(), 1'000U);
  EXPECT_EQ(history.start_index(), 2);
  EXPECT_EQ(history.last_index(), 1'001);
  EXPECT_EQ(history.front(), 0U);
  EXPECT_EQ(history.back(), 0U);
  EXPECT_EQ(history.scan("k", false, 2).event->index, 2);
}

TEST(EventHistory, TheNextEventTakesTheOldestOnesPlace) {
  const EventHistory history = filled(1'001);

  EXPECT_EQ(history.size(), 1'000U);
  EXPECT_EQ(history.start_index(), 3);
  EXPECT_EQ(history.front(), 1U);
  EXPECT_EQ(history.back(), 1U);
  EXPECT_EQ(history.scan("k", false, 2).cleared, (Cleared{.asked = 2, .start = 3}));
  EXPECT_FALSE(history.scan("k", false, 2).event);
  EXPECT_EQ(history.scan("k", false, 3).event->index, 3);
}

TEST(EventHistory, GivesTheFirstMatchAtOrBehindTheIndexOnly) {
  EventHistory history(2);
  history.add(put_at(2, "a"));
  history.add(put_at(3, "b"));
  history.add(put_at(4, "a"));

  EXPECT_EQ(history.scan("a", false, 2).event->index, 2);
  EXPECT_EQ(history.scan("a", false, 3).event->index, 4);
  EXPECT_FALSE(history.scan("b", false, 4).event);
  EXPECT_FALSE(history.scan("a", false, 5).cleared);
}

TEST(EventHistory, CountsOneIndexForEachEventOfATransaction) {
  EventHistory history(2);
  history.add(put_at(2, "a"));
  history.add(put_at(2, "b"));
  history.add(put_at(3, "c"));

  EXPECT_EQ(history.scan("b", false, 2).event->index, 3);
  EXPECT_EQ(history.scan("c", false, 2).event->index, 4);
  EXPECT_EQ(history.last_index(), 4);
}

TEST(EventHistory, ARingThatBeganLaterHasNoOlderEvents) {
  const EventHistory history(10);

  EXPECT_TRUE(history.scan("k", false, 9).cleared);
  EXPECT_FALSE(history.scan("k", false, 10).cleared);
}

TEST(EventHistory, BelowIsWhatHasTheSameDirectories) {
  EXPECT_TRUE(concerns("a", false, "a"));
  EXPECT_FALSE(concerns("a", false, "a/b"));
  EXPECT_TRUE(concerns("a", true, "a/b"));
  EXPECT_FALSE(concerns("a", true, "ab"));
  EXPECT_TRUE(concerns("a/", true, "a/b/c"));
  EXPECT_TRUE(concerns("", true, "x"));
}

}  // namespace
}  // namespace orrery::legacy
