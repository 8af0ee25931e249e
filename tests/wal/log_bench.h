// A vocabulary for the tests of the log: a disk with a log on it, everything that was written, and how much of it is
// known to be durable.
#pragma once

#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "base/draws.h"
#include "proto/walpb_codec.h"
#include "wal/record.h"
#include "wal/wal.h"

namespace orrery::wal {

inline constexpr const char* kDir = "member/wal";
inline constexpr const char* kFirst = "member/wal/0000000000000000-0000000000000000.wal";

inline Bytes some_metadata() {
  return walpb::encode(walpb::Metadata{NodeId(0x1234), 0x5678});
}

inline raftpb::Entry entry(std::uint64_t term, std::uint64_t index, std::string_view data) {
  return {.type = {}, .term = Term(term), .index = Index(index), .data = Blob(data)};
}

inline raftpb::HardState state(std::uint64_t term, std::uint64_t vote, std::uint64_t commit) {
  return {.term = Term(term), .vote = NodeId(vote), .commit = Index(commit)};
}

// What a log holds when it is read from its beginning.
struct Content {
  raftpb::HardState hard_state;
  std::vector<raftpb::Entry> entries;

  void add(const raftpb::Entry& e) {
    entries.resize(e.index.value() - 1);
    entries.push_back(e);
  }
  friend bool operator==(const Content&, const Content&) = default;
};

struct LogBench {
  explicit LogBench(std::uint64_t segment_bytes) : options{.segment_bytes = segment_bytes} {
    auto made = Wal::create(disk, kDir, some_metadata(), options);
    EXPECT_TRUE(made.has_value());
    wal = *made;
    contents.emplace_back();
  }

  // Every record makes a new content, so that any prefix of the records is known.
  void note(const std::vector<raftpb::Entry>& entries, const raftpb::HardState& hard_state) {
    for (const auto& e : entries) {
      contents.push_back(contents.back());
      contents.back().add(e);
    }
    if (hard_state.empty()) return;
    contents.push_back(contents.back());
    contents.back().hard_state = hard_state;
  }

  void all_durable() { durable = contents.size() - 1; }

  Next write(const std::vector<raftpb::Entry>& entries, const raftpb::HardState& hard_state) {
    note(entries, hard_state);
    const auto next = wal.write(disk, entries, hard_state);
    EXPECT_TRUE(next.has_value());
    return next.value_or(Next::Done);
  }

  void sync() {
    EXPECT_TRUE(wal.sync(disk).has_value());
    all_durable();
  }

  void finish(Next next) {
    if (next == Next::Sync) sync();
    if (next != Next::Cut) return;
    for (CutPhase phase = CutPhase::CloseTail; phase != CutPhase::Done;) {
      phase = *wal.cut(disk, phase);
    }
    all_durable();
  }

  void save(const std::vector<raftpb::Entry>& entries, const raftpb::HardState& hard_state) {
    finish(write(entries, hard_state));
  }

  Result<Opened> reopen() { return open_repairing(disk, kDir, walpb::Snapshot{}, options); }

  // Which prefix of the records this is; -1 = none.
  int prefix_of(const Opened& opened) const {
    const Content content{.hard_state = opened.hard_state, .entries = opened.entries};
    for (std::size_t i = contents.size(); i > 0; --i) {
      if (contents[i - 1] == content) return static_cast<int>(i - 1);
    }
    return -1;
  }

  Options options;
  disk::Disk disk;
  Wal wal;
  std::vector<Content> contents;  // after 0, 1, 2, ... records
  std::size_t durable = 0;        // so many records must survive
};

struct Random {
  std::uint64_t seed = 0;
  std::uint64_t counter = 0;

  std::uint64_t upto(std::uint64_t bound) {
    return below(draw(seed, Purpose::TestData, 0, ++counter), bound);
  }
};

}  // namespace orrery::wal
