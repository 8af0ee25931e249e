// Sequence against std::deque: every operation, forks, digests, differences, and the tree's rules.
#include "base/sequence.h"

#include <array>
#include <cstdint>
#include <deque>
#include <iterator>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "base/blob.h"
#include "tests/base/random_numbers.h"

namespace orrery {
namespace {

using Numbers = Sequence<std::uint64_t>;
using Model = std::deque<std::uint64_t>;

// So large that a chunk holds eight.
struct Large {
  std::uint64_t number = 0;
  std::array<std::uint64_t, 30> ballast{};

  template <class F>
  void fields(F&& f) const {
    f("number", number), f("ballast", ballast);
  }
  friend bool operator==(const Large&, const Large&) = default;
};

static_assert(std::regular<Numbers> && std::regular<Sequence<Large>>);
static_assert(std::random_access_iterator<Numbers::const_iterator>);
static_assert(SequenceNode<Large>::kLeafSlots == 8);

std::uint64_t number_of(std::uint64_t value) {
  return value;
}

std::uint64_t number_of(const Large& value) {
  return value.number;
}

template <class T>
T value_of(std::uint64_t number) {
  if constexpr (std::is_same_v<T, Large>) {
    return Large{.number = number};
  } else {
    return number;
  }
}

template <class T>
Digest digest_from_scratch(const Sequence<T>& sequence) {
  Sequence<T> afresh;
  for (const T& item : sequence) afresh.push_back(item);
  return afresh.digest();
}

template <class T>
void expect_same(const Sequence<T>& sequence, const Model& model) {
  ASSERT_EQ(violations(sequence), std::vector<std::string>{});
  ASSERT_EQ(sequence.size(), model.size());
  ASSERT_EQ(sequence.empty(), model.empty());
  std::size_t i = 0;
  for (const T& item : sequence) {
    ASSERT_EQ(number_of(item), model[i]);
    ASSERT_EQ(&item, &sequence[i]);
    ++i;
  }
  ASSERT_EQ(i, model.size());
  if (model.empty()) return;
  ASSERT_EQ(number_of(sequence.front()), model.front());
  ASSERT_EQ(number_of(sequence.back()), model.back());
}

template <class T>
void change(Sequence<T>& sequence, Model& model, RandomNumbers& random) {
  const std::uint64_t what = random(100);
  if (what < 70) {
    const std::uint64_t count = random(random(8) == 0 ? 200 : 5);
    for (std::uint64_t i = 0; i < count; ++i) {
      const std::uint64_t number = random(1000);
      sequence.push_back(value_of<T>(number));
      model.push_back(number);
    }
  } else if (what < 80) {
    const std::uint64_t count = random(random(4) == 0 ? model.size() + 1 : model.size() / 8 + 1);
    sequence.drop_front(count);
    model.erase(model.begin(), model.begin() + static_cast<std::ptrdiff_t>(count));
  } else if (what < 90) {
    const std::uint64_t most = random(4) == 0 ? model.size() + 1 : model.size() / 8 + 1;
    const std::uint64_t count = model.size() - random(most);
    sequence.truncate(count);
    model.resize(count);
  } else if (!model.empty()) {
    const std::uint64_t at = random(model.size());
    sequence.edit(at) = value_of<T>(7);
    model[at] = 7;
  }
}

template <class T>
void play_against_model(std::uint64_t seed) {
  RandomNumbers random(seed);
  std::vector<std::pair<Sequence<T>, Model>> forks(1);
  for (int round = 0; round < 200; ++round) {
    auto& [sequence, model] = forks[random(forks.size())];
    for (int i = 0; i < 10; ++i) change(sequence, model, random);
    if (random(2) == 0) {
      ASSERT_EQ(sequence.digest(), digest_from_scratch(sequence));
    }
    const auto fork = forks[random(forks.size())];
    if (forks.size() < 5) {
      forks.push_back(fork);
    } else {
      forks[random(forks.size())] = fork;
    }
    for (const auto& [s, expected] : forks) expect_same(s, expected);
  }
  for (const auto& [s, expected] : forks) {
    ASSERT_EQ(s.digest(), digest_from_scratch(s));
    for (const auto& [other, other_model] : forks) ASSERT_EQ(s == other, expected == other_model);
  }
}

TEST(Sequence, BehavesLikeStdDequeInManyForks) {
  for (std::uint64_t seed = 1; seed <= 8; ++seed) {
    play_against_model<std::uint64_t>(seed);
    play_against_model<Large>(seed);
  }
}

TEST(Sequence, IsAQueueThatNeverGrowsTall) {
  Sequence<Large> queue;
  Model model;
  for (std::uint64_t i = 0; i < 30'000; ++i) {
    queue.push_back(Large{.number = i});
    model.push_back(i);
    if (i % 3 != 0 || i > 10'000) {
      const std::size_t count = i % 5 == 0 && model.size() > 1 ? 2 : 1;
      queue.drop_front(count);
      model.erase(model.begin(), model.begin() + static_cast<std::ptrdiff_t>(count));
    }
    if (i % 500 == 0) expect_same(queue, model);
  }
  expect_same(queue, model);
}

TEST(Sequence, EqualContentsByManyRoutesHaveEqualDigests) {
  Sequence<Large> straight;
  for (std::uint64_t i = 0; i < 400; ++i) straight.push_back(Large{.number = i});
  const Digest expected = straight.digest();
  for (std::uint64_t route = 0; route < 1000; ++route) {
    RandomNumbers random(route);
    Sequence<Large> other;
    const std::uint64_t before = random(300);
    for (std::uint64_t i = 0; i < before; ++i) other.push_back({});
    for (std::uint64_t i = 0; i < 400; ++i)
      other.push_back(Large{.number = random(3) == 0 ? 0 : i});
    if (random(2) == 0) (void)other.digest();
    const std::uint64_t after = random(300);
    for (std::uint64_t i = 0; i < after; ++i) other.push_back({});
    const Sequence<Large> fork = other;
    if (random(2) == 0) (void)other.digest();
    other.drop_front(before);
    other.truncate(400);
    for (std::uint64_t i = 0; i < 400; ++i) {
      if (other[i].number != i) other.edit(i).number = i;
    }
    ASSERT_EQ(other.digest(), expected) << "route " << route;
    ASSERT_EQ(other, straight) << "route " << route;
    ASSERT_EQ(fork.size(), before + 400 + after);
  }
}

TEST(Sequence, DigestsAreTheSameInEveryBuild) {
  Sequence<std::string> words;
  for (std::uint64_t i = 0; i < 100; ++i) words.push_back(numbered("word", i));

  EXPECT_EQ(Sequence<std::string>().digest(), mix(0));
  EXPECT_EQ(words.digest(), 4015868173422322987U);
}

TEST(Sequence, TheDigestTellsOrderAndLength) {
  const auto of = [](std::initializer_list<std::uint64_t> numbers) {
    Numbers out;
    for (const std::uint64_t number : numbers) out.push_back(number);
    return out.digest();
  };
  EXPECT_NE(of({1, 2}), of({2, 1}));
  EXPECT_NE(of({0}), of({0, 0}));
  EXPECT_NE(of({}), of({0}));
}

TEST(Sequence, IteratorsJump) {
  Numbers numbers;
  for (std::uint64_t i = 0; i < 5000; ++i) numbers.push_back(i);
  numbers.drop_front(100);

  const auto begin = numbers.begin();
  EXPECT_EQ(numbers.end() - begin, 4900);
  for (std::ptrdiff_t i = 0; i < 4900; i += 37) {
    ASSERT_EQ(begin[i], static_cast<std::uint64_t>(i) + 100);
    ASSERT_EQ(*(numbers.end() - (4900 - i)), static_cast<std::uint64_t>(i) + 100);
  }
  auto it = numbers.end();
  for (std::uint64_t expected = 5000; it != begin;) ASSERT_EQ(*--it, --expected);
  EXPECT_EQ(*std::lower_bound(begin, numbers.end(), 3000U), 3000U);
  EXPECT_EQ(Numbers().begin(), Numbers().end());
}

TEST(Sequence, AskingForWhatIsNotThereBreaksTheContract) {
  Numbers numbers;
  numbers.push_back(1);
  EXPECT_THROW((void)numbers[1], ContractViolation);
  EXPECT_THROW((void)numbers.edit(1), ContractViolation);
  EXPECT_THROW(numbers.truncate(2), ContractViolation);
  EXPECT_THROW(numbers.drop_front(2), ContractViolation);
  EXPECT_THROW((void)Numbers().back(), ContractViolation);
  EXPECT_THROW((void)Numbers().front(), ContractViolation);
}

struct Change {
  std::size_t at = 0;
  std::int64_t before = -1;
  std::int64_t after = -1;
  friend bool operator==(const Change&, const Change&) = default;
};

template <class T>
std::vector<Change> changes_between(const Sequence<T>& a, const Sequence<T>& b) {
  std::vector<Change> out;
  difference(a, b, [&](std::size_t i, const T* before, const T* after) {
    Change change{.at = i};
    if (before != nullptr) change.before = static_cast<std::int64_t>(number_of(*before));
    if (after != nullptr) change.after = static_cast<std::int64_t>(number_of(*after));
    out.push_back(change);
  });
  return out;
}

// Turns a into b by the changes alone.
Model applied(const Model& a, const std::vector<Change>& changes) {
  Model out = a;
  std::size_t front = 0;
  while (front < changes.size() && changes[front].after < 0 && changes[front].at == front) ++front;
  if (front == a.size() && front > 0 && changes.size() == front) return {};
  out.erase(out.begin(), out.begin() + static_cast<std::ptrdiff_t>(front));
  std::size_t gone = 0;
  for (std::size_t i = front; i < changes.size(); ++i) {
    const Change& change = changes[i];
    if (change.after < 0) {
      ++gone;
    } else if (change.before < 0) {
      EXPECT_EQ(change.at, out.size());
      out.push_back(static_cast<std::uint64_t>(change.after));
    } else {
      EXPECT_EQ(out.at(change.at), static_cast<std::uint64_t>(change.before));
      out.at(change.at) = static_cast<std::uint64_t>(change.after);
    }
  }
  out.resize(out.size() - gone);
  return out;
}

TEST(Sequence, TheDifferenceTurnsOneIntoTheOther) {
  for (std::uint64_t seed = 0; seed < 20; ++seed) {
    RandomNumbers random(seed);
    Sequence<Large> sequence;
    Model model;
    for (int round = 0; round < 60; ++round) {
      Sequence<Large> other = sequence;
      Model other_model = model;
      for (std::uint64_t i = random(4); i > 0; --i) change(other, other_model, random);
      ASSERT_EQ(applied(model, changes_between(sequence, other)), other_model);
      ASSERT_EQ(applied(other_model, changes_between(other, sequence)), model);
      sequence = other;
      model = other_model;
    }
  }
}

TEST(Sequence, ADifferenceIsAsSmallAsWhatHappened) {
  Numbers before;
  for (std::uint64_t i = 0; i < 1000; ++i) before.push_back(i);

  Numbers taken = before;
  taken.drop_front(2);
  taken.push_back(1000);
  const std::vector<Change> queue_step{{0, 0, -1}, {1, 1, -1}, {998, -1, 1000}};
  EXPECT_EQ(changes_between(before, taken), queue_step);

  Numbers edited = before;
  edited.edit(0) = 77;
  edited.edit(500) = 78;
  const std::vector<Change> edits{{0, 0, 77}, {500, 500, 78}};
  EXPECT_EQ(changes_between(before, edited), edits);

  Numbers rewritten = before;
  rewritten.truncate(998);
  rewritten.push_back(5);
  const std::vector<Change> conflict{{998, 998, 5}, {999, 999, -1}};
  EXPECT_EQ(changes_between(before, rewritten), conflict);
}

// Counts how often it is compared, and copied.
struct Watched {
  std::uint64_t number = 0;
  static inline std::uint64_t comparisons = 0;

