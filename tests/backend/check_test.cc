#include "tests/backend/helpers.h"

namespace orrery::backend {
namespace {

using testing::Contains;
using testing::HasSubstr;
using testing::IsEmpty;

// A file of about a dozen pages with a branch, leaves, an overflow page and free pages.
Bytes small_file() {
  Backend backend;
  File file;
  for (std::uint64_t i = 0; i < 120; ++i) {
    backend.put(Bucket::Key, revision_key(i), Blob(std::string(60, 'v')));
  }
  backend.put(Bucket::Lease, "lease", Blob(std::string(5000, 'l')));
  backend.put(Bucket::Meta, "consistent_index", Blob("12345678"));
  commit(backend, file);
  backend.put(Bucket::Key, revision_key(3), Blob("changed"));
  commit(backend, file);
  return bytes_of(file.blocks);
}

PageId root_of(const Bytes& file, Bucket bucket) {
  return Backend::open(blocks_of(file))->committed().root_of(bucket)->root;
}

std::size_t offset(PageId page) {
  return page.value() * kPageSize;
}

TEST(Check, FindsNothingInAGoodFile) {
  EXPECT_THAT(check_file(blocks_of(small_file())), IsEmpty());
}

TEST(Check, FindsAChildOutsideTheFile) {
  Bytes file = small_file();
  const PageId root = root_of(file, Bucket::Key);
  store<std::uint64_t>(file, offset(root) + kPageHeaderSize + 8, 999);

  EXPECT_THAT(check_file(blocks_of(file)), Contains(HasSubstr("page 999: page")));
  EXPECT_EQ(Backend::open(blocks_of(file)).error().code, Errc::Corrupt);
}

TEST(Check, FindsAPageThatIsUsedTwice) {
  Bytes file = small_file();
  const PageId root = root_of(file, Bucket::Key);
  const auto first = load<std::uint64_t>(file, offset(root) + kPageHeaderSize + 8);
  store<std::uint64_t>(file, offset(root) + kPageHeaderSize + kElementSize + 8, first);

  EXPECT_THAT(check_file(blocks_of(file)), Contains(HasSubstr("used twice")));
}

TEST(Check, FindsKeysOutOfOrder) {
  Bytes file = small_file();
  const PageId root = root_of(file, Bucket::Key);
  const PageId leaf(load<std::uint64_t>(file, offset(root) + kPageHeaderSize + 8));
  const std::size_t element = offset(leaf) + kPageHeaderSize + kElementSize;
  file[element + load<std::uint32_t>(file, element + 4) + 7] = '\xFF';

  EXPECT_THAT(check_file(blocks_of(file)), Contains(HasSubstr("does not come after key")));
}

TEST(Check, FindsAKeyOutsideItsParentsRange) {
  Bytes file = small_file();
  const PageId root = root_of(file, Bucket::Key);
  const PageId leaf(load<std::uint64_t>(file, offset(root) + kPageHeaderSize + 8));
  const std::size_t count = load<std::uint16_t>(file, offset(leaf) + 10);
  const std::size_t element = offset(leaf) + kPageHeaderSize + (count - 1) * kElementSize;
  file[element + load<std::uint32_t>(file, element + 4)] = '\xFF';

  EXPECT_THAT(check_file(blocks_of(file)), Contains(HasSubstr("says it ends")));
}

TEST(Check, FindsBadFlags) {
  Bytes file = small_file();
  const PageId root = root_of(file, Bucket::Key);
  store<std::uint16_t>(file, offset(root) + 8, 0x10);

  EXPECT_THAT(check_file(blocks_of(file)), Contains(HasSubstr("flags are 0x0010")));
}

TEST(Check, FindsAWrongPageNumber) {
  Bytes file = small_file();
  const PageId root = root_of(file, Bucket::Key);
  store<std::uint64_t>(file, offset(root), 77);

  EXPECT_THAT(check_file(blocks_of(file)), Contains(HasSubstr("its header says page 77")));
}

TEST(Check, FindsAnOverflowPastTheEnd) {
  Bytes file = small_file();
  const PageId root = root_of(file, Bucket::Lease);
  store<std::uint32_t>(file, offset(root) + 12, 4000);

  EXPECT_THAT(check_file(blocks_of(file)), Contains(HasSubstr("overflows into 4000 more pages")));
}

TEST(Check, FindsAnElementOutsideItsPage) {
  Bytes file = small_file();
  const PageId root = root_of(file, Bucket::Lease);
  store<std::uint32_t>(file, offset(root) + kPageHeaderSize + 12, 50'000);

  EXPECT_THAT(check_file(blocks_of(file)), Contains(HasSubstr("outside the data area")));
}

TEST(Check, NamesBothMetaPagesWhenNeitherIsValid) {
  Bytes file = small_file();
  store<std::uint32_t>(file, kPageHeaderSize, 1);
  store<std::uint32_t>(file, kPageSize + kPageHeaderSize + 4, 9);

  const auto opened = Backend::open(blocks_of(file));

  ASSERT_FALSE(opened);
  EXPECT_THAT(opened.error().detail, HasSubstr("meta page 0: magic is 0x00000001"));
  EXPECT_THAT(opened.error().detail, HasSubstr("meta page 1: version is 9"));
}

TEST(Check, ReportsATornMetaPageButOpensTheOther) {
  Bytes file = small_file();
  const std::uint64_t newer = Backend::open(blocks_of(file))->committed().meta.txid;
  file[(newer % 2) * kPageSize + kPageHeaderSize + 48] ^= 1;

  EXPECT_THAT(check_file(blocks_of(file)), Contains(HasSubstr("checksum")));
  const auto opened = Backend::open(blocks_of(file));
  ASSERT_TRUE(opened) << opened.error().detail;
  EXPECT_EQ(opened->committed().meta.txid, newer - 1);
}

TEST(Check, TruncationAtEveryByteIsAClearErrorOrHarmless) {
  const Bytes file = small_file();
  const auto whole = Backend::open(blocks_of(file));
  ASSERT_TRUE(whole);
  for (std::size_t size = 0; size < file.size(); ++size) {
    const auto opened = Backend::open(blocks_of(BytesView(file).substr(0, size)));
    ASSERT_FALSE(opened) << size;
    ASSERT_EQ(opened.error().code, Errc::Torn) << size << opened.error().detail;
    ASSERT_FALSE(opened.error().detail.empty());
  }
}

// Reads everything a file offers, so that sanitizers see what a bad one leads to.
std::size_t read_all(const Backend& backend) {
  std::size_t out = backend.hash(true) % 2;
  for (const Bucket bucket : kBuckets) {
    for (const auto& [key, value] : rows_of(backend, View::Read, bucket)) {
      out += backend.get(View::Read, bucket, key)->size();
    }
  }
  return out;
}

TEST(Check, ABitFlipAnywhereNeverCrashesAndCommitsStayPossible) {
  const Bytes good = small_file();
  Draws draws(5);
  std::size_t refused = 0;
  for (std::size_t at = 0; at < good.size(); ++at) {
    // Every byte of headers and elements, a tenth of the rest.
    if (at % kPageSize > 1024 && draws.below(10) != 0) continue;
    Bytes file = good;
    file[at] = static_cast<char>(file[at] ^ (1 << draws.below(8)));
    Result<Backend> opened = Backend::open(blocks_of(file));
    if (!opened) {
      ++refused;
      ASSERT_FALSE(opened.error().detail.empty());
      continue;
    }
    read_all(*opened);
    opened->put(Bucket::Key, revision_key(1'000'000), Blob("more"));
    opened->erase(Bucket::Key, revision_key(5));
    File after{.blocks = blocks_of(file)};
    commit(*opened, after);
    ASSERT_EQ(opened->get(View::Read, Bucket::Key, revision_key(1'000'000)), Blob("more"));
  }
  EXPECT_GT(refused, 500U);
}

TEST(Check, RandomBytesAreRefused) {
  Draws draws(6);
  for (int round = 0; round < 200; ++round) {
    Bytes file(draws.below(6 * kPageSize), '\0');
    for (char& byte : file) byte = static_cast<char>(draws.below(256));
    const auto opened = Backend::open(blocks_of(file));
    ASSERT_FALSE(opened);
  }
}

// Two valid metas over pages of which some are replaced by random bytes or by one another.
TEST(Check, ShuffledPagesNeverCrash) {
  const Bytes good = small_file();
  const std::size_t pages = good.size() / kPageSize;
  Draws draws(7);
  for (int round = 0; round < 2000; ++round) {
    Bytes file = good;
    const std::size_t to = 2 + draws.below(pages - 2);
    const std::size_t from = 2 + draws.below(pages - 2);
    file.replace(to * kPageSize, kPageSize, good, from * kPageSize, kPageSize);
    if (draws.below(2) == 0) store<std::uint64_t>(file, to * kPageSize, to);
    for (std::uint64_t i = draws.below(4); i > 0; --i) {
      file[2 * kPageSize + draws.below(file.size() - 2 * kPageSize)] =
          static_cast<char>(draws.below(256));
    }
    const auto opened = Backend::open(blocks_of(file));
    if (opened) read_all(*opened);
  }
}

}  // namespace
}  // namespace orrery::backend
