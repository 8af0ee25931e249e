// Cutting large responses. from: etcd server/etcdserver/api/v3rpc/watch_test.go (the rule it tests)
#include "watch/fragment.h"

#include <algorithm>
#include <string>

#include <gtest/gtest.h>

#include "base/draws.h"

namespace orrery::watch {
namespace {

rpc::WatchResponse response_with(std::size_t events, std::size_t value_bytes) {
  rpc::WatchResponse out;
  out.header = {.cluster_id = 1, .member_id = 2, .revision = 3, .raft_term = 4};
  out.watch_id = 5;
  for (std::size_t i = 0; i < events; ++i) {
    mvccpb::Event event;
    event.kv.key = Blob("key" + std::to_string(i));
    event.kv.value = Blob(std::string(value_bytes, 'v'));
    event.kv.mod_revision = 3;
    out.events.push_back(event);
  }
  return out;
}

TEST(Fragments, AResponseBelowTheLimitStaysWhole) {
  const rpc::WatchResponse response = response_with(10, 10);

  EXPECT_EQ(fragments(response, wire_size(response) + 1).size(), 1U);
  EXPECT_GT(fragments(response, wire_size(response)).size(), 1U);
}

TEST(Fragments, OneEventIsNeverCut) {
  const auto out = fragments(response_with(1, 1'000), 10);

  ASSERT_EQ(out.size(), 1U);
  EXPECT_FALSE(out[0].fragment);
}

TEST(Fragments, EventsLargerThanTheLimitGoOneByOne) {
  const auto out = fragments(response_with(3, 1'000), 10);

  ASSERT_EQ(out.size(), 3U);
  EXPECT_TRUE(out[0].fragment && out[1].fragment && !out[2].fragment);
}

TEST(Fragments, AreGreedyKeepOrderAndFit) {
  for (std::uint64_t seed = 0; seed < 300; ++seed) {
    const auto draw_below = [&](std::uint64_t bound, std::uint64_t counter) {
      return below(draw(seed, Purpose::TestData, 0, counter), bound);
    };
    const rpc::WatchResponse whole = response_with(2 + draw_below(40, 0), draw_below(200, 1));
    const std::uint64_t limit = 50 + draw_below(2'000, 2);
    const auto parts = fragments(whole, limit);

    std::vector<mvccpb::Event> joined;
    for (std::size_t i = 0; i < parts.size(); ++i) {
      const rpc::WatchResponse& part = parts[i];
      EXPECT_EQ(part.fragment, i + 1 < parts.size());
      EXPECT_EQ(part.watch_id, whole.watch_id);
      EXPECT_EQ(part.header, whole.header);
      EXPECT_TRUE(part.events.size() == 1 || wire_size(part) < limit);
      joined.insert(joined.end(), part.events.begin(), part.events.end());
      if (i == 0) continue;
      rpc::WatchResponse fuller = parts[i - 1];
      fuller.events.push_back(part.events.front());
      EXPECT_GE(wire_size(fuller), limit) << "the part before had room";
    }
    EXPECT_EQ(joined, whole.events);
  }
}

TEST(Fragments, WireSizeCountsWhatProtobufWrites) {
  rpc::WatchResponse response;
  EXPECT_EQ(wire_size(response), 2U) << "an empty header";
  response.watch_id = -1;
  EXPECT_EQ(wire_size(response), 13U) << "a negative number takes ten bytes and its tag";
  response.created = true;
  EXPECT_EQ(wire_size(response), 15U);
}

}  // namespace
}  // namespace orrery::watch
