#include <fstream>
#include <sstream>

#include "base/text.h"
#include "source_dir.h"
#include "tests/backend/helpers.h"

namespace orrery::backend {
namespace {

using testing::Contains;
using testing::HasSubstr;
using testing::IsEmpty;

// from: FNV's published test vectors
TEST(Format, ChecksumIsFnv1a) {
  EXPECT_EQ(fnv1a64(""), 0xcbf29ce484222325U);
  EXPECT_EQ(fnv1a64("a"), 0xaf63dc4c8601ec8cU);
  EXPECT_EQ(fnv1a64("foobar"), 0x85944171f73967e8U);
}

TEST(Format, ANewFileHasFourPages) {
  const Bytes file = bytes_of(Backend::initial_pages());

  ASSERT_EQ(file.size(), 4 * kPageSize);
  EXPECT_EQ(hex(BytesView(file).substr(0, 80)),
            "00000000000000000400000000000000"  // page 0, meta
            "edda0ced020000000010000000000000"  // magic, version, page size, flags
            "03000000000000000000000000000000"  // root bucket: page 3, sequence 0
            "02000000000000000400000000000000"  // freelist page 2, high water 4
            "0000000000000000"
            "eefd8946116e5107");  // txid 0, checksum
  EXPECT_EQ(load<std::uint64_t>(file, kPageSize), 1U);
  EXPECT_EQ(load<std::uint64_t>(file, kPageSize + 64), 1U);  // txid
  EXPECT_EQ(hex(BytesView(file).substr(2 * kPageSize, 16)), "02000000000000001000000000000000");
  EXPECT_EQ(hex(BytesView(file).substr(3 * kPageSize, 16)), "03000000000000000200000000000000");
  EXPECT_THAT(check_file(blocks_of(file)), IsEmpty());
  EXPECT_TRUE(Backend::open(blocks_of(file)));
}

TEST(Format, AMetaPageReadsBackAndAcceptsNoChecksumAtAll) {
  const Meta meta{.root = PageId(9),
                  .sequence = 1,
                  .freelist = kNoFreelist,
                  .high_water = PageId(12),
                  .txid = 77};
  Bytes page = encode_meta_page(meta);
  EXPECT_EQ(PageView(page).id(), PageId(1));
  EXPECT_EQ(decode_meta_page(page, PageId(1)).value(), meta);

  store<std::uint64_t>(page, kPageHeaderSize + 56, 0);
  EXPECT_EQ(decode_meta_page(page, PageId(1)).value(), meta);
  page[kPageHeaderSize + 8] = 1;
  EXPECT_THAT(decode_meta_page(page, PageId(1)).error().detail, HasSubstr("page size is"));
}

// A file whose freelist page lists what is free, with the count in the header or before the ids.
Sequence<Blob> with_freelist(bool large_form, std::uint64_t skip) {
  Backend backend;
  File file;
  for (int round = 0; round < 3; ++round) {
    for (std::uint64_t i = 0; i < 300; ++i) {
      backend.put(Bucket::Key, revision_key(i), Blob(std::string(40, 'v')));
    }
    commit(backend, file);
  }
  Meta meta = backend.committed().meta;
  std::vector<std::uint64_t> ids;
  for (const PageInfo& page : backend.page_map()) {
    if (page.kind == PageKind::Free && page.id.value() != skip) ids.push_back(page.id.value());
  }
  const PageId place = meta.high_water;
  ++meta.high_water;
  meta.freelist = place;
  Bytes page(kPageSize, '\0');
  store<std::uint64_t>(page, 0, place.value());
  store<std::uint16_t>(page, 8, kFreelistFlag);
  store<std::uint16_t>(page, 10, large_form ? 0xFFFF : static_cast<std::uint16_t>(ids.size()));
  std::size_t at = kPageHeaderSize;
  if (large_form) ids.insert(ids.begin(), ids.size());
  for (const std::uint64_t id : ids) {
    store<std::uint64_t>(page, at, id);
    at += 8;
  }
  file.write({.page = place, .bytes = Blob(page)});
  file.write({.page = PageId(meta.txid % 2), .bytes = Blob(encode_meta_page(meta))});
  return file.blocks;
}

TEST(Format, AFileWithAStoredFreelistOpensAndLosesItAtTheFirstCommit) {
  for (const bool large_form : {false, true}) {
    SCOPED_TRACE(large_form);
    const Sequence<Blob> blocks = with_freelist(large_form, 0);
    EXPECT_THAT(check_file(blocks), IsEmpty());
    Result<Backend> opened = Backend::open(blocks);
    ASSERT_TRUE(opened) << opened.error().detail;
    const PageId freelist = opened->committed().meta.freelist;
    EXPECT_NE(freelist, kNoFreelist);
    EXPECT_GT(opened->free_list().free_count(), 0U);

    File file{.blocks = blocks};
    opened->put(Bucket::Meta, "m", Blob("1"));
    commit(*opened, file);
    EXPECT_EQ(opened->committed().meta.freelist, kNoFreelist);
    EXPECT_TRUE(opened->free_list().is_free(freelist));
    EXPECT_THAT(check_file(file.blocks), IsEmpty());
  }
}

TEST(Format, APageThatIsNeitherReachableNorFreeIsReportedAndUsable) {
  const Result<Backend> whole = Backend::open(with_freelist(false, 0));
  std::uint64_t lost = 0;
  for (const PageInfo& page : whole->page_map()) {
    if (page.kind == PageKind::Free) lost = page.id.value();
  }
  const Sequence<Blob> blocks = with_freelist(false, lost);

  EXPECT_THAT(check_file(blocks),
              Contains(text("page {}: neither reachable nor in the freelist", lost)));
  const Result<Backend> opened = Backend::open(blocks);
  ASSERT_TRUE(opened) << opened.error().detail;
  EXPECT_TRUE(opened->free_list().is_free(PageId(lost)));
}

// One line of sixteen bytes; a run of equal lines is shown once, then "*".
std::string dump(BytesView bytes) {
  std::string out;
  std::string before;
  bool is_folded = false;
  for (std::size_t at = 0; at < bytes.size(); at += 16) {
    std::string line;
    std::string letters;
    for (const char byte : bytes.substr(at, 16)) {
      line += text(" {:02x}", static_cast<unsigned char>(byte));
      letters += byte >= ' ' && byte <= '~' ? byte : '.';
    }
    if (line == before) {
      if (!is_folded) out += "*\n";
      is_folded = true;
      continue;
    }
    before = line;
    is_folded = false;
    out += text("{:05x} {}  {}\n", at, line, letters);
  }
  return out;
}

std::string worked_example() {
  Backend backend;
  File file;
  backend.put(Bucket::Key, revision_key(2), Blob("\x0a\x01k\x10\x02\x18\x02 \x01*\x01v"));
  backend.put(Bucket::Meta, "consistent_index", Blob(BytesView("\0\0\0\0\0\0\0\x04", 8)));
  commit(backend, file);
  return dump(bytes_of(file.blocks));
}

TEST(Format, TheDocumentShowsTheseBytes) {
  std::ifstream page(ORRERY_SOURCE_DIR "/docs/formats/bbolt.md");
  ASSERT_TRUE(page) << "docs/formats/bbolt.md";
  std::stringstream content;
  content << page.rdbuf();

  EXPECT_THAT(content.str(), HasSubstr(worked_example())) << worked_example();
}

}  // namespace
}  // namespace orrery::backend
