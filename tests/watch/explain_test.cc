// Every watcher says why an event is for it, or why not; only those found by an index were asked.
#include "watch/explain.h"

#include <gtest/gtest.h>

#include "base/text.h"

namespace orrery::watch {
namespace {

const Guards quiet;

rpc::WatchCreateRequest wish(std::string_view key, std::string_view end = {},
                             std::int64_t start = 0) {
  rpc::WatchCreateRequest out;
  out.key = Blob(key);
  out.range_end = Blob(end);
  out.start_revision = start;
  return out;
}

Event put_at(std::int64_t revision, std::string_view key) {
  Event out;
  out.kv.key = Blob(key);
  out.kv.mod_revision = revision;
  return out;
}

WatchStore store_at(std::int64_t revision, const std::vector<rpc::WatchCreateRequest>& wishes) {
  WatchStore store;
  store.open_stream(StreamId(1));
  for (const auto& one : wishes) {
    EXPECT_TRUE(store.watch(StreamId(1), one, revision, quiet).has_value());
  }
  return store;
}

TEST(Explain, SaysOfEachWatcherWhyItHearsOfTheEvent) {
  rpc::WatchCreateRequest only_deletions = wish("a");
  only_deletions.filters = {rpc::WatchFilter::NoPut};
  const WatchStore store = store_at(9, {wish("a"), wish("b"), wish("a", "c"), wish("a", {}, 12),
                                        only_deletions, wish("a", {}, 3)});

  const EventVerdicts all = verdicts_of(store, put_at(10, "a"));

  const std::vector<Verdict> expected = {Verdict::Accepted, Verdict::OtherKey,
                                         Verdict::Accepted, Verdict::BelowMinRevision,
                                         Verdict::Filtered, Verdict::Accepted};
  ASSERT_EQ(all.verdicts.size(), expected.size());
  for (std::size_t i = 0; i < expected.size(); ++i) {
    EXPECT_EQ(all.verdicts[i].match.verdict, expected[i]) << i;
  }
  EXPECT_EQ(all.verdicts[3].match.reason, "minRev 12 > 10");
  EXPECT_FALSE(all.verdicts[1].asked);
  EXPECT_TRUE(all.verdicts[3].asked) << "found by its key, then refused";
  EXPECT_FALSE(all.verdicts[5].asked) << "unsynced: it will read the history";
}

TEST(Explain, CountsNodesBesideTheNaiveScan) {
  std::vector<rpc::WatchCreateRequest> wishes;
  wishes.reserve(1'001);
  for (int i = 0; i < 1'000; ++i) {
    wishes.push_back(wish(text("k{:04}", i), text("k{:04}", i + 1)));
  }
  wishes.push_back(wish("k0500"));
  const WatchStore store = store_at(1, wishes);

  const EventVerdicts all = verdicts_of(store, put_at(2, "k0500"));

  EXPECT_EQ(all.naive, 1'001U);
  EXPECT_EQ(all.map_entries, 1U);
  EXPECT_GE(all.tree_nodes, 1U);
  EXPECT_LE(all.tree_nodes, 40U);
  EXPECT_EQ(std::ranges::count_if(all.verdicts, [](const auto& v) { return v.match.accepted(); }),
            2);
}

TEST(Explain, IsTheDecisionOfNotify) {
  WatchStore store = store_at(5, {wish("a"), wish("a", "c"), wish("b"), wish("a", {}, 9),
                                  wish("b", "d"), wish("a", "b", 7)});
  const Event event = put_at(6, "a");

  std::vector<WatcherKey> explained;
  for (const WatcherVerdict& one : verdicts_of(store, event).verdicts) {
    if (one.match.accepted() && one.asked) explained.push_back(one.who);
  }
  std::vector<WatcherKey> told;
  NotifyPlan plan = store.begin_notify(6, {event}, quiet);
  while (!plan.done()) told.push_back(store.send_one(plan, quiet).who);

  EXPECT_EQ(explained, told);
}

TEST(Explain, IsPrintedLineByLine) {
  const WatchStore store = store_at(9, {wish("a"), wish("b", "d")});

  EXPECT_EQ(lines_of(verdicts_of(store, put_at(10, "a")), store),
            (std::vector<std::string>{
                "s1/0 \"a\" synced: accepted, \"a\" is in \"a\" and minRev 10 <= 10",
                "s1/1 [\"b\", \"d\") synced: rejected, \"a\" is not in [\"b\", \"d\") (not asked)",
                "looked at 1 node(s) of the tree and 1 entry of the map; a scan asks 2"}));
}

TEST(Explain, OfManyWhoWereNotAskedAFewAreNamedAndTheRestCounted) {
  std::vector<rpc::WatchCreateRequest> wishes;
  for (int i = 0; i < 100; ++i) wishes.push_back(wish(text("k{:02}", i)));
  wishes.push_back(wish("z"));
  const WatchStore store = store_at(1, wishes);

  const std::vector<std::string> lines = lines_of(verdicts_of(store, put_at(2, "z")), store);

  ASSERT_EQ(lines.size(), 11U);
  EXPECT_TRUE(lines[7].starts_with("s1/7 \"k07\" synced: rejected")) << lines[7];
  EXPECT_TRUE(lines[8].starts_with("s1/100 \"z\" synced: accepted")) << lines[8];
  EXPECT_EQ(lines[9], "92 more that were not asked");

  const WatchStore crowd = store_at(1, std::vector(30, wish("z")));
  const std::vector<std::string> told = lines_of(verdicts_of(crowd, put_at(2, "z")), crowd);
  ASSERT_EQ(told.size(), 26U);
  EXPECT_EQ(told[24], "6 more that were asked");
}

}  // namespace
}  // namespace orrery::watch
