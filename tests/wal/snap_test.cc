// .snap files: the newest that can be read and that the log knows is used.
#include "wal/snap.h"

#include <gtest/gtest.h>

#include "base/text.h"

namespace orrery::wal {
namespace {

constexpr const char* kSnapFolder = "member/snap";

raftpb::Snapshot snapshot(std::uint64_t term, std::uint64_t index, std::string_view data) {
  raftpb::Snapshot out;
  out.term = Term(term);
  out.index = Index(index);
  out.data = Blob(data);
  out.conf_state.voters = {NodeId(1), NodeId(2)};
  return out;
}

void save(disk::Disk& disk, const raftpb::Snapshot& snap) {
  const auto path = write_snap(disk, kSnapFolder, snap);
  ASSERT_TRUE(path.has_value());
  ASSERT_TRUE(sync_snap(disk, *path));
}

TEST(Snap, ASavedSnapshotSurvivesACrash) {
  disk::Disk disk;
  const auto snap = snapshot(2, 0x1f, "store");
  save(disk, snap);
  disk.crash(disk::Survivors{});

  EXPECT_EQ(disk.list(kSnapFolder),
            std::vector<std::string>{"0000000000000002-000000000000001f.snap"});
  const LoadedSnap loaded = load_newest_snap(disk, kSnapFolder);
  ASSERT_TRUE(loaded.snapshot.has_value());
  EXPECT_EQ(*loaded.snapshot, snap);
}

TEST(Snap, AnUnsyncedOneMayBeMissingOrTorn) {
  disk::Disk disk;
  save(disk, snapshot(1, 5, "old"));
  ASSERT_TRUE(write_snap(disk, kSnapFolder, snapshot(1, 9, Bytes(2000, 'n'))));

  disk::Disk lost = disk;
  lost.crash(disk::Survivors{});
  EXPECT_EQ(load_newest_snap(lost, kSnapFolder).snapshot->index, Index(5));

  disk.crash(disk::Survivors{.writes = disk::KeepTorn{2}, .files = {}, .names = 1});
  const LoadedSnap loaded = load_newest_snap(disk, kSnapFolder);
  EXPECT_EQ(loaded.snapshot->index, Index(5));
  ASSERT_EQ(loaded.broken.size(), 1U);
  EXPECT_TRUE(disk.exists("member/snap/0000000000000001-0000000000000009.snap.broken"));
  EXPECT_TRUE(load_newest_snap(disk, kSnapFolder).broken.empty());
}

TEST(Snap, OnlyOnesTheLogKnowsAreUsed) {
  disk::Disk disk;
  save(disk, snapshot(1, 5, "old"));
  save(disk, snapshot(1, 9, "orphan"));

  const LoadedSnap loaded = load_newest_snap(disk, kSnapFolder, {{}, {Index(5), Term(1), {}}});

  EXPECT_EQ(loaded.snapshot->index, Index(5));
  EXPECT_EQ(loaded.name, snap_name(Term(1), Index(5)));
  EXPECT_FALSE(
      load_newest_snap(disk, kSnapFolder, {{}, {Index(9), Term(2), {}}}).snapshot.has_value());
  EXPECT_EQ(disk.list(kSnapFolder).size(), 2U);
}

TEST(Snap, AnyFlippedBitOrCutIsRefused) {
  const auto snap = snapshot(3, 7, "the whole store");
  const Bytes bytes = encode_snap(snap);
  ASSERT_EQ(*decode_snap(bytes), snap);

  for (std::size_t at = 0; at < bytes.size(); ++at) {
    const auto cut = decode_snap(BytesView(bytes).substr(0, at));
    ASSERT_FALSE(cut.has_value()) << at;
    EXPECT_FALSE(cut.error().detail.empty());
    for (unsigned bit = 0; bit < 8; ++bit) {
      Bytes bent = bytes;
      bent[at] = static_cast<char>(static_cast<unsigned char>(bent[at]) ^ (1U << bit));
      const auto read = decode_snap(bent);
      // The last byte of the checksum's varint has bits that say nothing.
      if (at == 5 && bit >= 4 && read) {
        EXPECT_EQ(*read, snap);
        continue;
      }
      ASSERT_FALSE(read.has_value()) << at << " bit " << bit;
      EXPECT_EQ(read.error().code, Errc::Corrupt);
    }
  }
}

TEST(Snap, NothingIsSavedOfAnEmptySnapshot) {
  disk::Disk disk;

  EXPECT_EQ(*write_snap(disk, kSnapFolder, raftpb::Snapshot{}), "");
  EXPECT_TRUE(disk.paths().empty());
}

TEST(Snap, AFileThatCannotBeMadeDurableIsRemoved) {
  disk::Disk disk;
  const auto path = *write_snap(disk, kSnapFolder, snapshot(1, 5, "x"));
  disk.fail_fsyncs(path, 1);

  EXPECT_EQ(sync_snap(disk, path).error().code, Errc::Io);
  EXPECT_FALSE(disk.exists(path));

  disk.set_capacity(4096);
  EXPECT_EQ(write_snap(disk, kSnapFolder, snapshot(1, 6, Bytes(9000, 'x'))).error().code, Errc::Io);
  EXPECT_TRUE(disk.paths().empty());
}

TEST(Snap, TheOldestArePurged) {
  disk::Disk disk;
  for (std::uint64_t i = 1; i <= 7; ++i) save(disk, snapshot(1, i, "x"));
  disk.install("member/snap/db", "kept");

  EXPECT_EQ(purge_snaps(disk, kSnapFolder, ".snap"),
            (std::vector<std::string>{snap_name(Term(1), Index(1)), snap_name(Term(1), Index(2))}));
  EXPECT_EQ(disk.list(kSnapFolder).size(), 6U);
}

}  // namespace
}  // namespace orrery::wal
