// What ranges together allow, beside a model that asks for every key.
#include "auth/permissions.h"

#include <gtest/gtest.h>

#include "base/draws.h"

namespace orrery::auth {
namespace {

using rpc::PermissionType;

constexpr BytesView kOpen("\0", 1);

TEST(Permissions, APointIsOneKey) {
  Permissions all;
  all.add({PermissionType::Read, Blob("k"), Blob()});
  EXPECT_TRUE(all.allows(PermissionType::Read, "k", ""));
  EXPECT_FALSE(all.allows(PermissionType::Read, "k0", ""));
  EXPECT_FALSE(all.allows(PermissionType::Write, "k", ""));
  EXPECT_FALSE(all.allows(PermissionType::Read, "k", kOpen));
}

TEST(Permissions, AnOpenEndCoversWhateverFollows) {
  Permissions all;
  all.add({PermissionType::ReadWrite, Blob("b"), Blob(kOpen)});
  EXPECT_TRUE(all.allows(PermissionType::Write, "zzz", kOpen));
  EXPECT_TRUE(all.allows(PermissionType::Read, "b", "c"));
  EXPECT_FALSE(all.allows(PermissionType::Read, "a", kOpen));
}

TEST(Permissions, AgreeWithAModelOfSingleKeys) {
  std::uint64_t counter = 0;
  const auto pick = [&](std::uint64_t bound) {
    return below(draw(3, Purpose::TestData, 0, ++counter), bound);
  };
  const auto key = [](std::uint64_t k) { return std::string(1, static_cast<char>('a' + k)); };
  for (int round = 0; round < 400; ++round) {
    Permissions all;
    std::array<bool, 27> ranges{};  // [a, b), [b, c), ...: what whole ranges cover
    for (int i = 0; i < 5; ++i) {
      const std::uint64_t begin = pick(24);
      const std::uint64_t end = begin + 1 + pick(25 - begin);
      all.add({PermissionType::Read, Blob(key(begin)), Blob(key(end))});
      for (std::uint64_t k = begin; k < end; ++k) ranges.at(k) = true;
    }
    for (int i = 0; i < 20; ++i) {
      const std::uint64_t begin = pick(24);
      const std::uint64_t end = begin + 1 + pick(25 - begin);
      bool covered = true;
      for (std::uint64_t k = begin; k < end; ++k) covered = covered && ranges.at(k);
      EXPECT_EQ(all.allows(PermissionType::Read, key(begin), key(end)), covered);
      EXPECT_EQ(all.allows(PermissionType::Read, key(begin), ""), ranges.at(begin));
    }
  }
}

}  // namespace
}  // namespace orrery::auth
