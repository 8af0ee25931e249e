// The small values of core/base: Blob, Shared, strong numbers, digests, draws.
#include <array>
#include <bit>
#include <concepts>
#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include <gtest/gtest.h>

#include "base/blob.h"
#include "base/bytes_head.h"
#include "base/digest.h"
#include "base/draws.h"
#include "base/shared.h"
#include "base/strong.h"

namespace orrery {
namespace {

static_assert(std::regular<Blob> && std::totally_ordered<Blob>);
static_assert(sizeof(Blob) == sizeof(void*));
static_assert(std::regular<Shared<std::string>>);
static_assert(!std::convertible_to<std::uint64_t, Term>);
static_assert(!std::convertible_to<Term, Index> && !std::convertible_to<Term, std::uint64_t>);

TEST(Blob, IsItsBytes) {
  const Bytes bytes("a\0b", 3);
  const Blob blob(bytes);

  EXPECT_EQ(blob.view(), bytes);
  EXPECT_EQ(blob.size(), 3U);
  EXPECT_FALSE(blob.empty());
  EXPECT_EQ(Blob(""), Blob());
  EXPECT_TRUE(Blob().empty());
  EXPECT_EQ(Blob().view(), "");
}

TEST(Blob, CopiesShareTheBytesAndOutliveTheOriginal) {
  Blob copy;
  {
    const Blob original("some bytes");
    copy = original;
    EXPECT_EQ(copy.view().data(), original.view().data());
  }
  EXPECT_EQ(copy.view(), "some bytes");

  Blob moved = std::move(copy);
  EXPECT_EQ(moved.view(), "some bytes");
  Blob& alias = moved;
  moved = alias;
  EXPECT_EQ(moved.view(), "some bytes");
  moved = Blob("other");
  EXPECT_EQ(moved.view(), "other");
}

TEST(Blob, ComparesAsBytesDoWithBlobsAndWithViews) {
  EXPECT_LT(Blob("a"), Blob("b"));
  EXPECT_LT(Blob("a"), Blob(BytesView("a\0", 2)));
  EXPECT_LT(Blob("\x7f"), Blob("\x80"));
  EXPECT_EQ(Blob("a"), "a");
  EXPECT_EQ(std::string("a"), Blob("a"));
  EXPECT_NE(Blob("a"), BytesView("b"));
  EXPECT_LT(Blob("a"), std::string("b"));
  EXPECT_GT(BytesView("b"), Blob("a"));
}

TEST(BytesHead, OrdersAsTheBytesDoAndKnowsWhenItHoldsThemAll) {
  std::vector<Bytes> all;
  for (const std::size_t length : {0U, 1U, 2U, 3U, 4U, 5U, 7U, 8U, 9U, 14U, 15U, 16U, 17U, 40U}) {
    for (const char last : {'\0', '\1', 'a', '\x7f', '\x80', '\xff'}) {
      Bytes bytes(length, 'a');
      if (!bytes.empty()) bytes.back() = last;
      all.push_back(bytes);
      all.push_back(bytes + '\0');
    }
  }

  for (const Bytes& a : all) {
    const BytesHead head(a);
    EXPECT_EQ(head.is_whole(), a.size() < 16);
    if (head.is_whole()) {
      EXPECT_EQ(head.whole(), a);
    }
    EXPECT_LT(head, BytesHead::greatest());
    for (const Bytes& b : all) {
      const auto order = head <=> BytesHead(b);
      if (order < 0) {
        EXPECT_LT(a, b);
      }
      if (order > 0) {
        EXPECT_GT(a, b);
      }
      if (order == 0 && head.is_whole()) {
        EXPECT_EQ(a, b);
      }
    }
  }
}

TEST(Blob, HasTheDigestOfItsBytes) {
  for (const char* bytes : {"", "x", "some bytes", "thirty-two bytes and some more than that"}) {
    EXPECT_EQ(digest_of(Blob(bytes)), digest_bytes(bytes));
    EXPECT_EQ(digest_of(std::string(bytes)), digest_bytes(bytes));
  }
}

TEST(Shared, AnEditOfACopyLeavesTheOriginalAlone) {
  Shared<std::string> original("old");
  Shared<std::string> copy = original;
  EXPECT_TRUE(copy.same_box(original));

  copy.edit() = "new";

  EXPECT_EQ(*original, "old");
  EXPECT_EQ(*copy, "new");
  EXPECT_FALSE(copy.same_box(original));
  EXPECT_NE(copy, original);
  original.edit() = "new";
  EXPECT_EQ(copy, original);
}

TEST(Shared, AnEditIsInPlaceWhileNobodyShares) {
  Shared<std::string> only("old");
  const std::string* place = &*only;
  {
    const Shared<std::string> passing = only;
  }
  EXPECT_EQ(&only.edit(), place);
}

TEST(Shared, TheDigestFollowsTheValue) {
  Shared<std::string> shared("old");
  const Digest before = shared.digest();
  EXPECT_EQ(before, digest_of(std::string("old")));
  shared.edit() = "new";
  EXPECT_EQ(shared.digest(), digest_of(std::string("new")));
  shared.edit() = "old";
  EXPECT_EQ(shared.digest(), before);
}

TEST(Shared, KeepsAValueWhenMovedFrom) {
  Shared<std::string> one("one");
  Shared<std::string> other = std::move(one);
  EXPECT_EQ(*one, "one");  // NOLINT: that is the claim
  EXPECT_EQ(*other, "one");
  Shared<std::string>& alias = other;
  other = alias;
  EXPECT_EQ(*other, "one");
}

TEST(Strong, CountsWithinItsKind) {
  Index index(5);
  EXPECT_EQ(index + 3, Index(8));
  EXPECT_EQ(index - 3, Index(2));
  EXPECT_EQ(Index(8) - index, 3U);
  EXPECT_EQ(++index, Index(6));
  EXPECT_EQ(--index, Index(5));
  EXPECT_EQ(index += 2, Index(7));
  EXPECT_EQ(index -= 3, Index(4));
  EXPECT_LT(Term(1), Term(2));
  EXPECT_EQ(to_text(Term(7)), "7");
  EXPECT_EQ(seconds(2), millis(2000));
  EXPECT_LT(Nanos(-1), Nanos());
}

struct Pair {
  Term term;
  std::string name;

