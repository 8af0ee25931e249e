// The hex dumps of docs/formats are what the code writes. After a change of format, run with
// ORRERY_REWRITE=1 in the environment to write them anew, and review the difference.
#include <cstdlib>
#include <fstream>
#include <sstream>

#include <gtest/gtest.h>

#include "base/text.h"
#include "source_dir.h"
#include "tests/wal/log_bench.h"
#include "wal/snap.h"

namespace orrery::wal {
namespace {

// Sixteen bytes a line: offset, hex, printable characters.
std::string dump(BytesView bytes) {
  std::string out;
  for (std::size_t at = 0; at < bytes.size(); at += 16) {
    const BytesView line = bytes.substr(at, 16);
    std::string hexes;
    std::string letters;
    for (std::size_t i = 0; i < line.size(); ++i) {
      hexes += text("{}{}", i == 8 ? "  " : " ", hex(line.substr(i, 1)));
      letters += line[i] >= ' ' && line[i] <= '~' ? line[i] : '.';
    }
    out += text("{:04x} {:<49}  {}\n", at, hexes, letters);
  }
  return out;
}

std::string record_lines(const Segment& segment) {
  std::string out;
  for (const Located& located : segment.records) {
    out += text("{:04x}  {:>3} bytes  {:<8}  crc {:08x}  data {}\n", located.offset, located.size,
                walpb::to_text(located.record.type), located.record.crc,
                located.record.data.empty() ? "-" : hex(located.record.data.view()));
  }
  return out;
}

// Puts `block` between the fences after the line `marker`, or compares it with what stands there.
void expect_in_page(const std::string& page, const std::string& marker, const std::string& block) {
  const std::string path = text("{}/docs/formats/{}", ORRERY_SOURCE_DIR, page);
  std::ostringstream read;
  read << std::ifstream(path).rdbuf();
  std::string words = read.str();
  const std::size_t mark = words.find(marker);
  ASSERT_NE(mark, words.npos) << page << " has no line " << marker;
  const std::size_t open = words.find("```\n", mark) + 4;
  const std::size_t close = words.find("```\n", open);
  ASSERT_NE(close, words.npos) << page;
  if (std::getenv("ORRERY_REWRITE") != nullptr) {
    std::ofstream(path) << words.replace(open, close - open, block);
    return;
  }
  EXPECT_EQ(words.substr(open, close - open), block) << page << ": " << marker;
}

TEST(FormatPage, TheDumpOfASmallLogIsItsBytes) {
  LogBench log(kSegmentBytes);
  log.save({entry(1, 1, "hi")}, state(1, 0x1234, 0));

  const Bytes bytes = *log.disk.read(kFirst, 0, log.wal.offset());

  expect_in_page("wal.md", "The file begins:", dump(bytes));
  expect_in_page("wal.md", "Record by record:", record_lines(decode_wal(bytes)));
}

TEST(FormatPage, TheDumpOfASnapFileIsItsBytes) {
  raftpb::Snapshot snap;
  snap.term = Term(2);
  snap.index = Index(5);
  snap.conf_state.voters = {NodeId(0x1234)};
  snap.data = Blob("{}");

  expect_in_page("snap.md", "The file:", dump(encode_snap(snap)));
}

}  // namespace
}  // namespace orrery::wal
