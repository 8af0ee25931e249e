// What a member writes when it is born, and what it finds when it comes back.
#include <gtest/gtest.h>

#include "proto/raftpb_codec.h"
#include "proto/walpb_codec.h"
#include "tests/server/kit.h"
#include "wal/wal.h"

namespace orrery::server {
namespace {

using namespace testing;

wal::Opened log_of(const Member& member) {
  disk::Disk disk = member.disk();
  return *wal::Wal::open(disk, "member/wal", {});
}

TEST(Birth, TheLogBeginsWithOneConfChangePerMember) {
  const World world;

  for (std::uint32_t no = 1; no <= 3; ++no) {
    const wal::Opened log = log_of(world.member(no));

    ASSERT_EQ(log.entries.size(), 3U);
    NodeId previous;
    for (std::size_t i = 0; i < 3; ++i) {
      const raftpb::Entry& entry = log.entries[i];
      EXPECT_EQ(entry.type, raftpb::EntryType::ConfChange);
      EXPECT_EQ(entry.term, Term(1));
      EXPECT_EQ(entry.index, Index(i + 1));
      const auto change = raftpb::decode_conf_change(entry.data);
      ASSERT_TRUE(change);
      EXPECT_GT(change->node_id, previous) << "sorted by id";
      EXPECT_NE(world.number_of(change->node_id), 0U);
      previous = change->node_id;
    }
    EXPECT_EQ(log.hard_state.commit, Index(3));
    EXPECT_EQ(log.hard_state.term, Term(1));
  }
}

TEST(Birth, TheLogNamesItsMemberAndItsCluster) {
  const World world;

  const auto metadata = walpb::decode_metadata(log_of(world.member(2)).metadata);

  ASSERT_TRUE(metadata);
  EXPECT_EQ(metadata->node_id, world.member(2).id());
  EXPECT_EQ(metadata->cluster_id, world.member(2).plan().cluster_id);
}

TEST(Birth, EveryMemberStartsFromTheSameLog) {
  const World world;

  EXPECT_EQ(log_of(world.member(1)).entries, log_of(world.member(3)).entries);
}

TEST(Birth, NothingOfItIsLostInACrash) {
  World world;
  const auto entries = log_of(world.member(1)).entries;

  ASSERT_TRUE(world.perform(sim::Crash{.member = 1, .survivors = {}}));
  EXPECT_EQ(log_of(world.member(1)).entries, entries);
  ASSERT_TRUE(world.perform(sim::Restart{.member = 1}));

  EXPECT_TRUE(world.member(1).up());
  EXPECT_EQ(memory(world, 1).store.current_revision(), 1);
}

TEST(Birth, AMemberWithoutItsLogCannotStart) {
  sim::Config config;
  const ClusterPlan plan = plan_cluster(1, Version::V3_6);
  Member member(1, plan);
  const Guards guards;
  Step step(Nanos(0), 1, config.timing, guards, nullptr);
  boot(step, member);
  crash(member, {});
  for (const std::string& name : member.disk().list("member/wal")) {
    ASSERT_TRUE(member.edit_disk().remove("member/wal/" + name));
  }

  try {
    restart(step, member);
    FAIL() << "it started";
  } catch (const MemberPanic& panic) {
    EXPECT_NE(panic.text.find("open WAL"), std::string::npos) << panic.text;
  }
}

TEST(Birth, RequestIdsDoNotRepeatOverARestart) {
  World world = alone();
  ASSERT_TRUE(world.perform(put("a", "1")));
  ASSERT_TRUE(run_until(world, [](const World& w) { return answered(w); }));
  const std::uint64_t before = memory(world, 1).next_request_id;

  ASSERT_TRUE(world.perform(sim::Crash{.member = 1, .survivors = {}}));
  ASSERT_TRUE(world.perform(sim::Restart{.member = 1}));

  EXPECT_GT(memory(world, 1).next_request_id, before);
}

}  // namespace
}  // namespace orrery::server