  template <class F>
  void fields(F&& f) const {
    f("term", term), f("name", name);
  }
};

TEST(Digest, IsFixedForever) {
  EXPECT_EQ(mix(0), 16294208416658607535U);
  EXPECT_EQ(digest_of(std::string("hello")), 6680866020214422801U);
  EXPECT_EQ(digest_of(std::string(100, 'x')), 14511198383675665942U);
  EXPECT_EQ(digest_of(Pair{Term(3), "n1"}), 11577213245679634641U);
}

// requires: no two values are equal
template <class T>
void expect_apart(const std::vector<T>& values) {
  std::set<Digest> digests;
  for (const T& value : values) digests.insert(digest_of(value));
  EXPECT_EQ(digests.size(), values.size());
}

TEST(Digest, TellsValuesOfAKindApart) {
  using Choice = std::variant<std::monostate, std::uint64_t, Term>;
  using Steps = std::vector<std::optional<std::pair<int, int>>>;
  expect_apart<int>({0, 1, -1, 256});
  expect_apart<std::string>({"", "a", std::string(1, '\0'), std::string(2, '\0'),
                             std::string(8, '\0'), std::string(32, '\0'), std::string(64, '\0')});
  expect_apart<std::optional<int>>({std::nullopt, 0, 1});
  expect_apart<std::pair<int, int>>({{0, 1}, {1, 0}, {0, 0}});
  expect_apart<Choice>({Choice(), Choice(std::uint64_t{0}), Choice(Term())});
  expect_apart<Steps>({{}, {{}}, {{}, {}}, {{{1, 2}}}, {{{2, 1}}}, {{}, {{1, 2}}}});
  expect_apart<Pair>({Pair{Term(3), "n1"}, Pair{Term(1), "n3"}, Pair{Term(), ""}});
}

TEST(Digest, EveryByteOfALongStringCounts) {
  for (const std::size_t size : {32U, 33U, 63U, 64U, 4096U}) {
    const std::string plain(size, 'a');
    std::set<Digest> digests{digest_bytes(plain)};
    for (std::size_t i = 0; i < size; ++i) {
      std::string changed = plain;
      changed[i] = 'b';
      digests.insert(digest_bytes(changed));
    }
    EXPECT_EQ(digests.size(), size + 1);
  }
}

TEST(Draws, DependOnEachPartOfTheKeyAlone) {
  const std::uint64_t one = draw(1, Purpose::ElectionTimeout, 2, 3);
  EXPECT_EQ(one, draw(1, Purpose::ElectionTimeout, 2, 3));
  EXPECT_NE(one, draw(2, Purpose::ElectionTimeout, 2, 3));
  EXPECT_NE(one, draw(1, Purpose::LinkLatency, 2, 3));
  EXPECT_NE(one, draw(1, Purpose::ElectionTimeout, 3, 3));
  EXPECT_NE(one, draw(1, Purpose::ElectionTimeout, 2, 4));
}

TEST(Draws, BelowReachesEveryNumberAboutEquallyOften) {
  std::array<int, 10> seen{};
  for (std::uint64_t i = 0; i < 10'000; ++i) ++seen.at(below(draw(7, Purpose::TestData, 0, i), 10));
  for (const int count : seen) {
    EXPECT_GT(count, 850);
    EXPECT_LT(count, 1150);
  }
  EXPECT_EQ(below(~std::uint64_t{0}, 1), 0U);
  EXPECT_EQ(below(~std::uint64_t{0}, ~std::uint64_t{0}), ~std::uint64_t{0} - 1);
}

}  // namespace
}  // namespace orrery