  template <class F>
  void fields(F&& f) const {
    f("number", number);
  }
  friend bool operator==(const Watched& a, const Watched& b) {
    ++comparisons;
    return a.number == b.number;
  }
};

TEST(Sequence, ComparingCostsWhatChangedNotWhatExists) {
  Sequence<Watched> one;
  for (std::uint64_t i = 0; i < 100'000; ++i) one.push_back({i});
  Sequence<Watched> other = one;
  other.edit(31'415).number = 0;
  other.push_back({1});
  Watched::comparisons = 0;

  int seen = 0;
  difference(one, other, [&](std::size_t, const Watched*, const Watched*) { ++seen; });

  EXPECT_EQ(seen, 2);
  EXPECT_LT(Watched::comparisons, 200U);
}

struct Precious {
  Precious() = default;
  Precious(const Precious&) { ++copies; }
  Precious(Precious&&) noexcept {}
  Precious& operator=(const Precious&) = default;
  static inline std::uint64_t copies = 0;
};

TEST(Sequence, ElementsAreMovedNotCopiedWhileNobodyShares) {
  Sequence<Precious> sequence;
  Precious::copies = 0;
  for (int i = 0; i < 10'000; ++i) sequence.push_back({});
  sequence.drop_front(777);
  sequence.truncate(5000);
  for (int i = 0; i < 100; ++i) sequence.push_back({});
  EXPECT_EQ(Precious::copies, 0U);

  Sequence<Precious> copy = sequence;
  EXPECT_EQ(Precious::copies, 0U);
  copy.push_back({});
  EXPECT_LE(Precious::copies, 64U);
}

// Counts how many of it there are.
struct Living {
  Living() { ++count; }
  Living(const Living&) { ++count; }
  Living& operator=(const Living&) = default;
  ~Living() { --count; }
  static inline std::int64_t count = 0;
};

TEST(Sequence, WhatIsDroppedIsReleased) {
  Sequence<Living> sequence;
  for (int i = 0; i < 10'000; ++i) sequence.push_back({});
  EXPECT_EQ(Living::count, 10'000);
  sequence.drop_front(9876);
  EXPECT_EQ(Living::count, 124);
  sequence.truncate(3);
  EXPECT_EQ(Living::count, 3);
  sequence.drop_front(3);
  EXPECT_EQ(Living::count, 0);
}

}  // namespace
}  // namespace orrery
