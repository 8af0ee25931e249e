// Logs of several segments, and the identity that a log gives its member.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/text.h"
#include "datadir/dump.h"
#include "datadir/identity.h"
#include "datadir/paths.h"
#include "datadir/payload.h"
#include "proto/raftpb_codec.h"
#include "proto/walpb_codec.h"
#include "wal/wal.h"

namespace orrery::datadir {
namespace {

// A log in segments of 4096 bytes.
class ShortLog {
 public:
  ShortLog() {
    const Bytes metadata = walpb::encode(walpb::Metadata{NodeId(7), 9});
    wal_ = wal::Wal::create(disk_, kWalDir, metadata, {.segment_bytes = 4096}).value();
  }

  void save(raftpb::EntryType type, const Blob& data) {
    ++last_;
    std::vector<raftpb::Entry> entries(1);
    entries[0] = {.type = type, .term = Term(1), .index = Index(last_), .data = data};
    const raftpb::HardState state{.term = Term(1), .vote = NodeId(7), .commit = Index(last_ - 1)};
    const auto next = wal_.write(disk_, entries, state);
    ASSERT_TRUE(next);
    if (*next == wal::Next::Sync) {
      ASSERT_TRUE(wal_.sync(disk_));
    }
    auto phase = *next == wal::Next::Cut ? wal::CutPhase::CloseTail : wal::CutPhase::Done;
    while (phase != wal::CutPhase::Done) phase = wal_.cut(disk_, phase).value();
  }

  void change(raftpb::ConfChangeType type, const MemberInfo& member) {
    raftpb::ConfChange change;
    change.type = type;
    change.node_id = member.id;
    if (type != raftpb::ConfChangeType::RemoveNode) change.context = Blob(to_json(member));
    save(raftpb::EntryType::ConfChange, Blob(raftpb::encode(change)));
  }

  const disk::Disk& disk() const { return disk_; }

 private:
  disk::Disk disk_;
  wal::Wal wal_;
  std::uint64_t last_ = 0;
};

MemberInfo member_of(std::uint64_t number) {
  return {.id = NodeId(number),
          .name = text("m{}", number),
          .peer_urls = {text("http://m{}:1", number)},
          .client_urls = {}};
}

TEST(DumpLogs, TheSegmentsAreOneChain) {
  ShortLog log;
  for (int i = 0; i < 12; ++i) log.save(raftpb::EntryType::Normal, Blob(Bytes(900, 'x')));
  std::size_t ends = 0;

  const auto sound = dump_logs(log.disk(), [&](const Tree& tree) { ends += tree.name == "end"; });

  ASSERT_TRUE(sound) << sound.error().detail;
  EXPECT_TRUE(*sound);
  EXPECT_GE(ends, 3U);
}

TEST(DumpLogs, ASegmentOfAnotherLogBreaksTheChain) {
  ShortLog log;
  ShortLog other;
  for (int i = 0; i < 12; ++i) {
    log.save(raftpb::EntryType::Normal, Blob(Bytes(900, 'x')));
    other.save(raftpb::EntryType::Normal, Blob(Bytes(900, 'y')));
  }
  disk::Disk mixed = log.disk();
  std::vector<std::string> segments;
  for (const std::string& name : mixed.list(kWalDir)) {
    if (wal::parse_segment_name(name)) segments.push_back(text("{}/{}", kWalDir, name));
  }
  ASSERT_GE(segments.size(), 3U);
  mixed.install(segments[1], *other.disk().read_all(segments[1]));
  std::vector<std::string> errors;

  const auto sound = dump_logs(mixed, [&](const Tree& tree) {
    const std::string line = to_text(tree);
    if (line.find(" error=") != line.npos) errors.push_back(line);
  });

  ASSERT_TRUE(sound) << sound.error().detail;
  EXPECT_FALSE(*sound);
  ASSERT_FALSE(errors.empty());
  EXPECT_THAT(errors.front(), testing::HasSubstr(segments[1]));
}

TEST(Identity, FollowsTheConfigurationChangesOfAllSegments) {
  ShortLog log;
  log.change(raftpb::ConfChangeType::AddNode, member_of(1));
  log.change(raftpb::ConfChangeType::AddNode, member_of(2));
  for (int i = 0; i < 6; ++i) log.save(raftpb::EntryType::Normal, Blob(Bytes(900, 'x')));
  log.change(raftpb::ConfChangeType::RemoveNode, member_of(1));
  log.change(raftpb::ConfChangeType::AddNode, member_of(3));

  const auto identity = read_identity(log.disk());

  ASSERT_TRUE(identity) << identity.error().detail;
  EXPECT_EQ(identity->node, NodeId(7));
  EXPECT_EQ(identity->cluster, 9U);
  EXPECT_EQ(identity->members, (std::vector{member_of(2), member_of(3)}));
}

TEST(Identity, AMemberIsCalledWhatItPublishes) {
  for (const Release release : {Release::V3_4, Release::V3_5}) {
    ShortLog log;
    MemberInfo unnamed = member_of(1);
    unnamed.name.clear();
    unnamed.client_urls.clear();
    log.change(raftpb::ConfChangeType::AddNode, unnamed);
    const rpc::InternalRequest published{
        .id = 5,
        .username = {},
        .auth_revision = 0,
        .request = rpc::ClusterRequest(
            rpc::ClusterMemberAttrSetRequest{NodeId(1), {"later", {"http://127.0.0.1:42379"}}})};
    log.save(raftpb::EntryType::Normal, Blob(encode_payload(release, published)));

    const auto identity = read_identity(log.disk());

    ASSERT_TRUE(identity) << identity.error().detail;
    ASSERT_EQ(identity->members.size(), 1U);
    EXPECT_EQ(identity->members[0].name, "later");
    EXPECT_EQ(identity->members[0].client_urls, std::vector<std::string>{"http://127.0.0.1:42379"});
  }
}

TEST(Identity, AMembersIdDoesNotHangOnTheOrderOfItsUrls) {
  EXPECT_EQ(member_id({"http://b:1", "http://a:1"}, "t"),
            member_id({"http://a:1", "http://b:1"}, "t"));
  EXPECT_NE(member_id({"http://a:1"}, "t"), member_id({"http://a:1", "http://b:1"}, "t"));
}

}  // namespace
}  // namespace orrery::datadir
