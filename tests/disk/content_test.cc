// The bytes of a file, against a plain string.
#include "disk/content.h"

#include <string>

#include <gtest/gtest.h>

#include "base/draws.h"
#include "disk/disk.h"
#include "tests/disk/random.h"

namespace orrery::disk {
namespace {

TEST(Content, BehavesAsAStringUnderRandomWritesAndResizes) {
  Random random{.seed = 1};
  for (int round = 0; round < 60; ++round) {
    Content content;
    std::string model;
    for (int i = 0; i < 40; ++i) {
      if (random.upto(4) == 0) {
        const std::uint64_t size = random.upto(30000);
        content.resize(size);
        model.resize(size, '\0');
      } else {
        const std::uint64_t offset =
            random.upto(3) == 0 ? random.upto(6) * 4096 : random.upto(25000);
        const std::string bytes = random.bytes(random.upto(2) == 0 ? 300 : 13000);
        content.write(offset, BytesView(bytes));
        overwrite(model, offset, bytes);
      }
      ASSERT_EQ(content.size(), model.size());
      const std::uint64_t from = random.upto(30000);
      const std::uint64_t count = random.upto(9000);
      ASSERT_EQ(content.read(from, count),
                from < model.size() ? model.substr(from, count) : std::string());
    }
    ASSERT_EQ(content.read(0, model.size()), model);
    const std::string stored = model.substr(0, content.stored_size());
    EXPECT_EQ(model.find_first_not_of('\0', stored.size()), std::string::npos);
  }
}

TEST(Content, EqualBytesAreEqualContentWhateverLedToThem) {
  Random random{.seed = 2};
  for (int round = 0; round < 60; ++round) {
    Content content;
    for (int i = 0; i < 12; ++i) {
      if (random.upto(3) == 0) content.resize(random.upto(30000));
      const std::string bytes = random.bytes(9000);
      content.write(random.upto(25000), BytesView(bytes));
    }
    Content direct;
    const Bytes all = content.read(0, content.size());
    direct.write(0, BytesView(all));

    EXPECT_EQ(direct, content);
    EXPECT_EQ(direct.digest(), content.digest());
    EXPECT_EQ(direct.stored_size(), content.stored_size());
    direct.resize(direct.size() + 1);
    EXPECT_NE(direct, content);
  }
}

TEST(Content, ZeroBlocksAreNotStored) {
  Content content;
  content.resize(64'000'000);

  EXPECT_EQ(content.stored_size(), 0U);
  EXPECT_EQ(content.read(63'999'000, 5000), Bytes(1000, '\0'));
  EXPECT_TRUE(content.block(100).empty());

  content.write(8192, BytesView("x"));
  EXPECT_EQ(content.stored_size(), 3 * kBlockBytes);
  content.write(8192, BytesView("\0", 1));
  EXPECT_EQ(content.stored_size(), 0U);
}

TEST(Content, AWholeBlockIsSharedNotCopied) {
  const Blob block{Bytes(kBlockBytes, 'b')};
  Content content;

  content.write(4096, block);

  EXPECT_EQ(content.block(1).view().data(), block.view().data());
  EXPECT_TRUE(content.block(0).empty());
  EXPECT_EQ(content.size(), 8192U);
}

}  // namespace
}  // namespace orrery::disk
