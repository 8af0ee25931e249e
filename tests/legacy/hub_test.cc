// Long polls: who is answered, with what, and that each is answered once.
#include "legacy/hub.h"

#include <gtest/gtest.h>

#include "base/text.h"

namespace orrery::legacy {
namespace {

mvccpb::Event created_at(std::int64_t revision, std::string_view key) {
  mvccpb::Event out;
  out.kv.key = Blob(key);
  out.kv.value = Blob("v");
  out.kv.create_revision = revision;
  out.kv.mod_revision = revision;
  return out;
}

OldRequest wish(std::uint64_t poll, std::string_view key, std::int64_t index = 0,
                bool recursive = false) {
  return {.poll = poll,
          .verb = OldVerb::Wait,
          .key = Blob(key),
          .recursive = recursive,
          .index = index};
}

std::vector<std::uint64_t> answered(const std::vector<PollAnswer>& answers) {
  std::vector<std::uint64_t> out;
  for (const auto& [who, answer] : answers) out.push_back(who.poll);
  return out;
}

TEST(Hub, AnswersEachPollOnce) {
  Hub hub;
  EXPECT_FALSE(hub.poll({1, 1}, wish(1, "a"), 1));

  EXPECT_EQ(answered(hub.notify({created_at(2, "a")})), std::vector<std::uint64_t>{1});

  EXPECT_TRUE(hub.notify({created_at(3, "a")}).empty());
  EXPECT_TRUE(hub.waiting().empty());
  EXPECT_EQ(hub.poll({1, 1}, wish(1, "a", 3), 3)->event->index, 3);
}

TEST(Hub, FindsPollsOfTheKeyAndOfWhatLiesAbove) {
  Hub hub;
  hub.poll({1, 1}, wish(1, "a/b/c"), 1);
  hub.poll({1, 2}, wish(2, "a/b", 0, true), 1);
  hub.poll({1, 3}, wish(3, "a/", 0, true), 1);
  hub.poll({1, 4}, wish(4, "", 0, true), 1);
  hub.poll({1, 5}, wish(5, "a/b"), 1);
  hub.poll({1, 6}, wish(6, "a/bc", 0, true), 1);
  hub.poll({1, 7}, wish(7, "a/x", 0, true), 1);

  EXPECT_EQ(answered(hub.notify({created_at(2, "a/b/c")})),
            (std::vector<std::uint64_t>{1, 2, 3, 4}));
  EXPECT_EQ(hub.waiting().size(), 3U);
}

TEST(Hub, WaitsForAnIndexOfTheFuture) {
  Hub hub;
  hub.poll({1, 1}, wish(1, "a", 4), 1);

  EXPECT_TRUE(hub.notify({created_at(2, "a"), created_at(3, "a")}).empty());
  EXPECT_EQ(answered(hub.notify({created_at(4, "a")})), std::vector<std::uint64_t>{1});
}

TEST(Hub, SaysThatItHasForgotten) {
  Hub hub;
  hub.poll({1, 1}, wish(1, "other"), 1);
  for (std::int64_t revision = 2; revision <= 1'002; ++revision)
    hub.notify({created_at(revision, "a")});

  const auto answer = hub.poll({1, 2}, wish(2, "a", 2), 1'002);

  ASSERT_TRUE(answer);
  EXPECT_EQ(
      body_text(*answer),
      "{\"errorCode\":401,\"message\":\"The event in requested index is outdated and cleared\","
      "\"cause\":\"the requested history has been cleared [3/2]\",\"index\":1002}");
  EXPECT_EQ(hub.counters().cleared, 1U);
}

TEST(Hub, RemembersNothingBeforeTheFirstPoll) {
  Hub hub;
  EXPECT_TRUE(hub.notify({created_at(2, "a")}).empty());
  EXPECT_FALSE(hub.open());

  EXPECT_TRUE(hub.poll({1, 1}, wish(1, "a", 2), 2)->cleared);
}

TEST(Hub, AConnectionThatAsksAgainWaitsForThatAlone) {
  Hub hub;
  hub.poll({1, 1}, wish(1, "a"), 1);
  hub.poll({1, 1}, wish(1, "b"), 1);

  EXPECT_TRUE(hub.notify({created_at(2, "a")}).empty());
  EXPECT_EQ(answered(hub.notify({created_at(3, "b")})), std::vector<std::uint64_t>{1});
}

TEST(OldMessages, TellADeletionWithoutAValue) {
  OldAnswer answer{.poll = 1, .etcd_index = 7, .event = {}, .cleared = {}, .nodes = {}};
  answer.event =
      OldEvent{.deleted = true, .key = Blob("hello"), .value = {}, .index = 7, .created_index = 0};

  EXPECT_EQ(body_text(answer),
            "{\"action\":\"delete\",\"node\":{\"key\":\"/hello\",\"modifiedIndex\":7}}");
}

TEST(OldMessages, AreHttp) {
  const std::string request = http_text(wish(1, "hello", 7, true));
  EXPECT_TRUE(
      request.starts_with("GET /v2/keys/hello?wait=true&recursive=true&waitIndex=7 HTTP/1.1\r\n"));
  OldAnswer answer{.poll = 1, .etcd_index = 7, .event = {}, .cleared = {}, .nodes = {}};
  answer.event = OldEvent{.deleted = false,
                          .key = Blob("hello"),
                          .value = Blob("a\"b"),
                          .index = 7,
                          .created_index = 2};
  EXPECT_TRUE(http_text(answer).ends_with(
      "{\"action\":\"set\",\"node\":{\"key\":\"/hello\",\"value\":\"a\\\"b\",\"modifiedIndex\":7,"
      "\"createdIndex\":2}}\n"));
}

}  // namespace
}  // namespace orrery::legacy
